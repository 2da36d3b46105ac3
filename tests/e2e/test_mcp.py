"""MCP through the whole program: the bridge, the hub, git, the GitHub stand-in and Claude."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from factory_ls.demo import sample
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Scene, server
from tests.e2e.support import call

PATIENCE = 60.0


async def workspace_of_the_branch(scene: Scene) -> dict[str, Any]:
    await scene.set_up_repository()
    source = {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}
    made: dict[str, Any] = await call(
        scene.environ, "factory.workspace.create", repoPath=str(scene.checkout), source=source
    )
    return made


@asynccontextmanager
async def bridge(scene: Scene, folder: str, **options: Any) -> AsyncIterator[Client]:
    """The official client on `factory-ls mcp`, started in `folder`."""
    command, *args = server("mcp")
    parameters = StdioServerParameters(command=command, args=args, env=scene.environ, cwd=folder)
    async with Client(parameters, **options) as client:
        yield client


async def until(look: Callable[[], Any], what: str) -> Any:
    async with asyncio.timeout(PATIENCE):
        while True:
            found = look()
            found = await found if asyncio.iscoroutine(found) else found
            if found:
                return found
            await asyncio.sleep(0.1)
    raise AssertionError(what)


async def answer(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def problems(client: Client) -> list[dict[str, Any]]:
    return list((await answer(client, "list_problems")).get("problems", []))


async def kill_hub(scene: Scene) -> None:
    hub = json.loads((Path(scene.environ["BASE_DIR"]) / "hub.json").read_text())
    os.kill(hub["pid"], signal.SIGKILL)


async def test_from_a_failing_check_to_one_that_passes_without_an_editor(scene: Scene) -> None:
    made = await workspace_of_the_branch(scene)
    async with bridge(scene, made["path"]) as client:
        await until(lambda: problems(client), "problems")
        found = await problems(client)
        assert {row["tool"] for row in found} == {"pytest", "ruff"}
        test = next(row for row in found if row["tool"] == "pytest")
        detail = await answer(client, "get_problem", problem=test["id"])
        assert "ZeroDivisionError" in detail["message"] + detail["excerpt"]
        log = await answer(client, "get_check_log", problem=test["id"], lines=5)
        assert len(log["text"].splitlines()) == 5

        told: list[str | None] = []

        async def progress(_: float, __: float | None, message: str | None) -> None:
            told.append(message)

        red = await client.call_tool("run_failing_command", {"check": "test"}, progress_callback=progress)
        assert red.structured_content is not None
        assert red.structured_content["passed"] is False
        assert red.structured_content["problems"][0]["path"] == test["path"]
        assert told
        file = Path(made["path"]) / sample.BROKEN
        half = file.read_text().replace("import math\n", "")
        file.write_text(half)
        assert (await answer(client, "run_failing_command", check="test"))["passed"] is False
        file.write_text(half.replace("len(prices))\n", "len(prices)) if prices else 0\n"))
        for check in ("test", "lint"):
            assert (await answer(client, "run_failing_command", check=check))["passed"] is True
        refused = await client.call_tool("submit_fix", {})
        assert refused.is_error  # the ratchet is off: nobody waits for a fix


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_outlives_the_hub(scene: Scene, mode: Any) -> None:
    made = await workspace_of_the_branch(scene)
    async with bridge(scene, made["path"], mode=mode) as client:
        assert (await answer(client, "get_workspace"))["id"] == made["id"]
        for _ in range(2):
            await kill_hub(scene)
            assert (await answer(client, "get_workspace"))["id"] == made["id"]
        assert len((await client.list_tools()).tools) >= 16


async def test_a_live_buffer_is_the_truth(scene: Scene) -> None:
    made = await workspace_of_the_branch(scene)
    file = Path(made["path"]) / sample.BROKEN
    async with bridge(scene, made["path"]) as client, LspClient(server(), scene.environ, scene.checkout) as editor:
        await until(lambda: problems(client), "problems")
        before = sorted(row["line"] for row in await problems(client))
        editor.open(file, "python")
        await editor.until(lambda: len(editor.diagnostics.get(file.as_uri(), [])) >= 2, "diagnostics", PATIENCE)
        editor.type(file, 2, 0, "# one\n# two\n# three\n")

        async def moved() -> bool:
            return sorted(row["line"] for row in await problems(client)) == [line + 3 for line in before]

        await until(moved, "lines that follow the unsaved text")
