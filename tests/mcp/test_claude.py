"""The real Claude command line calls every tool, over HTTP as a session and over stdio as the user's own."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from factory_ls.claude.launch import McpEndpoint, mcp_config, write_mcp_config
from factory_ls.demo.messages_api import MessagesApi, Reply, Request, Tool, say
from factory_ls.mcp.tools.catalogue import TOOLS
from tests.mcp.conftest import BRIDGE, Served
from tests.mcp.fake import ARGUMENTS
from tests.tools import require


class Script:
    """Calls every tool in one reply, and keeps what the model was shown and told."""

    def __init__(self) -> None:
        self.declared: dict[str, dict[str, Any]] = {}
        self.results: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Reply:
        ours = {f"mcp__factory__{name}": name for name in TOOLS}
        if not ours.keys() <= set(request.tools):
            return say("side call")
        if request.tool_results:
            self.results = request.tool_results
            return say("done")
        self.declared = {tool["name"]: tool for tool in request.body["tools"] if tool["name"] in ours}
        given = ARGUMENTS | {"get_check_log": {"problem": "p1", "lines": 3}}
        return Reply(blocks=tuple(Tool(shown, given.get(name, {})) for shown, name in ours.items()))


async def run(script: Script, config: Path, home: Path) -> None:
    program = str(require("claude") / "bin" / "claude")
    with MessagesApi(script) as api:
        environ = {
            "PATH": os.defpath,
            "HOME": str(home),
            "TMPDIR": str(home),
            "CLAUDE_CONFIG_DIR": str(home),
            "ANTHROPIC_BASE_URL": api.url,
            "ANTHROPIC_API_KEY": "dummy-not-a-key",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "CLAUDE_CODE_MAX_RETRIES": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_TELEMETRY": "1",
        }
        words = ["--print", f"--mcp-config={config}", "--strict-mcp-config", "--allowedTools=mcp__factory"]
        process = await asyncio.create_subprocess_exec(
            program,
            *words,
            cwd=home,
            env=environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(b"What fails?"), 60)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert output.decode().strip() == "done", output


def check(script: Script) -> None:
    assert len(script.declared) == len(script.results) == len(TOOLS)
    shown = json.dumps(script.results)
    failed = [name for name, result in zip(TOOLS, script.results, strict=True) if result.get("is_error")]
    assert set(failed) <= {"send_message"}, shown  # a session of the fake has nobody to write to
    assert "src/calc.py" in shown
    assert "assert 5 == 4" in shown
    assert "\\u001b" not in shown
    listed = json.dumps(script.results[list(TOOLS).index("list_problems")]["content"])
    assert len(listed) / 4 <= 1_500


@pytest.mark.claude
async def test_over_http_as_a_session(served: Served, tmp_path: Path) -> None:
    script = Script()
    write_mcp_config(McpEndpoint(served.endpoint.url, served.token), tmp_path)
    await run(script, mcp_config(tmp_path), tmp_path)
    check(script)
    assert {caller.session_id for _, _, caller in served.factory.calls} == {"s1"}


@pytest.mark.claude
async def test_over_stdio_as_the_user(socket_path: str, tmp_path: Path) -> None:
    script = Script()
    server = {"command": sys.executable, "args": ["-c", BRIDGE, socket_path], "alwaysLoad": True}
    config = tmp_path / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"factory": server}}))
    await run(script, config, tmp_path)
    check(script)
