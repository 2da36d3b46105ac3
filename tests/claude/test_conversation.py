import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_ls.claude import wire
from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import (
    Asked,
    AskWithdrawn,
    Effect,
    Failed,
    RateLimited,
    Record,
    Refused,
    Retrying,
    Send,
    SessionId,
    StatusChanged,
    TurnEnded,
)
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import PermissionMode, SessionStatus

STRICT, RELAXED, YOLO = PermissionMode


class Talk:
    """A conversation with what would have been stored and sent."""

    def __init__(self, mode: PermissionMode = STRICT, *, ready: bool = True, **options: Any) -> None:
        self.mode, self.options = mode, options
        self.conversation = Conversation(mode, "/w", resolve=lambda path: path, **options)
        self.stored: list[tuple[str, bytes]] = []
        if ready:
            self.did(self.conversation.started())
            self.reads(type="control_response", response={"subtype": "success", "request_id": "factory-initialize"})

    def did(self, effects: list[Effect]) -> list[Effect]:
        self.stored += [("t0", effect.event) for effect in effects if isinstance(effect, Record)]
        return effects

    def reads(self, **message: Any) -> list[Effect]:
        raw = json.dumps(message).encode()
        self.stored.append(("t1", raw))
        return self.did(self.conversation.receive(wire.decode(raw), "t1"))

    def asks(self, request: str, tool: str, *, hook: bool = False, **tool_input: Any) -> list[Effect]:
        if hook:
            used = {"tool_name": tool, "tool_input": tool_input}
            body: dict[str, Any] = {"subtype": "hook_callback", "input": used, "tool_use_id": "t-" + request}
        else:
            body = {"subtype": "can_use_tool", "tool_name": tool, "input": tool_input, "tool_use_id": "t-" + request}
        return self.reads(type="control_request", request_id=request, request=body)

    def again(self) -> Conversation:
        """What the next hub makes of the stored events."""
        conversation = Conversation(self.mode, "/w", resolve=lambda path: path, **self.options)
        conversation.replay(self.stored)
        return conversation


def sent(effects: list[Effect]) -> list[dict[str, Any]]:
    return [json.loads(effect.line) for effect in effects if isinstance(effect, Send)]


def answers(effects: list[Effect]) -> list[Any]:
    return [line["response"]["response"] for line in sent(effects) if line["type"] == "control_response"]


def test_the_policy_is_set_before_the_first_prompt() -> None:
    talk = Talk(ready=False)
    (first,) = sent(talk.did(talk.conversation.started()))
    assert first["request"]["subtype"] == "initialize"
    assert "PreToolUse" in first["request"]["hooks"]
    record, prompt, *_ = talk.did(talk.conversation.send("hi", "u1"))
    assert isinstance(record, Record), "recorded before it is sent"
    assert isinstance(prompt, Send)


def test_a_turn() -> None:
    talk = Talk()
    assert StatusChanged(SessionStatus.RUNNING) in talk.conversation.send("hi", "u1")
    assert SessionId("s1") in talk.reads(type="system", subtype="init", session_id="s1")
    ended = talk.reads(type="result", result="ok", total_cost_usd=0.5, user_message_uuids=["u1"], session_id="s1")
    turn = TurnEnded(result="ok", is_error=False, interrupted=False, cost_usd=0.5, uuids=("u1",), seconds=0)
    assert ended == [turn, StatusChanged(SessionStatus.IDLE)]


def test_costs_are_of_the_turn() -> None:
    def cost(effects: list[Effect]) -> float:
        return next(effect.cost_usd for effect in effects if isinstance(effect, TurnEnded))

    talk = Talk()
    assert cost(talk.reads(type="result", total_cost_usd=0.5)) == 0.5
    assert cost(talk.reads(type="result", total_cost_usd=0.75)) == 0.25
    assert cost(talk.reads(type="result", total_cost_usd=0.25)) == 0.25, "a killed process forgets its total"
    assert (
        cost(talk.reads(type="result", total_cost_usd=9, model_usage_since_last_result={"m": {"costUSD": 0.1}})) == 0.1
    )


