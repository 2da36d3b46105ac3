"""A problem as an LSP diagnostic."""

import re
from pathlib import Path

from factory_ls.ci.place.columns import to_units
from factory_ls.lsp.shapes import CodeDescription, Diagnostic, Location, Position, Range, RelatedInformation
from factory_ls.lsp.text import Text
from factory_ls.model.problem import Placement, Problem, Severity

SEVERITIES = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFO: 3, Severity.HINT: 4}
LINE_END = 10_000
"""A character past the end of any sensible line: editors clamp it (LSP 3.17, "Position")."""
MOST_RELATED = 8

_WORD = re.compile(r"\w+")


def diagnostic(problem: Problem, root: str, text: Text | None) -> Diagnostic:
    """`root` is the worktree's, for related places; `text` the file's when the editor has it open."""
    edited = problem.placement is Placement.EDITED
    url = problem.url if problem.url and problem.url.startswith(("https://", "http://")) else None
    return Diagnostic(
        range=span(problem, text),
        severity=4 if edited else SEVERITIES[problem.severity],
        source="review" if problem.tool == "review" else f"ci · {problem.tool}",
        message=f"{problem.message}\n(this line was edited since the check)" if edited else problem.message,
        # Editors show the link on the code, so a problem without one needs a stand-in.
        code=problem.code or (problem.tool if url else None),
        code_description=CodeDescription(url) if url else None,
        related_information=_related(problem, root) if problem.related else (),
        data={"problem": problem.id},
    )


def shown(problem: Problem) -> bool:
    return problem.placement is not Placement.GONE


def span(problem: Problem, text: Text | None) -> Range:
    """Where to underline: the printed columns, or the word at the column, or the line's text. 0-based."""
    first = max(0, (problem.line or 1) - 1)
    last = max(first, (problem.end_line or 0) - 1)
    if text is None:
        start = max(0, (problem.column or 1) - 1)
        end = problem.end_column - 1 if problem.end_column and problem.column else LINE_END
        return Range(Position(first, start), Position(last, max(end, start if last == first else 0)))
    line = text.line(first)
    if problem.column is None:
        begin, end = len(line) - len(line.lstrip()), len(text.line(last).rstrip())
    else:
        begin = min(max(0, problem.column - 1), len(line))
        end = problem.end_column - 1 if problem.end_column else _word_end(line, begin)
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
