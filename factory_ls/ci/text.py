"""One line of a log: from bytes as the runner wrote them to the text the tool printed.

GitHub puts a job, a step and a time in front (`gh run view`: `job⇥step⇥time text`; raw log: `time text`), runners and
build tools put colours, markers and prefixes around. All of it is taken off here, so that a matcher sees what a
person would see in a terminal.
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

MAX_LINE = 2048
"""Bytes of a line that matchers look at. The longest real diagnostics seen are about 2,000 long; patterns that look
for a place anywhere in a line take time that grows with its square."""

_HEAD = re.compile(
    r"(?:#=\w+=# )?\ufeff?"
    r"(?:(?P<job>[^\t\n]*)\t(?P<step>[^\t\n]*)\t|(?P<named>[^\t\n|]{1,160}?)\s*(?:\||\t)\s*(?=\d{4}-\d\d-\d\dT))?"
    r"(?:#=\w+=# )?\ufeff*"
    r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)(?: \d\d[OE][ +]?| |(?=\t)|$))"
)
# The quick way to the same, and what a line begins with where there is anything to take off.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (?!\d\d[OE])")
_COLUMN = re.compile(r"\d\d[OE]")
_COLUMNS = re.compile(r"([^\t\ufeff]+)\t([^\t\ufeff]*)\t\ufeff?")
_STAMPED_AT = re.compile(rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_HEADED = frozenset("\ufeff#0123456789")
# [2024-01-02T03:04:05.678Z] (Jenkins), 2024-01-02 03:04:05.678 (others), [03:04:05] (TeamCity, gulp),
# #19 22.32 (BuildKit), web_1  | (compose) are told apart from text by what follows the number.
_STAMP = re.compile(
    r"\[[^\]\n]{1,120}\] {1,5}\| ?"  # act: [workflow/job]   | text
    r"|\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\] ?"
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?: (?! *\[?(?:INFO|DEBUG|WARN|ERROR|TRACE)| *[-|])|$)"
    r"|\[\d\d:\d\d:\d\d(?:[.,]\d+)?\] ?(?:: ?)?"
    r"|\d\d:\d\d:\d\d [\w.-]{1,40} *\| ?"  # foreman
    r"|\(\d\d:\d\d:\d\d(?:\.\d+)?\)(?: |$)"  # bazel
    r"|[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d(?: |$)(?:\d\d:\d\d:\d\d\.\d{3} )?"  # ts
    r"|\d\d:\d\d:\d\d\.\d{3} (?:\| ?)?(?=\S|$)"
    r"|#\d+ (?:\[[^\]]*\] )?\d+\.\d+(?: |$)"
)
_STAMPED = frozenset("[(#0123456789JFMASOND")
# The runner prints a step's script in this colour. It stays in front of the line, as the mark by which scripts are not
# read as output.
ECHOES = (b"\x1b[36;1m", b"^[[36;1m")
_ECHOES = ("\x1b[36;1m", "^[[36;1m")
# CSI and OSC sequences, the two characters ^[ that some exporters write instead of ESC, the sign for ESC, and JSON's
# way to write it. Each pattern starts with a literal, which is what makes `re` fast; whether there is any is told by
# one or two bytes that are rare, which is faster still.
_ESCAPES = (
    (
        b"\x1b",
        re.compile(
            rb"\x1b(?!\[36;1m)(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[()][A-Z0-9]|[=>78cDEHM])"
        ),
    ),
    (b"^[", re.compile(rb"\^\[(?!\[36;1m)(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*\^G|\([A-Z0-9])")),
    (b"\x9b", re.compile(rb"\xe2\x90\x9b\[[0-?]*[ -/]*[@-~]")),
    (b"1b[", re.compile(rb"\\u001b\[[0-9;]*[A-Za-z]")),
)
# Colour codes whose ESC was lost on the way.
_LOST = re.compile(r"\[(?:\d{1,3};)*\d{1,3}m(?!s?\])|\[0?K(?![\w\]])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")
# The 8-bit control characters, and the marks that reorder text (CVE-2021-42574): taken off last, for what was read as a
# wrong code page is full of the former.
_UNSEEN = re.compile(r"[\x80-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LEVEL = re.compile(r"##\[(?P<level>[a-z]+)\]")
_INDENTED = re.compile(r" +##\[(?P<level>error|warning)\]")
_MARKS = "❯✓×✖✗✘●•›»→▶│┃└├┌╭╰─⎯↳✔⨯⚠…‘’“”"
_MOJIBAKE_LEAD = re.compile("[âÔÃΓƒ]")


def _mojibake() -> list[tuple[str, str]]:
    table = {}
    for mark in _MARKS:
        for encoding in ("cp1252", "latin-1", "cp437", "cp850"):
            wrong = mark.encode().decode(encoding, "replace")
            if "\ufffd" not in wrong and len(wrong) > 1:
                table[wrong] = mark
    return sorted(table.items(), key=lambda item: -len(item[0]))


_table: list[tuple[str, str]] = []


def _repair(text: str) -> str:
    """Undo UTF-8 that was read as a Windows or DOS code page, for the marks that test runners print."""
    if not _table:
        _table.extend(_mojibake())
    for wrong, right in _table:
        text = text.replace(wrong, right)
    return text


def strip_escapes(data: bytes) -> bytes:
    """`data` without terminal escape sequences other than `ECHOES`."""
    for rare, pattern in _ESCAPES:
        if rare in data:
            data = pattern.sub(b"", data)
    return data


class Clean:
    """A cleaned line. `level` is the workflow command it was wrapped in (`##[error]` → "error"), or ""."""

    __slots__ = ("head", "job", "level", "step", "text")

    def __init__(self, text: str, level: str, job: str | None, step: str | None, head: str) -> None:
        self.text = text
        self.level = level
        self.job = job
        self.step = step
        self.head = head


def stamped(text: bytes) -> bool:
    return _STAMPED_AT.match(text) is not None


def continued(raw: bytes, columns: bytes) -> Clean:
    """A line whose columns, job and step, have no time behind them."""
    told = clean(raw[len(columns) :])
    head = columns.decode("utf-8", "replace")
    job, step = (_UNSEEN.sub("", _CONTROL.sub("", name)) for name in head.split("\t")[:2])
    return Clean(told.text, told.level, job, step, head)


def clean(raw: bytes) -> Clean:
    """`raw` is one line without its line end. Invalid UTF-8 becomes U+FFFD."""
    text = raw[:MAX_LINE].decode("utf-8", "replace")
    job = step = None
    head = ""
    if text[27:29] == "Z " and text[10:11] == "T" and text[:4].isdigit() and not _COLUMN.match(text, 29):
        head, text = text[:29], text[29:]  # what most lines begin with
    elif (columns := _COLUMNS.match(text)) and (matched := _TIME.match(text, columns.end())):
        job, step = columns[1], columns[2]
        head = text[: matched.end()]
        text = text[matched.end() :]
    elif ("\t" in text or "|" in text or text[:1] in _HEADED) and (matched := _HEAD.match(text)):
        job, step = matched["job"] or matched["named"], matched["step"]
        head = matched[0]
        text = text[matched.end() :]
    if job is not None and not f"{job}{step}".isprintable():
        job, step = (_UNSEEN.sub("", _CONTROL.sub("", name or "")) for name in (job, step))
    level = ""
    if "[36;1m" in text:
        level = "echo" if text.startswith(_ECHOES) else ""
        for colour in _ECHOES:
            text = text.replace(colour, "")
    if "[" in text and "m" in text:
        text = _LOST.sub("", text)
    # Most lines are plain text: one look tells that there is nothing to take off.
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    text = text.rstrip()
    if "##[" in text and (matched := _LEVEL.match(text) or _INDENTED.match(text)):
        level = matched["level"]
        text = text[matched.end() :]
    elif text[:1] in _STAMPED and (stamped := _STAMP.match(text)):
        text = text[stamped.end() :]
    if not text.isascii():
        if "‹" in text and text.count("‹") == text.count("›") == 1:
            text = text.replace("‹", "").replace("›", "")
        if _MOJIBAKE_LEAD.search(text):
            text = _repair(text)
        text = _UNSEEN.sub("", text)
    return Clean(text, level, job, step, head)
