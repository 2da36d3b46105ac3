"""MCP from a terminal in a worktree, and an editor without a hub: the real program on the real application."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import PATIENCE, PROGRAM, call, run
from tests.hub.support import REPOSITORY, Editor, alive, environment, until


@pytest.fixture
async def env(place: Path) -> AsyncIterator[dict[str, str]]:
    env = environment(place, PYTHONPATH=str(REPOSITORY))
    yield env
    await run(env, "hub", "stop")


@pytest.fixture
def repository(env: dict[str, str]) -> Path:
    path = Path(env["HOME"], "repository")
    author = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(path)], check=True, env=env)
    commit = ["git", *author, "commit", "--quiet", "--allow-empty", "--message=A"]
    subprocess.run(commit, cwd=path, check=True, env=env)
    return path


async def test_mcp_in_a_worktree_knows_its_workspace(env: dict[str, str], repository: Path) -> None:
    made = await call(env, "factory.workspace.create", repoPath=str(repository), name="here")
    folder = Path(made["path"], "deep")
    folder.mkdir()
    client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    messages = (
        {"id": 1, "method": "initialize", "params": client},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "get_workspace", "arguments": {}}},
    )
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "mcp", env=env, cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    answers: dict[int, Any] = {}
    for message in messages:
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    while 2 not in answers:
        answer = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
        answers[answer.get("id", 0)] = answer.get("result")
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    assert answers[1]["serverInfo"]["name"] == "factory"
    assert "here" in answers[2]["content"][0]["text"]


async def test_an_editor_without_a_hub(env: dict[str, str], repository: Path) -> None:
    alone = {**env, "FACTORY_NO_HUB": "1"}
    async with await Editor.start(alone) as editor:
        await editor.initialize()
        assert "this window only" in (await editor.notification("window/showMessage"))["message"]
        made = await editor.execute("factory.workspace.create", repoPath=str(repository), name="alone")
        assert made["result"]["status"] == "READY"
        assert not Path(env["BASE_DIR"], "hub.json").exists()
        # Meanwhile nobody else works with the database, and is told why.
        assert (await run(env, "status")).error["kind"] == "busy"
        assert await editor.leave() == 0
    assert [workspace["name"] for workspace in await call(env, "factory.workspace.list")] == ["alone"]


async def test_an_idle_hub_ends_by_itself(env: dict[str, str]) -> None:
    found = await call({**env, "FACTORY_HUB_IDLE_SECONDS": "0.4"}, "factory.hub.status")
    await until(lambda: not alive(found["pid"]))
    assert not list(Path(env["XDG_RUNTIME_DIR"], "factory-ls").iterdir())
