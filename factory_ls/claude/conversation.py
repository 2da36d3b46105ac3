"""One conversation with Claude as a state machine without I/O: messages in, effects out.

Its state is a function of the session's stored events, ours (`factory/…`) among them: what is sent is recorded first.
A hub that starts anew replays the events and calls `resume`, which sends again whatever may not have arrived. The other
side drops a message uuid and an answer that it has seen, so nothing happens twice.

The policy is asked before every tool use, by a PreToolUse hook: neither the user's settings nor those of a repository
can let a tool run that the mode does not allow.
"""

import os.path
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from factory_ls.claude import failures, wire
from factory_ls.claude.asks import ask_title
from factory_ls.claude.effects import (
    Asked,
    AskWithdrawn,
    Effect,
    Failed,
    Paused,
    RateLimited,
    Record,
    Refused,
    Remembered,
    Retrying,
    Send,
    SessionId,
    StatusChanged,
    TurnEnded,
)
from factory_ls.claude.messages import (
    Answer,
    Assistant,
    CommandLifecycle,
    ControlCancel,
    ControlRequest,
    ControlResponse,
    ConversationReset,
    Exited,
    Message,
    Prompt,
    RateLimitEvent,
    Result,
    Started,
    StreamEvent,
    System,
    User,
)
from factory_ls.claude.permissions import INTERACTIVE, Allow, Ask, Decision, Deny, Resolve, decide, rule
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import PendingRequest, PermissionMode, SessionStatus

AnswerDecision = Literal["allow", "allowAlways", "deny"]
_INITIALIZE = "factory-initialize"
_POLICY = "policy"


