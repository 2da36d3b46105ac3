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
from typing import Any, NamedTuple

from factory_ls.ci.families.json_tests import failed_test
from factory_ls.ci.families.xml_reports import element, failure, whole
from factory_ls.ci.naming import tool_of
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.model.problem import Severity

_PATHS = (
    "filePath",
    "filename",
    "fileName",
    "file_name",
    "file_path",
    "file",
    "path",
    "uri",
    "Filename",
    "source",
    "File",
)
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
    "primaryLocation",
    "textRange",
    "artifactLocation",
    "region",
    "span",
)
_MESSAGES = ("message", "msg", "text", "Text", "description", "reason", "hint", "issue_text", "details")
_RULES = (
    "ruleId",
    "rule",
    "code",
    "symbol",
    "check_name",
    "FromLinter",
    "option",
    "message-id",
    "check",
    "check_name",
    "rule_id",
    "test_id",
    "cop_name",
    "identifier",
    "ruleName",
    "rule_name",
    "name",
)
_GRADES = ("severity", "level", "type", "kind", "Severity", "impact", "issue_severity")
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
    if line is None and isinstance(text := node.get("line"), str) and (numbered := re.match(r"\d{1,8}", text)):
        line = int(numbered[0])
    if "character" in node and line is not None and path is None:
        line, column = line + 1, (column or 0) + 1  # the editors' protocol counts from 0
    end = _first(node, ("endLine", "end_line"), int)
    if printed := re.match(r"(.+?):(\d+):(\d+)$", str(node.get("posn", ""))):  # go vet -json
        path, line, column = printed[1], int(printed[2]), int(printed[3])
    inner = [node[key] for key in _NESTED if isinstance(node.get(key), dict)]
    for key in ("locations", "spans", "labels"):
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


def _located_message(node: dict[str, Any]) -> str | None:
    """Sonar's place has the message."""
    inner = node.get("primaryLocation")
    return _message(inner) if isinstance(inner, dict) else None


def _code(node: dict[str, Any]) -> str | None:
    for key in _RULES:
        value = node.get(key)
        if isinstance(value, dict):
            value = value.get("code") or value.get("value") or value.get("name") or value.get("id")
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    return None


def _severity(node: dict[str, Any]) -> Severity | None:
    values = [node[key] for key in _GRADES if key in node]
    if not values and isinstance(rule := node.get("rule"), dict):
        values = [rule[key] for key in _GRADES if key in rule]
    words = [value.rsplit(".", 1)[-1] for value in values if isinstance(value, str)]
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    # A word tells more than a number, whose scale differs from tool to tool.
    if numbers and not (words and words[0].lower() in ("error", "warning")):
        return Severity.ERROR if numbers[0] >= 2 else Severity.WARNING
    return severity_of(words[0]) if words else None


def _walk(node: Any, path: str | None, here: Here, depth: int = 0) -> Iterator[Found]:
    if depth > 12:
        return
    if isinstance(node, list):
        for one in node:
            yield from _walk(one, path, here, depth + 1)
    if not isinstance(node, dict):
        return
    if test := failed_test(node, path, here):
        yield test
        return
    spot, message = _spot(node), _message(node) or _located_message(node)
    # Many call a rule's name a source.
    where = path if path and spot.path == node.get("source") else spot.path or path
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
            keyed = key if re.match(r"[^\s:]*/[^\s:]*\.\w+$|(?:/|[A-Za-z]:)\S+$", key) else None
            yield from _walk(value, keyed or _first(node, _PATHS[:10], str) or path, here, depth + 1)


def _line(_: re.Match[str], here: Here) -> list[Found] | None:
    """A document in one line."""
    try:
        text = whole(here.line, here.text).rstrip().rstrip(",")
        if headed := re.match(r"\{ ?\"\w+\": ?(?=\[.*\]$)", text):
            text = text[headed.end() :]  # oxlint's document goes on below
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return list(_walk(document, None, here)) or None


def _lines(_: re.Match[str], here: Here) -> list[Found] | None:
    """A document over many lines, from its bracket at the margin."""
    parts = [here.text]
    for text, line in here.below(_LONGEST):
        parts.append(whole(line, text))
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


_KEY = r"\"(?:" + "|".join(_PATHS) + r")\" ?: ?(?:\"|\{)|\"(?:files|failureMessages)\" ?: ?[\[{]"

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
            element,
        ),
        Rule(
            ("<failure", "<error message", "<error type"),
            r".*<(?:failure|error)(?P<attributes>(?: (?:[^<>\"]|\"[^\"]*\")*)?)>(?P<text>.*)",
            failure,
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
