"""A commit with its proof, and its push. What is pushed is stored as ours before, so that a crash does not make it a
stranger's."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from factory_ls.factory import proofs
from factory_ls.factory.doing import Doing
from factory_ls.factory.memories import Memories
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.git import changes, commits, repository
from factory_ls.git.runner import Git
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.ratchet import Proof
from factory_ls.model.workspace import Workspace
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.memory import Memory

Announce = Callable[[Memory, Proof, str, datetime], Memory]
"""(memory, proof, commit, now) → the memory to store before the push."""


class OvertakenError(Exception):
    """The remote branch has commits that are not here: somebody pushed meanwhile."""


class ChangedError(Exception):
    """What was committed is not what was looked at: something changed the worktree meanwhile."""


class Pushing:
    def __init__(self, git: Git, pulls: PullRequests, memories: Memories, doing: Doing) -> None:
        self._git = git
        self._pulls = pulls
        self._memories = memories
        self._doing = doing

    async def push(
        self,
        workspace: Workspace,
        proved: Sequence[Proof],
        announce: Announce,
        *,
        title: str,
        diff: str,
        since: str | None = None,
        session_id: str = "",
        cost_usd: float = 0.0,
        note: str = "",
    ) -> Proof:
        """Commits everything in the worktree, and pushes. The answer is the proof as it was stored.

        `diff` is the change after the commit `since` as it was looked at: nothing else is pushed. Raises
        `ChangedError`; `OvertakenError`; `conflict` for files in conflict; `denied` for a hook or a protected branch.
        """
        worktree = Path(workspace.path)
        self._doing.say(workspace.id, "Committing and pushing the fix.")
        trailers = {
            "Factory-Proof": "; ".join(map(proofs.in_words, proved)) or note or "no failed check to prove",
            **({"Factory-Session": session_id} if session_id else {}),
            "Factory-Cost": f"${cost_usd:.4f}",
        }
        if not await commits.commit_all(self._git, worktree, title, trailers=trailers):
            await commits.add_trailers(self._git, worktree, trailers)  # the fixer made the commit, of a merge for one
        commit, at = str(await repository.head(self._git, worktree)), datetime.now(UTC)
        if since and await changes.diff_between(self._git, worktree, since, commit) != diff:
            raise ChangedError
        proof = proofs.merged(proved, diff=diff, commit=commit, cost_usd=cost_usd, note=note)
        await self._memories.change(workspace.id, lambda m: announce(m, proof, commit, at))
        try:
            await self._pulls.push(workspace.id)
        except FactoryError as error:
            await self._memories.change(workspace.id, lambda m: remember.push_failed(m, commit))
            if error.kind is ErrorKind.CONFLICT:
                raise OvertakenError from None
            raise
        return proof

    async def again(self, workspace: Workspace) -> None:
        """Pushes what was announced before, for a hub that was killed in between; what arrived then is fine."""
        try:
            await self._pulls.push(workspace.id)
        except FactoryError as error:
            if error.kind is not ErrorKind.CONFLICT:
                raise
            worktree = Path(workspace.path)
            await self.fetch(workspace)
            ancestor = ("merge-base", "--is-ancestor", "HEAD", self.theirs(workspace))
            code, _ = await self._git.answer(worktree, *ancestor, ok=(0, 1))
            if code:
                raise OvertakenError from None

    async def fetch(self, workspace: Workspace) -> None:
        """Looks where the branch is now."""
        await self._pulls.fetch_head(workspace.id)

    def theirs(self, workspace: Workspace) -> str:
        """The branch as the remote was last seen with it."""
        return self._pulls.seen_at(workspace.id)
