"""Claude sessions at work: started, spoken to, stopped, resumed, and found again by the hub that comes next."""

import asyncio
import logging
import signal
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from factory_ls.claude import process
from factory_ls.claude.child import Child
from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import Record
from factory_ls.claude.launch import LaunchSpec, McpEndpoint
from factory_ls.claude.permissions import rule as named
from factory_ls.factory.ids import new_id
from factory_ls.factory.journal import Journal
from factory_ls.factory.messages import Message, message_id
from factory_ls.factory.pacing import Pacer
from factory_ls.factory.permissions import Permissions
from factory_ls.factory.runner import Runner, restored
from factory_ls.factory.spending import Purse
from factory_ls.factory.state import State
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import SessionChanged
from factory_ls.model.session import PermissionMode, Session, SessionStatus
from factory_ls.model.settings import Settings
from factory_ls.model.workspace import WorkspaceStatus
from factory_ls.ratchet.observation import FIXER_WORKFLOWS

log = logging.getLogger(__name__)

Endpoint = Callable[[str, str], Awaitable[McpEndpoint | None]]
"""(workspace id, session id) → our MCP endpoint with a token for that session; null when there is none."""


class Sessions:
    def __init__(
        self,
        journal: Journal,
        settings: Settings,
        permissions: Permissions,
        purse: Purse,
        endpoint: Endpoint,
        revoke: Callable[[str], None],
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._permissions = permissions
        self._purse = purse
        self._endpoint = endpoint
        self._revoke = revoke
        self._runners: dict[str, Runner] = {}
        self._beginning: set[str] = set()
        self._starting: dict[str, asyncio.Task[None]] = {}
        per_minute, per_hour = settings.claude_rate_limit_per_minute, settings.claude_rate_limit_per_hour
        self._pacer = Pacer(per_minute, per_hour, lambda: journal.state.spending.turns)
        self._speaking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._beside: set[asyncio.Task[None]] = set()
        self.on_user_spoke: Callable[[str], Awaitable[None]] = _nobody
        """Gets a session's id before the user's message or interruption reaches it."""

    # -- starting

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
        """A new conversation in the workspace's worktree. Raises `conflict`, `busy`, `denied`, `notInstalled`, …"""
        session = self.prepare(
            workspace_id, workflow=workflow, session_id=session_id, model=model, permissions=permissions
        )
        return await self._begin(session, prompt)

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

    async def fork(self, session_id: str, prompt: str | None) -> Session:
        """A new session whose conversation begins as a copy of this one's, which goes on untouched."""
        session = self._journal.state.session(session_id)
        if session.claude_session_id is None or not session.turns:
            raise FactoryError(ErrorKind.CONFLICT, "Its conversation has not begun.", "Start a new session.")
        copy = Session(
            id=new_id("s"),
            workspace_id=session.workspace_id,
            workflow=session.workflow,
            model=session.model,
            permissions=session.permissions,
            status=SessionStatus.STARTING,
            created_at=iso(),
            forked_from=session.id,
        )
        return await self._begin(copy, prompt)

    async def _begin(self, session: Session, prompt: str | None) -> Session:
        if prompt:
            self._purse.demand(session.workspace_id, session.id)
        await self._journal.transact(lambda state: [self.admit(state, session)])
        return await self.launch(session, prompt)

    async def launch(self, session: Session, prompt: str | None) -> Session:
        """Starts an admitted session's process. Its first message is stored before, so that no crash loses it."""
        try:
            conversation = self._conversation(session)
            if prompt:
                await self._pacer.admit()
                await self._keep(session.id, conversation, Message(str(uuid4()), prompt))
            await self._launch(session, conversation)
        except BaseException as error:
            await asyncio.shield(self.fail(session.id, str(error) or "It was cancelled."))
            raise
        finally:
            self._beginning.discard(session.id)
        return self._journal.state.session(session.id)

    async def fail(self, session_id: str, why: str) -> None:
        """An admitted session that will not be launched."""
        self._beginning.discard(session_id)
        session = self._journal.state.session(session_id)
        if not session.status.ended and session_id not in self._runners:
            failed = msgspec.structs.replace(session, status=SessionStatus.FAILED, error=why)
            await self._journal.record(SessionChanged(session=failed, note="not started"))

    def admit(self, state: State, session: Session) -> SessionChanged:
        """The event that makes the session known. Raises `conflict` or `busy` when there is no place for it.

        Until `launch` or `fail`, nobody takes it for one that a former hub left behind.
        """
        if session.id in self._runners or session.id in self._beginning:
            raise FactoryError(ErrorKind.CONFLICT, "The session runs already.", "Send it a message.")
        workspace = state.workspaces[session.workspace_id]
        if workspace.status is not WorkspaceStatus.READY:
            raise FactoryError(
                ErrorKind.CONFLICT, f"{workspace.name} is {workspace.status}.", "Wait until it is READY."
            )
        alive = [s for s in state.sessions_of(workspace.id) if not s.status.ended and s.id != session.id]
        if len(alive) >= self._settings.max_sessions_per_workspace:
            raise FactoryError(
                ErrorKind.BUSY,
                f"{workspace.name} has {len(alive)} sessions already.",
                "Stop one, or raise MAX_SESSIONS_PER_WORKSPACE.",
            )
        self._beginning.add(session.id)
        return SessionChanged(session=msgspec.structs.replace(session, status=SessionStatus.STARTING))

    # -- speaking

    async def send(self, session_id: str, text: str, uuid: str | None = None) -> bool:
        """Delivered once: while a turn runs it waits for its end, and over a crash it is kept. A session that has ended
        is resumed for it. False: this `uuid` was sent before, and nothing was done."""
        session = self._journal.state.session(session_id)
        uuid = message_id(uuid)
        if (runner := self._runners.get(session_id)) and runner.conversation.outbox.knows(uuid):
            return False
        self._purse.demand(session.workspace_id, session.id)
        await self._pacer.admit()
        async with self._speaking[session_id]:
            runner = self._runners.get(session_id)
            if runner is None:
                return await self._resume(session_id, Message(uuid, text))
            await runner.do(lambda conversation: conversation.send(text, uuid))
            if runner.conversation.status.ended:  # just then: the message is kept, and waits for the next process
                await runner.finished()
                await self._resume(session_id)
        return True

    async def resume(self, session_id: str) -> None:
        """Starts a process again that goes on with the conversation; what was not delivered is. Where one runs, what
        waits after a failure is sent again. Raises `conflict` when nothing does."""
        session = self._journal.state.session(session_id)
        runner = self._runners.get(session_id)
        if runner is None or not runner.conversation.outbox.unanswered:
            await self._resume(session_id)
            return
        self._purse.demand(session.workspace_id, session.id)
        await runner.again()

    async def _resume(self, session_id: str, message: Message | None = None) -> bool:
        """False: the message was answered long ago, and nothing was done."""
        session = self._journal.state.session(session_id)
        conversation = self._conversation(session)
        restored_session = await restored(self._journal, session, conversation)
        outbox = conversation.outbox
        if message and outbox.knows(message.uuid) and not outbox.waits(message.uuid):
            return False
        await self._journal.transact(lambda state: [self.admit(state, state.sessions[session_id])])
        try:
            if message:
                await self._keep(session_id, conversation, message)
            await self._launch(msgspec.structs.replace(restored_session, status=SessionStatus.STARTING), conversation)
        finally:
            self._beginning.discard(session_id)
        return True

    def runner(self, session_id: str) -> Runner:
        """Raises `conflict` when the session has ended."""
        session = self._journal.state.session(session_id)
        runner = self._runners.get(session_id)
        if runner is None:
            raise FactoryError(
                ErrorKind.CONFLICT,
                f"The session has ended ({session.status}).",
                "Resume it (`factory.session.resume`).",
            )
        return runner

    def runners(self) -> dict[str, Runner]:
        return dict(self._runners)

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

    async def _keep(self, session_id: str, conversation: Conversation, message: Message) -> None:
        """Recorded before there is a process to send it to: `started` sends what no process has begun."""
        effects = conversation.send(message.text, message.uuid)
        records = [effect.event for effect in effects if isinstance(effect, Record)]
        await self._journal.store.append_session(session_id, [(iso(), event) for event in records])

    # -- stopping

    async def stop(self, session_id: str) -> None:
        if starting := self._starting.get(session_id):
            starting.cancel()
            await asyncio.wait({starting})
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
        """At a start of the hub, and now and then: finds processes that nobody follows, and says so of those that are
        gone."""
        for session in list(self._journal.state.sessions.values()):
            if session.status.ended or session.id in self._runners or session.id in self._beginning:
                continue
            try:
                await self._attach(session)
            except (FactoryError, OSError) as error:
                log.warning("session %s: %s", session.id, error)
                lost = msgspec.structs.replace(session, status=SessionStatus.FAILED, pending=(), error=str(error))
                await self._journal.record(SessionChanged(session=lost, note="not found again"))

    async def detach_all(self) -> None:
        """Before the hub ends: every process lives on."""
        await asyncio.gather(*(runner.detach() for runner in list(self._runners.values())))
        self._runners.clear()

    async def _attach(self, session: Session) -> None:
        if session.pid is None:
            # Killed after the process was started and before that was stored: nobody could speak to it any more.
            folder = self._folder(session.id)
            process.end(await asyncio.to_thread(process.marked, folder), signal.SIGKILL)
            why = "The hub ended before Claude was started."
            raise FactoryError(ErrorKind.INTERNAL, why, "Resume the session: its messages are kept.")
        conversation = self._conversation(session)
        child = await Child.attach(self._folder(session.id), session.pid, session.pid_started)
        seen = await restored(self._journal, session, conversation)
        if seen != session:
            await self._journal.record(SessionChanged(session=seen, note="attached again"))
        self._run(seen, conversation, child, await self._journal.store.session_offset(session.id), again=True)

    async def _launch(self, session: Session, conversation: Conversation) -> None:
        """In a task of its own, so that `stop` can end a start that hangs; a caller that goes away ends it too."""
        task = self._starting[session.id] = asyncio.create_task(self._spawn(session, conversation))
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise
        finally:
            del self._starting[session.id]
        if task.cancelled():
            raise FactoryError(ErrorKind.CONFLICT, "The session was stopped while it started.", "Resume it.")
        task.result()

    async def _spawn(self, session: Session, conversation: Conversation) -> None:
        workspace = self._journal.state.workspaces[session.workspace_id]
        parent = self._journal.state.sessions.get(session.forked_from or "")
        # A conversation that never began has nothing to go on with.
        begun = conversation.session_id
        offset = await self._journal.store.session_offset(session.id)
        fork = begun is None and session.claude_session_id is None and parent is not None
        resume = parent.claude_session_id if fork and parent else begun
        try:
            spec = LaunchSpec(
                program=self._settings.claude,
                cwd=Path(workspace.path),
                session_id=None if resume else session.claude_session_id,
                resume=resume,
                fork=fork,
                model=session.model,
                mcp=await self._endpoint(workspace.id, session.id),
            )
            child = await Child.start(spec, self._folder(session.id))
        except BaseException as error:
            self._revoke(session.id)
            stopped = isinstance(error, asyncio.CancelledError)
            status = SessionStatus.STOPPED if stopped else SessionStatus.FAILED
            failed = msgspec.structs.replace(session, status=status, error=None if stopped else str(error))
            await asyncio.shield(self._journal.record(SessionChanged(session=failed, note="not started")))
            raise
        session = msgspec.structs.replace(session, pid=child.pid, pid_started=child.pid_started, error=None)
        # Followed before anything else is awaited: cancelled from here on, there is a runner to stop.
        await self._run(session, conversation, child, offset, again=False).amend()

    def _run(self, session: Session, conversation: Conversation, child: Child, offset: int, *, again: bool) -> Runner:
        project = self._journal.state.workspaces[session.workspace_id].project_id
        runner = self._runners[session.id] = Runner(
            self._journal,
            session,
            conversation,
            child,
            self._ended,
            remember=partial(self._remember, project),
            exhausted=lambda: self._purse.exhausted(session.workspace_id, session.id),
        )
        runner.start(offset, again=again)
        return runner

    async def _remember(self, project_id: str, rule: str) -> None:
        """Allowed for good, so the project's other sessions need not ask it any more."""
        await self._permissions.remember(project_id, rule)
        for session_id, runner in self._runners.items():
            session = self._journal.state.session(session_id)
            same = self._journal.state.workspaces[session.workspace_id].project_id == project_id
            if same and any(rule == named(asked.tool, asked.input) for asked in session.pending):
                task = asyncio.create_task(runner.do(lambda conversation: conversation.reconsider()))
                self._beside.add(task)
                task.add_done_callback(self._beside.discard)

    async def _ended(self, session_id: str) -> None:
        self._runners.pop(session_id, None)
        self._revoke(session_id)

    def _conversation(self, session: Session) -> Conversation:
        workspace = self._journal.state.workspaces[session.workspace_id]
        fixer = session.workflow.startswith(FIXER_WORKFLOWS)
        rules = self._permissions.rules(workspace.project_id)
        return Conversation(
            session.permissions, workspace.path, fixer=fixer, remembered=rules, one_at_a_time=self._purse.has_caps
        )

    def _folder(self, session_id: str) -> Path:
        return self._settings.sessions_dir / session_id


async def _nobody(_session: str) -> None:
    """Nobody wants to know."""
