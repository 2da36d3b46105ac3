"""A file on a line of its own, its findings indented below: eslint's stylish format and the many that copy it.

    /home/runner/work/app/app/src/index.js
      1:10  error  'x' is defined but never used  no-unused-vars

Also eslint's compact and unix formats, standard, stylelint, markdownlint, yamllint, textlint, alex, spectral.
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re
from typing import NamedTuple

from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.model.problem import Severity

_WORDS = r"(?P<sev>error|warning|warn|info|information|hint|suggestion|Error|Warning|Info|✖|⚠|×|‼|ℹ|✘)"
_ITEM = re.compile(r"\s*(?:[✖⚠×‼ℹ]\s+|Line )?\d+(?:[:.]\d+)?(?:-\d+:\d+)?\s+\S")
_CODE = re.compile(r"\s{2,}\(?(?P<code>@?[A-Za-z][\w@/.:-]*[\w](?:\([\w/@-]+\))?)\)?(?:\s+[\w-]+)?$")
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
    known = here.memory.get("header")
    found = _header(here, limit, known if isinstance(known, _Known) else None)
    here.memory["header"] = _Known(here.line.position, here.peel, here.level, found)
    return found


class _Known(NamedTuple):
    """What is above the line at `position`, for the next finding below it."""

    position: int
    peel: re.Pattern[str] | None
    level: str
    header: str | None


def _header(here: Here, limit: int, known: _Known | None) -> str | None:
    for text, line in here.above(limit):
        if known and known[:3] == (line.position, here.peel, here.level) and _ITEM.match(text):
            return known.header
        stripped = text.strip()
        if not stripped or _ITEM.match(text) or text.startswith(("Config file: ", " " * 24)):
            continue
        candidate = re.sub(
            r"^(?:[●>*❌✗✖✘×📄]|<\w+>|File:|FILE:|ERROR:|WARNING:|In file:?)\s+|:(?: [✗✖✘])?$|\s+\(\d+\)$| \[\d+ \w+\]$",
            "",
            stripped,
        )
        if text.startswith("  "):
            candidate = re.sub(r":\d+:\d+$", "", candidate)  # the place of its first finding
        if plausible(tidy(candidate)) and " " not in candidate.strip("\"'") and not re.search(r"[:(]\d+", candidate):
            return candidate
        if not text.startswith((" ", "\t")) and here.level == "" and not re.match(r"[│|✖⚠⛔❌✗✘]", stripped):
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


def _marked(match: re.Match[str], here: Here) -> Found | None:
    """`  ✖  3:14  message  rule` under `  a.js:3:14`: xo, tsd, eslint-formatter-pretty."""
    path = header_above(here)
    if path is None:
        return None
    tail = _CODE.search(match["msg"])
    message = match["msg"][: tail.start()] if tail else match["msg"]
    found = here.found(message.strip(), path, match["line"], column=match["col"], code=tail["code"] if tail else None)
    found.severity = _SYMBOLS[match["mark"]]
    found.tool = "tsd" if path.endswith(".test-d.ts") else _tool(path, found.code)
    return found


def _cra(match: re.Match[str], here: Here) -> Found | None:
    """`  Line 8:10:  message  rule`: react-scripts, which said before whether these are errors."""
    path = header_above(here)
    if path is None:
        return None
    tail = _CODE.search(match["msg"])
    message = match["msg"][: tail.start()] if tail else match["msg"]
    found = here.found(message.strip(), path, match["line"], column=match["col"], code=tail["code"] if tail else None)
    for text, _ in here.above(400):
        if re.match(r"\s*(?:Compiled with warnings|\[eslint\]|Failed to compile)", text) and "[eslint]" not in text:
            found.severity = Severity.WARNING if "warnings" in text else Severity.ERROR
            break
    found.tool = "eslint"
    return found


def _row(match: re.Match[str], here: Here) -> Found | None:
    """eslint's table: a path, then `║ 3 ║ 5 ║ error ║ message ║ rule ║` a finding."""
    for text, _ in here.above(400):
        if not re.match(r"[║╟╔╚╢]|\s*$", text):
            return here.found(match["msg"], text.strip(), match["line"], column=match["col"], code=match["code"], severity=severity_of(match["sev"]), tool="eslint")  # fmt: skip
    return None


