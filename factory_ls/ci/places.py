"""Finding a place - a file, a line, perhaps a column - in a line of unknown shape.

Tools write a place in about ten ways. Each way is one pattern here; what stands before and after it tells whether the
line is a diagnostic, and that is `families.generic`'s to decide.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re
from typing import NamedTuple

from factory_ls.ci.paths import plausible, tidy

# Folders of routes are named `(group)` and `[parameter]`; otherwise a bracket ends a path.
_CHARACTER = r"[^\s:\"'`<>|*?(){},;=!\[\]]"
_ROUTE = r"(?:\((?:[\w@-][\w.@-]*\)(?=/)|\.{1,3}\))|\[{1,2}[\w.-]+\]{1,2}(?=[/.]))"
_PATH = rf"(?P<path>(?:(?:[A-Za-z]:[\\/]+|file:/+(?:[A-Za-z]:)?|\\\\){_CHARACTER}*|{_CHARACTER}+)(?:{_ROUTE}{_CHARACTER}*)*)"
_BOUND = r"(?<![\w./\\-])"
_LINE = r"(?P<line>\d{1,8})"
_COL = r"(?P<col>\d{1,6})"
_COLUMN = r"(?:col(?:umn)?s?|pos(?:ition)?|char(?:acter)?s?)\.?:?\s*"

# (name, what the line must hold, pattern), in the order they are tried; the one that starts first in the line wins.
# What a line must hold is quick to look for, and rules most ways out.
_WAYS = tuple(
    (name, re.compile(needed).search, re.compile(pattern))
    for name, needed, pattern in (
        # "a.c", line 3.5:  File "a.ml", lines 5-8, characters 2-9:  "a.adb", line 2(11):  "a.c",3
        (
            "quoted",
            r"[\"'`][,:]?\s*(?:(?:at |on )?[Ll]ine)?s?:? ?\d",
            r"(?:\b[Ff]ile\s+)?[\"'`](?P<path>[^\"'`\n]{1,300})[\"'`][,:]?\s*(?:(?:at |on )?lines?:? ?)?"
            + _LINE
            + r"(?:-\d+)?"
            r"(?:\.(?P<col>\d{1,6})|\((?P<col2>\d{1,6})\)|[,:; ]+"
            + _COLUMN
            + r"(?P<col3>\d{1,6})(?:-(?P<ecol>\d+))?|:(?P<col4>\d{1,6}))?(?:-\d+[.:]\d+)?",
        ),
        # a.c:3  a.c:3:5  a.c:3.5-9  a.c:3:5-4:9
        (
            "colon",
            r":\d",
            _BOUND
            + _PATH
            + r":"
            + _LINE
            + r"(?:[:.,]"
            + _COL
            + r")?(?:-(?:(?P<eline>\d{1,8})[:.])?(?P<ecol>\d{1,6}))?(?![\w/\\])(?!\.\d)",
        ),
        # a.c(3)  a.c(3,5)  a.c(3:5)  a.c (3, 5)  a.c(3,5,4,9)  a.c(3,5-9)  a.c[3, 5]  A.java:[3,5]
        (
            "bracket",
            r"[(\[]L?\d",
            _BOUND
            + _PATH
            + r"(?: ?:? ?\(|:?\[L?)"
            + _LINE
            + r"(?:[,:.]\s?"
            + _COL
            + r")?(?:[,-](?P<eline>\d{1,8})?,?(?P<ecol>\d{1,6})| -- \d{1,8})?[)\]]",
        ),
        # a.sh: line 3:  a.c, line 3:  a.js: line 3, col 5,  a.php on line 9  a.pl line 3.
        (
            "worded",
            r"[Ll]ine",
            _BOUND
            + _PATH
            + r"(?::|,)?\s+\(?(?:on |at )?[Ll]ine:?\s*#?"
            + _LINE
            + r"(?:,?\s*(?:and )?"
            + _COLUMN
            + _COL
            + r")?\)?",
        ),
        # line 3 of a.f  line 41, column 10 in file a.hpp  line 10 file a.f
        (
            "of",
            r"[Ll]ine",
            r"\b[Ll]ine:?\s*#?"
            + _LINE
            + r"(?:,?\s*"
            + _COLUMN
            + _COL
            + r")?,?\s+(?:(?:of|in|at)\s+)?(?:the\s+)?(?:file:?\s+)?[\"'`]?"
            + _PATH
            + r"[\"'`]?",
        ),
        # a.sh: 3: (dash, old C compilers)
        ("spaced", r":\s\d", _BOUND + _PATH + r":\s" + _LINE + r"(?=:)"),
        # (3:a.f90)
        ("reversed", r"\(\d+:", r"\(" + _LINE + r":" + _PATH + r"\)"),
        # a.c 3: (Borland), only behind a word for how bad it is
        ("plain", r"\s\d+:\s", r"(?:(?<=^)|(?<=\s))" + _PATH + r"\s" + _LINE + r"(?=:\s)"),
        # (a.v,3|5) (Cadence), ["a.c" 3/5] (Tasking)
        ("piped", r"\d\|", r"\((?P<path>[^\s,()|]+),(?P<line>\d{1,8})\|(?P<col>\d{1,6})\)"),
        ("slashed", r"\" \d+/", r"\[\"(?P<path>[^\"]+)\" (?P<line>\d{1,8})/(?P<col>\d{1,6})\]"),
        # a.sml 3.5-3.9. (MLton)
        (
            "dotted",
            r"\s\d+\.\d+-",
            _BOUND + _PATH + r"\s(?P<line>\d{1,8})\.(?P<col>\d{1,6})-(?P<eline>\d{1,8})\.(?P<ecol>\d{1,6})",
        ),
        # a.c  3  Warning 529: (PC-lint)
        ("table", r"\s\s\d+\s\s", r"^" + _PATH + r"\s{2,}" + _LINE + r"\s{2,}(?=(?:Error|Warning|Info|Note)\b)"),
        # a.rb⇥3⇥
        ("tabbed", r"(?:\t|\s{4})\d+(?:\t|\s{4})", r"^" + _PATH + r"(?:\t|\s{4,})" + _LINE + r"(?:\t|\s{4,})"),
    )
)
_MORE = re.compile(
    r"\s*:?\s*\(?col(?:umn)?[.:]*\s?(?P<col>\d{1,6})\)?:?|: (?P<spaced>\d{1,5})(?=: (?:error|warning))|:(?P<eline>\d{1,8}):(?P<ecol>\d{1,6})(?=:)"
)
# A folder of a user's whose name has spaces, up to its last: `/Users/me/My ` of `/Users/me/My Project/a.c`.
_SPACED_ROOT = re.compile(
    r"\s*(?:\[[\w-]{1,16}\]\s)?(?P<root>(?:[A-Za-z]:[\\/]|/(?:Users|home|Volumes|mnt|media)/)(?:[^\s:\"'<>|*?,;=()]| (?=[A-Z0-9&(-]|and |of |(?<=\band )|(?<=\bof )))* )$"
)


class Place(NamedTuple):
    """`before` and `after` are the rest of the line; `way` names how the place was written."""

    path: str
    line: int
    column: int | None
    end_line: int | None
    end_column: int | None
    before: str
    after: str
    way: str


def find_place(text: str) -> Place | None:
    """The first place in `text` whose path may be a file's."""
    best: Place | None = None
    for way, needed, pattern in _WAYS:
        if not needed(text):
            continue
        for match in pattern.finditer(text):
            if best is not None and match.start() >= len(best.before):
                break
            if not plausible(tidy(match["path"])):
                continue
            groups = match.groupdict()
            column = next((groups[name] for name in ("col", "col2", "col3", "col4") if groups.get(name)), None)
            after = text[match.end() :]
            # The column, or the end, may follow on its own: `a.c(3): col: 5 `, `a.f90(3): (col. 5) `, `a.yml:3:5:3:9:`.
            if more := _MORE.match(after):
                groups["eline"], groups["ecol"] = more["eline"], more["ecol"]
                column = more["col"] or more["spaced"] or column
                after = after[more.end() :]
            # Tools that speak of characters count them from 0.
            first = int("character" in match[0])
            printed = match["path"]
            start = match.start()
            if start and (rooted := _SPACED_ROOT.match(text, 0, match.start("path"))):
                printed, start = text[rooted.start("root") : match.end("path")], rooted.start("root")
            best = Place(
                printed,
                int(match["line"]),
                int(column) + first if column else None,
                int(groups["eline"]) if groups.get("eline") else None,
                int(groups["ecol"]) if groups.get("ecol") else None,
                text[:start],
                after,
                way,
            )
            break
    return best
