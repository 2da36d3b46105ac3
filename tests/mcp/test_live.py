"""What goes on beside calls: subscriptions, progress, cancellation, revocation, limits; prompts and resources."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from factory_ls.mcp import asgi
from factory_ls.mcp.http import serve
from factory_ls.mcp.limits import Bucket
from tests.mcp.conftest import BRIDGE, Served
from tests.mcp.fake import FakeFactory
from tests.mcp.test_http import HEADERS, INITIALIZE
from tests.mcp.test_tools import Open, open_client, text

__all__ = ["open_client"]

MODERN = {**HEADERS, "MCP-Protocol-Version": "2026-07-28"}


@asynccontextmanager
async def session(served: Served, mode: Any = "auto", **options: Any) -> AsyncIterator[Client]:
    async with (
        served.http() as http,
        Client(streamable_http_client(served.endpoint.url, http_client=http), mode=mode, **options) as client,
    ):
        yield client


async def eventually(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


# -- resources and prompts


async def test_resources_are_listed_and_read_on_every_transport(open_client: Open) -> None:
    async with open_client("") as client:
        uris = [str(resource.uri) for resource in (await client.list_resources()).resources]
        assert uris[:3] == ["factory://workspaces", "factory://workspace/ws-a", "factory://workspace/ws-a/problems"]
        for uri in uris[:3]:
            (content,) = (await client.read_resource(uri)).contents
            assert isinstance(content, types.TextResourceContents)
            assert json.loads(content.text)
            assert not set(content.text) & set("\x1b\x07\x9b\u202e\r")
        templates = (await client.list_resource_templates()).resource_templates
        assert [t.uri_template for t in templates] == [
            "factory://workspace/{id}",
            "factory://workspace/{id}/problems",
        ]


@pytest.mark.parametrize(
    "uri",
    [
        "factory://workspace/ws-b",
        "factory://workspace/ws-b/problems",
        "factory://workspace/none",
        "factory://workspace/ws-a/../ws-b",
        "factory://workspace/ws-a/problems/../../ws-b",
        "factory://workspace/%77s-b",
        "file:///etc/passwd",
        "factory://workspaces/../../etc/passwd",
    ],
)
async def test_a_session_reads_nobody_elses_resource(served: Served, uri: str) -> None:
    async with session(served) as client:
        assert len((await client.list_resources()).resources) == 3
        with pytest.raises(MCPError, match="There is no resource"):
            await client.read_resource(uri)


async def test_prompts_are_filled(open_client: Open) -> None:
    async with open_client("") as client:
        (prompt,) = (await client.list_prompts()).prompts
        assert prompt.name == "from-issue"
        assert [argument.name for argument in prompt.arguments or []] == ["workspace", "request"]
        got = await client.get_prompt("from-issue", {"request": "Only the API"})
        (message,) = got.messages
        assert isinstance(message.content, types.TextContent)
        assert message.content.text == "On main. red "


async def test_a_prompt_of_another_workspace_is_refused(served: Served) -> None:
    async with session(served) as client:
        with pytest.raises(MCPError, match="may only use its own workspace"):
            await client.get_prompt("from-issue", {"workspace": "ws-b"})


# -- subscriptions


async def listen(served: Served, uris: list[str]) -> AsyncIterator[dict[str, Any]]:
    """The notifications of a `subscriptions/listen` stream, by hand: each as its JSON."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    notifications = {"resourceSubscriptions": uris, "resourcesListChanged": True}
    body = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "subscriptions/listen",
        "params": {"_meta": meta, "notifications": notifications},
    }
    headers = {**MODERN, "Mcp-Method": "subscriptions/listen"}
    async with served.http() as http, http.stream("POST", served.endpoint.url, json=body, headers=headers) as answer:
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line[6:])


async def test_a_change_reaches_a_listening_session_at_once_and_only_its_own(served: Served) -> None:
    uris = [
        "factory://workspaces",
        "factory://workspace/ws-a",
        "factory://workspace/ws-a/problems",
        "factory://workspace/ws-b",
        "factory://workspace/ws-b/problems",
    ]
    stream = listen(served, uris)
    acknowledged = await anext(stream)
    assert acknowledged["params"]["notifications"]["resourceSubscriptions"] == uris[:3]
    served.factory.change("ws-b", problems=["ws-b"])
    for _ in range(100):
        served.factory.change("ws-a", problems=["ws-a"])
    changed = time.perf_counter()
    heard = [await anext(stream) for _ in range(3)]
    assert time.perf_counter() - changed < 0.1
    assert [event["params"]["uri"] for event in heard] == [uris[1], uris[2], uris[0]]
    served.factory.known.append(served.factory.known[0].__class__(**_fields(served.factory, "ws-c")))
    served.factory.change("ws-c")
    methods = [(await anext(stream))["method"], (await anext(stream))["method"]]
    assert methods == ["notifications/resources/updated", "notifications/resources/list_changed"]
    await stream.aclose()  # type: ignore[attr-defined]
    await eventually(lambda: not served.factory.listeners)


