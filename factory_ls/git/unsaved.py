"""What a worktree holds that no git repository beyond it does: what removing it would lose."""

import asyncio
import os
from pathlib import Path

from factory_ls.git.runner import Git

_SHOWN = 5


async def unsaved(git: Git, worktree: Path) -> tuple[str, ...]:
    """One line each: changed and untracked files, and the same and unpushed commits of the repositories inside.

    A submodule's commits live in the worktree's own folder under `.git/worktrees`, so they go with it; a clone that
    someone made inside the worktree is recorded by git as a bare number. Empty: nothing would be lost.
    """
    lines = []
    changed = _changed(await git.run(worktree, *_STATUS))
    if changed:
        lines.append(_listed("uncommitted", changed))
    nested = {entry.partition(b"\t")[2] for entry in await _gitlinks(git, worktree)}
    nested.update(os.fsencode(name).rstrip(b"/") for name in changed if name.endswith("/"))
    for name in sorted(nested):
        inner = worktree / os.fsdecode(name)
        if not await asyncio.to_thread((inner / ".git").exists):
            continue
        lines += [f"{os.fsdecode(name)}: {line}" for line in await unsaved(git, inner)]
        commits = await git.run(inner, "rev-list", "--count", "--branches", "HEAD", "--not", "--remotes", ok=(0, 128))
        if commits.strip() not in (b"", b"0"):
            lines.append(f"{os.fsdecode(name)}: {commits.decode().strip()} unpushed commit(s)")
    return tuple(lines)


async def dirty(git: Git, worktree: Path) -> bool:
    """Whether anything is changed, staged or untracked (ignored files do not count)."""
    return bool(await git.run(worktree, *_STATUS))


_STATUS = ("status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=none", "--no-renames")


def _changed(status: bytes) -> list[str]:
    return [os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry]


async def _gitlinks(git: Git, worktree: Path) -> list[bytes]:
    entries = (await git.run(worktree, "ls-files", "-z", "--stage")).split(b"\0")
    return [entry for entry in entries if entry.startswith(b"160000 ")]


def _listed(what: str, names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{what}: {', '.join(names[:_SHOWN])}{more}"
