"""Workspaces: a worktree made, set up, listed and archived. Each change of status is a compare-and-swap."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from factory_ls.factory.caller import USER
from factory_ls.factory.command import Command, Context, Report, WorkspaceParams
from factory_ls.factory.ids import new_id
from factory_ls.factory.journal import Journal
from factory_ls.factory.projects import Projects
from factory_ls.factory.scripts import Scripts
from factory_ls.factory.state import State
from factory_ls.factory.views import View
from factory_ls.git import branches, commits, worktrees
from factory_ls.git.runner import Git
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import WorkspaceChanged
from factory_ls.model.project import Project
from factory_ls.model.settings import Settings
from factory_ls.model.wire import Params
from factory_ls.model.workspace import CreationSource, Workspace, WorkspaceStatus

log = logging.getLogger(__name__)


class Source(Params, frozen=True, kw_only=True):
    kind: CreationSource = CreationSource.MANUAL
    branch: str | None = None
    issue: int | str | None = None
    """A number, or the issue's URL."""


class CreateParams(Params, frozen=True, kw_only=True):
    repo_path: str | None = None
    project: str | None = None
    name: str | None = None
    description: str = ""
    source: Source = Source()
    base_branch: str | None = None
    prompt: str | None = None
    """Given to a Claude session once the workspace is set up."""
    ratchet: bool = False


class ArchiveParams(WorkspaceParams, frozen=True, kw_only=True):
    force: bool = False
    """Stop what runs in it."""


class ListParams(Params, frozen=True, kw_only=True):
    archived: bool = False


class Issue(msgspec.Struct, frozen=True):
    number: int
    title: str
    body: str
    url: str


Step = Callable[[str], Awaitable[Any]]


