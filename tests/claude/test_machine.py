"""A session living through anything: hubs killed between any two steps, Claude killed, APIs that fail, money that ends.

The other side is modelled: a process that queues, merges and answers messages as the real one was seen to, with a pipe
before it and a file behind it. Whatever happens, each message comes to one end, and a hub that starts anew sees what
the last one saw. FACTORY_TEST_LONG=1 looks for minutes instead of seconds.
"""

import json
import os
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from factory_ls.claude import effects as fx
from factory_ls.claude import wire
from factory_ls.claude.conversation import Conversation
from factory_ls.factory.runner import fold
from factory_ls.model.session import PermissionMode, Session, SessionStatus

LONG = os.environ.get("FACTORY_TEST_LONG") == "1"
AT = "2026-01-31T12:00:00.000Z"
KEPT = {529: True, 401: True, 400: False}
"""Statuses of the API, and whether a message that met one is sent again."""


THEN = st.integers(0, 1 << 20)
"""A seed for what both sides do next, see `Life.step`: drawing each small step would cost ten times the steps."""
STEPS = "rrrrrrrbbbbhhhhhhhhaoooooof54kxRR"


class HubKilledError(Exception):
    pass


class Claude:
    """The conversation as the other side has it, over all its processes. `ends` has what became of each message."""

    def __init__(self) -> None:
        self.out: list[bytes] = []
        self.ends: defaultdict[str, list[str]] = defaultdict(list)
        self.asks: dict[str, str] = {}
        self.alive = False
        self._asked = 0

    def start(self) -> None:
        self.alive, self.stdin = True, list[bytes]()
        self.queue: list[tuple[str, str]] = []
        self.seen: set[str] = set()
        self.turn: list[tuple[str, str]] | None = None

    def die(self) -> None:
        for _, text in self.turn or ():
            self.ends[text].append("killed")
        self.alive, self.turn = False, None
        self.asks.clear()

    def write(self, **line: Any) -> None:
        self.out.append(json.dumps(line).encode())

    def read(self) -> None:
        line = json.loads(self.stdin.pop(0))
        match line:
            case {"type": "user", "uuid": uuid, "message": {"content": text}} if uuid not in self.seen:
                self.seen.add(uuid)
                self.queue.append((uuid, text))
                self.write(type="command_lifecycle", command_uuid=uuid, state="queued")
            case {"type": "control_request", "request": {"subtype": "interrupt"} as request}:
                if request.get("cancel_queued"):
                    for uuid, text in self.queue:
                        self.ends[text].append("cancelled")
                        self.write(type="command_lifecycle", command_uuid=uuid, state="cancelled")
                    self.queue.clear()
                if self.turn is not None:
                    self.end(
                        "aborted", subtype="error_during_execution", is_error=True, terminal_reason="aborted_tools"
                    )
            case {"type": "control_request", "request": {"subtype": "initialize"}, "request_id": key}:
                self.write(type="control_response", response={"subtype": "success", "request_id": key})
            case {"type": "control_response", "response": {"request_id": key}}:
                if tool := self.asks.pop(key, None):
                    result = {"type": "tool_result", "tool_use_id": tool}
                    self.write(type="user", message={"content": [result]})

    def begin(self, count: int) -> None:
        self.turn, self.queue = self.queue[:count], self.queue[count:]
        for uuid, _ in self.turn:
            self.write(type="command_lifecycle", command_uuid=uuid, state="started")
        self.write(type="system", subtype="init", session_id="c", model="m")

    def ask(self) -> None:
        self._asked += 1
        key, tool = f"r{self._asked}", f"t{self._asked}"
        self.asks[key] = tool
        request = {"subtype": "can_use_tool", "tool_name": "Bash", "input": {"command": key}, "tool_use_id": tool}
        self.write(type="control_request", request_id=key, request=request)

    def end(self, how: str, **result: Any) -> None:
        for key in self.asks:
            self.write(type="control_cancel_request", request_id=key)
        self.asks.clear()
        turn, self.turn = self.turn or [], None
        for _, text in turn:
            self.ends[text].append(how)
        uuids = [uuid for uuid, _ in turn]
        self.write(type="result", user_message_uuids=uuids, total_cost_usd=1.0 * len(self.out), **result)
        for uuid in uuids:
            self.write(type="command_lifecycle", command_uuid=uuid, state="completed")
        self.write(type="system", subtype="session_state_changed", state="idle")


def living(condition: Callable[[Any], object] = lambda _: True) -> Any:
    """While there is a hub, and `condition` holds."""
    return precondition(lambda self: self.conversation is not None and bool(condition(self)))


