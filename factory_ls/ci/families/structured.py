"""Reports made for programs that land in a log: JSON (one document, or one a line) and the XML of checkstyle, cppcheck
and JUnit.

A JSON object is a problem when it has a file, a line, a message, and says how bad it is or by which rule. That covers
mypy, ruff, pylint, pyright, eslint, stylelint, golangci-lint, cargo, gcc, shellcheck, GitLab's code quality, rdjson and
SARIF. Objects with a time or a process are a program's own log and are none.
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, NamedTuple

from factory_ls.ci.families.stacks import frame
from factory_ls.ci.frames import Frame, place
from factory_ls.ci.naming import tool_of
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.ci.text import MAX_LINE
from factory_ls.ci.window import Line
from factory_ls.model.problem import Severity

_PATHS = ("filePath", "filename", "file_name", "file_path", "file", "path", "uri", "Filename", "source", "File")
_LINES = (
    "line",
    "line_number",
    "lineNumber",
    "startLine",
    "start_line",
    "line_start",
    "row",
    "beginLine",
    "Line",
    "begin",
)
_COLUMNS = ("column", "col", "column_start", "startColumn", "start_column", "character", "Column", "display-column")
_NESTED = (
    "location",
    "Pos",
    "pos",
    "position",
    "positions",
    "range",
    "start",
    "begin",
    "lines",
    "caret",
    "physicalLocation",
    "artifactLocation",
    "region",
)
_MESSAGES = ("message", "msg", "text", "Text", "description", "reason")
_RULES = ("ruleId", "rule", "code", "symbol", "check_name", "FromLinter", "option", "message-id", "check", "name")
_GRADES = ("severity", "level", "type", "kind", "Severity", "impact")
_LOGGED = frozenset({"time", "timestamp", "ts", "@timestamp", "pid", "hostname", "caller", "logger", "Time"})
_LONGEST = 4000
# Keys that tell whose object it is.
_TOOLS = (
    ({"FromLinter", "Text"}, "golangci-lint"),
    ({"message-id", "symbol"}, "pylint"),
    ({"messageId", "symbol"}, "pylint"),
    ({"cell", "end_location"}, "ruff"),
    ({"hint", "code", "file"}, "mypy"),
    ({"ruleId", "nodeType"}, "eslint"),
    ({"ruleId", "messageId"}, "eslint"),
    ({"file", "severity", "range"}, "pyright"),
    ({"spans", "rendered"}, "rustc"),
)


class _Spot(NamedTuple):
    path: str | None
    line: int | None
    column: int | None
    end: int | None


def _first(node: dict[str, Any], keys: tuple[str, ...], kind: type) -> Any:
    return next((node[key] for key in keys if type(node.get(key)) is kind), None)


def _spot(node: dict[str, Any], depth: int = 0) -> _Spot:
    path, line, column = _first(node, _PATHS, str), _first(node, _LINES, int), _first(node, _COLUMNS, int)
    if "character" in node and line is not None:
        line, column = line + 1, (column or 0) + 1  # the editors' protocol counts from 0
    end = _first(node, ("endLine", "end_line"), int)
    if printed := re.match(r"(.+?):(\d+):(\d+)$", str(node.get("posn", ""))):  # go vet -json
        path, line, column = printed[1], int(printed[2]), int(printed[3])
    inner = [node[key] for key in _NESTED if isinstance(node.get(key), dict)]
    for key in ("locations", "spans"):
        places = (
            [one for one in node.get(key) or () if isinstance(one, dict)] if isinstance(node.get(key), list) else []
        )
        inner += [one for one in places if one.get("is_primary", True)][:1]
    for nested in inner if depth < 5 else ():
        spot = _spot(nested, depth + 1)
        path, line, column, end = path or spot.path, line or spot.line, column or spot.column, end or spot.end
    return _Spot(path, line, column, end)


def _message(node: dict[str, Any]) -> str | None:
    for key in _MESSAGES:
        value = node.get(key)
        if isinstance(value, dict):
            value = value.get("text") or value.get("body")
        if isinstance(value, str) and value.strip():
            return value
    return None


def _code(node: dict[str, Any]) -> str | None:
    for key in _RULES:
        value = node.get(key)
        if isinstance(value, dict):
            value = value.get("code") or value.get("value") or value.get("name") or value.get("id")
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    return None


def _severity(node: dict[str, Any]) -> Severity | None:
    for key in _GRADES:
        value = node.get(key)
        if isinstance(value, bool):
            continue
        if isinstance(value, int):
            return Severity.ERROR if value >= 2 else Severity.WARNING
        if isinstance(value, str):
            return severity_of(value.rsplit(".", 1)[-1])
    return None


def _walk(node: Any, path: str | None, here: Here, depth: int = 0) -> Iterator[Found]:
    if depth > 12:
        return
    if isinstance(node, list):
        for one in node:
            yield from _walk(one, path, here, depth + 1)
    if not isinstance(node, dict):
        return
    spot, message = _spot(node), _message(node)
    where = spot.path or path
    severity, code = _severity(node), _code(node)
    if where and spot.line and message and (severity or code or "posn" in node):
        if _LOGGED.isdisjoint(node):
            message = message.split("\n", 1)[0].removeprefix(f"{code}: ")
            found = here.found(message, where, spot.line, column=spot.column, code=code)
            found.severity = severity or Severity.ERROR
            found.end_line = spot.end
            named = next((tool for keys, tool in _TOOLS if keys <= node.keys()), "")
            found.tool = named or tool_of(found.path, code, message, here.step.command)
            yield found
        return
    for key, value in node.items():
        # A file's objects below it may not repeat its name. What led to a problem is told with it.
        if key not in ("children", "related", "relatedLocations", "fix", "fixes", "edits"):
            yield from _walk(value, _first(node, _PATHS[:9], str) or path, here, depth + 1)


def _whole(line: Line, text: str) -> str:
    """The line as it is in the log: matchers see the beginning of long ones only."""
    if len(text) < MAX_LINE // 4:
        return text
    raw = line.window.data[line.start : line.end].decode("utf-8", "replace")
    at = raw.find(text[:60])
    return raw[at:] if at >= 0 else text


def _line(_: re.Match[str], here: Here) -> list[Found] | None:
    """A document in one line."""
    try:
        document = json.loads(_whole(here.line, here.text).rstrip().rstrip(","))
    except (ValueError, RecursionError):
        return None
    return list(_walk(document, None, here)) or None


def _lines(_: re.Match[str], here: Here) -> list[Found] | None:
    """A document over many lines, from its bracket at the margin."""
    parts = [here.text]
    for text, line in here.below(_LONGEST):
        parts.append(_whole(line, text))
        if text[:1] in "]}" and text.rstrip() in ("]", "}"):
            try:
                document = json.loads("\n".join(parts))
            except (ValueError, RecursionError):
                return None
            found = list(_walk(document, None, here))
            if found:
                here.claim(line)
            return found or None
        if text[:1] not in (" ", "\t", "") and len(parts) > 1:
            return None
    return None


_ELEMENT = re.compile(
    r"<(?P<name>file|error|issue|violation|location)\b(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)}


def _xml(_: re.Match[str], here: Here) -> list[Found] | None:
    """checkstyle and its many kin: `<file name="a.js">`, `<error line="3" severity="error" message="…" source="rule"/>`."""
    found: list[Found] = []
    known = False
    for element in _ELEMENT.finditer(_whole(here.line, here.text)):
        values = _attributes(element["attributes"])
        if element["name"] == "file" and (name := values.get("name") or values.get("path")):
            here.memory["xml file"], known = name, True
        elif element["name"] == "location" and isinstance(told := here.memory.pop("xml error", None), dict):
            found += _element(
                {**told, "line": values.get("line", ""), "column": values.get("column", "")}, values.get("file"), here
            )
        elif element["name"] == "error" and "msg" in values and "line" not in values:
            here.memory["xml error"], known = values, True  # cppcheck: the place follows
        elif isinstance(path := here.memory.get("xml file"), str):
            found += _element(values, path, here)
    return found or ([] if known else None)


_SOURCES = {"com.puppycrawl": "checkstyle", **{tool: tool for tool in ("eslint", "shellcheck", "detekt", "ktlint")}}


def _element(values: dict[str, str], path: str | None, here: Here) -> list[Found]:
    message = values.get("message") or values.get("msg") or values.get("reason") or ""
    line = values.get("line") or values.get("beginline") or ""
    if not path or not message or not line.isdigit():
        return []
    column = values.get("column") or values.get("char") or ""
    source = values.get("source") or values.get("id") or values.get("rule") or ""
    # com.puppycrawl.tools.checkstyle.checks.FooCheck, eslint.rules.no-undef, ShellCheck.SC2086
    code = source.rsplit(".", 1)[-1].removesuffix("Check") or None
    message = message.removesuffix(f" ({code})")
    one = here.found(message, path, line, column=column if column.isdigit() else None, code=code)
    one.severity = severity_of(values.get("severity"))
    one.tool = next(
        (tool for start, tool in _SOURCES.items() if source.lower().startswith(start)),
        tool_of(one.path, code, message, here.step.command),
    )
    return [one]


_ENTITY_PLACE = re.compile(r"\bline (?P<line>\d+), col (?P<col>\d+)")
_PRINTED = re.compile(r"\s*(?:File \")?(?P<path>[^\s:\"]+\.\w+)(?::|\", line )(?P<line>\d+)")


def _failure(match: re.Match[str], here: Here) -> list[Found] | None:
    """JUnit: `<testcase name="adds" file="t.js">`, then `<failure message="…">` with a stack."""
    values = _attributes(match["attributes"])
    test, suite = _enclosing(here)
    text = [unescape(match["text"])]
    if "</failure>" not in text[0] and "</error>" not in text[0] and not match["attributes"].endswith("/"):
        for below, _ in here.below(200):
            text.append(unescape(below))
            if "</failure>" in below or "</error>" in below:
                break
    message = values.get("message") or next((one.strip() for one in text if one.strip()), "")
    if not message:
        return None
    found = here.found(message.split("\n", 1)[0], tool="junit", test=test.get("name"))
    found.repeats = True
    frames: list[Frame] = []
    for one in text:
        if told := frame(one):
            frames.append(told)
        elif (printed := _PRINTED.match(one)) and not frames:
            frames.append(Frame(printed["path"], int(printed["line"])))
    place(found, frames, innermost_last=False)
    if not found.path and (name := test.get("file") or suite.get("name")):
        numbered = _ENTITY_PLACE.search(" ".join(text))
        own = test.get("line") or ""
        line = int(numbered["line"]) if numbered else int(own) if own.isdigit() else 0
        place(found, [Frame(name, line, "", int(numbered["col"]) if numbered else None)], innermost_last=True)
    return [found]


def _enclosing(here: Here) -> tuple[dict[str, str], dict[str, str]]:
    test: dict[str, str] | None = None
    for text, _ in [(here.text, here.line), *here.above(3000)]:
        if test is None and (told := re.search(r"<testcase\b([^>]*)>", text)):
            test = _attributes(told[1])
        if told := re.search(r"<testsuite\b([^>]*)>", text):
            return test or {}, _attributes(told[1])
    return test or {}, {}


_KEY = r"\"(?:" + "|".join(_PATHS) + r")\" ?: ?(?:\"|\{)"

FAMILY = Family(
    name="structured",
    about="JSON and XML reports printed to a log",
    names=("json", "checkstyle", "junit-xml", "sarif"),
    rules=(
        Rule('"', r"[\[{]\s*[\[{\"].*$", _line, scan=_KEY),
        Rule(("[", "{"), r"[\[{]$", _lines, scan=r"(?m:(?:^|[ \t])[\[{]$)"),
        Rule(
            ("<file ", "<error ", "<issue ", "<location ", "<violation "),
            r".*<(?:file (?:name|path)\s*=|error (?:line|column|severity|id)\s*=|issue line=|violation .*line=|location file=)",
            _xml,
        ),
        Rule(
            ("<failure", "<error message", "<error type"),
            r".*<(?:failure|error)(?P<attributes>(?: (?:[^<>\"]|\"[^\"]*\")*)?)>(?P<text>.*)",
            _failure,
        ),
    ),
    samples=(
        sample(
            '{"file": "shop/a.py", "line": 10, "column": 15, "message": "Incompatible return value", "hint": null, "code": "return-value", "severity": "error"}',
            "shop/a.py:10:15 error return-value",
            title="mypy --output json",
        ),
        sample(
            """
