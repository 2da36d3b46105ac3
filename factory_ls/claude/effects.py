"""What a conversation wants done, as data. The shell around it performs them in order."""

from dataclasses import dataclass

from factory_ls.model.errors import ErrorObject
from factory_ls.model.session import PendingRequest, SessionStatus


@dataclass(frozen=True)
class Record:
    """Store this JSON object as the session's next event, before anything that follows it is performed."""

    event: bytes


@dataclass(frozen=True)
class Send:
    """Write this line to the process."""

    line: bytes


@dataclass(frozen=True)
class StatusChanged:
    status: SessionStatus


@dataclass(frozen=True)
class SessionId:
    """Claude's id of the conversation, to resume it by. It can change in mid-conversation."""

    id: str


@dataclass(frozen=True)
class Asked:
    request: PendingRequest


@dataclass(frozen=True)
class AskWithdrawn:
    """Answered, cancelled, or its process ended: nobody needs to decide any more."""

    request: str


@dataclass(frozen=True)
class Refused:
    """The policy said no, without asking."""

    tool: str
    reason: str


@dataclass(frozen=True)
class TurnEnded:
    """`uuids` are the user messages it answered: none when Claude began it by itself, several when they were merged."""

    result: str
    is_error: bool
    interrupted: bool
    cost_usd: float
    """Of this turn alone."""
    uuids: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Retrying:
    """The API failed and is asked again after `delay` seconds. `status` is its HTTP status, if it answered."""

    attempt: int
    attempts: int
    delay: float
    status: int | None


@dataclass(frozen=True)
class Paused:
    """The turn failed for a reason that passes. `Conversation.again` sends its messages again: at `until` (ISO 8601
    UTC) where the account says when, else after a while that grows with `attempt`, counted from 1."""

    attempt: int
    until: str | None


@dataclass(frozen=True)
class Held:
    """Claude takes no further turn until `until` (ISO 8601 UTC), or until the user mends it; `why` is for them."""

    why: str
    until: str | None


@dataclass(frozen=True)
class Released:
    """Nothing waits to be sent again any more: it is being sent, or was dropped."""


@dataclass(frozen=True)
class Remembered:
    """The user allowed this use of a tool for good: `rule` is what `permissions.rule` makes of it."""

    rule: str


@dataclass(frozen=True)
class RateLimited:
    """The account's own limit is reached. `until` is ISO 8601 UTC, when it is known."""

    until: str | None


@dataclass(frozen=True)
class Failed:
    """The turn, or the process, failed; the status says which. The user's message is not lost: send it again."""

    error: ErrorObject


Effect = (
    Record
    | Send
    | StatusChanged
    | SessionId
    | Asked
    | AskWithdrawn
    | Refused
    | TurnEnded
    | Retrying
    | Paused
    | Held
    | Released
    | Remembered
    | RateLimited
    | Failed
)
