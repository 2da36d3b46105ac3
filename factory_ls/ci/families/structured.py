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

from factory_ls.ci.families.json_tests import failed_suite, failed_test
from factory_ls.ci.families.xml_reports import element, failure, whole
from factory_ls.ci.naming import tool_of
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.model.problem import Severity

# Names of keys in lower case, without what joins their words: one list has `startLine`, `start_line` and `StartLine`.
_PATHS = ("filepath", "filename", "file", "path", "uri", "givenpath", "filepathname")
_MAYBE_PATHS = ("source", "target", "document")
_LINES = (
    "line",
    "linenumber",
    "lineno",
    "linenum",
    "startline",
    "startlineno",
    "lnum",
    "linestart",
    "row",
    "beginline",
    "begin",
)
_COLUMNS = ("column", "col", "columnstart", "startcolumn", "character", "displaycolumn", "linepos", "startlinepos")
_PAIRS = ("pos", "position", "lines", "filelinerange")  # a line, and a column or the last line
_NESTED = (
    "location",
    "pos",
    "position",
    "positions",
    "range",
    "start",
    "startpoint",
    "begin",
    "lines",
    "caret",
    "physicallocation",
    "primarylocation",
    "textrange",
    "artifactlocation",
    "region",
    "span",
    "symbolic",
    "concrete",
    "key",
    "local",
)
_MESSAGES = ("message", "msg", "ruledescription", "text", "description", "desc", "reason", "hint", "issuetext", "details", "summary", "detail", "title", "checkname", "eventdescription")  # fmt: skip
_RULES = (
    "ruleid",
    "rulename",
    "rulenames",
    "rule",
    "code",
    "errorcode",
    "symbol",
    "checkname",
    "fromlinter",
    "option",
    "messageid",
    "check",
    "checkid",
    "testid",
    "copname",
    "linter",
    "lintername",
    "policyname",
    "identifier",
    "checkpath",
    "smelltype",
    "eventtag",
    "validator",
    "ident",
    "patternid",
    "name",
    "id",
    "number",
)
_GRADES = (
    "severity",
    "level",
    "annotationlevel",
    "type",
    "kind",
    "impact",
    "issueseverity",
    "etype",
    "messageseverity",
)
_LISTS = {"warnings": Severity.WARNING, "errors": Severity.ERROR}
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


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in node.items():
        plain.setdefault(re.sub(r"[_-]", "", key).lower(), value)
    return plain


def _first(node: dict[str, Any], keys: tuple[str, ...], kind: type) -> Any:
    return next((node[key] for key in keys if type(node.get(key)) is kind), None)


def _path(node: dict[str, Any]) -> str | None:
    """What an object calls its file. Many call a rule's name, or another tool, a source."""
    if path := _first(node, _PATHS, str):
        return str(path)
    if isinstance(told := node.get("component"), str) and re.fullmatch(r"[^\s/]+:[^\s:]*\w\.\w+", told):
        return told.rpartition(":")[2]  # Sonar: `project:path`
    told = _first(node, _MAYBE_PATHS, str)
    return told if told and re.fullmatch(r"\S*\w\.\w+|\S*/\S+|[A-Za-z]:\S+", told) else None


def _spot(node: dict[str, Any], depth: int = 0) -> _Spot:
    path, line, column = _path(node), _first(node, _LINES, int), _first(node, _COLUMNS, int)
    if line is None and isinstance(text := node.get("line"), str) and (numbered := re.match(r"\d{1,8}$", text)):
        line = int(numbered[0])
    end = _first(node, ("endline",), int)
    for key in _PAIRS:
        told = node.get(key)
        if line is None and isinstance(told, list) and told and all(type(one) is int for one in told):
            line, second = told[0], told[1] if len(told) == 2 else None
            column, end = (column, second) if key.endswith("range") else (second if key != "lines" else column, end)
    if "character" in node and line is not None and path is None:
        line, column = line + 1, (column or 0) + 1  # the editors' protocol counts from 0
    if printed := re.match(r"(.+?):(\d+):(\d+)$", str(node.get("posn", ""))):  # go vet -json
        path, line, column = printed[1], int(printed[2]), int(printed[3])
    inner = [(node[key], int(key == "startpoint")) for key in _NESTED if isinstance(node.get(key), dict)]
    for key in ("locations", "spans", "labels"):
        places = node.get(key)
        ranked = [_plain(one) for one in places if isinstance(one, dict)] if isinstance(places, list) else []
        inner += [(one, 0) for one in ranked if _primary(one)][:1]
    for nested, base in inner if depth < 5 else ():
        spot = _spot(_plain(nested), depth + 1)
        if base and spot.line is not None:  # tree-sitter's points, which zizmor prints, count from 0
            spot = spot._replace(line=spot.line + 1, column=(spot.column or 0) + 1)
        path, line, column, end = path or spot.path, line or spot.line, column or spot.column, end or spot.end
    return _Spot(path, line, column, end)


def _primary(place: dict[str, Any]) -> bool:
    symbolic = place.get("symbolic")
    return bool(place.get("isprimary", not isinstance(symbolic, dict) or symbolic.get("kind") != "Related"))


def _ranged(node: dict[str, Any]) -> bool:
    """Whether an object tells from where to where something is, as only what speaks of source does."""
    inner = [node, *(_plain(node[key]) for key in _NESTED if isinstance(node.get(key), dict))]
    return any({"endline", "endcolumn", "endlocation", "end"} & one.keys() for one in inner)


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
    inner = node.get("primarylocation")
    return _message(inner) if isinstance(inner, dict) else None


def _code(node: dict[str, Any], message: str | None) -> str | None:
    for key in _RULES:
        value = node.get(key)
        if isinstance(value, dict):
            value = value.get("code") or value.get("value") or value.get("name") or value.get("id")
        elif key == "rulenames" and isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str | int) and not isinstance(value, bool) and value != message:
            return str(value)
    return None


