"""The lines of a base text that still stand in a text being edited, and where."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from factory_ls.ci.place.diff import Block, Region, common_blocks, joined

REMATCH_LINES = 2_000
"""Largest region that is compared again after one edit: beyond it only `LineMap` made anew compares."""


class Edit(NamedTuple):
    """What `LineMap.edit` did: from current line `start` on (0-based), `removed` gave way to `added`. `region` lies
    between the blocks that the edit left whole; only there may lines have found or lost their counterpart."""

    start: int
    removed: list[str]
    added: list[str]
    region: Region

    @property
    def end(self) -> int:
        """The first line behind what was removed, as it was numbered before."""
        return self.start + len(self.removed)

    @property
    def shift(self) -> int:
        return len(self.added) - len(self.removed)


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

    def edit(self, start: int, end: int, lines: Sequence[str]) -> Edit | None:
        """Replaces the current lines `start` to `end` (exclusive, 0-based, clamped) by `lines`.

        Returns what was changed, None when the text is the same as before.
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
        removed = current[start:end]
        self.current_counts.subtract(removed)
        self.current_counts.update(new)
        current[start:end] = new
        before, after = self._split(start, end, len(new) - len(removed))
        self._set([*before, *after])
        region = self._after(len(before) - 1)
        if max(region.base_end - region.base_start, region.current_end - region.current_start) <= REMATCH_LINES:
            seam = joined([*before[-1:], *common_blocks(self.base, current, region), *after[:1]])
            self._set([*before[:-1], *seam, *after[1:]])
        return Edit(start, removed, new, region)

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
            block = self._blocks[index]
            base_start, current_start = block.base + block.length, block.current + block.length
        if index + 1 < len(self._blocks):
            following = self._blocks[index + 1]
            return Region(base_start, following.base, current_start, following.current)
        return Region(base_start, len(self.base), current_start, len(self.current))

    def _split(self, start: int, end: int, shift: int) -> tuple[list[Block], list[Block]]:
        """The blocks, or parts of them, before line `start` and from `end` on; the latter moved by `shift`."""
        blocks = self._blocks
        first = bisect_right(blocks, start, key=lambda block: block.current + block.length)
        last = bisect_left(blocks, end, lo=first, key=lambda block: block.current)
        before, after = blocks[:first], blocks[last:]
        if first < last:
            head, tail = blocks[first], blocks[last - 1]
            if head.current < start:
                before.append(Block(head.base, head.current, start - head.current))
            if (gone := end - tail.current) < tail.length:
                after.insert(0, Block(tail.base + gone, end, tail.length - gone))
        return before, [Block(one.base, one.current + shift, one.length) for one in after] if shift else after

    def _set(self, blocks: list[Block]) -> None:
        self._blocks = blocks
        self._starts = [block.base for block in blocks]
