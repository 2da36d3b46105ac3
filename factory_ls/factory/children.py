"""What Claude sessions do with each other: make a workspace for a part of the work, and write to those in it.

A session reaches the workspaces it made, and from there only back: children make no children. Every message is in the
transcript of the session it went to, so that the user sees who said what.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import msgspec

from factory_ls.factory.caller import USER, Caller
from factory_ls.factory.command import Command, Context
from factory_ls.factory.journal import Journal
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.state import State
from factory_ls.factory.views import View
from factory_ls.factory.workspaces import CreateParams
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import WorkspaceChanged
from factory_ls.model.session import Session
from factory_ls.model.text import one_line
from factory_ls.model.wire import Params, Wire
from factory_ls.model.workspace import Workspace

WORKFLOW = "child"
MAX_CHILDREN = 5
"""Workspaces of one session that are not archived."""
MAX_MESSAGES = 30
"""Of one session within `MESSAGES_SECONDS`: two Claudes that answer each other must not spend all night."""
MESSAGES_SECONDS = 60.0
MAX_TEXT = 50_000
"""Characters of a message or a prompt."""

MESSAGE = "factory/message"
"""Our event in the transcript of the session that was written to: `{type, from, workspace, at}`."""


class SpawnParams(Params, frozen=True, kw_only=True):
    name: str
    prompt: str
    """What the Claude session in it is to do."""
    workspace: str | None = None
    """Whose project it is made in. A session's own when it is left out."""
    base_branch: str | None = None


class MessageParams(Params, frozen=True, kw_only=True):
    message: str
    workspace: str | None = None
    """Whose session is meant. A child that leaves it out writes to the session that made its workspace."""
    session: str | None = None
    uuid: str | None = None
    """The message's own id: sent twice, it is delivered once."""


class Delivered(Wire, frozen=True, kw_only=True):
    session_id: str
    workspace_id: str
    status: str
    """Of the session, as the message came. While a turn runs it waits for that turn's end."""


