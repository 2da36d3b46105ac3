"""Reading a log, or an artifact, without holding up the loop."""

import asyncio
import sys
from pathlib import Path

import msgspec

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.files import FileIndex
from factory_ls.ci.reporting import Directory
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Report
from factory_ls.process import end, start

IN_PROCESS_BYTES = 256 * 1024
"""A log up to this size is read in a thread; a larger one in a process of its own, so that no editor waits for it."""

READ_LIMIT_SECONDS = 300


async def extract(text: bytes, files: FileIndex, worktree: Path, directory: Directory | None = None) -> Report:
    """Reads a log, however large it is."""
    if len(text) <= IN_PROCESS_BYTES:
        return await asyncio.to_thread(diagnose, text, files=files, directory=directory)
    return await extract_apart(text, worktree)


async def extract_apart(data: bytes, worktree: Path) -> Report:
    """Reads a log, a result file or a zip of such in a process of its own."""
    process = await start(
        sys.executable, "-m", "factory_ls", "diagnose", "--format", "json", "--root", str(worktree), "-",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(READ_LIMIT_SECONDS):
            out, err = await process.communicate(data)
    except TimeoutError:
        raise FactoryError(ErrorKind.TIMEOUT, f"Reading {len(data)} bytes took too long.", "") from None
    finally:
        await end(process)
    try:
        return msgspec.json.decode(out, type=Report)
    except msgspec.MsgspecError:
        raise FactoryError(
            ErrorKind.INTERNAL,
            f"The log reader failed: {err[-300:].decode('utf-8', 'replace')}",
            "Please report this log.",
        ) from None
