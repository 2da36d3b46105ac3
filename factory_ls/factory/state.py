"""What is true now: the events so far, folded. Nothing is changed here but by an event."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from factory_ls.factory.ledger import Ledger
from factory_ls.factory.outcomes import Outcomes
from factory_ls.model.clock import from_iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import (
    CheckReport,
    FactoryEvent,
    PermissionRemembered,
    PermissionRevoked,
    ProblemsDismissed,
    ProjectAdded,
    ProjectRemoved,
    PullRequestObserved,
    RatchetChanged,
    RatchetsPaused,
    ReportsChanged,
    SessionChanged,
    WorkspaceChanged,
    WorkspaceForgotten,
)
from factory_ls.model.project import Project
from factory_ls.model.pull_request import CiStatus, PullRequest
from factory_ls.model.session import PermissionRule, Session
from factory_ls.model.workspace import Workspace, WorkspaceStatus
from factory_ls.ratchet.cadence import KEPT
from factory_ls.ratchet.memory import Memory


@dataclass(frozen=True, slots=True)
class RatchetRecord:
    enabled: bool = False
    memory: Memory = field(default_factory=Memory)


NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Touched:
    """Ids an event changed, for those who listen."""

    workspaces: frozenset[str] = frozenset()
    problems: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()


@dataclass(slots=True)
class State:
    revision: int = 0
    projects: dict[str, Project] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    pull_requests: dict[str, PullRequest] = field(default_factory=dict)
    detached: dict[str, set[int]] = field(default_factory=dict)
    """Numbers of the pull requests that the user wants nothing of in a workspace, until attaching them again."""
    reports: dict[str, tuple[CheckReport, ...]] = field(default_factory=dict)
    dismissed: dict[str, ProblemsDismissed] = field(default_factory=dict)
    outcomes: dict[str, Outcomes] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    ratchets: dict[str, RatchetRecord] = field(default_factory=dict)
    ratchets_paused: bool = False
    flaky: dict[str, dict[str, int]] = field(default_factory=dict)
    """Project → check → how often it failed and then passed on one commit."""
    durations: dict[str, dict[str, deque[float]]] = field(default_factory=dict)
    """Project → check → seconds its last runs took, newest last."""

    permissions: dict[str, dict[str, PermissionRule]] = field(default_factory=dict)
    """What is allowed for good: by project, then by rule."""
    spending: Ledger = field(default_factory=Ledger)

    def number(self, workspace_id: str) -> int | None:
        """Of the workspace's pull request."""
        pull_request = self.pull_requests.get(workspace_id)
        return pull_request.number if pull_request else None

    def apply(self, event: FactoryEvent, at: str = "") -> Touched:
        """`at` is when it happened, ISO 8601 UTC."""
        match event:
            case ProjectAdded(project=project):
                self.projects[project.id] = project
                return Touched()
            case ProjectRemoved(project_id=project_id):
                self.projects.pop(project_id, None)
                return Touched()
            case WorkspaceChanged(workspace=workspace):
                self.workspaces[workspace.id] = workspace
                touched = frozenset({workspace.id})
                return Touched(workspaces=touched, problems=touched)
            case WorkspaceForgotten(workspace_id=workspace_id):
                self.workspaces.pop(workspace_id, None)
                touched = frozenset({workspace_id})
                return Touched(workspaces=touched, problems=touched)
            case PullRequestObserved(workspace_id=workspace_id, pull_request=pull_request):
                before = self.pull_requests.pop(workspace_id, None)
                if pull_request is None:
                    self.outcomes.pop(workspace_id, None)
                    if before and event.detached:
                        self.detached.setdefault(workspace_id, set()).add(before.number)
                else:
                    self.detached.get(workspace_id, set()).discard(pull_request.number)
                    self.pull_requests[workspace_id] = pull_request
                    self._learn(workspace_id, before, pull_request)
                    self.outcomes.setdefault(workspace_id, Outcomes()).observe(pull_request)
                touched = frozenset({workspace_id})
                return Touched(workspaces=touched, problems=touched if _placed_anew(before, pull_request) else NONE)
            case ReportsChanged(workspace_id=workspace_id, reports=reports):
                self.reports[workspace_id] = reports
                return Touched(problems=frozenset({workspace_id}))
            case ProblemsDismissed(workspace_id=workspace_id):
                self.dismissed[workspace_id] = event
                return Touched(problems=frozenset({workspace_id}))
            case PermissionRemembered(rule=rule):
                self.permissions.setdefault(rule.project_id, {})[rule.rule] = rule
                return Touched()
            case PermissionRevoked(project_id=project_id, rule=name):
                self.permissions.get(project_id, {}).pop(name, None)
                return Touched()
            case SessionChanged(session=session):
                self.spending.note(self.sessions.get(session.id), session, at)
                self.sessions[session.id] = session
                return Touched(workspaces=frozenset({session.workspace_id}), sessions=frozenset({session.id}))
            case RatchetsPaused(paused=paused):
                self.ratchets_paused = paused
                return Touched(workspaces=frozenset(self.ratchets))
            case RatchetChanged(workspace_id=workspace_id, enabled=enabled, memory=memory):
                self.ratchets[workspace_id] = RatchetRecord(enabled, msgspec.json.decode(memory, type=Memory))
                return Touched(workspaces=frozenset({workspace_id}))

    def _learn(self, workspace_id: str, before: PullRequest | None, now: PullRequest) -> None:
        """From two observations that follow one another: which checks are flaky, and how long each takes."""
        workspace = self.workspaces.get(workspace_id)
        if workspace is None:
            return
        known = {(c.workflow, c.name): c for c in before.checks} if before and before.head_sha == now.head_sha else {}
        for check in now.checks:
            last = known.get((check.workflow, check.name))
            if last and last.outcome is CiStatus.FAILURE and check.outcome is CiStatus.SUCCESS:
                counts = self.flaky.setdefault(workspace.project_id, {})
                counts[check.name] = counts.get(check.name, 0) + 1
            ended = (last is None or last.completed_at != check.completed_at) and check.completed_at
            if ended and check.started_at and check.outcome in (CiStatus.SUCCESS, CiStatus.FAILURE):
                seconds = (from_iso(check.completed_at or "") - from_iso(check.started_at)).total_seconds()
                kept = self.durations.setdefault(workspace.project_id, {}).setdefault(check.name, deque(maxlen=KEPT))
                if seconds > 0:
                    kept.append(seconds)

    def sessions_of(self, workspace_id: str) -> tuple[Session, ...]:
        return tuple(s for s in self.sessions.values() if s.workspace_id == workspace_id)

    def live_workspaces(self) -> list[Workspace]:
        return [w for w in self.workspaces.values() if w.status is not WorkspaceStatus.ARCHIVED]

    def children_of(self, session_id: str | None) -> list[Workspace]:
        """What a session made and is not archived."""
        return [w for w in self.live_workspaces() if w.parent_session and w.parent_session == session_id]

    def project(self, ref: str) -> Project:
        """By id, name or a path of its repository. Raises `notFound`."""
        for project in self.projects.values():
            if ref in (project.id, project.name) or _holds(project.repo_path, ref):
                return project
        raise FactoryError(
            ErrorKind.NOT_FOUND, f"There is no project {ref!r}.", "`factory.project.list` names those there are."
        )

    def workspace(self, ref: str) -> Workspace:
        """By id, name or a path inside its worktree. Raises `notFound`."""
        for workspace in self.workspaces.values():
            if ref == workspace.id:
                return workspace
        live = self.live_workspaces()
        named = [w for w in live if w.name == ref]
        if len(named) > 1:
            ids = ", ".join(w.id for w in named)
            raise FactoryError(ErrorKind.INVALID, f"Several workspaces are named {ref!r}.", f"Give an id: {ids}.")
        if named:
            return named[0]
        inside = [w for w in live if _holds(w.path, ref)]
        if inside:
            return max(inside, key=lambda w: len(w.path))
        raise FactoryError(
            ErrorKind.NOT_FOUND, f"There is no workspace {ref!r}.", "`factory.workspace.list` names those there are."
        )

    def archived(self, ref: str) -> Workspace:
        """An archived workspace by id or name, or one that could not be restored. Raises `notFound`, `conflict`."""
        found = [w for w in self.workspaces.values() if ref in (w.id, w.name)]
        archived = [w for w in found if w.status is WorkspaceStatus.ARCHIVED]
        if len(archived) > 1:
            ids = ", ".join(f"{w.id} ({w.created_at[:10]}, {w.branch})" for w in archived)
            raise FactoryError(
                ErrorKind.INVALID, f"Several archived workspaces are named {ref!r}.", f"Give an id: {ids}."
            )
        if archived:
            return archived[0]
        if found:
            raise FactoryError(ErrorKind.CONFLICT, f"{ref} is not archived but {found[0].status}.", "")
        raise FactoryError(
            ErrorKind.NOT_FOUND,
            f"There is no archived workspace {ref!r}.",
            "`factory-ls workspace list --archived` names those there are.",
        )

    def session(self, session_id: str) -> Session:
        try:
            return self.sessions[session_id]
        except KeyError:
            raise FactoryError(
                ErrorKind.NOT_FOUND,
                f"There is no session {session_id!r}.",
                "`factory.session.list` names those there are.",
            ) from None


def _placed_anew(before: PullRequest | None, now: PullRequest | None) -> bool:
    """Whether what is shown in files depends on the difference: the checked commit, the review threads, the end."""
    if before is None or now is None:
        return before is not now
    return (before.head_sha, before.threads, before.state) != (now.head_sha, now.threads, now.state)


def _holds(root: str, ref: str) -> bool:
    """Whether `ref` is an absolute path at or below `root`, links resolved."""
    if not ref.startswith("/"):
        return False
    try:
        return Path(ref).resolve().is_relative_to(Path(root).resolve())
    except OSError:
        return False
