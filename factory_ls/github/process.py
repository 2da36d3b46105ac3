"""One run of a program that must never outlive its caller."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from factory_ls.process import end, start


class Finished(NamedTuple):
    code: int
    stdout: bytes
    stderr: bytes


async def run(argv: list[str], *, env: Mapping[str, str], stdin: bytes | None = None, seconds: float) -> Finished:
    """Runs `argv` in a process group of its own; the whole group is killed on time-out and on cancellation.

    Raises `OSError` when it cannot be started and `TimeoutError` after `seconds`. The folder is `/`: `gh` looks for a
    repository around the current folder, and must not find one.
    """
    process = await start(
        *argv,
        stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(env),
        cwd="/",
    )
    try:
        async with asyncio.timeout(seconds):
            stdout, stderr = await process.communicate(stdin)
    except BaseException:
        await end(process)  # even when the program itself has ended: a child of its may still hold the pipe
        raise
    return Finished(process.returncode or 0, stdout, stderr)
