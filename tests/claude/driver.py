"""A hub in miniature: one child, one conversation, events in a list. What the session tests drive."""

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from factory_ls.claude.child import Child
from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import Effect, Record, Send, TurnEnded
from factory_ls.claude.launch import LaunchSpec
from factory_ls.model.session import PendingRequest

E = TypeVar("E", bound=Effect)


class Driver:
    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.child: Child
        self.offset = 0
        self.lines: list[bytes] = []
        """What the process wrote, as read."""
        self.events: list[tuple[str, bytes]] = []
        """What a store would hold: the process's lines and our records, in order."""
        self.effects: list[Effect] = []
        self._changed = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    async def start(self, spec: LaunchSpec, folder: Path) -> None:
        self.child = await Child.start(spec, folder)
        await self.perform(self.conversation.started())
        self._pump = asyncio.create_task(self._read())

    async def attach(self, folder: Path, pid: int, started: str | None, offset: int) -> None:
        self.offset = offset
        self.child = await Child.attach(folder, pid, started)
        self._pump = asyncio.create_task(self._read())
        await self.perform(self.conversation.resume())

    async def _read(self) -> None:
        async for batch in self.child.batches(self.offset):
            for line in batch:
                self.lines.append(line.raw)
                self.events.append(("", line.event))
                self.offset = line.end
                await self.perform(self.conversation.receive(line.message))
        code, stderr = await self.child.wait(), await self.child.stderr_tail()
        await self.perform(self.conversation.exited(code, stopped=self.child.stopped, stderr=stderr))

    async def perform(self, effects: list[Effect]) -> None:
        self.effects += effects
        for effect in effects:
            if isinstance(effect, Record):
                self.events.append(("", effect.event))
            elif isinstance(effect, Send):
                await self.child.send(effect.line)
        self._changed.set()

    async def send(self, text: str) -> str:
        key = str(uuid.uuid4())
        await self.perform(self.conversation.send(text, key))
        return key

    async def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    assert self._pump is not None
                    if self._pump.done():
                        self._pump.result()
                        assert condition(), f"the process ended first: {self.effects}"
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not reached; effects: {self.effects[-12:]}") from None

    async def turn(self, text: str) -> TurnEnded:
        """Sends and waits for the end of the turn that answers it."""
        key = await self.send(text)
        return await self.answered(key)

    async def answered(self, key: str) -> TurnEnded:
        await self.until(lambda: any(key in turn.uuids for turn in self.all(TurnEnded)))
        return next(turn for turn in self.all(TurnEnded) if key in turn.uuids)

    async def asked(self) -> PendingRequest:
        await self.until(lambda: self.conversation.pending)
        return next(iter(self.conversation.pending.values()))

    def all(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    async def ended(self) -> None:
        assert self._pump is not None
        await asyncio.wait_for(self._pump, 20)

    async def close(self) -> None:
        if self._pump is not None:
            await self.child.stop(grace=2)
            await self.ended()
