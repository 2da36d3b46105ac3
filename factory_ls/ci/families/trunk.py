"""What runs many linters: trunk, each finding below its file's place, with the linter's name in front of the code;
MegaLinter, what a linter says below the file's name."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of
from factory_ls.ci.window import Line

_GRADES = {"high": Severity.ERROR, "medium": Severity.WARNING, "low": Severity.INFO}


def _graded(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(100):
        if headed := re.match(r"(?P<path>[^\s:]+):\d+(?::\d+)?$", text):
            found = here.found(
                match["msg"], headed["path"], match["line"], column=match["col"], code=match["code"],
                severity=_GRADES[match["sev"]], tool=match["code"].split("/")[0],
            )  # fmt: skip
            found.gates = True
            return found
        if not re.match(r"\s+\d+:\d+\s", text):
            return None
    return None


def _item(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """MegaLinter: the file. Where its linter tells no place, its words are of this file, perhaps `on line 4` of it."""
    told: list[tuple[str, Line]] = []
    for text, line in here.below(300):
        if text.strip() and not text.startswith("    "):
            break
        told.append((text.strip(), line))
    if any(text for text, _ in told):
        here.memory["item"] = match["path"]
    if not plausible(tidy(match["path"])):
        return None
    name = re.escape(match["path"].rsplit("/", 1)[-1])
    if any(re.search(rf"(?:^|[\s/:'\"]){name}(?:$|[\s:'\"(,])", text) or _ROW.match(text) for text, _ in told):
        return []
    found = []
    for text, line in told:
        if lined := _LINED.match(text):
            found.append(
                here.found(lined["msg"], match["path"], lined["line"], severity=severity_of(lined["sev"]), at=line, tool="megalinter")
            )  # fmt: skip
    return found


_LINED = re.compile(r"(?P<sev>ERROR|Error|WARNING|Warning): (?P<msg>.*?) on line (?P<line>\d+):?$")
_ROW = re.compile(r"\d+:\d+\s|Line \d+:")


def _cells(text: str, starts: list[int]) -> list[str]:
    return [text[start:end].strip() for start, end in zip(starts, [*starts[1:], 10_000], strict=True)]


def _table(match: re.Match[str], here: Here) -> list[Found]:
    """PSScriptAnalyzer's table, whose cells are broken to fit a narrow terminal."""
    starts = [match.start(name) for name in ("rule", "sev", "path", "line", "msg")]
    rows: list[tuple[list[str], Line]] = []
    last = here.line
    for text, line in here.below(400):
        if not text.strip() or re.match(r"-+ ", text):
            if rows:
                break
            continue
        cells = _cells(text, starts)
        if re.fullmatch(r"Error|Warning|Information|ParseError", cells[1]):
            rows.append((cells, line))
        elif rows:
            joined = [
                a + b if i in (0, 2) else f"{a} {b}".strip()
                for i, (a, b) in enumerate(zip(rows[-1][0], cells, strict=True))
            ]
            rows[-1] = (joined, rows[-1][1])
        last = line
    item = here.memory.get("item")
    found: list[Found] = []
    for cells, line in rows:
        severity = Severity.ERROR if cells[1] == "ParseError" else severity_of(cells[1])
        path = item if isinstance(item, str) and item.endswith("/" + cells[2]) else cells[2]
        if plausible(path):
            found.append(
                here.found(cells[4], path, cells[3], severity=severity, code=cells[0], at=line, tool="psscriptanalyzer")
            )  # fmt: skip
    if found:
        here.claim(last)
    return found


FAMILY = Family(
    name="trunk",
    about="findings of the linters that trunk and MegaLinter run; PSScriptAnalyzer's table",
    names=("trunk", "megalinter", "psscriptanalyzer"),
    rules=(
        Rule(
            ("  high  ", "  medium  ", "  low  "),
            r"\s+(?P<line>\d+):(?P<col>\d+)\s+(?P<sev>high|medium|low)\s+(?P<msg>\S.*?)\s{2,}(?P<code>[\w.-]+/\S+)$",
            _graded,
            tool="trunk",
        ),
        Rule(
            ("[ERROR] ", "[WARNING] "),
            r"(?:[❌⚠]\ufe0f? )?\[(?:ERROR|WARNING)\] (?P<path>[\w./@+-]+)$",
            _item,
            scan=r"\[(?:ERROR|WARNING)\] [A-Za-z0-9_./@+-]+(?m:$)",
        ),
        Rule(
            "RuleName",
            r"(?P<rule>RuleName +)(?P<sev>Severity +)(?P<path>ScriptName +)(?P<line>Line +)(?P<msg>Message)",
            _table,
        ),
    ),
    samples=(
        sample(
            '.github/workflows/ci.yml:12:9\n 12:9  high  "runs-on" is required  actionlint/syntax-check\n',
            ".github/workflows/ci.yml:12:9 error actionlint/syntax-check",
            title="trunk",
        ),
        sample(
            "[ERROR] manifests/a.pp\n    WARNING: class not documented on line 1\n    ERROR: trailing whitespace found on line 9\n\n[ERROR] src/b.xml\n    src/b.xml:7: parser error : EndTag: '</' not found\n",
            "manifests/a.pp:1 warning",
            "manifests/a.pp:9 error",
            "src/b.xml:7 error",
            title="MegaLinter",
        ),
        sample("[ERROR] src/b.xml\nBuild failed\n", title="a name that heads nothing"),
        sample(
            "RuleName                     Severity     ScriptName Line  Message\n--------                     --------     ---------- ----  -------\nPSAvoidTrailingWhitespace    Information  build_bad. 11    Line has trai\n                                          ps1              ling whitespa\n",
            "build_bad.ps1:11 info PSAvoidTrailingWhitespace",
            title="PSScriptAnalyzer",
        ),
    ),
)
