"""What Claude asks of the user, put to every editor; the first answer wins and the other editors' boxes go."""

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from factory_ls.lsp.ports import Application, Change
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import PendingRequest
from factory_ls.model.session import Session as ClaudeSession

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

QUESTION, PLAN = "AskUserQuestion", "ExitPlanMode"


class Choice(NamedTuple):
    """A button, and what it adds to the arguments of `factory.session.answer`."""

    title: str
    answer: dict[str, Any]


class Asks:
    def __init__(self, session: "Session") -> None:
        self._session = session
        self._application: Application | None = None
        self._open: dict[tuple[str, str], asyncio.Task[Any]] = {}

    def attach(self, application: Application) -> None:
        self._application = application
        self._update()

    def changed(self, change: Change) -> None:
        if change.sessions:
            self._update()

    def _update(self) -> None:
        assert self._application is not None  # noqa: S101 - only attached sessions are told of changes
        pending = {
            (session.id, request.request): (session, request)
            for session in self._application.sessions()
            for request in session.pending
        }
        for key in self._open.keys() - pending.keys():
            self._open.pop(key).cancel()  # answered elsewhere, or withdrawn: the editor is told to drop the box
        for key in pending.keys() - self._open.keys():
            self._open[key] = self._session.spawn(self._ask(*pending[key]))

    async def _ask(self, session: ClaudeSession, request: PendingRequest) -> None:
        choices = choices_for(request)
        text = f"Claude in {self._workspace_name(session.workspace_id)}: {request.title}"
        if not choices:
            self._session.show_message(types.MessageType.Info, f"{text}\nAnswer it in the session.")
            return
        params = types.ShowMessageRequestParams(
            type=types.MessageType.Info,
            message=text,
            actions=[types.MessageActionItem(title=choice.title) for choice in choices],
        )
        try:
            chosen = await self._session.window_show_message_request_async(params)
        except JsonRpcException:
            return  # a client that cannot ask: another may, and the command line can
        answer = next((one.answer for one in choices if chosen and one.title == chosen.title), None)
        if answer is None:
            return  # closed without an answer: it still waits, in other editors and in `factory.session.list`
        arguments = {"session": session.id, "request": request.request, **answer}
        try:
            await self._session.execute("factory.session.answer", arguments, lambda *_: None)
        except FactoryError as error:
            if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.CONFLICT):  # answered elsewhere first
                self._session.show_message(types.MessageType.Error, str(error))

    def _workspace_name(self, workspace: str) -> str:
        assert self._application is not None  # noqa: S101 - see _update
        try:
            return self._application.workspace(workspace).name
        except FactoryError:
            return workspace


def choices_for(request: PendingRequest) -> tuple[Choice, ...]:
    """The buttons for a request; none when buttons cannot answer it."""
    if request.tool == PLAN:
        return (Choice("Approve the plan", {"decision": "allow"}), Choice("Keep planning", {"decision": "deny"}))
    if request.tool == QUESTION or request.interactive:
        return _options(request.input)
    return (
        Choice("Allow", {"decision": "allow"}),
        Choice("Always allow", {"decision": "allowAlways"}),
        Choice("Deny", {"decision": "deny"}),
    )


def _options(asked: dict[str, Any]) -> tuple[Choice, ...]:
    """One question with single-choice options: `{questions: [{question, options: [{label}], multiSelect?}]}`."""
    questions = asked.get("questions")
    if not isinstance(questions, list) or len(questions) != 1 or not isinstance(questions[0], dict):
        return ()
    question, options = questions[0].get("question"), questions[0].get("options")
    if not isinstance(question, str) or not isinstance(options, list) or questions[0].get("multiSelect"):
        return ()
    labels = [
        option["label"] for option in options if isinstance(option, dict) and isinstance(option.get("label"), str)
    ]
    return tuple(Choice(label, {"decision": "allow", "answers": {question: label}}) for label in labels)
