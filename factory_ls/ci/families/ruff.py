"""ruff check (concise, full, grouped, GitHub) and ruff format; ty shares the full layout."""

# ruff: noqa: E501, RUF001, RUF002 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_CODE = r"(?P<code>[A-Z]{1,4}\d{3,4}|invalid-syntax|unformatted)"
_CELL = r"(?::cell \d+)?"  # of a notebook


def _full(match: re.Match[str], here: Here) -> Found | None:
    """`F401 [*] message`, then ` --> path:1:2` on the next line."""
    for text, line in here.below(2):
        if arrow := re.match(r"\s*-->\s(?P<path>.+?)" + _CELL + r":(?P<line>\d+):(?P<col>\d+)$", text):
            here.claim(line)
            return here.found(
                match["msg"],
                arrow["path"],
                arrow["line"],
                column=arrow["col"],
                code=match["code"],
                last=here.paragraph(),
            )
    return None


def _grouped(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(200):
        if header := re.match(r"(\S+\.(?:pyi?|ipynb)):$", text):
            return here.found(match["msg"], header[1], match["line"], column=match["col"], code=match["code"])
        if not re.match(r"\s+\d+:\d+ ", text):
            return None
    return None


def _fixed(match: re.Match[str], here: Here) -> Found | None:
    """`Fixed 1 error:`, `- a.py:`, `    1 × F401 (unused-import)`."""
    for text, _ in here.above(50):
        if header := re.match(r"- (\S+\.(?:pyi?|ipynb)):$", text):
            found = here.found(f"Fixed: {match['msg']}", header[1], code=match["code"])
            found.gates = True
            found.severity = Severity.WARNING
            return found
        if not re.match(r"\s+\d+ × ", text):
            return None
    return None


def _unformatted(_: re.Match[str], here: Here) -> list[Found]:
    """`ruff format --diff` names its files in the differences only."""
    found = []
    for text, line in here.above(4000):
        if re.match(r"(?:W|w)ould reformat[: ]", text):
            return []
        if header := re.match(r"--- (?P<path>[^\t]+?)(?::cell \d+)?(?:\t.*)?$", text):
            found.append(here.found(f"Not formatted: {header['path']}", header["path"], code="format", at=line))
    return found[::-1]


FAMILY = Family(
    name="ruff",
    about="lint, format",
    rules=(
        Rule(
            (" [*] ", "invalid-syntax:", " "),
            r"" + _CODE + r":? (?:\[[*-]\] )?(?P<msg>.+)$",
            _full,
            scan=r"(?m:^|[ \t])[A-Z]{1,4}[0-9]{3,4} |invalid-syntax|unformatted: ",
        ),
        Rule("Would reformat: ", r"Would reformat: (?P<path>\S.*)$", code="format"),
        Rule(
            ("[*] ", " SyntaxError: ", "] SyntaxError: ", ": invalid-syntax"),
            r"(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*?)"
            + _CELL
            + r":(?P<line>\d+):(?P<col>\d+): (?!E999)(?:(?P<code>[A-Z]{1,4}\d{2,4}|[a-z]+(?:-[a-z0-9]+)+|assert):? )?(?:\[\*\] )?(?P<msg>.+)",
        ),
        # Rules by their names, as the preview prints them.
        Rule(
            ("-",),
            r"(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*?\.(?:pyi?|ipynb))"
            + _CELL
            + r":(?P<line>\d+):(?P<col>\d+): (?P<code>[a-z]+(?:-[a-z0-9]+)+): (?P<msg>.+)",
            scan=r"\.(?:pyi?|ipynb)(?::cell [0-9]+)?:[0-9]+:[0-9]+: [a-z0-9]+-[a-z0-9-]+: ",
        ),
        Rule(
            "[invalid-syntax] ",
            r"(?P<path>\S+\.(?:pyi?|ipynb)):(?P<line>\d+): \[(?P<code>invalid-syntax)\] (?P<msg>.+)",
        ),
        Rule(
            " × ", r"\s+\d+ × (?P<code>[A-Z]+\d+) \((?P<msg>[\w-]+)\)$", _fixed, scan=r"[0-9] \xc3\x97 [A-Z]+[0-9]+ \("
        ),
        Rule(
            ("would be reformatted", "file reformatted, ", "files reformatted, "),
            r"\d+ files? would be reformatted",
            _unformatted,
        ),
        Rule(
            "error: Failed to parse ",
            r"error: Failed to (?:parse|format) (?P<path>[^\s:]+):(?:(?P<line>\d+):(?P<col>\d+): ?)?(?P<msg>.*)",
        ),
        Rule(
            (" F", " E", " W", " I", " D", " S", " C", " UP", " B"),
            r"\s+(?P<line>\d+):(?P<col>\d+)\s+" + _CODE + r"\s+(?:\[\*\] )?(?P<msg>.+)$",
            _grouped,
            scan=r"[0-9]+:[0-9]+ +[A-Z]{1,4}[0-9]{3,4} ",
        ),
    ),
    samples=(
        sample(
            """
src/app.py:1:8: F401 [*] `os` imported but unused
Found 1 error.
[*] 1 fixable with the `--fix` option.
""",
            "src/app.py:1:8 error F401",
            title="concise",
        ),
        sample(
            "a.py:4:5: unused-variable: Local variable `x` is assigned to but never used\nnb.ipynb:cell 1:1:8: unused-import: [*] `os` imported but unused",
            "a.py:4:5 error unused-variable",
            "nb.ipynb:1:8 error unused-import",
            title="concise, with rule names",
        ),
        sample(
            "--- a.py\n+++ a.py\n@@ -1 +1 @@\n-x = {  'a':1 }\n+x = {\"a\": 1}\n\n1 file would be reformatted, 2 files already formatted",
            "a.py error format",
            title="format --diff",
        ),
        sample(
            """
F401 [*] `os` imported but unused
 --> src/app.py:1:8
  |
1 | import os
  |        ^^
  |
help: Remove unused import: `os`

Found 1 error.
""",
            "src/app.py:1:8 error F401",
            title="full",
        ),
        sample(
            "Would reformat: src/app.py\n1 file would be reformatted, 3 files already formatted",
            "src/app.py error",
            title="format",
        ),
        sample("error: Failed to parse src/app.py:3:5: Expected an expression", "src/app.py:3:5 error"),
    ),
)
