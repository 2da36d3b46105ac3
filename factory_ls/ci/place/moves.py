"""Lines that were cut here and pasted there: not in order any more, but still to be told from all others."""

from collections.abc import Sequence

from factory_ls.ci.place.linemap import LineMap

_AMBIGUOUS = -1


class Moves:
    """Answers for one state of a `LineMap`; make it anew after an edit.

    A line is found again only when there is no doubt: its text occurs once in each text, or it occurs once with the
    same line before and after it among the lines that no block holds.
    """

    def __init__(self, lines: LineMap) -> None:
        self._lines = lines
        self._alone: dict[str, int] = {}
        self._among: dict[tuple[str, str, str], int] = {}
        self._base_among: dict[tuple[str, str, str], int] = {}
        for gap in lines.gaps():
            for line in range(gap.current_start, gap.current_end):
                self._alone[lines.current[line]] = line
                _note(self._among, _context(lines.current, line), line)
            for line in range(gap.base_start, gap.base_end):
                _note(self._base_among, _context(lines.base, line), line)

    def find(self, line: int) -> int | None:
        """Where base line `line`, which is in no block, was moved to; 0-based."""
        lines = self._lines
        text = lines.base[line]
        if not any(map(str.isalnum, text)):
            return None
        if lines.base_counts[text] == 1 and lines.current_counts[text] == 1:
            return self._alone[text]
        context = _context(lines.base, line)
        place = self._among.get(context, _AMBIGUOUS)
        return place if place != _AMBIGUOUS and self._base_among[context] != _AMBIGUOUS else None


def _note(table: dict[tuple[str, str, str], int], context: tuple[str, str, str], line: int) -> None:
    table[context] = _AMBIGUOUS if context in table else line


def _context(lines: Sequence[str], line: int) -> tuple[str, str, str]:
    before = lines[line - 1] if line else ""
    return before, lines[line], lines[line + 1] if line + 1 < len(lines) else ""
