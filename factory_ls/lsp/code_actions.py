"""What can be done about the problems under the cursor."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from factory_ls.factory.reviewing import SOURCE, suggestions
from factory_ls.lsp.convert import span
from factory_ls.lsp.greeting import APPLY_SUGGESTION, COPY_COMMAND, OPEN_LOG, WRITE_REPLY
from factory_ls.lsp.ports import Application
from factory_ls.lsp.reviews import find_thread, refusal
from factory_ls.lsp.running import RUN
from factory_ls.lsp.shapes import CodeAction, Command, Disabled
from factory_ls.lsp.text import Text
from factory_ls.model.errors import FactoryError
from factory_ls.model.problem import Problem
from factory_ls.model.text import one_line

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

QUICK_FIX = "quickfix"
LONGEST_TITLE = 60


async def code_actions(session: "Session", params: types.CodeActionParams) -> list[CodeAction]:
    """`textDocument/codeAction`. Works from what is shown, so also where a client drops a diagnostic's `data`."""
    only = params.context.only
    if only and not any(kind == QUICK_FIX or QUICK_FIX.startswith(f"{kind}.") or kind == "" for kind in only):
        return []
    application = await session.application()
    path = session.file_path(params.text_document.uri)
    shown, workspace = session.diagnostics.problems(path), session.diagnostics.workspace(path)
    document = session.documents.by_path(path)
    first, last = params.range.start.line, params.range.end.line
    here = [problem for problem in shown if _covers(problem, first, last, document.text if document else None)]
    if not here or workspace is None:
        return []
    given = _by_problem(session, params)
    fixable = [one for one in here if one.tool != SOURCE and not one.waiting]
    threads = [one for one in here if one.tool == SOURCE]
    actions = [action for one in threads for action in _of_thread(application, workspace, one, given.get(one.id))]
    if not session.client.can("textDocument", "codeAction", "disabledSupport"):
        actions = [action for action in actions if action.disabled is None]
    actions += [
        _action(
            f"Fix with Claude: {one_line(problem.message, LONGEST_TITLE)}",
            "factory.ci.fix",
            {"workspace": workspace, "problem": problem.id},
            given.get(problem.id),
            preferred=len(here) == 1,
        )
        for problem in (*fixable, *threads)
    ]
    fixable_here = [one for one in shown if not one.waiting]
    if len(fixable_here) > 1:
        arguments = {"workspace": workspace, "path": here[0].path}
        count = len(fixable_here)
        actions.append(_action(f"Fix all {count} problems of this file with Claude", "factory.ci.fix", arguments))
    for check in dict.fromkeys(problem.check for problem in fixable if problem.check):
        arguments = {"workspace": workspace, "check": check}
        title = f"Fix the check “{one_line(check, LONGEST_TITLE)}” with Claude"
        actions.append(_action(title, "factory.ci.fix", arguments))
    if any(problem.check for problem in fixable):
        actions.append(_action("Re-run failed jobs", "factory.pr.rerunFailed", {"workspace": workspace}))
    actions += _of_log(workspace, here)
    actions += [
        _action(
            f"Dismiss until the next push: {one_line(problem.message, LONGEST_TITLE)}",
            "factory.ci.dismiss",
            {"workspace": workspace, "problem": problem.id},
            given.get(problem.id),
        )
        for problem in here
    ]
    return actions


def _of_log(workspace: str, here: Sequence[Problem]) -> list[CodeAction]:
    """For the first problem that has it: its line in the log, and the command that failed."""
    actions = []
    if (logged := next((one for one in here if one.log_line is not None), None)) is not None:
        actions.append(_action("Open log at the line", OPEN_LOG, {"workspace": workspace, "problem": logged.id}))
    if (ran := next((one for one in here if one.command), None)) is not None:
        arguments = {"workspace": workspace, "problem": ran.id}
        actions.append(_action(f"Run here: {one_line(ran.command or '', LONGEST_TITLE)}", RUN, arguments))
        actions.append(_action("Copy the failing command", COPY_COMMAND, arguments))
    return actions


def _of_thread(
    application: Application, workspace: str, problem: Problem, diagnostics: list[Any] | None
) -> list[CodeAction]:
    try:
        thread = find_thread(application, workspace, problem.id)
    except FactoryError:
        return []
    which = {"workspace": workspace, "problem": problem.id}
    reason = refusal(problem, thread)
    actions = [
        _action(
            f"Apply {suggestion.comment}'s suggestion",
            APPLY_SUGGESTION,
            {**which, "suggestion": index},
            diagnostics,
            refused=f"Not applicable: {reason}" if reason else None,
        )
        for index, suggestion in enumerate(suggestions(thread))
    ]
    whose = thread.comments[0].author or "the reviewer"
    actions.append(_action(f"Reply to {whose}…", WRITE_REPLY, which, diagnostics))
    resolve = {"workspace": workspace, "thread": thread.id}
    actions.append(_action(f"Resolve {whose}'s thread", "factory.pr.resolve", resolve, diagnostics))
    return actions


def _covers(problem: Problem, first: int, last: int, text: Text | None) -> bool:
    where = span(problem, text)
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
    refused: str | None = None,
) -> CodeAction:
    return CodeAction(
        title=title,
        kind=QUICK_FIX,
        command=Command(title, command, [arguments]),
        diagnostics=diagnostics,
        is_preferred=preferred,
        disabled=Disabled(refused) if refused else None,
    )
