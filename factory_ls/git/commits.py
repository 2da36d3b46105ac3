"""Commits made by the product: with the user's identity and hooks, or, to save work, with neither."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from factory_ls.git.errors import GitError, tail
from factory_ls.git.repository import commit_of, head
from factory_ls.git.runner import Git
from factory_ls.git.scratch import scratch_index
from factory_ls.git.unsaved import dirty
from factory_ls.model.errors import ErrorKind, FactoryError

HOOK_SECONDS = 300.0
"""How long a commit or push may take, the repository's hooks included."""
SNAPSHOTS = "refs/factory/"

_TRAILER_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


class Identity(NamedTuple):
    """Who commits. `fallback`: git has no name or no address configured, so ours stands in for what is missing."""

    name: str
    email: str
    fallback: bool

    @property
    def environment(self) -> dict[str, str]:
        """For `Git.run`: empty when git knows its own."""
        if not self.fallback:
            return {}
        roles = ("AUTHOR", "COMMITTER")
        names = {f"GIT_{role}_NAME": self.name for role in roles}
        return names | {f"GIT_{role}_EMAIL": self.email for role in roles}


async def identity(git: Git, repo: Path) -> Identity:
    """As git would take it, but never guessed from the machine's name as git otherwise does."""
    try:
        for role in ("GIT_COMMITTER_IDENT", "GIT_AUTHOR_IDENT"):
            answer = await git.run(repo, "-c", "user.useConfigOnly=true", "var", role)
    except GitError:
        name = await _configured(git, repo, "user.name") or "factory-ls"
        return Identity(name, await _configured(git, repo, "user.email") or "factory-ls@localhost", fallback=True)
    match = re.fullmatch(r"(.*) <(.*)> \d+ [+-]\d+", answer.decode("utf-8", "replace").strip())
    return Identity(match[1] if match else "", match[2] if match else "", fallback=False)


async def commit_all(
    git: Git, worktree: Path, message: str, *, trailers: Mapping[str, str] | None = None
) -> str | None:
    """Commits every change, untracked files included, on what is checked out. The commit's id, or None when there is
    nothing to commit.

    Raises conflict (files in conflict), denied (a hook refused it, signing failed), busy (`index.lock`), invalid (an
    empty message, a trailer of two lines). Afterwards everything is staged.
    """
    if not message.strip():
        raise FactoryError(ErrorKind.INVALID, "A commit needs a message.")
    message = _with_trailers(message, trailers or {})
    if not await dirty(git, worktree):
        return None
    if conflicts := await git.run(worktree, "diff", "--name-only", "-z", "--diff-filter=U", "--no-relative"):
        names = ", ".join(os.fsdecode(name) for name in conflicts.split(b"\0")[:5] if name)
        raise FactoryError(ErrorKind.CONFLICT, f"Files are in conflict: {names}", "Resolve and `git add` them first.")
    await git.run(worktree, "add", "--all", timeout=120)
    code, _ = await git.answer(worktree, "diff", "--cached", "--quiet", "--no-ext-diff", ok=(0, 1))
    if code == 0:  # Only what `add` cannot take: an untracked repository without a commit, a submodule's own changes.
        return None
    env = (await identity(git, worktree)).environment
    try:
        command = ("commit", "--quiet", "--cleanup=whitespace", "--file=-")
        await git.run(worktree, *command, stdin=message.encode(), timeout=HOOK_SECONDS, env=env)
    except GitError as error:
        if error.exit_code != 1:
            raise
        raise GitError(
            ErrorKind.DENIED,
            f"A commit hook of the repository refused the commit: {tail(error.stderr) or 'it said nothing'}",
            f"Fix what it names, or run `git commit` in {worktree} to see all of it. The changes are staged.",
            exit_code=1,
            stderr=error.stderr,
        ) from None
    return await head(git, worktree)


async def add_trailers(git: Git, worktree: Path, trailers: Mapping[str, str]) -> None:
    """Amends the last commit, which nobody has seen yet, unless it has them already. Runs no hook: they ran for it."""
    message = (await git.run(worktree, "log", "-1", "--format=%B")).decode("utf-8", "replace")
    missing = {key: value for key, value in trailers.items() if f"\n{key}: " not in message}
    if not missing:
        return
    env = (await identity(git, worktree)).environment
    command = ("commit", "--amend", "--no-verify", "--quiet", "--cleanup=whitespace", "--file=-")
    await git.run(worktree, *command, stdin=_with_trailers(message, missing).encode(), timeout=HOOK_SECONDS, env=env)


