"""One failure is one problem, however often a log tells of it."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict

from factory_ls.ci.here import Found
from factory_ls.ci.signature import plain
from factory_ls.ci.structure import Step
from factory_ls.model.problem import Severity

MOST_REMEMBERED = 200_000
MOST_TWINS = 50
"""Files of one name with the same message at the same line: comparing each with each must not take for ever."""
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2, Severity.HINT: 3}
_TEST_TOOLS = frozenset(
    [
        "pytest",
        "unittest",
        "jest",
        "vitest",
        "mocha",
        "node:test",
        "bun",
        "go",
        "test",
        "cargo-test",
        "junit",
        "rspec",
        "phpunit",
        "ctest",
        "gtest",
        "catch2",
        "minitest",
        "xctest",
        "exunit",
        "surefire",
    ]
)


# Others that tell of every failure of theirs: what else was thrown in their step was caught, or printed.
_RUNNERS = _TEST_TOOLS | {
    "playwright", "cypress", "karma", "jasmine", "deno-test",
    "dotnet test", "go test", "nextest", "pest", "ginkgo", "scalatest", "swift-testing",
}  # fmt: skip


_PLAIN = frozenset({"node", "java", "python", "unknown"})


class Folder:
    """Findings in, in the order of the log; each thing once out, with the jobs it was seen in.

    What is held does not grow with the log: at most `most` findings of each severity are kept, and `dropped` counts the
    others. How a step ended decides what its findings are, so they wait until the next step begins.
    """

    def __init__(self, most: int, job: str | None = None) -> None:
        self.dropped = 0
        self._most = most
        self._job = job
        self._step: Step | None = None
        self._waiting: dict[tuple[object, ...], Found] = {}
        self._kept: dict[tuple[str, int | None, str], list[Found]] = defaultdict(list)
        self._order: list[Found] = []
        self._counts = Counter[Severity]()
        self._passed_over: set[int] = set()

    def add(self, found: Found) -> None:
        if found.path and found.external:
            return
        if found.step is not self._step:
            self._settle()
            self._step = found.step
        key = (found.tool, found.path, found.line, found.column, found.message, found.code, found.test,
               found.severity, found.stray, found.summary, found.excerpt)  # fmt: skip
        if key in self._waiting:
            return
        room = self._most * (2 if found.severity is Severity.ERROR else 1)
        if len(self._waiting) >= room:
            self._pass_over(key)
        else:
            self._waiting[key] = found

    def finish(self) -> list[Found]:
        self._settle()
        return _without_strays(_without_summaries(_without_repeats(self._order)))

    def _pass_over(self, key: tuple[object, ...]) -> None:
        number = hash(key)
        if number not in self._passed_over:
            self.dropped += 1
            if len(self._passed_over) < MOST_REMEMBERED:
                self._passed_over.add(number)

    def _settle(self) -> None:
        """The step's findings as they stand now that it is known how it ended."""
        waiting, self._waiting = self._waiting.values(), {}
        step = self._step
        passed = step is not None and step.failed is False
        failed = bool(step and step.failed)
        told = any(not found.fallback and found.severity is Severity.ERROR for found in waiting)
        for found in waiting:
            if found.severity is Severity.ERROR and passed:
                # The step went on and passed: what it printed failed nothing.
                if found.stray or not found.path:
                    continue
                found.severity = Severity.WARNING
            elif found.gates and failed:
                found.severity = Severity.ERROR
            if found.fallback and (told or not failed):
                continue
            self._fold(found)

    def _fold(self, found: Found) -> None:
        if found.step is not None and (job := found.step.job or self._job):
            found.jobs = [job]
        name = found.path.rsplit("/", 1)[-1].casefold()
        key = (name, found.line, plain(found.message))
        for other in self._kept.get(key, ())[:MOST_TWINS]:
            if _same_file(other, found):
                _join(other, found)
                return
        if self._counts[found.severity] >= self._most:
            self._pass_over(key)
            return
        self._counts[found.severity] += 1
        self._kept[key].append(found)
        self._order.append(found)


def _without_repeats(findings: list[Found]) -> list[Found]:
    """Drop annotations that tell what the tool told of itself: at the same line, or in the same file with no line."""
    told: dict[str, list[Found]] = defaultdict(list)
    for found in findings:
        if not found.repeats and found.path:
            told[found.path.rsplit("/", 1)[-1].casefold()].append(found)
    kept = []
    for found in findings:
        near = told.get(found.path.rsplit("/", 1)[-1].casefold(), ()) if found.repeats else ()
        twin = next((other for other in near if _repeats(found, other)), None)
        if twin:
            _join(twin, found)
        else:
            kept.append(found)
    return kept


def _repeats(again: Found, told: Found) -> bool:
    if again.line not in (None, told.line) or not _same_file(told, again):
        return False
    said, first = plain(told.message), plain(again.message.split("\n", 1)[0])[:60]
    return said.startswith(first) or first.startswith(said) or said[:40] in plain(again.message)


