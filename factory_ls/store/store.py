"""What is kept: the factory's events, the sessions' streams, and a cache of what was fetched and read.

Events are bytes here; what they mean is the factory's business. Every call returns once its transaction is committed.
Times are ISO 8601 UTC. Errors: FactoryError as `Database.open` lists them.
"""

import asyncio
import sqlite3
import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from factory_ls.store.database import Database

CACHE_BYTES = 256 << 20
"""Compressed size of all reports and logs together; beyond it the oldest go. Losing one costs a request."""

_PAGE = 1000


class StoredEvent(NamedTuple):
    """One thing that happened. `seq` grows by one from 1."""

    seq: int
    at: str
    kind: str
    body: bytes


class StoredLine(NamedTuple):
    """One line of a session's stream. `seq` grows by one from 1 within the session."""

    seq: int
    at: str
    body: bytes


class Store:
    def __init__(self, database: Database, cache_bytes: int = CACHE_BYTES) -> None:
        self._database = database
        self._cache_bytes = cache_bytes

    @classmethod
    async def open(cls, path: Path, *, cache_bytes: int = CACHE_BYTES) -> Self:
        return cls(await Database.open(path), cache_bytes)

    async def close(self) -> None:
        await self._database.close()

    async def append(self, events: Sequence[tuple[str, bytes]], at: str) -> int:
        """Store `(kind, body)` pairs, all or none, and return the last seq there is."""

        def work(connection: sqlite3.Connection) -> int:
            connection.executemany(
                "INSERT INTO events (at, kind, body) VALUES (?, ?, ?)", [(at, kind, body) for kind, body in events]
            )
            return int(connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])

        return await self._database.write(work)

    async def events(self, after: int = 0) -> AsyncIterator[StoredEvent]:
        """Every event with a seq above `after`, in order, read in pages."""

        def page(connection: sqlite3.Connection) -> list[StoredEvent]:
            rows = connection.execute(
                "SELECT seq, at, kind, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (after, _PAGE)
            )
            return [StoredEvent(*row) for row in rows]

        while events := await self._database.read(page):
            for event in events:
                yield event
            after = events[-1].seq

    async def append_session(self, session: str, lines: Iterable[tuple[str, bytes]], offset: int | None = None) -> int:
        """Store `(at, body)` lines and how far the child's output is read (bytes), in one transaction.

        `offset=None` leaves the stored offset as it is: for lines of ours. Returns the last seq of the session.
        """
        lines = list(lines)

        def work(connection: sqlite3.Connection) -> int:
            stream, last = connection.execute(
                """
                INSERT INTO session_streams (session, last_seq, read_offset)
                VALUES (:session, :count, ifnull(:offset, 0))
                ON CONFLICT (session) DO UPDATE SET
                    last_seq = last_seq + :count, read_offset = ifnull(:offset, read_offset)
                RETURNING id, last_seq
                """,
                {"session": session, "count": len(lines), "offset": offset},
            ).fetchone()
            connection.executemany(
                "INSERT INTO session_events (stream, seq, at, body) VALUES (?, ?, ?, ?)",
                [(stream, seq, at, body) for seq, (at, body) in enumerate(lines, last - len(lines) + 1)],
            )
            return int(last)

        return await self._database.write(work)

    async def session_events(self, session: str, after: int = 0, limit: int = 100) -> list[StoredLine]:
        """At most `limit` lines with a seq above `after`, in order; none for an unknown session."""

        def work(connection: sqlite3.Connection) -> list[StoredLine]:
            rows = connection.execute(
                """
                SELECT seq, at, body FROM session_events
                WHERE stream = (SELECT id FROM session_streams WHERE session = ?) AND seq > ? ORDER BY seq LIMIT ?
                """,
                (session, after, limit),
            )
            return [StoredLine(*row) for row in rows]

        return await self._database.read(work)

    async def session_offset(self, session: str) -> int:
        """How many bytes of the child's output are stored; 0 for an unknown session."""

        def work(connection: sqlite3.Connection) -> int:
            row = connection.execute("SELECT read_offset FROM session_streams WHERE session = ?", (session,)).fetchone()
            return int(row[0]) if row else 0

        return await self._database.read(work)

    async def put_report(self, key: str, body: bytes) -> None:
        """Keep what was read from a check attempt; the last one wins."""
        await self._put("report", key, body)

    async def report(self, key: str) -> bytes | None:
        return await self._get("report", key)

    async def put_log(self, key: str, body: bytes) -> None:
        """Keep a job attempt's log; the last one wins."""
        await self._put("log", key, body)

    async def log(self, key: str) -> bytes | None:
        return await self._get("log", key)

    async def _put(self, kind: str, key: str, body: bytes) -> None:
        packed = await asyncio.to_thread(zlib.compress, body, 6)
        if len(packed) > self._cache_bytes:
            return

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO cache (kind, key, bytes, body) VALUES (?, ?, ?, ?)",
                (kind, key, len(packed), packed),
            )
            connection.execute(
                """
                DELETE FROM cache WHERE id IN (
                    SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS total FROM cache) WHERE total > ?
                )
                """,
                (self._cache_bytes,),
            )

        await self._database.write(work)

    async def _get(self, kind: str, key: str) -> bytes | None:
        def work(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute("SELECT body FROM cache WHERE kind = ? AND key = ?", (kind, key)).fetchone()
            return row[0] if row else None

        packed = await self._database.read(work)
        return None if packed is None else await asyncio.to_thread(zlib.decompress, packed)
