"""One run of a program that must never outlive its caller."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from typing import NamedTuple


class Finished(NamedTuple):
    code: int
    stdout: bytes
    stderr: bytes


async def run(argv: list[str], *, env: Mapping[str, str], stdin: bytes | None = None, seconds: float) -> Finished:
    """Runs `argv` in a process group of its own; the whole group is killed on time-out and on cancellation.

    Raises `OSError` when it cannot be started and `TimeoutError` after `seconds`. The folder is `/`: `gh` looks for a
    repository around the current folder, and must not find one.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(env),
            cwd="/",
            start_new_session=True,
        )
    )
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Cancelled while it starts, asyncio would kill the program alone and wait for ever for a child of its holding
        # a pipe. So the start is let finish first.
        with contextlib.suppress(OSError):
            await _kill(await starting)
        raise
    try:
        async with asyncio.timeout(seconds):
            stdout, stderr = await process.communicate(stdin)
    except BaseException:
        await _kill(process)  # even when the program itself has ended: a child of its may still hold the pipe
        raise
    return Finished(process.returncode or 0, stdout, stderr)


async def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # A child that left the group may still hold a pipe, which `wait` waits for too: not worth more than a moment.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2):
            await process.wait()
