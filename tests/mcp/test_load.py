"""Many at once, and those who mean harm."""

import asyncio
import json

import pytest

from benchmarks.mcp_load import measure
from tests.mcp.conftest import Served
from tests.mcp.test_http import HEADERS, INITIALIZE, raw


async def test_a_hundred_clients_at_once_and_no_answer_is_wrong() -> None:
    """`make bench-mcp` makes it ten thousand calls and prints the p99."""
    figures = await measure(100, 2_000)
    assert figures["calls"] == 2_000
    assert figures["wrong"] == 0


async def test_a_hundred_megabytes_are_not_taken_in(served: Served) -> None:
    """Said or not said beforehand, by a client that does not stop sending."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.endpoint.port)
    head = f"Host: 127.0.0.1:{served.endpoint.port}\r\nAuthorization: Bearer {served.token}\r\n"
    writer.write(f"POST /mcp HTTP/1.1\r\n{head}Content-Type: application/json\r\n".encode())
    writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent = 0
    try:
        while sent < 100_000_000:
            writer.write(chunk)
            await asyncio.wait_for(writer.drain(), 10)
            sent += len(chunk)
    except ConnectionError:
        pass
    else:
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    assert (await raw(served, json.dumps(INITIALIZE).encode()))[0] == 200


async def test_sessions_asked_for_without_end_cost_others_nothing(served: Served) -> None:
    other = served.tokens.mint(workspace_id="ws-b", session_id="s2")
    async with served.http() as greedy, served.http(other) as modest:

        async def ask() -> int:
            return (await greedy.post(served.endpoint.url, json=INITIALIZE, headers=HEADERS)).status_code

        codes = [await ask() for _ in range(300)]
        assert codes.count(200) <= 100
        assert set(codes) == {200, 429}
        opened = await modest.post(served.endpoint.url, json=INITIALIZE, headers=HEADERS)
        assert opened.status_code == 200


@pytest.mark.parametrize("value", ["\0", "../" * 50, "x" * 900_000, "\ud800", "🦀" * 1000, "$(touch x)", "-rf", "%s%n"])
async def test_strange_strings_are_only_strings(served: Served, value: str) -> None:
    """In every string argument of every tool: an answer or an error the model can read, never a crash."""
    from factory_ls.mcp.server import run
    from factory_ls.mcp.tool import Call, Peer
    from factory_ls.mcp.tools.catalogue import TOOLS

    caller = served.tokens.caller(served.token)
    assert caller is not None
    call = Call.of(served.factory, Peer(caller))
    for tool in TOOLS.values():
        names = [
            n for n, kind in tool.declaration()["inputSchema"]["properties"].items() if "string" in json.dumps(kind)
        ]
        for name in names:
            result = await run(call, tool.name, {name: value})
            said = result["content"][0]["text"]
            assert "inside the factory" not in said, (tool.name, name, said)
            assert not set(said) & set("\x1b\0\u202e")
            json.dumps(result).encode()
