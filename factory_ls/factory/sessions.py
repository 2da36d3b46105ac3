"""Claude sessions: started, spoken to, stopped, and found again by the hub that comes after this one."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import msgspec

from factory_ls.claude import process
from factory_ls.claude.child import Child
from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import Record
from factory_ls.claude.launch import LaunchSpec, McpEndpoint
from factory_ls.factory.command import Command, Context
from factory_ls.factory.ids import new_id
from factory_ls.factory.journal import Journal
from factory_ls.factory.prompts import Prompts
from factory_ls.factory.runner import Runner, restored
from factory_ls.factory.state import State
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import SessionChanged
from factory_ls.model.session import PermissionMode, Session, SessionEvent, SessionStatus, Transcript
from factory_ls.model.settings import Settings
from factory_ls.model.wire import Params
from factory_ls.model.workspace import WorkspaceStatus
from factory_ls.ratchet.observation import FIXER_WORKFLOWS

log = logging.getLogger(__name__)

Endpoint = Callable[[str, str], Awaitable[McpEndpoint | None]]
"""(workspace id, session id) → our MCP endpoint with a token for that session; null when there is none."""


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


class Sessions:
    def __init__(
        self,
        journal: Journal,
        settings: Settings,
        prompts: Prompts,
        endpoint: Endpoint,
        revoke: Callable[[str], None],
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._prompts = prompts
        self._endpoint = endpoint
        self._runners: dict[str, Runner] = {}
        self._revoke = revoke
        self.on_user_spoke: Callable[[str], Awaitable[None]] = _nobody
        """Gets a session's id before the user's message or interruption reaches it."""

    def commands(self) -> list[Command]:
        return [
            Command("factory.session.list", "List sessions", ListParams, self._list),
            Command("factory.session.start", "Start a Claude session", StartParams, self._start, user_only=True),
            Command("factory.session.send", "Send a message to Claude", SendParams, self._send, user_only=True),
            Command("factory.session.interrupt", "Interrupt Claude", SessionParams, self._interrupt, user_only=True),
            Command("factory.session.stop", "Stop a session", SessionParams, self._stop, user_only=True),
            Command("factory.session.resume", "Resume a session", SessionParams, self._resume, user_only=True),
            Command("factory.session.transcript", "Read a session", TranscriptParams, self._transcript),
            Command("factory.session.answer", "Answer Claude's question", AnswerParams, self._answer, user_only=True),
            Command("factory.session.setModel", "Switch the model", ModelParams, self._set_model, user_only=True),
            Command(
                "factory.session.setPermissions", "Switch permissions", PermissionsParams, self._set_permissions,
                user_only=True,
            ),
        ]  # fmt: skip

    # -- commands

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
        return await self.start(
            workspace.id,
            prompt,
            workflow=params.workflow or "default",
            model=params.model,
            permissions=params.permissions,
        )

    async def _send(self, params: SendParams, _: Context) -> Session:
        await self.on_user_spoke(params.session)
        await self.send(params.session, params.prompt)
        return self._journal.state.session(params.session)

    async def _interrupt(self, params: SessionParams, _: Context) -> Session:
        await self.on_user_spoke(params.session)
        await self._runner(params.session).do(lambda c: c.interrupt())
        return self._journal.state.session(params.session)

    async def _stop(self, params: SessionParams, context: Context) -> Session:
        context.report("Stopping Claude", None)
        await self.stop(self._journal.state.session(params.session).id)
        return self._journal.state.session(params.session)

    async def _resume(self, params: SessionParams, _: Context) -> Session:
        session = self._journal.state.session(params.session)
        if session.id in self._runners:
            raise FactoryError(ErrorKind.CONFLICT, "The session runs already.", "Send it a message.")
        conversation = self._conversation(session)
        session = await restored(self._journal, session, conversation)
        if session.claude_session_id is None:
            raise FactoryError(ErrorKind.CONFLICT, "Its conversation never began.", "Start a new session.")
        await self._launch(session, conversation, resume=session.claude_session_id)
        return self._journal.state.session(session.id)

    async def _transcript(self, params: TranscriptParams, context: Context) -> Transcript:
        session = self._journal.state.session(params.session)
        context.caller.demand(session.workspace_id)
        lines = await self._journal.store.session_events(session.id, params.after, max(1, min(params.limit, 1000)))
        events = tuple(SessionEvent(seq=line.seq, at=line.at, event=msgspec.json.decode(line.body)) for line in lines)
        return Transcript(events=events, next=events[-1].seq if events else params.after)

    async def _answer(self, params: AnswerParams, _: Context) -> Session:
        await self._runner(params.session).do(
            lambda c: c.answer(params.request, params.decision, message=params.message, answers=params.answers)
        )
        return self._journal.state.session(params.session)

    async def _set_model(self, params: ModelParams, _: Context) -> Session:
        await self._runner(params.session).do(lambda c: c.set_model(params.model))
        await self._runner(params.session).amend(model=params.model)
        return self._journal.state.session(params.session)

    async def _set_permissions(self, params: PermissionsParams, _: Context) -> Session:
        await self._runner(params.session).do(lambda c: c.set_mode(params.permissions))
        await self._runner(params.session).amend(permissions=params.permissions)
        return self._journal.state.session(params.session)

    # -- what other rooms of the factory use

    async def start(
        self,
        workspace_id: str,
        prompt: str | None,
        *,
        workflow: str,
        session_id: str | None = None,
        model: str | None = None,
        permissions: PermissionMode | None = None,
    ) -> Session:
        """A new conversation in the workspace's worktree. Raises `conflict`, `busy`, `notInstalled`, …"""
        session = self.prepare(
            workspace_id, workflow=workflow, session_id=session_id, model=model, permissions=permissions
        )
        await self._journal.transact(lambda state: [self.admit(state, session)])
        return await self.launch(session, prompt)

    def prepare(
        self,
        workspace_id: str,
        *,
        workflow: str,
        session_id: str | None = None,
        model: str | None = None,
        permissions: PermissionMode | None = None,
    ) -> Session:
        """The row of a session that is not there yet: `admit` it in a transaction, then `launch` it."""
        return Session(
            id=session_id or new_id("s"),
            workspace_id=workspace_id,
            workflow=workflow,
            model=model or self._settings.default_model,
            permissions=permissions or self._settings.default_permissions,
            status=SessionStatus.STARTING,
            claude_session_id=str(uuid4()),
            created_at=iso(),
        )

    def admit(self, state: State, session: Session) -> SessionChanged:
        """The event that makes the session known. Raises `conflict` or `busy` when there is no place for it."""
        workspace = state.workspaces[session.workspace_id]
        if workspace.status is not WorkspaceStatus.READY:
            raise FactoryError(
                ErrorKind.CONFLICT, f"{workspace.name} is {workspace.status}.", "Wait until it is READY."
            )
        alive = [s for s in state.sessions_of(workspace.id) if not s.status.ended]
        if len(alive) >= self._settings.max_sessions_per_workspace:
            raise FactoryError(
                ErrorKind.BUSY,
                f"{workspace.name} has {len(alive)} sessions already.",
                "Stop one, or raise MAX_SESSIONS_PER_WORKSPACE.",
            )
        return SessionChanged(session=session)

    async def launch(self, session: Session, prompt: str | None) -> Session:
        """Starts an admitted session's process. Its first message is stored before, so that no crash loses it."""
        conversation = self._conversation(session)
        if prompt:
            for effect in conversation.send(prompt, str(uuid4())):
                if isinstance(effect, Record):  # what is not stored is sent when the process has started
                    await self._journal.store.append_session(session.id, [(iso(), effect.event)])
        await self._launch(session, conversation)
        return self._journal.state.session(session.id)

    async def fail(self, session_id: str, why: str) -> None:
        """An admitted session that will not be launched."""
        session = self._journal.state.session(session_id)
        if not session.status.ended:
            failed = msgspec.structs.replace(session, status=SessionStatus.FAILED, error=why)
            await self._journal.record(SessionChanged(session=failed, note="not started"))

    async def send(self, session_id: str, text: str) -> None:
        """Delivered once: while a turn runs it waits for its end, and over a crash it is kept."""
        await self._runner(session_id).do(lambda conversation: conversation.send(text, str(uuid4())))

    async def note(self, session_id: str, event: dict[str, Any]) -> None:
        """Puts an event of ours into the session's stream. `event["type"]` begins with `factory/`."""
        await self._journal.store.append_session(session_id, [(iso(), msgspec.json.encode(event))])

    async def notes(self, session_id: str, kind: str) -> list[dict[str, Any]]:
        """Our own events of one type, oldest first."""
        found, after = [], 0
        while page := await self._journal.store.session_events(session_id, after, 1000):
            after = page[-1].seq
            found += [msgspec.json.decode(line.body) for line in page if kind.encode() in line.body]
        return [event for event in found if event.get("type") == kind]

    async def stop(self, session_id: str) -> None:
        if runner := self._runners.get(session_id):
            await runner.stop()

    async def stop_all(self, workspace_id: str, force: bool) -> None:
        """Ends a workspace's sessions. Raises `busy` when one works and `force` is not set."""
        alive = [s for s in self._journal.state.sessions_of(workspace_id) if not s.status.ended]
        working = [s.id for s in alive if s.status in (SessionStatus.RUNNING, SessionStatus.WAITING)]
        if working and not force:
            raise FactoryError(
                ErrorKind.BUSY, f"Claude works in it ({', '.join(working)}).", "Stop the sessions, or set `force`."
            )
        await asyncio.gather(*(self.stop(session.id) for session in alive))

    # -- life

    async def attach_all(self) -> None:
        """After a start of the hub: finds the processes of the last one, and says so of those that are gone."""
        for session in list(self._journal.state.sessions.values()):
            if session.status.ended:
                continue
            try:
                await self._attach(session)
            except (FactoryError, OSError) as error:
                log.warning("session %s: %s", session.id, error)
                lost = msgspec.structs.replace(session, status=SessionStatus.FAILED, pending=(), error=str(error))
                await self._journal.record(SessionChanged(session=lost, note="not found again"))

    async def detach_all(self) -> None:
        """Before the hub ends: every process lives on."""
        await asyncio.gather(*(runner.detach() for runner in self._runners.values()))
        self._runners.clear()

    async def _attach(self, session: Session) -> None:
        if session.pid is None:
            # Killed after the process was started and before that was stored: nobody could speak to it any more.
            folder = self._folder(session.id)
            process.end(await asyncio.to_thread(process.marked, folder), signal.SIGKILL)
            raise FactoryError(ErrorKind.INTERNAL, "The hub ended before Claude was started.", "Start a new session.")
        conversation = self._conversation(session)
        child = await Child.attach(self._folder(session.id), session.pid, session.pid_started)
        seen = await restored(self._journal, session, conversation)
        if seen != session:
            await self._journal.record(SessionChanged(session=seen, note="attached again"))
        self._run(seen, conversation, child, await self._journal.store.session_offset(session.id), again=True)

    async def _launch(self, session: Session, conversation: Conversation, *, resume: str | None = None) -> None:
        workspace = self._journal.state.workspaces[session.workspace_id]
        try:
            spec = LaunchSpec(
                program=self._settings.claude,
                cwd=Path(workspace.path),
                session_id=None if resume else session.claude_session_id,
                resume=resume,
                model=session.model,
                mcp=await self._endpoint(workspace.id, session.id),
            )
            child = await Child.start(spec, self._folder(session.id))
        except FactoryError as error:
            self._revoke(session.id)
            failed = msgspec.structs.replace(session, status=SessionStatus.FAILED, error=str(error))
            await self._journal.record(SessionChanged(session=failed, note="not started"))
            raise
        offset = await self._journal.store.session_offset(session.id)
        session = msgspec.structs.replace(session, pid=child.pid, pid_started=child.pid_started)
        await self._journal.record(SessionChanged(session=session, note="started"))
        self._run(session, conversation, child, offset, again=False)

    def _run(self, session: Session, conversation: Conversation, child: Child, offset: int, *, again: bool) -> None:
        runner = self._runners[session.id] = Runner(self._journal, session, conversation, child, self._ended)
        runner.start(offset, again=again)

    async def _ended(self, session_id: str) -> None:
        self._runners.pop(session_id, None)
        self._revoke(session_id)

    def _conversation(self, session: Session) -> Conversation:
        workspace = self._journal.state.workspaces[session.workspace_id]
        fixer = session.workflow.startswith(FIXER_WORKFLOWS)
        return Conversation(session.permissions, workspace.path, fixer=fixer)

    def _folder(self, session_id: str) -> Path:
        return self._settings.sessions_dir / session_id

    def _runner(self, session_id: str) -> Runner:
        session = self._journal.state.session(session_id)
        runner = self._runners.get(session_id)
        if runner is None:
            raise FactoryError(
                ErrorKind.CONFLICT,
                f"The session has ended ({session.status}).",
                "Resume it (`factory.session.resume`).",
            )
        return runner


async def _nobody(_session: str) -> None:
    """Nobody wants to know."""
