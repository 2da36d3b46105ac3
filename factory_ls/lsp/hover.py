"""Hover: what the log says around a problem."""

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from factory_ls.lsp.convert import span
from factory_ls.lsp.ports import Application
from factory_ls.lsp.shapes import Hover, MarkupContent
from factory_ls.model.errors import FactoryError
from factory_ls.model.problem import About, Problem
from factory_ls.model.ratchet import Proof

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

MOST_PROBLEMS = 5
MOST_JOBS = 5


async def hover(session: "Session", params: types.HoverParams) -> Hover | None:
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
    application = await session.application()
    workspace = session.diagnostics.workspace(path) or ""
    render = _markdown if markdown else _plain
    parts = [render(problem, application.problems.about(workspace, problem)) for problem, _ in here[:MOST_PROBLEMS]]
    if any(problem.tool != "review" for problem, _ in here):
        parts += _ratchet(application, workspace)
    value = ("\n\n---\n\n" if markdown else "\n\n").join(parts)
    return Hover(MarkupContent("markdown" if markdown else "plaintext", value), here[0][1])


def _heading(problem: Problem) -> str:
    return " · ".join(filter(None, (problem.tool, problem.code, problem.test)))


def _place(problem: Problem) -> str:
    line = f"log line {problem.log_line}" if problem.log_line else None
    return " · ".join(filter(None, (problem.job, problem.step, line)))


def notes(problem: Problem, about: About) -> list[str]:
    """What is known beyond the log, a sentence each."""
    said = []
    if about.since:
        said.append(f"Failing since commit {about.since[:10]}.")
    if about.on_base:
        said.append("Also failing on the base branch.")
    if about.flaky:
        said.append("Flaky: passed and failed on this commit.")
    if len(problem.jobs) > 1:
        more = ", …" if len(problem.jobs) > MOST_JOBS else ""
        said.append(f"In {len(problem.jobs)} jobs: {', '.join(problem.jobs[:MOST_JOBS])}{more}.")
    if about.suggestions:
        said.append(f"{about.suggestions} suggested change{'s' if about.suggestions > 1 else ''}: see the quick fixes.")
    return said


def _ratchet(application: Application, workspace: str) -> list[str]:
    """What the ratchet does about it, and why."""
    try:
        ratchet = application.workspace(workspace).ratchet
    except FactoryError:
        return []
    said = [f"Ratchet: {_escaped(_inline(ratchet.reason))}"] if ratchet.enabled else []
    if ratchet.proof:
        said.append(f"Proof: {_escaped(_inline(proved(ratchet.proof)))}")
    return said


def proved(proof: Proof) -> str:
    """A fix's proof in one line."""
    ran = "not run here" if proof.green is None else f"exit {proof.red} before, exit {proof.green} after"
    commit = proof.commit and f"commit {proof.commit[:10]}"
    facts = (f"{proof.seconds:.1f} s", f"${proof.cost_usd:.2f}", commit, proof.note)
    return f"{proof.command}: {ran} ({', '.join(filter(None, facts))})"


def _plain(problem: Problem, about: About) -> str:
    command = problem.command and f"$ {problem.command}"
    lines = (_heading(problem), problem.message, _place(problem), problem.excerpt, command, *notes(problem, about))
    return "\n".join(filter(None, (*lines, problem.url)))


def _markdown(problem: Problem, about: About) -> str:
    """Foreign text only ever inside fences, so that no log can draw a link or an image."""
    title = "**Review**" if problem.tool == "review" else f"**CI** `{_inline(_heading(problem))}`"
    parts = [title, fenced(problem.message)]
    if problem.excerpt and problem.excerpt.strip() != problem.message.strip():
        parts.append(fenced(problem.excerpt))
    if problem.command:
        parts.append(fenced(problem.command, "sh"))
    if said := notes(problem, about):
        parts.append(_escaped(" ".join(said)))
    place = _place(problem)
    if problem.url and re.fullmatch(r"https?://[^\s()<>]+", problem.url):
        parts.append(f"`{_inline(place or 'job')}` — [open]({problem.url})")
    elif place:
        parts.append(f"`{_inline(place)}`")
    return "\n\n".join(parts)


def fenced(text: str, language: str = "text") -> str:
    """`text` as a code block, whatever back-ticks it holds (CommonMark 0.31, "Fenced code blocks")."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _escaped(text: str) -> str:
    """`text` with what Markdown would act on made literal (CommonMark 0.31, "Backslash escapes")."""
    return re.sub(r"([\\`*_{}\[\]<>()#!|~])", r"\\\1", text)


def _inline(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")
