"""Foreign text made safe to show: in a terminal, an editor, a log line or a model's context."""

import re

# ECMA-48 control sequences and strings, in their 7-bit and 8-bit forms, whole, so that their parameters go with them.
# Bounded: an unterminated string must not swallow the rest of a log. All begin with one set of characters, which `re`
# then looks for ten times faster than for three alternatives.
_ESCAPE = re.compile(
    r"[\x1b\x90\x98\x9b\x9d-\x9f](?:"
    r"(?:(?<=\x1b)\[|(?<=\x9b))[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|(?:(?<=\x1b)[\]PX^_]|(?<=[\x9d\x90\x98\x9e\x9f]))[^\x07\x1b\x9c\n]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|(?<=\x1b)[ -/]{0,8}[0-~])"
)
# What is left of control characters, and the marks that reorder text: a line must read as it is (CVE-2021-42574).
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without escape sequences, control characters (but tab and newline) and lone surrogates.

    A carriage return in a line is a progress bar drawing over itself: what was drawn last is kept.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _ESCAPE.sub("", text.replace("\r\n", "\n"))
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _CONTROL.sub("", text)


PIECE = 1 << 18
LONGEST_PIECE = 1 << 20


def clean_file(data: bytes) -> str:
    """UTF-8 text of any size, cleaned. Takes seconds for 64 MB: not for the event loop.

    It is done in pieces, at line ends where there are some: one call over all of it would hold the interpreter, and
    so every other thread, for as long as it takes.
    """
    pieces = []
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + PIECE, start + LONGEST_PIECE) + 1
        if not end:
            end = min(start + LONGEST_PIECE, len(data))
            while end < len(data) and end > start + 1 and data[end] & 0xC0 == 0x80:  # inside a character
                end -= 1
        pieces.append(clean(data[start:end].decode("utf-8", "replace")))
        start = end
    return "".join(pieces)


def one_line(text: str, limit: int = 200) -> str:
    """`text` cleaned and folded onto one line of at most `limit` characters, with `…` where it was cut."""
    # Folding is linear in what is kept, not in what came: a message can be megabytes.
    folded = " ".join(clean(text[: 8 * limit]).split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"