def _fields(factory: FakeFactory, ident: str) -> dict[str, Any]:
    first = factory.known[0]
    return {name: getattr(first, name) for name in first.__struct_fields__} | {"id": ident, "name": ident}


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
@pytest.mark.parametrize("transport", ["http", "stdio"])
async def test_a_client_of_the_older_protocol_is_told_too(
    served: Served, socket_path: str, factory: FakeFactory, transport: str
) -> None:
    heard: list[str] = []
    news = asyncio.Event()

    async def on_message(message: Any) -> None:
        if isinstance(message, types.ResourceUpdatedNotification):
            heard.append(str(message.params.uri))
            news.set()

    async def check(client: Client) -> None:
        await client.session.subscribe_resource("factory://workspace/ws-a")
        await client.session.subscribe_resource("factory://workspace/ws-a/problems")
        await client.session.unsubscribe_resource("factory://workspace/ws-a/problems")
        await client.session.subscribe_resource("factory://workspace/nobodys")
        async with asyncio.timeout(10):
            # The stream for what comes unasked is opened beside the first call.
            while not news.is_set():
                factory.change("ws-a", problems=["ws-a"])
                await asyncio.sleep(0.05)
        assert set(heard) == {"factory://workspace/ws-a"}

    if transport == "http":
        async with session(served, "legacy", message_handler=on_message) as client:
            await check(client)
        await eventually(lambda: not factory.listeners)
    else:
        parameters = StdioServerParameters(command=sys.executable, args=["-c", BRIDGE, socket_path])
        async with Client(parameters, mode="legacy", message_handler=on_message) as client:
            await check(client)
        await eventually(lambda: not factory.listeners)


# -- progress, cancellation, revocation


async def test_progress_of_a_long_call_is_told(open_client: Open, factory: FakeFactory) -> None:
    factory.hold = asyncio.Event()
    told: list[tuple[float, float | None, str | None]] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append((done, total, message))
        assert factory.hold is not None
        factory.hold.set()

    async with open_client("") as client:
        result = await client.call_tool("run_failing_command", {}, progress_callback=progress)
        assert not result.is_error, text(result)
    assert told == [(10.0, 100.0, "Running make test")]


async def test_a_cancelled_call_cancels_the_command(open_client: Open, factory: FakeFactory) -> None:
    factory.hold = asyncio.Event()
    async with open_client("") as client:
        call = asyncio.create_task(client.call_tool("run_failing_command", {}))
        await eventually(lambda: factory.calls)
        call.cancel()
        await eventually(lambda: factory.cancelled)
        factory.hold = None
        assert not (await client.call_tool("list_problems", {})).is_error


async def test_a_sessions_end_ends_what_is_answered_to_it(served: Served) -> None:
    stream = listen(served, ["factory://workspaces"])
    await anext(stream)
    served.factory.hold = asyncio.Event()
    async with session(served) as client:
        call = asyncio.create_task(client.call_tool("run_failing_command", {}))
        await eventually(lambda: served.factory.calls)
        served.tokens.revoke("s1")
        await eventually(lambda: served.factory.cancelled)
        with pytest.raises(Exception, match=r".*"):
            await anext(stream)
        call.cancel()
    await eventually(lambda: not served.factory.listeners)


# -- limits


def test_a_bucket_fills_at_its_rate() -> None:
    now = 0.0
    bucket = Bucket(2, 0.5, lambda: now)
    assert [bucket.take(), bucket.take()] == [0.0, 0.0]
    assert bucket.take() == 2.0
    now = 2.0
    assert bucket.take() == 0.0
    assert bucket.take() > 0
    now = 1000.0
    assert [bucket.take(), bucket.take()] == [0.0, 0.0]
    assert bucket.take() > 0


async def test_one_token_cannot_take_all_sessions(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "NEW_SESSIONS", (3, 0.001))
    monkeypatch.setattr(asgi, "REQUESTS", (100, 0.001))
    endpoint = await serve(served.factory, served.tokens, port=0)
    other = served.tokens.mint(workspace_id="ws-b", session_id="s2")
    try:
        async with served.http() as greedy, served.http(other) as modest:
            codes = [(await greedy.post(endpoint.url, json=INITIALIZE, headers=HEADERS)).status_code for _ in range(5)]
            assert codes == [200, 200, 200, 429, 429]
            assert (await modest.post(endpoint.url, json=INITIALIZE, headers=HEADERS)).status_code == 200
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            codes = [
                (await modest.post(endpoint.url, json=ping, headers={**HEADERS, "Mcp-Session-Id": "x"})).status_code
                for _ in range(100)
            ]
            assert set(codes) == {404, 429}
            refused = await modest.post(endpoint.url, json=ping, headers={**HEADERS, "Mcp-Session-Id": "x"})
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1000")
    finally:
        await endpoint.close()