def _same_file(one: Found, other: Found) -> bool:
    if one.path == other.path:
        return True
    a, b = one.path.casefold(), other.path.casefold()
    return a == b or a.endswith("/" + b) or b.endswith("/" + a)


def _join(kept: Found, again: Found) -> None:
    kept.jobs += [job for job in again.jobs if job not in kept.jobs]
    if again.step is not None and (again.step.told is None or not (kept.summary or kept.stray)):
        again.step.told = kept
    if _RANK[again.severity] < _RANK[kept.severity]:
        kept.severity = again.severity
        kept.step = again.step
    # The shorter path was printed relative to somewhere; the longer says where, unless it is absolute.
    if len(again.path) > len(kept.path) and not again.path.startswith("/") and again.path[1:2] != ":":
        kept.path = again.path
    if (kept.stray and not again.stray) or (kept.tool in _PLAIN and again.tool not in _PLAIN):
        kept.tool, kept.test, kept.stray = again.tool, again.test or kept.test, kept.stray and again.stray
    kept.test = kept.test or again.test
    kept.code = kept.code or again.code
    if len(again.excerpt) > len(kept.excerpt) * 2:
        kept.excerpt = again.excerpt


_CALLED = re.compile(r"(?s)(\W*[^(\[]*)(.*)")


def _name_of(test: str) -> str:
    """The test's own name, with what it was called with: `a/b.py::C::f[1.5]` and `C.f[1.5]` are one."""
    name, arguments = _CALLED.match(test).groups()  # type: ignore[union-attr]
    return f"{name.rstrip().rsplit('::', 1)[-1].rsplit('.', 1)[-1].rsplit(' ', 1)[-1]}{arguments}"


# `FAILED src/a.py::ruff`: pytest's plugins that run a linter tell what it told, too.
_LINTED = re.compile(
    r"::(?:ruff(?:::format)?|mypy(?:-status)?|black|flake-?8|pylint|isort|py(?:code|doc|test)?style|PEP8|codestyle)$",
    re.IGNORECASE,
)


def _without_summaries(findings: list[Found]) -> list[Found]:
    """Drop `FAILED path::test` lines whose test was told of in full."""
    findings = _without_retried(findings)
    summaries = {_name_of(found.test): found for found in findings if found.summary and found.test}
    for found in findings:
        if not found.path and found.test and (summary := summaries.get(_name_of(found.test))):
            found.path, found.printed = summary.path, summary.printed
    findings = [found for found in findings if not _expected_panic(found, summaries)]
    known_tests = {_name_of(found.test) for found in findings if found.test and not found.summary}
    files = {
        found.path.rsplit("/", 1)[-1]
        for found in findings
        if not found.summary and found.line and found.tool in _TEST_TOOLS
    }
    placed = {found.path for found in findings if not found.summary and found.line}
    gists: dict[str, list[str]] = defaultdict(list)
    for found in findings:
        if not found.summary:
            gists[found.tool].append(_gist(found))
    for known in gists.values():
        known.sort()
    kept: list[Found] = []
    for found in findings:
        if found.summary:
            if found.test and _name_of(found.test) in known_tests:
                continue
            if not found.test and found.path.rsplit("/", 1)[-1] in files:
                continue
            if found.test and _LINTED.search(found.test) and found.path in placed:
                continue
            gist = _gist(found)
            if (
                gist
                and (at := bisect_left(known := gists[found.tool], gist)) < len(known)
                and known[at].startswith(gist)
            ):
                continue
        kept.append(found)
    return kept


def _without_retried(findings: list[Found]) -> list[Found]:
    """Tests of which it was said in the end that they passed when run again failed nothing."""
    retried = {(found.test, id(found.step)) for found in findings if found.flaky}
    if not retried:
        return findings
    for found in findings:
        if (found.test, id(found.step)) in retried:
            found.severity = Severity.WARNING
    return [found for found in findings if not found.flaky]


def _expected_panic(found: Found, summaries: dict[str, Found]) -> bool:
    """Whether a Rust test's panic is not that of a test that failed, though some did."""
    if found.tool != "cargo-test" or found.summary or not found.test or _name_of(found.test) in summaries:
        return False
    return any(summary.tool == "cargo-test" and summary.step is found.step for summary in summaries.values())


def _gist(found: Found) -> str:
    return re.sub(r"^(?:[\w.]+\.)?\w*(?:error|exception|failed): ", "", plain(found.message)).rstrip(". ")[:40]


def _without_strays(findings: list[Found]) -> list[Found]:
    """Drop tracebacks a test printed in a step whose test runner tells of the failures itself."""
    tested = {
        id(found.step)
        for found in findings
        if found.tool in _RUNNERS and not found.stray and (found.path or found.tool != "ctest")
    }
    return [found for found in findings if not (found.stray and id(found.step) in tested)]
