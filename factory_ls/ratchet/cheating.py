"""Does a change make checks pass by weakening them? Looked at before a fix is pushed.

It reads a diff, not a program: it names what a reviewer should look at, and keeps quiet about lines that were only
moved, tests that were renamed and code that is no test.
"""

import re
from collections import Counter
from collections.abc import Iterator

from factory_ls.model.text import one_line
from factory_ls.ratchet.cheating_config import (
    Finding,
    is_command_file,
    look_at_commands,
    look_at_config,
    new_lines,
    raised,
)
from factory_ls.ratchet.cheating_config_words import CI_PATH, CONFIG_PATH, IGNORE_PATH, OWN_PATH
from factory_ls.ratchet.cheating_words import (
    ASSERTIONS,
    CANNOT_FAIL,
    CASES,
    CATCH_ALL,
    COLLECTED,
    COMMENT,
    EXACT,
    EXPECTED_PATH,
    HOOKS,
    IGNORES,
    LOOSE,
    MARKS,
    NOTHING_DONE,
    PANICS,
    PROSE_PATH,
    RETURN,
    SKIPS,
    SWALLOWED,
    TEST_DEFINITIONS,
    TEST_PATH,
    UNDER_TEST,
    UNREACHED,
)
from factory_ls.ratchet.diff import Block, FileDiff, Line, parse_diff

_TIMEOUT = re.compile(r"time_?-?out|deadline|\bretr(?:y|ies)\b|\breruns?\b", re.IGNORECASE)
_NEW_TIMEOUT = re.compile(
    r"\b(?:jest|vi)\.setTimeout\s*\(|\bthis\.timeout\s*\(|\bpytest\.mark\.(?:timeout|flaky)\b|@flaky\b|@RetryingTest\b"
)
_TOLERANCE = re.compile(
    r"\b(?:delta|rel|abs|atol|rtol|tol|rel_tol|abs_tol|tolerance|epsilon|eps|within)\b\s*[=:(]|EXPECT_NEAR",
    re.IGNORECASE,
)
_PRECISION = re.compile(r"\btoBeCloseTo\b|\bplaces\s*=|\b(?:decimal|precision)\s*=")
_HIDES = re.compile(r"\s(?:-diff|binary|diff=\S+)(?:\s|$)")
"""Attributes by which git no longer shows what changed in a file."""
_ELSEWHERE = (".java", ".kt", ".scala", ".cs", ".swift")
"""Languages whose tests never stand between the code they test."""


def find_cheating(diff: str, *, ci_edits: bool = False) -> tuple[Finding, ...]:
    """What in a unified diff weakens the checks, in the diff's order; empty for an honest change.

    `ci_edits`: CI's own configuration may be changed, and is then looked at as that of any checker.
    """
    files = parse_diff(diff)
    # Text that leaves one place and comes to another was moved, and weakens nothing.
    added = Counter(line.text.strip() for file in files for line in file.added())
    removed = Counter(line.text.strip() for file in files for line in file.removed())
    moved = frozenset((added & removed).keys() - {""})
    kept = frozenset(
        name for file in files if not _out_of_sight(file.path) for line in file.added() if (name := _test(line.text))
    )
    return tuple(finding for file in files for finding in _look(file, moved, kept, ci_edits=ci_edits))


