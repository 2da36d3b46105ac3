"""Does a change make checks pass by weakening them? Looked at before a fix is pushed.

It reads a diff, not a program: it names what a reviewer should look at, and keeps quiet about lines that were only
moved, tests that were renamed and code that is no test.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from factory_ls.model.text import one_line
from factory_ls.model.wire import Wire
from factory_ls.ratchet.cheating_words import (
    ASSERTIONS,
    CANNOT_FAIL,
    CI_PATH,
    COMMENT,
    CONFIG_PATH,
    EXACT,
    IGNORES,
    LOOSENED_CONFIG,
    PROSE_PATH,
    SKIPS,
    TEST_DEFINITIONS,
    TEST_PATH,
)
from factory_ls.ratchet.diff import Block, FileDiff, Line, parse_diff

_NUMBER = re.compile(r"(?<![\w.])(\d[\d_]*(?:\.\d+)?)\s?(ms|s|m|min|h|%)?(?![\w.])")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_TIMEOUT = re.compile(r"time_?-?out|deadline|\bretr(?:y|ies)\b|\breruns?\b", re.IGNORECASE)
_NEW_TIMEOUT = re.compile(
    r"\b(?:jest|vi)\.setTimeout\s*\(|\bthis\.timeout\s*\(|\bpytest\.mark\.(?:timeout|flaky)\b|@flaky\b"
)
_TOLERANCE = re.compile(
    r"\b(?:delta|rel|abs|atol|rtol|tol|tolerance|epsilon|eps|within)\b\s*[=:(]|EXPECT_NEAR", re.IGNORECASE
)
_COVERAGE = re.compile(
    r"fail[-_]under|cov\w*[-_]?(?:threshold|limit|min\w*)|minimum_coverage|min_coverage"
    r"|\b(?:statements|branches|functions|lines|minimum|threshold)\b[\"']?\s*[:=]",
    re.IGNORECASE,
)


class Finding(Wire, frozen=True, kw_only=True):
    """`line` is in the new file, 1-based; null for a whole file. `what` is one line for people."""

    path: str
    line: int | None
    what: str


def find_cheating(diff: str) -> tuple[Finding, ...]:
    """What in a unified diff weakens the checks, in the diff's order; empty for an honest change."""
    files = parse_diff(diff)
    # Text that leaves one place and comes to another was moved, and weakens nothing.
    added = Counter(line.text.strip() for file in files for line in file.added())
    removed = Counter(line.text.strip() for file in files for line in file.removed())
    moved = frozenset((added & removed).keys() - {""})
    kept_tests = frozenset(name for file in files for line in file.added() if (name := _test(line.text)))
    return tuple(finding for file in files for finding in _look(file, moved, kept_tests))


def _look(file: FileDiff, moved: frozenset[str], kept_tests: frozenset[str]) -> Iterator[Finding]:
    path, tests, config = file.path, bool(TEST_PATH.search(file.path)), bool(CONFIG_PATH.search(file.path))
    if CI_PATH.search(path) or CI_PATH.search(file.old_path):
        yield Finding(path=path, line=_first_line(file), what="edits what CI checks")
        return
    if PROSE_PATH.search(path):
        return
    if file.deleted:
        gone = [name for line in file.removed() if (name := _test(line.text)) and name not in kept_tests]
        if tests and gone:
            yield Finding(path=path, line=None, what=f"deletes a file with {len(gone)} tests")
        return
    deleted = list(_deleted_tests(file, kept_tests))
    yield from deleted
    asserts = tests or path.endswith(".rs")
    for block in file.blocks:
        fresh = [line for line in block.added if line.text.strip() not in moved]
        yield from _new(path, SKIPS, "skips a test", block, fresh, comments=False)
        yield from _new(path, IGNORES, "silences a checker", block, fresh, comments=True)
        if tests:
            yield from _new(path, CANNOT_FAIL, "asserts what cannot fail", block, fresh, comments=False)
            yield from _new(path, _NEW_TIMEOUT, "sets a longer time or a retry", block, fresh, comments=False)
            yield from _raised(path, _TOLERANCE, "widens a tolerance", block)
        if asserts:
            yield from _loosened(path, block)
        if config:
            yield from _new(path, LOOSENED_CONFIG, "weakens a checker's configuration", block, fresh, comments=False)
            yield from _raised(path, _COVERAGE, "lowers a coverage limit", block, lowered=True)
        if tests or config:
            yield from _raised(path, _TIMEOUT, "raises a timeout or retries", block)
    if asserts and not deleted:
        yield from _fewer_assertions(file)


