"""What a user sees of one file's problems as they edit."""

import pytest

from factory_ls.ci.place.lines import split_lines
from factory_ls.ci.place.placer import Placer, Spot
from factory_ls.model.problem import Placement, Problem
from tests.ci.place.texts import problem

BASE = "import os\n\n\ndef f(x):\n    y = x + 1\n    return y\n\n\ndef g():\n    return 2\n"


def placed(placer: Placer, line: int) -> tuple[int | None, Placement]:
    return tuple(placer.locate(line))


def test_an_unchanged_file_is_exact() -> None:
    placer = Placer(BASE, BASE)
    assert [placer.locate(line) for line in range(1, 12)] == [Spot(line, Placement.EXACT) for line in range(1, 12)]


@pytest.mark.parametrize("current", [BASE.replace("\n", "\r\n"), BASE.replace("\n", "\r"), "\ufeff" + BASE])
def test_line_ends_and_a_bom_are_no_change(current: str) -> None:
    assert Placer(BASE, current).locate(5) == (5, Placement.EXACT)
    assert Placer(current, BASE).locate(1) == (1, Placement.EXACT)


def test_lines_above_move_a_problem_and_bring_it_back() -> None:
    placer = Placer(BASE, BASE)
    placer.edit(0, 0, ["# new", "# lines"])
    assert placed(placer, 5) == (7, Placement.MOVED)
    placer.edit(0, 2, [])
    assert placed(placer, 5) == (5, Placement.EXACT)


def test_the_line_being_typed_in_is_edited_and_exact_again_when_undone() -> None:
    placer = Placer(BASE, BASE)
    placer.edit(4, 5, ["    y = x + 12"])
    assert placed(placer, 5) == (5, Placement.EDITED)
    placer.edit(0, 0, [""])
    assert placed(placer, 5) == (6, Placement.EDITED)
    placer.edit(5, 6, ["    y = x + 1"])
    assert placed(placer, 5) == (6, Placement.MOVED)


def test_enter_at_either_end_of_a_line_edits_nothing() -> None:
    placer = Placer(BASE, BASE)
    placer.change((4, 13), (4, 13), "\n    ")
    assert placed(placer, 5) == (5, Placement.EXACT)
    assert placed(placer, 6) == (7, Placement.MOVED)
    placer.change((4, 0), (4, 0), "\n")
    assert placed(placer, 5) == (6, Placement.MOVED)


def test_a_deleted_line_is_gone_and_an_emptied_one_too() -> None:
    placer = Placer(BASE, BASE)
    placer.edit(4, 5, [])
    assert placed(placer, 5) == (None, Placement.GONE)
    placer = Placer(BASE, BASE)
    placer.edit(4, 5, ["    "])
    assert placed(placer, 5) == (None, Placement.GONE)


def test_the_old_one_of_two_equal_lines_is_known_from_the_edit() -> None:
    text = "a\nx\nx\nb"
    placer = Placer(text, text)
    placer.edit(1, 1, ["x"])
    assert [placer.locate(line).line for line in (2, 3)] == [3, 4]


def test_reformatting_is_edited_at_the_right_lines() -> None:
    new = BASE.replace("    y = x + 1\n    return y", "    if x:\n        y = x + 1\n        return y")
    placer = Placer(BASE, new)
    assert placed(placer, 5) == (6, Placement.EDITED)
    assert placed(placer, 6) == (7, Placement.EDITED)


def test_a_changed_line_beside_a_new_one_is_found_by_likeness_or_given_up() -> None:
    placer = Placer(BASE, BASE.replace("    y = x + 1\n", "    # explain\n    y = x + 41\n"))
    assert placed(placer, 5) == (6, Placement.EDITED)
    placer = Placer(
        BASE, BASE.replace("    y = x + 1\n", "    print(list(map(str, os.environ)))\n    raise SystemExit\n")
    )
    assert placed(placer, 5) == (None, Placement.GONE)


def test_a_function_moved_down_takes_its_problem_with_it() -> None:
    lines = BASE.split("\n")
    moved = "\n".join(lines[:3] + lines[8:10] + ["", ""] + lines[3:6] + [""])
    placer = Placer(BASE, moved)
    for line in (4, 5, 6, 9, 10):
        spot = placer.locate(line)
        assert spot.line is not None
        assert moved.split("\n")[spot.line - 1] == lines[line - 1]


def test_of_two_equal_lines_elsewhere_none_is_taken() -> None:
    placer = Placer("a\nunique = 1\nb\nc\nd\ne", "a\nb\nc\nd\nunique = 1\ne\nunique = 1")
    assert placed(placer, 2) == (None, Placement.GONE)


def test_blank_lines_and_braces_are_not_hunted_for() -> None:
    assert placed(Placer("a\n}\nb\nc", "a\nb\nc\n}"), 2)[1] is Placement.GONE


@pytest.mark.parametrize("line", [0, -1, -(10**20), 13, 10**20])
def test_lines_that_the_commit_does_not_have_are_unplaced(line: int) -> None:
    (shown,) = Placer(BASE, BASE).place([problem(line, column=3, end_line=line)])
    assert shown.placement is Placement.UNPLACED
    assert shown.line is not None
    assert 1 <= shown.line <= len(split_lines(BASE))
    assert shown.column is shown.end_line is None


def test_without_the_commits_text_nothing_is_claimed() -> None:
    placer = Placer(None, BASE)
    assert placed(placer, 5) == (5, Placement.UNPLACED)
    placer.edit(0, 0, ["x"])
    assert placed(placer, 100) == (12, Placement.UNPLACED)
    assert placer.place([problem(None)])[0].placement is Placement.UNPLACED


def test_a_whole_file_problem_has_no_line() -> None:
    (shown,) = Placer(BASE, BASE + "more").place([problem(None)])
    assert (shown.line, shown.placement) == (None, Placement.EXACT)


def test_ranges_follow_both_ends_or_shrink_to_their_line() -> None:
    asked = [problem(4, column=5, end_line=6, end_column=99)]
    placer = Placer(BASE, BASE)
    placer.edit(0, 0, ["# new"])
    (shown,) = placer.place(asked)
    assert (shown.line, shown.column, shown.end_line, shown.end_column) == (5, 5, 7, 13)
    placer.edit(6, 7, ["    return 0"])
    (shown,) = placer.place(asked)
    assert (shown.line, shown.column, shown.end_line, shown.end_column) == (5, 5, None, None)


@pytest.mark.parametrize(("column", "expected"), [(None, None), (0, None), (-1, None), (1, 1), (14, 14), (10**20, 14)])
def test_columns_lie_in_the_line(column: int | None, expected: int | None) -> None:
    (shown,) = Placer(BASE, BASE).place([problem(5, column=column)])
    assert shown.column == expected


def test_what_did_not_change_is_the_same_object() -> None:
    placer = Placer(BASE, BASE)
    asked = [problem(1), problem(5), problem(10)]
    first = placer.place(asked)
    placer.edit(4, 5, ["    y = x + 2"])
    second = placer.place(asked)
    assert [before is after for before, after in zip(first, second, strict=True)] == [True, False, True]


def test_order_and_everything_else_of_a_problem_stay() -> None:
    asked = [
        Problem(id="b", path="a.py", line=10, tool="t", message="later", excerpt="e", jobs=("j",)),
        Problem(id="a", path="a.py", line=1, tool="t", message="sooner"),
    ]
    shown = Placer(BASE, "\n" + BASE).place(asked)
    assert [(each.id, each.line, each.message, each.jobs) for each in shown] == [
        ("b", 11, "later", ("j",)),
        ("a", 2, "sooner", ()),
    ]