def test_merged_messages_are_told_by_their_ids() -> None:
    talk = Talk()
    for key in ("u1", "u2", "u3"):
        talk.did(talk.conversation.send("x", key))
    talk.reads(type="result", user_message_uuids=["u1"])
    assert talk.conversation.status is SessionStatus.RUNNING
    talk.reads(type="result", user_message_uuids=["u2", "u3"])
    assert talk.conversation.status is SessionStatus.IDLE


def test_an_ask_waits_is_answered_once_and_survives_a_restart() -> None:
    talk = Talk()
    (asked, status) = talk.asks("r1", "Bash", command="rm -r x\x1b[31m\ny")
    assert isinstance(asked, Asked)
    assert asked.request.title == "Bash: rm -r x[31m y"
    assert asked.request.asked_at == "t1"
    assert status == StatusChanged(SessionStatus.WAITING)
    again = talk.again()
    assert again.status is SessionStatus.WAITING
    assert Asked(asked.request) in again.resume()
    effects = talk.did(talk.conversation.answer("r1", "allow"))
    assert answers(effects) == [{"behavior": "allow", "updatedInput": {"command": "rm -r x\x1b[31m\ny"}}]
    assert AskWithdrawn("r1") in effects
    with pytest.raises(FactoryError) as error:
        talk.conversation.answer("r1", "deny")
    assert error.value.kind is ErrorKind.NOT_FOUND
    assert answers(talk.again().resume()) == answers(effects), "sent again: it may not have arrived"
    talk.reads(type="result")
    assert answers(talk.again().resume()) == []


def test_a_denial_says_why() -> None:
    talk = Talk()
    talk.asks("r1", "Bash", command="x")
    assert answers(talk.conversation.answer("r1", "deny", message="use make")) == [
        {"behavior": "deny", "message": "use make"}
    ]


def test_always_means_this_command_and_outlives_a_restart() -> None:
    talk = Talk()
    talk.asks("r1", "Bash", command="make")
    talk.did(talk.conversation.answer("r1", "allowAlways"))
    for conversation in (talk.conversation, talk.again()):
        talk.conversation = conversation
        assert answers(talk.asks("r2", "Bash", command="make"))[0]["behavior"] == "allow"
        assert isinstance(talk.asks("r3", "Bash", command="make install")[0], Asked)
        talk.reads(type="control_cancel_request", request_id="r3")


@pytest.mark.parametrize("tool", ["AskUserQuestion", "ExitPlanMode"])
def test_questions_and_plans_are_never_answered_by_a_mode(tool: str) -> None:
    talk = Talk(YOLO)
    assert answers(talk.asks("r0", tool, hook=True))[0]["hookSpecificOutput"]["permissionDecision"] == "ask"
    asked = talk.asks("r1", tool, questions=[{"question": "Which?"}])[0]
    assert isinstance(asked, Asked)
    assert asked.request.interactive
    effects = talk.did(talk.conversation.answer("r1", "allowAlways", answers={"Which?": "B"}))
    assert answers(effects)[0]["updatedInput"]["answers"] == {"Which?": "B"}
    assert isinstance(talk.asks("r2", tool)[0], Asked), "always does not hold for what is the user's"


def test_a_tool_that_says_it_needs_the_user_is_asked_in_every_mode() -> None:
    talk = Talk(YOLO)
    body = {"subtype": "can_use_tool", "tool_name": "New", "input": {}, "requires_user_interaction": True}
    assert isinstance(talk.reads(type="control_request", request_id="r", request=body)[0], Asked)


def test_a_hook_is_answered_by_the_policy() -> None:
    talk = Talk(YOLO, fixer=True)
    effects = talk.asks("r1", "Bash", hook=True, command="git push")
    assert answers(effects)[0]["hookSpecificOutput"]["permissionDecision"] == "deny"
    assert any(isinstance(effect, Refused) for effect in effects)
    assert (
        answers(talk.asks("r2", "Bash", hook=True, command="ls"))[0]["hookSpecificOutput"]["permissionDecision"]
        == "allow"
    )


@pytest.mark.parametrize("given", [None, 3, {}, {"tool_name": 3, "tool_input": []}])
def test_a_hook_of_any_shape_is_answered(given: object) -> None:
    talk = Talk()
    body = {"subtype": "hook_callback", "input": given if isinstance(given, dict) else {}}
    assert answers(talk.reads(type="control_request", request_id="r", request=body))


