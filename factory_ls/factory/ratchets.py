"""The ratchet at work: observes a workspace, lets the pure rules decide, and does what they say.

The rules are in `ratchet/`; nothing is decided here. What may not be lost is written before it is acted on: a dispatch
before its fixer starts, a proof before its push.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.fixing import Fixing, Verdict
from factory_ls.factory.ids import new_id
from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.state import RatchetRecord, State
from factory_ls.model.clock import from_iso
from factory_ls.model.errors import FactoryError
from factory_ls.model.events import RatchetChanged
from factory_ls.model.ratchet import Ratchet
from factory_ls.model.session import SessionStatus
from factory_ls.model.workspace import WorkspaceStatus
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.decide import Decision, decide
from factory_ls.ratchet.limits import Limits, Spent
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.observation import FIXER_WORKFLOWS, Observation
from factory_ls.ratchet.rules import Action

log = logging.getLogger(__name__)

MAX_STEPS = 10
"""Decisions in one look at a workspace: closing a fixer leads to the next, and so on; more would be a loop."""


class Ratchets:
    def __init__(
        self,
        journal: Journal,
        board: ProblemBoard,
        pulls: PullRequests,
        sessions: Sessions,
        fixing: Fixing,
        limits: Limits,
    ) -> None:
        self._journal = journal
        self._board = board
        self._pulls = pulls
        self._sessions = sessions
        self._fixing = fixing
        self._limits = limits
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._holds: dict[str, str] = {}
        """Why a dispatch that the rules wanted could not be made here and now."""
        self._tasks: set[asyncio.Task[None]] = set()
        journal.subscribe(self._on_change)

    def commands(self) -> list[Command]:
        return [
            Command("factory.ratchet.enable", "Turn the ratchet on", WorkspaceParams, self._enable, user_only=True),
            Command("factory.ratchet.disable", "Turn the ratchet off", WorkspaceParams, self._disable, user_only=True),
            Command("factory.ratchet.check", "Check now", WorkspaceParams, self._check, user_only=True),
            Command("factory.ratchet.explain", "Explain the ratchet", WorkspaceParams, self._explain),
        ]

    # -- commands

    async def _enable(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        await self.enable(workspace.id)
        return self.view(workspace.id)

    async def enable(self, workspace_id: str) -> None:
        """Turned on by hand: what the user had taken over is given back."""

        def change(state: State) -> list[RatchetChanged]:
            record = state.ratchets.get(workspace_id, RatchetRecord())
            return [_changed(workspace_id, enabled=True, memory=remember.turned_on(record.memory), note="turned on")]

        await self._journal.transact(change)
        self.look_soon(workspace_id)

    async def _disable(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        record = self._record(workspace.id)
        context.report("Stopping the fixer", None)
        await self._remember(workspace.id, record.memory, enabled=False, note="turned off")
        self._fixing.cancel(workspace.id)
        await self._look(workspace.id)
        return self.view(workspace.id)

    async def _check(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        context.report("Asking GitHub", None)
        await self._pulls.poll(workspace.id)
        return self.view(workspace.id)

    async def _explain(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        decision = await self._decide(workspace.id)
        return msgspec.structs.replace(self.view(workspace.id), trace=decision.trace)

    # -- looking and acting

    def look_soon(self, workspace_id: str) -> None:
        """Has the workspace looked at in a task of its own: a dispatch takes minutes, and nobody waits for it."""

        async def look() -> None:
            try:
                await self._look(workspace_id)
            except FactoryError as error:
                log.warning("ratchet of %s: %s", workspace_id, error)
            except Exception:
                log.exception("ratchet of %s", workspace_id)

        task = asyncio.create_task(look())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look(self, workspace_id: str) -> None:
        """Decides and acts until there is nothing more to do now. One look at a time a workspace."""
        async with self._locks[workspace_id]:
            for _ in range(MAX_STEPS):
                if not await self._step(workspace_id):
                    return
            log.error("workspace %s: %d decisions in one look", workspace_id, MAX_STEPS)

    def _on_change(self, change: Change) -> None:
        """A fixer's session that came to rest or to its end is looked at without waiting for the next poll."""
        for session_id in change.sessions:
            session = self._journal.state.sessions.get(session_id)
            if session is None or not session.workflow.startswith(FIXER_WORKFLOWS):
                continue
            running = self._record(session.workspace_id).memory.running
            if running and running.session == session_id and remember.outcome_of(session):
                self.look_soon(session.workspace_id)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _step(self, workspace_id: str) -> bool:
        """One decision, acted on. True when another look is worth it at once."""
        record = self._record(workspace_id)
        running = record.memory.running
        if running and record.enabled:
            session = self._journal.state.sessions.get(running.session)
            if session and session.status is SessionStatus.IDLE and session.turns:
                verdict = await self._finish(workspace_id, running.session)
                if verdict is Verdict.AGAIN:
                    return False
        decision = await self._decide(workspace_id)
        if decision.memory != record.memory:
            await self._remember(workspace_id, decision.memory, note=decision.reason)
        match decision.action:
            case Action.DISPATCH | Action.RETRY:
                return await self._dispatch(workspace_id, decision)
            case Action.STOP_FIXER | Action.CLOSE_FIXER:
                self._fixing.cancel(workspace_id)
                for session_id in decision.sessions:
                    await self._sessions.stop(session_id)
                if decision.action is Action.STOP_FIXER:
                    settled = remember.settled(self._record(workspace_id).memory, Outcome.STOPPED)
                    await self._remember(workspace_id, settled, note=decision.reason)
                return bool(decision.sessions)
            case Action.RERUN:
                return await self._rerun(workspace_id, decision)
        self._journal.tell_workspace(workspace_id)
        return False

    async def _dispatch(self, workspace_id: str, decision: Decision) -> bool:
        hold = await self._fixing.hold(workspace_id)
        self._hold(workspace_id, hold)
        if hold:
            return False
        session_id = new_id("s")
        memory = decision.dispatched(session_id, datetime.now(UTC))
        await self._remember(workspace_id, memory, note=decision.reason)
        try:
            await self._fixing.begin(workspace_id, session_id, decision)
        except FactoryError as error:
            settled = remember.settled(self._record(workspace_id).memory, Outcome.DIED)
            await self._remember(workspace_id, settled, note=str(error))
            self._hold(workspace_id, f"The fixer could not be started: {error}")
        return False

    async def _finish(self, workspace_id: str, session_id: str) -> Verdict:
        """The fixer says it is done: proof, push, or back to it once."""
        verdict, why = await self._fixing.finish(workspace_id, session_id, self._note_proof)
        self._hold(workspace_id, why)
        return verdict

    async def _note_proof(self, workspace_id: str, change: Callable[[Memory], Memory]) -> None:
        await self._remember(workspace_id, change(self._record(workspace_id).memory), note="proof")

    async def _rerun(self, workspace_id: str, decision: Decision) -> bool:
        pr = self._journal.state.pull_requests[workspace_id]
        names = tuple(check.name for check in pr.checks if check.id in decision.checks)
        memory = remember.reran(
            decision.memory, items=decision.items, checks=names, why=decision.reason, at=datetime.now(UTC)
        )
        await self._remember(workspace_id, memory, note=decision.reason)
        await self._pulls.rerun(workspace_id, names)
        return False

    def _hold(self, workspace_id: str, why: str) -> None:
        if why != self._holds.get(workspace_id, ""):
            self._holds[workspace_id] = why
            self._journal.tell_workspace(workspace_id)

    # -- observing

    async def _decide(self, workspace_id: str) -> Decision:
        return decide(self._observation(workspace_id), self._record(workspace_id).memory, self._limits)

    def _observation(self, workspace_id: str) -> Observation:
        state = self._journal.state
        record = self._record(workspace_id)
        pr = state.pull_requests.get(workspace_id)
        problems, failures = self._board.reported(workspace_id)
        dispatched = record.memory.dispatch.session if record.memory.dispatch else None
        now = datetime.now().astimezone()
        return Observation(
            at=now,
            enabled=record.enabled,
            attached=pr.number if pr else None,
            pr=pr,
            viewer=self._pulls.viewer(workspace_id),
            sessions=tuple(s for s in state.sessions_of(workspace_id) if not s.status.ended or s.id == dispatched),
            problems=problems,
            failures=failures,
            today=_today(state, now),
        )

    def view(self, workspace_id: str) -> Ratchet:
        """The ratchet as users see it: derived anew each time, so that it can never disagree with what it says."""
        record = self._record(workspace_id)
        if not record.enabled:
            return Ratchet(max_attempts=self._limits.max_attempts, budget_usd=self._limits.pull_request.usd)
        decision = decide(self._observation(workspace_id), record.memory, self._limits)
        memory = decision.memory
        running = memory.running
        session = self._journal.state.sessions.get(running.session) if running else None
        waits = decision.action in (Action.DISPATCH, Action.RETRY, Action.NONE, Action.WAIT)
        hold = self._holds.get(workspace_id, "") if waits and not running else ""
        doing = self._fixing.doing(workspace_id)
        return Ratchet(
            enabled=True,
            state=decision.state,
            reason=doing or hold or decision.reason,
            active_session_id=running.session if running else None,
            attempts=memory.attempts,
            max_attempts=self._limits.max_attempts,
            spent_usd=memory.spent.usd + (session.cost_usd if session else 0.0),
            budget_usd=self._limits.pull_request.usd,
            stalled=decision.stalled or bool(hold),
            next_check_at=self._pulls.next_poll_at,
            proof=memory.proof,
        )

    # -- memory

    def _record(self, workspace_id: str) -> RatchetRecord:
        return self._journal.state.ratchets.get(workspace_id, RatchetRecord())

    async def _remember(self, workspace_id: str, memory: Memory, *, note: str, enabled: bool | None = None) -> None:
        """`enabled` None keeps what the user chose, also when they choose while this waits for its turn to write."""

        def change(state: State) -> list[RatchetChanged]:
            on = state.ratchets.get(workspace_id, RatchetRecord()).enabled if enabled is None else enabled
            return [_changed(workspace_id, enabled=on, memory=memory, note=note)]

        await self._journal.transact(change)

    @property
    def watching(self) -> bool:
        """Whether any ratchet is on in a workspace that lives: the hub then must not end."""
        state = self._journal.state
        return any(
            record.enabled and workspace.status is not WorkspaceStatus.ARCHIVED
            for workspace_id, record in state.ratchets.items()
            if (workspace := state.workspaces.get(workspace_id))
        )


def _changed(workspace_id: str, *, enabled: bool, memory: Memory, note: str) -> RatchetChanged:
    body = msgspec.Raw(msgspec.json.encode(memory))
    return RatchetChanged(workspace_id=workspace_id, enabled=enabled, memory=body, note=note)


def _today(state: State, now: datetime) -> Spent:
    """What fixers begun since midnight have cost."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Spent(
        usd=sum(
            session.cost_usd
            for session in state.sessions.values()
            if session.workflow.startswith(FIXER_WORKFLOWS) and from_iso(session.created_at) >= midnight
        )
    )
