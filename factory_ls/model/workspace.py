"""A worktree with its pull request, sessions and ratchet."""

from enum import StrEnum

from factory_ls.model.pull_request import PullRequest
from factory_ls.model.ratchet import Ratchet
from factory_ls.model.session import Session
from factory_ls.model.wire import Wire


class WorkspaceStatus(StrEnum):
    NEW = "NEW"
    PROVISIONING = "PROVISIONING"
    READY = "READY"
    FAILED = "FAILED"
    ARCHIVING = "ARCHIVING"
    ARCHIVED = "ARCHIVED"


class CreationSource(StrEnum):
    MANUAL = "MANUAL"
    RESUME_BRANCH = "RESUME_BRANCH"
    GITHUB_ISSUE = "GITHUB_ISSUE"


class Workspace(Wire, frozen=True, kw_only=True):
    id: str
    project_id: str
    name: str
    description: str = ""
    status: WorkspaceStatus = WorkspaceStatus.NEW
    path: str
    branch: str
    base_branch: str
    creation_source: CreationSource = CreationSource.MANUAL
    github_issue_number: int | None = None
    github_issue_url: str | None = None
    pr: PullRequest | None = None
    ratchet: Ratchet = Ratchet()
    sessions: tuple[Session, ...] = ()
    warnings: tuple[str, ...] = ()
    created_at: str = ""
    parent_session: str | None = None
    """The Claude session that made it, which may look into it and write to its sessions."""
