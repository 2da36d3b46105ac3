"""Columns in the units that LSP clients and tools count: code points, UTF-8 bytes, UTF-16 code units.

All columns here are 0-based offsets from the start of one line. Python's strings, and `Problem.column` (1-based),
count code points, which is LSP's `utf-32`. The units are those of LSP 3.17, `PositionEncodingKind`.
"""

from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]


def to_units(line: str, column: int, encoding: Encoding) -> int:
    """The code-point offset `column` in `encoding`'s units; out-of-range offsets are clamped to the line."""
    column = min(max(column, 0), len(line))
    if encoding == "utf-32" or line.isascii():
        return column
    if encoding == "utf-8":
        return len(line[:column].encode("utf-8", "surrogatepass"))
    return len(line[:column].encode("utf-16-le", "surrogatepass")) // 2


def from_units(line: str, units: int, encoding: Encoding) -> int:
    """The code-point offset of an offset in `encoding`'s units; one inside a character gives the character's start."""
    units = max(units, 0)
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    if encoding == "utf-8":
        data = line.encode("utf-8", "surrogatepass")
        if units >= len(data):
            return len(line)
        while data[units] & 0xC0 == 0x80:
            units -= 1
        return len(data[:units].decode("utf-8", "surrogatepass"))
    # Counted, not decoded: decoding would join two lone surrogates that the string holds apart.
    seen = 0
    for column, character in enumerate(line):
        seen += 2 if ord(character) > 0xFFFF else 1
        if seen > units:
            return column
    return len(line)
