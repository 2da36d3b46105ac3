"""Problems of the checked commit, placed in the text that the user has in front of them."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from factory_ls.ci.place.linemap import LineMap
from factory_ls.ci.place.lines import split_lines
from factory_ls.ci.place.moves import Moves
from factory_ls.ci.place.similar import Changes
from factory_ls.model.problem import Placement, Problem

LONGEST_RANGE = 200
"""Lines of a range whose every line is looked up."""


class Spot(NamedTuple):
    """`line` is 1-based; None when the line is gone."""

    line: int | None
    placement: Placement


class Placer:
    """One file: its text at the checked commit (`base`, None when it is not known) against its text now.

    The rule above all: a line placed `exact` or `moved` reads, to the character, as it did in `base`; only line ends
    and a BOM may differ. In doubt a line is `edited`, `gone` or `unplaced`.
    """

    def __init__(self, base: str | None, current: str) -> None:
        self._known = base is not None
        self._base = split_lines(base or "")
        self._shown: dict[int, tuple[Problem, Problem]] = {}
        self.replace(current)

    @property
    def lines(self) -> Sequence[str]:
        """The current text's lines, without their ends."""
        return self._lines.current

    def replace(self, current: str) -> None:
        """Compares anew with a whole text. `edit` and `change` know more: which of two equal lines is the old one."""
        self._lines = LineMap(self._base if self._known else (), split_lines(current))
        self._moves = Moves(self._lines)
        self._changes = Changes(self._lines)

    def edit(self, start: int, end: int, lines: Sequence[str]) -> None:
        """Replaces the current lines `start` to `end` (0-based, `end` exclusive, both clamped) by `lines`.

        The lines come without their ends. An insertion has `start == end`.
        """
        edit = self._lines.edit(start, end, lines)
        if edit is not None:
            self._moves.edited(edit)
            self._changes.edited(edit)

    def change(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        """One LSP content change: the range from `start` to `end`, each (line, code points), 0-based, becomes `text`.

        Positions beyond a line's end mean its end, beyond the last line the text's end.
        """
        current = self._lines.current
        (line, column), (end_line, end_column) = (self._inside(position) for position in sorted((start, end)))
        self.edit(line, end_line + 1, split_lines(current[line][:column] + text + current[end_line][end_column:]))

    def locate(self, line: int) -> Spot:
        """Where line `line` (1-based) of the base stands now. Any number is accepted; one that the base does not have
        is `unplaced`, with the nearest line that the current text has."""
        if not self._known or not 1 <= line <= len(self._base):
            return Spot(min(max(line, 1), len(self._lines.current)), Placement.UNPLACED)
        found = self._lines.find(line - 1)
        if found is None:
            found = self._moves.find(line - 1)
        if found is None:
            changed = self._changes.find(line - 1)
            if changed is None:
                return Spot(None, Placement.GONE)
            if self._lines.current[changed] != self._base[line - 1]:
                return Spot(changed + 1, Placement.EDITED)
            found = changed  # in a gap that was too large to be compared again
        return Spot(found + 1, Placement.EXACT if found + 1 == line else Placement.MOVED)

    def place(self, problems: Sequence[Problem]) -> list[Problem]:
        """The same problems in the same order, with line, columns and placement for the current text.

        One that did not change since the last call is the very same object. `gone` has no line. `edited` has no
        columns: they spoke of another text. A range that has not stayed whole is cut to its first line.
        A problem that comes as `moved`, `edited` or `gone`, having been carried to the base from an earlier text, stays
        so.
        """
        shown: dict[int, tuple[Problem, Problem]] = {}
        result = []
        for problem in problems:
            wanted = self._position(problem)
            known = self._shown.get(id(problem))
            # `known` holds the problem, so that its id cannot be another's by now.
            if known is None or _position_of(known[1]) != wanted:
                line, column, end_line, end_column, placement = wanted
                placed = replace(
                    problem, line=line, column=column, end_line=end_line, end_column=end_column, placement=placement
                )
                known = (problem, placed)
            shown[id(problem)] = known
            result.append(known[1])
        self._shown = shown
        return result

    def _position(self, problem: Problem) -> "_Position":
        if problem.placement is Placement.GONE:
            return None, None, None, None, Placement.GONE
        if problem.line is None:
            return None, None, None, None, Placement.EXACT if self._known else Placement.UNPLACED
        line, placement = self.locate(problem.line)
        if problem.placement in (Placement.EDITED, Placement.MOVED) and placement in _SURE:
            placement = problem.placement
        if line is None or placement not in _SURE:
            return line, None, None, None, placement
        column = _column(problem.column, self._lines.current[line - 1])
        end_line = end_column = None
        if problem.end_line is None or problem.end_line == problem.line:
            end_line = None if problem.end_line is None else line
            end_column = _column(problem.end_column, self._lines.current[line - 1])
            if end_column is not None and column is not None and end_column < column:
                end_column = None
        elif problem.end_line > problem.line:
            last, sure = self.locate(problem.end_line)
            whole = last is not None and sure in _SURE and last - line == problem.end_line - problem.line
            if last is not None and whole and self._stands(problem.line, problem.end_line, line):
                end_line, end_column = last, _column(problem.end_column, self._lines.current[last - 1])
        return line, column, end_line, end_column, placement

    def _stands(self, first: int, last: int, line: int) -> bool:
        """Whether the lines between are what they were too; ends of very long ranges are taken at their word."""
        if last - first > LONGEST_RANGE:
            return True
        spots = [self.locate(number) for number in range(first + 1, last)]
        return all(spot.line == line + offset and spot.placement in _SURE for offset, spot in enumerate(spots, start=1))

    def _inside(self, position: tuple[int, int]) -> tuple[int, int]:
        line, column = position
        current = self._lines.current
        if line >= len(current):
            return len(current) - 1, len(current[-1])
        return max(line, 0), max(column, 0) if line >= 0 else 0


_Position = tuple[int | None, int | None, int | None, int | None, Placement]
_SURE = (Placement.EXACT, Placement.MOVED)


def _position_of(problem: Problem) -> _Position:
    return problem.line, problem.column, problem.end_line, problem.end_column, problem.placement


def _column(column: int | None, line: str) -> int | None:
    """A column that `line` has, the one after its last character included; None for one before its first."""
    return None if column is None or column < 1 else min(column, len(line) + 1)
