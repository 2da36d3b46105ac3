"""Files a repository wants in each worktree though git does not hold them (`carry`: `.env` and the like).

They are copied when a workspace is made. What was changed in the copies is kept when it is archived, since no commit
will hold it, and comes back when it is restored.
"""

import asyncio
import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

LIMIT_BYTES = 100 << 20
"""All files together: a pattern that also matches a virtual environment is a mistake worth a warning."""


async def carry(repository: Path, worktree: Path, patterns: Iterable[str]) -> tuple[str, ...]:
    """Copies what matches in `repository` and is not yet in `worktree`; warnings."""
    return await asyncio.to_thread(_carry, repository, worktree, tuple(patterns))


async def keep_changed(repository: Path, worktree: Path, patterns: Iterable[str], kept: Path) -> tuple[str, ...]:
    """Copies to `kept` the carried files that differ from the repository's; their names, relative to the worktree."""
    return await asyncio.to_thread(_keep_changed, repository, worktree, tuple(patterns), kept)


async def bring_back(kept: Path, worktree: Path) -> None:
    """Puts kept files over those of `worktree`, and forgets them."""
    await asyncio.to_thread(_bring_back, kept, worktree)


def _carry(repository: Path, worktree: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
    warnings, total = [], 0
    for pattern in patterns:
        found = list(_matching(repository, pattern))
        if not found:
            warnings.append(f"carry: nothing in {repository} matches {pattern!r}.")
        for name in found:
            source, target = repository / name, worktree / name
            if os.path.lexists(target):
                continue
            total += source.stat().st_size
            if total > LIMIT_BYTES:
                return (*warnings, f"carry: {pattern!r} and those before it come to more than {LIMIT_BYTES >> 20} MB.")
            if not _inside(target.parent, worktree):
                warnings.append(f"carry: {name} would lie outside the worktree.")
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return tuple(warnings)


def _keep_changed(repository: Path, worktree: Path, patterns: tuple[str, ...], kept: Path) -> tuple[str, ...]:
    names = []
    for name in sorted({name for pattern in patterns for name in _matching(worktree, pattern)}):
        original = repository / name
        if original.is_file() and filecmp.cmp(original, worktree / name, shallow=False):
            continue
        target = kept / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(worktree / name, target)
        names.append(str(name))
    return tuple(names)


def _bring_back(kept: Path, worktree: Path) -> None:
    if kept.is_dir():
        for source in sorted(path for path in kept.rglob("*") if path.is_file()):
            target = worktree / source.relative_to(kept)
            if _inside(target.parent, worktree):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
        shutil.rmtree(kept)


def _matching(root: Path, pattern: str) -> Iterator[Path]:
    """Regular files below `root` that match, relative to it; a folder stands for the files in it. No link leads out."""
    for found in sorted(root.glob(pattern)):
        for path in sorted(found.rglob("*")) if found.is_dir() and not found.is_symlink() else (found,):
            name = path.relative_to(root)
            if path.is_file() and ".git" not in name.parts and _inside(path, root):
                yield name


def _inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())
