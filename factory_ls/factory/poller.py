"""The one poller of GitHub: every watched pull request of a host in one query a cycle, each at its own pace."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from factory_ls.factory.journal import Journal
from factory_ls.factory.reports import Reports
from factory_ls.factory.state import State
from factory_ls.git import branches, repository
from factory_ls.git.runner import Git
from factory_ls.github import pull_requests
from factory_ls.github.gh import Gh
from factory_ls.model.clock import from_iso, iso
from factory_ls.model.errors import FactoryError
from factory_ls.model.events import PullRequestObserved
from factory_ls.model.project import Project
from factory_ls.model.pull_request import CiObservation, CiStatus, PullRequest, PullRequestState
from factory_ls.model.workspace import CreationSource, Workspace, WorkspaceStatus
from factory_ls.ratchet.cadence import Pace, Running, Situation, delay, goes_along

log = logging.getLogger(__name__)

SCARCE = 0.15
"""Share of a host's budget below which the others who share it come first."""
STRETCH = 4
AWAITED_SECONDS = 600.0
"""How long a push or a re-run of ours is waited for."""
LOCAL_SHARE = 1 / 12
"""Of the interval: how often the local refs are looked at for pushes from this machine. It costs no request."""

Observed = Callable[[str], Awaitable[None]]


