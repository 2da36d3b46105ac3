"""The ratchet as users see it. What it decides by is in `ratchet/`."""

from enum import StrEnum
from typing import Any

import msgspec

from factory_ls.model.wire import Wire


class RatchetState(StrEnum):
    IDLE = "IDLE"
    CI_RUNNING = "CI_RUNNING"
    CI_FAILED = "CI_FAILED"
    MERGE_CONFLICT = "MERGE_CONFLICT"
    REVIEW_PENDING = "REVIEW_PENDING"
    READY = "READY"
    MERGED = "MERGED"


class TraceStep(Wire, frozen=True, kw_only=True):
    """One rule, what it saw and what it said, in words."""

    rule: str
    saw: str
    said: str


class Proof(Wire, frozen=True, kw_only=True):
    """The failing command before and after a fix. Exit codes; null where it could not be run (then `note` says why)."""

    command: str
    red: int | None
    green: int | None
    seconds: float
    diff_hash: str | None = None
    commit: str | None = None
    cost_usd: float = 0.0
    note: str = ""


class Ratchet(Wire, frozen=True, kw_only=True):
    enabled: bool = False
    state: RatchetState = RatchetState.IDLE
    reason: str = "The ratchet is off."
    active_session_id: str | None = None
    attempts: int = 0
    max_attempts: int = 5
    spent_usd: float = 0.0
    budget_usd: float = 5.0
    stalled: bool = False
    next_check_at: str | None = None
    flaky: tuple[str, ...] = ()
    """Checks that failed and then passed on the same commit."""
    asks: tuple[str, ...] = ()
    """Why a fix lies in the worktree without being pushed; `factory.fix.show` has its diff, `factory.fix.push` and
    `factory.fix.discard` are the answers."""
    proof: Proof | None = None
    trace: tuple[TraceStep, ...] = ()
    """Filled by `factory.ratchet.explain` only, as `limits` is."""
    limits: dict[str, Any] = msgspec.field(default_factory=dict)
