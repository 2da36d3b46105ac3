"""Records what the real command line writes, for `test_recorded.py`: `python -m tests.claude.record`.

Played against the scripted Messages API, and scrubbed: what stands in for this machine's paths is the same everywhere,
and of the greeting only what we read is kept.
"""

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import TurnEnded
from factory_ls.claude.launch import LaunchSpec
from factory_ls.demo.messages_api import Directives, MessagesApi, Reply
from factory_ls.model.session import PermissionMode
from tests.claude.driver import Driver
from tests.tools import require

FOLDER = Path(__file__).parent / "recorded"
SESSION = "11111111-2222-4333-8444-555555555555"
QUESTION = {
    "questions": [
        {
            "question": "Which?",
            "header": "Which",
            "multiSelect": False,
            "options": [{"label": "A", "description": "a"}, {"label": "B", "description": "b"}],
        }
    ]
}
_LEFT_OUT = ("commands", "agents", "models", "account", "slash_commands", "skills", "output_styles", "plugins", "tools")


async def turn(driver: Driver) -> None:
    await driver.turn("SAY Grüße, 世界 \N{PILE OF POO}")


async def allowed(driver: Driver) -> None:
    key = await driver.send("BASH seq 1 3; echo done >&2")
    await driver.perform(driver.conversation.answer((await driver.asked()).request, "allow"))
    await driver.answered(key)


async def denied(driver: Driver) -> None:
    key = await driver.send("BASH rm -rf build")
    await driver.perform(driver.conversation.answer((await driver.asked()).request, "deny", message="not today"))
    await driver.answered(key)


async def question(driver: Driver) -> None:
    key = await driver.send(f"TOOL AskUserQuestion {json.dumps(QUESTION)}")
    request = (await driver.asked()).request
    await driver.perform(driver.conversation.answer(request, "allow", answers={"Which?": "B"}))
    await driver.answered(key)


async def interrupted(driver: Driver) -> None:
    key = await driver.send("SLOW 100 0.1")
    await driver.until(lambda: any(b"content_block_delta" in line for line in driver.lines))
    await driver.perform(driver.conversation.interrupt())
    await driver.answered(key)


async def withdrawn(driver: Driver) -> None:
    key = await driver.send("BASH touch made")
    await driver.asked()
    await driver.perform(driver.conversation.interrupt())
    await driver.answered(key)


async def merged(driver: Driver) -> None:
    keys = [await driver.send("SLOW 20 0.05")]
    await driver.until(lambda: any(b"content_block_delta" in line for line in driver.lines))
    keys += [await driver.send(f"SAY number {number}") for number in range(2)]
    for key in keys:
        await driver.answered(key)


async def failing(driver: Driver) -> None:
    await driver.send("ERR 529")
    await driver.until(lambda: driver.all(TurnEnded))


async def limited(driver: Driver) -> None:
    await driver.send("LIMIT")
    await driver.until(lambda: driver.all(TurnEnded))


SCENES: dict[str, Callable[[Driver], Awaitable[None]]] = {
    scene.__name__: scene
    for scene in (turn, allowed, denied, question, interrupted, withdrawn, merged, failing, limited)
}


async def record(name: str, folder: Path) -> bytes:
    for part in ("home", "tmp", "config", "work"):
        (folder / part).mkdir(parents=True)

    def script(request: Any) -> Reply:
        reply = directives(request)
        if reply.status == 429:  # as far in the future as dates go
            unified = {"5h-status": "rejected", "5h-reset": "4102444800", "5h-utilization": "1.0"}
            headers = {f"anthropic-ratelimit-unified-{key}": value for key, value in unified.items()}
            return Reply(status=429, headers={**reply.headers, **headers})
        return reply

    directives = Directives()
    with MessagesApi(script) as api:
        login = {"CLAUDE_CODE_OAUTH_TOKEN": "dummy-not-a-token"} if name == "limited" else {}
        environ = {
            "PATH": os.defpath,
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "CLAUDE_CONFIG_DIR": str(folder / "config"),
            "ANTHROPIC_BASE_URL": api.url,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "CLAUDE_CODE_MAX_RETRIES": "1",
            "DISABLE_AUTOUPDATER": "1",
            **(login or {"ANTHROPIC_API_KEY": "dummy-not-a-key"}),
        }
        work = folder / "work"
        driver = Driver(Conversation(PermissionMode.STRICT, str(work)))
        program = str(require("claude") / "bin" / "claude")
        await driver.start(LaunchSpec(program=program, cwd=work, session_id=SESSION, environ=environ), folder / "s")
        await SCENES[name](driver)
        await driver.until(lambda: not driver.conversation.outbox.waiting)
        await asyncio.sleep(0.3)  # what comes after the end of a turn
        await driver.close()
    written = (folder / "s" / "out").read_text()
    for name, other in ((str(folder), "/home/user"), (str(folder).replace("/", "-"), "-home-user")):
        written = written.replace(name, other)
    return b"".join(scrubbed(json.loads(line)) for line in written.splitlines())


def scrubbed(line: dict[str, Any]) -> bytes:
    for part in (line, (line.get("response") or {}).get("response") or {}):
        for name in _LEFT_OUT:
            if part.get(name):
                part[name] = [] if isinstance(part[name], list) else {}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in SCENES:
        folder = Path(tempfile.mkdtemp(prefix="fls-"))
        began = time.monotonic()
        try:
            (FOLDER / f"{name}.jsonl").write_bytes(asyncio.run(record(name, folder)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{name}: {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
