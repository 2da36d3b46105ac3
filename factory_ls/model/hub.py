"""What the hub says of itself."""

from enum import StrEnum

from factory_ls.model.wire import Wire


class GithubBudget(Wire, frozen=True, kw_only=True):
    """GraphQL points left at a host. `reset_at` is ISO 8601 UTC."""

    host: str
    limit: int
    remaining: int
    reset_at: str
    requests: int = 0
    """Requests this hub has sent to the host since it started."""
    cost: int = 0
    """Points the last observation of all its pull requests cost."""


class HubStatus(Wire, frozen=True, kw_only=True):
    pid: int
    version: str
    started_at: str
    editors: int
    sessions: int
    mcp_url: str | None
    github_budget: tuple[GithubBudget, ...] = ()


class FindingStatus(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Something works less well, or cannot be told now."""
    MISSING = "missing"
    """The factory cannot do its work without it."""


class Finding(Wire, frozen=True, kw_only=True):
    """One thing the factory needs, and whether it is there. `hint` is the next step when it is not."""

    name: str
    status: FindingStatus
    message: str
    hint: str = ""


class HubHealth(HubStatus, frozen=True, kw_only=True):
    """`ok`: nothing is missing."""

    ok: bool
    findings: tuple[Finding, ...]
