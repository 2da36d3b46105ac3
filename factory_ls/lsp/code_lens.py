"""Code lenses: what can be done about a failing test or step, above it; and the state of the file, above everything."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from factory_ls.factory.folding import FAILURE
from factory_ls.lsp.convert import span
from factory_ls.lsp.greeting import EXPLAIN
from factory_ls.lsp.running import RUN
from factory_ls.lsp.shapes import CodeLens, Command, Position, Range
from factory_ls.model.errors import FactoryError
from factory_ls.model.problem import Placement, Problem, Severity
from factory_ls.model.text import one_line

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

MOST_TESTS = 50
LONGEST_COMMAND = 60


async def code_lens(session: "Session", params: types.CodeLensParams) -> list[CodeLens]:
    """`textDocument/codeLens`"""
    path = session.file_path(params.text_document.uri)
    shown, workspace = session.diagnostics.problems(path), session.diagnostics.workspace(path)
    if not shown or workspace is None:
        return []
    document = session.documents.by_path(path)
    lenses = [await _summary(session, path, workspace, shown)]
    seen: set[tuple[int, str]] = set()
    for problem in shown:
        # A failing test, or the step of a workflow that failed without naming a place.
        what = problem.test or (problem.id if problem.id.startswith(FAILURE) and problem.check else None)
        if not what or problem.waiting or problem.placement is Placement.UNPLACED:
            continue
        where = span(problem, document.text if document else None)
        if (where.start.line, what) not in seen and len(seen) < MOST_TESTS:
            seen.add((where.start.line, what))
            lenses += (CodeLens(where, command) for command in _of_test(problem, workspace))
    return lenses


def _of_test(problem: Problem, workspace: str) -> list[Command]:
    ids: dict[str, Any] = {"workspace": workspace, "problem": problem.id}
    commands = []
    if problem.command:
        commands.append(Command(f"▶ Run here: {one_line(problem.command, LONGEST_COMMAND)}", RUN, [ids]))
    commands.append(Command("Fix with Claude", "factory.ci.fix", [ids]))
    if problem.check:
        again = {"workspace": workspace, "check": problem.check}
        commands.append(Command("Re-run job", "factory.pr.rerunFailed", [again]))
    return commands


async def _summary(session: "Session", path: str, workspace: str, shown: Sequence[Problem]) -> CodeLens:
    title = summary(shown, session.diagnostics.gone(path))
    try:
        ratchet = (await session.application()).workspace(workspace).ratchet
    except FactoryError:
        ratchet = None
    if ratchet is not None and ratchet.enabled:
        title += f" · ratchet: {one_line(ratchet.reason, 100)}"
    top = Range(Position(0, 0), Position(0, 0))
    return CodeLens(top, Command(title, EXPLAIN, [{"workspace": workspace}]))


def summary(shown: Sequence[Problem], gone: int) -> str:
    """`CI: 2 errors · 1 edited since CI · 1 waiting for CI · 1 review comment · 1 gone`"""
    ci = [problem for problem in shown if problem.tool != "review"]
    now = [one for one in ci if not one.waiting and one.placement is not Placement.EDITED]
    counts = (
        (sum(one.severity is Severity.ERROR for one in now), "error", "s"),
        (sum(one.severity is Severity.WARNING for one in now), "warning", "s"),
        (sum(one.severity in (Severity.INFO, Severity.HINT) for one in now), "note", "s"),
        (sum(one.placement is Placement.EDITED and not one.waiting for one in ci), "edited since CI", ""),
        (sum(one.waiting for one in ci), "waiting for CI", ""),
        (len(shown) - len(ci), "review comment", "s"),
        (gone, "gone", ""),
    )
    parts = [f"{count} {name}{plural if count > 1 else ''}" for count, name, plural in counts if count]
    return "CI: " + " · ".join(parts)
