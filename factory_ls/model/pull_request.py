"""A pull request as last observed. The meaning of GitHub's fields is worked out in `github/`, not here."""

from enum import StrEnum

from factory_ls.model.wire import Wire


class PullRequestState(StrEnum):
    NONE = "NONE"
    DRAFT = "DRAFT"
    OPEN = "OPEN"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    APPROVED = "APPROVED"
    MERGED = "MERGED"
    CLOSED = "CLOSED"


class CiStatus(StrEnum):
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class CiObservation(StrEnum):
    NOT_FETCHED = "NOT_FETCHED"
    NO_CHECKS = "NO_CHECKS"
    CHECKS_PENDING = "CHECKS_PENDING"
    CHECKS_FAILED = "CHECKS_FAILED"
    CHECKS_PASSED = "CHECKS_PASSED"
    CHECKS_UNKNOWN = "CHECKS_UNKNOWN"


class CheckKind(StrEnum):
    CHECK_RUN = "CHECK_RUN"
    STATUS_CONTEXT = "STATUS_CONTEXT"


class Check(Wire, frozen=True, kw_only=True):
    """The latest run of one (workflow, name) on the head commit. `outcome` folds status and conclusion."""

    id: str
    """Database id of the check run (also the Actions job's id), or the context's name for a commit status."""
    kind: CheckKind
    name: str
    workflow: str | None = None
    outcome: CiStatus
    conclusion: str | None = None
    """GitHub's word, upper case: FAILURE, TIMED_OUT, NEUTRAL, …; null while it runs."""
    url: str | None = None
    run_id: int | None = None
    attempt: int | None = None
    required: bool | None = None
    is_actions: bool = False
    """Ran in GitHub Actions, so that a job log exists under the same id."""
    started_at: str | None = None
    completed_at: str | None = None


class ReviewComment(Wire, frozen=True, kw_only=True):
    id: str
    author: str | None
    association: str
    """OWNER, MEMBER, COLLABORATOR, CONTRIBUTOR, …, NONE."""
    body: str
    url: str | None = None
    created_at: str | None = None


class ReviewThread(Wire, frozen=True, kw_only=True):
    id: str
    path: str
    line: int | None
    original_line: int | None = None
    start_line: int | None = None
    original_start_line: int | None = None
    side: str | None = None
    """GitHub's word: RIGHT, or LEFT for a line that the pull request deletes."""
    is_resolved: bool = False
    is_outdated: bool = False
    commit: str | None = None
    comments: tuple[ReviewComment, ...] = ()


class Review(Wire, frozen=True, kw_only=True):
    id: str
    author: str | None
    association: str
    state: str
    """GitHub's word, upper case: APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED."""
    body: str = ""
    url: str | None = None
    submitted_at: str | None = None


class PullRequest(Wire, frozen=True, kw_only=True):
    number: int
    url: str
    title: str = ""
    state: PullRequestState
    is_draft: bool = False
    ci_status: CiStatus = CiStatus.UNKNOWN
    ci_observation: CiObservation = CiObservation.NOT_FETCHED
    review_decision: str | None = None
    merge_state: str | None = None
    head_sha: str
    head_branch: str = ""
    head_repository: str | None = None
    """owner/name of the head's repository; null when it was deleted."""
    is_fork: bool = False
    maintainer_can_modify: bool = False
    """Whether those who may push to the base repository may push to the fork's branch."""
    base_branch: str = ""
    author: str | None = None
    checks: tuple[Check, ...] = ()
    threads: tuple[ReviewThread, ...] = ()
    reviews: tuple[Review, ...] = ()
    """Oldest first."""
    comments: tuple[ReviewComment, ...] = ()
    """Top-level comments, oldest first."""
    labels: tuple[str, ...] = ()
    base_failing: tuple[Check, ...] = ()
    """Checks that fail on the base branch's tip."""
    updated_at: str | None = None
    """GitHub's own word; null in answers of before this was asked for."""
    threads_read_at: str = ""
    """When all pages of threads, reviews and comments were last read (ISO 8601 UTC)."""
    synced_at: str = ""