def _look(file: FileDiff, moved: frozenset[str], kept: frozenset[str], *, ci_edits: bool) -> Iterator[Finding]:
    path, tests, config = file.path, bool(TEST_PATH.search(file.path)), bool(CONFIG_PATH.search(file.path))
    ci = any(CI_PATH.search(name) for name in (path, file.old_path))
    if any(OWN_PATH.search(name) for name in (path, file.old_path)) or (ci and (not ci_edits or file.deleted)):
        yield Finding(path=path, line=_first_line(file), what="edits what CI checks")
        return
    if IGNORE_PATH.search(path):
        if lines := [line for line in file.added() if line.text.strip() and line.text.strip() not in moved]:
            yield Finding(path=path, line=lines[0].number, what=f"checks less: {one_line(lines[0].text, 80)}")
        return
    if EXPECTED_PATH.search(path):
        if file.deleted or any(file.removed()) or file.binary:
            yield Finding(path=path, line=_first_line(file), what="writes anew what a test expects")
        return
    if PROSE_PATH.search(path):
        return
    if file.binary and (COLLECTED.search(path) or config):
        yield Finding(path=path, line=None, what="hides what it changes: git takes the file for binary")
        return
    if file.deleted:
        yield from _deleted_file(file, kept)
        return
    if COLLECTED.search(file.old_path) and _out_of_sight(path):
        yield Finding(path=path, line=None, what=f"renames {one_line(file.old_path, 80)} so that it is not run")
        return
    if config or ci:
        yield from look_at_config(file, moved)
    if ci or is_command_file(path):
        yield from look_at_commands(file, moved)
    yield from _look_at_code(file, moved, kept, tests=tests, config=config or ci)


def _look_at_code(
    file: FileDiff, moved: frozenset[str], kept: frozenset[str], *, tests: bool, config: bool
) -> Iterator[Finding]:
    path = file.path
    asserts = tests or path.endswith(".rs")
    deleted = list(_deleted_tests(file, kept)) if asserts else []
    yield from deleted
    skips = 0
    for block in file.blocks:
        fresh = [line for line in block.added if line.text.strip() not in moved]
        if tests or not path.endswith(_ELSEWHERE):
            skipped = list(new_lines(path, SKIPS, "skips a test", block, fresh))
            if not any(_test(line.text) for line in block.added):
                skipped += new_lines(path, PANICS, "lets a test fail", block, fresh)
            if tests:
                skipped += new_lines(path, MARKS, "skips a test", block, fresh, comments=True)
            skips += len(skipped)
            yield from skipped
        yield from new_lines(path, IGNORES, "silences a checker", block, fresh, comments=True)
        if asserts:
            yield from _weaker(path, block)
        if tests:
            yield from _not_run(path, block, fresh)
            yield from new_lines(path, CANNOT_FAIL, "asserts what cannot fail", block, fresh)
            yield from new_lines(path, _NEW_TIMEOUT, "sets a longer time or a retry", block, fresh)
            yield from raised(path, _TOLERANCE, "widens a tolerance", block)
            yield from raised(path, _PRECISION, "widens a tolerance", block, lowered=True, last=True)
        elif not config and not is_command_file(path):
            yield from new_lines(path, UNDER_TEST, "behaves otherwise under test", block, fresh)
        if tests or config:
            yield from raised(path, _TIMEOUT, "raises a timeout or retries", block)
        if path.endswith(".gitignore"):
            yield from new_lines(path, COLLECTED, "keeps a test out of the repository", block, fresh)
        if path.endswith(".gitattributes"):
            yield from new_lines(path, _HIDES, "hides changes from a look at them", block, fresh, comments=True)
    if asserts and not deleted and not skips:
        yield from _fewer_assertions(file, moved)


def _out_of_sight(path: str) -> bool:
    """No test runner finds tests there by itself, though it may look like a file with tests."""
    if path.endswith(".py"):
        return not COLLECTED.search(path)
    return not (
        COLLECTED.search(path) or TEST_PATH.search(path) or path.endswith((".rs", ".rb", ".ex", ".zig"))
    ) or bool(re.search(r"\.(?:bak|old|orig|disabled|skip|txt|off)$", path))


def _deleted_file(file: FileDiff, kept: frozenset[str]) -> Iterator[Finding]:
    named = [name for line in file.removed() if (name := _test(line.text))]
    gone = [name for name in named if name not in kept]
    if TEST_PATH.search(file.path) and gone:
        yield Finding(path=file.path, line=None, what=f"deletes a file with {len(gone)} tests")
    elif COLLECTED.search(file.path) and not named:
        yield Finding(path=file.path, line=None, what="deletes a file with tests")