[
  {
    "filePath": "/home/runner/work/web/web/src/a.js",
    "messages": [
      {"ruleId": "no-undef", "severity": 2, "message": "'x' is not defined.", "line": 3, "column": 5},
      {"ruleId": "eqeqeq", "severity": 1, "message": "Expected '==='.", "line": 4, "column": 7}
    ]
  }
]
""",
            "src/a.js:3:5 error no-undef",
            "src/a.js:4:7 warning eqeqeq",
            title="eslint",
        ),
        sample(
            """
<?xml version="1.0" encoding="utf-8"?>
<checkstyle version="4.3">
<file name="src/a.js"><error line="3" column="5" severity="error" message="&apos;x&apos; is not defined." source="eslint.rules.no-undef" /></file>
</checkstyle>
""",
            "src/a.js:3:5 error no-undef",
            title="checkstyle",
        ),
        sample(
            "<checkstyle version='4.3'>\n<file name='deploy.sh' >\n<error line='3' column='6' severity='info' message='Double quote &#39;x&#39;.' source='ShellCheck.SC2086' />\n</file>\n</checkstyle>",
            "deploy.sh:3:6 info SC2086",
            title="shellcheck -f checkstyle",
        ),
        sample(
            """
<testsuite name="src/a.test.ts" tests="1" failures="1">
<testcase classname="src/a.test.ts" name="cart &gt; adds">
<failure message="expected 3 to be 4" type="AssertionError">
AssertionError: expected 3 to be 4
 ❯ src/a.test.ts:6:21
</failure>
</testcase>
</testsuite>
""",
            "src/a.test.ts:6:21 error",
            title="JUnit",
        ),
        sample(
            '{"level": "error", "time": 1700000000, "file": "server.js", "line": 3, "msg": "cannot connect"}\\n{"path": "dist/a.js", "size": 3}',
            title="a program's log, a listing",
        ),
    ),
)
