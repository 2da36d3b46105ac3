"""Puts all of a worktree into git before it goes: onto its branch, or beside it where that cannot be."""

import asyncio
import logging
import shutil
from pathlib import Path

from factory_ls.git import commits, repository, worktrees
from factory_ls.git.runner import Git
from factory_ls.git.salvage import is_worktree, salvage
from factory_ls.git.staged import keep_staged, staged_ref
from factory_ls.git.unsaved import unsaved
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.workspace import Workspace

log = logging.getLogger(__name__)

MESSAGE = "Work in progress, kept when the workspace was archived"


async def keep(git: Git, repo: Path, workspace: Workspace) -> str | None:
    """Commits everything uncommitted. Where to, when that is not the branch: `refs/factory/<workspace id>`, for hooks
    that refuse, conflicts, a rebase half-way, a detached head, a broken `.git`.

    Raises `conflict` for what neither can hold: repositories inside with work of their own.
    """
    path = Path(workspace.path)
    if not await is_worktree(git, path):
        # 1: another worktree is beyond repair, too.
        await git.run(repo, "worktree", "repair", str(path), ok=(0, 1))
    if not await is_worktree(git, path):
        name = await _free_name(git, repo, workspace)
        await salvage(git, repo, path, MESSAGE, parent=f"refs/heads/{workspace.branch}", name=name)
        return commits.SNAPSHOTS + name
    await keep_staged(git, path, workspace.id)
    if await repository.current_branch(git, path) is not None:
        try:
            await commits.commit_all(git, path, MESSAGE)
        except FactoryError as refused:
            log.info("%s: kept beside the branch: %s", workspace.name, refused)
        else:
            await _refuse_nested(git, path)
            return None
    # A detached head's own commits hang on the snapshot too: it is their child.
    name = await _free_name(git, repo, workspace)
    await commits.snapshot(git, path, MESSAGE, name=name)
    await _refuse_nested(git, path)
    return commits.SNAPSHOTS + name


async def bring_back(git: Git, repo: Path, workspace: Workspace) -> tuple[str, ...]:
    """After a restore: what `keep` put beside the branch lies in the worktree again, uncommitted; else a warning."""
    path, refs = Path(workspace.path), await _kept(git, repo, workspace)
    staged = staged_ref(workspace.id)
    more = [staged] if await repository.commit_of(git, repo, staged) else []
    warnings = tuple(f"More work is kept at {ref}: `git log -p {ref}` shows it." for ref in (*refs[-2::-1], *more))
    if not refs:
        return warnings
    latest = refs[-1]
    parents = (await git.run(repo, "rev-parse", f"{latest}^@")).decode().split()
    head = await repository.head(git, path)
    if parents != ([head] if head else []):
        return (
            *warnings,
            f"Work is kept at {latest}, on another commit than the branch's: `git cherry-pick {latest}` brings it.",
        )
    await git.run(path, "read-tree", "-m", "-u", *([head] if head else []), latest, timeout=300)
    await git.run(path, "read-tree", head or "--empty")  # what it brought is uncommitted, as it was
    await git.run(repo, "update-ref", "-d", latest)
    return warnings


async def _kept(git: Git, repo: Path, workspace: Workspace) -> list[str]:
    """The workspace's refs, oldest first."""
    pattern = commits.SNAPSHOTS + workspace.id
    listed = await git.run(repo, "for-each-ref", "--sort=creatordate", "--format=%(refname)", pattern, f"{pattern}-*")
    return listed.decode().split()


async def _free_name(git: Git, repo: Path, workspace: Workspace) -> str:
    taken, number, name = await _kept(git, repo, workspace), 2, workspace.id
    while commits.SNAPSHOTS + name in taken:
        name, number = f"{workspace.id}-{number}", number + 1
    return name


async def remove(git: Git, repo: Path, workspace: Workspace, base: Path) -> None:
    """Removes the worktree, whose content `keep` has just saved. `base` is the folder all worktrees lie in."""
    path = Path(workspace.path)
    known = {entry.path for entry in await worktrees.list_worktrees(git, repo)}
    if await asyncio.to_thread(path.resolve) in known and await is_worktree(git, path):
        await worktrees.remove_worktree(git, repo, path, force=True)
        return
    await asyncio.to_thread(_remove_folder, path, base)
    await git.run(repo, "worktree", "prune")


async def _refuse_nested(git: Git, path: Path) -> None:
    # The first line is about the worktree itself, which is saved; the others about repositories inside it.
    lost = [line for line in await unsaved(git, path) if not line.startswith("uncommitted: ")]
    if lost:
        raise FactoryError(
            ErrorKind.CONFLICT,
            f"{path} holds what its repository cannot keep: {'; '.join(lost)}",
            "Commit and push it there, or move it away.",
        )


def _remove_folder(path: Path, base: Path) -> None:
    """Only what lies in `base`, all links followed; a link is never followed while deleting."""
    real = path.resolve()
    if path.is_symlink() or real == base.resolve() or not real.is_relative_to(base.resolve()):
        raise FactoryError(ErrorKind.INVALID, f"{path} is not a folder of {base}.", "Remove it by hand.")
    shutil.rmtree(path)
