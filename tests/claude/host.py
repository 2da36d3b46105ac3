"""A host that stores what it reads and is killed by its test. Arguments: see `main`; every stored line is written at
once, with the offset behind it (0 for a record of our own)."""

import asyncio
import json
import sys
from pathlib import Path

from factory_ls.claude.child import Child
from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import Effect, Record, Send
from factory_ls.claude.launch import LaunchSpec
from factory_ls.model.session import PermissionMode
from tests.claude.conftest import SESSION


async def main(program: str, worktree: str, folder: str, store: str, mode: str, prompt: str, environ: str) -> None:
    spec = LaunchSpec(program=program, cwd=Path(worktree), session_id=SESSION, environ=json.loads(environ))
    child = await Child.start(spec, Path(folder))
    print(child.pid, child.pid_started, flush=True)
    conversation = Conversation(PermissionMode(mode), worktree)
    with Path(store).open("ab", buffering=0) as file:

        def keep(event: bytes, end: int) -> None:
            file.write(b'{"end":%d,"event":%b}\n' % (end, event))

        async def perform(effects: list[Effect]) -> None:
            for effect in effects:
                if isinstance(effect, Record):
                    keep(effect.event, 0)
                elif isinstance(effect, Send):
                    await child.send(effect.line)

        await perform(conversation.started())
        await perform(conversation.send(prompt, "22222222-2222-4333-8444-555555555555"))
        said = False
        async for batch in child.batches():
            for line in batch:
                keep(line.event, line.end)
                await perform(conversation.receive(line.message))
                if conversation.pending:
                    print("asked", flush=True)
                if not said and b'"init"' in line.raw:
                    said = True
                    if mode != "strict":
                        print("running", flush=True)


asyncio.run(main(*sys.argv[1:]))
