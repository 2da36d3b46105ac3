"""Watches the disk: HEAD and index of every worktree, its branch at the remote, and the files that have problems.

So switching branches or committing in a terminal, a push from there, and what an agent writes to a file that no editor
has open, are all seen at once. Folders are watched rather than files: writing a file often means replacing it.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import Change as FileChange
from watchfiles import awatch

from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.state import Touched
from factory_ls.factory.trees import Trees
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.model.errors import FactoryError
from factory_ls.model.workspace import Workspace, WorkspaceStatus

log = logging.getLogger(__name__)

HEADS = frozenset({"HEAD", "index", "ORIG_HEAD"})
"""HEAD for branches, `index` for commits and resets."""
DEBOUNCE_MS = 100
MOST_FOLDERS = 2_000
"""Of files with problems; the system has a limit too (fs.inotify.max_user_watches)."""


@dataclass(frozen=True)
class _Plan:
    """What to watch, and whose it is. All paths are real."""

    heads: dict[str, str] = field(default_factory=dict)
    """Path of a HEAD or index → workspace."""
    pushed: frozenset[str] = frozenset()
    """Paths of the refs that say where the remote's branches are."""
    files: dict[str, str] = field(default_factory=dict)
    """Path of a file with problems → workspace."""
    folders: frozenset[str] = frozenset()


@dataclass(eq=False)
class _Watching:
    """One plan being watched. It is asked to stop, not cancelled: what it was told already is still passed on."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    @property
    def ended(self) -> bool:
        return self.task is not None and self.task.done()

    async def end(self) -> None:
        self.stop.set()
        if self.task is not None:
            await asyncio.gather(self.task, return_exceptions=True)

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()


class Watch:
    """`wake` has GitHub asked at once: a push means that new checks begin."""

    def __init__(self, journal: Journal, git: Git, board: ProblemBoard, trees: Trees, wake: Callable[[], None]) -> None:
        self._journal = journal
        self._git = git
        self._board = board
        self._trees = trees
        self._wake = wake
        self._git_dirs: dict[str, tuple[Path, Path]] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Runs for ever; only cancelling ends it."""
        unsubscribe = self._journal.subscribe(self._note)
        plan, watching = _Plan(), _Watching()
        try:
            while True:
                self._changed.clear()
                wanted = await self._plan()
                if wanted != plan or watching.ended:
                    old, plan, watching = watching, wanted, _Watching()
                    watching.task = asyncio.create_task(self._watch(plan, watching.stop))
                    # By its first await the new one watches; only then the old one may end, and only after it has told
                    # what it still holds back: asked to stop, it would drop that.
                    await asyncio.sleep(3 * DEBOUNCE_MS / 1000)
                    await old.end()
                await self._changed.wait()
        finally:
            unsubscribe()
            watching.cancel()

    def _note(self, change: Change) -> None:
        if change.workspaces or change.problems:
            self._changed.set()

    async def _plan(self) -> _Plan:
        heads: dict[str, str] = {}
        files: dict[str, str] = {}
        pushed: set[str] = set()
        for workspace in self._journal.state.live_workspaces():
            if workspace.status is not WorkspaceStatus.READY:
                continue
            try:
                own, common = await self._dirs(workspace)
            except FactoryError as error:
                log.info("%s is not watched: %s", workspace.path, error)
                continue
            heads.update({str(own / name): workspace.id for name in HEADS})
            pushed.add(str(common / "refs/remotes/origin" / workspace.branch))
            files.update(dict.fromkeys(self._board.files(workspace.id), workspace.id))
        folders = await asyncio.to_thread(_folders, (*heads, *pushed), tuple(files))
        return _Plan(heads, frozenset(pushed), files, folders)

    async def _dirs(self, workspace: Workspace) -> tuple[Path, Path]:
        known = self._git_dirs.get(workspace.path)
        if known is None:
            worktree = Path(workspace.path)
            known = await repository.git_dir(self._git, worktree), await repository.common_dir(self._git, worktree)
            self._git_dirs[workspace.path] = known
        return known

    async def _watch(self, plan: _Plan, stop: asyncio.Event) -> None:
        def wanted(_: FileChange, path: str) -> bool:
            return path in plan.heads or path in plan.pushed or path in plan.files

        if not plan.folders:
            return
        watching = awatch(*plan.folders, watch_filter=wanted, stop_event=stop, recursive=False, debounce=DEBOUNCE_MS)
        try:
            async for changes in watching:
                paths = {path for _, path in changes}
                if paths & plan.pushed:
                    self._wake()
                moved = {plan.heads[path] for path in paths & plan.heads.keys()}
                written = {plan.files[path] for path in paths & plan.files.keys()}
                for workspace_id in moved | written:
                    if not await self._trees.look(workspace_id):
                        self._journal.tell(Touched(problems=frozenset({workspace_id})))
                for workspace_id in moved:
                    self._journal.tell_workspace(workspace_id)
        except (OSError, RuntimeError) as error:
            log.info("watching ended: %s", error)  # a folder went away; the next change watches anew


def _folders(always: tuple[str, ...], files: tuple[str, ...]) -> frozenset[str]:
    """The folders that are there; for a ref without a folder yet, the nearest one above it."""
    found = {folder for path in files if Path(folder := os.path.dirname(path)).is_dir()}  # noqa: PTH120 - strings
    found = set(sorted(found)[:MOST_FOLDERS])
    for path in always:
        near = Path(path).parent
        while not near.is_dir() and near != near.parent:
            near = near.parent
        found.add(str(near))
    return frozenset(found)
