import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.claude import wire
from factory_ls.claude.messages import Assistant, ControlRequest, KeepAlive, Result, Unknown, Unreadable, User
from factory_ls.claude.wire import Decoder, decode

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(["assistant", "user", "system", "result", "control_request", "stream_event", "new_thing"])
FIELDS = st.sampled_from(["message", "request", "request_id", "subtype", "is_error", "event", "result", "content"])


@given(st.lists(st.binary().map(lambda b: b.replace(b"\n", b"")), max_size=8), st.lists(st.integers(1, 40)))
def test_any_bytes_in_any_pieces_give_the_same_lines(lines: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    decoder, got, rest = Decoder(100), [], stream
    for size in sizes:
        got += decoder.feed(rest[:size])
        rest = rest[size:]
    got += decoder.feed(rest)
    assert [line.raw for line in got] == [line for line in lines if line and not line.isspace()]
    assert got == Decoder(100).feed(stream)
    for line in got:
        assert stream[: line.end - 100].endswith(line.raw + b"\n")
        assert isinstance(msgspec.json.decode(line.event), dict | list | str | int | float | None)
    assert decoder.finish() == []


@given(st.dictionaries(FIELDS, ANY_JSON), KINDS)
def test_a_known_type_of_any_shape_is_decoded_or_stepped_over(fields: dict[str, Any], kind: str) -> None:
    message = decode(json.dumps({**fields, "type": kind}).encode())
    assert not isinstance(message, Unreadable)
    if kind == "result":
        assert isinstance(message, Result), "a turn must end whatever else its result holds"
    if kind == "new_thing":
        assert isinstance(message, Unknown)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"session_id":"x","type":"keep_alive"}', KeepAlive()),
        (b'{"type":"novel","subtype":"idea","x":"\xff"}', Unknown("novel", "idea")),
        (b'{"type":"result","is_error":"yes","result":"r"}', Result(result="r")),
    ],
)
def test_decode(raw: bytes, expected: object) -> None:
    assert decode(raw) == expected


@pytest.mark.parametrize(
    "raw", [b"Warning: something", b"[]", b"17", b'{"type":', b'{"a":1}', b"[" * 10**5, b"\xff\xfe"]
)
def test_what_is_not_a_message_is_wrapped_for_the_store(raw: bytes) -> None:
    (line,) = Decoder().feed(raw + b"\n")
    assert isinstance(line.message, Unreadable)
    stored = msgspec.json.decode(line.event)
    assert (stored["type"], stored["size"]) == ("factory/unreadable", len(raw))


def test_halves_of_surrogates_and_invalid_bytes_are_replaced() -> None:
    data = b'{"type":"user","message":{"content":"\\ud83d\\ude00 \\ud83d \xff"},"x":"\\ud83d"}\n'
    (line,) = Decoder().feed(data)
    assert isinstance(line.message, User)
    assert line.message.message.content == "\U0001f600 \ufffd \ufffd"
    assert msgspec.json.decode(line.event)["x"] == "\ufffd"


def test_half_a_surrogate_can_be_read_back_from_the_store() -> None:
    lines = Decoder().feed(b'{"type":"x","a":"\\ud800"}\n' * 3)
    assert [msgspec.json.decode(line.event) for line in lines] == [{"type": "x", "a": "\ufffd"}] * 3


def test_a_pair_of_surrogates_stays_as_it_was_written() -> None:
    raw = b'{"type":"keep_alive","x":"\\ud83d\\ude00"}'
    (line,) = Decoder().feed(raw + b"\n")
    assert line.event == raw


def test_a_torn_last_line_is_given_once() -> None:
    decoder = Decoder()
    assert decoder.feed(b'{"type":"keep_alive"}\n{"type":"resu') != []
    (torn,) = decoder.finish()
    assert isinstance(torn.message, Unreadable)
    assert torn.end == 35


def test_a_long_line_in_small_pieces_takes_linear_time() -> None:
    def seconds(size: int) -> float:
        line = b'{"type":"assistant","message":{"content":[{"type":"text","text":"' + b"x" * size + b'"}]}}\n'
        decoder, lines, begun = Decoder(), [], time.process_time()
        for start in range(0, len(line), 4096):
            lines += decoder.feed(line[start : start + 4096])
        assert isinstance(lines[0].message, Assistant)
        assert len(lines[0].raw) == len(line) - 1
        return time.process_time() - begun

    seconds(1 << 20)
    # 16 times the size: quadratic would be 256 times the time.
    assert seconds(64 << 20) < 60 * max(seconds(4 << 20), 0.002)


@given(st.text() | st.just("\ud83d\ude00 \ud83d"), ANY_JSON)
def test_what_is_written_is_one_line_of_json(text: str, value: object) -> None:
    for line in (
        wire.user_message(text, "u"),
        wire.allow("r", {"x": text, "y": value}),
        wire.deny("r", text),
        wire.control_request("r", "interrupt"),
        wire.hook_decision("r", "deny", text),
        wire.error("r", text),
    ):
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        assert isinstance(msgspec.json.decode(line), dict)


def test_a_permission_request_is_read_whole() -> None:
    asked = {"subtype": "can_use_tool", "tool_name": "Bash", "input": {"command": "ls", "deep": {"x": [1]}}}
    message = decode(json.dumps({"type": "control_request", "request_id": "r", "request": asked}).encode())
    assert isinstance(message, ControlRequest)
    assert message.request.input == asked["input"]
