"""Worktrees: made on a new branch, made for a branch that exists, listed, locked, removed."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from factory_ls.git.branches import check_branch
from factory_ls.git.commits import identity
from factory_ls.git.errors import GitError
from factory_ls.git.repository import commit_of, fetch, is_ancestor, remotes
from factory_ls.git.runner import Git
from factory_ls.git.unsaved import unsaved
from factory_ls.model.errors import ErrorKind, FactoryError


class WorktreeEntry(NamedTuple):
    """`branch` is None with a detached head, `head` before the first commit. The first one listed is the main one."""

    path: Path
    branch: str | None
    head: str | None
    locked: bool = False
    prunable: bool = False


class Added(NamedTuple):
    """What a new worktree stands on: `ref` as git names it (None for an empty repository), and what the user should
    be told of it."""

    ref: str | None
    warnings: tuple[str, ...] = ()


async def list_worktrees(git: Git, repo: Path) -> list[WorktreeEntry]:
    listed = (await git.run(repo, "worktree", "list", "--porcelain", "-z")).rstrip(b"\0")
    entries = []
    for record in listed.split(b"\0\0"):
        fields: dict[str, bytes] = {}
        for line in record.split(b"\0"):
            key, _, value = line.partition(b" ")
            fields[key.decode()] = value
        branch, head = fields.get("branch"), fields.get("HEAD", b"").decode()
        entries.append(
            WorktreeEntry(
                path=Path(os.fsdecode(fields["worktree"])),
                branch=os.fsdecode(branch).removeprefix("refs/heads/") if branch else None,
                head=head if head.strip("0") else None,
                locked="locked" in fields,
                prunable="prunable" in fields,
            )
        )
    return entries


async def add_worktree(git: Git, repo: Path, path: Path, branch: str, *, base: str, remote: str = "origin") -> Added:
    """A worktree at `path` on the new branch `branch`, from `base`: fetched from the remote, else local, else as last
    fetched, else any commit of that name. An empty repository gives a branch without commits.

    Raises invalid (a name), conflict (`path` or `branch` exists), notFound (`base`). On any failure, and when
    cancelled, neither folder nor branch stays behind.
    """
    await check_branch(git, repo, branch)
    await check_branch(git, repo, base)
    await _check_target(path)
    if await commit_of(git, repo, f"refs/heads/{branch}"):
        raise FactoryError(
            ErrorKind.CONFLICT, f"The branch {branch} exists already.", "Resume it, or choose another name."
        )
    ref, warnings = await _base_ref(git, repo, base, remote)
    if ref is None:
        await _add(git, repo, path, "--detach", "--", str(path), await _empty_commit(git, repo), new_branch=None)
        try:
            await git.run(path, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
        except BaseException:
            await asyncio.shield(_undo(git, repo, path, None))
            raise
        return Added(None, warnings)
    arguments = ("--no-track", "-b", branch, "--", str(path), ref)
    return Added(ref, warnings + await _add(git, repo, path, *arguments, new_branch=branch))


async def resume_worktree(git: Git, repo: Path, path: Path, branch: str, *, remote: str = "origin") -> Added:
    """A worktree at `path` on the branch `branch` that exists here, on the remote, or both.

    The local branch is moved to the remote's only when it is strictly behind a fresh one; commits made here are never
    left. Raises conflict (checked out elsewhere: the message says where; or `path` exists), notFound, invalid.
    """
    await check_branch(git, repo, branch)
    await _check_target(path)
    for entry in await list_worktrees(git, repo):
        if entry.branch == branch and not entry.prunable:
            raise FactoryError(
                ErrorKind.CONFLICT,
                f"The branch {branch} is checked out at {entry.path}.",
                "Work there, or check out another branch there first.",
            )
    fresh, warnings = await _fetched(git, repo, branch, remote)
    local, tracking = f"refs/heads/{branch}", f"refs/remotes/{remote}/{branch}"
    here, there = await commit_of(git, repo, local), await commit_of(git, repo, tracking)
    if here is None and there is None:
        raise FactoryError(
            ErrorKind.NOT_FOUND,
            f"No branch {branch} here or on {remote}.",
            "Check its name, or create a new workspace.",
        )
    if here is None:
        arguments = ("--track", "-b", branch, "--", str(path), tracking)
        return Added(tracking, warnings + await _add(git, repo, path, *arguments, new_branch=branch))
    if fresh and there and here != there and await is_ancestor(git, repo, here, there):
        arguments = ("--track", "-B", branch, "--", str(path), tracking)
        return Added(tracking, warnings + await _add(git, repo, path, *arguments, new_branch=None))
    return Added(local, warnings + await _add(git, repo, path, "--", str(path), branch, new_branch=None))


async def remove_worktree(git: Git, repo: Path, path: Path, *, force: bool = False) -> None:
    """Removes the worktree at `path`, keeps its branch. Survives a missing folder and a broken `.git`.

    Raises conflict when it holds what git does not (the message lists it) unless `force`; invalid when `path` is not
    a worktree of `repo`, or is the main one: such a folder is never deleted. Ignored files go with the worktree.
    """
    real = await asyncio.to_thread(path.resolve)
    async with git.lock(repo):
        entries = await list_worktrees(git, repo)
        if real not in [entry.path for entry in entries[1:]]:
            raise FactoryError(
                ErrorKind.INVALID, f"{path} is not a worktree of {repo}.", "`git worktree list` shows those that are."
            )
        if await asyncio.to_thread(path.is_symlink):
            raise FactoryError(ErrorKind.INVALID, f"{path} is a symbolic link.", "Give the worktree's real path.")
        if await asyncio.to_thread(real.is_dir):
            await git.run(repo, "worktree", "repair", ok=(0, 1))  # 1: another one is beyond repair
            if not force and (kept := await unsaved(git, real)):
                raise FactoryError(
                    ErrorKind.CONFLICT,
                    f"{real} holds what git does not: {'; '.join(kept)}",
                    "Commit and push it, or remove with force to lose it.",
                )
        # Twice: a locked worktree too. What may be lost was settled above, by rules stricter than git's.
        await git.run(repo, "worktree", "remove", "--force", "--force", "--", str(real), timeout=300)


async def lock_worktree(git: Git, repo: Path, path: Path, reason: str) -> None:
    """Keeps git, and the user's git, from removing or pruning the worktree. Locking twice is fine."""
    await _set_lock(git, repo, path, locked=True, reason=reason)


