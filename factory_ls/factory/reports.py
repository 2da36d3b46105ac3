"""From failed checks to reports: annotations and logs are fetched once an attempt, read, and kept for ever."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from factory_ls.ci.annotations import from_annotations
from factory_ls.ci.checkout import checked_out
from factory_ls.ci.files import FileIndex
from factory_ls.ci.merge import Source, merge
from factory_ls.ci.workflow import Workflows, is_workflow
from factory_ls.factory.artifacts import from_artifacts, useful
from factory_ls.factory.extracting import extract
from factory_ls.factory.folding import Merged, merged
from factory_ls.factory.journal import Journal
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.github import checks
from factory_ls.github.gh import Gh
from factory_ls.model.clock import from_iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import CheckReport, ReportsChanged
from factory_ls.model.problem import Problem, Related, Report, Severity
from factory_ls.model.project import Project
from factory_ls.model.pull_request import Check, CheckKind, CiStatus, PullRequest, PullRequestState
from factory_ls.model.workspace import Workspace

log = logging.getLogger(__name__)


MOST_WORKFLOWS = 50
MAX_CONFIGURATION_BYTES = 1_000_000
LOG_LAG = timedelta(minutes=10)
"""GitHub has a job's log some seconds after its end, at times minutes: after this, it has none."""
KEPT_WORKFLOWS = 20
"""Commits whose workflows are kept, read."""
FAILED_STEP = b"##[error]Process completed with exit code"
KEPT_MERGED = 200
"""Sets of reports, of all workspaces, of which it is kept what they say together."""


