"""Whatever was edited, no `exact` and no `moved` points at a line with other text."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factory_ls.ci.place import diff, linemap, moves, similar
from factory_ls.ci.place.diff import Region, common_blocks
from factory_ls.ci.place.lines import split_lines
from factory_ls.ci.place.placer import Placer
from factory_ls.model.problem import Placement
from tests.ci.place.texts import EDITS, ENDS, TEXT_LINES, Edit, as_replacements, problem

# The bar of the project is none wrong in 100,000: `FACTORY_PLACE_EXAMPLES=100000 pytest tests/ci/place`.
EXAMPLES = int(os.environ.get("FACTORY_PLACE_EXAMPLES", "300"))
# Pytest's own limit is for the usual number.
pytestmark = pytest.mark.timeout(0) if EXAMPLES > 1_000 else []
many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def check(placer: Placer, base: list[str], now: list[str]) -> None:
    problems = [problem(number, end_line=number + 2, column=2) for number in range(-1, len(base) + 3)]
    for before, after in zip(problems, placer.place(problems), strict=True):
        assert before.line is not None
        if not 1 <= before.line <= len(base):
            assert after.placement is Placement.UNPLACED
            continue
        if after.placement in (Placement.EXACT, Placement.MOVED):
            assert after.line is not None
            assert now[after.line - 1] == base[before.line - 1]
            assert (after.placement is Placement.EXACT) == (after.line == before.line)
            if after.end_line is not None:
                assert before.end_line is not None
                assert after.end_line > after.line
                assert now[after.line - 1 : after.end_line] == base[before.line - 1 : before.end_line]
            assert after.column is not None
            assert 1 <= after.column <= len(now[after.line - 1]) + 1
        elif after.placement is Placement.EDITED:
            assert after.line is not None
            assert now[after.line - 1].strip()
            assert now[after.line - 1] != base[before.line - 1]
            assert after.column is after.end_line is after.end_column is None
        else:
            assert after.placement is Placement.GONE
            assert after.line is None


@many
@given(TEXT_LINES, EDITS, ENDS, ENDS)
def test_edits_in_order(lines: list[str], edits: list[Edit], end: str, other_end: str) -> None:
    base = end.join(lines)
    expected = split_lines(base)
    now = list(expected)
    placer = Placer(base, other_end.join(now))
    check(placer, expected, now)
    for edit in edits:
        for start, stop, replacement in as_replacements(edit, now):
            placer.edit(start, stop, replacement)
            now[start:stop] = replacement
        check(placer, expected, now)


@many
@given(TEXT_LINES, EDITS, ENDS, ENDS)
def test_edits_in_gaps_too_large_to_compare_again(
    lines: list[str], edits: list[Edit], end: str, other_end: str
) -> None:
    """With the limits of large files made so small that these few lines exceed them."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, limit in (
            (linemap, "REMATCH_LINES", 2),
            (similar, "REMATCH_LINES", 2),
            (similar, "COMPARED_LINES", 4),
            (moves, "CONTEXT_LINES", 4),
            (diff, "LCS_CELLS", 4),
        ):
            patch.setattr(module, name, limit)
        test_edits_in_order.hypothesis.inner_test(lines, edits, end, other_end)  # type: ignore[attr-defined]


@many
@given(TEXT_LINES, EDITS, ENDS, ENDS)
def test_two_texts(lines: list[str], edits: list[Edit], end: str, other_end: str) -> None:
    now = split_lines("\n".join(lines))
    base = end.join(now)
    for edit in edits:
        for start, stop, replacement in as_replacements(edit, now):
            now[start:stop] = replacement
    placer = Placer(base, "")
    placer.replace(other_end.join(now))
    check(placer, split_lines(base), split_lines(other_end.join(now)))


@many
@given(TEXT_LINES, st.lists(st.integers(0, 24)), st.lists(st.integers(0, 24)))
def test_insertions_alone_lose_no_line(lines: list[str], at: list[int], what: list[int]) -> None:
    """Known truth: each old line is where the insertions pushed it, though it be one of many equal ones."""
    placer = Placer("\n".join(lines), "\n".join(lines))
    where = list(range(len(lines)))
    for position, index in zip(at, what, strict=False):
        placer.edit(position, position, [lines[index % len(lines)]])
        where = [line + 1 if line >= position else line for line in where]
    assert [placer.locate(line + 1).line for line in range(len(lines))] == [line + 1 for line in where]


@many
@given(TEXT_LINES, TEXT_LINES)
def test_blocks_are_common_and_ascend(base: list[str], current: list[str]) -> None:
    blocks = common_blocks(base, current, Region(0, len(base), 0, len(current)))
    end_base = end_current = 0
    for block in blocks:
        assert block.base >= end_base
        assert block.current >= end_current
        assert block.length > 0
        end_base, end_current = block.base + block.length, block.current + block.length
        assert base[block.base : end_base] == current[block.current : end_current]


@many
@given(
    st.text(),
    st.text(),
    st.tuples(st.integers(-2, 9), st.integers(-2, 9)),
    st.tuples(st.integers(-2, 9), st.integers(-2, 9)),
)
def test_changes_give_the_text_that_an_editor_has(
    text: str, inserted: str, start: tuple[int, int], end: tuple[int, int]
) -> None:
    text, inserted = (part.replace("\r", "\n").replace("\ufeff", "") for part in (text, inserted))
    placer = Placer(text, text)
    placer.change(start, end, inserted)
    lines = text.split("\n")

    def offset(position: tuple[int, int]) -> int:
        line, column = position
        if line < 0:
            return 0
        if line >= len(lines):
            return len(text)
        return sum(len(each) + 1 for each in lines[:line]) + min(max(column, 0), len(lines[line]))

    first, last = sorted((offset(start), offset(end)))
    now = (text[:first] + inserted + text[last:]).split("\n")
    assert placer.lines == now
    check(placer, lines, now)
