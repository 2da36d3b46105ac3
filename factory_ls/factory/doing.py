"""What the ratchet does in a worktree right now: one thing, told in words, that can be cancelled."""

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from factory_ls.factory import proofs, proving
from factory_ls.factory.journal import Journal
from factory_ls.factory.process import Outcome
from factory_ls.git import leftovers
from factory_ls.git.runner import Git
from factory_ls.model.errors import FactoryError
from factory_ls.model.workspace import Workspace

log = logging.getLogger(__name__)

T = TypeVar("T")


class Doing:
    def __init__(self, journal: Journal, git: Git) -> None:
        self._journal = journal
        self._git = git
        self._words: dict[str, str] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}

    def words(self, workspace_id: str) -> str | None:
        return self._words.get(workspace_id)

    def say(self, workspace_id: str, what: str | None) -> None:
        if what is None:
            self._words.pop(workspace_id, None)
        else:
            self._words[workspace_id] = what
        self._journal.tell_workspace(workspace_id)

    async def cancellable(self, workspace_id: str, work: Coroutine[Any, Any, T]) -> T | None:
        """A task of its own, so that `cancel` ends this and not whoever happened to look at the workspace."""
        task = asyncio.create_task(work)
        self._running[workspace_id] = task
        try:
            await asyncio.wait({task})
            return None if task.cancelled() else task.result()
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._running.pop(workspace_id, None)
            self.say(workspace_id, None)

    def cancel(self, workspace_id: str) -> None:
        """The ratchet was turned off, or its fixer stopped: what is being proved is not pushed."""
        if task := self._running.get(workspace_id):
            task.cancel()

    def runner(self, workspace: Workspace) -> proofs.Run:
        """Runs commands in the worktree, and says which.

        What one leaves there that git neither tracks nor ignores (a coverage file, a report) is no part of a fix, nor
        of what the next fixer starts from: it is put away.
        """

        async def run(command: str, when: str) -> Outcome:
            self.say(workspace.id, f"Running `{command}` {when}.")
            worktree = Path(workspace.path)
            had = await leftovers.untracked(self._git, worktree)
            try:
                outcome = await proving.run(command, worktree)
                left = await leftovers.untracked(self._git, worktree) - had
                try:
                    kept = await leftovers.put_away(self._git, worktree, left, name=f"left/{workspace.id}")
                except (FactoryError, OSError) as error:
                    log.warning("what `%s` left in %s stays there: %s", command, worktree, error)
                else:
                    if kept:
                        log.info("`%s` left %d files, kept as %s", command, len(left), kept)
                return outcome
            finally:
                self.say(workspace.id, None)

        return run
