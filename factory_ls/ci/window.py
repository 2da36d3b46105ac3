"""A log as a sliding window of bytes: any size in bounded memory, with lines found by position.

Line ends are `\\n`; `\\r\\n` is one line end and a lone `\\r` (a progress bar redrawing itself) ends a line too but
does not count as one, so that line numbers are those of `grep -n`. A line longer than `LONGEST` is cut in pieces.
"""

from __future__ import annotations

import codecs
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain

from factory_ls.ci.text import Clean, clean, continued, stamped, strip_escapes

BACK = 256 << 10
"""Bytes before the fresh part that a matcher can look back to."""
AHEAD = 256 << 10
"""Bytes after a line that a matcher can look ahead to."""
FRESH = 1 << 20
LONGEST = 64 << 10
_WIDEST = 300
"""Bytes of a job's name, and of a step's."""
_CONTINUED = 200
"""Lines that an annotation may have."""
_TOLD_BY = 512
"""Bytes that an encoding is told by."""


class Line:
    """A line of the window. `number` counts from 1 over the whole log."""

    __slots__ = ("_clean", "_number", "end", "start", "window")

    def __init__(self, window: Window, start: int, end: int) -> None:
        self.window = window
        self.start = start
        self.end = end
        self._clean: Clean | None = None
        self._number = 0

    @property
    def clean(self) -> Clean:
        if self._clean is None:
            raw = self.window.data[self.start : self.end]
            self._clean = cleaned = clean(raw)
            if cleaned.job is None and (columns := self.window.columns(self.start, raw)):
                self._clean = continued(raw, columns)
        return self._clean

    @property
    def text(self) -> str:
        return self.clean.text

    @property
    def level(self) -> str:
        return self.clean.level

    @property
    def number(self) -> int:
        if not self._number:
            self._number = self.window.number(self.start)
        return self._number

    @property
    def position(self) -> int:
        """Offset of the line's start in the whole log (after line ends were made one byte)."""
        return self.window.offset + self.start


class Window:
    """`data[fresh:stop]` is what is new; around it is context."""

    __slots__ = ("_counted", "_lines", "_soft", "data", "first_number", "fresh", "last", "offset", "stop")

    def __init__(
        self, data: bytes, soft: array[int], offset: int, fresh: int, stop: int, first: int, last: bool
    ) -> None:
        self.data = data
        self.offset = offset
        self.fresh = fresh
        self.stop = stop
        self.last = last
        self._soft = soft
        self.first_number = first
        self._lines: dict[int, Line] = {}
        self._counted = (0, first)

    def line_at(self, position: int) -> Line:
        end = self.data.find(b"\n", position)
        return self.line_ending(len(self.data) if end < 0 else end)

    def line_ending(self, end: int) -> Line:
        return self._line(self.data.rfind(b"\n", 0, end) + 1, end)

    def next(self, line: Line) -> Line | None:
        start = line.end + 1
        if start >= len(self.data):
            return None
        end = self.data.find(b"\n", start)
        return self._line(start, len(self.data) if end < 0 else end)

    def previous(self, line: Line) -> Line | None:
        return self.line_ending(line.start - 1) if line.start > 0 else None

    def _line(self, start: int, end: int) -> Line:
        line = self._lines.get(start)
        if line is None:
            line = self._lines[start] = Line(self, start, end)
        return line

    def columns(self, start: int, raw: bytes) -> bytes:
        """The job and step in front of a line that continues the one above: `gh run view` gives it no time."""
        first = raw.find(b"\t", 0, _WIDEST)
        second = raw.find(b"\t", first + 1, first + _WIDEST) if first > 0 else -1
        if second < 0:
            return b""
        columns = raw[: second + 1]
        for _ in range(_CONTINUED):
            before = self.data.rfind(b"\n", 0, start - 1) + 1 if start > 0 else start
            if before == start or not self.data.startswith(columns, before):
                return b""
            if stamped(self.data[before + len(columns) : before + len(columns) + 24]):
                return columns
            start = before
        return b""

    def number(self, position: int) -> int:
        at, number = self._counted
        if position >= at:
            number += self.data.count(b"\n", at, position) - self._softs(at, position)
        else:
            number -= self.data.count(b"\n", position, at) - self._softs(position, at)
        self._counted = (position, number)
        return number

    def _softs(self, start: int, end: int) -> int:
        return bisect_left(self._soft, end) - bisect_left(self._soft, start) if self._soft else 0


