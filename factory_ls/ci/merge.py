"""Reports of several jobs and of annotations → one, in which the same problem is there once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from factory_ls.ci.signature import plain
from factory_ls.model.problem import Failure, Problem, Report, Severity, Stats

_Key: TypeAlias = tuple[str, int | None, str]
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2, Severity.HINT: 3}


@dataclass(frozen=True)
class Source:
    """Where a report came from. `name` is the check's (job's) name."""

    name: str
    url: str | None = None


def merge(reports: Iterable[tuple[Source, Report | Sequence[Problem]]]) -> Report:
    """Problems in the order they were first seen; `jobs` and `check` say where. The log's version of a problem is kept
    over the annotation's, because it has an excerpt, a step and a command."""
    merged: dict[_Key, Problem] = {}
    tests = _Tests()
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
                jobs=problem.jobs or ((source.name,) if source.name else ()),
                check=problem.check or source.name,
                url=problem.url or source.url,
            )
            if key not in merged and own.log_line is None and own.test:
                # A result file tells of a test that the log told of, in other words or at an outer frame.
                key = tests.known(own.test, own.path) or key
                if key in merged and merged[key].line is None and own.line is not None:
                    merged[key] = _moved(merged[key], own)
            merged[key] = _joined(merged[key], own) if key in merged else own
            tests.add(own.test, key)
    return Report(
        problems=tuple(merged.values()),
        failures=tuple(one for one in failures.values() if not (one.test and tests.known(one.test, ""))),
        stats=Stats(bytes=size, lines=lines, seconds=round(seconds, 6)),
        dropped=dropped,
    )


class _Tests:
    """Which problem a test's failure is. Runners name one test in many ways: its module, class or file in front."""

    def __init__(self) -> None:
        self._by_last: dict[str, dict[_Key, str]] = {}

    def add(self, test: str | None, key: _Key) -> None:
        if test and (words := _words(test)):
            self._by_last.setdefault(words.rsplit(" ", 1)[-1], {})[key] = words

    def known(self, test: str, path: str) -> _Key | None:
        """The problem of that test, if there is one: in a file of that name, or the only one of that test."""
        words = _words(test)
        fitting = [
            key
            for key, other in self._by_last.get(words.rsplit(" ", 1)[-1], {}).items()
            if f" {words}".endswith(f" {other}") or f" {other}".endswith(f" {words}")
        ]
        named = [key for key in fitting if path and key[0].rsplit("/", 1)[-1] == path.casefold().rsplit("/", 1)[-1]]
        best = named or fitting
        return best[0] if len(best) == 1 else None


def _words(test: str) -> str:
    return " ".join(re.findall(r"\w+", re.sub(r"\.(?:py|[cm]?[jt]sx?|rb|php)\b", "", test.casefold())))


def _gist(message: str) -> str:
    """Annotations repeat a message with its place and code in front, or cut it."""
    text = plain(message)
    head, _, rest = text.partition(": ")
    text = rest if rest and ("/" in head or "." in head) and " " not in head else text
    return re.sub(r"^[a-z]{1,4}\d{2,5}:? ", "", text)[:60]


def _moved(log: Problem, result: Problem) -> Problem:
    """What the log says of a failure, where the result file says it is."""
    names = ("id", "path", "line", "column", "end_line", "end_column", "message", "code", "related", "signature")
    return msgspec.structs.replace(log, **{name: getattr(result, name) for name in names})


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
