"""Progress of a call: from commands, which report it as often as they like, to the client, told now and then."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from factory_ls.factory.command import Report
from factory_ls.model.text import one_line

PAUSE_SECONDS = 0.1
"""At most ten a second: a command that prints a million lines is told by its latest."""
MAX_MESSAGE = 200

Send = Callable[[float, float | None, str], Awaitable[None]]
"""(progress, total, message), as in `notifications/progress`."""


@asynccontextmanager
async def reporting(send: Send) -> AsyncIterator[Report]:
    """A Report whose latest word is sent, and the last one before the end."""
    latest: tuple[str, float | None] | None = None
    news = asyncio.Event()

    def report(message: str, percent: float | None) -> None:
        nonlocal latest
        latest = message, percent
        news.set()

    done = 0.0

    async def tell() -> None:
        nonlocal latest, done
        while latest is not None:
            message, percent = latest
            latest = None
            # The protocol wants a number that only grows, known or not.
            done = max(done + 0.01, percent or 0.0)
            await send(done, 100.0, one_line(message, MAX_MESSAGE))

    async def watch() -> None:
        while await news.wait():
            news.clear()
            await tell()
            await asyncio.sleep(PAUSE_SECONDS)

    task = asyncio.create_task(watch())
    try:
        yield report
        await tell()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({task})
