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
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(env),
        cwd="/",
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            stdout, stderr = await process.communicate(stdin)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
    return Finished(process.returncode or 0, stdout, stderr)
