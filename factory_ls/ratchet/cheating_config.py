"""Does a change weaken what configures the checks: rules, lists of what is checked, the commands that check?"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from factory_ls.model.text import one_line
from factory_ls.model.wire import Wire
from factory_ls.ratchet.cheating_config_words import (
    ALLOWED,
    COMMAND_PATH,
    CONFIG_PATH,
    COVERAGE,
    LOOSENED,
    NARROWER,
    RETRIES,
    RUNNER,
    STRICT,
    SWALLOWING,
    WIDER,
)
from factory_ls.ratchet.cheating_words import COMMENT, TEST_PATH
from factory_ls.ratchet.diff import Block, FileDiff, Line

_NUMBER = re.compile(r"(?<![\w.])(\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)\s?(ms|s|m|min|h|%)?(?![\w.])")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_KEY = re.compile(r"""^\s*(?:-\s+)?["']?([\w.-]+)["']?\s*[:=]\s*(.*)$""")
_ITEM = re.compile(r"""^\s*(?:-\s+)?["']?[^=:{}\[\]]*[^=:{}\[\]\s,][^=:{}\[\]]*["']?,?\s*$""")
_WORD = re.compile(r"[\w@./*!:?-]*\w[\w@./*!:?-]*")
_JSON_VALUE = re.compile(r"""^\s*"[^"]*"\s*:\s*(.*)$""")


class Finding(Wire, frozen=True, kw_only=True):
    """`line` is in the new file, 1-based; null for a whole file. `what` is one line for people."""

    path: str
    line: int | None
    what: str


class _Value(NamedTuple):
    key: str
    items: frozenset[str]
    line: Line


def look_at_config(file: FileDiff, moved: frozenset[str]) -> Iterator[Finding]:
    """For a file that configures checks. `moved`: texts that left one place and came to another."""
    path = file.path
    for block in file.blocks:
        fresh = [line for line in block.added if line.text.strip() not in moved]
        loosened = list(new_lines(path, LOOSENED, "weakens a checker's configuration", block, fresh))
        yield from loosened
        yield from new_lines(path, RETRIES, "sets a longer time or a retry", block, fresh)
        if not loosened:
            yield from _lists(path, block)
        yield from raised(path, COVERAGE, "lowers a coverage limit", block, lowered=True)
        yield from raised(path, ALLOWED, "lets more warnings pass", block)
    yield from _dropped(file, moved)


def look_at_commands(file: FileDiff, moved: frozenset[str]) -> Iterator[Finding]:
    """For a file with commands that run checks."""
    path, lines = file.path, [line for line in file.added() if line.text.strip() not in moved]
    had = Counter(name for line in file.removed() for name in _runners(path, line.text))
    has = Counter(name for line in file.added() for name in _runners(path, line.text))
    first = next((line.number for line in file.removed() if _runners(path, line.text)), None)
    for name in had - has:
        yield Finding(path=path, line=first, what=f"no longer runs {one_line(name, 40)}")
    known = {_told(line.text) for line in file.removed()}
    before = [path_ for line in file.removed() if _runners(path, line.text) for path_ in _test_paths(line.text)]
    loose = CONFIG_PATH.search(path) is not None  # there `|| true` is a finding already
    for line in lines:
        runs = _runners(path, line.text)
        if runs and SWALLOWING.search(line.text) and not (loose and LOOSENED.search(line.text)):
            yield Finding(path=path, line=line.number, what=f"takes no notice of failures: {one_line(line.text, 80)}")
        elif runs and had and _test_paths(line.text) and not before and _told(line.text) not in known:
            yield Finding(path=path, line=line.number, what=f"runs only a part: {one_line(line.text, 80)}")
    for block in file.blocks:
        following = [line.text for line in block.added] + block.after
        for line, after in zip(block.added, following[1:], strict=False):
            if re.match(r"exit(?:\s+0)?\s*(?:#.*)?$", line.text) and after.strip():
                yield Finding(path=path, line=line.number, what="ends before what follows is run")
    if not loose:
        yield from _dropped(file, moved)
        for line in lines:
            if had and re.match(r"\s*set\s+\+e\b", line.text):
                yield Finding(
                    path=path, line=line.number, what=f"takes no notice of failures: {one_line(line.text, 80)}"
                )


def is_command_file(path: str) -> bool:
    return COMMAND_PATH.search(path) is not None


def new_lines(
    path: str, pattern: re.Pattern[str], what: str, block: Block, fresh: Sequence[Line], *, comments: bool = False
) -> Iterator[Finding]:
    """Lines that say `pattern`, more of them than the block had before. `comments`: it is written in comments."""
    before = sum(1 for line in block.removed if pattern.search(line.text))
    found = [line for line in fresh if pattern.search(line.text) and (comments or not COMMENT.match(line.text))]
    for line in found[before:]:
        yield Finding(path=path, line=line.number, what=f"{what}: {one_line(line.text, 80)}")


def raised(
    path: str, pattern: re.Pattern[str], what: str, block: Block, *, lowered: bool = False, last: bool = False
) -> Iterator[Finding]:
    """The same line with another number: higher (or zero, which is none) unless `lowered`. `last`: its last one."""
    before = {_shape(line.text): _numbers(line.text) for line in block.removed if pattern.search(line.text)}
    for line in block.added:
        old, new = before.get(_shape(line.text)), _numbers(line.text)
        if old is None or old == new or (last and old[:-1] != new[:-1]):
            continue
        changed = [(was, now) for was, now in zip(old, new, strict=True) if was != now]
        if any(now < was if lowered else now > was or now == 0 for was, now in changed):
            yield Finding(path=path, line=line.number, what=f"{what}: {one_line(line.text, 80)}")


def _dropped(file: FileDiff, moved: frozenset[str]) -> Iterator[Finding]:
    """What made a check strict and is gone from the file."""
    still = {_strict(word) for line in file.added() if not COMMENT.match(line.text) for word in _stricts(line.text)}
    named = {found[1] for line in file.added() if (found := _KEY.match(line.text))}
    limit = [line for line in file.removed() if re.search(r"fail[-_]under|minimum_coverage|<minimum>", line.text)]
    if limit and not any(COVERAGE.search(line.text) for line in file.added()):
        line = limit[0]
        yield Finding(path=file.path, line=line.number, what=f"removes a coverage limit: {one_line(line.text, 80)}")
        return
    for line in file.removed():
        if COMMENT.match(line.text) or line.text.strip() in moved:
            continue
        key = found[1] if (found := _KEY.match(line.text)) else None
        for word in _stricts(line.text):
            # With its key still there it was given another value, which is looked at for itself.
            if _strict(word) not in still and (key not in named or key == "on" or word.startswith("-")):
                what = f"is less strict without {one_line(word, 60)}"
                yield Finding(path=file.path, line=line.number, what=what)
                return


def _lists(path: str, block: Block) -> Iterator[Finding]:
    """More of what is not checked, less of what is: on one line, or as lines of a longer list."""
    before = {value.key: value for value in _values(block.removed)}
    for value in _values(block.added):
        was = before.get(value.key)
        if was is None:
            continue
        more = WIDER.match(value.key) and value.items - was.items and not path.endswith("Cargo.toml")
        if more or (NARROWER.match(value.key) and was.items - value.items):
            yield _fewer(path, value.line)
    key = _list_of(block)
    if key is None:
        return
    gone = Counter(line.text.strip(" \t,") for line in block.removed if _ITEM.match(line.text))
    come = Counter(line.text.strip(" \t,") for line in block.added if _ITEM.match(line.text))
    if WIDER.match(key) and come - gone and block.added:
        yield _fewer(path, next(line for line in block.added if line.text.strip(" \t,") in come - gone))
    elif NARROWER.match(key) and gone - come:
        yield _fewer(path, next(line for line in block.removed if line.text.strip(" \t,") in gone - come))


def _fewer(path: str, line: Line) -> Finding:
    return Finding(path=path, line=line.number, what=f"checks less: {one_line(line.text, 80)}")


def _values(lines: Sequence[Line]) -> Iterator[_Value]:
    for line in lines:
        if (found := _KEY.match(line.text)) and not COMMENT.match(line.text):
            yield _Value(found[1], frozenset(_WORD.findall(found[2])), line)


def _list_of(block: Block) -> str | None:
    """The key of the list that the block's lines are items of."""
    for text in reversed(block.before):
        if found := _KEY.match(text):
            opened = found[2].split("#", maxsplit=1)[0].strip()
            return found[1] if not opened or opened[-1] in "[({," else None
        if not _ITEM.match(text) and text.strip():
            return None
    return None


def _runners(path: str, text: str) -> list[str]:
    if COMMENT.match(text):
        return []
    if path.endswith(".json"):
        found = _JSON_VALUE.match(text)
        text = found[1] if found else ""
    return [re.sub(r"\s+", " ", name) for name in RUNNER.findall(text)]


def _test_paths(text: str) -> list[str]:
    return [word for word in re.split(r"[\s\"',]+", text) if TEST_PATH.search(word)]


def _told(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _stricts(text: str) -> list[str]:
    return [found[0].strip() for found in STRICT.finditer(text)]


def _strict(word: str) -> str:
    return re.sub(r"[\s\"'\[]", "", word)


def _shape(text: str) -> str:
    return _NUMBER.sub("#", text).strip()


def _numbers(text: str) -> list[float]:
    return [float(n.replace("_", "")) * _SECONDS.get(unit, 1.0) for n, unit in _NUMBER.findall(text)]
