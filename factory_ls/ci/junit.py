"""JUnit XML, as most test runners can write it. There is no standard; this reads what they have in common.

https://github.com/testmoapp/junitxml, https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd
The file is anyone's: entities are refused, so that none can grow or read another file.
"""

# ruff: noqa: E501 (the runners' own lines)

import re
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from factory_ls.ci.files import FileIndex, Resolved
from factory_ls.ci.frames import Frame, place
from factory_ls.ci.here import Found
from factory_ls.ci.paths import external, plausible, tidy
from factory_ls.ci.places import find_place
from factory_ls.model.text import clean

_LONGEST_TEXT = 64 << 10
_MOST_LINES = 400
_PYTHON = re.compile(
    r"\s*(?:E\s+)?File \"(?P<path>[^\"]+)\", line (?P<line>\d{1,8})|(?P<path2>[^\s:]+\.pyx?):(?P<line2>\d{1,8}): "
)
_JAVA = re.compile(
    r"\s*at (?:[\w.$@-]+/)*(?P<package>(?:[\w$]+\.)*)[\w$<>]+\.[\w$<>]+\((?P<file>[\w$-]+\.(?:java|kt|scala|groovy)):(?P<line>\d{1,8})\)"
)
_NET = re.compile(r"\s+(?:at|in) .*? in (?P<path>.+?):line (?P<line>\d{1,8})")
_LIBRARY = re.compile(
    r"(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|org\.(?:junit|gradle|apache\.maven|testng|assertj|hamcrest"
    r"|mockito|opentest4j|codehaus\.groovy|spockframework|scalatest|springframework)|io\.kotest|worker\.org)\."
)
_SOURCES = (".py", ".java", ".kt", ".scala", ".groovy", ".cs", ".fs", ".php", ".rb", ".go", ".js", ".ts", ".swift")
_EMPTY = re.compile(r"(?:Failed|Failure|Error|failed|null)?\.?$|=== |--- |Traceback \(most recent")
_RUNNERS = (
    "pytest",
    "jest",
    "vitest",
    "mocha",
    "phpunit",
    "rspec",
    "cypress",
    "playwright",
    "gotest",
    "nextest",
    "ctest",
    "bun",
)


class EntityError(ValueError):
    """The file declares entities."""


class _Case:
    __slots__ = ("attributes", "kind", "outcome", "runner", "suites", "text")

    def __init__(self, attributes: dict[str, str], suites: list[dict[str, str]], runner: str) -> None:
        self.attributes = attributes
        self.suites = suites
        self.runner = runner
        self.kind = ""
        self.outcome: dict[str, str] = {}
        self.text = ""


class _Reader:
    """Collects the cases that failed. Elements of other names, and their text, are passed over."""

    def __init__(self) -> None:
        self.failed: list[_Case] = []
        self.seen = False
        self._suites: list[dict[str, str]] = []
        self._case: _Case | None = None
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("testsuites", "testsuite"):
            self.seen = True
            self._suites.append(attributes)
        elif name == "testcase":
            self._case = _Case(attributes, self._suites[-3:], self._runner())
        elif name in ("failure", "error") and self._case is not None and not self._case.kind:
            self._case.kind, self._case.outcome, self._inside = name, attributes, True

    def end(self, name: str) -> None:
        if name in ("testsuites", "testsuite") and self._suites:
            self._suites.pop()
        elif name in ("failure", "error"):
            self._inside = False
        elif name == "testcase" and self._case is not None:
            if self._case.kind:
                self.failed.append(self._case)
            self._case = None

    def data(self, text: str) -> None:
        if self._inside and self._case is not None and len(self._case.text) < _LONGEST_TEXT:
            self._case.text += text

    def _runner(self) -> str:
        names = " ".join(suite.get("name", "") for suite in self._suites[:2]).lower()
        return next((runner for runner in _RUNNERS if runner in names.split()), "junit")


