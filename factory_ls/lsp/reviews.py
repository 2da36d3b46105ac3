"""Applying what a reviewer suggested, where it still fits: to the very lines it was written for, or not at all."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from factory_ls.ci.place.columns import to_units
from factory_ls.ci.place.lines import split_lines
from factory_ls.factory.reviewing import suggestions, thread_of
from factory_ls.lsp.ports import Application, Report
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Placement, Problem
from factory_ls.model.pull_request import ReviewThread

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session


def find_thread(application: Application, workspace: str, problem_id: str) -> ReviewThread:
    """Raises `notFound` when the pull request has no such thread (any more)."""
    pr = application.workspace(workspace).pr
    thread = thread_of(pr.threads if pr else (), problem_id)
    if thread is None:
        raise FactoryError(ErrorKind.NOT_FOUND, "There is no such review thread.", "It may have been resolved.")
    return thread


def refusal(problem: Problem, thread: ReviewThread) -> str | None:
    """Why a suggestion cannot be applied to the text as it is; null when it can."""
    start, end = thread.start_line or thread.original_start_line, thread.line or thread.original_line
    wanted = (end - start) if start and end else 0
    if problem.placement not in (Placement.EXACT, Placement.MOVED) or problem.line is None:
        return "the lines it is for were changed since"
    if (problem.end_line or problem.line) - problem.line != wanted:
        return "some of the lines it is for were changed since"
    return None


async def apply_suggestion(session: "Session", arguments: Mapping[str, Any], _: Report) -> dict[str, Any]:
    """`factory.pr.applySuggestion {workspace, problem, suggestion?}` → `{applied}`: by `workspace/applyEdit`.

    `suggestion` counts from 0 in the thread. Raises `conflict` when the lines were changed since, or the editor
    refuses the edit.
    """
    application = await session.application()
    workspace, problem_id = str(arguments.get("workspace") or ""), str(arguments.get("problem") or "")
    thread = find_thread(application, workspace, problem_id)
    found = suggestions(thread)
    index = arguments.get("suggestion", 0)
    if not isinstance(index, int) or not 0 <= index < len(found):
        raise FactoryError(ErrorKind.NOT_FOUND, "There is no such suggestion in the thread.", "")
    for open_path in session.diagnostics.paths():
        if _shown(session, open_path, problem_id):
            await session.diagnostics.refresh(application, open_path)  # as the file is now
    path = next((p for p in session.diagnostics.paths() if _shown(session, p, problem_id)), None)
    problem = _shown(session, path, problem_id) if path else None
    if path is None or problem is None:
        raise FactoryError(ErrorKind.CONFLICT, "The thread has no place in the text as it is.", "Its lines are gone.")
    if reason := refusal(problem, thread):
        raise FactoryError(ErrorKind.CONFLICT, f"The suggestion does not fit any more: {reason}.", "Apply it by hand.")
    edit = await _edit(session, path, problem, found[index].lines)
    label = f"Suggestion of {found[index].comment}"
    answer = await session.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit=edit, label=label))
    if not answer.applied:
        why = answer.failure_reason or "no reason given"
        raise FactoryError(ErrorKind.CONFLICT, f"The editor did not apply the suggestion: {why}.", "Try again.")
    return {"applied": True}


async def _edit(session: "Session", path: str, problem: Problem, lines: tuple[str, ...]) -> types.WorkspaceEdit:
    """Whole lines give way to whole lines. The version goes along, so that a stale edit is refused."""
    document = session.documents.by_path(path)
    first = (problem.line or 1) - 1
    after = problem.end_line or first + 1
    if document is not None:
        current = document.text.lines
        uri, version = document.uri, document.version
    else:
        body = await asyncio.to_thread(Path(path).read_text, encoding="utf-8", errors="replace")
        current, version = split_lines(body), None
        uri = session.client.uri(path) or Path(path).as_uri()
    text = "".join(line + "\n" for line in lines)
    if after < len(current):
        end = types.Position(after, 0)
    else:  # the last line has no end to take with it
        last = len(current) - 1
        end = types.Position(last, to_units(current[last], len(current[last]), session.client.position_encoding))
        text = text.removesuffix("\n")
    edit = types.TextEdit(types.Range(types.Position(first, 0), end), text)
    if session.client.can("workspace", "workspaceEdit", "documentChanges"):
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, [edit])])
    return types.WorkspaceEdit(changes={uri: [edit]})


def _shown(session: "Session", path: str, problem_id: str) -> Problem | None:
    return next((one for one in session.diagnostics.problems(path) if one.id == problem_id), None)
