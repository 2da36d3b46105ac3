"""The text of files at checked commits: from git, else the commit is fetched, else GitHub is asked for the file.

Nobody waits for the network: a text that is not here is null for now, and those who listen to the journal are told
when it has come.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from pathlib import Path

from factory_ls.factory.journal import Journal
from factory_ls.factory.state import Touched
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.github import contents
from factory_ls.github.gh import Gh
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.workspace import Workspace

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 8_000_000
"""Larger files are not placed in: no editor shows them well either."""
KEPT_CHARACTERS = 64_000_000
"""Of all texts together; those used longest ago go first."""
RETRY_SECONDS = 300.0

_Key = tuple[str, str, str]
"""Project, commit, path."""


class Texts:
    def __init__(self, journal: Journal, git: Git, gh: Gh) -> None:
        self._journal = journal
        self._git = git
        self._gh = gh
        self._kept: OrderedDict[_Key, str | None] = OrderedDict()
        self._size = 0
        self._tried: dict[_Key, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def at(self, workspace: Workspace, commit: str, path: str) -> str | None:
        """The file's text; null when the commit has no such file, it is too large, or it is not here yet.

        The same object as long as it is kept.
        """
        key = (workspace.project_id, commit, path)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            body = await repository.blob(self._git, Path(workspace.path), commit, path)
        except FactoryError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                self._obtain_soon(key, workspace)
            else:
                log.info("%s at %s: %s", path, commit[:12], error)
            return None
        return self._keep(key, body)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, key: _Key, body: bytes | None) -> str | None:
        text = None if body is None or len(body) > MAX_FILE_BYTES else body.decode("utf-8", "replace")
        # Two readers may have asked at the same time; the first one's object is the one that is known.
        if key in self._kept:
            return self._kept[key]
        self._kept[key] = text
        self._size += len(text or "")
        while self._size > KEPT_CHARACTERS and len(self._kept) > 1:
            self._size -= len(self._kept.popitem(last=False)[1] or "")
        return text

    def _obtain_soon(self, key: _Key, workspace: Workspace) -> None:
        now = time.monotonic()
        if now - self._tried.get(key, -RETRY_SECONDS) < RETRY_SECONDS:
            return
        self._tried = {k: at for k, at in self._tried.items() if now - at < RETRY_SECONDS} | {key: now}
        task = asyncio.create_task(self._obtain(key, workspace))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _obtain(self, key: _Key, workspace: Workspace) -> None:
        _, commit, path = key
        worktree, whole = Path(workspace.path), ("", commit, "")
        try:
            # One fetch a commit, however many of its files are asked for.
            if whole not in self._tried:
                self._tried[whole] = time.monotonic()
                await repository.fetch(self._git, worktree, "origin", commit)
        except FactoryError as error:
            log.info("commit %s could not be fetched: %s", commit[:12], error)
        try:
            if not await repository.has_commit(self._git, worktree, commit):
                project = self._journal.state.projects[workspace.project_id]
                if not (project.github_host and project.github_owner and project.github_repo):
                    return
                place = (project.github_host, project.github_owner, project.github_repo)
                self._keep(key, await contents.file_at(self._gh, *place, commit, path, most=MAX_FILE_BYTES))
        except (FactoryError, KeyError) as error:
            log.info("%s at %s: %s", path, commit[:12], error)
            return
        touched = frozenset({workspace.id})
        self._journal.tell(Touched(problems=touched))