def _tslint(match: re.Match[str], here: Here) -> Found | None:
    """`a.ts:1:1`, then `ERROR: 1:10  semicolon  Missing semicolon`."""
    for text, _ in here.above(400):
        if headed := re.match(r"(?P<path>\S+\.\w+):\d+:\d+$", text):
            found = here.found(match["msg"], headed["path"], match["line"], column=match["col"], code=match["code"])
            found.severity, found.tool = severity_of(match["sev"]), "tslint"
            return found
        if not re.match(r"(?:ERROR|WARNING): \d", text):
            return None
    return None


def _message(match: re.Match[str], here: Here) -> Found | None:
    """commitlint: `⧗   input: …`, then what is wrong with the message."""
    if any(text.startswith("⧗ ") for text, _ in here.above(12)):
        return here.found(match["msg"], code=match["code"], tool="commitlint")
    return None


def _friendly(match: re.Match[str], here: Here) -> Found | None:
    """eslint-formatter-friendly: `  ✘  rule`, the message, `     src/a.js:3:14`, empty lines between."""
    message, told = "", here.line
    for text, line in here.above(6):
        if headed := re.match(r"\s+(?P<mark>[⚠✘✖])\s+(?:https?://\S*/)?(?P<code>[\w@/-]+)$", text):
            found = here.located(match, message=message, code=headed["code"], severity=_SYMBOLS[headed["mark"]])
            if found:
                found.tool, found.log_line = _tool(found.path, found.code), told.number
            return found
        if text.strip() and not message:
            message, told = text.strip(), line
    return None


