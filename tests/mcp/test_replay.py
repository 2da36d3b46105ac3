"""What `factory-ls mcp` tells a new hub, and what it spares the client."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from factory_ls.mcp.replay import Replay


def line(**message: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"


INITIALIZE = line(id=0, method="initialize", params={"protocolVersion": "2025-11-25"})
INITIALIZED = line(method="notifications/initialized")
SHAKEN = line(id=0, result={"protocolVersion": "2025-11-25"}).rstrip()


def call(ident: int, tool: str, **params: Any) -> bytes:
    return line(id=ident, method="tools/call", params={"name": tool, "arguments": {}, **params})


def opened() -> Replay:
    replay = Replay()
    replay.sent(INITIALIZE)
    assert replay.received(SHAKEN) == SHAKEN
    replay.sent(INITIALIZED)
    return replay


def test_the_handshake_is_played_again_and_its_answer_kept_back() -> None:
    replay = opened()
    assert not replay.urgent
    assert replay.again() == [INITIALIZE, INITIALIZED]
    assert replay.received(SHAKEN) is None
    assert replay.received(SHAKEN) == SHAKEN


def test_what_was_not_answered_is_asked_again_unless_it_changes_something() -> None:
    replay = opened()
    replay.sent(call(1, "list_problems"))
    replay.sent(call(2, "submit_fix"))
    replay.sent(call(3, "list_problems"))
    replay.sent(line(id=4, method="tools/list"))
    replay.received(line(id=3, result={}))
    assert replay.urgent
    (lost,) = replay.lost()
    answer = json.loads(lost)
    assert answer["id"] == 2
    assert answer["result"]["isError"]
    assert "not known" in answer["result"]["content"][0]["text"]
    assert replay.again() == [INITIALIZE, INITIALIZED, call(1, "list_problems"), line(id=4, method="tools/list")]


def test_an_unanswered_handshake_comes_first_and_is_answered() -> None:
    replay = Replay()
    replay.sent(INITIALIZE)
    assert replay.lost() == []
    assert replay.again() == [INITIALIZE]
    assert replay.received(SHAKEN) == SHAKEN


def test_subscriptions_are_made_again() -> None:
    replay = opened()
    first = line(id=1, method="resources/subscribe", params={"uri": "factory://workspaces"})
    second = line(id=2, method="resources/subscribe", params={"uri": "factory://workspace/a"})
    replay.sent(first)
    replay.sent(second)
    replay.sent(line(id=3, method="resources/unsubscribe", params={"uri": "factory://workspace/a"}))
    for ident in (1, 2, 3):
        replay.received(line(id=ident, result={}))
    assert replay.again() == [INITIALIZE, INITIALIZED, first]
    assert replay.received(line(id=1, result={})) is None


def test_a_stream_is_no_reason_to_start_a_hub_but_is_opened_again() -> None:
    replay = Replay()
    stream = line(id=1, method="subscriptions/listen", params={})
    replay.sent(stream)
    assert not replay.urgent
    assert replay.again() == [stream]


def test_a_stateless_clients_answer_says_that_it_is_complete() -> None:
    replay = Replay()
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    replay.sent(call(1, "send_message", _meta=meta))
    assert json.loads(replay.lost()[0])["result"]["resultType"] == "complete"


def test_a_cancelled_request_is_not_asked_again() -> None:
    replay = opened()
    replay.sent(call(1, "list_problems"))
    replay.sent(line(method="notifications/cancelled", params={"requestId": 1}))
    assert replay.again() == [INITIALIZE, INITIALIZED]


@given(st.lists(st.one_of(st.binary(), st.recursive(st.none() | st.text() | st.integers(), st.lists)).map(repr)))
def test_junk_passes_through(pieces: list[str]) -> None:
    replay = Replay()
    for piece in pieces:
        replay.sent(piece.encode() + b"\n")
        assert replay.received(piece.encode()) == piece.encode()
