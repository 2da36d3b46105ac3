"""Two pull requests at once with the real hub, gh and Claude CLI; the hub is killed at each step of a dispatch."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from factory_ls.demo.github_state import Pull
from factory_ls.demo.messages_api import Reply, Request, Text, Tool
from factory_ls.demo.sample import tools_used
from factory_ls.demo.scene import Scene
from factory_ls.hub.client import call
from factory_ls.model.errors import FactoryError
from tests.e2e.ratchet_stage import FIX, Stage

pytestmark = [pytest.mark.gh, pytest.mark.claude]
PATIENCE = 120.0


class Killer:
    """Kills the hub with SIGKILL, once at each moment it is told of."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.left = {"dispatched", "works", "edited", "ends", "pushed"}
        self.killed: set[int] = set()

    def at(self, moment: str) -> None:
        """The next hub may not be there yet: then this moment found none, which is as good."""
        if moment not in self.left:
            return
        self.left.remove(moment)
        pid = json.loads((self._scene.folder / "factory" / "hub.json").read_text())["pid"]
        if pid not in self.killed:
            self.killed.add(pid)
            os.kill(pid, signal.SIGKILL)

    def model(self, request: Request) -> Reply:
        """The fixer: one edit and the end of its turn. What it asks and gets are moments at which the hub dies."""
        if not request.tools:
            return Reply(blocks=(Text('{"title": "x"}'),))
        # What Claude is told of a call whose permission was asked of a hub that died.
        again = "retry the same tool call" in json.dumps(request.tool_results)
        if tools_used(request) == 0 or again:
            self.at("works")
            return Reply(blocks=(Tool("Bash", {"command": FIX, "description": "fix"}),))
        self.at("edited" if "edited" in self.left else "ends")
        return Reply(blocks=(Text("I am done."),))


async def test_two_pull_requests_while_the_hub_is_killed_at_each_step(real: Scene) -> None:
    killer = Killer(real)
    real.model.script = killer.model
    stage = Stage(real)
    await stage.set_up()
    pulls = {name: await stage.pull(name) for name in ("one", "two")}
    red = {name: pull.head_sha for name, pull in pulls.items()}
    refs: dict[str, dict[str, str]] = {}
    for name in pulls:
        source = {"kind": "RESUME_BRANCH", "branch": name}
        made = await do(real, "workspace.create", repoPath=str(real.checkout), source=source, ratchet=True)
        refs[name] = {"workspace": made["id"]}

    seen: dict[str, dict[str, Any]] = {}

    def settled() -> bool:
        return not killer.left and bool(seen) and all(one["state"] == "READY" for one in seen.values())

    async with asyncio.timeout(PATIENCE):  # each question is a connection of its own, which is pause enough
        while not settled():
            with contextlib.suppress(FactoryError, OSError):  # the hub dies while it answers
                seen = {name: await do(real, "ratchet.explain", **ref) for name, ref in refs.items()}
                sessions = await do(real, "session.list")
                for ref in refs.values():
                    assert len(fixers(sessions, ref, lambda one: one["status"] in LIVE)) <= 1
            if any(one["activeSessionId"] for one in seen.values()):
                killer.at("dispatched")
            if any(pulls[name].head_sha != red[name] for name in pulls):
                killer.at("pushed")
    assert len(killer.killed) >= 3
    await stage.github.idle()
    for name, pull in pulls.items():
        await one_fix_pushed_once(stage, pull, red[name])
        assert seen[name]["attempts"] <= 2, "at most one fixer died before it began"


LIVE = ("STARTING", "RUNNING", "IDLE", "WAITING")


def fixers(
    sessions: list[dict[str, Any]], ref: dict[str, str], also: Callable[[dict[str, Any]], bool]
) -> list[dict[str, Any]]:
    return [
        one
        for one in sessions
        if one["workspaceId"] == ref["workspace"] and one["workflow"].startswith("ratchet/") and also(one)
    ]


async def one_fix_pushed_once(stage: Stage, pull: Pull, red: str) -> None:
    pushed = await stage.git("log", "--format=%B", f"{red}..{pull.head_sha}", cwd=stage.scene.repository.path)
    assert pushed.count("Factory-Proof: bash check.sh: exit 1 before, exit 0 after") == 1
    count = await stage.git("rev-list", "--count", f"{red}..{pull.head_sha}", cwd=stage.scene.repository.path)
    assert count.strip() == "1"
    assert stage.jobs(pull.head_sha)["test"].conclusion == "SUCCESS"


async def do(scene: Scene, command: str, **arguments: Any) -> Any:
    """In the hub, which is started when there is none."""
    return await asyncio.to_thread(call, f"factory.{command}", arguments, environ=scene.environ)
