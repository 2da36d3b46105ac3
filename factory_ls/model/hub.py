"""What the hub says of itself."""

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
