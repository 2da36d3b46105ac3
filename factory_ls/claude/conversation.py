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
from typing import Any, Literal, cast
from uuid import uuid4

from msgspec import Struct

from factory_ls.claude import effects as fx
from factory_ls.claude import failures, wire
from factory_ls.claude.asks import ask_title
from factory_ls.claude.effects import Effect
from factory_ls.claude.messages import (
    Answer,
    Assistant,
    CommandLifecycle,
    ControlCancel,
    ControlRequest,
    ControlResponse,
    ConversationReset,
    Dropped,
    Exited,
    Held,
    Message,
    Prompt,
    RateLimitEvent,
    Result,
    Started,
    StreamEvent,
    System,
    User,
)
from factory_ls.claude.outbox import Outbox, next_uuid
from factory_ls.claude.permissions import INTERACTIVE, Allow, Ask, Deny, Resolve, rule
from factory_ls.claude.policy import Policy
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import PendingRequest, PermissionMode, SessionStatus

AnswerDecision = Literal["allow", "allowAlways", "deny"]
_INITIALIZE = "factory-initialize"
_POLICY = "policy"


class Conversation:
    """`fixer` narrows what is allowed, see `permissions`. `status` and `pending` are what users see. `remembered`: see
    `Policy`; `one_at_a_time`: see `Outbox`."""

    def __init__(
        self,
        mode: PermissionMode,
        worktree: str,
        *,
        fixer: bool = False,
        resolve: Resolve = os.path.realpath,
        remembered: Container[str] | None = None,
        one_at_a_time: bool = False,
    ) -> None:
        self._policy = Policy(mode, worktree, fixer, resolve, remembered)
        self.status = SessionStatus.STARTING
        self.pending: dict[str, PendingRequest] = {}
        """What waits for the user, by request id, oldest first."""
        self.session_id: str | None = None
        self.model: str | None = None
        self.mcp_servers: dict[str, str] = {}
        """MCP servers by name, with the status the last turn began with."""
        self.tools: dict[str, str] = {}
        """Tools that run now: name by the id of their use."""
        self.outbox = Outbox(one_at_a_time=one_at_a_time)
        self.held = False
        """What waits in `outbox.unanswered` goes only with the user's doing: it needs a login, or money."""
        self._initialized = False
        self._ended: SessionStatus | None = None
        self._turn = False
        self._streams_open = 0
        self._answers: dict[str, tuple[str | None, bytes]] = {}
        self._failures = 0
        self._total_usd = 0.0
        self._limit_until: str | None = None

    def started(self) -> list[Effect]:
        """A process runs, for the first time or again. Prompts that no process has begun are sent (again)."""
        return [*self._record(Started()), *self._unsent(), *self._status()]

    def resume(self) -> list[Effect]:
        """Goes on after a replay: sends what may not have arrived, and asks again what nobody has answered."""
        effects: list[Effect] = [] if self._ended else self._unsent()
        effects += [fx.Send(line) for _, line in self._answers.values()]
        effects += [fx.Asked(request) for request in self.pending.values()]
        return [*effects, fx.StatusChanged(self.status)]

    def send(self, text: str, uuid: str) -> list[Effect]:
        """A message from the user, once: a `uuid` that was sent before is passed over. While a turn runs it is queued
        by the other side. What waits after a failure goes first."""
        if self.outbox.knows(uuid):
            return []
        return [*self.again(), *self._prompt(Prompt(uuid=uuid, text=text)), *self._status()]

    def again(self) -> list[Effect]:
        """Sends the messages of failed turns, and those held back, again."""
        waiting = list(self.outbox.unanswered.items())
        prompts = [Prompt(uuid=next_uuid(failed), text=text, again=failed) for failed, text in waiting]
        return [*(effect for prompt in prompts for effect in self._prompt(prompt)), *self._status()]

    def hold(self, why: str, until: str | None) -> list[Effect]:
        """Claude is to take no further turn: what is queued waits for `again`."""
        waits = self.outbox.arrived and not self._ended
        stop = [fx.Send(wire.control_request(_new_id(), "interrupt", cancel_queued=True))] if waits else []
        return [*self._record(Held(why=why, until=until, uuids=self.outbox.back)), *stop, *self._status()]

    def go_on(self) -> list[Effect]:
        """After a turn: sends what may go now."""
        return self._due() if self.outbox.back and not self._ended else []

    def interrupt(self, *, queued: bool = False) -> list[Effect]:
        """Stops the running turn. Messages that are queued behind it stay queued, unless `queued`. Where none runs,
        what waits to be sent again is dropped."""
        back = self.outbox.back if queued else ()
        drops = back or (self.outbox.unanswered and (queued or not self._turn))
        dropped: list[Effect] = self._record(Dropped(uuids=back)) if drops else []
        fields = {"cancel_queued": True} if queued else {}
        return [*dropped, fx.Send(wire.control_request(_new_id(), "interrupt", **fields)), *self._status()]

    def set_model(self, model: str) -> list[Effect]:
        return [fx.Send(wire.control_request(_new_id(), "set_model", model=model))]

    def set_mode(self, mode: PermissionMode) -> list[Effect]:
        """From now on; asks that the new mode answers are answered."""
        self._policy.mode = mode
        return self.reconsider()

    def reconsider(self) -> list[Effect]:
        """Answers what is asked but need not be any more: the mode or what is remembered has changed."""
        effects: list[Effect] = []
        for request in list(self.pending.values()):
            if isinstance(self._policy.decide(request.tool, request.input), Allow):
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
        remembered: list[Effect] = [fx.Remembered(always)] if always else []
        return [*self._record(recorded), *remembered, fx.Send(line), *self._status()]

    def exited(self, code: int | None, *, stopped: bool, stderr: str = "") -> list[Effect]:
        """The process ended."""
        return [*self._record(Exited(code=code, stopped=stopped, stderr=stderr)), *self._status()]

    def receive(self, message: Message, at: str = "") -> list[Effect]:
        """A message the process wrote. `at` (ISO 8601 UTC) becomes the time of an ask."""
        return [*self._apply(message, at), *self._status()]

    def replay(self, events: Iterable[tuple[str, bytes]]) -> None:
        """Takes up the state that stored events (time, JSON) lead to; nothing is performed."""
        for at, raw in events:
            self.receive(wire.decode(raw), at)

    def _record(self, message: Struct) -> list[Effect]:
        """One of our own messages, stored before what it leads to."""
        return [fx.Record(wire.event(message)), *self._apply(cast("Message", message), "")]

    def _prompt(self, prompt: Prompt) -> list[Effect]:
        recorded = self._record(prompt)
        due = self.outbox.due(busy=self._turn)
        goes = not self._ended and (prompt.uuid, prompt.text) in due
        return [*recorded, *([fx.Send(wire.user_message(prompt.text, prompt.uuid))] if goes else [])]

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
                self.outbox.lifecycle(uuid, state, keep=self.held)
            case RateLimitEvent(rate_limit_info=limit) if limit.status == "rejected":
                self._limit_until = iso(datetime.fromtimestamp(limit.resets_at, UTC)) if limit.resets_at else None
                return [fx.RateLimited(self._limit_until)]
            case ConversationReset(new_conversation_id=new):
                return self._named(new)
            case Started():
                self._initialized, self._ended = False, None
            case Prompt(uuid=uuid, text=text, again=again):
                waited = bool(self.outbox.unanswered)
                self.outbox.add(uuid, text, again)
                return self._released() if waited and not self.outbox.unanswered else []
            case Held(why=why, until=until, uuids=uuids):
                self.held = True
                self.outbox.hold(uuids)
                return [fx.Held(why, until)]
            case Dropped(uuids=uuids):
                self.outbox.drop(uuids)
                return self._released()
            case Answer(request=request):
                self._answers[request] = (None, message.line.encode())
                if message.always:
                    self._policy.always.add(message.always)
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
                self.outbox.idle()
            case "api_retry":
                self._streams_open = 0
                delay = (message.retry_delay_ms or 0) / 1000
                return [fx.Retrying(message.attempt or 0, message.max_retries or 0, delay, message.error_status)]
        return []

    def _asked(self, message: ControlRequest, at: str) -> list[Effect]:
        self._turn = True
        request, key = message.request, message.request_id
        if request.subtype == "hook_callback":
            tool, tool_input = str(request.input.get("tool_name")), request.input.get("tool_input")
            match self._policy.decide(tool, tool_input if isinstance(tool_input, dict) else {}):
                case Allow():
                    return self._settle(message, wire.hook_decision(key, "allow", ""), [])
                case Ask(reason=reason):
                    return self._settle(message, wire.hook_decision(key, "ask", reason), [])
                case Deny(reason=reason):
                    return self._settle(message, wire.hook_decision(key, "deny", reason), [fx.Refused(tool, reason)])
        if request.subtype != "can_use_tool":
            return [fx.Send(wire.error(key, f"{request.subtype} is not supported by this host"))]
        match self._policy.decide(request.tool_name, request.input):
            case Allow() if not request.requires_user_interaction:
                return self._settle(message, wire.allow(key, request.input), [])
            case Deny(reason=reason):
                return self._settle(message, wire.deny(key, reason), [fx.Refused(request.tool_name, reason)])
        asked = PendingRequest(
            request=key,
            tool=request.tool_name,
            title=ask_title(request.tool_name, request.input, self._policy.worktree),
            input=request.input,
            interactive=request.tool_name in INTERACTIVE or bool(request.requires_user_interaction),
            asked_at=at,
        )
        self.pending[key] = asked
        return [fx.Asked(asked)]

    def _settle(self, message: ControlRequest, line: bytes, effects: list[Effect]) -> list[Effect]:
        self._answers[message.request_id] = (message.request.tool_use_id, line)
        return [fx.Send(line), *effects]

    def _confirmed(self, tool_use_id: str | None) -> None:
        for key, (answered, _) in list(self._answers.items()):
            if answered == tool_use_id:
                del self._answers[key]

    def _turn_ended(self, result: Result) -> list[Effect]:
        effects: list[Effect] = [effect for key in list(self.pending) for effect in self._withdraw(key)]
        effects += self._named(result.session_id)
        uuids = tuple(result.user_message_uuids or ())
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
        ended = fx.TurnEnded(
            result=result.result or "",
            is_error=error is not None,
            interrupted=interrupted,
            cost_usd=cost,
            uuids=uuids,
            seconds=(result.duration_ms or 0) / 1000,
        )
        if error is None:
            self.outbox.answered(uuids, failed=interrupted and self.held)
            self._limit_until, self._failures = None, 0
            return [*effects, ended]
        self._failures += 1
        self.outbox.answered(uuids, failed=error.kind in failures.NO_FAULT_OF_THE_MESSAGE)
        if not self.outbox.unanswered:
            return [*effects, ended, fx.Failed(error)]
        self.held = not failures.passes(error, self._failures)
        if self.held:
            self._failures = 0
            return [*effects, ended, fx.Failed(failures.kept(error))]
        return [*effects, ended, fx.Failed(error), fx.Paused(self._failures, error.retry_at)]

    def _released(self) -> list[Effect]:
        self.held = False
        return [fx.Released()]

    def _exited(self, message: Exited) -> list[Effect]:
        effects: list[Effect] = [effect for key in list(self.pending) for effect in self._withdraw(key)]
        worked = self._turn or self.outbox.being_answered
        self.outbox.exited()
        self._turn, self._streams_open = False, 0
        self._answers.clear()
        self.tools.clear()
        if message.stopped:
            self._ended = SessionStatus.STOPPED
        elif message.code == 0 or (message.code is None and self._initialized and not worked):
            self._ended = SessionStatus.COMPLETED
        else:
            self._ended = SessionStatus.FAILED
            effects.append(fx.Failed(failures.of_exit(message)))
        return effects

    def _withdraw(self, request: str) -> list[Effect]:
        return [fx.AskWithdrawn(request)] if self.pending.pop(request, None) else []

    def _named(self, session_id: str | None) -> list[Effect]:
        if session_id is None or session_id == self.session_id:
            return []
        self.session_id = session_id
        return [fx.SessionId(session_id)]

    def _status(self) -> list[Effect]:
        if self._ended:
            status = self._ended
        elif self.pending:
            status = SessionStatus.WAITING
        elif not self._initialized:
            status = SessionStatus.STARTING
        else:
            works = self._turn or self.outbox.waiting or (self.outbox.unanswered and not self.held)
            status = SessionStatus.RUNNING if works else SessionStatus.IDLE
        if status is self.status:
            return []
        self.status = status
        return [fx.StatusChanged(status)]

    def _unsent(self) -> list[Effect]:
        initialize: list[Effect] = [] if self._initialized else [fx.Send(self._initialize())]
        return [*initialize, *self._due()]

    def _due(self) -> list[Effect]:
        return [fx.Send(wire.user_message(text, uuid)) for uuid, text in self.outbox.due(busy=self._turn)]

    def _initialize(self) -> bytes:
        hooks = {"PreToolUse": [{"matcher": "*", "hookCallbackIds": [_POLICY]}]}
        return wire.control_request(_INITIALIZE, "initialize", hooks=hooks)


def _new_id() -> str:
    """The process may have had requests of a former hub's: a count would repeat their ids."""
    return f"factory-{uuid4()}"