def _compact(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match)
    if found:
        found.tool = "deno" if "file://" in match["path"] else _tool(found.path, found.code)
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
    names=(
        "stylelint",
        "standard",
        "yamllint",
        "markdownlint",
        "remark",
        "textlint",
        "spectral",
        "xo",
        "tsd",
        "tslint",
    ),
    rules=(
        Rule(
            "║ ",
            r"║ (?P<line>\d+)\s+│ (?P<col>\d+)\s+│ (?P<sev>error|warning)\s+│ (?P<msg>.*?)\s+│ (?P<code>\S*)\s+║",
            _row,
        ),
        Rule(
            ("  ERROR  ", "  WARNING  "),
            r"\s*(?P<line>\d+):(?P<col>\d+)\s+(?P<sev>ERROR|WARNING)\s+(?:(?P<code>[\w/-]+)\s{2,})?(?P<msg>.+)",
            lambda match, here: (
                here.found(
                    match["msg"],
                    path,
                    match["line"],
                    column=match["col"],
                    code=match["code"],
                    severity=severity_of(match["sev"]),
                    tool="tslint",
                )
                if (path := header_above(here))
                else None
            ),
        ),
        Rule(
            ("error", "warning", "warn", "info", "hint", "Error", "Warning", "✖", "⚠", "×", "‼", "ℹ", "suggestion"),
            r"\s*(?P<line>\d+)(?:[:.](?P<col>\d+))?(?:-\d+:\d+)?\s+"
            + _WORDS
            + r":?\s+(?!and \d|(?:detected|found|problems?|reported)\b)(?P<msg>\S.*)$",
            _item,
            scan=r"[0-9] +(?:error|warn|info|hint|Error|Warn|suggestion|\xc3\x97|\xe2\x9c|\xe2\x9a|\xe2\x80\xbc|\xe2\x84\xb9)",
        ),
        Rule(
            ", col ",
            r"(?P<path>\S.*?): line (?P<line>\d+), col (?P<col>\d+), (?:(?P<sev>Error|Warning|error|warning|\w+) )?- (?P<msg>.*?)(?:\.? \((?P<code>[\w@/.-]+)\))?$",
            _compact,
        ),
        Rule(
            (": Warning - ", ": Error - "),
            r"(?P<path>[^\s:]+\.\w+): (?P<sev>Warning|Error) - (?P<msg>.*?)(?:\.? \((?P<code>[\w@/.-]+)\))?$",
            _compact,
        ),
        Rule(
            "<markuplint> ",
            r"<markuplint> (?P<sev>error|warning|info): (?P<msg>.*?) \((?P<code>[\w/-]+)\) (?P<path>\S+):(?P<line>\d+):(?P<col>\d+)$",
            tool="markuplint",
        ),
        Rule(
            ("  ✖  ", "  ⚠  ", "  ℹ  "),
            r"\s+(?P<mark>[✖⚠ℹ])\s+(?P<line>\d+):(?P<col>\d+)\s{2,}(?P<msg>\S.*)$",
            _marked,
        ),
        Rule(
            ("ERROR: ", "WARNING: "),
            r"(?P<sev>ERROR|WARNING): (?P<line>\d+):(?P<col>\d+)\s{2,}(?P<code>[\w-]+)\s{2,}(?P<msg>\S.*)$",
            _tslint,
        ),
        Rule("✖   ", r"✖   (?P<msg>.*) \[(?P<code>[a-z-]+)\]$", _message),
        Rule(
            " rules: ",
            r"(?P<path>\S+) (?P<msg>failed for `\S+` rules: .*)",
            tool="ls-lint",
        ),
        Rule(
            ":",
            r"\s{2,}(?P<path>\S+\.[cm]?[jt]sx?):(?P<line>\d+):(?P<col>\d+)$",
            _friendly,
            scan=r"(?m: [^ \n:]+\.[cm]?[jt]sx?:[0-9]+:[0-9]+$)",
        ),
        Rule("Line ", r"\s+Line (?P<line>\d+):(?P<col>\d+):\s+(?P<msg>\S.*)$", _cra),
        # Formats of other programs: unix, visualstudio, codeframe.
        Rule(
            (") [error]", ") [warning]"),
            r"(?P<path>\S.*?):(?P<line>\d+):(?P<col>\d+): (?P<msg>.*?) \((?P<code>[\w@/-]+)\) \[(?P<sev>error|warning)\]$",
            _compact,
        ),
        Rule(
            ("): error ", "): warning "),
            r"(?P<path>\S.*?\.(?:[cm]?[jt]sx?|vue|svelte|astro))\((?P<line>\d+),(?P<col>\d+)\): (?P<sev>error|warning) (?P<code>[@a-z][\w@/-]*)? ?: (?P<msg>.*)",
            _compact,
        ),
        Rule(
            ("error: ", "warning: "),
            r"(?P<sev>error|warning): (?P<msg>.*?)(?: \((?P<code>[\w@/-]+)\))? at (?P<path>\S+):(?P<line>\d+):(?P<col>\d+):$",
            _compact,
            scan=r"(?:error|warning): .* at [^ \n]+:[0-9]+:[0-9]+:",
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
            """
  src/cart.js:2:9
  ⚠  3:14  Expected === and instead saw ==.              eqeqeq
  ✖  2:9   unused is assigned a value but never used.   no-unused-vars
""",
            "src/cart.js:3:14 warning eqeqeq",
            "src/cart.js:2:9 error no-unused-vars",
            title="xo",
        ),
        sample(
            """
Failed to compile.

[eslint]
src/App.js
  Line 8:10:  'x' is not defined  no-undef

Search for the keywords to learn more about each error.
""",
            "src/App.js:8:10 error no-undef",
            title="react-scripts",
        ),
        sample(
            "/w/src/a.js(3,14): warning eqeqeq : Expected '==='.\nerror: Missing semicolon (semi) at src/a.js:4:40:\n/w/a.css:1:5: Unknown property (property-no-unknown) [error]",
            "/w/src/a.js:3:14 warning eqeqeq",
            "src/a.js:4:40 error semi",
            "/w/a.css:1:5 error property-no-unknown",
            title="visualstudio, codeframe, unix",
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
