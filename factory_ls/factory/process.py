"""Runs the repository's own commands (setup, checks): a shell line in a worktree, with a limit, its tree ended."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from factory_ls.process import end, start

KEPT_OUTPUT = 50_000
"""Bytes of a command's output that are kept: the last ones."""

TERM_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is the exit status, negative for a signal; `timed_out` when the limit ended it."""

    code: int
    output: str
    seconds: float
    timed_out: bool = False

    @property
    def ok(self) -> bool:
        return self.code == 0 and not self.timed_out


async def run_shell(
    command: str,
    cwd: Path,
    *,
    limit: float,
    environ: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Outcome:
    """Runs one shell line (`bash` when there is one, as GitHub Actions does) and waits for its whole process group.

    `limit` is in seconds. Cancelling the caller ends the processes too. Raises `OSError` when no shell can be started.
    """
    started = time.monotonic()
    bash = shutil.which("bash")
    shell = [bash, "-e", "-o", "pipefail", "-c"] if bash else ["/bin/sh", "-e", "-c"]
    # A pipe of our own: asyncio's `wait` returns only when every holder of its pipe is gone, background children too.
    reading, writing = os.pipe()
    try:
        process = await start(
            *shell,
            command,
            cwd=cwd,
            env=dict(os.environ if environ is None else environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writing,
            stderr=asyncio.subprocess.STDOUT,
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    tail = bytearray()
    reader = asyncio.create_task(_read(reading, tail, on_line))
    timed_out = False
    try:
        async with asyncio.timeout(limit):
            await process.wait()
    except TimeoutError:
        timed_out = True
    finally:
        await end(process, TERM_GRACE_SECONDS)
        # The group is gone, and with it all that held the pipe; a child that left the group is not waited for.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reader, 1)
    code = process.returncode if process.returncode is not None else -signal.SIGKILL
    return Outcome(code, tail.decode("utf-8", "replace"), time.monotonic() - started, timed_out)


async def _read(pipe: int, tail: bytearray, on_line: Callable[[str], None] | None) -> None:
    stream = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(pipe, "rb", 0))
    rest = b""
    try:
        while chunk := await stream.read(65536):
            tail += chunk
            del tail[:-KEPT_OUTPUT]
            if on_line:
                *lines, rest = (rest + chunk)[-KEPT_OUTPUT:].split(b"\n")
                for line in lines:
                    on_line(line.decode("utf-8", "replace").rstrip())
    finally:
        transport.close()
