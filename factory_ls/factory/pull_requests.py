"""Pull requests: the one poller of GitHub, and the commands that act on a workspace's pull request."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.journal import Journal
from factory_ls.factory.reports import Reports
from factory_ls.git import branches, commits, repository
from factory_ls.git.runner import Git
from factory_ls.github import checks, pull_requests, reviews
from factory_ls.github.gh import Gh
from factory_ls.model.clock import from_iso, iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import PullRequestObserved
from factory_ls.model.project import Project
from factory_ls.model.pull_request import CiStatus, PullRequest, PullRequestState
from factory_ls.model.workspace import CreationSource, Workspace, WorkspaceStatus

log = logging.getLogger(__name__)


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


Observed = Callable[[str], Awaitable[None]]


class PullRequests:
    """Polls every watched pull request of a host in one query a cycle; `on_observed` gets a workspace's id."""

    def __init__(
        self, journal: Journal, git: Git, gh: Gh, reports: Reports, interval_seconds: float, on_observed: Observed
    ) -> None:
        self._journal = journal
        self._git = git
        self._gh = gh
        self._reports = reports
        self._interval = interval_seconds
        self._on_observed = on_observed
        self._wake = asyncio.Event()
        self._polling = asyncio.Lock()
        self._synced: dict[str, str] = {}
        self._logins: dict[str, str] = {}
        self.next_poll_at: str | None = None
        self.error: FactoryError | None = None
        """Why the last poll failed; null after one that worked."""
        self._troubles: dict[str, FactoryError] = {}

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

    # -- polling

    async def run(self) -> None:
        """Polls for ever. A failing poll is told in `status` and tried again; only cancelling ends this."""
        while True:
            try:
                await self.poll()
                self.error = None
            except FactoryError as error:
                self.error = error
                log.warning("poll: %s", error)
            except Exception:
                log.exception("poll failed")
            delay = self._delay()
            self.next_poll_at = iso(_seconds_from_now(delay))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), delay)
            self._wake.clear()

    def wake(self) -> None:
        self._wake.set()

    def _delay(self) -> float:
        if self.error and self.error.retry_at:
            return max(self._interval, _seconds_until(self.error.retry_at))
        # Below 15 % of a host's budget the others who share it come first.
        strained = any(b.limit and b.remaining < 0.15 * b.limit for b in self._gh.budget())
        return self._interval * (4 if strained else 1)

    async def poll(self, only: str | None = None) -> None:
        """One cycle over every watched workspace, or just `only`. Two cycles never overlap."""
        async with self._polling:
            watched = self._watched(only)
            errors: list[FactoryError] = []
            for host in {project.github_host for _, project in watched}:
                here = [(w, p) for w, p in watched if p.github_host == host]
                try:
                    failed = await self._poll_host(str(host), here)
                except FactoryError as error:
                    failed = {workspace.id: error for workspace, _ in here}
                for workspace, _ in here:
                    self._note(workspace.id, failed.get(workspace.id))
                errors += failed.values()
            # One that cannot be read hides no other; all are tried again, the first is told.
            if errors:
                raise errors[0]

    def trouble(self, workspace_id: str) -> FactoryError | None:
        """Why GitHub could not be asked about the workspace when it was last tried."""
        return self._troubles.get(workspace_id)

    def _note(self, workspace_id: str, error: FactoryError | None) -> None:
        if str(self._troubles.get(workspace_id)) == str(error):
            return
        if error is None:
            del self._troubles[workspace_id]
        else:
            self._troubles[workspace_id] = error
        self._journal.tell_workspace(workspace_id)

    def _watched(self, only: str | None) -> list[tuple[Workspace, Project]]:
        state = self._journal.state
        return [
            (workspace, state.projects[workspace.project_id])
            for workspace in state.workspaces.values()
            if workspace.status is WorkspaceStatus.READY
            and (only is None or workspace.id == only)
            and workspace.project_id in state.projects
            and state.projects[workspace.project_id].github_host
            # A merged pull request is looked at again only when asked for.
            and (only or _open(state.pull_requests.get(workspace.id)))
        ]

    async def _poll_host(self, host: str, watched: list[tuple[Workspace, Project]]) -> dict[str, FactoryError]:
        """Returns, by workspace, which pull requests could not be read."""
        await self.login(host)
        refs: dict[str, pull_requests.Ref] = {}
        for workspace, project in watched:
            known = self._journal.state.pull_requests.get(workspace.id)
            if known is not None:
                refs[workspace.id] = _ref(project, known.number)
            elif found := await self._discover(workspace, project):
                await self._observed(workspace, project, found, "found by its branch")
        if not refs:
            return {}
        answers = await pull_requests.observe(self._gh, refs.values())
        for workspace, project in watched:
            if (ref := refs.get(workspace.id)) and (pr := answers.pull_requests.get(ref)):
                await self._observed(workspace, project, pr, "")
        return {id_: answers.errors[ref] for id_, ref in refs.items() if ref in answers.errors}

    async def _discover(self, workspace: Workspace, project: Project) -> PullRequest | None:
        """A pull request of the workspace's branch, opened since the workspace was made (or resumed)."""
        if not await branches.is_pushed(self._git, Path(workspace.path), workspace.branch):
            return None
        owner, repo = _place(project)
        # A branch that was resumed had its pull request before the workspace was made; an old, merged one of a branch
        # name that is used again is nobody's.
        resumed = workspace.creation_source is CreationSource.RESUME_BRANCH
        found = await pull_requests.find(
            self._gh,
            str(project.github_host),
            owner,
            repo,
            workspace.branch,
            owner,
            None if resumed else workspace.created_at,
        )
        return None if resumed and found and not _open(found) else found

    async def _observed(self, workspace: Workspace, project: Project, pr: PullRequest, note: str) -> None:
        before = self._journal.state.pull_requests.get(workspace.id)
        if before is not None and before.number != pr.number:
            return  # A late answer about a pull request that was detached or switched meanwhile.
        self._synced[workspace.id] = pr.synced_at
        if before is None or msgspec.structs.replace(before, synced_at=pr.synced_at) != pr:
            await self._have_commit(workspace, pr)
            await self._journal.record(PullRequestObserved(workspace_id=workspace.id, pull_request=pr, note=note))
        await self._reports.refresh(workspace, project, pr)
        await self._on_observed(workspace.id)

    async def _have_commit(self, workspace: Workspace, pr: PullRequest) -> None:
        """Problems are placed from the checked commit: it is fetched when it is not here yet."""
        worktree = Path(workspace.path)
        try:
            if not await repository.has_commit(self._git, worktree, pr.head_sha):
                await repository.fetch(self._git, worktree, "origin", pr.head_sha)
        except FactoryError as error:
            log.info("commit %s could not be fetched: %s", pr.head_sha[:12], error)

    def synced_at(self, workspace_id: str) -> str | None:
        """When GitHub was last asked about the workspace's pull request: changes with every poll, so no event."""
        return self._synced.get(workspace_id)

    async def login(self, host: str) -> str | None:
        """The user's login at `host`; null when it cannot be asked for. Asked once."""
        if host not in self._logins:
            try:
                self._logins[host] = await self._gh.login(host)
            except FactoryError as error:
                log.info("login at %s: %s", host, error)
                return None
        return self._logins[host]

    def viewer(self, workspace_id: str) -> str | None:
        """The user's login at the workspace's host, once a poll has asked for it."""
        state = self._journal.state
        project = state.projects.get(state.workspaces[workspace_id].project_id)
        return self._logins.get(project.github_host or "") if project else None

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
        return msgspec.structs.replace(pr, synced_at=self._synced.get(workspace.id, pr.synced_at))

    async def _refresh(self, params: WorkspaceParams, context: Context) -> PullRequest:
        workspace, _ = self._of(params.workspace, context)
        context.report("Asking GitHub", None)
        await self.poll(workspace.id)
        return await self._get(params, context)

    async def _push(self, params: WorkspaceParams, context: Context) -> PullRequest | None:
        workspace, _ = self._of(params.workspace, context)
        await self.push(workspace.id)
        return self._journal.state.pull_requests.get(workspace.id)

    async def push(self, workspace_id: str) -> None:
        """Pushes the branch, never by force, and has GitHub asked soon."""
        workspace = self._journal.state.workspaces[workspace_id]
        await commits.push(self._git, Path(workspace.path), workspace.branch)
        self.wake()

    async def _create(self, params: CreateParams, context: Context) -> PullRequest:
        workspace, project = self._of(params.workspace, context)
        if existing := self._journal.state.pull_requests.get(workspace.id):
            if _open(existing):
                raise FactoryError(ErrorKind.CONFLICT, f"It has one already: {existing.url}", "Use `factory.pr.push`.")
            await self._journal.record(
                PullRequestObserved(workspace_id=workspace.id, pull_request=None, note="a new one")
            )
        context.report(f"Pushing {workspace.branch}", 20)
        await commits.push(self._git, Path(workspace.path), workspace.branch)
        context.report("Opening the pull request", 60)
        body = params.body if params.body is not None else workspace.description
        if workspace.github_issue_number:
            body = f"{body}\n\nCloses #{workspace.github_issue_number}".strip()
        owner, repo = _place(project)
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
        await self._observed(workspace, project, pr, "created")
        self.wake()
        return pr

    async def _attach(self, params: AttachParams, context: Context) -> PullRequest:
        workspace, project = self._of(params.workspace, context)
        pr = await pull_requests.get(self._gh, _ref(project, params.number))
        await self._journal.record(PullRequestObserved(workspace_id=workspace.id, pull_request=None, note="attaching"))
        await self._observed(workspace, project, pr, "attached")
        return pr

    async def _detach(self, params: WorkspaceParams, context: Context) -> None:
        workspace, project = self._of(params.workspace, context)
        self._pr(workspace)
        await self._journal.record(PullRequestObserved(workspace_id=workspace.id, pull_request=None, note="detached"))
        await self._reports.refresh(workspace, project, None)
        await self._on_observed(workspace.id)

    async def _reply(self, params: ReplyParams, context: Context) -> None:
        _, project = self._of(params.workspace, context)
        self._thread(params.workspace, params.thread)
        await reviews.reply(self._gh, str(project.github_host), params.thread, params.body)
        self.wake()

    async def _resolve(self, params: ThreadParams, context: Context) -> None:
        _, project = self._of(params.workspace, context)
        self._thread(params.workspace, params.thread)
        await reviews.resolve(self._gh, str(project.github_host), params.thread)
        self.wake()

    def _thread(self, ref: str, thread: str) -> None:
        """Raises `notFound` unless the thread is of this workspace's pull request: no other may be written to."""
        pr = self._pr(self._journal.state.workspace(ref))
        if thread not in {t.id for t in pr.threads}:
            raise FactoryError(ErrorKind.NOT_FOUND, f"There is no thread {thread!r}.", "`factory.pr.get` lists them.")

    async def _rerun(self, params: RerunParams, context: Context) -> PullRequest:
        workspace, _ = self._of(params.workspace, context)
        pr = self._pr(workspace)
        await self.rerun(workspace.id, [c.name for c in pr.checks if params.check in (None, c.name)])
        await self.poll(workspace.id)
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
        owner, repo = _place(project)
        for run in sorted(runs):
            await checks.rerun_failed(self._gh, str(project.github_host), owner, repo, run)


def _open(pr: PullRequest | None) -> bool:
    return pr is None or pr.state not in (PullRequestState.MERGED, PullRequestState.CLOSED)


def _place(project: Project) -> tuple[str, str]:
    return str(project.github_owner), str(project.github_repo)


def _ref(project: Project, number: int) -> pull_requests.Ref:
    owner, repo = _place(project)
    return pull_requests.Ref(str(project.github_host), owner, repo, number)


def _seconds_from_now(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _seconds_until(moment: str) -> float:
    return (from_iso(moment) - datetime.now(UTC)).total_seconds()
