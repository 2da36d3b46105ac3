"""The thirteen ways in which pygls 2.1.1 breaks (numbered as they were found): none of them exists here."""

import asyncio
import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from factory_ls.lsp.session import Session
from factory_ls.lsp.wire import Sender
from factory_ls.model.errors import FactoryError
from tests.hub.support import Editor, call, until


class Unread:
    """A writer that keeps what is sent and never blocks."""

    def __init__(self) -> None:
        self.transport = self
        self.sent: list[Any] = []
        self.waiting = 0
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.sent.append(msgspec.json.decode(data.partition(b"\r\n\r\n")[2]))

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


class NoHost:
    def placer(self, base: str | None, current: str) -> Any:
        raise AssertionError

    async def application(self) -> Any:
        raise FactoryError("internal", "none here")  # type: ignore[arg-type]

    async def execute(self, command: str, arguments: Any, report: Any) -> Any:
        raise AssertionError


@pytest.fixture
def writer() -> Unread:
    return Unread()


@pytest.fixture
async def session(writer: Unread) -> Session:
    return Session(NoHost(), Sender(writer), {"capabilities": {}})


def receive(session: Session, **message: Any) -> bool:
    return session.protocol.receive(msgspec.json.encode({"jsonrpc": "2.0", **message}))


async def test_1_replies_go_to_who_asked(env: dict[str, str]) -> None:
    async with await Editor.start(env) as one, await Editor.start(env) as other:
        await one.initialize()
        await other.initialize()
        answers = await asyncio.gather(
            *(editor.execute("fake.echo", who=name) for editor, name in ((one, "one"), (other, "other")) * 20)
        )
        assert [answer["result"]["who"] for answer in answers] == ["one", "other"] * 20
        assert (await one.execute("factory.hub.status"))["result"]["editors"] == 2


async def test_2_nothing_is_kept_of_notifications(session: Session) -> None:
    item = {"uri": "file:///a", "languageId": "x", "version": 1, "text": "a"}
    receive(session, method="textDocument/didOpen", params={"textDocument": item})
    for version in range(1000):
        change = {"textDocument": {"uri": "file:///a", "version": version}, "contentChanges": [{"text": "b"}]}
        receive(session, method="textDocument/didChange", params=change)
    assert not session.protocol._request_futures
    assert not session.protocol.running


async def test_3_a_cancelled_command_is_cancelled(editor: Editor) -> None:
    await editor.initialize()
    editor.send(id="h", method="workspace/executeCommand", params={"command": "fake.hang"})
    while not (await editor.execute("fake.state"))["result"]["running"]:
        pass
    editor.notify("$/cancelRequest", {"id": "h"})
    answer = await editor.until(lambda message: message.get("id") == "h")
    assert answer["error"]["code"] == -32800
    assert (await editor.execute("fake.state"))["result"]["cancelled"] == ["hang"]


async def test_3_so_is_one_cancelled_before_it_began(editor: Editor) -> None:
    await editor.initialize()
    request = {"jsonrpc": "2.0", "id": 900, "method": "workspace/executeCommand", "params": {"command": "fake.echo"}}
    cancel = {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 900}}
    frames = (json.dumps(message).encode() for message in (request, cancel))
    editor.raw(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(frame), frame) for frame in frames))
    answer = await editor.until(lambda message: message.get("id") == 900)
    assert answer["error"]["code"] == -32800
    assert (await editor.execute("fake.echo", a=1))["result"] == {"a": 1}


async def test_4_an_argument_may_hold_any_key(editor: Editor) -> None:
    await editor.initialize()
    argument = {"jsonrpc": "2.0", "id": 1, "method": "x", "nested": {"jsonrpc": {"result": None}}}
    assert (await editor.execute("fake.echo", **argument))["result"] == argument


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"id": 7, "method": "textDocument/hover", "params": {"textDocument": 3}}, -32602),
        ({"id": 7, "method": "textDocument/codeAction"}, -32602),
        ({"id": 7, "method": "workspace/executeCommand", "params": [1]}, -32602),
        ({"id": 7, "method": "workspace/executeCommand", "params": {"command": "x", "arguments": [1, 2]}}, -32602),
        ({"id": 7, "method": "no/such"}, -32601),
        ({"id": 7, "method": 12}, -32600),
        ({"id": 7, "method": "initialize", "params": {}}, -32600),
        ({"id": 7, "jsonrpc": "1.0", "method": "shutdown"}, -32600),
    ],
)
async def test_5_a_malformed_request_is_answered(
    session: Session, writer: Unread, message: dict[str, Any], code: int
) -> None:
    receive(session, **message)
    await asyncio.gather(*session.protocol.running.values())
    [answer] = writer.sent
    assert answer["id"] == 7
    assert answer["error"]["code"] == code
    assert answer["error"]["data"].keys() >= {"kind", "message", "hint"}


