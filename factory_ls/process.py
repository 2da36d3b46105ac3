"""Programs that never outlive their caller: each in a process group of its own, which is ended whole."""

import asyncio
import contextlib
import os
import signal
from typing import Any

_KILLED_SECONDS = 2.0
"""How long after SIGKILL is waited for the group; a child that left it may hold the program's pipe for ever."""


async def start(*argv: str, **options: Any) -> asyncio.subprocess.Process:
    """Like `asyncio.create_subprocess_exec`, in a new session. Raises `OSError`, and `ValueError` for a NUL byte.

    Cancelled in the middle of a start, asyncio would kill the program alone and wait for ever for a child of its that
    holds a pipe. So the start is let finish, and then the whole group is ended.
    """
    starting = asyncio.ensure_future(asyncio.create_subprocess_exec(*argv, **options, start_new_session=True))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError, ValueError):
            await end(await starting)
        raise


async def end(process: asyncio.subprocess.Process, grace: float = 0.0) -> None:
    """Ends the program and all it started: SIGTERM, up to `grace` seconds to clean up, SIGKILL. Never raises."""
    if grace:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await _gone(process)
    _signal(process, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_KILLED_SECONDS):
            await _gone(process)


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Nothing tells of the end of a group, so it is looked for."""
    await process.wait()
    while _signal(process, 0):  # noqa: ASYNC110 - nobody could set an event
        await asyncio.sleep(0.01)


def _signal(process: asyncio.subprocess.Process, number: int) -> bool:
    """Whether there was a group to send it to."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
