"""Streams that the real command line wrote (`record.py`): every line is known, and what it says is understood."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import Asked, AskWithdrawn, Effect, Failed, RateLimited, Retrying, SessionId, TurnEnded
from factory_ls.claude.messages import StreamEvent, Unknown, Unreadable
from factory_ls.claude.wire import Decoder, Line
from factory_ls.model.errors import ErrorKind
from factory_ls.model.session import PermissionMode, SessionStatus
from tests.claude.record import FOLDER, SCENES, SESSION

RECORDED = [pytest.param(name, id=name) for name in SCENES]


def read(name: str, size: int = 1 << 20) -> list[Line]:
    data, decoder = (FOLDER / f"{name}.jsonl").read_bytes(), Decoder()
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    return [line for piece in pieces for line in decoder.feed(piece)] + decoder.finish()


def effects(name: str) -> Iterator[Effect]:
    conversation = Conversation(PermissionMode.STRICT, "/home/user/work", resolve=str)
    conversation.started()
    for line in read(name):
        yield from conversation.receive(line.message)
    assert conversation.status is SessionStatus.IDLE
    assert conversation.session_id == SESSION
    assert conversation.tools == {}


@pytest.mark.parametrize("name", RECORDED)
def test_every_line_is_known_however_it_is_cut(name: str) -> None:
    lines = read(name)
    assert not [line for line in lines if isinstance(line.message, Unknown | Unreadable)]
    assert lines == read(name, 1) == read(name, 977)
    data = (FOLDER / f"{name}.jsonl").read_bytes()
    assert lines[-1].end == len(data)
    assert [json.loads(line.event) for line in lines] == [json.loads(line) for line in data.splitlines()]
    assert any(isinstance(line.message, StreamEvent) for line in lines) == (name not in ("failing", "limited"))


@pytest.mark.parametrize("name", RECORDED)
def test_nothing_of_the_recording_machine_is_in_it(name: str) -> None:
    text = (FOLDER / f"{name}.jsonl").read_text()
    assert str(Path.home()) not in text.replace("/home/user", "")
    assert "fls-" not in text


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("turn", "Grüße, 世界 \N{PILE OF POO}"),
        ("allowed", 'tool said: "1\\n2\\n3\\ndone"'),
        ("denied", 'tool said: "not today"'),
    ],
)
def test_a_turn(name: str, result: str) -> None:
    seen = list(effects(name))
    (turn,) = [effect for effect in seen if isinstance(effect, TurnEnded)]
    assert (turn.result, turn.is_error, turn.interrupted, len(turn.uuids)) == (result, False, False, 1)
    assert turn.cost_usd > 0
    assert turn.seconds > 0
    assert SessionId(SESSION) in seen
    asked = [effect.request for effect in seen if isinstance(effect, Asked)]
    assert [one.tool for one in asked] == ([] if name == "turn" else ["Bash"])


def test_a_question_brings_its_choices() -> None:
    seen = list(effects("question"))
    (asked,) = [effect.request for effect in seen if isinstance(effect, Asked)]
    assert (asked.tool, asked.title, asked.interactive) == ("AskUserQuestion", "AskUserQuestion: Which?", True)
    assert [option["label"] for option in asked.input["questions"][0]["options"]] == ["A", "B"]
    (turn,) = [effect for effect in seen if isinstance(effect, TurnEnded)]
    assert "B" in turn.result


@pytest.mark.parametrize("name", ["interrupted", "withdrawn"])
def test_an_interrupt_is_no_failure_and_takes_asks_back(name: str) -> None:
    seen = list(effects(name))
    (turn,) = [effect for effect in seen if isinstance(effect, TurnEnded)]
    assert (turn.interrupted, turn.is_error) == (True, False)
    asked = [effect.request.request for effect in seen if isinstance(effect, Asked)]
    assert [effect.request for effect in seen if isinstance(effect, AskWithdrawn)] == asked
    assert len(asked) == (name == "withdrawn")


def test_merged_messages_are_told_by_their_ids() -> None:
    turns = [effect for effect in effects("merged") if isinstance(effect, TurnEnded)]
    assert [len(turn.uuids) for turn in turns] == [1, 2]
    assert len({uuid for turn in turns for uuid in turn.uuids}) == 3


def test_an_api_that_fails_and_a_limit_that_is_reached() -> None:
    seen = list(effects("failing"))
    assert [effect.status for effect in seen if isinstance(effect, Retrying)] == [529]
    assert [effect.error.kind for effect in seen if isinstance(effect, Failed)] == [ErrorKind.BUSY]
    seen = list(effects("limited"))
    assert RateLimited("2100-01-01T00:00:00.000Z") in seen
    (failed,) = [effect.error for effect in seen if isinstance(effect, Failed)]
    assert (failed.kind, failed.retry_at) == (ErrorKind.RATE_LIMITED, "2100-01-01T00:00:00.000Z")
