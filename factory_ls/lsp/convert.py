"""A problem as an LSP diagnostic."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from factory_ls.ci.place.columns import to_units
from factory_ls.lsp.shapes import (
    CodeDescription,
    Diagnostic,
    Location,
    Position,
    ProblemData,
    Range,
    RelatedInformation,
)
from factory_ls.lsp.text import Text
from factory_ls.model.problem import Placement, Problem, Severity

# A file can have ten thousand problems: names looked up once, arguments by position, nothing called that need not be.
_EDITED, _UNPLACED = Placement.EDITED, Placement.UNPLACED
SEVERITIES = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFO: 3, Severity.HINT: 4}
EDITED = "\n(edited since CI)"
UNPLACED = "\n(line {line} of the checked commit, which cannot be compared with this text)"
LINE_END = 10_000
"""A character past the end of any sensible line: editors clamp it (LSP 3.17, "Position")."""
MOST_RELATED = 8

UNNECESSARY, DEPRECATED = 1, 2
_UNUSED = re.compile(
    r"F401|F811|F841|TS6(?:133|192|196|198)|(?:\S*/)?no-unused-\S+|unused[-_]\S+|reportUnused\w+|W061[1-3]"
)
_DEPRECATED = re.compile(r"TS638[57]|\S*deprecated\S*|W4901", re.IGNORECASE)

_WORD = re.compile(r"\w+")


class Look(NamedTuple):
    """How one editor wants its diagnostics. `severities`: source, tool or `*` → LSP severity; 0 for not at all."""

    severities: Mapping[str, int] = {}
    tags: bool = False
    related: bool = True
    most: int = 1_000
    """Of one file."""

    def severity(self, problem: Problem) -> int:
        given = SEVERITIES[problem.severity]
        if not self.severities:
            return given
        chosen = next((self.severities[name] for name in names(problem.tool) if name in self.severities), given)
        # A setting never makes an alarm of a hint: that is what a problem becomes that is being dealt with.
        return max(chosen, given) if chosen and problem.waiting else chosen


def names(tool: str) -> tuple[str, ...]:
    """What a setting may call the source of a problem, most exact first."""
    return ("review", "*") if tool == "review" else (f"ci · {tool}", tool, "ci", "*")


def diagnostic(problem: Problem, root: str, text: Text | None, look: Look) -> Diagnostic:
    """`root` is the worktree's, for related places; `text` the file's when the editor has it open."""
    placement, tool, message, code, url = problem.placement, problem.tool, problem.message, problem.code, problem.url
    severity = look.severity(problem) if look.severities else SEVERITIES[problem.severity]
    if placement is _EDITED:
        severity = severity if tool == "review" else 4
        message = message if problem.waiting else message + EDITED
    elif placement is _UNPLACED and problem.line:
        message += UNPLACED.format(line=problem.line)
    link = _link(url) if url else None
    return Diagnostic(
        span(problem, text),
        severity,
        _source(tool),
        message,
        # Editors show the link on the code, so a problem without one needs a stand-in.
        code or (tool if link else None),
        link,
        _related(problem, root) if problem.related and look.related else (),
        ProblemData(problem.id),
        _tags(code) if look.tags and code else (),
    )


@lru_cache(256)
def _source(tool: str) -> str:
    return "review" if tool == "review" else "ci · " + tool


@lru_cache(1024)
def _tags(code: str) -> tuple[int, ...]:
    """LSP 3.17, "DiagnosticTag", where a rule's name says it: unused is faded, deprecated is struck through."""
    if _UNUSED.fullmatch(code):
        return (UNNECESSARY,)
    return (DEPRECATED,) if _DEPRECATED.fullmatch(code) else ()


@lru_cache(1024)
def _link(url: str) -> CodeDescription | None:
    """One object for all problems of a job, which share its address."""
    return CodeDescription(url) if url.startswith(("https://", "http://")) else None


TOP = Range(Position(0, 0), Position(0, LINE_END))


def span(problem: Problem, text: Text | None) -> Range:
    """Where to underline: the printed columns, or the word at the column, or the line's text. 0-based."""
    if problem.placement is _UNPLACED:
        return TOP  # a wrong line is worse than none
    line_number, end_line, column, end_column = problem.line, problem.end_line, problem.column, problem.end_column
    first = line_number - 1 if line_number and line_number > 0 else 0
    last = end_line - 1 if end_line and end_line > first else first
    if text is None:
        start = column - 1 if column and column > 0 else 0
        end = end_column - 1 if end_column and column else LINE_END
        return Range(Position(first, start), Position(last, start if last == first and end < start else end))
    line = text.line(first)
    if column is None:
        begin, end = len(line) - len(line.lstrip()), len(text.line(last).rstrip())
    else:
        begin = min(max(0, column - 1), len(line))
        end = end_column - 1 if end_column else _word_end(line, begin)
    return Range(
        Position(first, to_units(line, begin, text.encoding)),
        Position(last, to_units(text.line(last), max(end, begin if last == first else 0), text.encoding)),
    )


def _word_end(line: str, begin: int) -> int:
    word = _WORD.match(line, begin)
    return word.end() if word else begin + 1


def _related(problem: Problem, root: str) -> tuple[RelatedInformation, ...]:
    found = []
    for place in problem.related[:MOST_RELATED]:
        line = max(0, (place.line or 1) - 1)
        path = Path(root, place.path)
        if path.is_absolute() and ".." not in path.parts:
            where = Location(path.as_uri(), Range(Position(line, 0), Position(line, LINE_END)))
            found.append(RelatedInformation(where, place.message))
    return tuple(found)
