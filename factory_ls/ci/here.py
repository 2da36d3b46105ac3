"""What a rule sees: the line it matched, the lines around it, and the step they are in."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re
from collections.abc import Callable, Iterator

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import external, plausible, tidy
from factory_ls.ci.severities import severity_of
from factory_ls.ci.structure import Step
from factory_ls.ci.window import Line
from factory_ls.model.problem import Related, Severity

EXCERPT_LINES = 12
EXCERPT_CHARACTERS = 2000
BIGGEST_LINE = 100_000_000
_ENDS = {"group": "Run ", "error": "Process completed with exit code "}
"""How a step's first line begins, and its last, where lines do not say which step they are of."""


class Found:
    """A problem while it is being put together. `path` is empty for a failure without a place."""

    __slots__ = (
        "code", "column", "cwd", "end_column", "end_line", "excerpt", "external", "fallback", "flaky", "gates", "jobs", "line", "log_line", "message", "path", "position",
        "printed", "related", "repeats", "severity", "step", "stray", "summary", "test", "tool",
    )  # fmt: skip

    def __init__(
        self, *, tool: str, message: str, path: str = "", line: int | None = None, severity: Severity = Severity.ERROR
    ) -> None:
        self.tool = tool
        self.message = message
        self.path = path
        self.printed = path
        self.line = line
        self.column: int | None = None
        self.end_line: int | None = None
        self.end_column: int | None = None
        self.severity = severity
        self.code: str | None = None
        self.test: str | None = None
        self.related: list[Related] = []
        self.excerpt = ""
        self.external = False
        self.fallback = False
        """Counts only in a step that is known to have failed and has told of nothing else."""
        self.gates = False
        """Fails its step whatever it is called: an error where the step is known to have failed."""
        self.flaky = False
        """Tells that its test passed when run again: what was said of that test is no error."""
        self.log_line = 0
        self.position = 0
        self.step: Step | None = None
        self.cwd: str | None = None
        """The folder make was in; as it printed it."""
        self.jobs: list[str] = []
        self.repeats = False
        """An annotation: dropped where the tool itself told of the same line in the same words or more."""
        self.stray = False
        """Printed by any program, perhaps one that went on: dropped where a test runner tells of the failure."""
        self.summary = False
        """Repeats what was said elsewhere with more detail: dropped when that is known."""