def _deleted_tests(file: FileDiff, kept: frozenset[str]) -> Iterator[Finding]:
    """Tests that left this file and came back nowhere; as many as came new are taken as renamed."""
    gone = [(line, name) for line in file.removed() if (name := _test(line.text))]
    new = sum(1 for line in file.added() if _test(line.text))
    lost = max(0, len(gone) - new)
    named = [(line, name) for line, name in gone if name not in kept or name[0] in "#@["]
    for line, name in named[:lost]:
        yield Finding(path=file.path, line=line.number, what=f"deletes a test: {one_line(name, 80)}")


def _new(
    path: str, pattern: re.Pattern[str], what: str, block: Block, fresh: Sequence[Line], *, comments: bool
) -> Iterator[Finding]:
    """Lines that say `pattern`, more of them than the block had before. `comments`: it is written in comments."""
    before = sum(1 for line in block.removed if pattern.search(line.text))
    found = [line for line in fresh if pattern.search(line.text) and (comments or not COMMENT.match(line.text))]
    for line in found[before:]:
        yield Finding(path=path, line=line.number, what=f"{what}: {one_line(line.text, 80)}")


def _loosened(path: str, block: Block) -> Iterator[Finding]:
    """Assertions that say less than those whose place they took."""
    before = sorted((_strength(line.text) for line in block.removed), reverse=True)
    after = sorted(((_strength(line.text), line) for line in block.added), key=lambda item: -item[0])
    for was, (now, line) in zip(before, after, strict=False):
        if 0 < now < was and not CANNOT_FAIL.search(line.text):
            yield Finding(path=path, line=line.number, what=f"loosens an assertion: {one_line(line.text, 80)}")


def _fewer_assertions(file: FileDiff) -> Iterator[Finding]:
    lost = [line for line in file.removed() if _strength(line.text)]
    count = len(lost) - sum(1 for line in file.added() if _strength(line.text))
    if count > 0:
        what = "removes an assertion" if count == 1 else f"removes {count} assertions"
        yield Finding(path=file.path, line=lost[0].number, what=f"{what}: {one_line(lost[0].text, 80)}")


def _raised(
    path: str, pattern: re.Pattern[str], what: str, block: Block, *, lowered: bool = False
) -> Iterator[Finding]:
    """The same line with another number: higher (or zero, which is none) unless `lowered`."""
    before = {_shape(line.text): _numbers(line.text) for line in block.removed if pattern.search(line.text)}
    for line in block.added:
        old, new = before.get(_shape(line.text)), _numbers(line.text)
        if old is None or old == new:
            continue
        changed = [(was, now) for was, now in zip(old, new, strict=True) if was != now]
        if any(now < was if lowered else now > was or now == 0 for was, now in changed):
            yield Finding(path=path, line=line.number, what=f"{what}: {one_line(line.text, 80)}")
    if lowered:
        for line in block.removed:
            if re.search(r"fail[-_]under", line.text) and not any(pattern.search(a.text) for a in block.added):
                yield Finding(path=path, line=line.number, what=f"removes a coverage limit: {one_line(line.text, 80)}")


def _strength(text: str) -> int:
    """0: no assertion, 1: one that cannot fail, 2: a loose one, 3: an exact one."""
    if COMMENT.match(text) or not ASSERTIONS.search(text) or re.match(r"\s*(?:import|from|use|using)\b", text):
        return 0
    if CANNOT_FAIL.search(text):
        return 1
    return 3 if EXACT.search(text) else 2


def _test(text: str) -> str | None:
    found = None if COMMENT.match(text) else TEST_DEFINITIONS.search(text)
    return next((group for group in found.groups() if group), None) if found else None


def _shape(text: str) -> str:
    return _NUMBER.sub("#", text).strip()


def _numbers(text: str) -> list[float]:
    return [float(n.replace("_", "")) * _SECONDS.get(unit, 1.0) for n, unit in _NUMBER.findall(text)]


def _first_line(file: FileDiff) -> int | None:
    lines = [line.number for block in file.blocks for line in (*block.added, *block.removed)]
    return min(lines, default=None) if not file.deleted else None
