"""XML reports printed to a log: checkstyle and its kin, cppcheck, PMD, JUnit."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re
from html import unescape
from itertools import pairwise

from factory_ls.ci.families.stacks import frame
from factory_ls.ci.frames import Frame, place
from factory_ls.ci.naming import tool_of
from factory_ls.ci.rules import Found, Here, severity_of
from factory_ls.ci.text import MAX_LINE
from factory_ls.ci.window import Line


def whole(line: Line, text: str) -> str:
    """The line as it is in the log: matchers see the beginning of long ones only."""
    if len(text) < MAX_LINE // 4:
        return text
    raw = line.window.data[line.start : line.end].decode("utf-8", "replace")
    at = raw.find(text[:60])
    return raw[at:] if at >= 0 else text


_ELEMENT = re.compile(
    r"<(?P<name>file|error|issue|violation|location)\b(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)}


def element(_: re.Match[str], here: Here) -> list[Found] | None:
    """checkstyle and its many kin: `<file name="a.js">`, `<error line="3" severity="error" message="…" source="rule"/>`."""
    found: list[Found] = []
    known = False
    for one in _ELEMENT.finditer(_closed(whole(here.line, here.text), here)):
        values = _attributes(one["attributes"])
        if one["name"] == "file" and (name := values.get("name") or values.get("path")):
            here.memory["xml file"], known = name, True
        elif one["name"] == "location" and isinstance(told := here.memory.pop("xml error", None), dict):
            found += _element(
                {**told, "line": values.get("line", ""), "column": values.get("column", "")}, values.get("file"), here
            )
        elif one["name"] == "error" and "msg" in values and "line" not in values:
            here.memory["xml error"], known = values, True  # cppcheck: the place follows
        elif isinstance(path := here.memory.get("xml file"), str):
            if one["name"] == "violation" and "message" not in values:  # PMD: it is the element's text
                values["message"] = next((unescape(text.strip()) for text, _ in here.below(2) if text.strip()), "")
            found += _element(values, path, here)
    return found or ([] if known else None)


def _closed(text: str, here: Here) -> str:
    """With the lines a message goes on in: until the quotation it began is at its end."""
    if text.rfind(">") > text.rfind("<") or text.count('"') % 2 == 0:
        return text
    for below, line in here.below(20):
        text += f"\n{whole(line, below)}"
        if '"' in below:
            break
    return text


_PRIORITIES = {"3": "warning", "4": "warning", "5": "info"}
_SOURCES = {"com.puppycrawl": "checkstyle", **{tool: tool for tool in ("eslint", "shellcheck", "detekt", "ktlint")}}


def _element(values: dict[str, str], path: str | None, here: Here) -> list[Found]:
    message = values.get("message") or values.get("msg") or values.get("reason") or values.get("text") or ""
    line = values.get("line") or values.get("beginline") or ""
    if not path or not message or not line.isdigit():
        return []
    column = values.get("column") or values.get("char") or values.get("begincolumn") or ""
    source = values.get("source") or values.get("id") or values.get("rule") or ""
    # com.puppycrawl.tools.checkstyle.checks.FooCheck, eslint.rules.no-undef, ShellCheck.SC2086
    code = source.rsplit(".", 1)[-1].removesuffix("Check") or None
    message = message.removesuffix(f" ({code})")
    one = here.found(message, path, line, column=column if column.isdigit() else None, code=code)
    one.severity = severity_of(values.get("severity") or _PRIORITIES.get(values.get("priority", "")))
    one.tool = next(
        (tool for start, tool in _SOURCES.items() if source.lower().startswith(start)),
        tool_of(one.path, code, message, here.step.command),
    )
    return [one]


_OPENED = re.compile(r"<(?:failure|error)(?P<attributes>(?: (?:[^<>\"]|\"[^\"]*\")*)?)>(?P<text>.*)", re.DOTALL)
_CASE = re.compile(
    r"(?P<test>(?:[^<>\"]|\"[^\"]*\")*)>\s*<(?:failure|error)(?P<attributes>(?: (?:[^<>\"]|\"[^\"]*\")*)?)>(?P<text>.*?)(?=</testcase>)",
    re.DOTALL,
)
_SHOWN = re.compile(r"L(?P<line>\d+) \|")
_POINTED = re.compile(r"\s*\^ (?P<msg>.*?)(?: \((?P<code>[\w-]+)\))?(?:\]\]>.*)?$")
_END = re.compile(r"(?:\]\]>)?</(?:failure|error)>.*")
_QUOTED = re.compile(r"^(?P<line>\d+):\d+:")  # csslint: place and source
_IN_FILE = re.compile(r"\((?P<path>(?:/|[A-Za-z]:)[^\s()]+\.[cm]?[jt]sx?)\)$")
_ENTITY_PLACE = re.compile(r"\bline (?P<line>\d+), col (?P<col>\d+)")
_PRINTED = re.compile(r"\s*(?:File \")?(?P<path>[^\s:\"]+\.\w+)(?::|\", line )(?P<line>\d+)")


def failure(match: re.Match[str], here: Here) -> list[Found] | None:
    """JUnit: `<testcase name="adds" file="t.js">`, then `<failure message="…">` with a stack."""
    told = match if match["text"] is not None else _OPENED.search(_closed(whole(here.line, here.text), here))
    if told is None:
        return None
    test, suite = _enclosing(here)
    line = whole(here.line, here.text)
    if line.count("</testcase>") > 1:  # a suite in a line
        suite = next((_attributes(one[1]) for one in re.finditer(r"<testsuite\b([^>]*)>", line)), suite)
        cases = (one for case in line.split("<testcase")[1:] if (one := _CASE.match(case)))
        return [found for one in cases for found in _failed(one, _attributes(one["test"]), suite, here)] or None
    return _failed(told, test, suite, here) or None


def _failed(told: re.Match[str], test: dict[str, str], suite: dict[str, str], here: Here) -> list[Found]:
    values = _attributes(told["attributes"])
    text = [unescape(one).removeprefix("<![CDATA[") for one in told["text"].split("\n")]
    if not any("</failure>" in one or "</error>" in one for one in text) and not told["attributes"].endswith("/"):
        for below, _ in here.below(200):
            text.append(unescape(below))
            if "</failure>" in below or "</error>" in below:
                break
    message = values.get("message") or next((one.strip() for one in text if one.strip()), "")
    if not message:
        return []
    if listed := _pointed(text, test.get("name") or "", here):
        return listed
    found = here.found(message.split("\n", 1)[0], tool="junit", test=test.get("name"))
    found.repeats = True
    frames: list[Frame] = []
    for one in text:
        if one_frame := frame(_END.sub("", one)):
            frames.append(one_frame)
        elif (printed := _PRINTED.match(one)) and not frames:
            frames.append(Frame(printed["path"], int(printed["line"])))
    place(found, frames, innermost_last=False)
    if not found.path and (name := test.get("file") or suite.get("name")):
        numbered = _ENTITY_PLACE.search(" ".join(text))
        own = test.get("line") or ""
        line = int(own) if own.isdigit() else int(numbered["line"]) if numbered else 0
        if line == 0 and (quoted := _QUOTED.search(text[0])):
            line = int(quoted["line"])
        place(
            found,
            [Frame(name, line, "", int(numbered["col"]) if numbered and int(numbered["line"]) == line else None)],
            innermost_last=True,
        )
    if not found.path and (file := _IN_FILE.search(message.split("\n", 1)[0])):
        place(found, [Frame(file["path"], 0)], innermost_last=True)
    return [found]


def _pointed(text: list[str], path: str, here: Here) -> list[Found]:
    """htmlhint: a file is a test, its failure a list of `L3 |<source>` and below it `   ^ message (rule)`."""
    found: list[Found] = []
    for above, below in pairwise(text):
        if (shown := _SHOWN.match(above)) and (told := _POINTED.match(below)):
            one = here.found(told["msg"], path, shown["line"], code=told["code"], tool="htmlhint")
            found.append(one)
    return found


def _enclosing(here: Here) -> tuple[dict[str, str], dict[str, str]]:
    test: dict[str, str] | None = None
    for text, _ in [(here.text, here.line), *here.above(3000)]:
        if test is None and (told := re.search(r"<testcase\b([^>]*)>", text)):
            test = _attributes(told[1])
        if told := re.search(r"<testsuite\b([^>]*)>", text):
            return test or {}, _attributes(told[1])
    return test or {}, {}
