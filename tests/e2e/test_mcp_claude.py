"""The real Claude on our MCP endpoint, through the whole program: over a hub's death, and between sessions."""

import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from factory_ls.demo.messages_api import Directives
from factory_ls.demo.scene import Programs, Scene
from factory_ls.demo.story import stop_hub
from tests.e2e.support import call, until
from tests.tools import require

pytestmark = pytest.mark.claude


@pytest.fixture
async def environ(place: Path) -> AsyncIterator[dict[str, str]]:
    """With a repository, and a model that does what its last message says."""
    programs = Programs(gh=None, claude=str(require("claude") / "bin" / "claude"))
    async with Scene(place, programs=programs, script=Directives(), interval=3600) as scene:
        scene.repository = await scene.github.add_repository("acme", "basket")
        await scene.git("clone", "--quiet", "git@github.com:acme/basket.git", str(scene.checkout), cwd=scene.folder)
        await scene.git("checkout", "--quiet", "-B", "main")
        await scene.commit({"README.md": "A basket\n"}, "A basket")
        await call(scene.environ, "factory.workspace.create", repoPath=str(scene.checkout), name="one")
        yield scene.environ
        await stop_hub(scene)


def tool(name: str, /, **arguments: Any) -> str:
    """The directive that has the model call one of our tools."""
    return f"TOOL mcp__factory__{name} {json.dumps(arguments)}"


async def turned(environ: dict[str, str], session: str, count: int) -> dict[str, Any]:
    """The session, idle after so many turns."""

    def of(sessions: list[dict[str, Any]]) -> dict[str, Any]:
        return next(one for one in sessions if one["id"] == session)

    def state(sessions: list[dict[str, Any]]) -> bool:
        return of(sessions)["turns"] >= count and of(sessions)["status"] == "IDLE"

    return of(await until(environ, state, "factory.session.list"))


async def transcript(environ: dict[str, str], session: str) -> list[dict[str, Any]]:
    answer = await call(environ, "factory.session.transcript", session=session, limit=1000)
    return [row["event"] for row in answer["events"]]


async def results(environ: dict[str, str], session: str) -> list[str]:
    """What its tools answered, as Claude was shown it."""
    said = [event["message"]["content"] for event in await transcript(environ, session) if event["type"] == "user"]
    blocks = [block for content in said if isinstance(content, list) for block in content]
    return [
        block["content"] if isinstance(block["content"], str) else block["content"][0]["text"]
        for block in blocks
        if block.get("type") == "tool_result"
    ]


async def test_it_reaches_the_next_hub_too(environ: dict[str, str]) -> None:
    prompt = tool("get_workspace")
    session = (await call(environ, "factory.session.start", workspace="one", prompt=prompt))["id"]
    before = await turned(environ, session, 1)
    (first,) = await results(environ, session)
    assert json.loads(first)["name"] == "one"
    hub = await call(environ, "factory.hub.status")
    os.kill(hub["pid"], signal.SIGKILL)
    await call(environ, "factory.session.send", session=session, prompt=tool("list_workspaces"))
    after = await turned(environ, session, 2)
    assert after["pid"] == before["pid"], "the same Claude"
    assert (await call(environ, "factory.hub.status"))["pid"] != hub["pid"]
    _, second = await results(environ, session)
    assert [row["name"] for row in json.loads(second)["workspaces"]] == ["one"]


async def test_one_session_has_another_do_a_part_and_hears_of_it(environ: dict[str, str]) -> None:
    report = tool("send_message", message="SAY the part is done")
    prompt = tool("create_workspace", name="part", prompt=report)
    session = (await call(environ, "factory.session.start", workspace="one", prompt=prompt))["id"]
    await turned(environ, session, 2)
    (child,) = [w for w in await call(environ, "factory.workspace.list") if w["name"] == "part"]
    assert child["parentSession"] == session
    await turned(environ, child["sessions"][0]["id"], 1)
    heard = await transcript(environ, session)
    assert [event["workspace"] for event in heard if event["type"] == "factory/message"] == [child["id"]]
    prompts = [event["text"] for event in heard if event["type"] == "factory/prompt"]
    assert "in the workspace part, another Claude, not from the user" in prompts[-1]
    refused = tool("create_workspace", name="deeper", prompt="SAY no")
    await call(environ, "factory.session.send", session=child["sessions"][0]["id"], prompt=refused)
    await turned(environ, child["sessions"][0]["id"], 2)
    assert "makes none of its own" in (await results(environ, child["sessions"][0]["id"]))[-1]
