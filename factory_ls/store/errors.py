"""SQLite's and the system's failures in words a user can act on."""

import sqlite3
from pathlib import Path

from factory_ls.model.errors import ErrorKind, FactoryError

_ADVICE: dict[int, tuple[ErrorKind, str, str]] = {
    sqlite3.SQLITE_BUSY: (
        ErrorKind.BUSY,
        "another program holds the database {path}",
        "Close what has it open (a database browser, another hub: `factory-ls hub status`) and try again.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        ErrorKind.CORRUPT,
        "the database {path} is damaged",
        "Nothing was changed. Move the file away, or put back a backup from beside it ({name}.schema-*.bak).",
    ),
    sqlite3.SQLITE_NOTADB: (
        ErrorKind.CORRUPT,
        "{path} is not a SQLite database",
        "Nothing was changed. Move the file away, or set DATABASE_PATH to another one.",
    ),
    sqlite3.SQLITE_FULL: (
        ErrorKind.DENIED,
        "the disk is full: {path} cannot grow",
        "Free some space and try again; what was stored before is safe.",
    ),
    sqlite3.SQLITE_IOERR: (
        ErrorKind.DENIED,
        "the system refused to read or write {path} ({error})",
        "Check the disk's space, quota and health; what was stored before is safe.",
    ),
    sqlite3.SQLITE_READONLY: (
        ErrorKind.DENIED,
        "the database {path} may not be written",
        "Make the file and its folder writable for you, or set DATABASE_PATH to a place that is.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        ErrorKind.DENIED,
        "the database {path} cannot be opened",
        "Check that its folder exists and is writable for you, or set DATABASE_PATH to another place.",
    ),
}
_ADVICE[sqlite3.SQLITE_LOCKED] = _ADVICE[sqlite3.SQLITE_BUSY]
_ADVICE[sqlite3.SQLITE_PERM] = _ADVICE[sqlite3.SQLITE_AUTH] = _ADVICE[sqlite3.SQLITE_CANTOPEN]


def explain(error: Exception, path: Path) -> Exception:
    """The FactoryError for a failure that the user can do something about; any other error is returned as it is."""
    if isinstance(error, OSError):
        return FactoryError(
            ErrorKind.DENIED,
            f"the folder of the database {path} cannot be used ({error.strerror})",
            "Make it writable for you, or set DATABASE_PATH to another place.",
        )
    # Extended codes (https://www.sqlite.org/rescode.html) keep the primary one in their low byte.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if not isinstance(error, sqlite3.Error) or code not in _ADVICE:
        return error
    kind, message, hint = _ADVICE[code]
    name = getattr(error, "sqlite_errorname", "")
    return FactoryError(kind, message.format(path=path, error=name), hint.format(name=path.name))
