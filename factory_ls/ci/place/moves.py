"""Lines that were cut here and pasted there: not in order any more, but still to be told from all others."""

from collections.abc import Sequence

from factory_ls.ci.place.linemap import Edit, LineMap

CONTEXT_LINES = 2_000
"""Most lines outside blocks among which a line is sought by its neighbours: that costs 1 µs a line."""
_AMBIGUOUS = -1

_Context = tuple[str, str, str]


class Moves:
    """Follows a `LineMap`; must be told of each edit.

    A line is found again only when there is no doubt: its text occurs once in each text, or it occurs once with the
    same line before and after it among the lines that no block holds. A found line is followed through later edits.
    """

    def __init__(self, lines: LineMap) -> None:
        self._lines = lines
        self._found: dict[int, int | None] = {}
        self._tables: _Tables | None = None

    def edited(self, edit: Edit) -> None:
        base, touched = self._lines.base, {*edit.removed, *edit.added}
        found: dict[int, int | None] = {}
        for line, place in self._found.items():
            if place is None:
                if base[line] not in touched:
                    found[line] = None
            elif not edit.start <= place < edit.end:
                found[line] = place + edit.shift if place >= edit.end else place
        self._found = found
        self._tables = None

    def find(self, line: int) -> int | None:
        """Where base line `line`, which is in no block, was moved to; 0-based."""
        if line not in self._found:
            self._found[line] = self._search(line)
        return self._found[line]

    def _search(self, line: int) -> int | None:
        lines = self._lines
        text = lines.base[line]
        if not lines.current_counts[text] or not any(map(str.isalnum, text)):
            return None
        if self._tables is None:
            self._tables = _Tables(lines)
        if lines.base_counts[text] == 1 and lines.current_counts[text] == 1:
            return self._tables.alone[text]
        context = _context(lines.base, line)
        place = self._tables.current.get(context, _AMBIGUOUS)
        return place if place != _AMBIGUOUS and self._tables.base[context] != _AMBIGUOUS else None


class _Tables:
    """The lines outside blocks: by text, and by text and neighbours."""

    def __init__(self, lines: LineMap) -> None:
        gaps = lines.gaps()
        self.alone = {lines.current[line]: line for gap in gaps for line in range(gap.current_start, gap.current_end)}
        self.base: dict[_Context, int] = {}
        self.current: dict[_Context, int] = {}
        if sum(gap.base_end - gap.base_start + gap.current_end - gap.current_start for gap in gaps) <= CONTEXT_LINES:
            for gap in gaps:
                _note(self.base, lines.base, range(gap.base_start, gap.base_end))
                _note(self.current, lines.current, range(gap.current_start, gap.current_end))


def _note(table: dict[_Context, int], lines: Sequence[str], numbers: range) -> None:
    for line in numbers:
        context = _context(lines, line)
        table[context] = _AMBIGUOUS if context in table else line


def _context(lines: Sequence[str], line: int) -> _Context:
    return lines[line - 1] if line else "", lines[line], lines[line + 1] if line + 1 < len(lines) else ""
