"""Many MCP clients at once: every answer looked at, p50 and p99 printed.

    python -m benchmarks.mcp_load [--json FILE] [--clients N] [--calls N]

Clients and server are a process each, on one machine: with two cores they take time from one another. A client is a
session of its own, with its own token and workspace, that calls four tools in turn over one kept connection in the
stateless protocol. An answer is wrong when it is an error, or another session's.
"""

import argparse
import asyncio
import json
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("get_workspace", {}),
    ("list_problems", {}),
    ("get_problem", {"problem": "p1"}),
    ("get_check_log", {"problem": "p1", "lines": 5}),
)


async def serve(clients: int) -> None:
    from factory_ls.mcp.http import serve as start
    from factory_ls.mcp.tokens import Tokens
    from tests.mcp.fake import FakeFactory, workspace

    factory, tokens = FakeFactory(), Tokens()
    factory.known = [workspace(f"w{number}", f"work-{number}") for number in range(clients)]
    factory.keep_calls = False
    endpoint = await start(factory, tokens, port=0)
    minted = [tokens.mint(workspace_id=f"w{number}", session_id=f"s{number}") for number in range(clients)]
    print(json.dumps([endpoint.port, minted]), flush=True)
    await asyncio.Event().wait()


async def one(port: int, token: str, number: int, calls: int, start: asyncio.Event) -> tuple[list[float], int]:
    """Milliseconds of each call, and how many were wrong. Raw HTTP: it is not a client library that is measured."""
    times, wrong = [], 0
    head = (
        f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
        f"MCP-Protocol-Version: {VERSION}\r\nMcp-Method: tools/call\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await start.wait()
    for turn in range(calls):
        tool, arguments = CALLS[turn % len(CALLS)]
        params = {"name": tool, "arguments": arguments, "_meta": META}
        body = json.dumps({"jsonrpc": "2.0", "id": turn, "method": "tools/call", "params": params}).encode()
        began = time.perf_counter()
        writer.write(f"{head}Mcp-Name: {tool}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer)
        content = await reader.readexactly(int(length[1])) if length else b""
        times.append((time.perf_counter() - began) * 1000)
        wrong += not _right(int(answer.split()[1]), content, turn, tool, number)
    writer.close()
    return times, wrong


def _right(status: int, content: bytes, ident: int, tool: str, number: int) -> bool:
    if status != 200:
        return False
    message = json.loads(content)
    result = message.get("result", {})
    if message.get("id") != ident or result.get("isError", True):
        return False
    structured = result["structuredContent"]
    match tool:
        case "get_workspace":
            return bool(structured["id"] == f"w{number}")
        case "list_problems":
            return bool(structured["total"] == 2)
        case "get_problem":
            return bool(structured["id"] == "p1")
    return "assert 5 == 4" in structured["text"]


async def measure(clients: int, calls: int) -> dict[str, float]:
    """`calls` in all, shared evenly."""
    command = [sys.executable, "-m", "benchmarks.mcp_load", "--serve", f"--clients={clients}"]
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert server.stdout is not None
        port, tokens = json.loads(await server.stdout.readline())
        start = asyncio.Event()
        tasks = [
            asyncio.create_task(one(port, token, number, calls // clients, start))
            for number, token in enumerate(tokens)
        ]
        began = time.perf_counter()
        start.set()
        results = await asyncio.gather(*tasks)
        seconds = time.perf_counter() - began
    finally:
        server.kill()
        await server.wait()
    times = [taken for taken_by_one, _ in results for taken in taken_by_one]
    cuts = statistics.quantiles(times, n=100)
    return {
        "clients": clients,
        "calls": len(times),
        "wrong": sum(wrong for _, wrong in results),
        "seconds": seconds,
        "calls_per_second": len(times) / seconds,
        "p50_ms": cuts[49],
        "p99_ms": cuts[98],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.clients))
        return
    figures = asyncio.run(measure(options.clients, options.calls))
    for name, value in figures.items():
        print(f"{name:16} {value:10.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    if figures["wrong"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
