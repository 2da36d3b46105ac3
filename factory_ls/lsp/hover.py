"""Hover: what the log says around a problem."""

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from factory_ls.lsp.convert import span
from factory_ls.lsp.shapes import Hover, MarkupContent
from factory_ls.model.problem import Problem

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

MOST_PROBLEMS = 5


def hover(session: "Session", params: types.HoverParams) -> Hover | None:
    """`textDocument/hover`"""
    path = session.file_path(params.text_document.uri)
    document = session.documents.by_path(path)
    text = document.text if document else None
    line, character = params.position.line, params.position.character
    here = []
    for problem in session.diagnostics.problems(path):
        where = span(problem, text)
        start, end = where.start, where.end
        if (start.line, start.character) <= (line, character) <= (end.line, end.character):
            here.append((problem, where))
    if not here:
        return None
    markdown = session.client.prefers_markdown_hover
    render = _markdown if markdown else _plain
    parts = [render(problem) for problem, _ in here[:MOST_PROBLEMS]]
    value = ("\n\n---\n\n" if markdown else "\n\n").join(parts)
    return Hover(MarkupContent("markdown" if markdown else "plaintext", value), here[0][1])


def _heading(problem: Problem) -> str:
    return " · ".join(filter(None, (problem.tool, problem.code, problem.test)))


def _place(problem: Problem) -> str:
    line = f"log line {problem.log_line}" if problem.log_line else None
    return " · ".join(filter(None, (problem.job, problem.step, line)))


def _plain(problem: Problem) -> str:
    return "\n".join(filter(None, (_heading(problem), problem.message, _place(problem), problem.excerpt, problem.url)))


def _markdown(problem: Problem) -> str:
    """Foreign text only ever inside fences, so that no log can draw a link or an image."""
    parts = [f"**CI** `{_inline(_heading(problem))}`", fenced(problem.message)]
    if problem.excerpt and problem.excerpt.strip() != problem.message.strip():
        parts.append(fenced(problem.excerpt))
    place = _place(problem)
    if problem.url and re.fullmatch(r"https?://[^\s()<>]+", problem.url):
        parts.append(f"`{_inline(place or 'job')}` — [open]({problem.url})")
    elif place:
        parts.append(f"`{_inline(place)}`")
    return "\n\n".join(parts)


def fenced(text: str) -> str:
    """`text` as a code block, whatever back-ticks it holds (CommonMark 0.31, "Fenced code blocks")."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _inline(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")
