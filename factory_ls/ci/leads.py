"""What lines a pattern fits must begin with, read off the pattern: rarer than any word inside of a line.

`(?P<sev>[ew]): …` begins with `e: ` or `w: `. Looking for that at the start of a word finds a hundredth of the lines
that looking for it anywhere does, whoever wrote the hint.
"""

from collections.abc import Iterable
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

MOST = 24
LONGEST = 12


def leads(pattern: str) -> frozenset[str]:
    """Every text a match of `pattern` can begin with, white space aside, where these are few; else nothing."""
    found, _ = _walk(_parser.parse(pattern), {""})
    return frozenset() if "" in found else frozenset(found)


def _walk(items: Iterable[tuple[Any, Any]], heads: set[str]) -> tuple[set[str], bool]:
    """`heads` continued by `items`, and whether what follows these continues them too."""
    for kind, value in items:
        if kind is _constants.LITERAL:
            heads = {head + chr(value) for head in heads}
        elif kind is _constants.IN and all(inner is _constants.LITERAL for inner, _ in value):
            heads = {head + chr(character) for head in heads for _, character in value}
        elif kind is _constants.SUBPATTERN and not value[1] and not value[2]:
            heads, complete = _walk(value[3], heads)
            if not complete:
                return heads, False
        elif kind is _constants.BRANCH:
            branches = [_walk(branch, heads) for branch in value[1]]
            heads = set[str]().union(*(branch for branch, _ in branches))
            if not all(complete for _, complete in branches):
                return heads, False
        elif kind in (_constants.ASSERT, _constants.ASSERT_NOT, _constants.AT):
            continue
        elif not (heads == {""} and _is_space(kind, value)):
            return heads, False
        if len(heads) > MOST:
            return {""}, False
        if min(map(len, heads)) >= LONGEST:
            return heads, False
    return heads, True


def _is_space(kind: Any, value: Any) -> bool:
    """Whether it is `\\s*` or the like: what a line may be indented with."""
    if kind not in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
        return False
    ((inner, what), *more) = value[2]
    return not more and inner is _constants.IN and what == [(_constants.CATEGORY, _constants.CATEGORY_SPACE)]
