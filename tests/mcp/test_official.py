"""The official conformance suite, the Inspector's command line and the TypeScript client, on our endpoint."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from factory_ls.mcp.tools.catalogue import TOOLS
from tests.mcp.conftest import Served
from tests.mcp.fake import ARGUMENTS
from tests.tools import require

HERE = Path(__file__).parent
APPLY = {
    *("server-initialize", "ping", "tools-list", "server-sse-multiple-streams", "dns-rebinding-protection"),
    *("resources-list", "resources-subscribe", "resources-unsubscribe", "prompts-list", "prompts-get-simple"),
}
"""Scenarios that a server passes without the suite's own tools."""


async def run(*command: str, home: Path, **environ: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 120)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_conformance_suite_has_nothing_to_say(served: Served, tmp_path: Path) -> None:
    suite = require("mcp-conformance")
    report = Path(os.environ.get("MCP_CONFORMANCE_REPORT") or tmp_path / "report")
    code, out, err = await run(
        str(suite / "bin" / "conformance"),
        "server",
        f"--url={served.endpoint.url}",
        f"--expected-failures={HERE / 'conformance_expected.yml'}",
        f"--output-dir={report}",
        home=tmp_path,
        NODE_OPTIONS=f"--require={HERE / 'conformance_auth.cjs'}",
        UNDICI=str(suite / "node_modules" / "undici"),
        MCP_TOKEN=served.token,
    )
    assert code == 0, out[-3000:] + err[-3000:]
    passed = {line.split()[1].rstrip(":") for line in out.splitlines() if line.startswith("✓ ")}
    assert passed >= APPLY, out[-3000:]
    checks = [json.loads(file.read_text()) for file in report.rglob("checks.json")]
    assert len(checks) >= 30


async def inspect(served: Served, home: Path, *arguments: str) -> Any:
    inspector = require("mcp-inspector") / "bin" / "mcp-inspector"
    header = f"Authorization: Bearer {served.token}"
    code, out, err = await run(
        str(inspector), "--cli", served.endpoint.url, "--transport", "http", "--header", header, *arguments, home=home
    )
    assert code == 0, out + err
    return json.loads(out)


async def test_the_inspector_lists_and_calls_every_tool(served: Served, tmp_path: Path) -> None:
    listed = await inspect(served, tmp_path, "--method", "tools/list")
    assert [tool["name"] for tool in listed["tools"]] == list(TOOLS)

    async def call(name: str) -> None:
        given = [word for pair in ARGUMENTS.get(name, {}).items() for word in ("--tool-arg", "=".join(pair))]
        result = await inspect(served, tmp_path, "--method", "tools/call", "--tool-name", name, *given)
        assert not result.get("isError"), result
        assert result["structuredContent"]

    # Two at a time: each is a Node of its own.
    names = sorted(set(TOOLS) - {"send_message"})  # a session of the fake has nobody to write to
    for pair in zip(names[::2], [*names[1::2], names[0]], strict=False):
        await asyncio.gather(*(call(name) for name in pair))


async def test_the_typescript_client_sees_it_all(served: Served, tmp_path: Path) -> None:
    tools = require("mcp-inspector")
    client = [str(tools / "bin" / "node"), str(HERE / "typescript_client.mjs")]
    sdk = tools / "node_modules" / "@modelcontextprotocol" / "sdk"
    words = [*client, str(sdk), served.endpoint.url, served.token, json.dumps(ARGUMENTS)]
    ran = asyncio.create_task(run(*words, home=tmp_path))
    while not ran.done():
        served.factory.change("ws-a")
        await asyncio.sleep(0.05)
    code, out, err = ran.result()
    assert code == 0, err
    saw = json.loads(out)
    assert list(saw["tools"]) == list(TOOLS)
    assert [name for name, result in saw["tools"].items() if result["isError"]] == ["send_message"]
    assert saw["updated"] == "factory://workspace/ws-a"
    assert saw["resources"][0] == "factory://workspaces"
    assert saw["prompts"] == ["from-issue"]