def test_what_we_do_not_know_is_refused_not_ignored() -> None:
    effects = Talk().reads(type="control_request", request_id="r", request={"subtype": "elicitation"})
    assert sent(effects)[0]["response"]["subtype"] == "error"


def test_a_wider_mode_answers_what_waits() -> None:
    talk = Talk()
    talk.asks("r1", "Bash", command="x")
    talk.asks("r2", "AskUserQuestion")
    talk.did(talk.conversation.set_mode(YOLO))
    assert list(talk.conversation.pending) == ["r2"]


def test_cancelled_asks_vanish() -> None:
    talk = Talk()
    talk.asks("r1", "Bash", command="x")
    assert AskWithdrawn("r1") in talk.reads(type="control_cancel_request", request_id="r1")
    talk.asks("r2", "Bash", command="x")
    assert AskWithdrawn("r2") in talk.reads(type="result")
    talk.asks("r3", "Bash", command="x")
    assert AskWithdrawn("r3") in talk.conversation.exited(1, stopped=False)


def test_a_prompt_that_may_not_have_arrived_is_sent_again() -> None:
    talk = Talk()
    talk.did(talk.conversation.send("hi", "u1"))
    assert [line["uuid"] for line in sent(talk.again().resume())] == ["u1"]
    talk.reads(type="command_lifecycle", command_uuid="u1", state="queued")
    assert sent(talk.again().resume()) == []
    talk.did(talk.conversation.exited(None, stopped=False))
    effects = talk.did(talk.conversation.started())
    assert [line.get("uuid") for line in sent(effects)] == [None, "u1"], "queued, never begun: lost with its process"
    talk.reads(type="command_lifecycle", command_uuid="u1", state="started")
    talk.did(talk.conversation.exited(None, stopped=False))
    assert [line["type"] for line in sent(talk.conversation.started())] == ["control_request"]


def test_a_hub_that_died_before_its_first_write_says_hello() -> None:
    talk = Talk(ready=False)
    talk.did(talk.conversation.started())
    assert [line["request"]["subtype"] for line in sent(talk.again().resume())] == ["initialize"]


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ({"api_error_status": 401, "result": "Invalid API key"}, ErrorKind.NOT_LOGGED_IN),
        ({"result": "Not logged in · Please run /login"}, ErrorKind.NOT_LOGGED_IN),
        ({"api_error_status": 429}, ErrorKind.RATE_LIMITED),
        ({"api_error": "usage_limit_reached"}, ErrorKind.RATE_LIMITED),
        ({"api_error_status": 529}, ErrorKind.BUSY),
        ({"api_error_status": 500, "terminal_reason": "api_error"}, ErrorKind.NETWORK),
        ({"terminal_reason": "api_error", "result": "connection refused"}, ErrorKind.NETWORK),
        ({"api_error_status": 400}, ErrorKind.INVALID),
        ({"subtype": "error_max_turns"}, ErrorKind.CONFLICT),
        ({"errors": ["No conversation found with session ID"]}, ErrorKind.NOT_FOUND),
        ({"subtype": "error_during_execution"}, ErrorKind.INTERNAL),
    ],
)
def test_failed_turns_say_what_to_do(result: dict[str, Any], kind: ErrorKind) -> None:
    effects = Talk().reads(type="result", is_error=True, **result)
    failed = next(effect for effect in effects if isinstance(effect, Failed))
    assert failed.error.kind is kind
    assert failed.error.hint


def test_the_accounts_limit_names_the_time_it_ends() -> None:
    talk = Talk()
    limit = {"status": "rejected", "resetsAt": 4102444800, "rateLimitType": "five_hour"}
    assert talk.reads(type="rate_limit_event", rate_limit_info=limit)[0] == RateLimited("2100-01-01T00:00:00.000Z")
    effects = talk.reads(type="result", is_error=True, api_error_status=429)
    assert next(e for e in effects if isinstance(e, Failed)).error.retry_at == "2100-01-01T00:00:00.000Z"
    assert not [
        e
        for e in talk.reads(type="rate_limit_event", rate_limit_info={"status": "allowed"})
        if isinstance(e, RateLimited)
    ]


