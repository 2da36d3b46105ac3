"""One run of a program that must never outlive its caller."""

import asyncio
import contextlib
import tempfile
from collections.abc import Mapping
from typing import IO, NamedTuple

from factory_ls.process import end, start

HEAD = 64 << 10
"""Bytes in which the headers of an answer end."""


class Finished(NamedTuple):
    """`body`: what follows the headers in `stdout`, where it was asked for apart."""

    code: int
    stdout: bytes
    stderr: bytes
    body: bytes | None = None


async def run(
    argv: list[str], *, env: Mapping[str, str], stdin: bytes | None = None, seconds: float, large: bool = False
) -> Finished:
    """Runs `argv` in a process group of its own; the whole group is killed on time-out and on cancellation.

    `large`: a hundred megabytes may come, such as a job's log. They go by way of a file, for to join and to cut them in
    memory would hold the interpreter, and with it every editor, for tens of milliseconds each time.

    Raises `OSError` when it cannot be started and `TimeoutError` after `seconds`. The folder is `/`: `gh` looks for a
    repository around the current folder, and must not find one.
    """
    file = await asyncio.to_thread(tempfile.TemporaryFile) if large else None
    with file or contextlib.nullcontext():
        process = await start(
            *argv,
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=file or asyncio.subprocess.PIPE,
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
        if file is None:
            return Finished(process.returncode or 0, stdout, stderr)
        head, body = await asyncio.to_thread(_parts, file)
        return Finished(process.returncode or 0, head, stderr, body)


def _parts(file: IO[bytes]) -> tuple[bytes, bytes | None]:
    """Headers and body. Reading a file lets other threads run, however much it is."""
    file.seek(0)
    head = file.read(HEAD)
    at = head.find(b"\r\n\r\n") + 4
    if at < 4:
        return head + file.read(), None
    file.seek(at)
    return head[:at], file.read()