async def unlock_worktree(git: Git, repo: Path, path: Path) -> None:
    await _set_lock(git, repo, path, locked=False)


async def _set_lock(git: Git, repo: Path, path: Path, *, locked: bool, reason: str = "") -> None:
    real = await asyncio.to_thread(path.resolve)
    entry = next((entry for entry in await list_worktrees(git, repo) if entry.path == real), None)
    if entry is None or entry.locked != locked:
        command = ("lock", f"--reason={reason}") if locked else ("unlock",)
        await git.run(repo, "worktree", *command, "--", str(real))


async def _base_ref(git: Git, repo: Path, base: str, remote: str) -> tuple[str | None, tuple[str, ...]]:
    fresh, warnings = await _fetched(git, repo, base, remote)
    tracking, local = f"refs/remotes/{remote}/{base}", f"refs/heads/{base}"
    for ref in (tracking, local) if fresh else (local, tracking):
        if await commit_of(git, repo, ref):
            return ref, warnings
    if commit := await commit_of(git, repo, base):
        return commit, warnings
    if await git.run(repo, "for-each-ref", "--count=1", "refs/heads", "refs/remotes"):
        raise FactoryError(
            ErrorKind.NOT_FOUND, f"No branch or commit {base} here or on {remote}.", "Give another baseBranch."
        )
    return None, warnings


async def _fetched(git: Git, repo: Path, branch: str, remote: str) -> tuple[bool, tuple[str, ...]]:
    """(whether the remote's branch is fresh, what to tell the user if it should be and is not)."""
    if remote not in [known.name for known in await remotes(git, repo)]:
        return False, ()
    try:
        await fetch(git, repo, remote, f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}")
    except GitError as error:
        # The remote answered, and has no such branch: nothing is stale.
        if "couldn't find remote ref" in error.stderr:
            return False, ()
        return False, (f"{branch} may be out of date: {error.message}",)
    except FactoryError as error:
        return False, (f"{branch} may be out of date: {error.message}",)
    return True, ()


async def _add(git: Git, repo: Path, path: Path, *arguments: str, new_branch: str | None) -> tuple[str, ...]:
    """`git worktree add`; warnings. Leaves nothing behind when it fails or is cancelled."""
    async with git.lock(repo):
        try:
            await git.run(repo, "worktree", "add", *arguments, timeout=600)
        except BaseException as error:
            # A failing post-checkout hook fails the command after the worktree is complete.
            if isinstance(error, GitError) and error.exit_code != 128 and await asyncio.to_thread(path.is_dir):
                return (f"The repository's post-checkout hook failed: {error.message}",)
            await asyncio.shield(_undo(git, repo, path, new_branch))
            raise
    return ()


async def _undo(git: Git, repo: Path, path: Path, new_branch: str | None) -> None:
    await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
    await git.run(repo, "worktree", "prune", "--expire=now")
    if new_branch:
        await git.answer(repo, "branch", "--delete", "--force", "--", new_branch, ok=range(256))


async def _check_target(path: Path) -> None:
    if await asyncio.to_thread(os.path.lexists, path):
        raise FactoryError(ErrorKind.CONFLICT, f"{path} exists already.", "Choose another name.")


async def _empty_commit(git: Git, repo: Path) -> str:
    """A commit that nothing refers to. `git worktree add --orphan` does without, from git 2.42 on."""
    tree = (await git.run(repo, "hash-object", "-w", "-t", "tree", "--stdin", stdin=b"")).decode().strip()
    env = (await identity(git, repo)).environment
    return (await git.run(repo, "commit-tree", "-m", "Empty", tree, env=env)).decode().strip()
