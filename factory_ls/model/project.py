"""A repository the factory works on."""

from factory_ls.model.wire import Wire


class Project(Wire, frozen=True, kw_only=True):
    """`github_*` are null when no remote points at a GitHub host."""

    id: str
    name: str
    repo_path: str
    default_branch: str
    github_host: str | None = None
    github_owner: str | None = None
    github_repo: str | None = None