class _Lines:
    """Bytes in, bytes without escapes and with one-byte line ends out, and which of these ends are none that count."""

    def __init__(self) -> None:
        self._held = b""
        self._run = 0

    def feed(self, chunk: bytes, final: bool) -> tuple[bytes, array[int]]:
        chunk = self._held + chunk
        self._held = b""
        if not final:
            # Whole lines where possible: neither an escape sequence nor \r\n is then seen in halves.
            at = chunk.rfind(b"\n") + 1
            if len(chunk) - at > LONGEST:
                at = len(chunk) - chunk[-1:].count(b"\r")
            self._held, chunk = chunk[at:], chunk[:at]
        chunk = strip_escapes(chunk)
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r\n", b"\n")
        soft = array("q")
        at = chunk.find(b"\r")
        while at >= 0:
            soft.append(at)
            at = chunk.find(b"\r", at + 1)
        if soft:
            chunk = chunk.replace(b"\r", b"\n")
        return self._cut(chunk, soft)

    def _cut(self, chunk: bytes, soft: array[int]) -> tuple[bytes, array[int]]:
        """Break lines longer than LONGEST by line ends that do not count. Looks at one byte in LONGEST."""
        cuts: list[int] = []
        at, room = 0, LONGEST - self._run
        while len(chunk) - at > room:
            end = chunk.rfind(b"\n", at, at + room)
            at = end + 1 if end >= 0 else at + room
            if end < 0:
                cuts.append(at)
            room = LONGEST
        last = max(chunk.rfind(b"\n") + 1, cuts[-1] if cuts else 0)
        self._run = len(chunk) - last if last else self._run + len(chunk)
        if not cuts:
            return chunk, soft
        parts = [chunk[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(chunk)], strict=True)]
        moved = array("q", (cut + count for count, cut in enumerate(cuts)))
        moved.extend(position + bisect_left(cuts, position + 1) for position in soft)
        return b"\n".join(parts), array("q", sorted(moved))


def utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """UTF-16 with or without a byte order mark as UTF-8; anything else as it is."""
    source = iter(chunks)
    head = b""
    while len(head) < _TOLD_BY and (chunk := next(source, None)) is not None:
        head += chunk
    encoding = _utf16(head[:_TOLD_BY])
    if encoding is None:
        yield head
        yield from source
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chain((head,), source):
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _utf16(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and head.count(0) > len(head) // 4:
        return "utf-16"
    if len(head) >= 16:
        if head[1::2].count(0) > len(head) * 0.4 and not head[::2].count(0):
            return "utf-16-le"
        if head[::2].count(0) > len(head) * 0.4 and not head[1::2].count(0):
            return "utf-16-be"
    return None


def windows(chunks: Iterable[bytes]) -> Iterator[Window]:
    """Windows over `chunks` (pieces of any size). Each byte is in the fresh part of exactly one window."""
    lines = _Lines()
    data = b""
    soft = array("q")
    offset = fresh = 0
    first = 1
    pending: list[bytes] = []
    size = 0
    source = utf8(chunks)
    while True:
        chunk = next(source, None)
        final = chunk is None
        for piece in _pieces(chunk or b""):
            pending.append(piece)
            size += len(piece)
        if not final and size < FRESH:
            continue
        added, more = lines.feed(b"".join(pending), final)
        pending, size = [], 0
        soft.extend(position + len(data) for position in more)
        data += added
        stop = len(data) if final else max(fresh, data.rfind(b"\n", 0, max(0, len(data) - AHEAD)) + 1)
        window = Window(data, soft, offset, fresh, stop, first, final)
        if stop > fresh or final:
            yield window
        if final:
            return
        keep = data.rfind(b"\n", 0, max(0, stop - BACK)) + 1
        first = window.number(keep)
        soft = array("q", (position - keep for position in soft[bisect_left(soft, keep) :]))
        data = data[keep:]
        offset += keep
        fresh = stop - keep


def _pieces(chunk: bytes) -> Iterator[bytes]:
    if len(chunk) <= FRESH:
        yield chunk
        return
    for start in range(0, len(chunk), FRESH):
        yield chunk[start : start + FRESH]
