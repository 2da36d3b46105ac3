"""Lines of a gap that were changed rather than deleted: which new line stands for which old one."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from factory_ls.ci.place.diff import Block, Region, common_blocks
from factory_ls.ci.place.linemap import REMATCH_LINES, Edit, LineMap

RATIO = 0.6
"""Least likeness of a line and its changed self, as `SequenceMatcher.ratio` gives it; difflib's usual bar."""
COMPARED_LINES = 100
"""Most pairs of lines of one region that are compared character by character: about 5 ms."""
COMPARED_CHARACTERS = 300


class Changes:
    """Follows a `LineMap`; must be told of each edit. Each gap is compared once, and again when it was edited."""

    def __init__(self, lines: LineMap) -> None:
        self._lines = lines
        self._gaps: dict[int, tuple[Region, dict[int, int]]] = {}

    def edited(self, edit: Edit) -> None:
        region = edit.region
        known = self._gaps.get(region.base_start)
        keep = known and _is_large(region) and _size(known[0], edit.shift) == _size(region, 0)
        for line in [line for line in self._gaps if region.base_start <= line <= region.base_end]:
            del self._gaps[line]
        if known and keep:
            start, end = edit.start - region.current_start, edit.end - region.current_start
            places = known[1]
            if edit.shift or not all(map(str.strip, edit.added)):  # else every line stays, changed once more
                places = {
                    line: place if place < end else place + edit.shift
                    for line, place in places.items()
                    if not start <= place < end or (not edit.shift and edit.added[place - start].strip())
                }
            self._gaps[region.base_start] = region, places

    def find(self, line: int) -> int | None:
        """Where base line `line`, which is in no block, stands in another form; 0-based."""
        gap = self._lines.gap(line)
        if gap.base_start not in self._gaps:
            self._gaps[gap.base_start] = gap, _changed_lines(self._lines.base, self._lines.current, gap)
        place = self._gaps[gap.base_start][1].get(line)
        return None if place is None else place + gap.current_start


def _is_large(region: Region) -> bool:
    """Too large to be compared again after each keystroke: what is known of it is followed instead."""
    return max(region.base_end - region.base_start, region.current_end - region.current_start) > REMATCH_LINES


def _size(region: Region, shift: int) -> tuple[int, int]:
    return region.base_end - region.base_start, region.current_end - region.current_start + shift


def _changed_lines(base: Sequence[str], current: Sequence[str], gap: Region) -> dict[int, int]:
    """Base line → line from the gap's start in the current text, for lines that still stand there in another form.

    First those that differ in white space alone (reformatting), then, between those, line by line when the region kept
    its number of lines, else by likeness. A line that became blank is not there any more.
    """
    old = ["".join(line.split()) for line in base[gap.base_start : gap.base_end]]
    new = ["".join(line.split()) for line in current[gap.current_start : gap.current_end]]
    result: dict[int, int] = {}
    b, c = 0, 0
    blocks = common_blocks(old, new, Region(0, len(old), 0, len(new)))
    for block in [*blocks, Block(len(old), len(new), 0)]:
        result.update(_paired(old, new, Region(b, block.base, c, block.current)))
        result.update((block.base + i, block.current + i) for i in range(block.length) if old[block.base + i])
        b, c = block.base + block.length, block.current + block.length
    return {line + gap.base_start: place for line, place in result.items()}


def _paired(old: Sequence[str], new: Sequence[str], region: Region) -> dict[int, int]:
    b0, b1, c0, c1 = region
    if b1 - b0 == c1 - c0:
        return {b: c0 + b - b0 for b in range(b0, b1) if old[b] and new[c0 + b - b0]}
    result: dict[int, int] = {}
    if (b1 - b0) * (c1 - c0) > COMPARED_LINES:
        return result
    for b in range(b0, b1):
        matcher = SequenceMatcher(b=old[b][:COMPARED_CHARACTERS], autojunk=False)
        best, place = RATIO, -1
        for c in range(c0, c1):
            matcher.set_seq1(new[c][:COMPARED_CHARACTERS])
            if (
                matcher.real_quick_ratio() >= best
                and matcher.quick_ratio() >= best
                and (ratio := matcher.ratio()) >= best
            ):
                best, place = ratio + 1e-9, c
        if place >= 0:
            result[b] = place
            c0 = place + 1  # later lines stand later
    return result
