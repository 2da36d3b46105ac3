"""What failed in a test runner's JSON report: mocha, jest and vitest, RSpec, Playwright, pytest-json-report."""

import re
from typing import Any

from factory_ls.ci.families.stacks import frame
from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Found, Here

_IN_FILE = re.compile(r"\((?P<path>(?:/|[A-Za-z]:)[^\s()]+\.[cm]?[jt]sx?)\)$")
_RUBY = re.compile(r"(?P<path>[^\s:]+\.rb):(?P<line>\d+)")


def failed_test(node: dict[str, Any], path: str | None, here: Here) -> Found | None:
    """The failure that an object of a report tells of; None where it is no test that failed."""
    name = next(
        (node[key] for key in ("fullTitle", "fullName", "full_description", "nodeid") if _text(node.get(key))), ""
    )
    if not name:
        return _failed_step(node, path, here)
    told = node.get("err") or node.get("exception") or node.get("error") or {}
    stack, lines = "", node.get("failureMessages")
    if isinstance(lines, list) and node.get("status") == "failed":
        stack = "\n".join(line for line in lines if isinstance(line, str))
    elif isinstance(told, dict):
        trace = told.get("stack") or told.get("estack") or told.get("backtrace") or ""
        stack = "\n".join(map(str, trace)) if isinstance(trace, list) else str(trace)
    elif isinstance(told, str) and _text(node.get("stack")):  # mocha's json-stream
        stack = node["stack"]
    message = str(told.get("message") or "") if isinstance(told, dict) else ""
    message = message.strip() or stack.strip()
    if not message:
        return None
    file = next((node[key] for key in ("file", "file_path") if _text(node.get(key))), path)
    line, place_told = node.get("line_number"), node.get("location")
    if isinstance(place_told, dict) and line is None:
        line = place_told.get("line")
    first = message.split("\n", 1)[0]
    if file is None and (named := _IN_FILE.search(first)):
        file = named["path"]
    frames = [one for text in stack.split("\n") if (one := frame(text) or _ruby(text))]
    found = here.found(first, tool=_runner(node), test=name)
    place(
        found, [*frames, *([Frame(file, line if isinstance(line, int) else 0)] if file else ())], innermost_last=False
    )
    return found if found.path else None


def _failed_step(node: dict[str, Any], path: str | None, here: Here) -> Found | None:
    """cucumber's `{"status": "failed", "error_message": "…stack…"}`, japa's `{"error": {"stack": …}}`."""
    inner = node.get("error")
    if isinstance(inner, dict) and _text(inner.get("stack")) and path:
        message, stack = str(inner.get("message") or inner["stack"]), inner["stack"]
    elif str(node.get("status")).lower() == "failed" and "assertionResults" not in node:
        stack = next((node[key] for key in ("error_message", "message") if _text(node.get(key))), "")
        message = stack
    else:
        return None
    frames = [one for text in stack.split("\n") if (one := frame(text) or _ruby(text)) and one.usable]
    if not frames:
        return None
    return place(here.found(message.split("\n", 1)[0], tool=_stepper(node)), frames, innermost_last=False)


def _stepper(node: dict[str, Any]) -> str:
    return "japa" if "error" in node else "cucumber"


def failed_suite(node: dict[str, Any], here: Here) -> Found | None:
    """A file of tests that could not be read: jest and vitest tell of it, and of no test in it."""
    message = node.get("message")
    if node["assertionResults"] or not _text(node.get("name")):
        return None
    if node.get("status") != "failed" and not _text(message):  # vitest before 1.0 called these passed
        return None
    lines = (str(message or "").strip() or "Test suite failed to run").split("\n")
    told = next((line.strip() for line in lines if line.strip() and "Test suite failed to run" not in line), lines[0])
    found = here.found(told, tool="jest" if "Test suite failed" in str(message) else "vitest")
    frames = [one for text in lines if (one := frame(text))]
    place(found, [*frames, Frame(node["name"], 0)], innermost_last=False)
    return found if found.path else None


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _ruby(text: str) -> Frame | None:
    one = _RUBY.match(text.strip())
    return Frame(one["path"], int(one["line"])) if one else None


def _runner(node: dict[str, Any]) -> str:
    return "jest" if "failureMessages" in node else "rspec" if "full_description" in node else "mocha"
