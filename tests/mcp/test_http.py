"""The door, with raw HTTP: who is let in, and what hostile input costs."""

import asyncio
import json
import socket
import subprocess
import sys
from typing import Any

import pytest

from factory_ls.mcp.http import listen, serve
from factory_ls.mcp.tokens import Tokens
from factory_ls.model.errors import FactoryError
from tests.mcp.conftest import Served
from tests.mcp.fake import FakeFactory

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


async def raw(served: Served, body: bytes, **headers: str) -> tuple[int, bytes]:
    """One POST written by hand, so that nothing corrects it on the way. Returns status and body."""
    given = {"Host": f"127.0.0.1:{served.endpoint.port}", "Authorization": f"Bearer {served.token}", **HEADERS}
    given |= {"Content-Length": str(len(body)), "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    reader, writer = await asyncio.open_connection("127.0.0.1", served.endpoint.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    writer.write(f"POST /mcp HTTP/1.1\r\n{head}\r\n".encode() + body)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head_bytes, _, content = answer.partition(b"\r\n\r\n")
    return int(head_bytes.split()[1]), content


async def test_a_session_token_opens_the_door(served: Served) -> None:
    status, body = await raw(served, json.dumps(INITIALIZE).encode())
    assert status == 200
    assert b'"serverInfo":{"name":"factory"' in body


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Bearer fls_0000000000000000.forged"}, 401),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, 401),
        ({"Authorization": "Bearer \udcff".encode("utf-8", "replace").decode()}, 401),
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Content_Type": "text/plain"}, 400),
        ({"Origin": "https://allowed.example"}, 200),
    ],
)
async def test_who_is_let_in(served: Served, headers: dict[str, str], expected: int) -> None:
    status, _ = await raw(served, json.dumps(INITIALIZE).encode(), **headers)
    assert status == expected


async def test_half_a_token_a_longer_one_and_a_revoked_one_are_refused(served: Served) -> None:
    body = json.dumps(INITIALIZE).encode()
    for wrong in (served.token[:-1], served.token + "A", served.token[4:], served.token.upper()):
        assert (await raw(served, body, Authorization=f"Bearer {wrong}"))[0] == 401
    served.tokens.revoke("s1")
    assert (await raw(served, body))[0] == 401


async def test_revoking_ends_an_open_session_too(served: Served) -> None:
    async with served.http() as http:
        opened = await http.post(served.endpoint.url, json=INITIALIZE, headers=HEADERS)
        session = {**HEADERS, "Mcp-Session-Id": opened.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        assert (await http.post(served.endpoint.url, json=ping, headers=session)).status_code == 200
        served.tokens.revoke("s1")
        assert (await http.post(served.endpoint.url, json=ping, headers=session)).status_code == 401


async def test_another_sessions_token_cannot_use_an_open_session(served: Served) -> None:
    other = served.tokens.mint(workspace_id="ws-b", session_id="s2")
    async with served.http() as mine, served.http(other) as theirs:
        opened = await mine.post(served.endpoint.url, json=INITIALIZE, headers=HEADERS)
        session = {**HEADERS, "Mcp-Session-Id": opened.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        assert (await theirs.post(served.endpoint.url, json=ping, headers=session)).status_code == 404
        assert (await mine.post(served.endpoint.url, json=ping, headers=session)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"jsonrpc": "2.0", "id": {}, "method": 1}'],
)
@pytest.mark.parametrize("version", ["", "2026-07-28"])
async def test_bad_json_is_refused_and_the_next_call_served(served: Served, body: bytes, version: str) -> None:
    status, answer = await raw(served, body, Mcp_Protocol_Version=version)
    assert 400 <= status < 500
    assert b"Traceback" not in answer
    assert (await raw(served, json.dumps(INITIALIZE).encode()))[0] == 200


async def test_a_huge_body_is_refused_before_it_is_read(served: Served) -> None:
    assert (await raw(served, b"{}", Content_Length=str(100_000_000)))[0] == 413
    reader, writer = await asyncio.open_connection("127.0.0.1", served.endpoint.port)
    head = f"Host: 127.0.0.1:{served.endpoint.port}\r\nAuthorization: Bearer {served.token}\r\n"
    writer.write(f"POST /mcp HTTP/1.1\r\n{head}Content-Type: application/json\r\n".encode())
    writer.write(b"Transfer-Encoding: chunked\r\n\r\n" + 20 * (b"19000\r\n" + b"x" * 0x19000 + b"\r\n"))
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 10)
    writer.close()


async def test_sessions_without_end_are_refused_and_do_not_pile_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from factory_ls.mcp import asgi

    monkeypatch.setattr(asgi, "MAX_SESSIONS", 3)
    endpoint = await serve(served.factory, served.tokens, port=0)
    try:
        async with served.http() as http:
            codes = [(await http.post(endpoint.url, json=INITIALIZE, headers=HEADERS)).status_code for _ in range(5)]
        assert codes == [200, 200, 200, 503, 503]
    finally:
        await endpoint.close()


async def test_a_page_that_is_allowed_gets_its_preflight_answered(served: Served) -> None:
    async with served.http() as http:
        for origin, code in (("https://allowed.example", 200), ("https://evil.example", 400)):
            headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer = await http.options(served.endpoint.url, headers=headers)
            assert answer.status_code == code
            assert answer.headers.get("access-control-allow-origin") == (origin if code == 200 else None)


async def test_other_paths_say_nothing(served: Served) -> None:
    async with served.http() as http:
        for path in ("/", "/mcp/", "/metrics", "/mcp/../etc/passwd", "/%6dcp", "/mcp%2f", "//mcp"):
            url = f"http://127.0.0.1:{served.endpoint.port}{path}"
            assert (await http.post(url, json=INITIALIZE, headers=HEADERS)).status_code == 404


async def test_a_taken_port_means_the_next_one(factory: FakeFactory) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        endpoint = await serve(factory, Tokens(), port=port)
        try:
            assert port < endpoint.port < port + 100
            assert endpoint.url == f"http://127.0.0.1:{endpoint.port}/mcp"
        finally:
            await endpoint.close()


async def test_closing_gives_the_port_back_at_once(factory: FakeFactory) -> None:
    endpoint = await serve(factory, Tokens(), port=0)
    await endpoint.close()
    listener = listen(endpoint.port)
    assert listener.getsockname()[1] == endpoint.port
    listener.close()


def test_no_free_port_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: Any) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(socket.socket, "bind", taken)
    with pytest.raises(FactoryError, match="No port from 3001 on"):
        listen(3001)


def test_signals_stay_the_hubs_and_the_library_is_not_imported_until_it_serves() -> None:
    program = """
import asyncio, signal, sys
from factory_ls.mcp import http, stdio
from factory_ls.mcp.tokens import Tokens
assert not {"mcp", "uvicorn", "pydantic"} & set(sys.modules)
async def main():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    endpoint = await http.serve(None, Tokens(), port=0)
    assert before == (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT))
    await endpoint.close()
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
