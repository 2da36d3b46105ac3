"""Lines of a gap that were changed rather than deleted: which new line stands for which old one."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from factory_ls.ci.place.diff import Region, common_blocks

RATIO = 0.6
"""Least likeness of a line and its changed self, as `SequenceMatcher.ratio` gives it; difflib's usual bar."""
COMPARED_LINES = 100
"""Most pairs of lines of one region that are compared character by character: about 5 ms."""
COMPARED_CHARACTERS = 300


def changed_lines(base: Sequence[str], current: Sequence[str], gap: Region) -> dict[int, int]:
    """Base line → current line, 0-based, for the lines of `gap` that still stand there in another form.

    First those that differ in white space alone (reformatting), then, between those, line by line when the region kept
    its number of lines, else by likeness. A line that became blank is not there any more.
    """
    old = ["".join(line.split()) for line in base[gap.base_start : gap.base_end]]
    new = ["".join(line.split()) for line in current[gap.current_start : gap.current_end]]
    result: dict[int, int] = {}
    b, c = 0, 0
    blocks = common_blocks(old, new, Region(0, len(old), 0, len(new)))
    for block_base, block_current, length in [*blocks, (len(old), len(new), 0)]:
        result.update(_paired(old, new, Region(b, block_base, c, block_current)))
        result.update((block_base + i, block_current + i) for i in range(length) if old[block_base + i])
        b, c = block_base + length, block_current + length
    return {line + gap.base_start: place + gap.current_start for line, place in result.items()}


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
