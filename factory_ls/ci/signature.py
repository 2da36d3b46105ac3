"""What makes two failures the same one: text without what changes from run to run."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import hashlib
import re
from functools import lru_cache

_VARIABLE = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "<address>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d+)?\s?(?:ms|µs|us|ns|s|sec(?:onds?)?|min(?:utes?)?)\b"), "<duration>"),
    (re.compile(r"(?:/private)?/(?:tmp|var/folders|var/tmp)/[^\s'\":,)]*|[A-Za-z]:[\\/](?:Users[\\/][^\\/]+[\\/]AppData[\\/]Local[\\/])?Temp[\\/][^\s'\":,)]*"), "<temp>"),
    (re.compile(r"\b[0-9a-f]{12,64}\b", re.IGNORECASE), "<hash>"),
    (re.compile(r"(?::|line |@)\d+(?::\d+)?\b"), ":<line>"),
    (re.compile(r"\b(?:pid|port|process|thread|id|seed)[ =:#]*\d+", re.IGNORECASE), "<id>"),
    (re.compile(r"\s+"), " "),
)  # fmt: skip


@lru_cache(maxsize=4096)
def plain(message: str) -> str:
    """`message` without timings, addresses, ids, hashes, temporary paths and line numbers."""
    for pattern, replacement in _VARIABLE:
        message = pattern.sub(replacement, message)
    return message.strip().lower()


def signature(tool: str, path: str, code: str | None, test: str | None, message: str) -> str:
    """Stable across line shifts: 16 hex digits of what failed, in which file, and how it reads."""
    return _digest(tool, path, code or "", test or "", plain(message))


def problem_id(signed: str, line: int | None, ordinal: int) -> str:
    """Tells apart the places of one signature: by line, and by count where even the line is the same."""
    return _digest(signed, str(line), str(ordinal))


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x00".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()
