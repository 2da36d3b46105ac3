"""The commands over sessions: arguments in, `Sessions` asked, what users see out."""

from pathlib import Path
from typing import Any, Literal

import msgspec

from factory_ls.factory.command import Command, Context
from factory_ls.factory.journal import Journal
from factory_ls.factory.prompts import Prompts
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.transcript import Document
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import PermissionMode, Session, SessionEvent, Transcript
from factory_ls.model.wire import Params, Wire


class ListParams(Params, frozen=True, kw_only=True):
    workspace: str | None = None


class StartParams(Params, frozen=True, kw_only=True):
    workspace: str
    prompt: str | None = None
    workflow: str | None = None
    model: str | None = None
    permissions: PermissionMode | None = None


class SessionParams(Params, frozen=True, kw_only=True):
    session: str


class SendParams(SessionParams, frozen=True, kw_only=True):
    prompt: str
    uuid: str | None = None
    """The message's own id: sent twice, it is delivered once."""


class ForkParams(SessionParams, frozen=True, kw_only=True):
    prompt: str | None = None


class InterruptParams(SessionParams, frozen=True, kw_only=True):
    queued: bool = False
    """Drop the messages that wait behind the running turn too."""


class AnswerParams(SessionParams, frozen=True, kw_only=True):
    request: str
    decision: Literal["allow", "allowAlways", "deny"]
    message: str | None = None
    answers: dict[str, Any] | None = None


class TranscriptParams(SessionParams, frozen=True, kw_only=True):
    after: int = 0
    limit: int = 200


class ModelParams(SessionParams, frozen=True, kw_only=True):
    model: str


class PermissionsParams(SessionParams, frozen=True, kw_only=True):
    permissions: PermissionMode


class SessionDocument(Wire, frozen=True, kw_only=True):
    """A session to be read: Markdown, as far as the event numbered `seq`."""

    text: str
    seq: int


class SessionCommands:
    def __init__(self, journal: Journal, sessions: Sessions, prompts: Prompts) -> None:
        self._journal = journal
        self._sessions = sessions
        self._prompts = prompts

    def commands(self) -> list[Command]:
        return [
            Command("factory.session.list", "List sessions", ListParams, self._list),
            Command("factory.session.start", "Start a Claude session", StartParams, self._start, user_only=True),
            Command("factory.session.send", "Send a message to Claude", SendParams, self._send, user_only=True),
            Command("factory.session.interrupt", "Interrupt Claude", InterruptParams, self._interrupt, user_only=True),
            Command("factory.session.stop", "Stop a session", SessionParams, self._stop, user_only=True),
            Command("factory.session.resume", "Resume a session", SessionParams, self._resume, user_only=True),
            Command("factory.session.fork", "Fork a session", ForkParams, self._fork, user_only=True),
            Command("factory.session.transcript", "Read a session's events", TranscriptParams, self._transcript),
            Command("factory.session.document", "Read a session", SessionParams, self._document),
            Command("factory.session.answer", "Answer Claude's question", AnswerParams, self._answer, user_only=True),
            Command("factory.session.setModel", "Switch the model", ModelParams, self._set_model, user_only=True),
            Command(
                "factory.session.setPermissions", "Switch permissions", PermissionsParams, self._set_permissions,
                user_only=True,
            ),
        ]  # fmt: skip

    async def _list(self, params: ListParams, context: Context) -> list[Session]:
        state = self._journal.state
        wanted = state.workspace(params.workspace).id if params.workspace else None
        return [
            session
            for session in state.sessions.values()
            if context.caller.may(session.workspace_id) and wanted in (None, session.workspace_id)
        ]

    async def _start(self, params: StartParams, _: Context) -> Session:
        workspace = self._journal.state.workspace(params.workspace)
        prompt = params.prompt
        if params.workflow:
            loaded = await self._prompts.load(f"{params.workflow}.md", Path(workspace.path))
            prompt = f"{loaded.body}\n\n{prompt or ''}".strip()
        return await self._sessions.start(
            workspace.id,
            prompt,
            workflow=params.workflow or "default",
            model=params.model,
            permissions=params.permissions,
        )

    async def _send(self, params: SendParams, _: Context) -> Session:
        await self._sessions.on_user_spoke(params.session)
        await self._sessions.send(params.session, params.prompt, params.uuid)
        return self._journal.state.session(params.session)

    async def _interrupt(self, params: InterruptParams, _: Context) -> Session:
        await self._sessions.on_user_spoke(params.session)
        await self._sessions.runner(params.session).do(lambda c: c.interrupt(queued=params.queued))
        return self._journal.state.session(params.session)

    async def _stop(self, params: SessionParams, context: Context) -> Session:
        context.report("Stopping Claude", None)
        await self._sessions.stop(self._journal.state.session(params.session).id)
        return self._journal.state.session(params.session)

    async def _resume(self, params: SessionParams, _: Context) -> Session:
        await self._sessions.resume(params.session)
        return self._journal.state.session(params.session)

    async def _fork(self, params: ForkParams, _: Context) -> Session:
        return await self._sessions.fork(params.session, params.prompt)

    async def _transcript(self, params: TranscriptParams, context: Context) -> Transcript:
        session = self._journal.state.session(params.session)
        context.caller.demand(session.workspace_id)
        lines = await self._journal.store.session_events(session.id, params.after, max(1, min(params.limit, 1000)))
        events = tuple(SessionEvent(seq=line.seq, at=line.at, event=msgspec.json.decode(line.body)) for line in lines)
        return Transcript(events=events, next=events[-1].seq if events else params.after)

    async def _document(self, params: SessionParams, context: Context) -> SessionDocument:
        session = self._journal.state.session(params.session)
        context.caller.demand(session.workspace_id)
        workspace = self._journal.state.workspaces[session.workspace_id]
        document, seq = Document(f"Claude in {workspace.name}", workspace.path), 0
        while page := await self._journal.store.session_events(session.id, seq, 1000):
            for line in page:
                document.add(msgspec.json.decode(line.body), line.at)
            seq = page[-1].seq
        return SessionDocument(text=document.text, seq=seq)

    async def _answer(self, params: AnswerParams, _: Context) -> Session:
        await self._sessions.runner(params.session).do(
            lambda c: c.answer(params.request, params.decision, message=params.message, answers=params.answers)
        )
        return self._journal.state.session(params.session)

    async def _set_model(self, params: ModelParams, _: Context) -> Session:
        if not params.model.strip() or params.model.startswith("-"):
            raise FactoryError(ErrorKind.INVALID, f"{params.model!r} is no model.", "For example: sonnet, opus.")
        runner = self._sessions.runner(params.session)
        await runner.do(lambda c: c.set_model(params.model))
        await runner.amend(model=params.model)
        return self._journal.state.session(params.session)

    async def _set_permissions(self, params: PermissionsParams, _: Context) -> Session:
        runner = self._sessions.runner(params.session)
        await runner.do(lambda c: c.set_mode(params.permissions))
        await runner.amend(permissions=params.permissions)
        return self._journal.state.session(params.session)
