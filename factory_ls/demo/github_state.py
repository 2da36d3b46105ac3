"""What the GitHub stand-in remembers: plain, mutable, open to the demo and to tests."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from factory_ls.model.clock import iso

ids = itertools.count(1001)
"""Database ids: one row of numbers for everything, small enough for GraphQL's 32-bit Int."""


def now() -> str:
    """Whole seconds, as GitHub's API gives times."""
    return iso()[:19] + "Z"


@dataclass
class Job:
    """One job of one attempt; its id is its check run's too, as at GitHub."""

    name: str
    steps: list[dict[str, Any]]
    id: int = field(default_factory=lambda: next(ids))
    status: str = "QUEUED"
    conclusion: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    log: bytes = b""
    told: list[dict[str, Any]] = field(default_factory=list)
    """Its steps as the API gives them."""


@dataclass
class Artifact:
    """A zip that a step uploaded."""

    name: str
    data: bytes
    created_at: str = field(default_factory=now)
    id: int = field(default_factory=lambda: next(ids))


@dataclass
class Run:
    """A workflow's run for one commit. `jobs` has the latest attempt of each; `history` all of them."""

    workflow: str
    sha: str
    """The commit the checks belong to; a pull request's own run has it merged into the base branch: `checkout`."""
    branch: str
    """Or `pull/7/merge`."""
    checkout: str = ""
    id: int = field(default_factory=lambda: next(ids))
    attempt: int = 1
    jobs: list[Job] = field(default_factory=list)
    history: list[Job] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)


@dataclass
class Comment:
    body: str
    author: str | None
    association: str = "OWNER"
    created_at: str = field(default_factory=now)
    id: int = field(default_factory=lambda: next(ids))


@dataclass
class Thread:
    path: str
    line: int | None
    commit: str
    comments: list[Comment]
    resolved: bool = False
    outdated: bool = False
    start_line: int | None = None
    id: int = field(default_factory=lambda: next(ids))


@dataclass
class Review:
    state: str
    author: str | None
    body: str = ""
    association: str = "MEMBER"
    submitted_at: str = field(default_factory=now)
    id: int = field(default_factory=lambda: next(ids))


@dataclass
class Pull:
    number: int
    title: str
    head: str
    base: str
    author: str
    head_repository: str
    """owner/name."""
    body: str = ""
    draft: bool = False
    state: str = "OPEN"
    review_decision: str | None = None
    conflict: bool = False
    created_at: str = field(default_factory=now)
    threads: list[Thread] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    """Top-level ones."""
    labels: list[str] = field(default_factory=list)
    behind: bool = False
    """The base branch must be merged first, as a protected branch may demand."""
    maintainer_can_modify: bool = True
    id: int = field(default_factory=lambda: next(ids))
    head_sha: str = ""


@dataclass
class Issue:
    number: int
    title: str
    body: str
    author: str
    state: str = "open"
    created_at: str = field(default_factory=now)
    id: int = field(default_factory=lambda: next(ids))


@dataclass
class Repository:
    owner: str
    name: str
    path: Path
    """The bare repository that is pushed to."""
    branches: dict[str, str] = field(default_factory=dict)
    """Name to commit."""
    pulls: list[Pull] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    statuses: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """By commit: `context`, `state`, `targetUrl`, `createdAt`, as CI services beside Actions report them."""
    strict: bool = False
    """Branches must be up to date before they are merged (a rule of branch protection)."""
    id: int = field(default_factory=lambda: next(ids))

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def open_issue(self, title: str, body: str, author: str) -> Issue:
        """Issues and pull requests share one row of numbers."""
        issue = Issue(len(self.pulls) + len(self.issues) + 1, title, body, author)
        self.issues.append(issue)
        return issue

    def job(self, job_id: int) -> Job | None:
        return next((job for run in self.runs for job in run.history if job.id == job_id), None)

    def artifact(self, artifact_id: int) -> Artifact | None:
        return next((one for run in self.runs for one in run.artifacts if one.id == artifact_id), None)

    def latest_runs(self, sha: str) -> list[Run]:
        """The last run of each workflow for a commit."""
        return list({run.workflow: run for run in self.runs if run.sha == sha}.values())


@dataclass
class Account:
    """Everything behind one API: who asks, what there is, and what may still be spent (requests and points an hour)."""

    login: str
    token: str
    repositories: list[Repository] = field(default_factory=list)
    limit: dict[str, int] = field(default_factory=lambda: {"core": 5000, "graphql": 5000})
    used: dict[str, int] = field(default_factory=lambda: {"core": 0, "graphql": 0})
    reset: int = 0
    """Unix time at which `used` starts again."""

    def repository(self, owner: str, name: str) -> Repository | None:
        wanted = f"{owner}/{name}".lower()
        return next((each for each in self.repositories if each.full_name.lower() == wanted), None)
