"""What is checked out where: whether a worktree is on its workspace's branch, and what became of renamed files."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.state import Touched
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.model.errors import FactoryError
from factory_ls.model.workspace import Workspace, WorkspaceStatus

log = logging.getLogger(__name__)

Named = Callable[[str], Mapping[str, Iterable[str]]]
"""Workspace → commit → paths in it that matter."""


@dataclass(frozen=True, slots=True)
class Tree:
    """`renames`: commit → path in it → today's path, null when the file is gone; only for paths that are not there."""

    on_branch: bool = False
    renames: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    def now(self, commit: str, path: str) -> str | None:
        return self.renames.get(commit, {}).get(path, path)

    def before(self, commit: str, path: str) -> str:
        """What today's `path` was called in the commit."""
        return next((old for old, new in self.renames.get(commit, {}).items() if new == path), path)


UNKNOWN = Tree()


class Trees:
    """`of` answers at once with what was last seen; `look` sees anew and tells of a difference."""

    def __init__(self, journal: Journal, git: Git) -> None:
        self._journal = journal
        self._git = git
        self._seen: dict[str, Tree] = {}
        self._wanted: dict[str, None] = {}
        self._lock = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self.named: Named = lambda _: {}
        """Set by the board: the files whose renames are looked for."""
        journal.subscribe(self._changed)

    def of(self, workspace_id: str) -> Tree:
        return self._seen.get(workspace_id, UNKNOWN)

    async def load(self) -> None:
        """Sees every worktree; after a restart, before anything is shown."""
        for workspace in self._journal.state.live_workspaces():
            await self.look(workspace.id)

    async def look(self, workspace_id: str) -> bool:
        """True when something is other than it was; listeners have been told then."""
        async with self._lock:  # or a slow look would overwrite what a later one saw
            return await self._look(workspace_id)

    async def _look(self, workspace_id: str) -> bool:
        workspace = self._journal.state.workspaces.get(workspace_id)
        if workspace is None or workspace.status is not WorkspaceStatus.READY:
            return self._seen.pop(workspace_id, None) is not None
        try:
            on_branch = await self._on_branch(workspace)
            tree = Tree(on_branch, await self._renames(workspace) if on_branch else {})
        except FactoryError as error:
            log.info("worktree of %s: %s", workspace.name, error)
            tree = UNKNOWN
        if self._seen.get(workspace_id) == tree:
            return False
        self._seen[workspace_id] = tree
        self._journal.tell(Touched(problems=frozenset({workspace_id})))
        return True

    async def close(self) -> None:
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _changed(self, change: Change) -> None:
        """New problems may be of files that were renamed since; a new workspace has not been seen yet."""
        new = {id_ for id_ in change.workspaces if id_ not in self._seen}
        self._wanted.update(dict.fromkeys(change.problems | new))
        if self._wanted and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look_at_wanted())

    async def _look_at_wanted(self) -> None:
        while self._wanted:
            workspace_id = next(iter(self._wanted))
            del self._wanted[workspace_id]
            try:
                await self.look(workspace_id)
            except Exception:
                log.exception("looking at the worktree of %s", workspace_id)

    async def _on_branch(self, workspace: Workspace) -> bool:
        worktree = Path(workspace.path)
        branch = await repository.current_branch(self._git, worktree)
        if branch is not None:
            return branch == workspace.branch
        # Detached: the same commit, or the branch being rebased.
        tip = await repository.commit_of(self._git, worktree, f"refs/heads/{workspace.branch}")
        if tip is not None and tip == await repository.head(self._git, worktree):
            return True
        folder = await repository.git_dir(self._git, worktree)
        names = await asyncio.to_thread(_rebased, folder)
        return f"refs/heads/{workspace.branch}" in names

    async def _renames(self, workspace: Workspace) -> dict[str, dict[str, str | None]]:
        """git is only asked about commits that hold a file which is not under its name any more."""
        found: dict[str, dict[str, str | None]] = {}
        for commit, paths in self.named(workspace.id).items():
            missing = await asyncio.to_thread(_missing, Path(workspace.path), tuple(paths))
            if missing:
                try:
                    renamed = await repository.renames(self._git, Path(workspace.path), commit)
                except FactoryError as error:
                    log.info("renames since %s: %s", commit[:12], error)
                    continue
                found[commit] = {path: renamed.get(path) for path in missing}
        return found


def _missing(root: Path, paths: tuple[str, ...]) -> list[str]:
    return [path for path in paths if not (root / path).is_file()]


def _rebased(git_dir: Path) -> set[str]:
    """The ref that an unfinished rebase will move (git-rebase keeps its name in `head-name`)."""
    names = set()
    for kind in ("rebase-merge", "rebase-apply"):
        try:
            names.add((git_dir / kind / "head-name").read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            continue
    return names
