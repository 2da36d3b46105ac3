"""Reports of several jobs and of annotations → one, in which the same problem is there once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from factory_ls.ci.signature import plain
from factory_ls.model.problem import Failure, Problem, Report, Severity, Stats

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2, Severity.HINT: 3}


@dataclass(frozen=True)
class Source:
    """Where a report came from. `name` is the check's (job's) name."""

    name: str
    url: str | None = None


def merge(reports: Iterable[tuple[Source, Report | Sequence[Problem]]]) -> Report:
    """Problems in the order they were first seen; `jobs` and `check` say where. The log's version of a problem is kept
    over the annotation's, because it has an excerpt, a step and a command."""
    merged: dict[tuple[str, int | None, str], Problem] = {}
    failures: dict[tuple[str, str], Failure] = {}
    size = lines = dropped = 0
    seconds = 0.0
    for source, report in reports:
        if isinstance(report, Report):
            problems: Sequence[Problem] = report.problems
            size, lines = size + report.stats.bytes, lines + report.stats.lines
            seconds, dropped = seconds + report.stats.seconds, dropped + report.dropped
            for failure in report.failures:
                failures.setdefault(
                    (failure.tool, plain(failure.message)),
                    msgspec.structs.replace(failure, job=failure.job or source.name),
                )
        else:
            problems = report
        for problem in problems:
            key = (problem.path.casefold(), problem.line, _gist(problem.message))
            own = msgspec.structs.replace(
                problem,
                job=problem.job or source.name,
                jobs=problem.jobs or (source.name,),
                check=problem.check or source.name,
                url=problem.url or source.url,
            )
            merged[key] = _joined(merged[key], own) if key in merged else own
    return Report(
        problems=tuple(merged.values()),
        failures=tuple(failures.values()),
        stats=Stats(bytes=size, lines=lines, seconds=round(seconds, 6)),
        dropped=dropped,
    )


def _gist(message: str) -> str:
    """Annotations repeat a message with its place and code in front, or cut it."""
    text = plain(message)
    head, _, rest = text.partition(": ")
    text = rest if rest and ("/" in head or "." in head) and " " not in head else text
    return re.sub(r"^[a-z]{1,4}\d{2,5}:? ", "", text)[:60]


def _joined(one: Problem, other: Problem) -> Problem:
    better, worse = (other, one) if other.command and not one.command else (one, other)
    jobs = tuple(dict.fromkeys((*one.jobs, *other.jobs)))
    severity = min(one.severity, other.severity, key=_RANK.__getitem__)
    return msgspec.structs.replace(
        better,
        jobs=jobs,
        severity=severity,
        column=better.column or worse.column,
        end_line=better.end_line or worse.end_line,
        end_column=better.end_column or worse.end_column,
        code=better.code or worse.code,
        test=better.test or worse.test,
    )
