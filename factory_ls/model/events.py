"""Everything that changes what users see, as it is kept in the database.

An event carries the new value of what changed, whole: replaying is "the last one wins", and an old database stays
readable as long as fields are only added. `note` says why, for people who read the log.
"""

import msgspec

from factory_ls.model.project import Project
from factory_ls.model.pull_request import PullRequest
from factory_ls.model.session import PermissionRule, Session
from factory_ls.model.wire import Wire
from factory_ls.model.workspace import Workspace


class ProjectAdded(Wire, frozen=True, kw_only=True, tag="projectAdded", tag_field="kind"):
    project: Project


class ProjectRemoved(Wire, frozen=True, kw_only=True, tag="projectRemoved", tag_field="kind"):
    project_id: str


class WorkspaceChanged(Wire, frozen=True, kw_only=True, tag="workspaceChanged", tag_field="kind"):
    """`workspace` without its pull request, ratchet and sessions, which have events of their own."""

    workspace: Workspace
    note: str = ""


class WorkspaceForgotten(Wire, frozen=True, kw_only=True, tag="workspaceForgotten", tag_field="kind"):
    """Its making was cancelled: nothing of it is left."""

    workspace_id: str


class PullRequestObserved(Wire, frozen=True, kw_only=True, tag="pullRequestObserved", tag_field="kind"):
    """null: the workspace has no pull request, or it was detached."""

    workspace_id: str
    pull_request: PullRequest | None
    note: str = ""
    detached: bool = False
    """By the user: it is not found again by its branch."""


class CheckReport(Wire, frozen=True, kw_only=True):
    """That the report kept under `key` says what is wrong with `check` at commit `sha`.

    `waiting`: a newer commit is being checked and this is the last that was known.
    """

    check: str
    key: str
    sha: str
    waiting: bool = False


class ReportsChanged(Wire, frozen=True, kw_only=True, tag="reportsChanged", tag_field="kind"):
    workspace_id: str
    reports: tuple[CheckReport, ...]


class ProblemsDismissed(Wire, frozen=True, kw_only=True, tag="problemsDismissed", tag_field="kind"):
    """The user does not want to see these until the next push: as long as the pull request's head is `head`."""

    workspace_id: str
    head: str
    problems: tuple[str, ...]
    """Ids, all that are dismissed."""


class SessionChanged(Wire, frozen=True, kw_only=True, tag="sessionChanged", tag_field="kind"):
    session: Session
    note: str = ""


class PermissionRemembered(Wire, frozen=True, kw_only=True, tag="permissionRemembered", tag_field="kind"):
    rule: PermissionRule


class PermissionRevoked(Wire, frozen=True, kw_only=True, tag="permissionRevoked", tag_field="kind"):
    project_id: str
    rule: str


class RatchetChanged(Wire, frozen=True, kw_only=True, tag="ratchetChanged", tag_field="kind"):
    """`memory` is the ratchet room's own JSON: this room must not know its shape."""

    workspace_id: str
    enabled: bool
    memory: msgspec.Raw
    note: str = ""


class RatchetsPaused(Wire, frozen=True, kw_only=True, tag="ratchetsPaused", tag_field="kind"):
    """All ratchets: while paused, nothing new is begun."""

    paused: bool


FactoryEvent = (
    ProjectAdded
    | ProjectRemoved
    | WorkspaceChanged
    | WorkspaceForgotten
    | PullRequestObserved
    | ReportsChanged
    | ProblemsDismissed
    | SessionChanged
    | PermissionRemembered
    | PermissionRevoked
    | RatchetChanged
    | RatchetsPaused
)
