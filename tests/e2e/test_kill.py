"""The hub is killed with SIGKILL; the next one goes on, and what is stored is what Claude wrote: all of it, once."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from factory_ls.demo.messages_api import Directives
from factory_ls.demo.scene import Programs, Scene
from factory_ls.demo.story import stop_hub
from factory_ls.hub.client import call
from factory_ls.model.errors import FactoryError
from tests.tools import require

KILLS = int(os.environ.get("FACTORY_TEST_KILLS", "5"))
"""How often the crash test kills the hub. CI's nightly run sets 200, which takes about five minutes."""


class Crashing:
    """A scene whose hub may be gone at any moment."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.base = scene.folder / "factory"

    async def do(self, command: str, **arguments: Any) -> Any:
        return await asyncio.to_thread(call, f"factory.{command}", arguments, environ=self.scene.environ)

    async def kill(self) -> None:
        pid = (await self.do("hub.status"))["pid"]
        os.kill(pid, signal.SIGKILL)

    async def session(self, session: str) -> dict[str, Any]:
        return next(one for one in await self.do("session.list") if one["id"] == session)

    async def until(self, session: str, condition: Callable[[dict[str, Any]], Any], seconds: float = 30) -> Any:
        deadline = time.monotonic() + seconds
        while not condition(found := await self.session(session)):
            assert time.monotonic() < deadline, json.dumps(found)
        return found

    def stored(self, session: str) -> list[bytes]:
        with sqlite3.connect(f"file:{self.base / 'data.db'}?mode=ro", uri=True) as database:
            rows = database.execute(
                """
                SELECT seq, body FROM session_events JOIN session_streams ON stream = id
                WHERE session = ? ORDER BY seq
                """,
                (session,),
            ).fetchall()
        assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
        return [bytes(body) for _, body in rows]

    def assert_all_and_once(self, session: str) -> int:
        written = (self.base / "sessions" / session / "out").read_bytes().splitlines()
        kept = [body for body in self.stored(session) if not body.startswith(b'{"type":"factory/')]
        assert kept == written
        return len(written)


@pytest.fixture(params=["stand-ins", pytest.param("real", marks=pytest.mark.claude)])
async def crashing(request: pytest.FixtureRequest, place: Path) -> AsyncIterator[Crashing]:
    claude = str(require("claude") / "bin" / "claude") if request.param == "real" else None
    async with Scene(place, programs=Programs(gh=None, claude=claude), script=Directives(), interval=3600) as scene:
        scene.repository = await scene.github.add_repository("acme", "basket")
        await scene.git("clone", "--quiet", "git@github.com:acme/basket.git", str(scene.checkout), cwd=scene.folder)
        await scene.git("checkout", "--quiet", "-B", "main")
        await scene.commit({"README.md": "A basket\n"}, "A basket")
        scene.environ |= {"CLAUDE_RATE_LIMIT_PER_MINUTE": "1000", "CLAUDE_RATE_LIMIT_PER_HOUR": "10000"}
        yield Crashing(scene)
        await stop_hub(scene)


@pytest.mark.parametrize("moment", ["speaking", "tool", "asking"])
async def test_the_next_hub_goes_on(crashing: Crashing, moment: str) -> None:
    prompt = {"speaking": "SLOW 15 0.05", "tool": "BASH touch begun; sleep 1; echo over", "asking": "BASH touch begun"}
    workspace = await crashing.do("workspace.create", repoPath=str(crashing.scene.checkout), name="one")
    mode = "strict" if moment == "asking" else "yolo"
    session = (await crashing.do("session.start", workspace="one", prompt=prompt[moment], permissions=mode))["id"]
    begun = Path(workspace["path"]) / "begun"
    if moment == "asking":
        asked = (await crashing.until(session, lambda s: s["pending"]))["pending"]
    elif moment == "tool":
        while not begun.exists():
            await asyncio.sleep(0.01)
    else:
        await crashing.until(session, lambda s: s["status"] == "RUNNING")
    await crashing.kill()
    after = await crashing.session(session)
    if moment == "asking":
        assert after["pending"] == asked
        assert after["unattended"], "no editor is there"
        answer = {"session": session, "request": asked[0]["request"], "decision": "allow"}
        await crashing.do("session.answer", **answer)
    done = await crashing.until(session, lambda s: s["turns"] == 1 and s["status"] == "IDLE")
    assert done["error"] is None
    assert begun.exists() == (moment != "speaking")
    await crashing.do("session.send", session=session, prompt="SAY second hub")
    await crashing.until(session, lambda s: s["turns"] == 2 and s["status"] == "IDLE")
    await crashing.do("session.stop", session=session)
    assert crashing.assert_all_and_once(session) > 5


async def test_killed_at_random_moments(crashing: Crashing) -> None:
    dice = random.Random(20260131)  # noqa: S311 - the same moments each time
    await crashing.do("workspace.create", repoPath=str(crashing.scene.checkout), name="one")
    sessions = [(await crashing.do("session.start", workspace="one"))["id"] for _ in range(2)]
    sent: dict[str, str] = {}
    for number in range(KILLS):
        session = dice.choice(sessions)
        text = dice.choice(["SAY number {}", "BASH echo number {}", "SLOW 6 0.03\nSAY number {}"]).format(f"<{number}>")
        sent[f"<{number}>"] = session
        sending = asyncio.create_task(crashing.do("session.send", session=session, prompt=text))
        await asyncio.sleep(dice.uniform(0, 0.5))
        await crashing.kill()
        # A client whose hub died under it looks whether its message was taken before it sends it again.
        try:
            await sending
        except (FactoryError, OSError):
            if not any(f"<{number}>".encode() in body for body in crashing.stored(session)):
                await crashing.do("session.send", session=session, prompt=text)
    for session in sessions:
        expected = [mark for mark, where in sent.items() if where == session]
        done = await crashing.until(session, lambda s: s["status"] == "IDLE", 60)
        assert done["error"] is None
        prompts = [
            json.loads(body) for body in crashing.stored(session) if body.startswith(b'{"type":"factory/prompt"')
        ]
        assert [sum(mark in prompt["text"] for prompt in prompts) for mark in expected] == [1] * len(expected)
        answered = [json.loads(body) for body in crashing.stored(session) if b'"result"' in body]
        uuids = [uuid for one in answered if one["type"] == "result" for uuid in one.get("user_message_uuids") or []]
        assert sorted(uuids) == sorted(prompt["uuid"] for prompt in prompts), "each message is answered exactly once"
        await crashing.do("session.stop", session=session)
        crashing.assert_all_and_once(session)
