"""What the ratchet may do. Every one is a setting; the defaults are for leaving it on overnight."""

from enum import StrEnum

from factory_ls.model.wire import Wire


class ReviewMode(StrEnum):
    """Which reviews are work, besides unresolved threads."""

    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    ALL_REVIEW_FEEDBACK = "ALL_REVIEW_FEEDBACK"
    """Also reviews that only comment, when they say something."""


class Spent(Wire, frozen=True, kw_only=True):
    """Money in US dollars and fixers' wall-clock time in seconds: what was spent, or how much may be."""

    usd: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(usd=self.usd + other.usd, seconds=self.seconds + other.seconds)

    def reaches(self, cap: "Spent") -> bool:
        return self.usd >= cap.usd or self.seconds >= cap.seconds

    def __str__(self) -> str:
        return f"${self.usd:.2f} and {self.seconds / 60:.0f} min"


class QuietHours(Wire, frozen=True, kw_only=True):
    """From `start` until `end`, `HH:MM` in the user's time zone; may span midnight."""

    start: str
    end: str

    def __contains__(self, clock: str) -> bool:
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


class Limits(Wire, frozen=True, kw_only=True):
    max_attempts: int = 5
    """Dispatches a pull request, over pushes and restarts, until a person pushes or resets it."""
    max_deaths: int = 3
    """Fixers that may die one after the other on the same work."""
    retry_seconds: float = 30
    """How long to wait after the first death of a fixer, twice that after the second, and so on."""
    dispatch: Spent = Spent(usd=2.0, seconds=30 * 60)
    pull_request: Spent = Spent(usd=5.0, seconds=2 * 60 * 60)
    day: Spent = Spent(usd=20.0, seconds=8 * 60 * 60)
    patience_seconds: float = 30 * 60
    """How long checks that still run hold back the repair of one that failed."""
    echo_seconds: float = 10 * 60
    """How long to wait for GitHub to show a push or a re-run of ours."""
    rerun_flaky: bool = True
    """Run failed jobs again, once a head, before a fixer is sent for what looks flaky."""
    stop_repeats: bool = True
    """Stop when a problem comes back after a fix of it."""
    wait_for_base: bool = True
    """Wait with what also fails on the base branch."""
    wait_beyond_code: bool = True
    """Wait with failures that no commit repairs."""
    rebase: bool = True
    """Put a fix on top of what somebody pushed meanwhile, when that is clean; otherwise the fix is given up."""
    push_unproved: bool = False
    """Push a fix of a failed check whose command could not be run here, instead of asking."""
    ci_edits: bool = False
    """Let a fixer change CI's own configuration, where a workflow itself is what is broken; looked at all the same."""
    replies: bool = True
    """Answer review threads after a push, and resolve those that were addressed."""
    greens_to_clear: int = 2
    """Observations of READY after which what was tried is forgotten (not how often)."""
    review_mode: ReviewMode = ReviewMode.CHANGES_REQUESTED
    trusted_associations: tuple[str, ...] = ("OWNER", "MEMBER", "COLLABORATOR")
    trusted_bots: tuple[str, ...] = ()
    """Logins of bots whose reviews are work."""
    allow_forks: bool = False
    opt_out_label: str = "autofix off"
    paused: bool = False
    quiet_hours: QuietHours | None = None
