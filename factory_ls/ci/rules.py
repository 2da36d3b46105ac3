"""What a tool family declares: rules that read lines, and samples that are its documentation and its test.

A rule is tried on a line only when one of its `hints` is in it, so hints are what makes reading fast: choose words
that are rare in logs. The pattern is matched at the start of the cleaned line. Named groups fill a `Found`:
`path line col eline ecol sev code msg test tool`. Where more lines belong to a problem, `read` looks around.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from factory_ls.ci.here import Found, Here
from factory_ls.ci.severities import severity_of
from factory_ls.model.problem import Severity

Read: TypeAlias = Callable[[re.Match[str], Here], "Found | Sequence[Found] | None"]
"""None: the line is another rule's to read. An empty sequence: it is this one's, and tells of no problem."""

# Building blocks for patterns. A path has no spaces unless it is absolute or a pattern says so.
PATH = r"(?P<path>(?:[A-Za-z]:[\\/]|/[A-Za-z]:/|file://)?[^\s:\"'`<>|*?(),;=\[\]{}][^\s:\"'`<>|*?,;]*)"
SPACED = r"(?P<path>(?:[A-Za-z]:[\\/]|file:///?(?:[A-Za-z]:)?)?[^:\"<>|*?\n\t]*[^\s:\"<>|*?\n\t])"
LINE = r"(?P<line>\d{1,9})"
COL = r"(?P<col>\d{1,9})"
AT = LINE + r"(?::" + COL + r")?"
SEV = r"(?P<sev>[Ff]atal [Ee]rror|FATAL ERROR|[Ee]rror|ERROR|[Ww]arning|WARNING|[Ff]atal|FATAL|[Nn]ote|NOTE|[Ii]nfo|INFO|[Rr]emark|[Hh]int|HINT|[Ww]arn|WARN|[Ii]nformation|[Nn]otice|[Ss]tyle|[Ss]uggestion|[Ee]rr)"


class Rule:
    """`hints` are plain strings; the line must hold one. `pattern` is compiled when first needed.

    Where no hint is rare, `scan` is a regular expression (in the dialect RE2 and `re` share) that finds the lines.
    `alone` says that whether `read` reads a line depends on that line only: where a log repeats it, it is not tried again.
    """

    __slots__ = ("_compiled", "alone", "code", "hints", "pattern", "read", "scan", "severity", "tool")

    def __init__(
        self,
        hints: str | Iterable[str],
        pattern: str,
        read: Read | None = None,
        *,
        tool: str = "",
        severity: Severity = Severity.ERROR,
        code: str | None = None,
        scan: str = "",
        alone: bool = False,
    ) -> None:
        self.hints = (hints,) if isinstance(hints, str) else tuple(hints)
        self.pattern = pattern
        self.read = read
        self.tool = tool
        self.severity = severity
        self.code = code
        self.scan = scan
        self.alone = alone
        self._compiled: re.Pattern[str] | None = None

    def match(self, text: str) -> re.Match[str] | None:
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = re.compile(self.pattern)
        return compiled.match(text)

    def found(self, match: re.Match[str], here: Here) -> Found | Sequence[Found] | None:
        if self.read is not None:
            return self.read(match, here)
        return here.located(match, severity=self.severity, code=self.code)


class Sample(NamedTuple):
    """Output as the tool prints it, and what must be read from it.

    Each expectation is `path:line[:column] severity [code]` or, for a failure without a place, `- tool`. Nothing
    else may be read from the output.
    """

    output: str
    expected: tuple[str, ...]
    title: str = ""


class Family(NamedTuple):
    """A tool, or tools whose output is of one kind. `names` are what `--list-tools` prints and `--tool` takes."""

    name: str
    about: str
    rules: tuple[Rule, ...]
    samples: tuple[Sample, ...] = ()
    names: tuple[str, ...] = ()
    always: bool = False
    """Whichever tools are asked for: what it reads is not theirs."""


def sample(output: str, *expected: str, title: str = "") -> Sample:
    return Sample(output.strip("\n"), expected, title)


__all__ = [
    "AT",
    "COL",
    "LINE",
    "PATH",
    "SEV",
    "SPACED",
    "Family",
    "Found",
    "Here",
    "Rule",
    "Sample",
    "Severity",
    "sample",
    "severity_of",
]
