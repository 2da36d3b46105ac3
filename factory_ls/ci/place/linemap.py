"""The lines of a base text that still stand in a text being edited, and where."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from factory_ls.ci.place.diff import Block, Region, common_blocks, joined

REMATCH_LINES = 2_000
"""Largest region that is compared again after one edit: beyond it only `LineMap` made anew compares."""


class LineMap:
    """Equal lines of `base` and `current` as ascending blocks; always true, whatever was edited.

    An edit tells more than a diff can: when a line is doubled, the map knows which of the two is the old one.
    """

    def __init__(self, base: Sequence[str], current: Sequence[str]) -> None:
        self.base = base
        self.current = list(current)
        self.base_counts = Counter(base)
        self.current_counts = Counter(self.current)
        self._set(common_blocks(base, self.current, Region(0, len(base), 0, len(self.current))))

    def edit(self, start: int, end: int, lines: Sequence[str]) -> Region | None:
        """Replaces the current lines `start` to `end` (exclusive, 0-based, clamped) by `lines`.

        Returns the region whose blocks may have changed, None when the text is the same as before.
        """
        current = self.current
        start = min(max(start, 0), len(current))
        end = min(max(end, start), len(current))
        new = list(lines)
        # What the edit left as it was keeps its place: Enter at the end of a line replaces that line by itself and one.
        head = 0
        while head < len(new) and start < end and new[head] == current[start]:
            head, start = head + 1, start + 1
        tail = len(new)
        while tail > head and end > start and new[tail - 1] == current[end - 1]:
            tail, end = tail - 1, end - 1
        new = new[head:tail]
        if not new and start == end:
            return None
        shift = len(new) - (end - start)
        before, after = [], []
        for block in self._blocks:
            kept = min(block.length, start - block.current)
            if kept > 0:
                before.append(Block(block.base, block.current, kept))
            gone = max(0, end - block.current)
            if gone < block.length:
                after.append(Block(block.base + gone, block.current + gone + shift, block.length - gone))
        self.current_counts.subtract(current[start:end])
        self.current_counts.update(new)
        current[start:end] = new
        self._set([*before, *after])
        region = self._after(len(before) - 1)
        if max(region.base_end - region.base_start, region.current_end - region.current_start) <= REMATCH_LINES:
            found = common_blocks(self.base, current, region)
            self._set(joined([*before, *found, *after]))
        return region

    def find(self, line: int) -> int | None:
        """Where base line `line` stands in the current text; both 0-based. None: not there, see `gap`."""
        index = bisect_right(self._starts, line) - 1
        if index >= 0:
            block = self._blocks[index]
            if line < block.base + block.length:
                return block.current + line - block.base
        return None

    def gap(self, line: int) -> Region:
        """What lies between the blocks around base line `line`, which is in none."""
        return self._after(bisect_right(self._starts, line) - 1)

    def gaps(self) -> list[Region]:
        """All regions where the texts differ."""
        regions = (self._after(index) for index in range(-1, len(self._blocks)))
        return [gap for gap in regions if gap.base_start < gap.base_end or gap.current_start < gap.current_end]

    def _after(self, index: int) -> Region:
        """From the end of block `index` (-1: from the start of the texts) to the next block."""
        base_start = current_start = 0
        if index >= 0:
            base_start, current_start, length = self._blocks[index]
            base_start, current_start = base_start + length, current_start + length
        if index + 1 < len(self._blocks):
            following = self._blocks[index + 1]
            return Region(base_start, following.base, current_start, following.current)
        return Region(base_start, len(self.base), current_start, len(self.current))

    def _set(self, blocks: list[Block]) -> None:
        self._blocks = blocks
        self._starts = [block.base for block in blocks]