def read(chunks: Iterable[bytes], files: FileIndex | None = None) -> Iterator[Found]:
    """The failed test cases. ValueError when it is no JUnit XML, EntityError when it holds entities."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.EntityDeclHandler = _forbid
    parser.UnparsedEntityDeclHandler = _forbid
    parser.ExternalEntityRefHandler = _forbid
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield from _told(reader, files)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(f"it is not well-formed: {error}") from error
    yield from _told(reader, files)
    if not reader.seen:
        raise ValueError("it has no test suites")


def _told(reader: _Reader, files: FileIndex | None) -> Iterator[Found]:
    failed, reader.failed = reader.failed, []
    for case in failed:
        yield _found(case, files)


def _forbid(*_: object) -> int:
    raise EntityError("it declares entities")


def _found(case: _Case, files: FileIndex | None) -> Found:
    text = clean(case.text).strip("\n")
    name, owner = clean(case.attributes.get("name", "")).strip(), clean(case.attributes.get("classname", "")).strip()
    said = _said(clean(case.outcome.get("message", "")[:_LONGEST_TEXT]).strip(), text, name) or case.kind
    found = Found(tool=case.runner, message=said[:2000])
    kind = re.match(r"(?:[\w$]+[.\\])*([A-Za-z_]\w*)$", case.outcome.get("type", ""))
    raised = kind or re.match(r"(?:[\w$]+\.)*(\w*(?:Error|Exception|Failure))\b", found.message)
    found.code = raised[1] if raised else None
    found.test = f"{owner}.{name}" if owner and not name.startswith(owner) else name or owner or None
    found.excerpt = "\n".join(text.split("\n")[:12])[:2000] or said[:2000]
    frames, innermost_last = _frames(text)
    if files is not None:
        frames = [known for frame in frames if (known := _known(frame, owner, files)) is not None]
    place(found, frames, innermost_last=innermost_last)
    if not found.path:
        found.printed = _declared(case, files)
        found.path = tidy(found.printed)
        if found.path:
            found.line, found.column = _numbers(case, text)
    package = case.suites[-1].get("package", "") if case.suites else ""
    if (linter := re.fullmatch(r"org\.([\w-]+)", package)) and name.startswith(package + "."):
        # Linters (ESLint, ruff) write each finding as a test named after its rule.
        found.tool, found.code, found.test = linter[1], name.removeprefix(package + "."), None
    return found


def _known(frame: Frame, owner: str, files: FileIndex) -> Frame | None:
    """The frame if its file is the repository's. Go prints a file's name alone; its package is the test's class."""
    for path in (frame.path, f"{owner}/{frame.path}"):
        if isinstance(files.resolve(path), Resolved):
            return frame._replace(path=path)
    return None


def _said(message: str, text: str, name: str) -> str:
    """What went wrong, in a line: the message, or the text's first line that says anything."""
    for line in [message, *text.split("\n")[:_MOST_LINES]]:
        first = re.sub(r"^[\w./-]+_test\.go:\d+: ", "", line.strip().split("\n", 1)[0].strip())
        if first and not _EMPTY.match(first) and not (name and first.endswith(name)):
            return first
    return message.split("\n", 1)[0]


def _numbers(case: _Case, text: str) -> tuple[int | None, int | None]:
    """Line and column, where the file tells them. pytest's line is the test's first, and counted from 0."""
    told = re.match(r"\s*line (\d{1,8}), col(?:umn)? (\d{1,6})", text)
    if told:
        return int(told[1]) or None, int(told[2]) or None
    if case.runner == "pytest":
        return None, None
    for holder in (case.outcome, case.attributes):
        line, column = holder.get("line", holder.get("lineno", "")), holder.get("column", "")
        if re.fullmatch(r"\d{1,8}", line, re.ASCII):
            return int(line) or None, int(column) or None if re.fullmatch(r"\d{1,6}", column, re.ASCII) else None
    return None, None


def _frames(text: str) -> tuple[list[Frame], bool]:
    """The frames in a failure's text, and whether the innermost is the last, as in Python's."""
    python: list[Frame] = []
    others: list[Frame] = []
    for line in (line[:500] for line in text.split("\n")[:_MOST_LINES]):
        if frame := _PYTHON.match(line):
            python.append(Frame(frame["path"] or frame["path2"], int(frame["line"] or frame["line2"])))
        elif frame := _JAVA.match(line):
            if not _LIBRARY.match(frame["package"] or ""):
                others.append(Frame((frame["package"] or "").replace(".", "/") + frame["file"], int(frame["line"])))
        elif frame := _NET.match(line):
            others.append(Frame(frame["path"], int(frame["line"])))
        elif (found := find_place(line)) is not None and not external(found.path):
            others.append(Frame(found.path, found.line, column=found.column))
    return (python, True) if python else (others, False)


def _declared(case: _Case, files: FileIndex | None) -> str:
    """The file that the test is said to be in; its class's file, where the repository has just one such."""
    holders = [case.outcome, case.attributes, *reversed(case.suites)]
    for holder in holders:
        for name in ("file", "filepath", "filename"):
            path = clean(holder.get(name, ""))
            if path and plausible(tidy(path)) and not external(path):
                return path
    for holder in holders[1:]:
        for name in ("classname", "name"):
            path = clean(holder.get(name, ""))
            known = tidy(path).endswith(_SOURCES) if files is None else isinstance(files.resolve(path), Resolved)
            if "." in path and plausible(tidy(path)) and known:
                return path
    if files is not None:
        parts = [part for part in re.split(r"[.\\]|::", case.attributes.get("classname", "")) if part][:20]
        for count in range(len(parts), 0, -1):
            for source in _SOURCES:
                resolved = files.resolve("/".join(parts[:count]).split("$", 1)[0] + source)
                if isinstance(resolved, Resolved):
                    return resolved.path
    return ""
