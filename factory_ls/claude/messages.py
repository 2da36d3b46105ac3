"""What the Claude command line writes on stdout in stream-json, as far as we act on it.

Shapes were observed with 2.1.330 and drift between versions: every field is optional unless nothing can be done
without it, fields we do not use are skipped, and what does not fit becomes `Unknown` (see `wire`). The full line is
kept beside the message, so nothing is lost to a transcript.
"""

from typing import Any

from msgspec import Struct


class Block(Struct, frozen=True):
    """A content block: `text`, `tool_use`, `tool_result`, …"""

    type: str
    id: str | None = None
    name: str | None = None
    text: str | None = None
    tool_use_id: str | None = None
    is_error: bool | None = None


class Content(Struct, frozen=True):
    content: str | list[Block] = ""
    model: str | None = None

    def blocks(self, kind: str) -> list[Block]:
        return [] if isinstance(self.content, str) else [block for block in self.content if block.type == kind]


class Assistant(Struct, frozen=True, tag="assistant"):
    message: Content
    parent_tool_use_id: str | None = None
    error: str | None = None
    """`rate_limit`, `authentication_failed`, …: the text is an error message, from model `<synthetic>`."""
    aborted: bool | None = None


class User(Struct, frozen=True, tag="user"):
    """Tool results, as the model will see them."""

    message: Content
    parent_tool_use_id: str | None = None


class StreamEventBody(Struct, frozen=True, gc=False):
    type: str


class StreamEvent(Struct, frozen=True, gc=False, tag="stream_event"):
    """Nine of ten lines, so it is kept cheap: it can be in no cycle."""

    event: StreamEventBody
    parent_tool_use_id: str | None = None


class McpServer(Struct, frozen=True):
    name: str
    status: str = ""


class System(Struct, frozen=True, tag="system"):
    """`subtype` tells which of the fields are there: `init`, `status`, `session_state_changed`, `api_retry`, …"""

    subtype: str
    session_id: str | None = None
    state: str | None = None
    model: str | None = None
    mcp_servers: list[McpServer] | None = None
    attempt: int | None = None
    max_retries: int | None = None
    retry_delay_ms: float | None = None
    error_status: int | None = None


class ModelUsage(Struct, frozen=True, rename={"cost_usd": "costUSD"}):
    cost_usd: float = 0.0


class Result(Struct, frozen=True, tag="result"):
    """A turn ended. US dollars: `total_cost_usd` over the process, `model_usage_since_last_result` in this turn."""

    subtype: str = ""
    is_error: bool = False
    result: str | None = None
    errors: list[str] | None = None
    terminal_reason: str | None = None
    total_cost_usd: float | None = None
    model_usage_since_last_result: dict[str, ModelUsage] | None = None
    duration_ms: float | None = None
    session_id: str | None = None
    api_error_status: int | None = None
    api_error: str | None = None
    user_message_uuids: list[str] | None = None


class Request(Struct, frozen=True):
    """What the command line asks of its host: `can_use_tool` has `tool_name` and `input`, `hook_callback`
    has `tool_name` and `tool_input` inside `input`."""

    subtype: str
    tool_name: str = ""
    input: dict[str, Any] = {}
    title: str | None = None
    description: str | None = None
    tool_use_id: str | None = None
    requires_user_interaction: bool | None = None
    decision_reason: Any = None


class ControlRequest(Struct, frozen=True, tag="control_request"):
    request_id: str
    request: Request


class Response(Struct, frozen=True):
    subtype: str
    request_id: str
    error: str | None = None


class ControlResponse(Struct, frozen=True, tag="control_response"):
    """The answer to a request of ours."""

    response: Response


class ControlCancel(Struct, frozen=True, tag="control_cancel_request"):
    request_id: str


class RateLimit(Struct, frozen=True, rename="camel"):
    """The account's own limit. `resets_at` is in seconds since the epoch."""

    status: str = ""
    resets_at: float | None = None
    rate_limit_type: str | None = None


class RateLimitEvent(Struct, frozen=True, tag="rate_limit_event"):
    rate_limit_info: RateLimit


class CommandLifecycle(Struct, frozen=True, tag="command_lifecycle"):
    """What became of a message of ours: `queued`, `started`, `completed`, `cancelled`."""

    command_uuid: str
    state: str


class ConversationReset(Struct, frozen=True, tag="conversation_reset"):
    new_conversation_id: str


class KeepAlive(Struct, frozen=True, tag="keep_alive"):
    pass


class Started(Struct, frozen=True, tag="factory/started"):
    """Ours: a process was started (again) for this conversation."""


class Prompt(Struct, frozen=True, tag="factory/prompt"):
    """Ours: a user message, recorded before it is sent."""

    uuid: str
    text: str
    again: str | None = None
    """The uuid of the message whose failed turn this one repeats."""


class Held(Struct, frozen=True, tag="factory/held"):
    """Ours: no further turn; what is queued waits until `until` (ISO 8601 UTC), or for the user. `why` is for them."""

    why: str
    until: str | None = None
    uuids: tuple[str, ...] = ()
    """Messages that were not sent yet. Others wait too, when the other side cancels them."""


class Dropped(Struct, frozen=True, tag="factory/dropped"):
    """Ours: what waited to be sent again is not, nor these messages, by the user's wish."""

    uuids: tuple[str, ...] = ()


class Answer(Struct, frozen=True, tag="factory/answer"):
    """Ours: the user's answer to an ask, recorded before it is sent. `line` is what is sent."""

    request: str
    decision: str
    line: str
    always: str | None = None
    """The rule to remember for the rest of the conversation."""


class Exited(Struct, frozen=True, tag="factory/exited"):
    """Ours: the process ended. `code` is null when another host had started it; `stopped` when we asked for it."""

    code: int | None
    stopped: bool
    stderr: str = ""


class Unknown(Struct, frozen=True):
    """Valid JSON of a type or a shape we do not know: to be logged and stepped over."""

    type: str
    subtype: str | None = None


class Unreadable(Struct, frozen=True):
    """Not a JSON object: a torn line, or something that was not meant for this stream."""

    reason: str


Known = (
    Assistant
    | User
    | StreamEvent
    | System
    | Result
    | ControlRequest
    | ControlResponse
    | ControlCancel
    | RateLimitEvent
    | CommandLifecycle
    | ConversationReset
    | KeepAlive
    | Started
    | Prompt
    | Held
    | Dropped
    | Answer
    | Exited
)
Message = Known | Unknown | Unreadable
