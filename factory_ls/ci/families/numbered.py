"""Findings that are numbered by line below their file: `Line 12: message`, `L12: message`, tables with the number in a
column, CSV with a heading. Many are checks a repository wrote for itself.
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import csv
import re
from collections.abc import Sequence

from factory_ls.ci.families.eslint import header_above
from factory_ls.ci.families.phrases import under
from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_MOST_ROWS = 5000
# What a CSV's column holds, by its name without what is not a letter.
_COLUMNS = {
    "path": ("file", "filename", "filepath", "path", "file_path", "sourcefile"),
    "line": ("line", "linenumber", "startline", "lineno", "beginline"),
    "column": ("column", "col", "character", "columnnumber", "startcolumn", "begincolumn"),
    "message": (
        "message",
        "description",
        "reason",
        "qualifier",
        "issuetext",
        "problem",
        "warning",
        "text",
        "msg",
        "details",
        "title",
    ),
    "code": ("rule", "ruleid", "source", "code", "testid", "check", "checkid", "rulename", "name"),
}
_SEVERITIES = ("severity", "issueseverity", "level", "type", "priority", "risk")


def _line(match: re.Match[str], here: Here) -> Found | None:
    path = header_above(here)
    if path is None or not re.search(r"[A-Za-z]{2}", match["msg"]):
        return None
    word = match["sev"] or match["sev2"]
    found = here.found(
        match["msg"].strip(),
        path,
        match["line"],
        column=match["col"],
        severity=severity_of(word or ("warning" if match["mark"] == "⚠" else None)),
    )
    found.tool = tool_of(found.path, None, found.message, here.step.command)
    return found


def _ktlint(match: re.Match[str], here: Here) -> Found | None:
    path = header_above(here)
    if path is None:
        return None
    return here.found(
        match["msg"],
        path,
        match["line"],
        column=match["col"],
        code=match["code"],
        tool="ktlint" if ":" in match["code"] else "",
    )


def _pmd(match: re.Match[str], here: Here) -> Found | None:
    """PMD's textcolor: `* file: /w/A.java`, then `src:  A.java:12:12`, `rule:`, `msg:`."""
    pairs = {
        pair[1]: pair[2] for text, _ in here.below(2) if (pair := re.match(r"\s+(rule|msg):\s+(.*)", text))
    }  # fmt: skip
    for text, _ in here.above(300):
        if (headed := re.match(r"\* file: (?P<path>\S.*)$", text)) and "msg" in pairs:
            return here.found(pairs["msg"], headed["path"], match["line"], code=pairs.get("rule"), tool="pmd")
    return None


def _table_row(match: re.Match[str], here: Here) -> Found | None:
    """A row of a Markdown table whose cells are a file, a line, how bad it is and what is wrong."""
    found = here.located(match)
    if found:
        found.tool = tool_of(found.path, None, found.message, here.step.command)
    return found


def _csv(match: re.Match[str], here: Here) -> Sequence[Found] | None:
    """A heading that names a file's, a line's and a message's column, and the rows below it."""
    separator = next((one for one in ",;\t" if one in match[0]), ",")
    names = [re.sub(r"[^a-z]", "", name.lower()) for name in next(csv.reader([here.text], delimiter=separator), [])]
    where = {
        kind: next((names.index(known) for known in known_names if known in names), -1)
        for kind, known_names in _COLUMNS.items()
    }
    if min(where["path"], where["line"], where["message"]) < 0 or len(names) < 4:
        return None
    graded = [at for at, name in enumerate(names) if name in _SEVERITIES]
    if not graded and where["code"] < 0:
        return None
    found: list[Found] = []
    for text, line in here.below(_MOST_ROWS):
        row = next(csv.reader([text], delimiter=separator), [])
        if len(row) > len(names) and where["message"] == len(names) - 1:
            row[where["message"] :] = [separator.join(row[where["message"] :])]  # coffeelint quotes nothing
        if len(row) < len(names) - 1:
            break
        path, number, message = (row[where[kind]].strip() for kind in ("path", "line", "message"))
        if not plausible(tidy(path)) or not re.fullmatch(r"(?:\d{1,8}(?:-\d+)?)?", number) or not message:
            break
        cells = {kind: row[at].strip() if 0 <= at < len(row) else "" for kind, at in where.items()}
        column = cells["column"] if cells["column"].isdigit() else None
        one = here.found(
            message, path, number.split("-")[0], column=column, code=cells["code"] or None, at=line, last=line
        )
        one.severity = _severity([row[at] for at in graded if at < len(row)])
        one.tool = tool_of(one.path, one.code, message, here.step.command)
        found.append(one)
        here.claim(line)
    return found or None


