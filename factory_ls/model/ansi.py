"""The colours of a log beside its clean text: escape sequences go, what they said of the text stays.

Shapes: ECMA-48 "SGR" (`ESC [ … m`) as terminals read it, and the workflow commands of GitHub Actions that the log page
of GitHub shows in colour (`##[error]` and the like).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from factory_ls.model.text import clean

COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
MOST_STYLES = 20_000

_SGR = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]{0,64})m")
_COMMAND = re.compile(r"(?:\d{4}-\d\d-\d\dT[\d:.]+Z )?(##\[(error|warning|notice|debug|command|group|section)\])")
_COMMAND_STYLE = {
    "error": "red",
    "warning": "yellow",
    "notice": "cyan",
    "debug": "magenta",
    "command": "blue",
    "group": "bold",
    "section": "bold green",
}
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 9: "strike"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 29: ("strike",)}


class Style(NamedTuple):
    """`line` 0-based; `start` and `end` in UTF-16 units; `look`: words such as `bold`, `red`, `brightRed`, `#ff8700`,
    `on-blue`."""

    line: int
    start: int
    end: int
    look: str


def styles(raw: str, cleaned: str) -> tuple[Style, ...]:
    """How `cleaned` (what `clean` made of `raw`) was coloured. A line that was redrawn has what was drawn last.

    Each line stands alone, as on GitHub: a colour that is not ended ends with its line.
    """
    found: list[Style] = []
    lines = raw.replace("\r\n", "\n").split("\n")
    for number, (line, shown) in enumerate(zip(lines, cleaned.split("\n"), strict=False)):
        if "m" in line and ("\x1b[" in line or "\x9b" in line):
            found.extend(Style(number, *span) for span in _spans(line, shown))
        elif "##[" in line and (command := _COMMAND.match(shown)):
            found.append(Style(number, command.start(1), _units(shown), _COMMAND_STYLE[command[2]]))
        if len(found) >= MOST_STYLES:
            break
    return tuple(found[:MOST_STYLES])


def _spans(line: str, shown: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, look) of a line's coloured parts; none where the parts do not make up what is shown."""
    look = _Look()
    parts: list[tuple[str, str]] = []
    pieces = _SGR.split(line.rstrip("\r"))  # text, parameters, text, …
    for index, piece in enumerate(pieces):
        if index % 2:
            look.change(piece)
        elif "\r" in piece:  # drawn over from the line's begin
            parts = [(clean(piece.rpartition("\r")[2]), look.words())]
        else:
            parts.append((clean(piece), look.words()))
    if "".join(text for text, _ in parts) != shown:
        return
    at = 0
    for text, words in parts:
        end = at + _units(text)
        if words and end > at:
            yield at, end, words
        at = end


class _Look:
    """What is switched on at a point of a line."""

    def __init__(self) -> None:
        self._modes: frozenset[str] = frozenset()
        self._front = self._back = ""

    def words(self) -> str:
        front = self._front or ("default" if self._back else "")
        return " ".join(word for word in (*sorted(self._modes), front, self._back and f"on-{self._back}") if word)

    def change(self, parameters: str) -> None:
        codes = [int(code or 0) for code in re.split("[;:]", parameters)]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self._modes, self._front, self._back = frozenset(), "", ""
            elif code in _ON:
                self._modes |= {_ON[code]}
            elif code in _OFF:
                self._modes -= set(_OFF[code])
            elif code in (38, 48):
                colour = _extended(codes)
                if code == 38:
                    self._front = colour
                else:
                    self._back = colour
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self._front = _basic(code)
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self._back = _basic(code - 10)
            elif code == 39:
                self._front = ""
            elif code == 49:
                self._back = ""


def _basic(code: int) -> str:
    return COLOURS[code - 30] if code < 90 else "bright" + COLOURS[code - 90].capitalize()


def _extended(codes: list[int]) -> str:
    """Takes what follows 38 or 48: `5;N` of 256 colours, `2;R;G;B`."""
    kind = codes.pop(0) if codes else 0
    if kind == 2 and len(codes) >= 3:
        red, green, blue = (min(255, codes.pop(0)) for _ in range(3))
        return f"#{red:02x}{green:02x}{blue:02x}"
    if kind != 5 or not codes:
        return ""
    number = min(255, codes.pop(0))
    if number < 16:
        return _basic(number + 30 if number < 8 else number + 82)
    if number >= 232:
        return f"#{8 + 10 * (number - 232):02x}" + f"{8 + 10 * (number - 232):02x}" * 2
    cube = [0 if step == 0 else 55 + 40 * step for step in _cube(number - 16)]
    return "#" + "".join(f"{part:02x}" for part in cube)


def _cube(number: int) -> tuple[int, int, int]:
    return number // 36, number // 6 % 6, number % 6


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
