"""Notice that an editor's process is gone: it may have died and left its end of our pipe to a child."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any

POLL = 2.0
"""Seconds between looks where the system cannot tell us."""


def watch(process: int) -> Coroutine[Any, Any, None] | None:
    """What returns when `process`, which is looked up now, has ended.

    None for one that cannot be seen, such as another container's: its end could not be told from its absence.
    """
    if not _alive(process):
        return None
    if sys.platform == "linux":
        try:
            return _readable(os.pidfd_open(process))
        except OSError:
            pass  # a kernel before 5.3, or a sandbox
    return _polled(process)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _polled(process: int) -> None:
    while _alive(process):  # noqa: ASYNC110 - there is nothing to wait for but time
        await asyncio.sleep(POLL)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
