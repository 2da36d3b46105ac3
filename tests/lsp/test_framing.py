"""Frames, however they are cut, and what is no frame."""

import json

from hypothesis import given
from hypothesis import strategies as st

from factory_ls.lsp.framing import LARGEST_BODY, LARGEST_HEADER, Frames, Malformed
from tests.hub.support import Editor

bodies = st.lists(st.binary(max_size=40).filter(lambda body: b"ontent" not in body), max_size=5)


def frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@given(bodies, st.lists(st.integers(1, 50), max_size=20))
def test_frames_arrive_whole_however_they_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    data = b"".join(map(frame, bodies))
    frames, got = Frames(), []
    for cut in cuts:
        got += frames.feed(data[:cut])
        data = data[cut:]
    got += frames.feed(data)
    assert got == bodies


@given(st.binary(max_size=200), st.lists(st.integers(1, 50), max_size=5))
def test_no_bytes_raise(data: bytes, cuts: list[int]) -> None:
    frames = Frames()
    for cut in cuts:
        list(frames.feed(data[:cut]))
        data = data[cut:]
    list(frames.feed(data))


def test_other_headers_and_spellings() -> None:
    data = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:2\r\n\r\n{}"
    assert list(Frames().feed(data)) == [b"{}"]
    assert list(Frames().feed(b"Content-Length: 2\n\n{}")) == [b"{}"]


def test_garbage_is_reported_and_stepped_over() -> None:
    for garbage in (b"hello\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1)):
        malformed, *rest = Frames().feed(garbage + frame(b"{}"))
        assert isinstance(malformed, Malformed)
        assert rest == [b"{}"]


def test_an_endless_header_is_given_up() -> None:
    frames = Frames()
    [malformed] = frames.feed(b"x" * LARGEST_HEADER)
    assert isinstance(malformed, Malformed)
    assert list(frames.feed(frame(b"{}"))) == [b"{}"]


async def test_a_wrong_length_costs_one_message(editor: Editor) -> None:
    await editor.initialize()
    body = json.dumps({"jsonrpc": "2.0", "id": "bad", "method": "workspace/executeCommand"}).encode()
    for claimed in (len(body) - 3, len(body) + 25):  # too short, and so long that it swallows the next header
        editor.received.clear()
        editor.raw(b"Content-Length: %d\r\n\r\n%b" % (claimed, body))
        answer = await editor.execute("fake.echo", a=claimed)
        assert answer["result"] == {"a": claimed}
        error = await editor.until(lambda message: "error" in message)
        assert (error["id"], error["error"]["code"]) == (None, -32700)


async def test_half_a_frame_at_the_end(editor: Editor) -> None:
    await editor.initialize()
    editor.raw(b"Content-Length: 100\r\n\r\n{")
    assert editor.process.stdin is not None
    editor.process.stdin.close()
    assert await editor.ended() == 1


async def test_before_initialize(editor: Editor) -> None:
    assert (await editor.request("textDocument/hover", {}))["error"]["code"] == -32002
    editor.raw(frame(b"{nonsense"))
    assert (await editor.until(lambda message: message.get("id", 0) is None))["error"]["code"] == -32700
    assert "capabilities" in await editor.initialize()
    assert (await editor.request("shutdown"))["result"] is None
    assert (await editor.request("textDocument/hover", {}))["error"]["code"] == -32600
