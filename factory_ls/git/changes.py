"""What changed in a worktree since a commit, as text."""

import hashlib
import os
from pathlib import Path

from factory_ls.git.repository import commit_of
from factory_ls.git.runner import Git
from factory_ls.git.scratch import scratch_index
from factory_ls.model.errors import ErrorKind, FactoryError

_SETTINGS = ("-c", "diff.algorithm=histogram", "-c", "diff.interHunkContext=0", "-c", "core.quotePath=false")
_OPTIONS = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--full-index",
    "--find-renames",
    "--ignore-submodules=dirty",
)
_FORM = ("--unified=3", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short")
_DIFF = (*_SETTINGS, "diff", *_OPTIONS, *_FORM)


async def diff(git: Git, worktree: Path, base: str, *, timeout: float = 60) -> str:  # noqa: ASYNC109
    """From the commit `base` to the working tree, committed or not, untracked files included; unified, with renames.

    The same whatever the user's diff settings are. Bytes that are not UTF-8 are replaced. Raises notFound for `base`.
    """
    commit = await commit_of(git, worktree, base)
    if commit is None:
        raise FactoryError(ErrorKind.NOT_FOUND, f"No commit {base[:80]!r} here.", "Fetch it first, or check its name.")
    async with scratch_index(git, worktree) as env:
        answer = await git.run(worktree, *_DIFF, commit, "--", timeout=timeout, env=env)
    return answer.decode("utf-8", "replace")


async def diff_between(git: Git, repo: Path, old: str, new: str) -> str:
    """From one commit to another, in the form of `diff`."""
    return (await git.run(repo, *_DIFF, "--end-of-options", old, new, "--")).decode("utf-8", "replace")


async def names_between(git: Git, repo: Path, old: str, new: str) -> frozenset[str]:
    """Of the files that differ between two commits; a renamed one by both names."""
    listed = await git.run(repo, "diff", "--name-only", "--no-renames", "-z", "--end-of-options", old, new, "--")
    return frozenset(os.fsdecode(name) for name in listed.split(b"\0") if name)


def diff_hash(text: str) -> str:
    """SHA-256 of a diff, in hexadecimal: equal diffs are the same change."""
    return hashlib.sha256(text.encode()).hexdigest()
