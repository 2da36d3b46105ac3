"""Parts of a CI log: around a line, of a step, what matches, the end. Pure. Line numbers are 1-based.

Lines are what `\\n` separates, so that numbers agree with `Problem.logLine`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from factory_ls.model.text import clean

MAX_LINE = 500
"""Characters of one line that are shown."""
MAX_CHARACTERS = 24_000
"""Of one excerpt, whatever number of lines was asked for."""

# GitHub Actions puts a time before every line; `gh run view --log` puts job and step, by tabs, before that.
_STAMP = re.compile(r"^(?:[^\t\n]{0,200}\t[^\t\n]{0,200}\t)?\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z ?")
_GROUP = re.compile(r"^##\[group\](.*)")


class Excerpt(NamedTuple):
    numbers: tuple[int, ...]
    """Of the lines shown, rising."""
    lines: tuple[str, ...]
    next: int | None
    """The line to go on from, in the direction of the mode; None at the end."""

    def numbered(self) -> str:
        return "\n".join(f"{number}: {line}" for number, line in zip(self.numbers, self.lines, strict=True))


def shown(line: str) -> str:
    text = clean(_STAMP.sub("", line[: 4 * MAX_LINE], count=1)).rstrip()
    return text if len(text) <= MAX_LINE else text[: MAX_LINE - 1] + "…"


def around(log: Sequence[str], line: int, count: int) -> Excerpt:
    """`count` lines with `line` in their middle."""
    start = max(1, min(line - count // 2, len(log) - count + 1))
    return forward(log, start, count)


def forward(log: Sequence[str], start: int, count: int, end: int | None = None) -> Excerpt:
    """From `start` on, at most to `end`."""
    end = min(end or len(log), len(log))
    taken, lines = _take(log, range(max(1, start), min(start + count - 1, end) + 1))
    return Excerpt(tuple(taken), tuple(lines), taken[-1] + 1 if taken and taken[-1] < end else None)


def tail(log: Sequence[str], before: int | None, count: int) -> Excerpt:
    """The last lines, or those that end before line `before`; `next` goes towards the beginning."""
    last = len(log) if before is None else min(before - 1, len(log))
    taken, lines = _take(log, range(last, max(0, last - count), -1))
    return Excerpt(tuple(reversed(taken)), tuple(reversed(lines)), taken[-1] if taken and taken[-1] > 1 else None)


def search(log: Sequence[str], text: str, start: int, count: int) -> Excerpt:
    """Lines that hold `text`, whatever its case, from `start` on."""
    needle = text.casefold()

    def hits(first: int) -> Iterator[int]:
        return (number for number in range(max(1, first), len(log) + 1) if needle in log[number - 1].casefold())

    taken, lines = _take(log, islice(hits(start), count))
    return Excerpt(tuple(taken), tuple(lines), next(hits(taken[-1] + 1), None) if taken else None)


def steps(log: Sequence[str]) -> list[tuple[str, int, int]]:
    """(title, first line, last line) of what GitHub Actions printed as groups that run something."""
    starts = []
    for number, line in enumerate(log, 1):
        if "##[group]" in line and (match := _GROUP.match(shown(line))) and _is_step(match[1]):
            starts.append((match[1], number))
    ends = [number - 1 for _, number in starts[1:]] + [len(log)]
    return [(title, number, end) for (title, number), end in zip(starts, ends, strict=True)]


def _is_step(title: str) -> bool:
    return title.startswith("Run ")


def _take(log: Sequence[str], numbers: Iterable[int]) -> tuple[list[int], list[str]]:
    taken: list[int] = []
    lines: list[str] = []
    room = MAX_CHARACTERS
    for number in numbers:
        line = shown(log[number - 1])
        room -= len(line) + len(str(number)) + 3
        if room < 0 and taken:
            break
        taken.append(number)
        lines.append(line)
    return taken, lines
