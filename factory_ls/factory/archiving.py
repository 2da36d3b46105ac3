"""A workspace put away, and brought back. No byte that git does not hold is lost on the way."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from factory_ls.factory.carry import keep_changed
from factory_ls.factory.command import Report
from factory_ls.factory.keeping import keep, remove
from factory_ls.factory.lifecycle import Lifecycle
from factory_ls.factory.provisioning import Provisioning
from factory_ls.factory.scripts import Scripts, read_repository_file
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.git.salvage import is_worktree
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.project import Project
from factory_ls.model.settings import Settings
from factory_ls.model.workspace import Workspace, WorkspaceStatus

log = logging.getLogger(__name__)

StopAll = Callable[[str, bool], Awaitable[None]]
"""(workspace id, force): ends what runs in it. Raises `busy` when something works and it is not forced."""


class Archiving:
    """`open_files` names the files of a workspace that editors have open."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        git: Git,
        scripts: Scripts,
        settings: Settings,
        provisioning: Provisioning,
        *,
        stop_all: StopAll,
        open_files: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._lifecycle = lifecycle
        self._git = git
        self._scripts = scripts
        self._settings = settings
        self._provisioning = provisioning
        self._stop_all = stop_all
        self._open_files = open_files

    async def archive(self, project: Project, workspace: Workspace, report: Report, *, force: bool) -> Workspace:
        """To ARCHIVED. A failure on the way leaves it as it was, with the reason as a warning and everything kept."""
        before = {WorkspaceStatus.READY, WorkspaceStatus.FAILED, WorkspaceStatus.ARCHIVING}
        status = workspace.status
        workspace = await self._lifecycle.swap(workspace.id, before, WorkspaceStatus.ARCHIVING)
        if status is WorkspaceStatus.ARCHIVING:  # taken up again: what it was before, nobody knows
            status = WorkspaceStatus.READY
        try:
            self._refuse_open(workspace, force=force)
            await self._stop_all(workspace.id, force)
            notes = await self._clear(project, workspace, report)
        except BaseException as error:
            reason = f"It was not archived: {str(error) or type(error).__name__}"
            back = self._lifecycle.swap(
                workspace.id, {WorkspaceStatus.ARCHIVING}, status, note=reason, warnings=(*workspace.warnings, reason)
            )
            await asyncio.shield(back)
            raise
        return await self._lifecycle.swap(
            workspace.id, {WorkspaceStatus.ARCHIVING}, WorkspaceStatus.ARCHIVED, warnings=notes
        )

    async def restore(self, project: Project, workspace: Workspace, report: Report) -> None:
        """The worktree again where it was, with what was kept beside the branch. Raises `conflict` when its place or
        its branch is taken."""
        await self._provisioning.provision(project, workspace.id, report)

    def _refuse_open(self, workspace: Workspace, *, force: bool) -> None:
        if not force and (files := self._open_files(workspace.id)):
            raise FactoryError(
                ErrorKind.BUSY,
                f"An editor has files of {workspace.name} open: {', '.join(Path(f).name for f in files[:5])}.",
                "Close them, or set `force`.",
            )

    async def _clear(self, project: Project, workspace: Workspace, report: Report) -> tuple[str, ...]:
        path, repo = Path(workspace.path), Path(project.repo_path)
        there = await asyncio.to_thread(path.is_dir)
        if there and not await asyncio.to_thread(repo.is_dir):
            return (*workspace.warnings, f"{repo} is gone, so the files are left in {path}: nothing else holds them.")
        if not there:
            await self._git.answer(repo, "worktree", "prune", ok=range(256))
            return workspace.warnings
        report("Cleaning up", 10)
        await self._scripts.cleanup(path, lambda line: report(line, None))
        report("Committing what is not committed", 40)
        if await is_worktree(self._git, path):
            branch = await repository.current_branch(self._git, path)
            if branch and branch != workspace.branch:  # switched by hand: a restore must bring back this one
                workspace = await self._lifecycle.amend(workspace.id, branch=branch)
        notes = list(workspace.warnings)
        if ref := await keep(self._git, repo, workspace):
            notes.append(f"Uncommitted work is kept at {ref}; restoring the workspace brings it back.")
        try:
            patterns = (await read_repository_file(path)).carry
        except FactoryError:
            patterns = ()
        kept = self._provisioning.kept_files(workspace)
        if names := await keep_changed(repo, path, patterns, kept):
            notes.append(f"Changed files that git ignores are kept in {kept}: {', '.join(names)}.")
        report("Removing the worktree", 70)
        # From here on nothing can be lost, and half a removal helps nobody.
        await asyncio.shield(remove(self._git, repo, workspace, self._settings.worktree_base_dir))
        return tuple(notes)
