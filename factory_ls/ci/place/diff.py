"""Which lines two texts have in common, in order: patience diff, then a longest common subsequence where it is small.

Patience (Bram Cohen) anchors on lines that occur once in each text, so that braces and blank lines, which occur
everywhere, are matched by what surrounds them and not the other way round.
"""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

import msgspec

LCS_CELLS = 20_000
"""Most cells of a table for a region without anchors: 2 ms. Larger regions stay unmatched."""


class Block(msgspec.Struct, frozen=True, gc=False):
    """`length` lines of the base from `base` on that equal those of the current text from `current` on; 0-based.

    Thousands are made anew at a keystroke; being a Struct, they do not set off the garbage collector.
    """

    base: int
    current: int
    length: int


class Region(NamedTuple):
    """Lines `base_start` to `base_end` (exclusive) against `current_start` to `current_end`; 0-based."""

    base_start: int
    base_end: int
    current_start: int
    current_end: int


def common_blocks(base: Sequence[str], current: Sequence[str], region: Region) -> list[Block]:
    """Blocks inside `region`, ascending in both texts. Every pair of lines in a block is equal."""
    blocks: list[Block] = []
    todo = [region]
    while todo:
        b0, b1, c0, c1 = todo.pop()
        start = b0
        while b0 < b1 and c0 < c1 and base[b0] == current[c0]:
            b0, c0 = b0 + 1, c0 + 1
        if b0 > start:
            blocks.append(Block(start, c0 - (b0 - start), b0 - start))
        end = b1
        while b0 < b1 and c0 < c1 and base[b1 - 1] == current[c1 - 1]:
            b1, c1 = b1 - 1, c1 - 1
        if end > b1:
            blocks.append(Block(b1, c1, end - b1))
        if b0 == b1 or c0 == c1:
            continue
        inner = Region(b0, b1, c0, c1)
        anchors = _anchors(base, current, inner)
        if not anchors:
            if (b1 - b0) * (c1 - c0) <= LCS_CELLS:
                blocks += [Block(b, c, 1) for b, c in _longest_common(base, current, inner)]
            continue
        for b, c in anchors:
            blocks.append(Block(b, c, 1))
            todo.append(Region(b0, b, c0, c))
            b0, c0 = b + 1, c + 1
        todo.append(Region(b0, b1, c0, c1))
    return joined(sorted(blocks, key=attrgetter("base")))


def joined(blocks: Sequence[Block]) -> list[Block]:
    """Ascending blocks, with those that touch in both texts made one."""
    result: list[Block] = []
    for block in blocks:
        if result:
            last = result[-1]
            if last.base + last.length == block.base and last.current + last.length == block.current:
                result[-1] = Block(last.base, last.current, last.length + block.length)
                continue
        result.append(block)
    return result


def unique_positions(lines: Sequence[str], start: int, end: int) -> dict[str, int]:
    """Position of each line that occurs exactly once in `lines[start:end]`."""
    seen: dict[str, int] = {}
    for position in range(start, end):
        line = lines[position]
        seen[line] = -1 if line in seen else position
    return {line: position for line, position in seen.items() if position >= 0}


def _anchors(base: Sequence[str], current: Sequence[str], region: Region) -> list[tuple[int, int]]:
    """Lines unique on both sides, the longest run of them that ascends in both."""
    here = unique_positions(base, region.base_start, region.base_end)
    there = unique_positions(current, region.current_start, region.current_end)
    pairs = [(position, there[line]) for line, position in here.items() if line in there]
    tops: list[int] = []  # patience piles: the smallest current position that ends an ascending run of each length
    ends: list[int] = []  # index in `pairs` of that position
    before: list[int] = []  # for each pair, the one before it in its run
    for index, (_, position) in enumerate(pairs):
        pile = bisect_left(tops, position)
        before.append(ends[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(position)
            ends.append(index)
        else:
            tops[pile], ends[pile] = position, index
    run, index = [], ends[-1] if ends else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def _longest_common(base: Sequence[str], current: Sequence[str], region: Region) -> list[tuple[int, int]]:
    """The longest common subsequence by the usual table, earliest pairs first."""
    b0, b1, c0, c1 = region
    width = c1 - c0
    table = [[0] * (width + 1) for _ in range(b1 - b0 + 1)]
    for b in range(b1 - b0 - 1, -1, -1):
        row, below, line = table[b], table[b + 1], base[b0 + b]
        for c in range(width - 1, -1, -1):
            row[c] = below[c + 1] + 1 if line == current[c0 + c] else max(below[c], row[c + 1])
    pairs, b, c = [], 0, 0
    while b < b1 - b0 and c < width:
        if base[b0 + b] == current[c0 + c]:
            pairs.append((b0 + b, c0 + c))
            b, c = b + 1, c + 1
        elif table[b + 1][c] >= table[b][c + 1]:
            b += 1
        else:
            c += 1
    return pairs
