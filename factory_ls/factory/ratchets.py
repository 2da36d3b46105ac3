"""The ratchet at work: observes a workspace, lets the pure rules decide, and does what they say.

The rules are in `ratchet/`; nothing is decided here. What may not be lost is written before it is acted on: a dispatch
with its fixer's row before the fixer starts, a proof before its push.
"""

import asyncio
import logging
from collections import defaultdict
from datetime import UTC, datetime

import msgspec

from factory_ls.factory.briefing import workflow_of
from factory_ls.factory.command import Command, Context, NoParams, WorkspaceParams
from factory_ls.factory.doing import Doing
from factory_ls.factory.fixing import Fixing
from factory_ls.factory.guards import Guards
from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.memories import Memories
from factory_ls.factory.merging import Merging
from factory_ls.factory.observing import Observing
from factory_ls.factory.poller import Poller
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.factory.replies import for_the_fixer
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.state import RatchetRecord
from factory_ls.factory.verdict import Result, Verdict
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import RatchetsPaused
from factory_ls.model.ratchet import Ratchet
from factory_ls.model.workspace import WorkspaceStatus
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.decide import Decision, decide
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.observation import FIXER_WORKFLOWS, Observation
from factory_ls.ratchet.rules import Action
from factory_ls.ratchet.view import settle

log = logging.getLogger(__name__)

MAX_STEPS = 10
"""Decisions in one look at a workspace: closing a fixer leads to the next, and so on; more would be a loop."""
LOOK_SECONDS = 20.0
"""How often what time alone changes is looked at: caps on time, quiet hours, changes that were committed."""
_NOT_RETRIED = (ErrorKind.NOT_INSTALLED, ErrorKind.NOT_LOGGED_IN, ErrorKind.DENIED)


