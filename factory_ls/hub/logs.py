"""The log: JSON lines in a rotated private file, and in development one readable line each on stderr.

A line is `{"time", "level", "logger", "message"}` with `error` (a traceback) where there was one. Secrets and terminal
escapes are taken out here, once, whoever logs.
"""

import logging
import os
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

import msgspec

from factory_ls.model.clock import iso
from factory_ls.model.redact import redact
from factory_ls.model.settings import LogLevel, NodeEnv, Settings
from factory_ls.model.text import clean

MAX_BYTES = 10_000_000
KEPT_FILES = 5
MAX_MESSAGE = 20_000
"""Characters of one message or traceback that are kept."""

_LEVELS = {
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARN: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: logging.DEBUG,
}
_NAMES = {logging.CRITICAL: "error", logging.ERROR: "error", logging.WARNING: "warn", logging.INFO: "info"}

# Libraries that log every message they carry, bodies included, at INFO or DEBUG: that is traffic, not a log.
_CHATTY = ("aiosqlite", "asyncio", "httpx2", "mcp", "pygls", "sse_starlette", "uvicorn", "watchfiles")


class Line(msgspec.Struct, omit_defaults=True):
    time: str
    level: str
    logger: str
    message: str
    error: str | None = None


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return msgspec.json.encode(_line(record)).decode()


class _Readable(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = _line(record)
        text = f"{line.time} {line.level:5} {line.logger}: {line.message}"
        return f"{text}\n{line.error}" if line.error else text


_PLAIN = logging.Formatter()


def _line(record: logging.LogRecord) -> Line:
    error = _PLAIN.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else None
    return Line(
        time=iso(datetime.fromtimestamp(record.created, UTC)),
        level=_NAMES.get(record.levelno, "debug"),
        logger=record.name,
        message=_safe(_message(record)),
        error=_safe(error) if error else None,
    )


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit the format: the line still tells where it came from
        return f"{record.msg} {record.args!r}"


def _safe(text: str) -> str:
    """Cut before it is searched, so that one huge message cannot stall the loop."""
    if len(text) > MAX_MESSAGE:
        half = MAX_MESSAGE // 2
        text = f"{text[:half]} … {len(text) - MAX_MESSAGE} characters left out … {text[-half:]}"
    return clean(redact(text))


class _PrivateFile(RotatingFileHandler):
    """Created 0600 in a 0700 folder, whatever the umask."""

    def _open(self) -> IO[str]:  # type: ignore[override]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")


def configure(settings: Settings, name: str = "hub") -> Path | None:
    """Sends all logging to `<logs_dir>/<name>.log`, and to stderr in development. Returns the file's path.

    None when the file cannot be written: then everything goes to stderr, for a log must not stop the server.
    Calling it again replaces what the call before set up.
    """
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h.formatter, (_JsonLines, _Readable))]:
        root.removeHandler(handler)
        handler.close()

    path = settings.logs_dir / f"{name}.log"
    failure: OSError | None = None
    try:
        settings.logs_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = _PrivateFile(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES)
        file.setFormatter(_JsonLines())
        root.addHandler(file)
    except OSError as error:
        failure = error
    if failure or settings.node_env is NodeEnv.DEVELOPMENT:
        console = logging.StreamHandler(sys.stderr)
        console.setFormatter(_Readable())
        root.addHandler(console)

    set_level(settings.log_level)
    if failure:
        logging.getLogger(__name__).warning("no log file: %s", failure)
    return None if failure else path


def set_level(level: LogLevel) -> None:
    root = logging.getLogger()
    root.setLevel(_LEVELS[level])
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, _LEVELS[level]))
