"""What CI said is wrong, and where. Lines and columns are 1-based; columns count characters (code points)."""

from enum import StrEnum

from factory_ls.model.wire import Wire


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    HINT = "hint"


class Placement(StrEnum):
    """How sure we are of a problem's line in the text the user has in front of them."""

    EXACT = "exact"
    """The line reads as it did in the checked commit, at the same number."""
    MOVED = "moved"
    """The line reads as it did in the checked commit, at another number."""
    EDITED = "edited"
    """The line was changed since; shown where it stood, as a hint."""
    GONE = "gone"
    """The line was deleted since; counted, not shown."""
    UNPLACED = "unplaced"
    """Not compared with a working tree, or the file is not in it."""


class Related(Wire, frozen=True, kw_only=True, gc=False):
    """Another place that belongs to a problem: an outer frame, a note, the declaration it speaks of."""

    path: str
    line: int | None
    message: str


class Problem(Wire, frozen=True, kw_only=True, gc=False):
    """One failure in one place, however many jobs, annotations and summaries repeated it.

    `path` is relative to the repository's root with `/` between its parts, or as the tool printed it when it could
    not be resolved. `line` is null for a whole file. `id` is stable across runs as long as the problem is the same;
    `signature` is stable across line shifts too.

    There can be tens of thousands, none can be part of a cycle: the garbage collector need not look (`gc=False`).
    """

    id: str
    path: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    severity: Severity = Severity.ERROR
    tool: str
    code: str | None = None
    message: str
    test: str | None = None
    job: str | None = None
    """The job it was first seen in; `jobs` lists all."""
    step: str | None = None
    log_line: int | None = None
    excerpt: str = ""
    related: tuple[Related, ...] = ()
    signature: str = ""
    placement: Placement = Placement.UNPLACED
    jobs: tuple[str, ...] = ()
    check: str | None = None
    """Name of the check run it came from; null when read from a bare log."""
    command: str | None = None
    """The step's command line, when the log shows it."""
    url: str | None = None
    """Where the job or the comment can be seen."""
    waiting: bool = False
    """Its check runs again, or has yet to run on a newer commit: this is the last that was known."""


class About(Wire, frozen=True, kw_only=True):
    """What is known of a problem beyond what its log says."""

    since: str | None = None
    """The commit at which its check began to fail; every commit checked since failed too."""
    flaky: bool = False
    """Its check passed and failed on this very commit."""
    on_base: bool = False
    """It fails on the base branch too."""
    suggestions: int = 0
    """Of a review thread: how many suggested changes it holds."""


class Failure(Wire, frozen=True, kw_only=True):
    """A failure that has no place in a file."""

    tool: str
    message: str
    log_line: int | None = None
    job: str | None = None
    step: str | None = None
    excerpt: str = ""
    command: str | None = None
    test: str | None = None
    path: str | None = None
    """The file of the CI configuration that has the step which failed, and its line there: no place of the failure."""
    line: int | None = None
    url: str | None = None


class Stats(Wire, frozen=True, kw_only=True):
    """How much was read: bytes, lines, and the wall-clock seconds it took."""

    bytes: int
    lines: int
    seconds: float


class Report(Wire, frozen=True, kw_only=True):
    """What one log, or one set of logs, says. This is the JSON of `factory-ls diagnose --format json`."""

    problems: tuple[Problem, ...]
    failures: tuple[Failure, ...]
    stats: Stats
    dropped: int = 0
    """Problems beyond the limit, which were counted but not kept."""
    commit: str | None = None
    """The commit whose lines these are, where the job told which one it had checked out."""
    origin: Related | None = None
    """The job in the CI configuration, where it was found."""
