"""Work of two sides brought together, as far as git can without a person: else everything is as it was."""

from pathlib import Path

from factory_ls.git.commits import identity, reset_to
from factory_ls.git.errors import GitError
from factory_ls.git.repository import commit_of
from factory_ls.git.runner import Git
from factory_ls.model.errors import ErrorKind

_SECONDS = 120.0


async def merge(git: Git, worktree: Path, commit: str) -> bool:
    """Merges `commit` into what is checked out, up to the commit, which `commit_all` then makes.

    False, with nothing changed, when there is a conflict. The worktree must be clean; nothing to merge is fine.
    """
    command = ("merge", "--no-ff", "--no-commit", "--quiet", "--end-of-options", commit)
    env = (await identity(git, worktree)).environment
    code, _ = await git.answer(worktree, *command, ok=(0, 1, 2, 128), env=env, timeout=_SECONDS)
    if code == 0:
        return True
    await abort_merge(git, worktree)
    return False


async def merging(git: Git, worktree: Path) -> bool:
    """Whether a merge is not concluded yet."""
    return await commit_of(git, worktree, "MERGE_HEAD") is not None


async def abort_merge(git: Git, worktree: Path) -> None:
    """Back to before a merge that was not concluded; fine when there is none."""
    if await merging(git, worktree):
        await git.run(worktree, "merge", "--abort")


async def replay(git: Git, worktree: Path, old: str, new: str, onto: str) -> bool:
    """Puts the commits after `old` up to `new` on top of `onto`, checked out as the branch's new end.

    False, with the branch at `onto`, when one of them is a merge or does not apply. What was checked out goes.
    """
    merges = await git.run(worktree, "rev-list", "--merges", "--end-of-options", f"{old}..{new}")
    await reset_to(git, worktree, onto)
    if merges.strip():
        return False
    env = (await identity(git, worktree)).environment
    try:
        await git.run(worktree, "cherry-pick", "--end-of-options", f"{old}..{new}", env=env, timeout=_SECONDS)
    except GitError as error:
        if error.kind in (ErrorKind.TIMEOUT, ErrorKind.BUSY):
            raise
        await git.answer(worktree, "cherry-pick", "--abort", ok=(0, 128))
        await reset_to(git, worktree, onto)
        return False
    return True