class Ratchets:
    def __init__(
        self,
        journal: Journal,
        poller: Poller,
        pulls: PullRequests,
        sessions: Sessions,
        fixing: Fixing,
        memories: Memories,
        observing: Observing,
        guards: Guards,
        merging: Merging,
        doing: Doing,
    ) -> None:
        self._journal = journal
        self._poller = poller
        self._pulls = pulls
        self._sessions = sessions
        self._fixing = fixing
        self._memories = memories
        self._observing = observing
        self._guards = guards
        self._merging = merging
        self._doing = doing
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """Workspace → held by whoever acts on its worktree or its fixer."""
        self._blocked: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        journal.subscribe(self._on_change)

    def commands(self) -> list[Command]:
        return [
            Command("factory.ratchet.enable", "Turn the ratchet on", WorkspaceParams, self._enable, user_only=True),
            Command("factory.ratchet.disable", "Turn the ratchet off", WorkspaceParams, self._disable, user_only=True),
            Command("factory.ratchet.check", "Check now", WorkspaceParams, self._check, user_only=True),
            Command("factory.ratchet.explain", "Explain the ratchet", WorkspaceParams, self._explain),
            Command("factory.ratchet.reset", "Count attempts anew", WorkspaceParams, self._reset, user_only=True),
            Command("factory.ratchet.pause", "Pause all ratchets", NoParams, self._pause, user_only=True),
            Command("factory.ratchet.resume", "Resume all ratchets", NoParams, self._resume, user_only=True),
        ]

    # -- commands

    async def _enable(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        await self.enable(workspace.id)
        return self.view(workspace.id)

    async def enable(self, workspace_id: str) -> None:
        """Turned on by hand: what the user had taken over is given back."""
        await self._memories.change(workspace_id, remember.turned_on, enabled=True, note="turned on")
        self.look_soon(workspace_id)

    async def _disable(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        context.report("Stopping the fixer", None)
        await self._memories.change(workspace.id, enabled=False, note="turned off")
        self._doing.cancel(workspace.id)
        await self._look(workspace.id)
        return self.view(workspace.id)

    async def _check(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        context.report("Asking GitHub", None)
        await self._poller.poll(workspace.id)
        return self.view(workspace.id)

    async def _explain(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        await self._guards.read(workspace.id)
        return self._shown(workspace.id, explain=True)

    async def _reset(self, params: WorkspaceParams, context: Context) -> Ratchet:
        workspace = self._journal.state.workspace(params.workspace)
        await self._memories.change(workspace.id, remember.reset, note="reset by hand")
        self.look_soon(workspace.id)
        return self.view(workspace.id)

    async def _pause(self, params: NoParams, context: Context) -> dict[str, bool]:
        return await self._set_paused(paused=True)

    async def _resume(self, params: NoParams, context: Context) -> dict[str, bool]:
        return await self._set_paused(paused=False)

    async def _set_paused(self, *, paused: bool) -> dict[str, bool]:
        """Fixers at work finish; nothing new is begun while paused."""
        await self._journal.record(RatchetsPaused(paused=paused))
        self.look_at_all()
        return {"paused": paused}

    # -- the user takes over

    async def user_spoke(self, session_id: str) -> None:
        """The user sent a fixer a message or interrupted it: the session is theirs from now on."""
        session = self._journal.state.sessions.get(session_id)
        if session and session.workflow.startswith(FIXER_WORKFLOWS):
            await self._step_back(session.workspace_id, "You spoke to the fixer.")

    async def user_saved(self, workspace_id: str) -> None:
        """The user edits while a fixer works in the same files: it is stopped, what it changed stays."""
        if fixer := await self._step_back(workspace_id, "You edited a file while the fixer worked."):
            await self._sessions.stop(fixer)

    async def _step_back(self, workspace_id: str, why: str) -> str | None:
        """Ends the dispatch without ending its session; the answer is that session."""
        record = self._memories.record(workspace_id)
        running = record.memory.running
        if not record.enabled or running is None:
            return None
        seen = self._observation(workspace_id)
        await self._memories.change(
            workspace_id, lambda m: remember.taken_over(settle(seen, m, Outcome.STOPPED, why)), note=why
        )
        self._doing.cancel(workspace_id)
        return running.session

    # -- looking and acting

    async def run(self) -> None:
        """Looks at what time alone changes; everything else is looked at when it happens."""
        while True:
            self.look_at_all()
            await asyncio.sleep(LOOK_SECONDS)

    def look_at_all(self) -> None:
        state = self._journal.state
        for workspace_id, record in state.ratchets.items():
            workspace = state.workspaces.get(workspace_id)
            if workspace and workspace.status is WorkspaceStatus.READY and (record.enabled or record.memory.running):
                self.look_soon(workspace_id)

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
        async with self.locks[workspace_id]:
            await self._guards.read(workspace_id)
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
            running = self._memories.of(session.workspace_id).running
            if running and running.session == session_id and remember.outcome_of(session):
                self.look_soon(session.workspace_id)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _step(self, workspace_id: str) -> bool:
        """One decision, acted on. True when another look is worth it at once."""
        record = self._memories.record(workspace_id)
        if record.memory.overtaken:
            await self._put_aside(workspace_id, record.memory)
        if record.enabled and not record.memory.taken_over and await self._finish(workspace_id, record.memory):
            return False
        record = self._memories.record(workspace_id)
        decision = await self._decision(workspace_id)
        if not await self._memories.swap(workspace_id, record, decision.memory, note=decision.reason):
            return True  # The user did something meanwhile.
        match decision.action:
            case Action.DISPATCH | Action.RETRY:
                return await self._dispatch(workspace_id, RatchetRecord(record.enabled, decision.memory), decision)
            case Action.MERGE:
                trying = remember.merging(decision.memory, decision.items[0])
                record = RatchetRecord(record.enabled, decision.memory)
                if await self._memories.swap(workspace_id, record, trying, note=decision.reason):
                    await self._merging.merge(workspace_id)
                return True
            case Action.STOP_FIXER | Action.GIVE_UP | Action.CLOSE_FIXER:
                return await self._end_fixers(workspace_id, decision)
            case Action.RERUN:
                record = RatchetRecord(record.enabled, decision.memory)
                again = decision.reran(datetime.now(UTC))
                if not await self._memories.swap(workspace_id, record, again, note=decision.reason):
                    return True
                await self._pulls.rerun(workspace_id, decision.check_names)
        self._journal.tell_workspace(workspace_id)
        return False

    async def _finish(self, workspace_id: str, memory: Memory) -> bool:
        """A fixer that says it is done: proof, push, or back to it once. True when it works again."""
        session = self._journal.state.sessions.get(memory.running.session) if memory.running else None
        if session is None or memory.asked or remember.outcome_of(session) is not Outcome.COMPLETED:
            return False
        result = await self._fixing.finish(workspace_id, session.id, may_hand_back=not session.status.ended)
        if result.verdict is Verdict.PUSHED and result.proof and self._guards.of(workspace_id).replies:
            commit = str(result.proof.commit)
            changed = await self._fixing.changed_by(workspace_id, session.id, commit)
            await for_the_fixer(self._journal, self._pulls, self._sessions, session.id, commit, changed)
        if result.verdict is not Verdict.HANDED_BACK:
            return False
        listed = "\n\n".join(result.why)
        await self._sessions.send(session.id, f"This cannot be pushed yet. Mend it, then submit it again.\n\n{listed}")
        await self._fixing.handed_back(session.id, result.why)
        return True

    async def submit(self, workspace_id: str, session_id: str) -> Result:
        """The fixer asks for its change to be proved and pushed while it waits for the answer."""
        async with self.locks[workspace_id]:
            running = self._memories.of(workspace_id).running
            if running is None or running.session != session_id:
                raise FactoryError(
                    ErrorKind.CONFLICT,
                    "The ratchet no longer waits for this change.",
                    "End your turn: the user took over, or the pull request has moved on.",
                )
            result = await self._fixing.finish(workspace_id, session_id)
            if result.verdict is Verdict.HANDED_BACK:
                await self._fixing.handed_back(session_id, result.why)
            return result

    async def _dispatch(self, workspace_id: str, record: RatchetRecord, decision: Decision) -> bool:
        session = self._sessions.prepare(workspace_id, workflow=workflow_of(decision.work))
        try:
            memory = decision.dispatched(session.id, datetime.now(UTC))
            if not await self._memories.swap(
                workspace_id,
                record,
                memory,
                note=decision.reason,
                also=lambda state: [self._sessions.admit(state, session)],
            ):
                return True
        except FactoryError as error:
            self._blocked[workspace_id] = str(error)
            self._journal.tell_workspace(workspace_id)
            return False
        try:
            begun = await self._fixing.begin(session, decision)
        except FactoryError as error:
            log.warning("fixer %s could not be started: %s", session.id, error)
            outcome = Outcome.STOPPED if error.kind in _NOT_RETRIED else Outcome.DIED
            said, seen = f"The fixer could not be started: {error}", self._observation(workspace_id)
            await self._memories.change(workspace_id, lambda m: settle(seen, m, outcome, said), note=said)
            await self._sessions.fail(session.id, str(error))
            return False
        if not begun:
            await self._sessions.fail(session.id, "It was stopped before it began.")
        return not begun

    async def _put_aside(self, workspace_id: str, memory: Memory) -> None:
        """A hub was killed between stopping a fixer that was overtaken and putting its change aside."""
        session = self._journal.state.sessions.get(memory.overtaken)
        if session and remember.outcome_of(session) in (Outcome.DIED, Outcome.STOPPED):
            await self._fixing.give_up(workspace_id, memory.overtaken)

    async def _end_fixers(self, workspace_id: str, decision: Decision) -> bool:
        self._doing.cancel(workspace_id)
        if decision.action is Action.GIVE_UP:
            await self._memories.change(workspace_id, remember.overtaken, note=decision.reason)
        for session_id in decision.sessions:
            await self._sessions.stop(session_id)
            await self._sessions.fail(session_id, "It was stopped before it began.")
        if decision.action is Action.GIVE_UP:
            for session_id in decision.sessions:
                await self._fixing.give_up(workspace_id, session_id)
        if decision.action is not Action.CLOSE_FIXER:
            seen = self._observation(workspace_id)
            await self._memories.change(
                workspace_id, lambda m: settle(seen, m, Outcome.STOPPED, decision.reason), note=decision.reason
            )
        return bool(decision.sessions)

    # -- deciding and showing

    async def _decision(self, workspace_id: str) -> Decision:
        """What the rules say; the worktree is looked at only when they would send a fixer into it."""
        memory, limits = self._memories.of(workspace_id), self._guards.of(workspace_id)
        decision = decide(self._observing.of(workspace_id, ""), memory, limits)
        if decision.action not in (Action.DISPATCH, Action.RETRY, Action.MERGE):
            self._blocked.pop(workspace_id, None)
            return decision
        # What was seen before is shown until it was looked at anew: nobody reads of a fixer that is not sent.
        self._blocked[workspace_id] = await self._fixing.hold(workspace_id, decision.memory)
        return decide(self._observation(workspace_id), self._memories.of(workspace_id), limits)

    def _observation(self, workspace_id: str) -> Observation:
        return self._observing.of(workspace_id, self._blocked.get(workspace_id, ""))

    def view(self, workspace_id: str) -> Ratchet:
        """The ratchet as users see it: derived anew each time, so that it can never disagree with what it says."""
        return self._shown(workspace_id)

    def _shown(self, workspace_id: str, *, explain: bool = False) -> Ratchet:
        seen, limits = self._observation(workspace_id), self._guards.of(workspace_id)
        decision = decide(seen, self._memories.of(workspace_id), limits)
        shown = decision.shown(seen, limits, explain=explain)
        doing = self._doing.words(workspace_id) if seen.enabled else None
        if decision.action is Action.CLOSE_FIXER and self._memories.of(workspace_id).running:
            doing = doing or "The fixer has finished; its change is looked at."
        return msgspec.structs.replace(
            shown,
            reason=doing or shown.reason,
            next_check_at=self._poller.next_check_at(workspace_id) if seen.enabled else None,
        )

    @property
    def watching(self) -> bool:
        """Whether any ratchet is on in a workspace that lives: the hub then must not end."""
        state = self._journal.state
        return any(
            record.enabled and workspace.status is not WorkspaceStatus.ARCHIVED
            for workspace_id, record in state.ratchets.items()
            if (workspace := state.workspaces.get(workspace_id))
        )
