"""One MCP tool call over raw keep-alive HTTP: ours, with token, door and tool, beside a bare `mcp` server.

    python -m benchmarks.mcp_call [--json FILE] [--calls N]

Both answer `list_problems` with the same JSON, each in a process of its own, called in turns in the same run. The bare
server is the library's own `MCPServer` with a tool that returns a ready pydantic model: no door and no work.
"""

import argparse
import asyncio
import http.client
import json
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

WORKSPACE = "ws-a"
VERSION = "2025-11-25"


async def ours() -> None:
    from factory_ls.mcp.http import serve
    from factory_ls.mcp.tokens import Tokens
    from tests.mcp.fake import FakeFactory

    tokens = Tokens()
    endpoint = await serve(FakeFactory(), tokens, port=0)
    print(endpoint.port, tokens.mint(workspace_id=WORKSPACE, session_id="s1"), flush=True)
    await asyncio.Event().wait()


async def bare(count: int) -> None:
    import socket

    import uvicorn
    from mcp.server import MCPServer
    from pydantic import BaseModel

    class Row(BaseModel):
        id: str
        path: str
        line: int
        tool: str
        message: str

    class Rows(BaseModel):
        total: int
        summary: str
        problems: list[Row]

    server = MCPServer("bare", log_level="WARNING")
    row = Row(id="p1", path="src/calc.py", line=3, tool="pytest", message="assert add(2, 2) == 4")
    rows = Rows(total=count, summary=f"CI FAILURE: {count} problems", problems=[row] * count)

    @server.tool()
    async def list_problems(workspace: str) -> Rows:
        """What CI found."""
        return rows

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(listener.getsockname()[1], "-", flush=True)
    config = uvicorn.Config(server.streamable_http_app(json_response=True), log_level="warning", ws="none")
    await uvicorn.Server(config).serve(sockets=[listener])


class Client:
    """Raw HTTP over one kept connection."""

    def __init__(self, port: int, token: str, workspace: str) -> None:
        self.arguments = {"workspace": workspace}
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }
        info = {"name": "benchmark", "version": "1"}
        opened = self.send("initialize", {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": info})
        self.headers |= {"Mcp-Session-Id": opened, "MCP-Protocol-Version": VERSION}

    def send(self, method: str, params: dict[str, Any]) -> str:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        self.connection.request("POST", "/mcp", body, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200 or b'"error"' in content[:80] or b'"isError":true' in content:
            raise RuntimeError(f"{answer.status} {content[:300]!r}")
        return answer.getheader("mcp-session-id") or ""

    def call(self) -> float:
        start = time.perf_counter()
        self.send("tools/call", {"name": "list_problems", "arguments": self.arguments})
        return time.perf_counter() - start


def measure(calls: int, ours: Client | None = None) -> dict[str, float]:
    """Milliseconds a call, median and p99, and the ratio of the medians. `ours`: of the hub rather than of the room."""
    with ExitStack() as stack:

        def started(*options: str) -> Client:
            command = [sys.executable, "-m", "benchmarks.mcp_call", *options]
            # In a session of its own, as the hub is: on a busy machine schedulers give sessions their turns.
            process = stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            port, token = process.stdout.readline().split()
            return Client(int(port), token, WORKSPACE)

        # The hub's workspace, where it is given, has no problems.
        clients = {
            "ours": ours or started("--serve=ours"),
            "bare": started("--serve=bare", f"--rows={0 if ours else 2}"),
        }
        times: dict[str, list[float]] = {kind: [] for kind in clients}
        for round_ in range(calls + 50):
            for kind, client in clients.items():
                taken = client.call()
                if round_ >= 50:  # the first calls fill caches on both sides
                    times[kind].append(taken * 1000)
    figures = {f"{kind}_ms": statistics.median(values) for kind, values in times.items()}
    figures |= {f"{kind}_p99_ms": statistics.quantiles(values, n=100)[98] for kind, values in times.items()}
    return {**figures, "ratio": figures["ours_ms"] / figures["bare_ms"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=2, help=argparse.SUPPRESS)
    parser.add_argument("--serve", choices=["ours", "bare"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(ours() if options.serve == "ours" else bare(options.rows))
        return
    figures = measure(options.calls)
    for name, value in figures.items():
        print(f"{name:12} {value:8.3f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