class Workspaces:
    """What other rooms do is handed in by the app: from `view` to `stop_all`."""

    def __init__(
        self,
        journal: Journal,
        git: Git,
        projects: Projects,
        scripts: Scripts,
        settings: Settings,
        *,
        view: View,
        login: Callable[[Project], Awaitable[str]],
        fetch_issue: Callable[[Project, str], Awaitable[Issue]],
        start_session: Callable[[str, str, Issue | None], Awaitable[Any]],
        enable_ratchet: Step,
        stop_all: Callable[[str, bool], Awaitable[None]],
    ) -> None:
        self._journal = journal
        self._git = git
        self._projects = projects
        self._scripts = scripts
        self._settings = settings
        self._view = view
        self._login = login
        self._fetch_issue = fetch_issue
        self._start_session = start_session
        self._enable_ratchet = enable_ratchet
        self._stop_all = stop_all

    def commands(self) -> list[Command]:
        return [
            Command("factory.workspace.list", "List workspaces", ListParams, self._list),
            Command("factory.workspace.get", "Show a workspace", WorkspaceParams, self._get),
            Command("factory.workspace.create", "Create a workspace", CreateParams, self._create, user_only=True),
            Command("factory.workspace.archive", "Archive a workspace", ArchiveParams, self._archive, user_only=True),
            Command(
                "factory.workspace.retrySetup",
                "Run the setup again",
                WorkspaceParams,
                self._retry_setup,
                user_only=True,
            ),
        ]

    async def _list(self, params: ListParams, context: Context) -> list[Workspace]:
        state = self._journal.state
        return [
            self._view(workspace)
            for workspace in state.workspaces.values()
            if context.caller.may(workspace.id)
            and (params.archived or workspace.status is not WorkspaceStatus.ARCHIVED)
        ]

    async def _get(self, params: WorkspaceParams, context: Context) -> Workspace:
        state = self._journal.state
        workspace = state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        return self._view(workspace)

    # -- creating

    async def _create(self, params: CreateParams, context: Context) -> Workspace:
        project = await self._project(params)
        issue = None
        if params.source.kind is CreationSource.GITHUB_ISSUE:
            if params.source.issue is None:
                raise FactoryError(ErrorKind.INVALID, "source.issue is missing.", "Give its number or URL.")
            context.report("Reading the issue", None)
            issue = await self._fetch_issue(project, str(params.source.issue))
        if params.source.kind is CreationSource.RESUME_BRANCH and not params.source.branch:
            raise FactoryError(ErrorKind.INVALID, "source.branch is missing.", "Name the branch to go on with.")
        record = await self._reserve(project, params, issue)
        try:
            await self._provision(project, record.id, context.report)
        except BaseException as error:
            # Cancelled or failed half-way: nothing of it may stay but the reason.
            await asyncio.shield(self._give_up(project, record.id, error))
            raise
        if params.ratchet:
            await self._enable_ratchet(record.id)
        prompt = params.prompt or (issue.title if issue else None)
        if prompt:
            await self._start_session(record.id, prompt, issue)
        return self._view(self._journal.state.workspaces[record.id])

    async def _project(self, params: CreateParams) -> Project:
        if (params.repo_path is None) == (params.project is None):
            raise FactoryError(ErrorKind.INVALID, "Give either `repoPath` or `project`.", "")
        if params.project is not None:
            return self._journal.state.project(params.project)
        return await self._projects.ensure(Path(params.repo_path or ""))

    async def _reserve(self, project: Project, params: CreateParams, issue: Issue | None) -> Workspace:
        """Takes a name, a branch and a folder that no other workspace has, and writes them down as NEW."""
        repository = Path(project.repo_path)
        wished = params.name or (issue.title if issue else None) or params.source.branch or f"work-{new_id('')[1:6]}"

        branch = params.source.branch or ""
        if params.source.kind is CreationSource.RESUME_BRANCH:
            await branches.check_branch(self._git, repository, branch)
        else:
            login = await self._login(project)
            branch = await branches.free_branch(self._git, repository, branches.branch_name(login, wished))

        def decide(state: State) -> list[WorkspaceChanged]:
            others = state.live_workspaces()
            folders = {w.path for w in state.workspaces.values() if w.status is not WorkspaceStatus.ARCHIVED}
            names = {w.name for w in others}
            name = _free(wished, lambda candidate: candidate not in names)
            folder = self._settings.worktree_base_dir / project.name
            path = _free(
                branches.branch_name("", name), lambda c: str(folder / c) not in folders and not (folder / c).exists()
            )
            workspace = Workspace(
                id=workspace_id,
                project_id=project.id,
                name=name,
                description=params.description,
                status=WorkspaceStatus.NEW,
                path=str(folder / path),
                branch=branch,
                base_branch=params.base_branch or project.default_branch,
                creation_source=params.source.kind,
                github_issue_number=issue.number if issue else None,
                github_issue_url=issue.url if issue else None,
                created_at=iso(),
            )
            return [WorkspaceChanged(workspace=workspace)]

        workspace_id = new_id("w")
        await self._journal.transact(decide)
        return self._journal.state.workspaces[workspace_id]

    async def _provision(self, project: Project, workspace_id: str, report: Report) -> None:
        workspace = await self._swap(
            workspace_id, {WorkspaceStatus.NEW, WorkspaceStatus.FAILED}, WorkspaceStatus.PROVISIONING
        )
        repository, path = Path(project.repo_path), Path(workspace.path)
        report(f"Making the worktree for {workspace.branch}", 10)
        await asyncio.to_thread(_private_folder, path.parent)
        if workspace.creation_source is CreationSource.RESUME_BRANCH:
            added = await worktrees.resume_worktree(self._git, repository, path, workspace.branch)
        else:
            added = await worktrees.add_worktree(
                self._git, repository, path, workspace.branch, base=workspace.base_branch
            )
        warnings = added.warnings + await self._scripts.setup(path, lambda line: report(line, None))
        await self._swap(workspace_id, {WorkspaceStatus.PROVISIONING}, WorkspaceStatus.READY, warnings=warnings)
        report("Ready", 100)

    async def _give_up(self, project: Project, workspace_id: str, error: BaseException) -> None:
        workspace = self._journal.state.workspaces[workspace_id]
        if workspace.status is WorkspaceStatus.READY:
            return
        path = Path(workspace.path)
        try:
            if await asyncio.to_thread(path.exists):
                await worktrees.remove_worktree(self._git, Path(project.repo_path), path)
        except FactoryError as failure:
            log.warning("left behind %s: %s", path, failure)
        reason = str(error) or type(error).__name__
        failed = msgspec.structs.replace(workspace, status=WorkspaceStatus.FAILED, warnings=(reason,))
        await self._journal.record(WorkspaceChanged(workspace=failed, note=reason))
        if isinstance(error, asyncio.CancelledError):
            gone = msgspec.structs.replace(failed, status=WorkspaceStatus.ARCHIVED)
            await self._journal.record(WorkspaceChanged(workspace=gone, note="cancelled"))

    async def _retry_setup(self, params: WorkspaceParams, context: Context) -> Workspace:
        workspace = self._journal.state.workspace(params.workspace)
        if workspace.status is WorkspaceStatus.FAILED:
            await self._provision(self._journal.state.projects[workspace.project_id], workspace.id, context.report)
        elif workspace.status is WorkspaceStatus.READY:
            warnings = await self._scripts.setup(Path(workspace.path), lambda line: context.report(line, None))
            await self._swap(workspace.id, {WorkspaceStatus.READY}, WorkspaceStatus.READY, warnings=warnings)
        else:
            raise FactoryError(
                ErrorKind.CONFLICT, f"{workspace.name} is {workspace.status}.", "Wait until it is READY."
            )
        return self._view(self._journal.state.workspaces[workspace.id])

    # -- archiving

    async def _archive(self, params: ArchiveParams, context: Context) -> Workspace:
        workspace = self._journal.state.workspace(params.workspace)
        await self._stop_all(workspace.id, params.force)
        before = {WorkspaceStatus.READY, WorkspaceStatus.FAILED, WorkspaceStatus.ARCHIVING}
        workspace = await self._swap(workspace.id, before, WorkspaceStatus.ARCHIVING)
        path = Path(workspace.path)
        project = self._journal.state.projects[workspace.project_id]
        if await asyncio.to_thread(path.exists):
            context.report("Committing what is not committed", 20)
            await self._scripts.cleanup(path, lambda line: context.report(line, None))
            saved = await self._save(workspace)
            context.report("Removing the worktree", 60)
            await worktrees.remove_worktree(self._git, Path(project.repo_path), path, force=saved)
        done = await self._swap(workspace.id, {WorkspaceStatus.ARCHIVING}, WorkspaceStatus.ARCHIVED)
        return self._view(done)

    async def _save(self, workspace: Workspace) -> bool:
        """Puts everything uncommitted into git; true when it went to a ref beside the branch (`refs/factory/…`)."""
        path, message = Path(workspace.path), "Work in progress, kept when the workspace was archived"
        try:
            await commits.commit_all(self._git, path, message)
        except FactoryError as refused:
            log.info("%s: kept beside the branch: %s", workspace.name, refused)
            await commits.snapshot(self._git, path, message, name=workspace.id)
            return True
        return False

    # -- status

    async def _swap(
        self,
        workspace_id: str,
        expected: set[WorkspaceStatus],
        status: WorkspaceStatus,
        *,
        warnings: tuple[str, ...] | None = None,
    ) -> Workspace:
        def decide(state: State) -> list[WorkspaceChanged]:
            workspace = state.workspaces[workspace_id]
            if workspace.status not in expected:
                raise FactoryError(
                    ErrorKind.CONFLICT,
                    f"{workspace.name} is {workspace.status}, not {' or '.join(sorted(expected))}.",
                    "",
                )
            kept = workspace.warnings if warnings is None else warnings
            return [WorkspaceChanged(workspace=msgspec.structs.replace(workspace, status=status, warnings=kept))]

        await self._journal.transact(decide)
        return self._journal.state.workspaces[workspace_id]

    async def recover(self) -> None:
        """After a crash: what was being made is FAILED (to be tried again), what was being archived is finished."""
        for workspace in list(self._journal.state.workspaces.values()):
            match workspace.status:
                case WorkspaceStatus.NEW | WorkspaceStatus.PROVISIONING:
                    interrupted = msgspec.structs.replace(
                        workspace,
                        status=WorkspaceStatus.FAILED,
                        warnings=("The hub ended while this was being made: retry the setup, or archive it.",),
                    )
                    await self._journal.record(WorkspaceChanged(workspace=interrupted, note="recovery"))
                case WorkspaceStatus.ARCHIVING:
                    try:
                        await self._archive(ArchiveParams(workspace=workspace.id, force=True), Context(USER))
                    except FactoryError as error:
                        log.warning("archiving %s could not be finished: %s", workspace.name, error)


def _free(wished: str, is_free: Callable[[str], bool]) -> str:
    """`wished`, or the first of `wished-2`, `wished-3`, … that is free."""
    candidate, number = wished, 2
    while not is_free(candidate):
        candidate, number = f"{wished}-{number}", number + 1
    return candidate


def _private_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
