"""What became of a fix."""

from dataclasses import dataclass
from enum import StrEnum

from factory_ls.model.ratchet import Proof


class Verdict(StrEnum):
    PUSHED = "pushed"
    NOTHING = "nothing"
    """Nothing was changed, so there was nothing to push."""
    HANDED_BACK = "handedBack"
    """The fixer is to mend `why`; it happens once."""
    ASKED = "asked"
    """The change stays in the worktree until the user has looked at it."""


@dataclass(frozen=True, slots=True)
class Result:
    verdict: Verdict
    why: tuple[str, ...] = ()
    proof: Proof | None = None