async def test_6_and_8_slow_commands_hold_up_nobody(editor: Editor) -> None:
    await editor.initialize()
    for number in range(100):
        editor.send(id=f"h{number}", method="workspace/executeCommand", params={"command": "fake.hang"})
    assert (await editor.execute("fake.echo", a=1))["result"] == {"a": 1}


async def test_7_an_editor_that_stops_reading_holds_up_nobody(env: dict[str, str]) -> None:
    async with await Editor.start(env) as stuck, await Editor.start(env) as other:
        await stuck.initialize()
        await other.initialize()
        stuck._reading.cancel()
        await asyncio.gather(stuck._reading, return_exceptions=True)
        for number in range(20):
            params = {"command": "fake.echo", "arguments": [{"text": "x" * 200_000}]}
            stuck.send(id=f"b{number}", method="workspace/executeCommand", params=params)
        assert (await other.execute("fake.echo", a=1))["result"] == {"a": 1}
        stuck._reading = asyncio.create_task(stuck._read())  # or the process could not be waited for


async def test_7_and_is_given_up_before_it_fills_our_memory(session: Session, writer: Unread) -> None:
    writer.waiting = 2**40
    session.protocol.send_raw("x", {})
    assert writer.aborted


async def test_9_no_traceback_reaches_a_client(editor: Editor) -> None:
    await editor.initialize()
    error = (await editor.execute("fake.crash"))["error"]
    assert error["code"] == -32603
    assert error["data"]["kind"] == "internal"
    assert "secret" not in str(error)
    assert "Traceback" not in str(error)


async def test_10_unknown_notifications_and_keys_do_no_harm(session: Session, writer: Unread) -> None:
    receive(session, method="client/custom", params={"type_name": "x", "class": {"def": 1}})
    receive(session, method="$/setTrace", params={"value": "off", "extra": 1})
    assert writer.sent == []


async def test_11_a_dead_parent_ends_its_session(env: dict[str, str]) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=subprocess.PIPE)
    async with await Editor.start(env) as editor, await Editor.start(env) as other:
        await editor.initialize(processId=parent.pid)
        await other.initialize(processId=os.getpid())
        parent.kill()
        await parent.wait()
        assert await editor.ended() == 1
        assert (await other.execute("factory.hub.status"))["result"]["editors"] == 1


async def test_12_a_late_reply_is_dropped(session: Session, writer: Unread) -> None:
    asked = session.workspace_configuration_async
    from lsprotocol import types

    waiting = asyncio.ensure_future(asked(types.ConfigurationParams(items=[])))
    await asyncio.sleep(0)
    number = writer.sent[0]["id"]
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert writer.sent[1] == {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": number}}
    assert receive(session, id=number, result=[1])
    assert receive(session, id="never asked", result=1)
    assert not session.protocol._request_futures
    assert not session.protocol._result_types


async def test_13_exit_ends_one_session_only(env: dict[str, str]) -> None:
    async with await Editor.start(env) as one, await Editor.start(env) as other:
        await one.initialize()
        await other.initialize()
        pid = (await other.execute("factory.hub.status"))["result"]["pid"]
        assert await one.leave() == 0
        status = (await other.execute("factory.hub.status"))["result"]
        assert (status["pid"], status["editors"]) == (pid, 1)
        other.notify("exit")
        assert await other.ended() == 1  # LSP: exit without shutdown


async def test_a_session_that_has_ended_leaves_nothing_behind(env: dict[str, str], tmp_path: Path) -> None:
    async with await Editor.start(env) as editor:
        await editor.initialize()
        uri = (tmp_path / "a.py").as_uri()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": "a\n"}
        editor.notify("textDocument/didOpen", {"textDocument": item})
        problem = {"id": "1", "line": 1, "message": "m"}
        await editor.execute("fake.problems", workspace="w", root=str(tmp_path), path="a.py", problems=[problem])
        await editor.notification("textDocument/publishDiagnostics")
        assert (await call(env, "fake.state"))["listeners"] == 1
        assert editor.process.stdin is not None
        editor.process.stdin.close()  # no shutdown, no exit: the editor was killed
        assert await editor.ended() == 1
    state = await call(env, "fake.state")
    assert (state["listeners"], state["live"]) == (0, [])


async def test_a_sessions_objects_are_freed(writer: Unread) -> None:
    import weakref

    session = Session(NoHost(), Sender(writer), {"capabilities": {}})
    receive(session, id=1, method="shutdown")
    await asyncio.gather(*session.protocol.running.values())
    await session.close()
    freed = weakref.ref(session)
    del session

    def gone() -> bool:
        gc.collect()
        return freed() is None

    await until(gone)
