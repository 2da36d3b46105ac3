"""Workspaces: a worktree made, set up, listed, archived and restored."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from factory_ls.factory.archiving import Archiving, StopAll
from factory_ls.factory.command import Command, Context, Report, WorkspaceParams, silent
from factory_ls.factory.disk import disk_bytes
from factory_ls.factory.ids import new_id
from factory_ls.factory.journal import Journal
from factory_ls.factory.lifecycle import Lifecycle
from factory_ls.factory.projects import Projects
from factory_ls.factory.provisioning import Provisioning
from factory_ls.factory.scripts import Scripts
from factory_ls.factory.state import State
from factory_ls.factory.views import View
from factory_ls.git import branches
from factory_ls.git.runner import Git
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import WorkspaceChanged, WorkspaceForgotten
from factory_ls.model.project import Project
from factory_ls.model.settings import Settings
from factory_ls.model.wire import Params
from factory_ls.model.workspace import CreationSource, FirstTask, Issue, Workspace, WorkspaceStatus

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
    """Stop what runs in it, and mind no open editor."""


class ListParams(Params, frozen=True, kw_only=True):
    archived: bool = False
    disk: bool = False
    """Measure what each worktree takes."""


Step = Callable[[str], Awaitable[Any]]
Begin = Callable[[str, FirstTask], Awaitable[Any]]


class Workspaces:
    """What other rooms do is handed in by the app: from `view` on."""

    def __init__(
        self,
        journal: Journal,
        git: Git,
        projects: Projects,
        lifecycle: Lifecycle,
        scripts: Scripts,
        settings: Settings,
        *,
        view: View,
        login: Callable[[Project], Awaitable[str]],
        fetch_issue: Callable[[Project, str], Awaitable[Issue]],
        start_session: Begin,
        enable_ratchet: Step,
        stop_all: StopAll,
        open_files: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._journal = journal
        self._git = git
        self._projects = projects
        self._settings = settings
        self._lifecycle = lifecycle
        self._provisioning = Provisioning(self._lifecycle, git, scripts, settings)
        self._archiving = Archiving(
            self._lifecycle, git, scripts, settings, self._provisioning, stop_all=stop_all, open_files=open_files
        )
        self._view = view
        self._login = login
        self._fetch_issue = fetch_issue
        self._start_session = start_session
        self._enable_ratchet = enable_ratchet
        self._recovering: dict[str, asyncio.Task[None]] = {}

    def commands(self) -> list[Command]:
        return [
            Command("factory.workspace.list", "List workspaces", ListParams, self._list),
            Command("factory.workspace.get", "Show a workspace", WorkspaceParams, self._get),
            Command("factory.workspace.create", "Create a workspace", CreateParams, self._create, user_only=True),
            Command("factory.workspace.archive", "Archive a workspace", ArchiveParams, self._archive, user_only=True),
            Command("factory.workspace.restore", "Restore a workspace", WorkspaceParams, self._restore, user_only=True),
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
        found = [
            self._view(workspace)
            for workspace in state.workspaces.values()
            if context.caller.may(workspace.id)
            and (params.archived or workspace.status is not WorkspaceStatus.ARCHIVED)
        ]
        if params.disk:
            sizes = await asyncio.gather(*(disk_bytes(Path(w.path)) for w in found))
            found = [msgspec.structs.replace(w, disk_bytes=size) for w, size in zip(found, sizes, strict=True)]
        return found

    async def _get(self, params: WorkspaceParams, context: Context) -> Workspace:
        workspace = self._journal.state.workspace(params.workspace)
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
        workspace_id = new_id("w")
        try:
            with self._lifecycle.work(workspace_id):
                await self._reserve(workspace_id, project, params, issue)
                await self._provisioning.provision(project, workspace_id, context.report, fresh=True)
                await self._begin(workspace_id)
        except asyncio.CancelledError:
            made = self._journal.state.workspaces.get(workspace_id)
            if made is not None and made.status is not WorkspaceStatus.READY:
                await asyncio.shield(self._journal.record(WorkspaceForgotten(workspace_id=workspace_id)))
            raise
        return self._shown(workspace_id)

    async def _project(self, params: CreateParams) -> Project:
        if (params.repo_path is None) == (params.project is None):
            raise FactoryError(ErrorKind.INVALID, "Give either `repoPath` or `project`.", "")
        if params.project is not None:
            return self._journal.state.project(params.project)
        return await self._projects.ensure(Path(params.repo_path or ""))

    async def _reserve(self, workspace_id: str, project: Project, params: CreateParams, issue: Issue | None) -> None:
        """Takes a name, a branch and a folder that no other workspace has, and writes them down as NEW."""
        repository = Path(project.repo_path)
        wished = params.name or (issue.title if issue else None) or params.source.branch or f"work-{new_id('')[1:6]}"

        branch = params.source.branch or ""
        if params.source.kind is CreationSource.RESUME_BRANCH:
            await branches.check_branch(self._git, repository, branch)
        else:
            login = await self._login(project)
            branch = await branches.free_branch(self._git, repository, branches.branch_name(login, wished))
        prompt = params.prompt or (issue.title if issue else None)
        task = FirstTask(session=new_id("s"), prompt=prompt, issue=issue, ratchet=params.ratchet)

        def decide(state: State) -> list[WorkspaceChanged]:
            taken = {w.branch for w in state.live_workspaces() if w.project_id == project.id}
            name = self._free_name(state, wished)
            resumed = params.source.kind is CreationSource.RESUME_BRANCH
            workspace = Workspace(
                id=workspace_id,
                project_id=project.id,
                name=name,
                description=params.description,
                status=WorkspaceStatus.NEW,
                path=self._free_path(state, project, name),
                # Two that are made at once have not yet made their branches.
                branch=branch if resumed else _free(branch, lambda candidate: candidate not in taken),
                base_branch=params.base_branch or project.default_branch,
                creation_source=params.source.kind,
                github_issue_number=issue.number if issue else None,
                github_issue_url=issue.url if issue else None,
                created_at=iso(),
                first_task=task if prompt or params.ratchet else None,
            )
            return [WorkspaceChanged(workspace=workspace)]

        await self._journal.transact(decide)

    def _free_name(self, state: State, wished: str) -> str:
        names = {w.name for w in state.live_workspaces()}
        return _free(wished, lambda candidate: candidate not in names)

    def _free_path(self, state: State, project: Project, name: str) -> str:
        paths, folder = {w.path for w in state.live_workspaces()}, self._settings.worktree_base_dir / project.name
        return str(folder / _free(branches.branch_name("", name), lambda c: _is_free(folder / c, paths)))

    async def _begin(self, workspace_id: str) -> None:
        """Once it is READY: the ratchet and the first session, if they were asked for. What cannot begin is a warning:
        the workspace is usable all the same."""
        workspace = self._journal.state.workspaces[workspace_id]
        if (task := workspace.first_task) is None:
            return
        warnings = workspace.warnings
        if task.ratchet:
            await self._enable_ratchet(workspace_id)
        if task.prompt and task.session not in self._journal.state.sessions:
            try:
                await self._start_session(workspace_id, task)
            except FactoryError as error:
                warnings += (f"Claude could not be started: {error}",)
        await self._lifecycle.amend(workspace_id, first_task=None, warnings=warnings)

    async def _retry_setup(self, params: WorkspaceParams, context: Context) -> Workspace:
        workspace = self._journal.state.workspace(params.workspace)
        with self._lifecycle.work(workspace.id):
            if workspace.status is WorkspaceStatus.FAILED:
                await self._provisioning.provision(self._project_of(workspace), workspace.id, context.report)
            elif workspace.status is WorkspaceStatus.READY:
                warnings = await self._provisioning.set_up(workspace, context.report)
                await self._lifecycle.swap(
                    workspace.id, {WorkspaceStatus.READY}, WorkspaceStatus.READY, warnings=warnings
                )
            else:
                raise FactoryError(
                    ErrorKind.CONFLICT, f"{workspace.name} is {workspace.status}.", "Wait until it is READY."
                )
            await self._begin(workspace.id)
        return self._shown(workspace.id)

    # -- archiving

    async def _archive(self, params: ArchiveParams, context: Context) -> Workspace:
        workspace = self._journal.state.workspace(params.workspace)
        if workspace.status is WorkspaceStatus.ARCHIVED:
            return self._view(workspace)
        with self._lifecycle.work(workspace.id):
            project = self._project_of(workspace)
            await self._archiving.archive(project, workspace, context.report, force=params.force)
        return self._shown(workspace.id)

    async def _restore(self, params: WorkspaceParams, context: Context) -> Workspace:
        workspace = self._journal.state.archived(params.workspace)
        with self._lifecycle.work(workspace.id):
            project = self._project_of(workspace)
            await self._journal.transact(lambda state: self._replaced(state, project, workspace))
            await self._archiving.restore(project, self._journal.state.workspaces[workspace.id], context.report)
        return self._shown(workspace.id)

    def _replaced(self, state: State, project: Project, workspace: Workspace) -> list[WorkspaceChanged]:
        """Another name and place for one that comes back, if a live one took its own. Raises `conflict` when one took
        its branch."""
        live = (w for w in state.live_workspaces() if w.project_id == project.id)
        if other := next((w for w in live if w.branch == workspace.branch), None):
            raise FactoryError(
                ErrorKind.CONFLICT,
                f"{workspace.branch} is the branch of {other.name} now.",
                f"Archive {other.name} first.",
            )
        paths = {w.path for w in state.live_workspaces()}
        name = self._free_name(state, workspace.name)
        kept = _is_free(Path(workspace.path), paths)
        path = workspace.path if kept else self._free_path(state, project, name)
        moved = msgspec.structs.replace(workspace, name=name, path=path)
        return [] if moved == workspace else [WorkspaceChanged(workspace=moved)]

    # -- recovery

    def recover(self) -> None:
        """After a crash, and now and then: takes up what no hub is working on. Archiving is finished, a workspace that
        was not begun is made, one half-made is FAILED, to be tried again. Returns at once; `settle` waits."""
        for workspace in self._journal.state.live_workspaces():
            if self._lifecycle.worked_on(workspace.id) or workspace.id in self._recovering:
                continue
            if workspace.status in (WorkspaceStatus.NEW, WorkspaceStatus.PROVISIONING, WorkspaceStatus.ARCHIVING) or (
                workspace.status is WorkspaceStatus.READY and workspace.first_task
            ):
                task = asyncio.create_task(self._recover(workspace), name=f"recover {workspace.id}")
                self._recovering[workspace.id] = task
                task.add_done_callback(partial(self._recovered, workspace.id))

    def _recovered(self, workspace_id: str, _: asyncio.Task[None]) -> None:
        self._recovering.pop(workspace_id, None)

    async def settle(self) -> None:
        """Waits until what `recover` began has ended."""
        while self._recovering:
            await asyncio.wait(self._recovering.values())

    async def close(self) -> None:
        for task in list(self._recovering.values()):
            task.cancel()
        await self.settle()

    async def _recover(self, workspace: Workspace) -> None:
        log.info("%s was left %s", workspace.name, workspace.status)
        try:
            with self._lifecycle.work(workspace.id):
                await self._take_up(workspace, self._project_of(workspace), silent)
                if self._journal.state.workspaces[workspace.id].status is WorkspaceStatus.READY:
                    await self._begin(workspace.id)
        except FactoryError as error:
            log.warning("%s: %s", workspace.name, error)
        except Exception:
            log.exception("%s could not be recovered", workspace.name)

    async def _take_up(self, workspace: Workspace, project: Project, report: Report) -> None:
        match workspace.status:
            case WorkspaceStatus.NEW:
                await self._provisioning.provision(project, workspace.id, report)
            case WorkspaceStatus.PROVISIONING:
                reason = "The hub ended while this was being made: retry the setup, or archive it."
                await self._lifecycle.swap(
                    workspace.id, {WorkspaceStatus.PROVISIONING}, WorkspaceStatus.FAILED, reason, warnings=(reason,)
                )
            case WorkspaceStatus.ARCHIVING:
                await self._archiving.archive(project, workspace, report, force=True)

    def _project_of(self, workspace: Workspace) -> Project:
        with contextlib.suppress(KeyError):
            return self._journal.state.projects[workspace.project_id]
        raise FactoryError(ErrorKind.NOT_FOUND, f"The project of {workspace.name} was removed.", "Add it again.")

    def _shown(self, workspace_id: str) -> Workspace:
        return self._view(self._journal.state.workspaces[workspace_id])


def _is_free(path: Path, taken: set[str]) -> bool:
    return str(path) not in taken and not path.exists()


def _free(wished: str, is_free: Callable[[str], bool]) -> str:
    """`wished`, or the first of `wished-2`, `wished-3`, … that is free."""
    candidate, number = wished, 2
    while not is_free(candidate):
        candidate, number = f"{wished}-{number}", number + 1
    return candidate
