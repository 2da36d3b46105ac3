"""One fixer's way: the failing commands run red, a prompt, Claude's work, the commands run green, the diff looked at,
a commit with its proof, the push."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from factory_ls.factory import proofs, proving
from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.briefing import brief
from factory_ls.factory.guards import Guards
from factory_ls.factory.journal import Journal
from factory_ls.factory.memories import Memories
from factory_ls.factory.process import Outcome
from factory_ls.factory.prompts import Prompts
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.factory.sessions import Sessions
from factory_ls.git import changes, commits, repository
from factory_ls.git.runner import Git
from factory_ls.git.unsaved import dirty
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.pull_request import CiStatus, PullRequest
from factory_ls.model.ratchet import Proof
from factory_ls.model.session import Session
from factory_ls.model.workspace import Workspace
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.actionable import Work
from factory_ls.ratchet.decide import Decision
from factory_ls.ratchet.memory import Memory
from factory_ls.ratchet.memory import Outcome as Ending

log = logging.getLogger(__name__)

T = TypeVar("T")

HANDED_BACK = "factory/handedBack"
PROVED = "factory/proved"
UNCOMMITTED = "There are changes here that are not committed: commit or discard them, and it goes on."


class Verdict(StrEnum):
    PUSHED = "pushed"
    NOTHING = "nothing"
    """Nothing was changed, so there was nothing to push."""
    HANDED_BACK = "handedBack"
    """The fixer is to mend `why`; it happens once."""
    ASKED = "asked"
    """The change stays in the worktree until the user has looked at it."""


@dataclass(frozen=True, slots=True)
class Result:
    verdict: Verdict
    why: tuple[str, ...] = ()
    proof: Proof | None = None


class Fixing:
    def __init__(
        self,
        journal: Journal,
        git: Git,
        board: ProblemBoard,
        pulls: PullRequests,
        sessions: Sessions,
        prompts: Prompts,
        memories: Memories,
        guards: Guards,
    ) -> None:
        self._journal = journal
        self._git = git
        self._board = board
        self._pulls = pulls
        self._sessions = sessions
        self._prompts = prompts
        self._memories = memories
        self._guards = guards
        self._doing: dict[str, str] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}

    def doing(self, workspace_id: str) -> str | None:
        """What is being done for the fixer right now, in words."""
        return self._doing.get(workspace_id)

    async def hold(self, workspace_id: str, memory: Memory) -> str:
        """Why no fixer may start in this worktree now; empty when one may."""
        workspace = self._journal.state.workspaces[workspace_id]
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace_id]
        try:
            if await dirty(self._git, worktree) and not _left_by_a_dead_fixer(memory):
                return UNCOMMITTED
            head = await repository.head(self._git, worktree)
            if head != pr.head_sha and not await commits.fast_forward(self._git, worktree, pr.head_sha):
                here, checked = (head or "none")[:8], pr.head_sha[:8]
                return f"The branch here ({here}) is not what CI checked ({checked}): push or pull first."
        except FactoryError as error:
            return f"The worktree cannot be read: {error}"
        return ""

    async def begin(self, session: Session, decision: Decision) -> bool:
        """Runs the failing commands once (red), then starts the fixer, which is admitted, with what is known.

        False when it was cancelled meanwhile. Raises what starting a session raises.
        """
        return await self._cancellable(session.workspace_id, self._begin(session, decision)) is not None

    async def _begin(self, session: Session, decision: Decision) -> Session:
        workspace = self._journal.state.workspaces[session.workspace_id]
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace.id]
        problems, failures = self._board.reported(workspace.id)
        failed = _failed(pr) if Work.CI in decision.work else []
        provable = await proving.commands_for(
            self._git, worktree, failed, [*problems, *failures], others=decision.work != (Work.CI,)
        )
        for note in await proofs.before(provable, failed, self._runner(workspace)):
            await self._sessions.note(session.id, note)
        if Work.CONFLICT in decision.work:
            await repository.fetch(self._git, worktree, "origin", pr.base_branch)
        text = await brief(
            self._prompts,
            workspace,
            pr,
            decision,
            failures=failures,
            commands=[item.command for item in provable if item.command],
            continues=await dirty(self._git, worktree),
        )
        return await self._sessions.launch(session, text)

    async def finish(self, workspace_id: str, session_id: str, *, may_hand_back: bool = True) -> Result:
        """Proves what the fixer did and pushes it, says what it must mend, or asks the user.

        Never raises `FactoryError`: what goes wrong is told to the user with the change that lies there.
        """
        workspace = self._journal.state.workspaces[workspace_id]
        try:
            work = self._finish(workspace, session_id, may_hand_back=may_hand_back)
            stopped = Result(Verdict.NOTHING, ("It was stopped before the fix was pushed.",))
            return await self._cancellable(workspace_id, work) or stopped
        except FactoryError as error:
            log.warning("fixer %s: %s", session_id, error)
            return await self._ask(workspace, (str(error),))

    async def _cancellable(self, workspace_id: str, work: Coroutine[Any, Any, T]) -> T | None:
        """A task of its own, so that `cancel` ends this and not whoever happened to look at the workspace."""
        task = asyncio.create_task(work)
        self._running[workspace_id] = task
        try:
            await asyncio.wait({task})
            return None if task.cancelled() else task.result()
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._running.pop(workspace_id, None)
            self._say(workspace_id, None)

    async def _finish(self, workspace: Workspace, session_id: str, *, may_hand_back: bool) -> Result:
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace.id]
        memory = self._memories.of(workspace.id)
        head = await repository.head(self._git, worktree)
        if head in memory.ours and not await dirty(self._git, worktree):
            await self._pulls.push(workspace.id)  # again, for a hub that was killed before it: nothing to push is fine
            return Result(Verdict.PUSHED, proof=memory.proof)
        diff = await changes.diff(self._git, worktree, pr.head_sha)
        if not diff and head == pr.head_sha:
            error = self._journal.state.session(session_id).error
            said = f"The fixer ended without changing anything{f': {error}' if error else '.'}"
            await self._memories.change(workspace.id, lambda m: remember.ended_with(m, said))
            return Result(Verdict.NOTHING, (said,))
        judged = await proofs.after(await self._sessions.notes(session_id, proofs.RED), self._runner(workspace))
        broken = [*judged.broken, *await proofs.weakened(self._git, worktree, pr, diff)]
        if broken:
            return await self._hand_back(workspace, session_id, broken, may=may_hand_back)
        if not judged.proved and not self._guards.of(workspace.id).push_unproved:
            return await self._ask(workspace, tuple(judged.unproved))
        try:
            return await self._push(workspace, session_id, diff, judged.proofs)
        except FactoryError as error:
            # Files in conflict, or a commit hook of the repository that refuses: the fixer's to mend.
            if error.kind in (ErrorKind.CONFLICT, ErrorKind.DENIED) and await dirty(self._git, worktree):
                return await self._hand_back(workspace, session_id, [str(error)], may=may_hand_back)
            raise

    async def _hand_back(self, workspace: Workspace, session_id: str, broken: list[str], *, may: bool) -> Result:
        if not may or await self._sessions.notes(session_id, HANDED_BACK):
            return await self._ask(workspace, tuple(broken))
        return Result(Verdict.HANDED_BACK, tuple(broken))

    async def handed_back(self, session_id: str, why: Sequence[str]) -> None:
        """The fixer was told: the next time the user is."""
        await self._sessions.note(session_id, {"type": HANDED_BACK, "why": why, "at": iso()})

    async def _ask(self, workspace: Workspace, why: tuple[str, ...]) -> Result:
        try:
            diff = await self.diff(workspace.id)
        except FactoryError as error:
            diff, why = "", (*why, str(error))
        digest, at = changes.diff_hash(diff), datetime.now(UTC)
        await self._memories.change(workspace.id, lambda m: remember.asked(m, why=why, diff_hash=digest, at=at))
        return Result(Verdict.ASKED, why)

    async def diff(self, workspace_id: str) -> str:
        """What lies in the worktree beyond the pull request's head."""
        workspace = self._journal.state.workspaces[workspace_id]
        pr = self._journal.state.pull_requests[workspace_id]
        return await changes.diff(self._git, Path(workspace.path), pr.head_sha)

    async def push_as_it_is(self, workspace_id: str, session_id: str) -> Result:
        """The user has looked at it and wants it pushed."""
        workspace = self._journal.state.workspaces[workspace_id]
        diff = await self.diff(workspace_id)
        reds = await self._sessions.notes(session_id, proofs.RED)
        not_run = [
            Proof(command=r["command"] or r["check"], red=r["code"], green=None, seconds=r["seconds"]) for r in reds
        ]
        work = self._push(workspace, session_id, diff, not_run, note="pushed by the user, who looked at it")
        return await self._cancellable(workspace_id, work) or Result(Verdict.NOTHING, ("It was stopped.",))

    async def discard(self, workspace_id: str, session_id: str) -> str:
        """Back to the pull request's head. What was there is kept as a commit; the answer is its id."""
        workspace = self._journal.state.workspaces[workspace_id]
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace_id]
        kept = await commits.snapshot(
            self._git, worktree, f"What the fixer {session_id} left", name=f"discarded/{session_id}"
        )
        await commits.reset_to(self._git, worktree, pr.head_sha)
        return kept

    async def _push(
        self, workspace: Workspace, session_id: str, diff: str, proved: Sequence[Proof], *, note: str = ""
    ) -> Result:
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace.id]
        self._say(workspace.id, "Committing and pushing the fix.")
        session = self._journal.state.sessions.get(session_id)
        cost = session.cost_usd if session else 0.0
        trailers = {
            "Factory-Proof": "; ".join(map(proofs.in_words, proved)) or note or "no failed check to prove",
            "Factory-Session": session_id,
            "Factory-Cost": f"${cost:.4f}",
        }
        title = _title(pr, self._memories.of(workspace.id))
        if not await commits.commit_all(self._git, worktree, title, trailers=trailers):
            await commits.add_trailers(self._git, worktree, trailers)  # the fixer made the commit, of a merge for one
        commit = str(await repository.head(self._git, worktree))
        proof = proofs.merged(proved, diff=diff, commit=commit, cost_usd=cost, note=note)
        urls = {p.signature: p.url for p in self._board.reported(workspace.id)[0] if p.signature and p.url}
        at = datetime.now(UTC)
        await self._memories.change(workspace.id, lambda m: remember.proved(m, proof, commit=commit, at=at, urls=urls))
        await self._sessions.note(session_id, {"type": PROVED, "proof": proof, "at": iso()})
        try:
            await self._pulls.push(workspace.id)
        except FactoryError as error:
            await self._memories.change(workspace.id, lambda m: remember.push_failed(m, commit))
            if error.kind is ErrorKind.CONFLICT:
                return await self._give_up(workspace, session_id)
            raise
        return Result(Verdict.PUSHED, proof=proof)

    async def _give_up(self, workspace: Workspace, session_id: str) -> Result:
        """Somebody pushed meanwhile. Their head is what counts; the fix is kept under a name of its own."""
        worktree = Path(workspace.path)
        kept = await commits.snapshot(self._git, worktree, f"A fix by {session_id}", name=f"overtaken/{session_id}")
        await repository.fetch(self._git, worktree, "origin", workspace.branch)
        await commits.reset_to(self._git, worktree, f"refs/remotes/origin/{workspace.branch}")
        said = f"Somebody pushed while the fixer worked; its fix ({kept[:8]}) was not pushed."
        await self._memories.change(workspace.id, lambda m: remember.ended_with(m, said))
        return Result(Verdict.NOTHING, (said,))

    def cancel(self, workspace_id: str) -> None:
        """The ratchet was turned off, or its fixer stopped: what is being proved is not pushed."""
        if task := self._running.get(workspace_id):
            task.cancel()

    def _runner(self, workspace: Workspace) -> proofs.Run:
        async def run(command: str, when: str) -> Outcome:
            self._say(workspace.id, f"Running `{command}` {when}.")
            try:
                return await proving.run(command, Path(workspace.path))
            finally:
                self._say(workspace.id, None)

        return run

    def _say(self, workspace_id: str, what: str | None) -> None:
        if what is None:
            self._doing.pop(workspace_id, None)
        else:
            self._doing[workspace_id] = what
        self._journal.tell_workspace(workspace_id)


def _failed(pr: PullRequest) -> list[str]:
    return [check.name for check in pr.checks if check.outcome is CiStatus.FAILURE]


def _left_by_a_dead_fixer(memory: Memory) -> bool:
    """A fixer starts in a clean worktree, so what lies there after its death is its own: the next one goes on."""
    last = memory.dispatch
    return last is not None and last.outcome is Ending.DIED and last.head == memory.head and not memory.taken_over


def _title(pr: PullRequest, memory: Memory) -> str:
    """The commit's first line, by what the fixer was sent for."""
    items = memory.dispatch.items if memory.dispatch else ()
    if any(item.startswith(("conflict@", "behind@")) for item in items):
        return f"Merge {pr.base_branch} into {pr.head_branch}"
    if any(item.startswith("ci:") for item in items):
        return f"Fix {', '.join(_failed(pr)) or 'CI'}"
    return "Address the review"
