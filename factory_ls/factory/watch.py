"""Watches the HEAD of every worktree: switching branches or committing in a terminal moves problems at once."""

import asyncio
import contextlib
import logging
from pathlib import Path

from watchfiles import Change as FileChange
from watchfiles import awatch

from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.state import Touched
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.model.errors import FactoryError
from factory_ls.model.workspace import WorkspaceStatus

log = logging.getLogger(__name__)


async def watch_heads(journal: Journal, git: Git) -> None:
    """Runs for ever: tells that a workspace's problems may stand elsewhere when its HEAD or its files changed."""
    changed = asyncio.Event()
    unsubscribe = journal.subscribe(lambda change: _note(change, changed))
    try:
        while True:
            changed.clear()
            folders = await _folders(journal, git)
            stop = asyncio.Event()
            watching = asyncio.create_task(_watch(journal, folders, stop)) if folders else None
            while True:
                await changed.wait()
                changed.clear()
                if await _folders(journal, git) != folders:
                    break
            stop.set()
            if watching:
                await asyncio.gather(watching, return_exceptions=True)
    finally:
        unsubscribe()


def _note(change: Change, changed: asyncio.Event) -> None:
    if change.workspaces:
        changed.set()


async def _folders(journal: Journal, git: Git) -> dict[Path, str]:
    """Folder that holds a worktree's HEAD → workspace."""
    found: dict[Path, str] = {}
    for workspace in journal.state.workspaces.values():
        if workspace.status is WorkspaceStatus.READY:
            with contextlib.suppress(FactoryError):
                found[await repository.git_dir(git, Path(workspace.path))] = workspace.id
    return found


async def _watch(journal: Journal, folders: dict[Path, str], stop: asyncio.Event) -> None:
    try:
        async for changes in awatch(*folders, watch_filter=_is_head, stop_event=stop, recursive=False, debounce=100):
            touched = frozenset(
                workspace for _, path in changes if (workspace := folders.get(Path(path).parent)) is not None
            )
            journal.tell(Touched(workspaces=touched, problems=touched))
    except FileNotFoundError:
        log.info("a worktree went away while it was being watched")


def _is_head(_: FileChange, path: str) -> bool:
    """HEAD for branches, `index` for commits and resets, and what an agent's edit ends in."""
    return Path(path).name in {"HEAD", "index", "ORIG_HEAD"}
