"""One failure is one problem, however often a log tells of it."""

import re
from collections import defaultdict
from collections.abc import Iterable

from factory_ls.ci.here import Found
from factory_ls.ci.signature import plain
from factory_ls.model.problem import Severity

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


_PLAIN = frozenset({"node", "java", "python", "unknown"})


def fold(findings: Iterable[Found]) -> list[Found]:
    """`findings` in the order of the log, each thing once, with the jobs it was seen in."""
    kept: dict[tuple[str, int | None, str], list[Found]] = defaultdict(list)
    order: list[Found] = []
    for found in _without_fallbacks(list(findings)):
        name = found.path.rsplit("/", 1)[-1].casefold()
        key = (name, found.line, plain(found.message))
        twin = next((other for other in kept[key] if _same_file(other, found)), None)
        if twin is not None:
            _join(twin, found)
            continue
        kept[key].append(found)
        if found.step and found.step.job:
            found.jobs = [found.step.job]
        order.append(found)
    return _without_strays(_without_summaries(_without_repeats(order)))


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
    if again.step and again.step.job and again.step.job not in kept.jobs:
        kept.jobs.append(again.step.job)
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


def _name_of(test: str) -> str:
    return test.rsplit("::", 1)[-1].rsplit(".", 1)[-1].rsplit(" ", 1)[-1]


def _without_summaries(findings: list[Found]) -> list[Found]:
    """Drop `FAILED path::test` lines whose test was told of in full."""
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
    kept: list[Found] = []
    for found in findings:
        if found.summary:
            if found.test and _name_of(found.test) in known_tests:
                continue
            if not found.test and found.path.rsplit("/", 1)[-1] in files:
                continue
            gist = _gist(found)
            if gist and any(
                _gist(other).startswith(gist) for other in findings if other.tool == found.tool and not other.summary
            ):
                continue
        kept.append(found)
    return kept


def _expected_panic(found: Found, summaries: dict[str, Found]) -> bool:
    """Whether a Rust test's panic is not that of a test that failed, though some did."""
    if found.tool != "cargo-test" or found.summary or not found.test or _name_of(found.test) in summaries:
        return False
    return any(summary.tool == "cargo-test" and summary.step is found.step for summary in summaries.values())


def _gist(found: Found) -> str:
    return re.sub(r"^(?:[\w.]+\.)?\w*(?:error|exception|failed): ", "", plain(found.message)).rstrip(". ")[:40]


def _without_strays(findings: list[Found]) -> list[Found]:
    """Drop tracebacks a test printed in a step whose test runner tells of the failures itself."""
    tested = {id(found.step) for found in findings if found.tool in _TEST_TOOLS and not found.stray}
    return [found for found in findings if not (found.stray and id(found.step) in tested)]


def _without_fallbacks(findings: list[Found]) -> list[Found]:
    """Drop what only counts where nothing else was told."""
    told = {id(found.step) for found in findings if not found.fallback and found.severity is Severity.ERROR}
    return [
        found
        for found in findings
        if not found.fallback or (found.step is not None and found.step.failed and id(found.step) not in told)
    ]