def _severity(node: dict[str, Any]) -> Severity | None:
    values = [node[key] for key in _GRADES if key in node]
    for key in ("rule", "determinations"):
        if not values and isinstance(graded := node.get(key), dict):
            values = [graded[name] for name in _GRADES if name in graded]
    words = [value.rsplit(".", 1)[-1] for value in values if isinstance(value, str)]
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    # A word tells more than a number, whose scale differs from tool to tool.
    if numbers and not (words and words[0].lower() in ("error", "warning")):
        return Severity.ERROR if numbers[0] >= 2 else Severity.WARNING
    return severity_of(words[0]) if words else None


def _walk(node: Any, path: str | None, here: Here, depth: int = 0, grade: Severity | None = None) -> Iterator[Found]:
    if depth > 12:
        return
    if isinstance(node, list):
        for one in node:
            yield from _walk(one, path, here, depth + 1, grade)
    if not isinstance(node, dict):
        return
    if node.get("main") is False:
        return  # Coverity: what led there
    if test := failed_test(node, path, here):
        yield test
        return
    plain = _plain(node)
    if isinstance(node.get("assertionResults"), list):
        if suite := failed_suite(node, here):
            yield suite
            return
        path = _first(node, ("name",), str) or path
    spot, message = _spot(plain), _message(plain) or _located_message(plain)
    where = path if path and spot.path == plain.get("source") else spot.path or path
    severity, code = _severity(plain), _code(plain, message)
    if where and spot.line and message and (severity or code or grade or "posn" in node or _ranged(plain)):
        if _LOGGED.isdisjoint(node):
            message = message.split("\n", 1)[0].removeprefix(f"{code}: ")
            found = here.found(message, where, spot.line, column=spot.column, code=code)
            found.severity = severity or grade or Severity.ERROR
            found.gates = severity is None and grade is Severity.WARNING
            found.end_line = spot.end
            named = next((tool for keys, tool in _TOOLS if keys <= node.keys()), "")
            found.tool = named or tool_of(found.path, code, message, here.step.command)
            yield found
        return
    if where and message and not spot.line and "filename" in plain and str(plain.get("path", "")).startswith("$"):
        yield here.found(f"{plain['path']}: {message}", where, tool="check-jsonschema")  # told by what it checks
        return
    for key, value in node.items():
        # A file's objects below it may not repeat its name. What led to a problem is told with it.
        if key not in (
            "children",
            "related",
            "relatedLocations",
            "fix",
            "fixes",
            "edits",
            "passed_checks",
            "skipped_checks",
        ):
            keyed = key if re.match(r"[^\s:]*/[^\s:]*\.\w+$|(?:/|[A-Za-z]:)\S+$", key) else None
            below = _LISTS.get(key.lower()) if isinstance(value, list) else None
            yield from _walk(value, keyed or _path(plain) or path, here, depth + 1, below or grade)


def _line(_: re.Match[str], here: Here) -> list[Found] | None:
    """A document in one line."""
    try:
        text = re.sub(r"^\d{13} ", "", whole(here.line, here.text)).rstrip().rstrip(",")
        if headed := re.match(r"\{ ?\"\w+\": ?(?=\[.*\]$)", text):
            text = text[headed.end() :]  # oxlint's document goes on below
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return list(_walk(document, None, here)) or None


# A key under which a file may be told, or a file as a key.
_NAMED = re.compile(
    r"\"(?:[\w-]*(?i:file|path)[\w-]*|(?i:uri|source|target|document|component)|posn|[^\"\s]*[./\\][^\"\s]*)\"\s*:"
)


def _lines(_: re.Match[str], here: Here) -> list[Found] | None:
    """A document over many lines, from its bracket at the margin."""
    parts = [here.text]
    for text, line in here.below(_LONGEST):
        glued = re.match(r"[\]}](?=[\w./])", text)  # redocly says on in the document's last line
        parts.append(glued[0] if glued else whole(line, text))
        if glued or (text[:1] in "]}" and text.rstrip() in ("]", "}")):
            whole_text = "\n".join(parts)
            if not _NAMED.search(whole_text):
                return None
            try:
                document = json.loads(whole_text)
            except (ValueError, RecursionError):
                return None
            found = list(_walk(document, None, here))
            if found:
                here.claim(line)
            return found or None
        if text[:1] not in (" ", "\t", "") and len(parts) > 1:
            return None
    return None


_KEY = r"\"(?:[Ff]ile_?(?:[Nn]ame|[Pp]ath)?|path|uri|source|document|Target|posn)\" ?: ?(?:\"|\{)|\"(?:files|failureMessages)\" ?: ?[\[{]|\"fail\",\{|\"testStepFinished\""

FAMILY = Family(
    name="structured",
    about="JSON and XML reports printed to a log",
    names=("json", "checkstyle", "junit-xml", "sarif"),
    rules=(
        Rule('"', r"(?:\d{13} )?[\[{]\s*[\[{\"].*$", _line, scan=_KEY),
        Rule(("[", "{"), r"[\[{]$", _lines, scan=r"(?m:(?:^|[ \t])[\[{]$)"),
        Rule(
            ("<file ", "<error ", "<issue ", "<location ", "<violation "),
            r".*<(?:file (?:name|path)\s*=|error (?:line|column|severity|id)\s*=|issue line=|violation .*line=|location file=)",
            element,
        ),
        Rule(
            ("<failure", "<error message", "<error type"),
            r".*<(?:failure|error)(?:(?P<attributes>(?: (?:[^<>\"]|\"[^\"]*\")*)?)>(?P<text>.*)| message=\"[^\"<>]*$)",
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
