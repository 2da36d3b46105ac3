"""The base branch merged without a fixer, where that has no conflict: a merge commit with its proof, and its push.

Commands that the repository names (`checks` in factory-factory.json) must not fail with the merge when they passed
without it. What takes understanding is left to a fixer.
"""

from datetime import UTC, datetime
from pathlib import Path

from factory_ls.factory import proofs, proving
from factory_ls.factory.doing import Doing
from factory_ls.factory.journal import Journal
from factory_ls.factory.memories import Memories
from factory_ls.factory.pushing import OvertakenError, Pushing
from factory_ls.git import changes, commits, joining, repository
from factory_ls.git.runner import Git
from factory_ls.git.unsaved import dirty
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.pull_request import PullRequest
from factory_ls.model.text import one_line
from factory_ls.model.workspace import Workspace
from factory_ls.ratchet import memory as remember

_REFUSED = (ErrorKind.DENIED, ErrorKind.CONFLICT)


class Merging:
    def __init__(self, journal: Journal, git: Git, memories: Memories, pushing: Pushing, doing: Doing) -> None:
        self._journal = journal
        self._git = git
        self._memories = memories
        self._pushing = pushing
        self._doing = doing

    async def merge(self, workspace_id: str) -> None:
        """Merges and pushes, or stores why that takes a fixer. May be done again after a crash at any point.

        Raises `FactoryError` for what may pass by itself (the network); it is tried again with the next look.
        """
        workspace = self._journal.state.workspaces[workspace_id]
        pr = self._journal.state.pull_requests[workspace_id]
        try:
            if await self._doing.cancellable(workspace_id, self._merge(workspace, pr)) is None:
                await commits.reset_to(self._git, Path(workspace.path), pr.head_sha)
        except OvertakenError:
            await self._pushing.fetch(workspace)
            await commits.reset_to(self._git, Path(workspace.path), self._pushing.theirs(workspace))
            await self._memories.change(workspace_id, remember.base_left_alone)
        except FactoryError as error:
            if error.kind not in _REFUSED:
                raise
            await commits.reset_to(self._git, Path(workspace.path), pr.head_sha)
            await self._leave(workspace_id, str(error))

    async def _merge(self, workspace: Workspace, pr: PullRequest) -> bool:
        worktree, memory = Path(workspace.path), self._memories.of(workspace.id)
        head, unclean = await repository.head(self._git, worktree), await dirty(self._git, worktree)
        if head in memory.ours and head != pr.head_sha and not unclean:
            await self._pushing.again(workspace)
            await self._pushed(workspace.id, str(head))
            return True
        if unclean or head != pr.head_sha:  # a hub was killed half-way; nothing of it is lost
            await commits.snapshot(self._git, worktree, "A merge half-way", name=f"merging/{workspace.id}")
            await commits.reset_to(self._git, worktree, pr.head_sha)
        await repository.fetch(self._git, worktree, "origin", pr.base_branch)
        provable = await proving.commands_for(self._git, worktree, [], [], others=True)
        run = self._doing.runner(workspace)
        before = await proofs.before(provable, [], run)
        self._doing.say(workspace.id, f"Merging {pr.base_branch}.")
        if not await joining.merge(self._git, worktree, f"refs/remotes/origin/{pr.base_branch}"):
            return await self._leave(workspace.id, f"{pr.base_branch} conflicts with it")
        if not await dirty(self._git, worktree) and not await joining.merging(self._git, worktree):
            return await self._leave(workspace.id, f"there is nothing of {pr.base_branch} to merge here")
        judged = await proofs.after(before, run)
        if judged.broken:
            await commits.reset_to(self._git, worktree, pr.head_sha)
            return await self._leave(workspace.id, f"merged with {pr.base_branch}, {judged.broken[0]}")
        diff = await changes.diff(self._git, worktree, pr.head_sha)
        proof = await self._pushing.push(
            workspace,
            judged.proofs,
            lambda m, proof, commit, _: remember.base_merged(m, proof, commit=commit),
            title=f"Merge {pr.base_branch} into {pr.head_branch}",
            diff=diff,
            note="the base branch merged without conflicts",
        )
        await self._pushed(workspace.id, str(proof.commit))
        return True

    async def _pushed(self, workspace_id: str, commit: str) -> None:
        at = datetime.now(UTC)
        await self._memories.change(workspace_id, lambda m: remember.base_pushed(m, commit=commit, at=at))

    async def _leave(self, workspace_id: str, why: str) -> bool:
        await self._memories.change(workspace_id, lambda m: remember.base_not_merged(m, one_line(why, 200)))
        return True