class Reports:
    """Fetches what failed checks say. `loaded` holds every report the state speaks of, by key."""

    def __init__(self, journal: Journal, git: Git, gh: Gh) -> None:
        self._journal = journal
        self._git = git
        self._gh = gh
        self.loaded: dict[str, Report] = {}
        self.troubles: dict[str, dict[str, FactoryError]] = {}
        """Workspace → check → why its log or annotations could not be fetched; tried again at the next poll."""
        self._read_workflows: OrderedDict[tuple[str, str], Workflows] = OrderedDict()
        self._merged: OrderedDict[tuple[CheckReport, ...], Merged] = OrderedDict()

    async def load(self) -> None:
        """Brings the reports the state speaks of into memory, after a restart."""
        for reports in self._journal.state.reports.values():
            for item in reports:
                await self._kept(item.key)
            await asyncio.to_thread(self.merged, reports)

    def merged(self, reports: tuple[CheckReport, ...]) -> Merged:
        """What these say together; as a rule it was worked out before the state came to speak of them."""
        fresh = tuple([one for one in reports if not one.waiting and one.key in self.loaded])
        if fresh not in self._merged:
            self._merged[fresh] = merged(fresh, self.loaded)
            while len(self._merged) > KEPT_MERGED:
                self._merged.popitem(last=False)
        return self._merged[fresh]

    async def refresh(self, workspace: Workspace, project: Project, pr: PullRequest | None) -> None:
        """Makes the workspace's reports those of `pr` as just observed."""
        asked = pr.number if pr else None
        before = self._journal.state.reports.get(workspace.id, ())
        wanted: list[CheckReport] = []
        troubles: dict[str, FactoryError] = {}
        for check in current_failures(pr):
            key = report_key(project, check)
            try:
                await self._ensure(key, workspace, project, check, pr.head_sha if pr else "")
                wanted.append(CheckReport(check=check.name, key=key, sha=pr.head_sha if pr else ""))
            except FactoryError as error:
                log.warning("the report of check %s could not be read: %s", check.name, error)
                troubles[check.name] = error
        for check in pr.base_failing if pr and wanted else ():
            try:
                await self._ensure(report_key(project, check), workspace, project, check, "")
            except FactoryError as error:
                log.info("the base branch's check %s could not be read: %s", check.name, error)
        wanted += still_waiting(pr, before)
        self.troubles[workspace.id] = troubles
        if tuple(wanted) != before:
            await asyncio.to_thread(self.merged, tuple(wanted))
            changed = ReportsChanged(workspace_id=workspace.id, reports=tuple(wanted))
            # Reading takes a while: the pull request may have been detached or switched meanwhile.
            await self._journal.transact(lambda state: [changed] if state.number(workspace.id) == asked else [])

    def of_base(self, workspace_id: str, check: Check) -> Report | None:
        """What a failing check of the base branch says, as far as it was read."""
        state = self._journal.state
        project = state.projects.get(state.workspaces[workspace_id].project_id)
        return self.loaded.get(report_key(project, check)) if project else None

    def fails_on_base(self, workspace_id: str, check: Check, problem: Problem) -> bool:
        """Whether the base branch's failing `check` tells of the same problem; of a check that tells nothing, that it
        fails is enough."""
        report = self.of_base(workspace_id, check)
        errors = [one for one in report.problems if one.severity is Severity.ERROR] if report else []
        return not errors or any(one.signature == problem.signature for one in errors)

    async def log_of(self, project: Project, check: Check) -> bytes:
        """The job's log of a check that ran in GitHub Actions. Raises `notFound` for other checks."""
        if not (check.is_actions and project.github_host and project.github_owner and project.github_repo):
            raise FactoryError(
                ErrorKind.NOT_FOUND,
                f"Check {check.name} did not run in GitHub Actions: it has no log here.",
                check.url or "",
            )
        key = report_key(project, check)
        kept = await self._journal.store.log(key)
        if kept is None:
            kept = await checks.job_log(
                self._gh, project.github_host, project.github_owner, project.github_repo, int(check.id)
            )
            if check.outcome is not CiStatus.PENDING:
                await self._journal.store.put_log(key, kept)
        return kept

    async def _ensure(self, key: str, workspace: Workspace, project: Project, check: Check, sha: str) -> Report:
        report = await self._kept(key)
        if report is None:
            report = await self._read(workspace, project, check, sha)
            await self._journal.store.put_report(key, msgspec.json.encode(report))
            self.loaded[key] = report
        return report

    async def _kept(self, key: str) -> Report | None:
        if key not in self.loaded:
            body = await self._journal.store.report(key)
            if body is None:
                return None
            self.loaded[key] = msgspec.json.decode(body, type=Report)
        return self.loaded[key]

    async def _read(self, workspace: Workspace, project: Project, check: Check, sha: str) -> Report:
        source = Source(check.name, check.url)
        found: list[tuple[Source, Report | list[Problem]]] = []
        commit = sha
        if check.kind is CheckKind.CHECK_RUN and project.github_host and project.github_owner and project.github_repo:
            notes = await checks.annotations(
                self._gh, project.github_host, project.github_owner, project.github_repo, int(check.id)
            )
            text = await self._log_for_ever(project, check) if check.is_actions else b""
            commit = checked_out(text, f"{project.github_owner}/{project.github_repo}") or sha
            names = await self._names(workspace, commit)
            workflows = await self._workflows(workspace, commit, names) if check.is_actions else Workflows({})
            if check.is_actions:
                worktree = Path(workspace.path)
                files = await asyncio.to_thread(FileIndex, names)
                place = (project.github_host, project.github_owner, project.github_repo)
                # Of several failed steps some may have been let fail; one alone is why the job failed.
                several = text.count(FAILED_STEP) > 1
                job = await checks.job(self._gh, *place, int(check.id)) if several else None
                found.append((source, told := await extract(text, files, worktree, workflows, job)))
                if useful(told.problems) and (more := await from_artifacts(self._gh, *place, check, worktree)):
                    found.append((source, more))
            found.append((source, from_annotations(check.name, check.url, notes)))
            said = await asyncio.to_thread(merge, found)
            return msgspec.structs.replace(placed_in(workflows, said, check), commit=commit or None)
        return msgspec.structs.replace(await asyncio.to_thread(merge, found), commit=commit or None)

    async def _log_for_ever(self, project: Project, check: Check) -> bytes:
        """The log; empty for a job that has none and will have none: it was deleted, or its runner was lost."""
        try:
            return await self.log_of(project, check)
        except FactoryError as error:
            if error.kind is not ErrorKind.NOT_FOUND or not _long_ago(check.completed_at):
                raise
            log.info("check %s has no log: %s", check.name, error)
            return b""

    async def _workflows(self, workspace: Workspace, commit: str, names: list[str]) -> Workflows:
        """The commit's own, as far as they are here; read once, however many of its jobs failed."""
        key = workspace.project_id, commit
        if key in self._read_workflows:
            return self._read_workflows[key]
        texts = {}
        for name in [name for name in names if is_workflow(name)][:MOST_WORKFLOWS]:
            with contextlib.suppress(FactoryError):
                body = await repository.blob(self._git, Path(workspace.path), commit, name)
                if body is not None and len(body) <= MAX_CONFIGURATION_BYTES:
                    texts[name] = body.decode("utf-8", "replace")
        while len(self._read_workflows) >= KEPT_WORKFLOWS:
            self._read_workflows.popitem(last=False)
        self._read_workflows[key] = Workflows(texts)
        return self._read_workflows[key]

    async def _names(self, workspace: Workspace, commit: str) -> list[str]:
        """The checked commit's own files: the worktree's may have been renamed since, and reports are kept."""
        worktree = Path(workspace.path)
        here = bool(commit) and await repository.has_commit(self._git, worktree, commit)
        if commit and not here:
            try:  # GitHub's merge of a pull request is on no branch: it is only had by asking for it
                await repository.fetch(self._git, worktree, "origin", commit)
                here = await repository.has_commit(self._git, worktree, commit)
            except FactoryError as error:
                log.info("commit %s could not be fetched: %s", commit[:12], error)
        names = repository.files_at(self._git, worktree, commit) if here else repository.files(self._git, worktree)
        return await names


