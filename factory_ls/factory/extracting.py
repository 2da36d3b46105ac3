"""Reading a log, or an artifact, without holding up the loop."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import IO

import msgspec

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.files import FileIndex
from factory_ls.ci.tolerance import ApiJob, tolerated
from factory_ls.ci.workflow import Workflows
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Report
from factory_ls.process import end, start

IN_PROCESS_BYTES = 256 * 1024
"""A log up to this size is read in a thread; a larger one in a process of its own, so that no editor waits for it."""

READ_LIMIT_SECONDS = 300


async def extract(
    text: bytes, files: FileIndex, worktree: Path, workflows: Workflows, job: bytes | None = None
) -> Report:
    """Reads a log, however large it is. `job` is the job as GitHub's API gives it."""
    if len(text) > IN_PROCESS_BYTES:
        return await extract_apart(text, worktree, job)
    told = msgspec.json.decode(job, type=ApiJob) if job else None
    return await asyncio.to_thread(
        diagnose, text, files=files, directory=workflows.directory, tolerated=tolerated(workflows, told)
    )


async def extract_apart(data: bytes, worktree: Path, job: bytes | None = None) -> Report:
    """Reads a log, a result file or a zip of such in a process of its own."""
    with await asyncio.to_thread(_filed, data) as file, await asyncio.to_thread(_named, job or b"{}") as told:
        process = await start(
            sys.executable, "-m", "factory_ls", "diagnose", "--format", "json", "--root", str(worktree),
            "--job", told.name, "-",
            stdin=file, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(READ_LIMIT_SECONDS):
                out, err = await process.communicate()
        except TimeoutError:
            raise FactoryError(ErrorKind.TIMEOUT, f"Reading {len(data)} bytes took too long.", "") from None
        finally:
            await end(process)
    try:
        return await asyncio.to_thread(msgspec.json.decode, out, type=Report)
    except msgspec.MsgspecError:
        raise FactoryError(
            ErrorKind.INTERNAL,
            f"The log reader failed: {err[-300:].decode('utf-8', 'replace')}",
            "Please report this log.",
        ) from None


def _filed(data: bytes) -> IO[bytes]:
    """`data` to be read from its beginning. A pipe would have the loop copy it, all at once at first."""
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - the caller closes it
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
    file.seek(0)
    return file


def _named(data: bytes) -> IO[bytes]:
    file = tempfile.NamedTemporaryFile(prefix="factory-job-")  # noqa: SIM115 - the caller closes it
    file.write(data)
    file.flush()
    return file
