"""Findings → what the report holds: resolved paths, signatures, ids, and no more than the limit."""

import re
from collections import Counter
from collections.abc import Callable

from factory_ls.ci.files import Ambiguous, FileIndex, Resolved
from factory_ls.ci.here import Found
from factory_ls.ci.signature import problem_id, signature
from factory_ls.model.problem import Failure, Placement, Problem, Severity

Directory = Callable[[str], str | None]
"""A step's command → the folder it ran in, relative to the repository's root; None for the root, or not known."""
_CD = re.compile(r"\s*cd\s+([\w./@+-]+)\s*(?:&&|;|\n)")
_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2, Severity.HINT: 3}


def report(
    found: list[Found], files: FileIndex | None, limit: int, directory: Directory | None = None
) -> tuple[tuple[Problem, ...], tuple[Failure, ...], int]:
    """Problems, failures without a place, and how many problems were beyond the limit."""
    placed = [one for one in found if one.path]
    dropped = max(0, len(placed) - limit)
    if dropped:
        weightiest = sorted(range(len(placed)), key=lambda index: (_WEIGHT[placed[index].severity], index))[:limit]
        placed = [placed[index] for index in sorted(weightiest)]
    ordinals: Counter[tuple[str, int | None]] = Counter()
    folders = _Folders(directory)
    problems = tuple(_problem(one, files, folders, ordinals) for one in placed)
    failures = tuple(
        Failure(
            tool=one.tool,
            message=one.message,
            log_line=one.log_line,
            job=one.jobs[0] if one.jobs else None,
            step=one.step.name if one.step else None,
            excerpt=one.excerpt,
            command=one.step.command if one.step else None,
            test=one.test,
        )
        for one in found
        if not one.path and one.severity is Severity.ERROR
    )
    return problems, failures, dropped


class _Folders:
    """Where findings' commands ran: what make said, else the step's folder, and the `cd` its script begins with."""

    def __init__(self, directory: Directory | None) -> None:
        self._directory = directory
        self._known: dict[int, str | None] = {}

    def of(self, found: Found) -> str | None:
        if found.cwd or found.step is None:
            return found.cwd
        if id(found.step) not in self._known:
            command = found.step.command or ""
            there = self._directory(command) if self._directory and command else None
            if entered := _CD.match(command):
                there = f"{there}/{entered[1]}" if there else entered[1]
            self._known[id(found.step)] = there
        return self._known[id(found.step)]


def _problem(
    found: Found, files: FileIndex | None, folders: _Folders, ordinals: Counter[tuple[str, int | None]]
) -> Problem:
    path, message = found.path, found.message
    if files is not None:
        resolved = files.resolve(found.printed, folders.of(found))
        if isinstance(resolved, Resolved):
            path = resolved.path
        elif isinstance(resolved, Ambiguous):
            message = f"{message} (which file is meant is not clear: {', '.join(resolved.candidates[:3])})"
    signed = signature(found.tool, path, found.code, found.test, found.message)
    ordinals[signed, found.line] += 1
    return Problem(
        id=problem_id(signed, found.line, ordinals[signed, found.line]),
        path=path,
        line=found.line,
        column=found.column,
        end_line=found.end_line,
        end_column=found.end_column,
        severity=found.severity,
        tool=found.tool,
        code=found.code,
        message=message,
        test=found.test,
        job=found.jobs[0] if found.jobs else None,
        step=found.step.name if found.step else None,
        log_line=found.log_line or None,
        excerpt=found.excerpt,
        related=tuple(found.related),
        signature=signed,
        placement=Placement.UNPLACED,
        jobs=tuple(found.jobs),
        command=found.step.command if found.step else None,
    )