def _long_ago(completed_at: str | None) -> bool:
    return bool(completed_at) and datetime.now(UTC) - from_iso(completed_at or "") > LOG_LAG


def placed_in(workflows: Workflows, said: Report, check: Check) -> Report:
    """The report with the steps of its failures, and its job, found in the workflows."""
    job = workflows.find(check.workflow, check.name, None)
    failures = []
    for failure in said.failures:
        step = workflows.find(check.workflow, check.name, failure.command, failure.step) or job
        place = {"path": step.path, "line": step.line} if step else {}
        failures.append(msgspec.structs.replace(failure, url=check.url, **place))
    origin = Related(path=job.path, line=job.line, message=check.name) if job else None
    return msgspec.structs.replace(said, failures=tuple(failures), origin=origin)


def report_key(project: Project, check: Check) -> str:
    """One attempt of one check: it never changes once it is complete."""
    where = f"{project.github_host}/{project.github_owner}/{project.github_repo}"
    return f"{where}/{check.id}/{check.attempt or 1}/{check.completed_at or ''}"


def current_failures(pr: PullRequest | None) -> list[Check]:
    if pr is None or pr.state in (PullRequestState.MERGED, PullRequestState.CLOSED):
        return []
    return [check for check in pr.checks if check.outcome is CiStatus.FAILURE]


def still_waiting(pr: PullRequest | None, before: Iterable[CheckReport]) -> list[CheckReport]:
    """What was known of checks that run again, or that have not begun on the new head: shown as waiting for CI."""
    if pr is None or pr.state in (PullRequestState.MERGED, PullRequestState.CLOSED):
        return []
    outcomes = {check.name: check.outcome for check in pr.checks}
    # A check that is not listed at all is only waited for while the new commit's checks are still appearing.
    appearing = pr.ci_status in (CiStatus.PENDING, CiStatus.UNKNOWN)
    return [
        msgspec.structs.replace(report, waiting=True)
        for report in before
        if outcomes.get(report.check) is CiStatus.PENDING
        or (report.check not in outcomes and appearing and report.sha != pr.head_sha)
    ]