def _severity(cells: list[str]) -> Severity:
    """A word tells more than a number; PMD counts up to 5, from the worst."""
    words = [cell for cell in cells if cell and not cell.strip().isdigit()]
    if words or not cells:
        return severity_of(words[0].strip() if words else None)
    return Severity.ERROR if int(cells[0]) <= 3 else Severity.WARNING


def _staticcheck(match: re.Match[str], here: Here) -> Found | None:
    path = header_above(here)
    if path is None:
        return None
    code = match["code"].rpartition("#")[2]
    tool = "revive" if "revive" in match["code"] else "staticcheck"
    return here.found(match["msg"], path, match["line"], column=match["col"], code=code, tool=tool)


def _jslint(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(400):
        if re.match(r"\s*\S+\.\w+$", text) and plausible(tidy(text)):
            return here.found(match["msg"], text, match["line"], column=match["col"], tool="jslint")
        if not re.match(r"\s*(?:#\d+ |\s)", text):
            return None
    return None


def _jshint(match: re.Match[str], here: Here) -> Found | None:
    """jshint-stylish: how bad they are is told by the sum below: `⚠  2 warnings`."""
    path = header_above(here)
    if path is None:
        return None
    sums = [m[1] for text, _ in here.below(400) if (m := re.match(r"\s*\S{1,3}\s+\d+ (error|warning)s?$", text))]
    warned = bool(sums) and "error" not in sums
    return here.found(
        match["msg"],
        path,
        match["line"],
        column=match["col"],
        severity=Severity.WARNING if warned else Severity.ERROR,
        tool="jshint",
    )


def _csslint(match: re.Match[str], here: Here) -> Found | None:
    message = next((text.strip() for text, _ in here.below(1)), "")
    for text, _ in here.above(600):
        if headed := re.match(r"csslint: There (?:is|are) \d+ problems? in (?P<path>\S.*)\.$", text):
            return here.found(
                message, headed["path"], match["line"], column=match["col"], severity=severity_of(match["sev"]), tool="csslint"
            )  # fmt: skip
    return None


def _rubocop(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(600):
        if headed := re.match(r"### (?P<path>\S+) - \(\d+ offenses?\)", text):
            severity = severity_of(match["sev"])
            return here.found(
                match["msg"], headed["path"], match["line"], severity=severity, code=match["code"], tool="rubocop"
            )
    return None


_SEV = r"(?i:error|warning|warn|info|note|notice|critical|high|medium|low|fail(?:ed)?)"

FAMILY = Family(
    name="numbered",
    about="findings numbered by line below their file, in tables and CSV",
    names=("ktlint", "phpmd", "pmd"),
    rules=(
        Rule(
            ("ine ", "L"),
            r"(?:\s+|(?=[⚠⛔❌✗✖✘]))(?:[-*•✗✘✖×❌⛔→>]\ufe0f?\s+|(?P<mark>⚠)\ufe0f?\s+)?(?:\[(?P<sev>"
            + _SEV
            + r")\]:?\s+|(?P<sev2>"
            + _SEV
            + r"):?\s+)?"
            r"(?:[Ll]ine |L)(?P<line>\d+)(?:(?:, ?[Cc]ol(?:umn)? |:)(?P<col>\d+))?:\s+(?P<msg>\S.*)",
            _line,
            scan=r"[Ll]ine [0-9]+(?:[,:][^\n:]+)?: |  L[0-9]+: ",
        ),
        Rule(
            "\t",
            r"\s+(?P<line>\d+):(?P<col>\d+)\t(?P<msg>[^\t]+)\t(?P<code>\w+)$",
            _ktlint,
            scan=r"[ \t][0-9]+:[0-9]+\t[^\t\n]+\t[A-Za-z]+(?m:$)",
        ),
        Rule(
            ":",
            r"\s+(?P<line>\d+):(?P<col>\d+) (?P<msg>\S.*) \((?P<code>[a-z-]+:[a-z-]+)\)$",
            _ktlint,
            scan=r"\([a-z-]+:[a-z-]+\)(?m:$)",
        ),
        Rule(
            ", ",
            r"\s+\((?P<line>\d+), (?P<col>\d+)\)\s+(?P<code>\S+)\s+(?P<msg>\S.*)",
            _staticcheck,
            scan=r" \([0-9]+, [0-9]+\)  ",
        ),
        Rule(
            '",',
            r"\"(?P<path>[^\"]+)\",(?P<line>\d+),(?P<col>\d+),(?P<sev>error|warning),\"?(?P<msg>[^\"]+)\"?,(?P<code>[\w.]+)",
            tool="phpcs",
            scan=r"\",[0-9]+,[0-9]+,(?:error|warning),",
        ),
        Rule("// Line ", r"\s*#\d+ (?P<msg>.*) // Line (?P<line>\d+), Pos (?P<col>\d+)$", _jslint),
        Rule(
            "line ",
            r"\s+line (?P<line>\d+)\s+col (?P<col>\d+)\s+(?P<msg>\S.*)",
            _jshint,
            scan=r"line [0-9]+  +col [0-9]+  ",
        ),
        Rule(
            " at line ",
            r"\d+: (?P<sev>warning|error) at line (?P<line>\d+), col (?P<col>\d+)$",
            _csslint,
            scan=r"(?:warning|error) at line [0-9]+, col [0-9]+(?m:$)",
        ),
        Rule(
            "**Line # ",
            r"\s*\* \*\*Line # (?P<line>\d+) - (?P<sev>\w+):\*\* (?:(?P<code>[A-Z]\w*/\w+): )?(?P<msg>.*)",
            _rubocop,
        ),
        Rule(
            "| VIOLATION |",
            r"\s*(?P<line>\d+) \| VIOLATION \| (?P<msg>.*)",
            under(r"FILE: (?P<path>\S.*)$", 300),
            tool="phpmd",
        ),
        Rule("src:  ", r"\s+src:\s+[^:]+:(?P<line>\d+)(?::\d+)?$", _pmd),
        Rule(
            "|",
            r"\|\s*`?(?P<path>[^|\s`:]+\.\w+)`?\s*\|\s*(?P<line>\d+)(?::(?P<col>\d+))?\s*\|\s*\W*(?P<sev>"
            + _SEV
            + r")\W*\|\s*(?P<msg>[^|]*[a-z][^|]*?)\s*\|",
            _table_row,
            scan=r"\| *[0-9:]+ *\| *(?i:error|warning|warn|info|note|critical|high|medium|low)",
        ),
        Rule(
            "ine",
            r"\"?\w[\w ]*\"?(?:[,;\t]\"?[A-Za-z][\w -]*\"?){3,}$",
            _csv,
            scan=r"(?m:(?:^|Z )[\"A-Za-z][A-Za-z_,;\t\" -]*[,;\t\"](?:[Ss]tart|[Bb]egin)?[ _]?[Ll]ine[A-Za-z_ ]*[,;\t\"][A-Za-z_,;\t\" -]*$)",
        ),
    ),
    samples=(
        sample(
            "File: src/a.py\n  [error] Line 12: undefined name foo\n  [warning] Line 30, Column 5: line is too long",
            "src/a.py:12 error",
            "src/a.py:30:5 warning",
            title="a check of one's own",
        ),
        sample(
            'File,Line,Column,Type,Message,Source\n"/w/src/A.php",12,5,error,"Missing doc comment",Squiz.Missing\n"/w/src/A.php",30,81,warning,"Line exceeds 120, contains 140",Generic.Long\n',
            "/w/src/A.php:12:5 error Squiz.Missing",
            "/w/src/A.php:30:81 warning Generic.Long",
            title="phpcs",
        ),
        sample(
            "| File | Line | Severity | Message |\n|---|---|---|---|\n| src/a.ts | 12 | error | Missing return type |",
            "src/a.ts:12 error",
            title="Markdown",
        ),
        sample(
            "path,lineNumber,lineNumberEnd,level,message\nsrc/cart.coffee,12,,error,Line contains a semicolon, or two.\nsrc/cart.coffee,14,,warn,Unnecessary fat arrow.",
            "src/cart.coffee:12 error",
            "src/cart.coffee:14 warning",
            title="coffeelint",
        ),
        sample("Name,Stmts,Line,Cover\nsrc/a.py,12,3,75%", title="coverage"),
    ),
)