class Poller:
    """`on_observed` gets a workspace's id after GitHub was asked about it."""

    def __init__(
        self, journal: Journal, git: Git, gh: Gh, reports: Reports, interval_seconds: float, on_observed: Observed
    ) -> None:
        self._journal = journal
        self._git = git
        self._gh = gh
        self._reports = reports
        self.on_observed = on_observed
        self._pace = Pace(interval_seconds)
        self._wake = asyncio.Event()
        self._polling = asyncio.Lock()
        self._synced: dict[str, str] = {}
        self._logins: dict[str, str] = {}
        self._asked: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._changed: dict[str, float] = {}
        self._expected: dict[str, float] = {}
        self._heads: dict[str, str] = {}
        self._pushed: dict[str, int] = {}
        self._latest: dict[str, PullRequest] = {}
        """As last answered: unlike the state's, which keeps what changed, with the moment of reading."""
        self.error: FactoryError | None = None
        """Why the last cycle failed; null after one that worked."""
        self._troubles: dict[str, FactoryError] = {}

    # -- when

    async def run(self) -> None:
        """Asks for ever. A failing cycle is told in `status` and tried again; only cancelling ends this."""
        while True:
            # Not wait_for: Python 3.11's forgets a cancellation that comes together with the answer.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_next()):
                    await self._wake.wait()
            self._wake.clear()
            self._see_local_pushes()
            if due := self._take_due():
                await self._cycle(due)

    def wake(self) -> None:
        self._wake.set()

    def expect(self, workspace_id: str, head: str | None = None) -> None:
        """Something is on its way to GitHub: a push, a re-run, a reply. `head`: a commit, waited for once."""
        if head and self._heads.get(workspace_id) == head:
            return
        if head:
            self._heads[workspace_id] = head
        self._expected[workspace_id] = self._due[workspace_id] = time.monotonic()
        self.wake()

    def next_check_at(self, workspace_id: str) -> str | None:
        due = self._due.get(workspace_id)
        return iso(datetime.now(UTC) + timedelta(seconds=max(0.0, due - time.monotonic()))) if due else None

    def synced_at(self, workspace_id: str) -> str | None:
        """When GitHub was last asked about the workspace's pull request: changes with every poll, so no event."""
        return self._synced.get(workspace_id)

    def _seconds_to_next(self) -> float:
        """Until the next question, but never longer than until the local refs are to be looked at."""
        now = time.monotonic()
        waits = [self._due.get(w.id, now) - now for w, _ in self._watched(None)]
        return max(0.0, min([*waits, max(self._pace.shortest, self._pace.interval * LOCAL_SHARE)]))

    def _take_due(self) -> set[str]:
        now = time.monotonic()
        watched = [w.id for w, _ in self._watched(None)]
        if not any(self._due.get(w, now) <= now for w in watched):
            return set()
        return {w for w in watched if goes_along(now, self._asked.get(w, now), self._due.get(w, now))}

    async def _cycle(self, due: set[str]) -> None:
        try:
            await self._poll(due)
            self.error = None
        except FactoryError as error:
            self.error = error
            log.warning("poll: %s", error)
        except Exception:
            log.exception("poll failed")
        for workspace_id in due:
            wait = delay(self._situation(workspace_id), self._pace) * self._stretch(workspace_id)
            if self.error:
                wait = max(wait, self._pace.interval)
                if self.error.retry_at:
                    wait = max(wait, (from_iso(self.error.retry_at) - datetime.now(UTC)).total_seconds())
            self._due[workspace_id] = time.monotonic() + wait
            if workspace_id in self._journal.state.ratchets:
                self._journal.tell_workspace(workspace_id)

    def _stretch(self, workspace_id: str) -> int:
        """What little is left of a host's budget is left to the others who share it."""
        state = self._journal.state
        workspace = state.workspaces.get(workspace_id)
        project = state.projects.get(workspace.project_id) if workspace else None
        budgets = (b for b in self._gh.budget() if project and b.host == project.github_host)
        return STRETCH if any(b.limit and b.remaining < SCARCE * b.limit for b in budgets) else 1

    def _situation(self, workspace_id: str) -> Situation:
        state, now = self._journal.state, time.monotonic()
        pr, workspace = state.pull_requests.get(workspace_id), state.workspaces[workspace_id]
        quiet = now - self._changed.setdefault(workspace_id, now)
        awaited = now - self._expected[workspace_id] if workspace_id in self._expected else None
        if awaited is not None and awaited > AWAITED_SECONDS:
            del self._expected[workspace_id]
            awaited = None
        if pr is None or not is_open(pr):
            return Situation(quiet, awaited)
        known, wall = state.durations.get(workspace.project_id, {}), datetime.now(UTC)
        running = tuple(
            Running((wall - from_iso(check.started_at)).total_seconds(), tuple(known.get(check.name, ())))
            for check in pr.checks
            if check.outcome is CiStatus.PENDING and check.started_at
        )
        waiting = pr.merge_state == "UNKNOWN" or pr.ci_observation in (
            CiObservation.NOT_FETCHED,
            CiObservation.CHECKS_PENDING,
        )
        return Situation(quiet, awaited if awaited is not None else (quiet if waiting else None), running)

    def _see_local_pushes(self) -> None:
        """A push from this machine, by whomever, moves the remote-tracking ref, which is a file of its own then."""
        for workspace, project in self._watched(None, merged=True):
            ref = Path(project.repo_path, ".git", "refs", "remotes", "origin", *workspace.branch.split("/"))
            try:
                moved = ref.stat().st_mtime_ns
            except OSError:
                continue
            if self._pushed.setdefault(workspace.id, moved) != moved:
                self._pushed[workspace.id] = moved
                self.expect(workspace.id)

    # -- what

    async def poll(self, only: str) -> None:
        """Asks about one workspace now. Raises `FactoryError`."""
        await self._poll({only}, asked_for=only)

    async def _poll(self, due: set[str], asked_for: str | None = None) -> None:
        """One cycle. Two never overlap."""
        async with self._polling:
            watched = [(w, p) for w, p in self._watched(asked_for) if w.id in due]
            self._asked |= dict.fromkeys(due, time.monotonic())
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

    def _watched(self, only: str | None, *, merged: bool = False) -> list[tuple[Workspace, Project]]:
        state = self._journal.state
        return [
            (workspace, state.projects[workspace.project_id])
            for workspace in state.workspaces.values()
            if workspace.status is WorkspaceStatus.READY
            and (only is None or workspace.id == only)
            and workspace.project_id in state.projects
            and state.projects[workspace.project_id].github_host
            # A merged one stays so; it is looked at when asked for, and after a push, which may lead to another one.
            and (
                only or merged or workspace.id in self._expected or not is_merged(state.pull_requests.get(workspace.id))
            )
        ]

    async def _poll_host(self, host: str, watched: list[tuple[Workspace, Project]]) -> dict[str, FactoryError]:
        """Returns, by workspace, which pull requests could not be read."""
        await self.login(host)
        refs: dict[str, pull_requests.Ref] = {}
        known: dict[pull_requests.Ref, PullRequest] = {}
        for workspace, project in watched:
            pr = self._journal.state.pull_requests.get(workspace.id)
            if pr is not None:
                ref = refs[workspace.id] = ref_of(project, pr.number)
                latest = self._latest.get(workspace.id, pr)
                known[ref] = latest if latest.number == pr.number else pr
            elif found := await self._discover(workspace, project):
                await self.observed(workspace, project, found, "found by its branch")
        if not refs:
            return {}
        answers = await pull_requests.observe(self._gh, refs.values(), known)
        for workspace, project in watched:
            asked = refs.get(workspace.id)
            if asked and (answer := answers.pull_requests.get(asked)):
                await self.observed(workspace, project, answer)
                await self._follow(workspace, project, answer)
        return {id_: answers.errors[ref] for id_, ref in refs.items() if ref in answers.errors}

    async def _follow(self, workspace: Workspace, project: Project, pr: PullRequest) -> None:
        """After a push to a branch whose pull request is closed or merged, an open one of that branch takes over."""
        if is_open(pr) or workspace.id not in self._expected:
            return
        found = await self._discover(workspace, project)
        if found and is_open(found) and found.number != pr.number:
            await self.observed(workspace, project, found, f"follows #{pr.number}", instead=True)

    async def _discover(self, workspace: Workspace, project: Project) -> PullRequest | None:
        """A pull request of the workspace's branch, opened since the workspace was made (or resumed)."""
        if not await branches.is_pushed(self._git, Path(workspace.path), workspace.branch):
            return None
        owner, repo = place(project)
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
        if found is None or found.number in self._journal.state.detached.get(workspace.id, ()):
            return None
        return None if resumed and not is_open(found) else found

    async def observed(
        self, workspace: Workspace, project: Project, pr: PullRequest, note: str = "", *, instead: bool = False
    ) -> None:
        """Takes what GitHub said of the workspace's pull request: the state, its reports, then whoever waits for it.

        `note` says where a new one comes from; without it, it is an answer about the one that is known, which is
        passed over when that was detached or switched meanwhile. `instead`: it takes the place of another one.
        """

        def late(state: State) -> bool:
            known = state.number(workspace.id)
            return not note if known is None else known != pr.number and not instead

        def decide(state: State) -> list[PullRequestObserved]:
            kept = state.number(workspace.id) in (None, pr.number)
            gone = PullRequestObserved(workspace_id=workspace.id, pull_request=None, note=note)
            now = PullRequestObserved(workspace_id=workspace.id, pull_request=pr, note=note)
            return [] if late(state) else [now] if kept else [gone, now]

        if late(self._journal.state):
            return
        before = self._journal.state.pull_requests.get(workspace.id)
        self._synced[workspace.id] = pr.synced_at
        self._latest[workspace.id] = pr
        if before is None or _same_moment(before, pr) != pr:
            await self._have_commit(workspace, pr)
            await self._journal.transact(decide)
            if self._journal.state.number(workspace.id) != pr.number:
                return
            self._changed[workspace.id] = time.monotonic()
            if before is None or before.head_sha != pr.head_sha or before.ci_status != pr.ci_status:
                self._expected.pop(workspace.id, None)
        await self._reports.refresh(workspace, project, pr)
        await self.on_observed(workspace.id)

    def forget_threads(self, workspace_id: str) -> None:
        """A thread was resolved by us: all are to be read anew, whatever GitHub says of the last change."""
        if pr := self._latest.get(workspace_id):
            self._latest[workspace_id] = msgspec.structs.replace(pr, threads_read_at="")
        self.expect(workspace_id)

    async def _have_commit(self, workspace: Workspace, pr: PullRequest) -> None:
        """Problems are placed from the checked commit: it is fetched when it is not here yet."""
        worktree = Path(workspace.path)
        try:
            if not await repository.has_commit(self._git, worktree, pr.head_sha):
                await repository.fetch(self._git, worktree, "origin", pr.head_sha)
        except FactoryError as error:
            log.info("commit %s could not be fetched: %s", pr.head_sha[:12], error)

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


def is_open(pr: PullRequest | None) -> bool:
    return pr is None or pr.state not in (PullRequestState.MERGED, PullRequestState.CLOSED)


def is_merged(pr: PullRequest | None) -> bool:
    return pr is not None and pr.state is PullRequestState.MERGED


def place(project: Project) -> tuple[str, str]:
    return str(project.github_owner), str(project.github_repo)


def ref_of(project: Project, number: int) -> pull_requests.Ref:
    owner, repo = place(project)
    return pull_requests.Ref(str(project.github_host), owner, repo, number)


def _same_moment(before: PullRequest, now: PullRequest) -> PullRequest:
    """`before` as if it had been read when `now` was."""
    return msgspec.structs.replace(before, synced_at=now.synced_at, threads_read_at=now.threads_read_at)
