"""Commands that act on a workspace's pull request."""

from collections.abc import Collection
from pathlib import Path

import msgspec

from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.journal import Journal
from factory_ls.factory.poller import Poller, is_open, place, ref_of
from factory_ls.factory.reports import Reports
from factory_ls.git import commits
from factory_ls.git.runner import Git
from factory_ls.github import checks, pull_requests, reviews
from factory_ls.github.gh import Gh
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import PullRequestObserved
from factory_ls.model.project import Project
from factory_ls.model.pull_request import CiStatus, PullRequest
from factory_ls.model.workspace import Workspace


class CreateParams(WorkspaceParams, frozen=True, kw_only=True):
    title: str | None = None
    body: str | None = None
    draft: bool = False


class AttachParams(WorkspaceParams, frozen=True, kw_only=True):
    number: int


class ReplyParams(WorkspaceParams, frozen=True, kw_only=True):
    thread: str
    body: str


class ThreadParams(WorkspaceParams, frozen=True, kw_only=True):
    thread: str


class RerunParams(WorkspaceParams, frozen=True, kw_only=True):
    check: str | None = None
    """Only the run this check belongs to; default: every run with a failed job."""


class PullRequests:
    """What users and sessions do with a workspace's pull request; `poller` is who reads GitHub."""

    def __init__(self, journal: Journal, git: Git, gh: Gh, reports: Reports, poller: Poller) -> None:
        self._journal = journal
        self._git = git
        self._gh = gh
        self._reports = reports
        self._poller = poller

    def commands(self) -> list[Command]:
        return [
            Command("factory.pr.get", "Show the pull request", WorkspaceParams, self._get),
            Command("factory.pr.create", "Push and open a pull request", CreateParams, self._create),
            Command("factory.pr.push", "Push the branch", WorkspaceParams, self._push),
            Command("factory.pr.refresh", "Ask GitHub now", WorkspaceParams, self._refresh),
            Command("factory.pr.attach", "Attach a pull request", AttachParams, self._attach, user_only=True),
            Command("factory.pr.detach", "Detach the pull request", WorkspaceParams, self._detach, user_only=True),
            Command("factory.pr.reply", "Reply to a review thread", ReplyParams, self._reply),
            Command("factory.pr.resolve", "Resolve a review thread", ThreadParams, self._resolve),
            Command("factory.pr.rerunFailed", "Re-run failed jobs", RerunParams, self._rerun),
        ]

    # -- commands

    def _of(self, ref: str, context: Context) -> tuple[Workspace, Project]:
        state = self._journal.state
        workspace = state.workspace(ref)
        context.caller.demand(workspace.id)
        project = state.projects[workspace.project_id]
        if not project.github_host:
            raise FactoryError(
                ErrorKind.INVALID,
                f"{project.name} has no remote on a GitHub host.",
                "Add one (`git remote add origin …`), then remove and add the project.",
            )
        return workspace, project

    def _pr(self, workspace: Workspace) -> PullRequest:
        pr = self._journal.state.pull_requests.get(workspace.id)
        if pr is None:
            raise FactoryError(
                ErrorKind.NOT_FOUND,
                f"{workspace.name} has no pull request.",
                "Open one with `factory.pr.create`, or `factory.pr.attach` one.",
            )
        return pr

    async def _get(self, params: WorkspaceParams, context: Context) -> PullRequest:
        workspace, _ = self._of(params.workspace, context)
        pr = self._pr(workspace)
        return msgspec.structs.replace(pr, synced_at=self._poller.synced_at(workspace.id) or pr.synced_at)

    async def _refresh(self, params: WorkspaceParams, context: Context) -> PullRequest:
        workspace, _ = self._of(params.workspace, context)
        context.report("Asking GitHub", None)
        await self._poller.poll(workspace.id)
        return await self._get(params, context)

    async def _push(self, params: WorkspaceParams, context: Context) -> PullRequest | None:
        workspace, _ = self._of(params.workspace, context)
        await self.push(workspace.id)
        return self._journal.state.pull_requests.get(workspace.id)

    def expect(self, workspace_id: str, head: str) -> None:
        """Git has this head; GitHub is asked until it shows it."""
        self._poller.expect(workspace_id, head)

    async def push(self, workspace_id: str) -> None:
        """Pushes the branch, never by force, and has GitHub asked soon."""
        workspace = self._journal.state.workspaces[workspace_id]
        await commits.push(self._git, Path(workspace.path), workspace.branch)
        self._poller.expect(workspace_id)

    async def _create(self, params: CreateParams, context: Context) -> PullRequest:
        workspace, project = self._of(params.workspace, context)
        existing = self._journal.state.pull_requests.get(workspace.id)
        if existing and is_open(existing):
            raise FactoryError(ErrorKind.CONFLICT, f"It has one already: {existing.url}", "Use `factory.pr.push`.")
        context.report(f"Pushing {workspace.branch}", 20)
        await commits.push(self._git, Path(workspace.path), workspace.branch)
        context.report("Opening the pull request", 60)
        body = params.body if params.body is not None else workspace.description
        if workspace.github_issue_number:
            body = f"{body}\n\nCloses #{workspace.github_issue_number}".strip()
        owner, repo = place(project)
        pr = await pull_requests.create(
            self._gh,
            str(project.github_host),
            owner,
            repo,
            branch=workspace.branch,
            base=workspace.base_branch,
            title=params.title or workspace.name,
            body=body,
            draft=params.draft,
        )
        await self._poller.observed(workspace, project, pr, "created", instead=True)
        self._poller.expect(workspace.id)
        return pr

    async def _attach(self, params: AttachParams, context: Context) -> PullRequest:
        workspace, project = self._of(params.workspace, context)
        pr = await pull_requests.get(self._gh, ref_of(project, params.number))
        await self._poller.observed(workspace, project, pr, "attached", instead=True)
        return pr

    async def _detach(self, params: WorkspaceParams, context: Context) -> None:
        workspace, project = self._of(params.workspace, context)
        self._pr(workspace)
        detached = PullRequestObserved(workspace_id=workspace.id, pull_request=None, note="detached", detached=True)
        await self._journal.record(detached)
        await self._reports.refresh(workspace, project, None)
        await self._poller.on_observed(workspace.id)

    async def _reply(self, params: ReplyParams, context: Context) -> None:
        workspace, _ = self._of(params.workspace, context)
        await self.reply(workspace.id, params.thread, params.body)

    async def _resolve(self, params: ThreadParams, context: Context) -> None:
        workspace, _ = self._of(params.workspace, context)
        await self.resolve(workspace.id, params.thread)

    async def reply(self, workspace_id: str, thread: str, body: str) -> None:
        await reviews.reply(self._gh, self._host_of(workspace_id, thread), thread, body)
        self._poller.expect(workspace_id)

    async def resolve(self, workspace_id: str, thread: str) -> None:
        await reviews.resolve(self._gh, self._host_of(workspace_id, thread), thread)
        self._poller.forget_threads(workspace_id)

    def _host_of(self, workspace_id: str, thread: str) -> str:
        """Raises `notFound` unless the thread is of this workspace's pull request: no other may be written to."""
        workspace = self._journal.state.workspaces[workspace_id]
        if thread not in {t.id for t in self._pr(workspace).threads}:
            raise FactoryError(ErrorKind.NOT_FOUND, f"There is no thread {thread!r}.", "`factory.pr.get` lists them.")
        return str(self._journal.state.projects[workspace.project_id].github_host)

    async def _rerun(self, params: RerunParams, context: Context) -> PullRequest:
        workspace, _ = self._of(params.workspace, context)
        pr = self._pr(workspace)
        await self.rerun(workspace.id, [c.name for c in pr.checks if params.check in (None, c.name)])
        await self._poller.poll(workspace.id)
        return self._pr(workspace)

    async def rerun(self, workspace_id: str, names: Collection[str]) -> None:
        """Runs the failed jobs again of every run that one of the named checks failed in."""
        workspace = self._journal.state.workspaces[workspace_id]
        project = self._journal.state.projects[workspace.project_id]
        runs = {
            check.run_id
            for check in self._pr(workspace).checks
            if check.run_id and check.outcome is CiStatus.FAILURE and check.name in names
        }
        if not runs:
            raise FactoryError(ErrorKind.NOT_FOUND, "There is no failed job of GitHub Actions to run again.", "")
        owner, repo = place(project)
        for run in sorted(runs):
            await checks.rerun_failed(self._gh, str(project.github_host), owner, repo, run)
        self._poller.expect(workspace_id)