class Conversation:
    """`fixer` narrows what is allowed, see `permissions`. `status` and `pending` are what users see. `remembered` holds
    the rules (`permissions.rule`) allowed for good, and may change; without it the conversation keeps its own."""

    def __init__(
        self,
        mode: PermissionMode,
        worktree: str,
        *,
        fixer: bool = False,
        resolve: Resolve = os.path.realpath,
        remembered: Container[str] | None = None,
    ) -> None:
        self.mode = mode
        self.status = SessionStatus.STARTING
        self.pending: dict[str, PendingRequest] = {}
        """What waits for the user, by request id, oldest first."""
        self.session_id: str | None = None
        self.model: str | None = None
        self.mcp_servers: dict[str, str] = {}
        """MCP servers by name, with the status the last turn began with."""
        self.tools: dict[str, str] = {}
        """Tools that run now: name by the id of their use."""
        self.unanswered: dict[str, str] = {}
        """Messages (text by uuid) whose turn failed for a reason that passes: what `again` sends."""
        self._remembered = remembered
        self._worktree = worktree
        self._fixer = fixer
        self._resolve = resolve
        self._initialized = False
        self._ended: SessionStatus | None = None
        self._turn = False
        self._streams_open = 0
        self._prompts: dict[str, str] = {}
        self._arrived: set[str] = set()
        self._begun: set[str] = set()
        self._answers: dict[str, tuple[str | None, bytes]] = {}
        self._always: set[str] = set()
        self._failures = 0
        self._total_usd = 0.0
        self._limit_until: str | None = None
        self._requests = 0

    def started(self) -> list[Effect]:
        """A process runs, for the first time or again. Prompts that no process has begun are sent (again)."""
        message = Started()
        return [Record(wire.event(message)), *self._apply(message, ""), *self._unsent(), *self._status()]

    def resume(self) -> list[Effect]:
        """Goes on after a replay: sends what may not have arrived, and asks again what nobody has answered."""
        effects: list[Effect] = [] if self._ended else self._unsent()
        effects += [Send(line) for _, line in self._answers.values()]
        effects += [Asked(request) for request in self.pending.values()]
        return [*effects, StatusChanged(self.status)]

    def send(self, text: str, uuid: str) -> list[Effect]:
        """A message from the user. While a turn runs it is queued by the other side."""
        message = Prompt(uuid=uuid, text=text)
        recorded: list[Effect] = [Record(wire.event(message)), *self._apply(message, "")]
        return [*recorded, *([] if self._ended else [Send(wire.user_message(text, uuid))]), *self._status()]

    def again(self, uuids: Iterable[str]) -> list[Effect]:
        """Sends the messages of failed turns again, under the fresh `uuids`."""
        effects: list[Effect] = []
        for (failed, text), uuid in zip(list(self.unanswered.items()), uuids, strict=False):
            message = Prompt(uuid=uuid, text=text, again=failed)
            effects += [Record(wire.event(message)), *self._apply(message, "")]
            effects += [] if self._ended else [Send(wire.user_message(text, uuid))]
        return [*effects, *self._status()]

    @property
    def queued(self) -> int:
        """Messages that no turn has answered yet."""
        return len(self._prompts)

    def interrupt(self, *, queued: bool = False) -> list[Effect]:
        """Stops the running turn. Messages that are queued behind it stay queued, unless `queued`."""
        fields = {"cancel_queued": True} if queued else {}
        return [Send(wire.control_request(self._next_id(), "interrupt", **fields))]

    def set_model(self, model: str) -> list[Effect]:
        return [Send(wire.control_request(self._next_id(), "set_model", model=model))]

    def set_mode(self, mode: PermissionMode) -> list[Effect]:
        """From now on; asks that the new mode answers are answered."""
        self.mode = mode
        return self.reconsider()

    def reconsider(self) -> list[Effect]:
        """Answers what is asked but need not be any more: the mode or what is remembered has changed."""
        effects: list[Effect] = []
        for request in list(self.pending.values()):
            if isinstance(self._decide(request.tool, request.input), Allow):
                effects += self.answer(request.request, "allow")
        return effects

    def answer(
        self,
        request: str,
        decision: AnswerDecision,
        *,
        message: str | None = None,
        answers: Mapping[str, Any] | None = None,
    ) -> list[Effect]:
        """The user's decision. `message` tells Claude why not; `answers` maps questions to answers.

        FactoryError: notFound when nobody asks (any more).
        """
        asked = self.pending.get(request)
        if asked is None:
            hint = "It was answered elsewhere, cancelled, or its turn has ended."
            raise FactoryError(ErrorKind.NOT_FOUND, f"Nothing waits for an answer as {request}", hint)
        if decision == "deny":
            line = wire.deny(request, message or "The user said no.")
        else:
            line = wire.allow(request, {**asked.input, "answers": answers} if answers else asked.input)
        always = rule(asked.tool, asked.input) if decision == "allowAlways" and not asked.interactive else None
        recorded = Answer(request=request, decision=decision, line=line.decode(), always=always)
        remembered: list[Effect] = [Remembered(always)] if always else []
        return [Record(wire.event(recorded)), *self._apply(recorded, ""), *remembered, Send(line), *self._status()]

    def exited(self, code: int | None, *, stopped: bool, stderr: str = "") -> list[Effect]:
        """The process ended."""
        message = Exited(code=code, stopped=stopped, stderr=stderr)
        return [Record(wire.event(message)), *self._apply(message, ""), *self._status()]

    def receive(self, message: Message, at: str = "") -> list[Effect]:
        """A message the process wrote. `at` (ISO 8601 UTC) becomes the time of an ask."""
        return [*self._apply(message, at), *self._status()]

    def replay(self, events: Iterable[tuple[str, bytes]]) -> None:
        """Takes up the state that stored events (time, JSON) lead to; nothing is performed."""
        for at, raw in events:
            self.receive(wire.decode(raw), at)

    def _apply(self, message: Message, at: str) -> list[Effect]:
        match message:
            case StreamEvent(event=body):
                self._turn = True
                self._streams_open += (body.type == "message_start") - (body.type == "message_stop")
            case Assistant():
                self._turn = True
                self.tools.update((block.id or "", block.name or "") for block in message.message.blocks("tool_use"))
            case User():
                for block in message.message.blocks("tool_result"):
                    self._confirmed(block.tool_use_id)
                    self.tools.pop(block.tool_use_id or "", None)
            case System():
                return self._system(message)
            case ControlRequest():
                return self._asked(message, at)
            case ControlCancel(request_id=request):
                self._answers.pop(request, None)
                return self._withdraw(request)
            case ControlResponse(response=response):
                self._initialized = self._initialized or response.request_id == _INITIALIZE
            case Result():
                return self._turn_ended(message)
            case CommandLifecycle(command_uuid=uuid, state=state):
                self._arrived.add(uuid)
                if state == "started":
                    self._begun.add(uuid)
                elif state in {"completed", "cancelled"}:
                    self._forget(uuid)
            case RateLimitEvent(rate_limit_info=limit) if limit.status == "rejected":
                self._limit_until = iso(datetime.fromtimestamp(limit.resets_at, UTC)) if limit.resets_at else None
                return [RateLimited(self._limit_until)]
            case ConversationReset(new_conversation_id=new):
                return self._named(new)
            case Started():
                self._initialized, self._ended = False, None
            case Prompt(uuid=uuid, text=text, again=again):
                self._prompts[uuid] = text
                self.unanswered.pop(again or "", None)
            case Answer(request=request):
                self._answers[request] = (None, message.line.encode())
                if message.always:
                    self._always.add(message.always)
                return self._withdraw(request)
            case Exited():
                return self._exited(message)
        return []

    def _system(self, message: System) -> list[Effect]:
        match message.subtype:
            case "init":
                self._turn, self._streams_open = True, 0
                self.model = message.model
                self.mcp_servers = {server.name: server.status for server in message.mcp_servers or []}
                return self._named(message.session_id)
            case "session_state_changed" if message.state == "idle":
                self._turn = False
            case "api_retry":
                self._streams_open = 0
                delay = (message.retry_delay_ms or 0) / 1000
                return [Retrying(message.attempt or 0, message.max_retries or 0, delay, message.error_status)]
        return []

    def _asked(self, message: ControlRequest, at: str) -> list[Effect]:
        self._turn = True
        request, key = message.request, message.request_id
        if request.subtype == "hook_callback":
            tool, tool_input = str(request.input.get("tool_name")), request.input.get("tool_input")
            match self._decide(tool, tool_input if isinstance(tool_input, dict) else {}):
                case Allow():
                    return self._settle(message, wire.hook_decision(key, "allow", ""), [])
                case Ask(reason=reason):
                    return self._settle(message, wire.hook_decision(key, "ask", reason), [])
                case Deny(reason=reason):
                    return self._settle(message, wire.hook_decision(key, "deny", reason), [Refused(tool, reason)])
        if request.subtype != "can_use_tool":
            return [Send(wire.error(key, f"{request.subtype} is not supported by this host"))]
        match self._decide(request.tool_name, request.input):
            case Allow() if not request.requires_user_interaction:
                return self._settle(message, wire.allow(key, request.input), [])
            case Deny(reason=reason):
                return self._settle(message, wire.deny(key, reason), [Refused(request.tool_name, reason)])
        asked = PendingRequest(
            request=key,
            tool=request.tool_name,
            title=ask_title(request.tool_name, request.input),
            input=request.input,
            interactive=request.tool_name in INTERACTIVE or bool(request.requires_user_interaction),
            asked_at=at,
        )
        self.pending[key] = asked
        return [Asked(asked)]

    def _settle(self, message: ControlRequest, line: bytes, effects: list[Effect]) -> list[Effect]:
        self._answers[message.request_id] = (message.request.tool_use_id, line)
        return [Send(line), *effects]

    def _decide(self, tool: str, tool_input: Mapping[str, Any]) -> Decision:
        decision = decide(self.mode, tool, tool_input, self._worktree, fixer=self._fixer, resolve=self._resolve)
        if not isinstance(decision, Ask) or tool in INTERACTIVE:
            return decision
        wanted = rule(tool, tool_input)
        return Allow() if wanted in (self._always if self._remembered is None else self._remembered) else decision

    def _confirmed(self, tool_use_id: str | None) -> None:
        for key, (answered, _) in list(self._answers.items()):
            if answered == tool_use_id:
                del self._answers[key]

    def _turn_ended(self, result: Result) -> list[Effect]:
        effects: list[Effect] = [effect for key in list(self.pending) for effect in self._withdraw(key)]
        effects += self._named(result.session_id)
        uuids = tuple(result.user_message_uuids or ())
        texts = {uuid: self._prompts[uuid] for uuid in uuids if uuid in self._prompts}
        for uuid in uuids:
            self._forget(uuid)
        interrupted = (result.terminal_reason or "").startswith("aborted")
        error = failures.of_turn(result, cut=self._streams_open > 0 and not result.result, retry_at=self._limit_until)
        self._turn, self._streams_open = False, 0
        self._answers.clear()
        self.tools.clear()
        total = self._total_usd if result.total_cost_usd is None else result.total_cost_usd
        cost = total - self._total_usd if total >= self._total_usd else total  # a killed process forgets its total
        self._total_usd = total
        if result.model_usage_since_last_result is not None:
            cost = sum(usage.cost_usd for usage in result.model_usage_since_last_result.values())
        ended = TurnEnded(
            result=result.result or "",
            is_error=error is not None,
            interrupted=interrupted,
            cost_usd=cost,
            uuids=uuids,
            seconds=(result.duration_ms or 0) / 1000,
        )
        if error is None:
            self._limit_until, self._failures = None, 0
            return [*effects, ended]
        self._failures += 1
        retry = failures.passes(error, self._failures)
        self.unanswered = {**self.unanswered, **texts} if retry else {}
        paused: list[Effect] = [Paused(self._failures, error.retry_at)] if self.unanswered else []
        return [*effects, ended, Failed(error), *paused]

    def _exited(self, message: Exited) -> list[Effect]:
        effects: list[Effect] = [effect for key in list(self.pending) for effect in self._withdraw(key)]
        worked = self._turn or bool(self._begun & self._prompts.keys())
        for uuid in self._begun & self._prompts.keys():
            self._forget(uuid)  # the conversation keeps it: resuming sees it
        self._turn, self._streams_open = False, 0
        self._answers.clear()
        self._arrived.clear()
        self.tools.clear()
        if message.stopped:
            self._ended = SessionStatus.STOPPED
        elif message.code == 0 or (message.code is None and self._initialized and not worked):
            self._ended = SessionStatus.COMPLETED
        else:
            self._ended = SessionStatus.FAILED
            effects.append(Failed(failures.of_exit(message)))
        return effects

    def _withdraw(self, request: str) -> list[Effect]:
        return [AskWithdrawn(request)] if self.pending.pop(request, None) else []

    def _forget(self, uuid: str) -> None:
        self._prompts.pop(uuid, None)
        self._arrived.discard(uuid)
        self._begun.discard(uuid)

    def _named(self, session_id: str | None) -> list[Effect]:
        if session_id is None or session_id == self.session_id:
            return []
        self.session_id = session_id
        return [SessionId(session_id)]

    def _status(self) -> list[Effect]:
        if self._ended:
            status = self._ended
        elif self.pending:
            status = SessionStatus.WAITING
        elif not self._initialized:
            status = SessionStatus.STARTING
        else:
            works = self._turn or self._prompts or self.unanswered
            status = SessionStatus.RUNNING if works else SessionStatus.IDLE
        if status is self.status:
            return []
        self.status = status
        return [StatusChanged(status)]

    def _unsent(self) -> list[Effect]:
        initialize: list[Effect] = [] if self._initialized else [Send(self._initialize())]
        prompts = [(uuid, text) for uuid, text in self._prompts.items() if uuid not in self._arrived]
        return [*initialize, *(Send(wire.user_message(text, uuid)) for uuid, text in prompts)]

    def _initialize(self) -> bytes:
        hooks = {"PreToolUse": [{"matcher": "*", "hookCallbackIds": [_POLICY]}]}
        return wire.control_request(_INITIALIZE, "initialize", hooks=hooks)

    def _next_id(self) -> str:
        self._requests += 1
        return f"factory-{self._requests}"