async def reset_to(git: Git, worktree: Path, commit: str) -> None:
    """Makes the branch and its files those of `commit`; untracked files that are not ignored go. Nothing is kept."""
    if await commit_of(git, worktree, commit) is None:
        raise FactoryError(ErrorKind.NOT_FOUND, f"No commit {commit[:80]!r} here.", "Fetch it first.")
    await git.run(worktree, "reset", "--quiet", "--hard", commit, "--")
    await git.run(worktree, "clean", "--quiet", "--force", "-d")


async def snapshot(git: Git, worktree: Path, message: str, *, name: str) -> str:
    """Saves the worktree's whole content as a commit under `refs/factory/<name>`; its id.

    For when `commit_all` cannot: it runs no hook, signs nothing, and leaves branch and index alone, so that refusing
    hooks, conflicts and a stale `index.lock` do not matter. Its parent is the checked-out commit.
    """
    ref = SNAPSHOTS + name
    code, _ = await git.answer(worktree, "check-ref-format", ref, ok=(0, 1))
    if code != 0:
        raise FactoryError(ErrorKind.INVALID, f"Not a name for a snapshot: {name[:80]!r}")
    async with scratch_index(git, worktree, whole=True) as env:
        tree = (await git.run(worktree, "write-tree", env=env)).decode().strip()
    parent = await commit_of(git, worktree, "HEAD")
    parents = ("-p", parent) if parent else ()
    who = (await identity(git, worktree)).environment
    made = await git.run(worktree, "commit-tree", *parents, "-F", "-", tree, stdin=message.encode(), env=who)
    commit = made.decode().strip()
    await git.run(worktree, "update-ref", "--create-reflog", ref, commit)
    return commit


async def fast_forward(git: Git, worktree: Path, commit: str) -> bool:
    """Moves the checked-out branch forward to `commit`; False, with nothing changed, when it is not ahead of it."""
    if await commit_of(git, worktree, commit) is None:
        return False
    code, _ = await git.answer(worktree, "merge", "--ff-only", "--quiet", "--end-of-options", commit, ok=(0, 1, 128))
    return code == 0


async def push(
    git: Git, worktree: Path, branch: str, *, remote: str = "origin", there: str = "", set_upstream: bool = True
) -> None:
    """Pushes the branch under its own name, or as the branch `there`; never forces. Nothing to push is fine.

    Raises conflict (the remote has commits that are not here), denied (protected, or a hook refused), notLoggedIn,
    network, notFound (no such branch or remote), timeout.
    """
    if remote.startswith("-") or await commit_of(git, worktree, f"refs/heads/{branch}") is None:
        raise FactoryError(ErrorKind.NOT_FOUND, f"No branch {branch} with a commit to push to {remote}.")
    options = ("--quiet", "--no-follow-tags", "--no-force", *(("--set-upstream",) if set_upstream else ()))
    try:
        refspec = f"refs/heads/{branch}:refs/heads/{there or branch}"
        await git.run(worktree, "push", *options, "--", remote, refspec, timeout=HOOK_SECONDS)
    except GitError as error:
        if error.kind is not ErrorKind.INTERNAL or error.exit_code != 1:
            raise
        raise GitError(
            ErrorKind.DENIED,
            f"The pre-push hook of the repository refused the push: {tail(error.stderr)}",
            f"Fix what it names, or run `git push` in {worktree} to see all of it.",
            exit_code=1,
            stderr=error.stderr,
        ) from None


def _with_trailers(message: str, trailers: Mapping[str, str]) -> str:
    """Not by git's --trailer: it takes a line that starts with # for a comment, and puts trailers before it."""
    lines = []
    for key, value in trailers.items():
        if not _TRAILER_KEY.fullmatch(key) or not value.strip() or "\n" in value:
            raise FactoryError(ErrorKind.INVALID, f"Not a trailer: {key!r}: {value[:80]!r}")
        lines.append(f"{key}: {value.strip()}")
    return message.rstrip() + "\n\n" + "\n".join(lines) if lines else message


async def _configured(git: Git, repo: Path, key: str) -> str:
    _, answer = await git.answer(repo, "config", "--get", key, ok=(0, 1))
    return answer.decode("utf-8", "replace").strip()