class Life(RuleBasedStateMachine):
    @initialize(one_at_a_time=st.booleans())
    def born(self, one_at_a_time: bool) -> None:
        self.one_at_a_time, self.money = one_at_a_time, True
        self.claude = Claude()
        self.stored: list[tuple[str, bytes]] = []
        self.offset = 0
        self.fuse: int | None = None
        self.sent: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.conversation: Conversation | None = self.fresh()
        self.view = self.row()
        self.claude.start()
        self.act(lambda conversation: conversation.started())

    # -- the hub, as factory/runner.py is one

    def fresh(self) -> Conversation:
        return Conversation(PermissionMode.STRICT, "/w", resolve=str, one_at_a_time=self.one_at_a_time)

    def row(self) -> Session:
        mode = PermissionMode.STRICT
        return Session(id="s", workspace_id="w", model="m", permissions=mode, status=SessionStatus.STARTING)

    @property
    def hub(self) -> Conversation:
        assert self.conversation is not None
        return self.conversation

    def act(self, what: Callable[[Conversation], list[fx.Effect]]) -> None:
        """What the hub does, as long as it lives."""
        try:
            self.perform(what(self.hub))
        except HubKilledError:
            self.conversation = None

    def burn(self) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.fuse = None
                raise HubKilledError

    def perform(self, effects: list[fx.Effect]) -> None:
        turns = self.view.turns
        for effect in effects:
            self.burn()
            match effect:
                case fx.Record(event=event):
                    self.stored.append((AT, event))
                case fx.Send(line=line):
                    if self.claude.alive:
                        self.claude.stdin.append(line)
                case _:
                    self.view = fold(self.view, effect, self.hub, AT)
        if self.view.turns != turns and self.hub.outbox.waiting:
            self.perform(self.hub.go_on() if self.money else self.hub.hold("no money", None))

    def take(self, count: int) -> list[fx.Effect]:
        lines = self.claude.out[self.offset : self.offset + count]
        self.burn()
        self.stored += [(AT, line) for line in lines]
        self.offset += len(lines)
        return [effect for line in lines for effect in self.hub.receive(wire.decode(line), AT)]

    def hub_reads(self, count: int) -> None:
        self.act(lambda _: self.take(count))
        ended = not self.claude.alive and self.offset == len(self.claude.out)
        if self.conversation and ended and not self.hub.status.ended:
            self.act(lambda conversation: conversation.exited(-9, stopped=False))

    @living()
    @rule(steps=st.integers(0, 6))
    def hub_will_be_killed(self, steps: int) -> None:
        self.fuse = steps

    def next_hub(self) -> None:
        self.fuse = None
        self.conversation, self.view = self.replayed()
        if self.hub.status.ended and self.claude.alive:
            self.claude.die()  # started by a hub that died before it said so: `Sessions._attach` ends it
        if not self.hub.status.ended:
            self.act(lambda conversation: conversation.resume())
        self.go_on_if_held()

    def replayed(self) -> tuple[Conversation, Session]:
        """As `runner.restored`."""
        conversation, view = self.fresh(), self.row()
        for at, raw in self.stored:
            for effect in conversation.receive(wire.decode(raw), at):
                view = fold(view, effect, conversation, at)
        return conversation, view

    # -- the user

    @living()
    @rule(then=THEN)
    def send(self, then: int) -> None:
        text = f"message {len(self.sent)}"
        uuid = str(uuid5(NAMESPACE_OID, text))
        if self.money:
            self.sent[text] = uuid
            self.act(lambda conversation: conversation.send(text, uuid))
            self.forget_unstored()
        self.happens(then)

    @living(lambda self: self.sent)
    @rule(data=st.data(), then=THEN)
    def send_the_same_again(self, data: st.DataObject, then: int) -> None:
        text = data.draw(st.sampled_from(sorted(self.sent)))
        self.act(lambda conversation: conversation.send(text, self.sent[text]))
        self.happens(then)

    def forget_unstored(self) -> None:
        """A hub that was killed before it stored a message never told its sender that it had it."""
        for text, uuid in list(self.sent.items()):
            if not any(uuid.encode() in raw for _, raw in self.stored):
                del self.sent[text]

    @living(lambda self: self.hub.pending)
    @rule(allow=st.booleans(), then=THEN)
    def answer(self, allow: bool, then: int) -> None:
        request = next(iter(self.hub.pending))
        self.act(lambda conversation: conversation.answer(request, "allow" if allow else "deny"))
        self.happens(then)

    @living()
    @rule(queued=st.booleans(), then=THEN)
    def interrupt(self, queued: bool, then: int) -> None:
        if self.hub.status.ended:
            return
        outbox = self.hub.outbox
        gone = dict(outbox.unanswered) | (outbox.waiting if queued else {})
        self.dropped |= set(gone.values())
        self.act(lambda conversation: conversation.interrupt(queued=queued))
        self.happens(then)

    @living(lambda self: self.claude.alive)
    @rule()
    def stop(self) -> None:
        self.claude.die()
        self.act(lambda _: self.take(10_000))
        if self.conversation:
            self.act(lambda conversation: conversation.exited(143, stopped=True))

    def begin_again(self) -> None:
        """The next hub, or the next process."""
        if self.conversation is None:
            self.next_hub()
        elif self.hub.status.ended and not self.claude.alive:
            self.claude.start()
            self.act(lambda conversation: conversation.started())
            self.go_on_if_held()

    def go_on_if_held(self) -> None:
        if self.conversation and self.hub.held and self.money and not self.hub.status.ended:
            self.act(lambda conversation: conversation.again())

    @living()
    @rule(then=THEN)
    def the_time_has_come(self, then: int) -> None:
        """For what waits after a failure."""
        if self.money and not self.hub.status.ended:
            self.act(lambda conversation: conversation.again())
        self.happens(then)

    @rule(then=THEN)
    def money_ends_or_comes(self, then: int) -> None:
        if self.one_at_a_time:  # without caps, it never ends
            self.money = not self.money
        self.happens(then)

    # -- Claude

    def happens(self, then: int) -> None:
        """Up to forty small steps, those of them that can be."""
        dice = random.Random(then)  # noqa: S311 - no secret
        for _ in range(dice.randrange(40)):
            self.step(dice.choice(STEPS))

    def step(self, step: str) -> None:
        claude = self.claude
        if step == "h" and self.conversation is not None:
            self.hub_reads(3)
        if step == "R":
            self.begin_again()
        if step == "x":
            self.conversation = None
        if not claude.alive:
            return
        works = claude.turn is not None and not claude.asks
        match step:
            case "r" if claude.stdin:
                claude.read()
            case "b" if claude.turn is None and claude.queue:
                claude.begin(3 if len(claude.out) % 2 else 1)
            case "k":
                claude.die()
            case "a" if works:
                claude.ask()
            case "o" if works:
                claude.end("ok", result="well")
            case "f" | "5" | "4" if works:
                status = {"f": 400, "5": 529, "4": 401}[step]
                how = "kept" if KEPT[status] else "failed"
                claude.end(how, is_error=True, api_error_status=status, terminal_reason="api_error", result="no")

    # -- what always holds

    @living()
    @rule()
    def a_new_hub_would_see_the_same(self) -> None:
        conversation, view = self.replayed()
        assert vars(conversation) == vars(self.hub)
        assert msgspec.structs.replace(view, pending=()) == msgspec.structs.replace(self.view, pending=())
        assert view.pending == tuple(self.hub.pending.values()) == self.view.pending

    @invariant()
    def who_waits_for_the_user_says_so(self) -> None:
        if getattr(self, "conversation", None) is None:
            return
        assert (self.view.status is SessionStatus.WAITING) == bool(self.view.pending)
        if self.view.status.ended:
            assert not self.view.pending

    def teardown(self) -> None:
        """All goes well from here on: each message that was not dropped has come to its one end."""
        if not hasattr(self, "claude"):
            return
        self.money, self.fuse = True, None
        if self.conversation is None:
            self.next_hub()
        self.a_new_hub_would_see_the_same()
        for _ in range(4 * len(self.sent) + 8):
            self.settle()
        assert self.hub.status is SessionStatus.IDLE, self.hub.status
        assert not self.hub.outbox.waiting
        assert not self.hub.outbox.unanswered
        for text in self.sent:
            ends = self.claude.ends[text]
            final = [end for end in ends if end in ("ok", "failed", "killed")]
            assert len(final) <= 1, f"{text} was taken twice: {ends}"
            gone = text in self.dropped or "aborted" in ends
            assert len(final) == 1 or gone, f"{text} was lost: {ends}"

    def settle(self) -> None:
        while self.claude.alive and self.claude.stdin:
            self.claude.read()
        for key in list(self.hub.pending):
            self.act(lambda conversation, key=key: conversation.answer(key, "allow"))  # type: ignore[misc]
        if self.claude.alive and not self.claude.stdin and not self.claude.asks:
            if self.claude.turn is None and self.claude.queue:
                self.claude.begin(3)
            elif self.claude.turn is not None:
                self.claude.end("ok", result="well")
        self.hub_reads(10_000)
        if self.hub.status.ended:
            self.begin_again()
        elif self.hub.outbox.unanswered:
            self.act(lambda conversation: conversation.again())


def test_a_session_lives_through_anything() -> None:
    examples, steps = (20_000, 60) if LONG else (100, 40)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
