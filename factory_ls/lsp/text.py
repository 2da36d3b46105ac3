"""A text document that is edited a range at a time, and the units editors count characters in."""

import re
from typing import NamedTuple

# LSP 3.17, "Text Documents": only these end a line. str.splitlines would also split at form feeds and U+2028.
_TERMINATED = re.compile(r"[^\r\n]*(?:\r\n?|\n)")


def split_lines(text: str) -> list[str]:
    """Lines with their ends; the last one has none and may be empty."""
    lines = _TERMINATED.findall(text)
    lines.append(text[sum(map(len, lines)) :])
    return lines


def to_index(line: str, units: int, encoding: str) -> int:
    """Characters of `line` before the position `units`, which counts `encoding`'s code units; clamped to the line."""
    body = line.rstrip("\r\n")
    if encoding == "utf-32" or body.isascii():
        return min(units, len(body))
    used = 0
    for index, character in enumerate(body):
        used += _width(character, encoding)
        if used > units:
            return index
    return len(body)


def to_units(line: str, index: int, encoding: str) -> int:
    """The reverse: code units of `encoding` before the character at `index`, clamped to the line."""
    body = line.rstrip("\r\n")[:index]
    if encoding == "utf-32" or body.isascii():
        return len(body)
    return sum(_width(character, encoding) for character in body)


def _width(character: str, encoding: str) -> int:
    point = ord(character)
    if encoding == "utf-16":
        return 1 if point < 0x10000 else 2
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4


class LineEdit(NamedTuple):
    """Lines `start` up to, not including, `end` became `lines`. 0-based."""

    start: int
    end: int
    lines: list[str]


class Text:
    def __init__(self, text: str, encoding: str) -> None:
        self.encoding = encoding
        self.lines = split_lines(text)

    def __str__(self) -> str:
        return "".join(self.lines)

    def line(self, number: int) -> str:
        """The line without its end; empty outside the document."""
        return self.lines[number].rstrip("\r\n") if 0 <= number < len(self.lines) else ""

    def edit(self, start: tuple[int, int], end: tuple[int, int], text: str) -> LineEdit:
        """Replace the range between two (line, character) positions, in the client's units, clamped to the text."""
        first, last = (min(max(0, line), len(self.lines) - 1) for line, _ in (start, end))
        last = max(first, last)
        before = self.lines[first][: self._index(start)]
        after = self.lines[last][self._index(end) :]
        if first and text.startswith("\n") and not before and self.lines[first - 1].endswith("\r"):
            first -= 1  # the new line feed completes the carriage return before it
            before = self.lines[first]
        change = LineEdit(first, last + 1, split_lines(before + text + after))
        if last + 1 < len(self.lines):
            # The last line kept its end, so what splitting adds behind it is not a line.
            change.lines.pop()
        self.lines[first : last + 1] = change.lines
        return change

    def _index(self, position: tuple[int, int]) -> int:
        line, units = position
        if line >= len(self.lines):
            return len(self.lines[-1])
        return to_index(self.lines[max(0, line)], max(0, units), self.encoding)
