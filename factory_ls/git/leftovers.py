"""Files that a command has left in a worktree, which git neither tracks nor ignores."""

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from factory_ls.git.commits import snapshot
from factory_ls.git.runner import Git


async def untracked(git: Git, worktree: Path) -> frozenset[str]:
    """Paths from `worktree`, which is the top. A repository inside ends with a slash: git looks no further."""
    listed = await git.run(worktree, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(os.fsdecode(name) for name in listed.split(b"\0") if name)


async def put_away(git: Git, worktree: Path, names: Iterable[str], *, name: str) -> str | None:
    """Removes files, after the worktree was kept with them as a commit under `refs/factory/<name>`: its id.

    None, and nothing done, when there is none. Repositories inside stay: git cannot keep them.
    """
    files = sorted(file for file in names if not file.endswith("/"))
    if not files:
        return None
    kept = await snapshot(git, worktree, "Left by a check's command", name=name)
    await asyncio.to_thread(_remove, worktree, files)
    return kept


def _remove(worktree: Path, files: list[str]) -> None:
    for file in files:
        path = worktree / file
        with suppress(FileNotFoundError):
            path.unlink()
        for folder in path.parents:
            if folder == worktree:
                break
            try:
                folder.rmdir()
            except OSError:  # not empty, or gone with the file before
                if folder.exists():
                    break