class Here:
    """The cursor a rule is given. Neighbouring lines come with the same prefix peeled off as the matched one."""

    __slots__ = ("claimed", "label", "line", "memory", "others", "peel", "step", "text", "tool")

    def __init__(
        self,
        line: Line,
        text: str,
        peel: re.Pattern[str] | None,
        step: Step,
        memory: dict[str, object],
        label: str = "",
    ) -> None:
        self.line = line
        self.text = text
        self.peel = peel
        self.step = step
        self.memory = memory
        self.label = label
        """What was peeled off, where it names who printed the line: others may print in between."""
        self.others: list[int] = []
        """Where the lines are that others printed in between."""
        self.claimed = -1
        self.tool = ""

    @property
    def level(self) -> str:
        """The workflow command the line was wrapped in, or ""."""
        return self.line.level

    @staticmethod
    def severity(word: str | None) -> Severity:
        return severity_of(word)

    def below(self, limit: int = 200) -> Iterator[tuple[str, Line]]:
        """Up to `limit` lines after this one, in this job and step."""
        return self._walk(self.line.window.next, limit)

    def above(self, limit: int = 200) -> Iterator[tuple[str, Line]]:
        """Up to `limit` lines before this one, nearest first, in this job and step."""
        return self._walk(self.line.window.previous, limit)

    def _walk(self, step: Callable[[Line], Line | None], limit: int) -> Iterator[tuple[str, Line]]:
        line, own, peel = self.line, self.line.clean, self.peel
        for _ in range(limit):
            neighbour = step(line)
            if neighbour is None:
                return
            line, clean = neighbour, neighbour.clean
            # Continued lines of an annotation have no columns: they are here.
            if clean.job is not None and (clean.job != own.job or clean.step != own.step):
                return
            text = clean.text
            if clean.level and text.startswith(_ENDS.get(clean.level, "\0")):
                return
            # White space at the end of a line was taken off, the prefix's too.
            if peel is not None and (matched := peel.match(text) or peel.match(f"{text} ")):
                if self.label and another(self.label, matched[0]):
                    self.others.append(line.position)
                    continue
                text = text[matched.end() :]
            yield text, line

    def paragraph(self, limit: int = EXCERPT_LINES) -> Line:
        """The last line before the next empty one."""
        last = self.line
        for text, line in self.below(limit):
            if not text.strip():
                break
            last = line
        return last

    def claim(self, line: Line) -> None:
        """No other rule looks at the lines up to and including `line`."""
        self.claimed = max(self.claimed, line.position)

    def found(
        self,
        message: str,
        path: str = "",
        line: int | str | None = None,
        *,
        column: int | str | None = None,
        severity: Severity = Severity.ERROR,
        tool: str = "",
        code: str | None = None,
        test: str | None = None,
        at: Line | None = None,
        last: Line | None = None,
    ) -> Found:
        """A problem first told of on log line `at` (default: this one), whose excerpt ends with `last`."""
        at = at or self.line
        found = Found(
            tool=tool or self.tool, message=_one_line(message), path=tidy(path) if path else "", severity=severity
        )
        found.printed = path
        found.line = _number(line)
        found.column = _number(column)
        found.code = code or None
        found.test = test or None
        found.log_line = at.number
        found.position = at.position
        found.step = self.step
        found.cwd = self.step.folders[-1] if self.step.folders else None
        found.external = bool(path) and external(path)
        found.excerpt = self._excerpt(at, last)
        return found

    def located(
        self,
        match: re.Match[str],
        *,
        severity: Severity = Severity.ERROR,
        code: str | None = None,
        tool: str = "",
        message: str = "",
    ) -> Found | None:
        """A problem from a match's named groups, or None when its path cannot be a file."""
        groups = match.groupdict()
        path = groups.get("path") or ""
        if not plausible(tidy(path)):
            return None
        found = self.found(
            message or groups.get("msg") or match[0],
            path,
            groups.get("line"),
            column=groups.get("col"),
            severity=severity_of(groups.get("sev"), severity),
            tool=tool or groups.get("tool") or "",
            code=groups.get("code") or code,
            test=groups.get("test"),
        )
        found.end_line = _number(groups.get("eline"))
        found.end_column = _number(groups.get("ecol"))
        return found

    def tool_for(self, path: str) -> str:
        """Whose line this may be, told by the file and the step's command, where its shape is that of many tools."""
        return tool_of(tidy(path), None, "", self.step.command)

    @staticmethod
    def relate(found: Found) -> Related:
        return Related(path=found.path, line=found.line, message=found.message)

    def _excerpt(self, first: Line, last: Line | None) -> str:
        lines = [first.text.rstrip()]
        line: Line | None = first
        job, columns = first.clean.job, first.clean.head.count("\t")
        size = len(lines[0])
        while line is not None and len(lines) < EXCERPT_LINES and size < EXCERPT_CHARACTERS:
            if last is not None and line.start >= last.start:
                break
            line = line.window.next(line)
            if line is None or line.clean.job != job or line.clean.head.count("\t") != columns:
                break
            text = line.text
            if last is None and not _goes_on(text):
                break
            lines.append(text)
            size += len(text)
        while lines and not lines[-1].strip():
            lines.pop()
        return "\n".join(lines)[:EXCERPT_CHARACTERS]


_DIGITS = re.compile(r"\d+")


def another(label: str, other: str) -> bool:
    """Whether `other` is in front of what someone else printed: `ui:test: `, where `web:test: ` is in front of ours.

    Counters count on. Of two words the second, the task, must be ours: `Type error: ` is nobody's name.
    """
    label, other = _DIGITS.sub("", label).strip(), _DIGITS.sub("", other).strip()
    if label == other:
        return False
    return " " not in label.rstrip("| ") or label.rsplit(" ", 1)[-1] == other.rsplit(" ", 1)[-1]


_CONTINUED = re.compile(r"\s{2,}\S|\s*\d*\s*[|│┃╎]|\s*\^|[~^ ]+$|E\s")


def _goes_on(text: str) -> bool:
    return bool(text.strip()) and bool(_CONTINUED.match(text))


def _one_line(message: str) -> str:
    return message.strip()[:2000]


def _number(text: int | str | None) -> int | None:
    if text is None or text == "":
        return None
    number = int(text)
    return number if 0 < number < BIGGEST_LINE else None