def test_a_cut_stream_is_a_failure_and_an_interrupted_one_is_not() -> None:
    talk = Talk()
    talk.reads(type="stream_event", event={"type": "message_start"})
    assert any(isinstance(e, Failed) for e in talk.reads(type="result", result=""))
    talk.reads(type="stream_event", event={"type": "message_start"})
    effects = talk.reads(type="result", is_error=True, terminal_reason="aborted_streaming")
    assert not any(isinstance(e, Failed) for e in effects)
    retry = {"attempt": 1, "max_retries": 2, "retry_delay_ms": 500, "error_status": 529}
    assert Retrying(1, 2, 0.5, 529) in talk.reads(type="system", subtype="api_retry", **retry)


def test_a_reset_conversation_has_a_new_id() -> None:
    talk = Talk()
    talk.reads(type="system", subtype="init", session_id="s1")
    assert SessionId("s2") in talk.reads(type="conversation_reset", new_conversation_id="s2", trigger="clear")


@pytest.mark.parametrize(
    ("code", "stopped", "expected"),
    [
        (143, True, SessionStatus.STOPPED),
        (0, False, SessionStatus.COMPLETED),
        (None, False, SessionStatus.COMPLETED),
        (1, False, SessionStatus.FAILED),
        (-9, False, SessionStatus.FAILED),
    ],
)
def test_how_it_ended(code: int | None, stopped: bool, expected: SessionStatus) -> None:
    talk = Talk()
    talk.did(talk.conversation.exited(code, stopped=stopped, stderr="\x1b[31mboom"))
    assert talk.conversation.status is expected
    assert talk.again().status is expected


MESSAGES: list[dict[str, Any]] = [
    {"type": "system", "subtype": "init", "session_id": "s"},
    {"type": "stream_event", "event": {"type": "message_start"}},
    {"type": "result", "user_message_uuids": ["u1"], "total_cost_usd": 1},
    {"type": "result", "is_error": True, "api_error_status": 529, "user_message_uuids": ["u1"]},
    {"type": "result", "is_error": True, "api_error_status": 401, "user_message_uuids": ["u2"]},
    {"type": "result", "is_error": True, "terminal_reason": "aborted_tools", "user_message_uuids": ["u2"]},
    {"type": "command_lifecycle", "command_uuid": "u2", "state": "cancelled"},
    {"type": "command_lifecycle", "command_uuid": "u1", "state": "started"},
    {"type": "command_lifecycle", "command_uuid": "u2", "state": "completed"},
    {"type": "control_cancel_request", "request_id": "r1"},
    {"type": "system", "subtype": "session_state_changed", "state": "idle"},
    {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "t-r1"}]}},
    {"type": "novelty"},
]
STEPS = st.lists(
    st.sampled_from(MESSAGES)
    | st.sampled_from(["send u1", "send u2", "ask r1", "ask r2", "answer r1", "answer r2", "exit", "start"])
    | st.sampled_from(["again", "hold", "interrupt", "interrupt queued"]),
    max_size=30,
)


@settings(max_examples=200)
@given(STEPS, st.booleans())
def test_a_replay_leads_to_the_same_state(steps: list[Any], one_at_a_time: bool) -> None:
    talk = Talk(one_at_a_time=one_at_a_time)
    for step in steps:
        match step.split() if isinstance(step, str) else step:
            case ["send", key]:
                talk.did(talk.conversation.send("x", key))
            case ["ask", key]:
                talk.asks(key, "Bash", command="x")
            case ["answer", key] if key in talk.conversation.pending:
                talk.did(talk.conversation.answer(key, "allow"))
            case ["again"]:
                talk.did(talk.conversation.again())
            case ["hold"]:
                talk.did(talk.conversation.hold("no money", None))
            case ["interrupt", *queued]:
                talk.did(talk.conversation.interrupt(queued=bool(queued)))
            case ["exit"]:
                talk.did(talk.conversation.exited(None, stopped=False))
            case ["start"]:
                talk.did(talk.conversation.started())
            case dict():
                talk.reads(**step)
    assert _state(talk.again()) == _state(talk.conversation)


def _state(conversation: Conversation) -> dict[str, Any]:
    return dict(_fields(conversation))


def _fields(conversation: Conversation) -> Iterator[tuple[str, Any]]:
    yield from vars(conversation).items()
