"""ruff check (concise, full, grouped, GitHub) and ruff format; ty shares the full layout."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_CODE = r"(?P<code>[A-Z]{1,4}\d{3,4}|invalid-syntax|unformatted)"


def _full(match: re.Match[str], here: Here) -> Found | None:
    """`F401 [*] message`, then ` --> path:1:2` on the next line."""
    for text, line in here.below(2):
        if arrow := re.match(r"\s*-->\s(?P<path>.+?):(?P<line>\d+):(?P<col>\d+)$", text):
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
            ("[*] ", " SyntaxError: ", ": invalid-syntax"),
            r"(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*?):(?:cell \d+:)?(?P<line>\d+):(?P<col>\d+): (?:(?P<code>[A-Z]{1,4}\d{2,4}|invalid-syntax):? )?(?:\[\*\] )?(?P<msg>.+)",
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
