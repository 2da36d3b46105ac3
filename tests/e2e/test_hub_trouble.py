"""The database, the port, the sockets and the locks in trouble: a clear error, nothing lost, everyone else served."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factory_ls.hub import rendezvous
from tests.e2e.support import call, refused, run, until
from tests.hub.support import Editor, environment


@pytest.fixture
async def env(place: Path) -> AsyncIterator[dict[str, str]]:
    """Of the real program, with nothing set up yet."""
    env = environment(place)
    env["PYTHONPATH"] = env["PYTHONPATH"].split(os.pathsep)[1]  # the real application, not the hub tests' fake
    yield env
    await run(env, "hub", "stop")


@pytest.fixture
async def repository(env: dict[str, str]) -> Path:
    path = Path(env["HOME"], "repository")
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main", str(path)], check=True, env=env)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message=A"], cwd=path, check=True, env=env)
    await call(env, "factory.project.add", repoPath=str(path))
    return path


def database(env: dict[str, str]) -> Path:
    return Path(env["BASE_DIR"], "data.db")


async def told(env: dict[str, str], kind: str) -> str:
    """What an editor is told of an application that does not open; it is served all the same."""
    async with await Editor.start(env) as editor:
        await editor.initialize()
        answer = await editor.execute("factory.workspace.list")
        assert answer["error"]["data"]["kind"] == kind
        assert answer["error"]["data"]["hint"]
        message = (await editor.notification("window/showMessage"))["message"]
        assert (await editor.execute("factory.hub.status"))["result"]["editors"] == 1
        assert await editor.leave() == 0
    return str(message)


async def test_a_locked_database(env: dict[str, str], repository: Path) -> None:
    await run(env, "hub", "stop")
    other = sqlite3.connect(database(env), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert str(database(env)) in await told(env, "busy")
    other.execute("ROLLBACK")
    other.close()
    # The same hub opens it once it can be opened.
    assert [p["repoPath"] for p in await call(env, "factory.project.list")] == [str(repository)]


async def test_a_database_locked_while_it_is_used(env: dict[str, str], repository: Path) -> None:
    other = sqlite3.connect(database(env), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert (await refused(env, "factory.workspace.create", repoPath=str(repository), name="w"))["kind"] == "busy"
    assert [p["repoPath"] for p in await call(env, "factory.project.list")] == [str(repository)]
    other.execute("ROLLBACK")
    other.close()
    assert (await call(env, "factory.workspace.create", repoPath=str(repository), name="w"))["status"] == "READY"


async def test_a_damaged_database_and_one_of_a_newer_version(env: dict[str, str], repository: Path) -> None:
    await run(env, "hub", "stop")
    whole = database(env).read_bytes()
    for damage, kind in ((b"not a database " * 1000, "corrupt"), (None, "conflict")):
        if damage:
            database(env).write_bytes(damage)
        else:
            with sqlite3.connect(database(env)) as connection:
                connection.execute("PRAGMA user_version = 999")
            connection.close()
        content = database(env).read_bytes()
        error = await refused(env, "factory.project.list")
        assert (error["kind"], bool(error["hint"])) == (kind, True)
        assert str(database(env)) in await told(env, kind)
        doctor = await run(env, "doctor", "--json")
        finding = next(one for one in json.loads(doctor.out)["findings"] if one["name"] == "database")
        assert (doctor.code, finding["status"], bool(finding["hint"])) == (1, "missing", True)
        assert (await run(env, "status")).error["kind"] == kind
        assert database(env).read_bytes() == content
        database(env).write_bytes(whole)
    assert [p["repoPath"] for p in await call(env, "factory.project.list")] == [str(repository)]


async def test_a_full_disk(env: dict[str, str], repository: Path, place: Path) -> None:
    disk = place / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    if not mount or subprocess.run([mount, *options], capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    small = {**env, "DATABASE_PATH": str(disk / "data.db")}
    try:
        await call(small, "factory.project.add", repoPath=str(repository))
        stuffing = disk / "stuffing"
        with pytest.raises(OSError, match="No space"):
            stuffing.write_bytes(bytes(2 * 1024 * 1024))
        error = await refused(small, "factory.workspace.create", repoPath=str(repository), name="w")
        assert (error["kind"], bool(error["hint"])) == ("denied", True)
        assert len(await call(small, "factory.project.list")) == 1
        stuffing.unlink()
        assert (await call(small, "factory.workspace.create", repoPath=str(repository), name="w"))["status"] == "READY"
    finally:
        await run(small, "hub", "stop")
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_base_folder_that_cannot_be(env: dict[str, str], place: Path) -> None:
    (place / "file").write_text("")
    blocked = {**env, "BASE_DIR": str(place / "file" / "base")}
    for arguments in (("status",), ("call", "factory.project.list"), ("hub", "status"), ("hub", "restart")):
        error = (await run(blocked, *arguments)).error
        assert error["hint"], (arguments, error)
    assert (await run(blocked, "doctor")).code == 1
    mcp = await run(blocked, "mcp")
    assert (mcp.code, "Traceback" in mcp.err) == (1, False)
    foreground = await run(blocked, "hub")
    assert (foreground.code, "Traceback" in foreground.err) == (1, False)


async def test_the_port_is_taken(env: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env["BACKEND_PORT"] = str(port)
        await call(env, "factory.project.list")
        status = await until(env, lambda found: found["mcpUrl"], "factory.hub.status")
    assert int(status["mcpUrl"].split(":")[2].split("/")[0]) in range(port + 1, port + 101)


async def test_hubs_that_race_end_up_as_one(env: dict[str, str]) -> None:
    found = await asyncio.gather(*(call(env, "factory.hub.status") for _ in range(6)))
    assert len({status["pid"] for status in found}) == 1
    assert "already running" in (await run(env, "hub")).error["message"]


async def test_a_socket_left_by_a_dead_hub(env: dict[str, str], repository: Path) -> None:
    before = (await call(env, "factory.hub.status"))["pid"]
    os.kill(before, signal.SIGKILL)
    assert rendezvous.locate(env).socket.exists()
    assert (await run(env, "hub", "status")).error["kind"] == "notFound"
    assert [p["repoPath"] for p in await call(env, "factory.project.list")] == [str(repository)]
    assert (await call(env, "factory.hub.status"))["pid"] != before


async def test_a_client_that_breaks_the_protocol_harms_nobody(env: dict[str, str], repository: Path) -> None:
    async with await Editor.start(env) as good, await Editor.start(env) as bad:
        await good.initialize()
        await bad.initialize()
        bad.raw(b'Content-Length: 5\r\n\r\n{"jsonrpc": "2.0"}')  # too short by far
        bad.raw(b"Content-Length: minus one\r\n\r\n")
        assert (await bad.request("factory/noSuchMethod"))["error"]["code"] == -32601
        unknown = (await bad.execute("factory.nothing"))["error"]["data"]
        assert (unknown["kind"], "factory." in unknown["hint"]) == ("notFound", True)
        assert (await bad.execute("factory.workspace.get"))["error"]["data"]["kind"] == "invalid"
        surplus = (await bad.execute("factory.workspace.list", colour="red"))["error"]["data"]
        assert (surplus["kind"], "colour" in surplus["message"]) == ("invalid", True)
        assert (await bad.request("workspace/executeCommand", {"command": 7}))["error"]
        assert (await bad.request("textDocument/codeAction", "nonsense"))["error"]["code"] == -32602
        bad.send(id=900, method="workspace/executeCommand", params={
            "command": "factory.workspace.create",
            "arguments": [{"repoPath": str(repository), "name": "cancelled"}],
        })  # fmt: skip
        bad.notify("$/cancelRequest", {"id": 900})
        cancelled = await bad.until(lambda message: message.get("id") == 900 and "method" not in message)
        assert cancelled["error"]["code"] == -32800
        bad.raw(b'Content-Length: 1000\r\n\r\n{"half":')
        assert bad.process.stdin is not None
        bad.process.stdin.close()
        await bad.ended()
        assert not [m for m in bad.received if "Traceback" in json.dumps(m)]

        projects = (await good.execute("factory.project.list"))["result"]
        assert [p["repoPath"] for p in projects] == [str(repository)]
        assert (await good.execute("factory.hub.status"))["result"]["editors"] == 1
        # What was cancelled half-way is undone or whole, and its name is not lost.
        made = await good.execute("factory.workspace.create", repoPath=str(repository), name="cancelled")
        assert made["result"]["status"] == "READY"
        assert await good.leave() == 0
