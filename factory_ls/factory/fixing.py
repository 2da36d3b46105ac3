"""One fixer's way: the failing commands run red, a prompt, Claude's work, the commands run green, the diff looked at,
a commit with its proof, the push."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from factory_ls.factory import proofs, proving
from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.briefing import brief
from factory_ls.factory.doing import Doing
from factory_ls.factory.guards import Guards
from factory_ls.factory.journal import Journal
from factory_ls.factory.memories import Memories
from factory_ls.factory.overtaken import Overtaken
from factory_ls.factory.prompts import Prompts
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.factory.pushing import ChangedError, OvertakenError, Pushing
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.verdict import Result, Verdict
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

HANDED_BACK = "factory/handedBack"
PROVED = "factory/proved"
CHANGED = "Files changed while the change was looked at. End what still runs in the background."
UNCOMMITTED = "There are changes here that are not committed: commit or discard them, and it goes on."


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
        pushing: Pushing,
        doing: Doing,
    ) -> None:
        self._journal = journal
        self._git = git
        self._board = board
        self._pulls = pulls
        self._sessions = sessions
        self._prompts = prompts
        self._memories = memories
        self._guards = guards
        self._pushing = pushing
        self._doing = doing
        self._overtaken = Overtaken(git, sessions, memories, pushing, doing)

    async def hold(self, workspace_id: str, memory: Memory) -> str:
        """Why no fixer may start in this worktree now; empty when one may."""
        workspace = self._journal.state.workspaces[workspace_id]
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace_id]
        if why := self._pulls.refusal(workspace_id):
            return why
        if memory.merge and not memory.merge.said:
            return ""  # A hub was killed while it merged the base: the next try puts that right.
        try:
            if await dirty(self._git, worktree) and not _left_by_a_dead_fixer(memory):
                return UNCOMMITTED
            if (remote := await self._remote_head(workspace, pr)) != pr.head_sha:
                self._pulls.expect(workspace_id, remote)
                return f"{remote[:8]} was pushed; waiting for GitHub to show it."
            if pr.merge_state in ("BEHIND", "DIRTY") and await self._has_base(worktree, pr):
                return f"{pr.base_branch} is in it already; waiting for GitHub to show it."
            head = await repository.head(self._git, worktree)
            if head != pr.head_sha and not await commits.fast_forward(self._git, worktree, pr.head_sha):
                here, checked = (head or "none")[:8], pr.head_sha[:8]
                return f"The branch here ({here}) is not what CI checked ({checked}): push or pull first."
        except FactoryError as error:
            return f"The worktree cannot be read: {error}"
        return ""

    async def _remote_head(self, workspace: Workspace, pr: PullRequest) -> str:
        """Where the branch really is: GitHub's API shows a push only some time after git has it.

        A fixer that is sent to a head that has gone costs money for nothing, so git is asked before each.
        """
        worktree = Path(workspace.path)
        try:
            await self._pushing.fetch(workspace)
        except FactoryError as error:
            if error.kind is ErrorKind.DENIED:
                raise
            log.info("%s could not be fetched: %s", workspace.branch, error)
            return pr.head_sha
        return await repository.commit_of(self._git, worktree, self._pushing.theirs(workspace)) or pr.head_sha

    async def _has_base(self, worktree: Path, pr: PullRequest) -> bool:
        """GitHub works out what a push means for the merge some time after it shows the push."""
        try:
            await repository.fetch(self._git, worktree, "origin", pr.base_branch)
        except FactoryError as error:
            log.info("%s could not be fetched: %s", pr.base_branch, error)
            return False
        base = await repository.commit_of(self._git, worktree, f"refs/remotes/origin/{pr.base_branch}")
        return base is not None and await repository.is_ancestor(self._git, worktree, base, pr.head_sha)

    async def begin(self, session: Session, decision: Decision) -> bool:
        """Runs the failing commands once (red), then starts the fixer, which is admitted, with what is known.

        False when it was cancelled meanwhile. Raises what starting a session raises.
        """
        return await self._doing.cancellable(session.workspace_id, self._begin(session, decision)) is not None

    async def _begin(self, session: Session, decision: Decision) -> Session:
        workspace = self._journal.state.workspaces[session.workspace_id]
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace.id]
        problems, failures = self._board.reported(workspace.id)
        failed = _failed(pr) if Work.CI in decision.work else []
        provable = await proving.commands_for(
            self._git, worktree, failed, [*problems, *failures], others=decision.work != (Work.CI,)
        )
        for note in await proofs.before(provable, failed, self._doing.runner(workspace)):
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
            return await self._doing.cancellable(workspace_id, work) or stopped
        except FactoryError as error:
            log.warning("fixer %s: %s", session_id, error)
            return await self._ask(workspace, (str(error),))

    async def _finish(self, workspace: Workspace, session_id: str, *, may_hand_back: bool) -> Result:
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace.id]
        memory, base = self._memories.of(workspace.id), self._base(workspace.id, session_id)
        head = await repository.head(self._git, worktree)
        if head in memory.ours and not await dirty(self._git, worktree):
            try:
                await self._pushing.again(workspace)
            except OvertakenError:
                return await self._rebase(workspace, session_id)
            return Result(Verdict.PUSHED, proof=memory.proof)
        if memory.overtaken == session_id:  # a hub was killed half-way
            return await self._rebase(workspace, session_id)
        diff = await changes.diff(self._git, worktree, base)
        if not diff and head == base:
            error = self._journal.state.session(session_id).error
            said = f"The fixer ended without changing anything{f': {error}' if error else '.'}"
            await self._memories.change(workspace.id, lambda m: remember.ended_with(m, said))
            return Result(Verdict.NOTHING, (said,))
        judged = await proofs.after(await self._sessions.notes(session_id, proofs.RED), self._doing.runner(workspace))
        diff = await changes.diff(self._git, worktree, base)  # commands may have written into it
        ci_edits = self._guards.of(workspace.id).ci_edits
        weakened = await proofs.weakened(self._git, worktree, pr.base_branch, base, diff, ci_edits=ci_edits)
        broken = [*judged.broken, *weakened]
        if broken:
            return await self._hand_back(workspace, session_id, broken, may=may_hand_back)
        if not judged.proved and not self._guards.of(workspace.id).push_unproved:
            return await self._ask(workspace, tuple(judged.unproved))
        try:
            return await self._push(workspace, session_id, diff, judged.proofs, since=base)
        except ChangedError:
            return await self._hand_back(workspace, session_id, [CHANGED], may=may_hand_back)
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

    async def changed_by(self, workspace_id: str, session_id: str, commit: str) -> frozenset[str]:
        """Names of the files that differ between what the fixer was sent to and what was pushed."""
        worktree = Path(self._journal.state.workspaces[workspace_id].path)
        return await changes.names_between(self._git, worktree, self._base(workspace_id, session_id), commit)

    async def push_as_it_is(self, workspace_id: str, session_id: str) -> Result:
        """The user has looked at it and wants it pushed."""
        workspace = self._journal.state.workspaces[workspace_id]
        diff = await self.diff(workspace_id)
        reds = await self._sessions.notes(session_id, proofs.RED)
        not_run = [
            Proof(command=r["command"] or r["check"], red=r["code"], green=None, seconds=r["seconds"]) for r in reds
        ]
        work = self._push(workspace, session_id, diff, not_run, note="pushed by the user, who looked at it")
        return await self._doing.cancellable(workspace_id, work) or Result(Verdict.NOTHING, ("It was stopped.",))

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
        self,
        workspace: Workspace,
        session_id: str,
        diff: str,
        proved: Sequence[Proof],
        *,
        note: str = "",
        since: str | None = None,
    ) -> Result:
        try:
            proof = await self._announced(workspace, session_id, diff, proved, note=note, since=since)
        except OvertakenError:
            return await self._rebase(workspace, session_id, note=note)
        return Result(Verdict.PUSHED, proof=proof)

    async def _announced(
        self,
        workspace: Workspace,
        session_id: str,
        diff: str,
        proved: Sequence[Proof],
        *,
        note: str,
        onto: str | None = None,
        since: str | None = None,
    ) -> Proof:
        session = self._journal.state.sessions.get(session_id)
        urls = {p.signature: p.url for p in self._board.reported(workspace.id)[0] if p.signature and p.url}
        pr = self._journal.state.pull_requests[workspace.id]
        proof = await self._pushing.push(
            workspace,
            proved,
            lambda m, proof, commit, at: remember.proved(m, proof, commit=commit, at=at, urls=urls, onto=onto),
            title=_title(pr, self._memories.of(workspace.id)),
            diff=diff,
            since=since,
            session_id=session_id,
            cost_usd=session.cost_usd if session else 0.0,
            note=note,
        )
        await self._sessions.note(session_id, {"type": PROVED, "proof": proof, "at": iso()})
        return proof

    async def _rebase(self, workspace: Workspace, session_id: str, *, note: str = "") -> Result:
        """Somebody pushed meanwhile."""
        if not self._guards.of(workspace.id).rebase:
            return await self._overtaken.give_up(workspace, session_id)
        base = self._base(workspace.id, session_id)
        ci_edits = self._guards.of(workspace.id).ci_edits
        judged = await self._overtaken.rebase(workspace, session_id, base=base, ci_edits=ci_edits)
        if isinstance(judged, str):
            return await self._overtaken.give_up(workspace, session_id, judged)
        diff = await changes.diff(self._git, Path(workspace.path), self._pushing.theirs(workspace))
        note = f"{note}; " * bool(note) + "on top of what was pushed meanwhile"
        try:
            onto = await repository.commit_of(self._git, Path(workspace.path), self._pushing.theirs(workspace))
            proof = await self._announced(workspace, session_id, diff, judged.proofs, note=note, onto=onto)
        except OvertakenError:
            return await self._overtaken.give_up(workspace, session_id, "they pushed once more")
        return Result(Verdict.PUSHED, proof=proof)

    async def give_up(self, workspace_id: str, session_id: str) -> None:
        """The fixer was stopped since somebody pushed: what it changed is put aside."""
        await self._overtaken.give_up(self._journal.state.workspaces[workspace_id], session_id)

    def _base(self, workspace_id: str, session_id: str) -> str:
        """The commit the fixer was sent to."""
        dispatch = self._memories.of(workspace_id).dispatch
        if dispatch and dispatch.session == session_id and dispatch.head:
            return dispatch.head
        return self._journal.state.pull_requests[workspace_id].head_sha


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
