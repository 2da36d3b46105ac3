"""A file on a line of its own, its findings indented below: eslint's stylish format and the many that copy it.

    /home/runner/work/app/app/src/index.js
      1:10  error  'x' is defined but never used  no-unused-vars

Also eslint's compact and unix formats, standard, stylelint, markdownlint, yamllint, textlint, alex, spectral.
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.model.problem import Severity

_WORDS = r"(?P<sev>error|warning|warn|info|information|hint|suggestion|Error|Warning|Info|✖|⚠|×|‼|ℹ|✘)"
_ITEM = re.compile(r"\s*(?:[✖⚠×‼ℹ]\s+)?\d+(?::\d+)?(?:-\d+:\d+)?\s+\S")
_CODE = re.compile(r"\s{2,}\(?(?P<code>@?[A-Za-z][\w@/.:-]*[\w])\)?(?:\s+[\w-]+)?$")
_TAIL = re.compile(r"\s+(?:\((?P<paren>[a-z][\w/@.-]+)\)|\[(?P<bracket>[a-z][\w/@.-]+)\])$")
_SYMBOLS = {
    "✖": Severity.ERROR,
    "×": Severity.ERROR,
    "✘": Severity.ERROR,
    "⚠": Severity.WARNING,
    "‼": Severity.WARNING,
    "ℹ": Severity.INFO,
}


def header_above(here: Here, limit: int = 400) -> str | None:
    """The nearest line above that is nothing but a file's path. Findings, frames and blank lines lie between."""
    for text, _ in here.above(limit):
        stripped = text.strip()
        if not stripped:
            continue
        candidate = re.sub(r"^(?:[●>*]|File:|FILE:|In file:?)\s+|:$|\s+\(\d+\)$| \[\d+ \w+\]$", "", stripped)
        if (
            plausible(tidy(candidate))
            and not _ITEM.match(text)
            and " " not in candidate.strip("\"'")
            and not re.search(r"[:(]\d+", candidate)
        ):
            return candidate
        if (
            not _ITEM.match(text)
            and not text.startswith((" ", "\t"))
            and here.level == ""
            and not re.match(r"[│|✖⚠]", stripped)
        ):
            return None
    return None


def _item(match: re.Match[str], here: Here) -> Found | None:
    path = header_above(here)
    if path is None:
        return None
    message = match["msg"].rstrip()
    code = None
    if tail := _CODE.search(message) or _TAIL.search(message):
        groups = tail.groupdict()
        code = groups.get("code") or groups.get("paren") or groups.get("bracket")
        message = message[: tail.start()].rstrip()
    word = match["sev"]
    found = here.found(
        message, path, match["line"], column=match["col"], severity=_SYMBOLS.get(word) or severity_of(word), code=code
    )
    found.tool = _tool(path, code)
    return found


def _tool(path: str, code: str | None) -> str:
    lower = path.lower()
    if lower.endswith((".css", ".scss", ".sass", ".less", ".pcss")):
        return "stylelint"
    if lower.endswith((".yml", ".yaml")) and code and not code.startswith("@"):
        return "yamllint"
    if lower.endswith((".md", ".mdx", ".markdown")) and code and not code.startswith(("@", "no-undef")):
        return "markdownlint" if re.match(r"MD\d", code) else "remark"
    return "eslint"


FAMILY = Family(
    name="eslint",
    about="findings listed under their file",
    names=("stylelint", "standard", "yamllint", "markdownlint", "remark", "textlint", "spectral"),
    rules=(
        Rule(
            ("error", "warning", "warn", "info", "hint", "Error", "Warning", "✖", "⚠", "×", "‼", "ℹ", "suggestion"),
            r"\s*(?P<line>\d+)(?::(?P<col>\d+))?(?:-\d+:\d+)?\s+"
            + _WORDS
            + r":?\s+(?!and \d|detected\b|found\b|reported\b)(?P<msg>\S.*)$",
            _item,
            scan=r"[0-9] +(?:error|warn|info|hint|Error|Warn|suggestion|\xc3\x97|\xe2\x9c|\xe2\x9a|\xe2\x80\xbc|\xe2\x84\xb9)",
        ),
        Rule(
            ", col ",
            r"(?P<path>\S.*?): line (?P<line>\d+), col (?P<col>\d+), (?P<sev>Error|Warning|error|warning|\w+) - (?P<msg>.*?)(?:\.? \((?P<code>[\w@/.-]+)\))?$",
        ),
        Rule(
            ("[Error/", "[Warning/", "[Error]", "[Warning]"),
            r"(?P<path>\S.*?):(?P<line>\d+):(?P<col>\d+): (?P<msg>.*?) \[(?P<sev>Error|Warning)(?:/(?P<code>[^\]]+))?\]$",
        ),
        Rule(
            ":",
            r"\s{2,}(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*\.(?:[cm]?[jt]sx?|vue|svelte)):(?P<line>\d+):(?P<col>\d+): (?P<msg>.+?)(?: \((?P<code>[\w@/-]+)\))?(?: \((?P<sev>warning)\))?$",
            tool="standard",
            scan=r"[jt]sx?:[0-9]+:[0-9]+: ",
        ),
    ),
    samples=(
        sample(
            """
/home/runner/work/app/app/src/index.js
   1:10  error    'x' is defined but never used            no-unused-vars
  22:5   warning  Unexpected console statement             no-console
  30:1   error    Parsing error: Unexpected token }

✖ 3 problems (2 errors, 1 warning)
""",
            "src/index.js:1:10 error no-unused-vars",
            "src/index.js:22:5 warning no-console",
            "src/index.js:30:1 error",
            title="stylish",
        ),
        sample(
            "src/a.js: line 3, col 10, Error - 'y' is not defined. (no-undef)",
            "src/a.js:3:10 error no-undef",
            title="compact",
        ),
        sample("src/a.js:3:10: 'y' is not defined. [Error/no-undef]", "src/a.js:3:10 error no-undef", title="unix"),
        sample(
            """
src/main.css
 2:3   ✖  Unexpected unknown property "colr"  property-no-unknown
 9:1   ⚠  Expected empty line before rule     rule-empty-line-before
""",
            "src/main.css:2:3 error property-no-unknown",
            "src/main.css:9:1 warning rule-empty-line-before",
        ),
        sample(
            """
.github/workflows/ci.yml
  1:1       warning  missing document start "---"  (document-start)
  12:81     error    line too long (98 > 80 characters)  (line-length)
""",
            ".github/workflows/ci.yml:1:1 warning document-start",
            ".github/workflows/ci.yml:12:81 error line-length",
        ),
        sample(
            "standard: Use JavaScript Standard Style\n  /w/app/index.js:1:5: 'a' is assigned a value but never used. (no-unused-vars)",
            "/w/app/index.js:1:5 error no-unused-vars",
        ),
    ),
)
