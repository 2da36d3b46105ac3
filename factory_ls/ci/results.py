"""Result files that tools leave beside the log: SARIF and JUnit XML → the same report a log gives."""

import re
import time
from collections.abc import Iterable, Iterator
from itertools import chain

from factory_ls.ci import junit, sarif
from factory_ls.ci.files import FileIndex
from factory_ls.ci.here import Found
from factory_ls.ci.reporting import report
from factory_ls.ci.window import utf8
from factory_ls.model.problem import Report, Severity, Stats

MAX_SARIF = 64 << 20
"""Bytes. A SARIF file is read whole; JUnit XML is read as it comes."""
MAX_JUNIT = 128 << 20
HEAD = 4096
_SPARE = 1_000


def kind_of(head: bytes) -> str:
    """`sarif`, `junit` or "" for the first bytes of a file."""
    text = next(utf8([head]), b"").removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{") and re.search(rb'"(?:\$schema"\s*:\s*"[^"]*sarif|runs"\s*:\s*\[)', text):
        return "sarif"
    if text.startswith(b"<") and re.match(
        rb"(?s)(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?>)*<testsuites?\b", text
    ):
        return "junit"
    return ""


def read(
    kind: str, chunks: Iterable[bytes], *, files: FileIndex | None = None, name: str | None = None, limit: int = 10_000
) -> Report:
    """The report of one result file of that kind. `name` is the job's. ValueError when it cannot be read."""
    started = time.perf_counter()
    size = 0

    def counted(most: int) -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise ValueError(f"it has more than {most >> 20} MiB")
            yield chunk

    found: list[Found] = []
    beyond = 0
    told = sarif.read(b"".join(counted(MAX_SARIF))) if kind == "sarif" else junit.read(counted(MAX_JUNIT), files)
    counts: dict[Severity, int] = {}
    for one in told:
        counts[one.severity] = counts.get(one.severity, 0) + 1
        if counts[one.severity] > limit + _SPARE:
            beyond += 1
            continue
        one.jobs = [name] if name else []
        found.append(one)
    problems, failures, dropped = report(found, files, limit)
    stats = Stats(bytes=size, lines=0, seconds=round(time.perf_counter() - started, 6))
    return Report(problems=problems, failures=failures, stats=stats, dropped=dropped + beyond)


def peeked(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of `chunks`, and `chunks` from their beginning."""
    source = iter(chunks)
    head: list[bytes] = []
    while sum(map(len, head)) < HEAD and (chunk := next(source, None)) is not None:
        head.append(chunk)
    return b"".join(head)[:HEAD], chain(head, source)
