"""`factory-factory.json`: what a repository says of itself to the factory."""

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

import msgspec

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.text import one_line

FILE_NAME = "factory-factory.json"
MAX_BYTES = 1_000_000
QUIET_HOURS = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"

_HINT = 'A whole file: {"scripts": {"setup": "make install"}, "checks": {"test": "make test"}, "carry": [".env"]}'


class Scripts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shell command lines, run in the worktree; null for none."""

    setup: str | None = None
    """After a worktree was made."""
    run: str | None = None
    """To start the program under development."""
    cleanup: str | None = None
    """Before a worktree is archived."""


_Money = Annotated[float, msgspec.Meta(ge=0)]
_Hours = Annotated[str, msgspec.Meta(pattern=QUIET_HOURS)]


class RatchetFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What the repository wants of the ratchet. It narrows the user's own limits, never widens them; null: theirs."""

    max_attempts: Annotated[int, msgspec.Meta(ge=0)] | None = None
    budget_usd: _Money | None = None
    minutes: _Money | None = None
    dispatch_budget_usd: _Money | None = None
    dispatch_minutes: _Money | None = None
    review_mode: Literal["CHANGES_REQUESTED", "ALL_REVIEW_FEEDBACK"] | None = None
    opt_out_label: str | None = None
    quiet_hours: _Hours | None = None
    """`HH:MM-HH:MM`, in the user's time zone."""
    rerun_flaky: bool = True
    replies: bool = True
    paused: bool = False


class RepositoryFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scripts: Scripts = Scripts()
    checks: dict[str, str] = {}
    """Name → command line that proves it, run in the worktree."""
    ratchet: RatchetFile = RatchetFile()
    settings: dict[str, Any] = {}
    """Unchecked: for `settings.resolve`, which reports bad values one by one."""
    carry: tuple[str, ...] = ()
    """Untracked files to bring into a new worktree: paths or globs relative to the repository's root."""
    schema: str | None = msgspec.field(default=None, name="$schema")
    """For editors' completion; not read."""


def parse(text: bytes) -> RepositoryFile:
    """The file's content, or a FactoryError of kind `invalid` that names the key or the place."""
    if len(text) > MAX_BYTES:
        raise _invalid(f"it has {len(text):,} bytes, more than {MAX_BYTES:,}")
    try:
        file = msgspec.json.decode(text, type=RepositoryFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _invalid(one_line(str(error))) from None
    for name, command in file.checks.items():
        if not name.strip() or not command.strip():
            raise _invalid("a check needs a name and a command - at `$.checks`")
    for pattern in file.carry:
        path = PurePosixPath(pattern)
        if not path.parts or path.is_absolute() or path.parts[0] == ".git" or ".." in path.parts or "\0" in pattern:
            raise _invalid(f"{pattern!a} must stay inside the repository and outside .git - at `$.carry`")
    return file


def _invalid(reason: str) -> FactoryError:
    return FactoryError(ErrorKind.INVALID, f"{FILE_NAME}: {reason}", _HINT)