def _not_run(path: str, block: Block, fresh: list[Line]) -> Iterator[Finding]:
    """What is still there and no longer does anything."""
    yield from new_lines(path, UNREACHED, "keeps a test from running", block, fresh)
    yield from new_lines(path, SWALLOWED, "takes no notice of failures", block, fresh)
    if re.search(r"(?:^|/)conftest\.py$", path):
        yield from new_lines(path, HOOKS, "changes which tests are run or how they end", block, fresh)
    following = [*(line.text for line in block.added), *block.after]
    for line, after in zip(block.added, following[1:], strict=False):
        if line not in fresh:
            continue
        if CATCH_ALL.match(line.text) and NOTHING_DONE.match(after):
            yield Finding(path=path, line=line.number, what=f"takes no notice of failures: {one_line(line.text, 80)}")
        elif (found := RETURN.match(line.text)) and after[: len(found[1]) + 1].strip() and _indent(after) == found[1]:
            yield Finding(path=path, line=line.number, what=f"keeps a test from running: {one_line(line.text, 80)}")


def _weaker(path: str, block: Block) -> Iterator[Finding]:
    yield from _loosened(path, block)
    was = [line for line in block.removed if CASES.search(line.text)]
    now = [line for line in block.added if CASES.search(line.text)]
    for old, new in zip(was, now, strict=False):
        if new.text.count(",") < old.text.count(",") and _same_start(old.text, new.text):
            yield Finding(path=path, line=new.number, what=f"tests fewer cases: {one_line(new.text, 80)}")
    if len(now) < len(was) and not any(_test(line.text) and not CASES.search(line.text) for line in block.removed):
        yield Finding(path=path, line=was[-1].number, what=f"tests fewer cases: {one_line(was[-1].text, 80)}")


def _same_start(old: str, new: str) -> bool:
    return old.partition("[")[0].strip() == new.partition("[")[0].strip()


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _deleted_tests(file: FileDiff, kept: frozenset[str]) -> Iterator[Finding]:
    """Tests that left this file and came back nowhere; as many as came new are taken as renamed."""
    gone = [(line, name) for line in file.removed() if (name := _test(line.text))]
    new = sum(1 for line in file.added() if _test(line.text))
    lost = max(0, len(gone) - new)
    named = [(line, name) for line, name in gone if name not in kept or name[0] in "#@["]
    for line, name in named[:lost]:
        yield Finding(path=file.path, line=line.number, what=f"deletes a test: {one_line(name, 80)}")


def _loosened(path: str, block: Block) -> Iterator[Finding]:
    """Assertions that say less than those whose place they took."""
    before = sorted((_strength(line.text) for line in block.removed), reverse=True)
    after = sorted(((_strength(line.text), line) for line in block.added), key=lambda item: -item[0])
    for was, (now, line) in zip(before, after, strict=False):
        if 0 < now < was and not CANNOT_FAIL.search(line.text):
            yield Finding(path=path, line=line.number, what=f"loosens an assertion: {one_line(line.text, 80)}")


def _fewer_assertions(file: FileDiff, moved: frozenset[str]) -> Iterator[Finding]:
    lost = [line for line in file.removed() if line.text.strip() not in moved and _strength(line.text)]
    count = len(lost) - sum(1 for line in file.added() if line.text.strip() not in moved and _strength(line.text))
    if count > 0:
        what = "removes an assertion" if count == 1 else f"removes {count} assertions"
        yield Finding(path=file.path, line=lost[0].number, what=f"{what}: {one_line(lost[0].text, 80)}")


def _strength(text: str) -> int:
    """0: no assertion, 1: one that cannot fail, 2: a loose one, 3: an exact one."""
    if COMMENT.match(text) or not ASSERTIONS.search(text) or re.match(r"\s*(?:import|from|use|using)\b", text):
        return 0
    if CANNOT_FAIL.search(text):
        return 1
    return 3 if EXACT.search(text) and not LOOSE.search(text) else 2


def _test(text: str) -> str | None:
    found = None if COMMENT.match(text) else TEST_DEFINITIONS.search(text)
    return next((group for group in found.groups() if group), None) if found else None


def _first_line(file: FileDiff) -> int | None:
    lines = [line.number for block in file.blocks for line in (*block.added, *block.removed)]
    return min(lines, default=None) if not file.deleted else None
