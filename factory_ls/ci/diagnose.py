"""A CI log → a report: what failed, where, in which job and step."""



import re
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import BinaryIO

from factory_ls.ci import problem_matchers
from factory_ls.ci.files import FileIndex
from factory_ls.ci.folding import Folder
from factory_ls.ci.here import Found
from factory_ls.ci.problem_matchers import Matcher
from factory_ls.ci.reporting import Directory, report
from factory_ls.ci.scan import Pass, Scanner
from factory_ls.ci.tools import FAMILIES
from factory_ls.ci.window import windows
from factory_ls.model.problem import Report, Severity, Stats

CHUNK = 1 << 20
SPARE = 1_000
"""Findings kept beyond the limit: some turn out to repeat others."""
_scanners: dict[frozenset[str] | None, Scanner] = {}


def diagnose(
    log: bytes | Iterable[bytes] | BinaryIO,
    *,
    files: FileIndex | None = None,
    tools: Container[str] | None = None,
    name: str | None = None,
    limit: int = 10_000,
    matchers: Sequence[Matcher] = (),
    directory: Directory | None = None,
) -> Report:
    """Problems of one log.

    `log` is the log's bytes, pieces of it, or a file opened in binary mode: raw job log, `gh run view` output, or any
    program's output. `files` resolves paths to the repository's own; without it they are as printed, less the known
    roots. `matchers` are the repository's own problem matchers. `tools` keeps the named families only. `name` is the
    job's, where the log does not say. `directory` tells in which folder of the repository a step's command ran. At
    most `limit` problems are kept, errors first; `Report.dropped` counts the rest.
    """
    started = time.perf_counter()
    scanner = _scanner(tools, matchers)
    pass_ = scanner.start()
    folder = Folder(limit + SPARE, name)
    for found in _scan(pass_, log):
        folder.add(found)
    kept = folder.finish()
    kept += _unexplained(kept, pass_, name)
    problems, failures, dropped = report(kept, files, limit, directory)
    seconds = time.perf_counter() - started
    return Report(
        problems=problems,
        failures=failures,
        stats=Stats(bytes=pass_.bytes, lines=pass_.lines, seconds=round(seconds, 6)),
        dropped=dropped + folder.dropped,
    )


def _scanner(tools: Container[str] | None, matchers: Sequence[Matcher]) -> Scanner:
    key = (
        None
        if tools is None
        else frozenset(name for family in FAMILIES for name in (family.name, *family.names) if name in tools)
    )
    if matchers:
        return Scanner((*FAMILIES[:-1], problem_matchers.family(matchers), FAMILIES[-1]), key)
    if key not in _scanners:
        _scanners[key] = Scanner(FAMILIES, key)
    return _scanners[key]


def chunks_of(log: bytes | Iterable[bytes] | BinaryIO) -> Iterator[bytes]:
    if isinstance(log, (bytes, bytearray, memoryview)):
        data = bytes(log)
        yield from (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))
    elif hasattr(log, "read"):
        while chunk := log.read(CHUNK):
            yield chunk
    else:
        yield from log


def _scan(pass_: Pass, log: bytes | Iterable[bytes] | BinaryIO) -> Iterator[Found]:
    def counted() -> Iterator[bytes]:
        for chunk in chunks_of(log):
            pass_.bytes += len(chunk)
            yield chunk

    for window in windows(counted()):
        yield from pass_.over(window)
    pass_.finish()


def _unexplained(found: list[Found], pass_: Pass, name: str | None) -> list[Found]:
    """A failure for each step that failed without a problem or failure of its own being known."""
    errors = [one for one in found if one.severity is Severity.ERROR]
    explained = {id(one.step) for one in errors}
    told = {id(one) for one in errors}
    repeated = {(one.step.job, one.step.name) for one in errors if one.step}
    unexplained = []
    for step in pass_.structure.failed:
        if step.last_words is None or id(step) in explained or id(step.told) in told:
            continue
        if step.job is not None and step.name != "UNKNOWN STEP" and (step.job, step.name) in repeated:
            continue
        tool = first[0] if (first := re.findall(r"[\w.-]+", step.command or "")) else "step"
        number, words = step.last_words
        one = Found(tool=tool, message=words.strip()[:2000])
        one.log_line, one.step, one.excerpt = number, step, words
        one.jobs = [job] if (job := step.job or name) else []
        unexplained.append(one)
    return unexplained
