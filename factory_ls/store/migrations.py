"""The schema, as the numbered steps that lead to it. A step that was released is never edited: add another one."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from factory_ls.model.errors import ErrorKind, FactoryError

APPLICATION_ID = 0x666C7331
"""`fls1`, in the file's header (PRAGMA application_id): tells our database from anyone else's."""

_APPEND_ONLY = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def _append_only(table: str) -> tuple[str, ...]:
    return tuple(_APPEND_ONLY.format(table=table, verb=verb) for verb in ("UPDATE", "DELETE"))


MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL)",
        *_append_only("events"),
        """
        CREATE TABLE session_streams (
            id INTEGER PRIMARY KEY,
            session TEXT NOT NULL UNIQUE,
            last_seq INTEGER NOT NULL,
            read_offset INTEGER NOT NULL -- bytes of the child's output that are stored
        )
        """,
        """
        CREATE TABLE session_events (
            stream INTEGER NOT NULL REFERENCES session_streams (id),
            seq INTEGER NOT NULL,
            at TEXT NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (stream, seq)
        )
        """,
        *_append_only("session_events"),
        """
        CREATE TABLE cache (
            id INTEGER PRIMARY KEY, -- grows, so that the lowest is the oldest
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            bytes INTEGER NOT NULL, -- of body; before it, so that a sum reads no body
            body BLOB NOT NULL, -- zlib
            UNIQUE (kind, key)
        )
        """,
    ),
)


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check(connection: sqlite3.Connection, path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Refuse a database that is not ours or is newer than this program, before anything is written to it."""
    # One transaction, so that both are of one moment: another process may be making the database right now.
    connection.execute("BEGIN")
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    finally:
        connection.execute("ROLLBACK")
    if application != APPLICATION_ID and tables:
        raise FactoryError(
            ErrorKind.CONFLICT,
            f"{path} belongs to another program",
            "Nothing was changed. Set DATABASE_PATH (or BASE_DIR) to a place of its own for factory-ls.",
        )
    found = version(connection)
    if found > len(migrations):
        raise FactoryError(
            ErrorKind.CONFLICT,
            f"the database {path} was written by a newer factory-ls (schema {found}, this one knows {len(migrations)})",
            "Nothing was changed. Update factory-ls, or set DATABASE_PATH to another file.",
        )


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring the schema up to date: all steps that are missing in one transaction, after a backup of what was there."""
    connection.execute("BEGIN IMMEDIATE")  # also tells now, not at the first event, that the file cannot be written
    try:
        found = version(connection)
        if found < len(migrations):
            if found:
                back_up(path, path.with_name(f"{path.name}.schema-{found}.bak"))
            for step in migrations[found:]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def back_up(path: Path, target: Path) -> None:
    """Copy the database as last committed to `target`, which is either whole or as it was before."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        # A connection of its own: the one that migrates is inside its transaction, which a backup would wait for.
        source, copy = sqlite3.connect(path), sqlite3.connect(part)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
