"""Notice that an editor's process is gone: it may have died and left its end of our pipe to a child."""

import asyncio
import os
import sys

POLL = 2.0
"""Seconds between looks where the system cannot tell us."""


async def gone(process: int) -> None:
    """Return when `process` has ended. One that cannot be seen now (another container's) is never waited for."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        await asyncio.get_running_loop().create_future()
    except PermissionError:
        pass
    if sys.platform == "linux":
        try:
            descriptor = os.pidfd_open(process)
        except OSError:
            pass
        else:
            await _readable(descriptor)
            return
    while _alive(process):  # noqa: ASYNC110 - there is nothing to wait for but time
        await asyncio.sleep(POLL)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