class Children:
    """`create` is the handler of `factory.workspace.create`."""

    def __init__(
        self, journal: Journal, sessions: Sessions, create: Callable[[Any, Context], Awaitable[Workspace]], view: View
    ) -> None:
        self._journal = journal
        self._sessions = sessions
        self._create = create
        self._view = view
        self._making: defaultdict[str | None, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._sent: defaultdict[str | None, deque[float]] = defaultdict(deque)

    def commands(self) -> list[Command]:
        return [
            Command("factory.workspace.spawn", "Make a workspace for a part of the work", SpawnParams, self._spawn),
            Command("factory.session.message", "Write to another session", MessageParams, self._message),
        ]

    async def _spawn(self, params: SpawnParams, context: Context) -> Workspace:
        caller = context.caller
        _limited("prompt", params.prompt)
        parent = self._parent(params.workspace, caller)
        # One at a time a session, so that two calls at once cannot both be the last that is allowed.
        async with self._making[caller.session_id]:
            if caller.kind == "session" and len(self._journal.state.children_of(caller.session_id)) >= MAX_CHILDREN:
                raise FactoryError(
                    ErrorKind.BUSY,
                    f"This session has made {MAX_CHILDREN} workspaces already.",
                    "Wait for one to be done and ask the user to archive it.",
                )
            given = CreateParams(
                project=parent.project_id,
                name=one_line(params.name, 60),
                description=one_line(params.prompt, 300),
                base_branch=params.base_branch,
            )
            made = await self._create(given, Context(USER, context.report))
            if caller.session_id is not None:
                await self._adopt(made.id, caller.session_id)
        begun = self._journal.state.sessions.get(caller.session_id or "")
        await self._sessions.start(
            made.id,
            params.prompt,
            workflow=WORKFLOW,
            # A child may do what its parent may, no more.
            model=begun.model if begun else None,
            permissions=begun.permissions if begun else None,
        )
        return self._view(self._journal.state.workspaces[made.id])

    def _parent(self, ref: str | None, caller: Caller) -> Workspace:
        state = self._journal.state
        if caller.kind == "user":
            if ref is None:
                raise FactoryError(ErrorKind.INVALID, "Which project?", "Give `workspace`: the new one is made beside.")
            return state.workspace(ref)
        own = state.workspaces[caller.workspace_id or ""]
        if ref is not None and state.workspace(ref).id != own.id:
            caller.demand("")
        if own.parent_session is not None:
            raise FactoryError(
                ErrorKind.DENIED,
                "This workspace was made by a session: it makes none of its own.",
                "Write to that session (send_message) and ask it to.",
            )
        return own

    async def _adopt(self, workspace_id: str, session_id: str) -> None:
        def decide(state: State) -> list[WorkspaceChanged]:
            made = msgspec.structs.replace(state.workspaces[workspace_id], parent_session=session_id)
            return [WorkspaceChanged(workspace=made, note=f"made by session {session_id}")]

        await self._journal.transact(decide)

    # -- messages

    async def _message(self, params: MessageParams, context: Context) -> Delivered:
        caller = context.caller
        _limited("message", params.message)
        target = self._target(params, caller)
        self._count(caller.session_id)
        if caller.kind == "user":
            await self._sessions.send(target.id, params.message, params.uuid)
        else:
            own = self._journal.state.workspaces[caller.workspace_id or ""]
            sender = f"the session {caller.session_id} in the workspace {own.name}"
            text = f"A message from {sender}, another Claude, not from the user:\n\n{params.message}"
            if await self._sessions.send(target.id, text, params.uuid):
                note = {"type": MESSAGE, "from": caller.session_id, "workspace": own.id, "at": iso()}
                await self._sessions.note(target.id, note)
        return Delivered(session_id=target.id, workspace_id=target.workspace_id, status=target.status)

    def _target(self, params: MessageParams, caller: Caller) -> Session:
        """The session that is meant. What the caller may not reach is not told from what is not there."""
        reachable = [s for s in self._journal.state.sessions.values() if self._may_write(caller, s)]
        if params.session is not None:
            found = [session for session in reachable if session.id == params.session]
        elif params.workspace is not None:
            wanted = self._workspace_id(params.workspace)
            found = [session for session in reachable if session.workspace_id == wanted]
        else:
            found = [session for session in reachable if session.id == self._maker(caller)]
        if not found:
            raise FactoryError(
                ErrorKind.NOT_FOUND,
                "There is no such session that you may write to.",
                "A session writes to those in the workspaces it made, and to the one that made its own.",
            )
        alive = [session for session in found if not session.status.ended]
        if not alive:
            raise FactoryError(ErrorKind.CONFLICT, f"The session has ended ({found[-1].status}).", "Ask the user.")
        return alive[-1]

    def _may_write(self, caller: Caller, session: Session) -> bool:
        if session.id == caller.session_id:
            return False
        return caller.kind == "user" or session.workspace_id in caller.children or session.id == self._maker(caller)

    def _maker(self, caller: Caller) -> str | None:
        own = self._journal.state.workspaces.get(caller.workspace_id or "")
        return own.parent_session if own else None

    def _workspace_id(self, ref: str) -> str | None:
        try:
            return self._journal.state.workspace(ref).id
        except FactoryError:
            return None

    def _count(self, session_id: str | None) -> None:
        if session_id is None:
            return
        sent, now = self._sent[session_id], monotonic()
        while sent and sent[0] < now - MESSAGES_SECONDS:
            sent.popleft()
        if len(sent) >= MAX_MESSAGES:
            raise FactoryError(
                ErrorKind.RATE_LIMITED,
                f"This session has sent {MAX_MESSAGES} messages within a minute.",
                "Wait, and say more in one message.",
            )
        sent.append(now)


def _limited(what: str, text: str) -> None:
    if not text.strip() or len(text) > MAX_TEXT:
        raise FactoryError(ErrorKind.INVALID, f"The {what} is empty or too long.", f"At most {MAX_TEXT} characters.")
