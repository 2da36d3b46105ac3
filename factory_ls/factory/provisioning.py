"""A workspace made real: its worktree, the files it carries, its submodules, its setup script."""

import asyncio
import logging
from pathlib import Path

from factory_ls.factory.carry import bring_back, carry
from factory_ls.factory.command import Report
from factory_ls.factory.keeping import bring_back as bring_back_kept
from factory_ls.factory.keeping import remove
from factory_ls.factory.lifecycle import Lifecycle
from factory_ls.factory.scripts import Scripts, read_repository_file
from factory_ls.git import repository, worktrees
from factory_ls.git.runner import Git
from factory_ls.model.errors import FactoryError
from factory_ls.model.project import Project
from factory_ls.model.settings import Settings
from factory_ls.model.workspace import CreationSource, Workspace, WorkspaceStatus

log = logging.getLogger(__name__)

SUBMODULE_SECONDS = 600.0


class Provisioning:
    def __init__(self, lifecycle: Lifecycle, git: Git, scripts: Scripts, settings: Settings) -> None:
        self._lifecycle = lifecycle
        self._git = git
        self._scripts = scripts
        self._settings = settings

    async def provision(self, project: Project, workspace_id: str, report: Report, *, fresh: bool = False) -> None:
        """To READY, from NEW, FAILED or ARCHIVED. What an earlier attempt made is used.

        A failure leaves it FAILED with the reason as its warning, as does cancelling, unless `fresh`: then nothing is
        left behind but the record, which the caller removes.
        """
        before = {WorkspaceStatus.NEW, WorkspaceStatus.FAILED, WorkspaceStatus.ARCHIVED}
        workspace = await self._lifecycle.swap(workspace_id, before, WorkspaceStatus.PROVISIONING)
        repo, path = Path(project.repo_path), Path(workspace.path)
        had_branch = True
        try:
            had_branch = await repository.commit_of(self._git, repo, f"refs/heads/{workspace.branch}") is not None
            report(f"Making the worktree for {workspace.branch}", 10)
            warnings = await self._worktree(repo, workspace, resume=had_branch)
            warnings += await bring_back_kept(self._git, repo, workspace)
            warnings += await self._fill(repo, workspace, report)
        except BaseException as error:
            await asyncio.shield(self._failed(repo, workspace, error, undo=fresh, had_branch=had_branch))
            raise
        await self._lifecycle.swap(
            workspace_id, {WorkspaceStatus.PROVISIONING}, WorkspaceStatus.READY, warnings=warnings
        )
        report(f"{path.name} is ready", 100)

    async def set_up(self, workspace: Workspace, report: Report) -> tuple[str, ...]:
        """The setup script alone; its warnings."""
        return await self._scripts.setup(Path(workspace.path), lambda line: report(line, None), self._log(workspace))

    def kept_files(self, workspace: Workspace) -> Path:
        """Where changed copies of carried files wait for a restore."""
        return self._settings.base_dir / "kept" / workspace.id

    async def _worktree(self, repo: Path, workspace: Workspace, *, resume: bool) -> tuple[str, ...]:
        path = Path(workspace.path)
        await asyncio.to_thread(lambda: path.parent.mkdir(parents=True, exist_ok=True, mode=0o700))
        real = await asyncio.to_thread(path.resolve)
        entries = await worktrees.list_worktrees(self._git, repo)
        if mine := next((entry for entry in entries if entry.path == real), None):
            if not mine.prunable:
                return ()
            await self._git.run(repo, "worktree", "prune")
        if resume or workspace.creation_source is CreationSource.RESUME_BRANCH:
            added = await worktrees.resume_worktree(self._git, repo, path, workspace.branch)
        else:
            base = workspace.base_branch
            added = await worktrees.add_worktree(self._git, repo, path, workspace.branch, base=base)
        return added.warnings

    async def _fill(self, repo: Path, workspace: Workspace, report: Report) -> tuple[str, ...]:
        path = Path(workspace.path)
        warnings: tuple[str, ...] = ()
        if await asyncio.to_thread((path / ".gitmodules").is_file):
            report("Checking out submodules", 30)
            try:
                update = ("submodule", "--quiet", "update", "--init", "--recursive")
                await self._git.run(path, *update, timeout=SUBMODULE_SECONDS)
            except FactoryError as error:
                warnings += (f"Its submodules are not checked out: {error}",)
        try:
            patterns = (await read_repository_file(path)).carry
        except FactoryError:
            patterns = ()  # the setup script's warning says so
        warnings += await carry(repo, path, patterns)
        await bring_back(self.kept_files(workspace), path)
        report("Setting up", 50)
        return warnings + await self.set_up(workspace, report)

    async def _failed(
        self, repo: Path, workspace: Workspace, error: BaseException, *, undo: bool, had_branch: bool
    ) -> None:
        cancelled = isinstance(error, asyncio.CancelledError)
        if cancelled and undo:
            await self._undo(repo, workspace, had_branch=had_branch)
        reason = "It was cancelled: retry the setup, or archive it." if cancelled else str(error) or repr(error)
        await self._lifecycle.swap(
            workspace.id, {WorkspaceStatus.PROVISIONING}, WorkspaceStatus.FAILED, note=reason, warnings=(reason,)
        )

    async def _undo(self, repo: Path, workspace: Workspace, *, had_branch: bool) -> None:
        """Folder and branch of a making that was cancelled; all in them came from us, a moment ago."""
        try:
            if await asyncio.to_thread(Path(workspace.path).is_dir):
                await remove(self._git, repo, workspace, self._settings.worktree_base_dir)
            if not had_branch:
                await self._git.answer(
                    repo, "branch", "--quiet", "--delete", "--force", "--", workspace.branch, ok=range(256)
                )
        except (FactoryError, OSError) as failure:
            log.warning("left behind: %s: %s", workspace.path, failure)

    def _log(self, workspace: Workspace) -> Path:
        return self._settings.logs_dir / f"setup-{workspace.id}.log"
