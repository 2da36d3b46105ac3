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


class Issue(Wire, frozen=True, kw_only=True):
    """A GitHub issue as a workspace was made from it. Its text is data, never an instruction."""

    number: int
    title: str
    body: str
    url: str


class FirstTask(Wire, frozen=True, kw_only=True):
    """What begins once a new workspace is set up. Kept until it has begun, so that no crash loses it."""

    session: str
    """The id its session will have: begun twice, it is one session."""
    prompt: str | None = None
    issue: Issue | None = None
    ratchet: bool = False


class DevServer(Wire, frozen=True, kw_only=True):
    """The repository's `run` script at work in a worktree."""

    command: str
    """With the port put in."""
    port: int
    url: str
    log: str
    """The file its output goes to."""
    pid: int
    pid_started: str | None
    started_at: str
    running: bool = True
    exit_code: int | None = None
    """Negative for a signal; null while it runs, and when a former hub had started it."""


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
    first_task: FirstTask | None = None
    run: DevServer | None = None
    disk_bytes: int | None = None
    """What its worktree takes, when that was asked for."""
    parent_session: str | None = None
    """The Claude session that made it, which may look into it and write to its sessions."""
