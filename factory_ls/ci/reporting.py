"""Findings → what the report holds: resolved paths, signatures, ids, and no more than the limit."""

from collections import Counter

from factory_ls.ci.files import Ambiguous, FileIndex, Resolved
from factory_ls.ci.here import Found
from factory_ls.ci.signature import problem_id, signature
from factory_ls.model.problem import Failure, Placement, Problem, Severity

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2, Severity.HINT: 3}


def report(
    found: list[Found], files: FileIndex | None, limit: int
) -> tuple[tuple[Problem, ...], tuple[Failure, ...], int]:
    """Problems, failures without a place, and how many problems were beyond the limit."""
    placed = [one for one in found if one.path]
    dropped = max(0, len(placed) - limit)
    if dropped:
        weightiest = sorted(range(len(placed)), key=lambda index: (_WEIGHT[placed[index].severity], index))[:limit]
        placed = [placed[index] for index in sorted(weightiest)]
    ordinals: Counter[tuple[str, int | None]] = Counter()
    problems = tuple(_problem(one, files, ordinals) for one in placed)
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


def _problem(found: Found, files: FileIndex | None, ordinals: Counter[tuple[str, int | None]]) -> Problem:
    path, message = found.path, found.message
    if files is not None:
        resolved = files.resolve(found.printed)
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
