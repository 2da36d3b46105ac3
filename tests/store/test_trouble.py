"""Files that are damaged, locked, someone else's, read-only or out of space: a hint, and nothing lost."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.store.database import Database
from factory_ls.store.migrations import MIGRATIONS
from factory_ls.store.store import Store

AT = "2026-01-31T12:00:00.000Z"


async def refusal(path: Path, **options: float) -> FactoryError:
    with pytest.raises(FactoryError) as caught:
        await Database.open(path, **options)  # type: ignore[arg-type]
    assert caught.value.hint
    assert str(path) in caught.value.message
    return caught.value


def child(program: str, *argv: str) -> str:
    """Run `program` in a Python of its own: limits and users are a process's."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *argv], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def filled(path: Path, events: int = 3) -> None:
    store = await Store.open(path)
    await store.append([("kept", b"x" * 100)] * events, AT)
    await store.close()


async def count(path: Path) -> int:
    store = await Store.open(path)
    try:
        return len([event async for event in store.events()])
    finally:
        await store.close()


async def test_a_file_that_is_no_database(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but somebody's only copy" * 100)
    before = path.read_bytes()
    assert (await refusal(path)).kind is ErrorKind.CORRUPT
    assert path.read_bytes() == before


async def test_a_damaged_database(path: Path) -> None:
    await filled(path)
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996  # the schema's page, behind a sound header
    path.write_bytes(content)
    assert (await refusal(path)).kind is ErrorKind.CORRUPT
    assert path.read_bytes() == content


async def test_damage_found_later_is_told_and_the_rest_still_works(path: Path) -> None:
    await filled(path, events=2000)
    content = bytearray(path.read_bytes())
    page = content.index(b"kept", len(content) // 2) // 4096 * 4096
    content[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    store = await Store.open(path)
    with pytest.raises(FactoryError) as caught:
        _ = [event async for event in store.events()]
    assert caught.value.kind is ErrorKind.CORRUPT
    assert await store.append_session("s", [(AT, b"line")]) == 1
    await store.close()


async def test_someone_elses_database(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE Workspace (id TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()
    error = await refusal(path)
    assert error.kind is ErrorKind.CONFLICT
    assert "DATABASE_PATH" in error.hint
    assert path.read_bytes() == before


async def test_a_newer_schema(path: Path) -> None:
    await filled(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = path.read_bytes()
    error = await refusal(path)
    assert error.kind is ErrorKind.CONFLICT
    assert "schema 999" in error.message
    assert path.read_bytes() == before


async def test_another_program_holds_the_lock(path: Path) -> None:
    await filled(path)
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()",
        str(path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdin
    assert holder.stdout
    assert await holder.stdout.readline() == b"held\n"
    assert (await refusal(path, busy_seconds=0.05)).kind is ErrorKind.BUSY
    holder.stdin.close()
    await holder.wait()
    assert await count(path) == 3


async def test_a_lock_met_while_running_loses_nothing(path: Path) -> None:
    database = await Database.open(path, busy_seconds=0.05)
    store = Store(database)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers = await asyncio.gather(*(store.append([("busy", b"")], AT) for _ in range(3)), return_exceptions=True)
    assert [getattr(answer, "kind", None) for answer in answers] == [ErrorKind.BUSY] * 3
    other.execute("ROLLBACK")
    other.close()
    assert await store.append([("then", b"")], AT) == 1
    await store.close()


async def test_a_file_that_may_not_be_written(path: Path) -> None:
    await filled(path)
    program = """
        import asyncio, concurrent.futures.thread, os, sys
        from pathlib import Path
        from factory_ls.model.errors import FactoryError
        from factory_ls.store.store import Store
        if os.geteuid() == 0:
            os.setuid(65534)  # root may write anything
        async def main():
            try:
                await Store.open(Path(sys.argv[1]))
            except FactoryError as error:
                print(error.kind, error.hint)
        asyncio.run(main())
    """
    modes = {folder: folder.stat().st_mode for folder in path.parents if not folder.stat().st_mode & 0o001}
    for folder in modes:
        folder.chmod(0o555)
    path.chmod(0o444)
    try:
        assert child(program, str(path)).startswith("denied ")
        assert child(program, str(path.parent / "new" / "data.db")).startswith("denied ")
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)
        path.chmod(0o600)
    assert await count(path) == 3


FILL = """
    import asyncio, sys, resource
    from pathlib import Path
    from factory_ls.model.errors import FactoryError
    from factory_ls.store.store import Store
    async def main():
        store = await Store.open(Path(sys.argv[1]))
        if len(sys.argv) > 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
        stored, refused = 0, None
        while refused is None and stored < 10_000:
            group = await asyncio.gather(
                *(store.append([("fill", bytes(1000))], "t") for _ in range(10)), return_exceptions=True
            )
            stored += sum(isinstance(answer, int) for answer in group)
            refused = next((answer for answer in group if isinstance(answer, Exception)), None)
        assert isinstance(refused, FactoryError), refused
        seen = len([event async for event in store.events()])
        await store.close()
        print(refused.kind, stored == seen, seen)
    asyncio.run(main())
"""


async def test_a_file_that_cannot_grow(path: Path) -> None:
    kind, same, seen = child(FILL, str(path), "300000").split()
    assert (kind, same) == ("denied", "True")
    assert await count(path) == int(seen) > 0


async def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=600k", "none", str(disk)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        kind, same, seen = child(FILL, str(disk / "data.db")).split()
        assert (kind, same) == ("denied", "True")
        shutil.copy(disk / "data.db", tmp_path / "copy.db")
        if (disk / "data.db-wal").exists():
            shutil.copy(disk / "data.db-wal", tmp_path / "copy.db-wal")
        assert await count(tmp_path / "copy.db") == int(seen) > 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def test_a_migration_keeps_a_backup_of_what_was_there(path: Path) -> None:
    await filled(path)
    later = (*MIGRATIONS, ("CREATE TABLE later (x)", "INSERT INTO later VALUES (1)"))
    database = await Database.open(path, later)
    assert await database.read(lambda connection: connection.execute("SELECT x FROM later").fetchall()) == [(1,)]
    await database.close()
    backup = path.with_name(f"data.db.schema-{len(MIGRATIONS)}.bak")
    assert backup.stat().st_mode & 0o777 == 0o600
    assert await count(backup) == 3
    assert (await refusal(path)).kind is ErrorKind.CONFLICT  # the program before it


async def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    await filled(path)
    broken = (*MIGRATIONS, ("CREATE TABLE later (x)",), ("INSERT INTO nowhere VALUES (1)",))
    with pytest.raises(sqlite3.OperationalError):
        await Database.open(path, broken)
    assert await count(path) == 3


async def test_two_that_open_a_new_database_at_once(path: Path) -> None:
    stores = await asyncio.gather(*(Store.open(path) for _ in range(4)))
    await asyncio.gather(*(store.append([("mine", b"")], AT) for store in stores))
    for store in stores:
        await store.close()
    assert await count(path) == 4


async def test_a_folder_in_the_way(path: Path) -> None:
    path.mkdir(parents=True)
    assert (await refusal(path)).kind is ErrorKind.DENIED
    (path / "file").write_text("")
    assert (await refusal(path / "file" / "data.db")).kind is ErrorKind.DENIED
    assert [file.name for file in path.iterdir()] == ["file"]
