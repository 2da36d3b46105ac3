"""The base protocol's frames, sans I/O: bytes in, bodies out, garbage reported and stepped over.

Source: Language Server Protocol 3.17, "Base Protocol": header fields ended by CRLF, an empty line, then
`Content-Length` bytes. A lone LF is accepted as a line's end too.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

LARGEST_HEADER = 8192
LARGEST_BODY = 256 * 1024 * 1024

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,12})[ \t]*\r?$")
_HEADER_START = b"content-length: "
_NEXT_FRAME = re.compile(rb"(?i)content-length:[ \t]*\d")


class Malformed(NamedTuple):
    """Bytes that are no frame, and that were skipped."""

    reason: str


class Frames:
    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes | Malformed]:
        """Every frame that is complete now."""
        self._buffer += data
        while True:
            if self._length is None:
                try:
                    if not self._read_header():
                        return
                except ValueError as error:
                    skipped = self._resynchronise()
                    yield Malformed(str(error))
                    if not skipped:
                        return
                    continue
            length = self._length or 0
            if len(self._buffer) < length:
                return
            body = bytes(memoryview(self._buffer)[:length])
            del self._buffer[:length]
            self._length = None
            yield body

    def reject(self, body: bytes) -> None:
        """`body` was no JSON: its length was wrong. Frames that began inside it are read again."""
        inside = _NEXT_FRAME.search(body)
        rest = body[inside.start() :] if inside else b""
        self._buffer[:0] = rest
        if not rest and not _NEXT_FRAME.match(self._buffer):
            self._resynchronise()

    def _read_header(self) -> bool:
        """Whether a whole header was there. ValueError: what is there is no header."""
        end = _HEADER_END.search(self._buffer, 0, LARGEST_HEADER)
        if end is None:
            if len(self._buffer) >= LARGEST_HEADER:
                raise ValueError(f"no end of header within {LARGEST_HEADER} bytes")
            return False
        found = _LENGTH.search(self._buffer, 0, end.start() + 1)
        if found is None:
            raise ValueError("a header without a valid Content-Length")
        length = int(found[1])
        if length > LARGEST_BODY:
            raise ValueError(f"Content-Length {length} is over the limit of {LARGEST_BODY} bytes")
        del self._buffer[: end.end()]
        self._length = length
        return True

    def _resynchronise(self) -> bool:
        """Step to the next thing that looks like a header; False: none is there yet."""
        found = _NEXT_FRAME.search(self._buffer, 1)
        del self._buffer[: found.start() if found else len(self._buffer) - self._unfinished()]
        return found is not None

    def _unfinished(self) -> int:
        """How many bytes at the end may be the start of a header that has not wholly arrived."""
        end = bytes(self._buffer[1:][-len(_HEADER_START) :]).lower()
        return next((size for size in range(len(end), 0, -1) if _HEADER_START.startswith(end[-size:])), 0)
