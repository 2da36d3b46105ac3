"""One SQLite file: a writer that commits in groups, and a reader that does not wait for it.

Each connection lives in a thread of its own (aiosqlite). A transaction is one function that runs whole in that
thread, so that no two tasks ever share one and cancelling a task leaves none half done.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import aiosqlite

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.store.errors import explain
from factory_ls.store.migrations import MIGRATIONS, check, migrate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_SECONDS = 5.0
"""How long to wait for another program's lock. Nothing of ours ever holds one that long."""


class _Connection(aiosqlite.Connection):
    """aiosqlite's thread, and in it whole functions instead of single statements."""

    @classmethod
    async def open(cls, connect: Callable[[], sqlite3.Connection]) -> Self:
        connection = cls(connect, iter_chunk_size=64)
        await connection  # opens it; ends the thread itself when that fails
        return connection

    async def run(self, work: Work[T]) -> T:
        return cast("T", await self._execute(lambda: work(self._conn)))  # type: ignore[no-untyped-call]


class Database:
    """Open with `Database.open`, and close: an open connection keeps the interpreter from ending."""

    def __init__(self, path: Path, writer: _Connection, reader: _Connection) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._queue: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(
        cls, path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS, *, busy_seconds: float = BUSY_SECONDS
    ) -> Self:
        """Create or open `path` and bring its schema up to date.

        Raises FactoryError: `busy` (locked), `corrupt`, `conflict` (another program's, or a newer schema), `denied`
        (not writable, disk full). The file is then as it was.
        """
        path = Path.cwd() / path
        opened: list[_Connection] = []
        try:
            await asyncio.to_thread(_make_private, path)
            opened.append(await _Connection.open(partial(_connect_writer, path, migrations, busy_seconds)))
            opened.append(await _Connection.open(partial(_connect_reader, path, busy_seconds)))
        except BaseException as error:
            for connection in opened:
                await connection.close()
            if isinstance(error, Exception):
                raise explain(error, path) from error
            raise
        return cls(path, *opened)

    async def close(self) -> None:
        """Commit what is queued, then end both threads. Later calls do nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._flushing:
                await self._flushing
        finally:
            try:
                await self._reader.close()
            finally:
                await self._writer.close()  # last, so that it folds the write-ahead log back into the file

    async def read(self, work: Work[T]) -> T:
        """Run `work` on the reader. It sees everything whose `write` has returned."""
        self._require_open()
        try:
            return await self._reader.run(work)
        except (sqlite3.Error, OSError) as error:
            raise explain(error, self.path) from error

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return its result once it is committed.

        What is asked for while a commit runs shares the next one: a commit costs more than the writing. `work` may run
        twice, the first time rolled back, when another one in its group fails: it must touch only the connection. A
        caller that is cancelled while waiting has still written.
        """
        self._require_open()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append((work, future))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        while self._queue:
            group, self._queue = self._queue, []
            works = [work for work, _ in group]
            outcomes = await self._writer.run(partial(_commit_group, works=works))
            for (_, future), (result, error) in zip(group, outcomes, strict=True):
                if future.done():  # its caller was cancelled
                    continue
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(explain(error, self.path))
        self._flushing = None

    def _require_open(self) -> None:
        if self._closed:
            raise FactoryError(ErrorKind.CONFLICT, "the database is closed", "The hub is shutting down; try again.")


Outcome = tuple[Any, Exception | None]


def _commit_group(connection: sqlite3.Connection, works: Sequence[Work[Any]]) -> list[Outcome]:
    """All of `works` in one transaction or, when one of them fails, each in its own: no failure spoils another."""
    try:
        return [(result, None) for result in _transact(connection, works)]
    except Exception as error:
        if len(works) == 1 or _is_busy(error):
            return [(None, error)] * len(works)
    return [outcome for work in works for outcome in _commit_group(connection, [work])]


def _transact(connection: sqlite3.Connection, works: Sequence[Work[Any]]) -> list[Any]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = [work(connection) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have rolled it back already
            connection.execute("ROLLBACK")
        raise
    return results


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _make_private(path: Path) -> None:
    """Make the file (0600) and the folders (0700) that are missing. SQLite gives its side files the file's mode."""
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _connect_writer(path: Path, migrations: Sequence[Sequence[str]], busy_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    try:
        check(connection, path, migrations)
        _require_wal(connection, path)
        # NORMAL: no event that was told is lost when we are killed; a power cut may lose the last ones, never more.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, path, migrations)
        path.chmod(0o600)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_wal(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise FactoryError(
            ErrorKind.DENIED,
            f"the file system of {path} cannot hold a shared database (SQLite offers only {mode!r} there)",
            "Set DATABASE_PATH to a local disk.",
        )


def _connect_reader(path: Path, busy_seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=busy_seconds, isolation_level=None)
