"""What can be done about the problems under the cursor."""

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from factory_ls.lsp.commands import OPEN_LOG
from factory_ls.lsp.convert import span
from factory_ls.lsp.shapes import CodeAction, Command
from factory_ls.model.problem import Problem

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

QUICK_FIX = "quickfix"
LONGEST_TITLE = 60


def code_actions(session: "Session", params: types.CodeActionParams) -> list[CodeAction]:
    """`textDocument/codeAction`. Works from what is shown, so also where a client drops a diagnostic's `data`."""
    only = params.context.only
    if only and not any(kind == QUICK_FIX or QUICK_FIX.startswith(f"{kind}.") or kind == "" for kind in only):
        return []
    path = session.file_path(params.text_document.uri)
    shown = session.diagnostics.problems(path)
    first, last = params.range.start.line, params.range.end.line
    here = [problem for problem in shown if _covers(problem, first, last)]
    workspace = session.diagnostics.workspace(path)
    if not here or workspace is None:
        return []
    diagnostics = _by_problem(session, params)
    actions = [
        _action(
            f"Fix with Claude: {_short(problem.message)}",
            "factory.ci.fix",
            {"workspace": workspace, "problem": problem.id},
            diagnostics.get(problem.id),
            preferred=len(here) == 1,
        )
        for problem in here
    ]
    if len(shown) > 1:
        arguments = {"workspace": workspace, "path": here[0].path}
        actions.append(_action(f"Fix all {len(shown)} problems of this file with Claude", "factory.ci.fix", arguments))
    for check in dict.fromkeys(problem.check for problem in here if problem.check):
        arguments = {"workspace": workspace, "check": check}
        actions.append(_action(f"Fix the check “{_short(check)}” with Claude", "factory.ci.fix", arguments))
    if any(problem.check for problem in here):
        actions.append(_action("Re-run failed jobs", "factory.pr.rerunFailed", {"workspace": workspace}))
    actions += [
        _action("Open log at the line", OPEN_LOG, {"workspace": workspace, "problem": problem.id})
        for problem in here[:1]
        if problem.log_line is not None
    ]
    return actions


def _covers(problem: Problem, first: int, last: int) -> bool:
    where = span(problem, None)
    return where.start.line <= last and where.end.line >= first


def _by_problem(session: "Session", params: types.CodeActionParams) -> dict[str, list[Any]]:
    """The client's own diagnostics by problem id, given back so that it can tie the action to them."""
    found: dict[str, list[Any]] = {}
    for one in params.context.diagnostics:
        if isinstance(one.data, dict) and isinstance(problem := one.data.get("problem"), str):
            found.setdefault(problem, []).append(session.protocol.unstructured(one))
    return found


def _action(
    title: str,
    command: str,
    arguments: dict[str, Any],
    diagnostics: list[Any] | None = None,
    *,
    preferred: bool = False,
) -> CodeAction:
    return CodeAction(
        title=title,
        kind=QUICK_FIX,
        command=Command(title, command, [arguments]),
        diagnostics=diagnostics,
        is_preferred=preferred,
    )


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"
