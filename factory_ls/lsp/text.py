"""A text document that is edited a range at a time, in the units its editor counts characters in."""

from collections.abc import Sequence
from typing import NamedTuple

from factory_ls.ci.place.columns import Encoding, from_units
from factory_ls.ci.place.lines import split_lines

Position = tuple[int, int]
"""(line, character), 0-based, in the client's units."""


class LineEdit(NamedTuple):
    """Lines `start` up to, not including, `end` became `lines`. 0-based."""

    start: int
    end: int
    lines: Sequence[str]


class Text:
    """Lines without their ends: which one a file uses makes no difference to any place in it."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.encoding = encoding
        self.lines = split_lines(text)

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def line(self, number: int) -> str:
        """Empty outside the document."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def edit(self, start: Position, end: Position, text: str) -> LineEdit:
        """Replace the range between two positions, clamped to the document."""
        (first, begin), (last, stop) = sorted((self._inside(start), self._inside(end)))
        change = LineEdit(first, last + 1, split_lines(self.lines[first][:begin] + text + self.lines[last][stop:]))
        self.lines[first : last + 1] = change.lines
        return change

    def _inside(self, position: Position) -> Position:
        """A position as (line, code points) inside the document."""
        line, units = position
        if line >= len(self.lines):
            return len(self.lines) - 1, len(self.lines[-1])
        return max(0, line), from_units(self.lines[max(0, line)], units, self.encoding)
