"""Everything a decision looks at that is not memory: gathered by the factory, judged here."""

from datetime import datetime

from factory_ls.model.problem import Failure, Problem
from factory_ls.model.pull_request import PullRequest
from factory_ls.model.session import Session
from factory_ls.model.wire import Wire
from factory_ls.ratchet.limits import Spent

FIXER_WORKFLOWS = "ratchet/"
"""A session whose workflow starts so is a fixer; any other is the user's own."""


class Observation(Wire, frozen=True, kw_only=True):
    at: datetime
    """When it was made: aware, in the user's time zone (quiet hours are theirs)."""
    enabled: bool
    attached: int | None = None
    """Number of the pull request that is attached to the workspace now."""
    pr: PullRequest | None = None
    """As GitHub told it; may be a late answer about one that was attached before."""
    viewer: str | None = None
    """Login of the authenticated user, whose own review activity is no work."""
    sessions: tuple[Session, ...] = ()
    """Sessions of the workspace that live, and the dispatched one as long as its row exists."""
    problems: tuple[Problem, ...] = ()
    """Read from the failed checks of the pull request's head."""
    failures: tuple[Failure, ...] = ()
    unread: tuple[str, ...] = ()
    """Names of failed checks whose logs and annotations are not read yet: nothing is known of why they failed."""
    base_failing: tuple[str, ...] = ()
    """Signatures of problems, and names of checks, that fail on the base branch too."""
    flaky: tuple[str, ...] = ()
    """Names of checks that gave both outcomes on one commit, or are known as flaky from this repository's history."""
    today: Spent = Spent()
    """By fixers of all pull requests since midnight, those that run included."""
    blocked: str = ""
    """Why no fixer may start in this worktree now (changes that are not committed, another commit than CI checked)."""

    @property
    def current(self) -> PullRequest | None:
        """The attached pull request, if this observation is about it."""
        return self.pr if self.pr and self.pr.number == self.attached else None

    @property
    def fixers(self) -> tuple[Session, ...]:
        """Live fixers, also such that no record points at."""
        return tuple(s for s in self.sessions if s.workflow.startswith(FIXER_WORKFLOWS) and not s.status.ended)

    @property
    def own_sessions(self) -> tuple[Session, ...]:
        return tuple(s for s in self.sessions if not s.workflow.startswith(FIXER_WORKFLOWS) and not s.status.ended)

    def session(self, session_id: str) -> Session | None:
        return next((s for s in self.sessions if s.id == session_id), None)
