"""A Claude session and what it asks of the user."""

from enum import StrEnum
from typing import Any

import msgspec

from factory_ls.model.wire import Wire


class SessionStatus(StrEnum):
    STARTING = "STARTING"
    IDLE = "IDLE"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    """A request to the user is pending."""
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"

    @property
    def ended(self) -> bool:
        return self in (SessionStatus.COMPLETED, SessionStatus.FAILED, SessionStatus.STOPPED)


class PermissionMode(StrEnum):
    STRICT = "strict"
    """Asks for everything but reading."""
    RELAXED = "relaxed"
    """Also accepts edits inside the worktree."""
    YOLO = "yolo"
    """Asks for nothing but questions and plans, which are always the user's."""


class PendingRequest(Wire, frozen=True, kw_only=True):
    """A permission, question or plan that waits for `factory.session.answer`."""

    request: str
    """The request's id, as Claude gave it."""
    tool: str
    title: str
    """One line a person can decide by, with control characters removed."""
    input: dict[str, Any] = msgspec.field(default_factory=dict)
    interactive: bool = False
    """A question or a plan: never answered by a mode."""
    asked_at: str = ""


class Session(Wire, frozen=True, kw_only=True):
    id: str
    workspace_id: str
    workflow: str = "default"
    model: str
    permissions: PermissionMode
    status: SessionStatus
    claude_session_id: str | None = None
    cost_usd: float = 0.0
    pending: tuple[PendingRequest, ...] = ()
    error: str | None = None
    """Why it failed or what it waits for besides the user, with the next step."""
    pid: int | None = None
    pid_started: str | None = None
    """Start time of the process as the system gives it: a pid alone may be another process by now."""
    created_at: str = ""
    turns: int = 0
    unattended: bool = False
    """It waits for the user, and no editor is connected to show the question: only `factory.session.answer` is left."""
    retry_at: str | None = None
    """Paused: when the messages of the failed turn are sent again by themselves (ISO 8601 UTC)."""
    forked_from: str | None = None
    """The session whose conversation this one began as a copy of."""


class PermissionRule(Wire, frozen=True, kw_only=True):
    """A use of a tool that is allowed in all of a project's sessions: the tool with this very command, file or address.

    `rule` is its name for `factory.permission.revoke`.
    """

    project_id: str
    rule: str
    tool: str
    subject: str
    at: str


class SessionEvent(Wire, frozen=True, kw_only=True):
    """One line of a session's stream, numbered from 1. `event` is Claude's JSON, or ours with type `factory/…`."""

    seq: int
    at: str
    event: dict[str, Any]


class Transcript(Wire, frozen=True, kw_only=True):
    events: tuple[SessionEvent, ...]
    next: int
    """Pass as `after` to go on; equals the last seq returned, or the `after` given when there was nothing."""
