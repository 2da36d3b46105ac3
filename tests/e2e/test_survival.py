"""The hub is killed in mid-story, while Claude works: the next one goes on to the end."""

import asyncio
import os
import signal
import threading

from factory_ls.demo import sample
from factory_ls.demo.messages_api import Reply, Request, Text, Tool
from factory_ls.demo.scene import Scene
from tests.e2e.support import call, until


class HeldUp:
    """The model asks the factory what fails, is held up, asks again, and then repairs as the demo's script does."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go_on = threading.Event()
        self.answers: list[dict[str, object]] = []

    def __call__(self, request: Request) -> Reply:
        if not request.tools:
            return sample.fix(request)
        asked = sample.tools_used(request)
        ask = Tool("mcp__factory__list_problems", {})
        if asked in (1, 2):
            self.answers += request.tool_results
        if asked == 0:
            return Reply(blocks=(Text("What fails?"), ask))
        if asked == 1:
            self.reached.set()
            assert self.go_on.wait(60)
            return Reply(blocks=(Text("I ask again."), ask))
        # One question more than the demo's script knows of.
        return sample.repair(asked - 1)


async def test_the_next_hub_takes_over_while_the_fixer_works(scene: Scene) -> None:
    held = HeldUp()
    scene.model.script = held
    env = scene.environ
    await scene.set_up_repository()
    workspace = await call(
        env,
        "factory.workspace.create",
        repoPath=str(scene.checkout),
        source={"kind": "RESUME_BRANCH", "branch": sample.BRANCH},
        ratchet=True,
    )
    assert await asyncio.to_thread(held.reached.wait, 60)
    before = await call(env, "factory.hub.status")
    os.kill(before["pid"], signal.SIGKILL)

    after = await until(env, lambda status: status["mcpUrl"], "factory.hub.status")
    assert after["pid"] != before["pid"]
    assert after["mcpUrl"] == before["mcpUrl"]
    held.go_on.set()
    seen = await until(
        env, lambda w: w["ratchet"]["state"] == "READY", "factory.workspace.get", workspace=workspace["id"]
    )
    assert seen["ratchet"]["attempts"] == 1
    assert [answer.get("is_error", False) for answer in held.answers] == [False, False], held.answers

    # Not one event lost or stored twice: every message has a uuid of its own, and all of the model's are there.
    (session,) = await call(env, "factory.session.list")
    page = await call(env, "factory.session.transcript", session=session["id"], limit=1000)
    events = [line["event"] for line in page["events"]]
    uuids = [event["uuid"] for event in events if event["type"] in ("assistant", "user", "result") and "uuid" in event]
    assert len(uuids) == len(set(uuids))
    said = [block for e in events if e["type"] == "assistant" for block in e["message"]["content"]]
    texts = [block["text"] for block in said if block["type"] == "text"]
    assert texts.count("What fails?") == texts.count("I ask again.") == 1
