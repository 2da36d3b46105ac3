"""Waits until a file may have grown: by inotify where there is one, else by looking ever less often.

watchfiles collects changes over tens of milliseconds in a thread a watch; a stream wants none of both.
"""

import asyncio
import contextlib
import ctypes
import os
import struct
import sys
from pathlib import Path
from typing import Protocol

_IN_MODIFY = 0x00000002
_EVENT = struct.calcsize("iIII") + 256


class Watch(Protocol):
    async def changed(self) -> None:
        """Returns when the file may have grown since the last call began. Spurious returns are allowed."""

    def wake(self) -> None:
        """Lets a waiting `changed` return."""

    def found(self) -> None:
        """Says that it had grown: more may follow at once."""

    def close(self) -> None: ...


def watch(path: Path) -> Watch:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):  # a limit of the user's (fs.inotify.max_user_instances)
            return _Inotify(path)
    return _Polling()


class _Inotify:
    """inotify(7) on one file, its descriptor read by the event loop: no thread, no latency."""

    def __init__(self, path: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0 or libc.inotify_add_watch(self._descriptor, os.fsencode(path), _IN_MODIFY) < 0:
            error = ctypes.get_errno()
            if self._descriptor >= 0:
                os.close(self._descriptor)
            raise OSError(error, os.strerror(error), str(path))
        self._event = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._descriptor, self._drain)

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._descriptor, 64 * _EVENT):
                self._event.set()

    async def changed(self) -> None:
        await self._event.wait()
        self._event.clear()

    def wake(self) -> None:
        self._event.set()

    def found(self) -> None:
        """Needs no telling."""

    def close(self) -> None:
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


class _Polling:
    """Every 5 ms while something was found lately, at last every 100 ms. The caller looks; this only paces."""

    _FASTEST, _SLOWEST = 0.005, 0.1

    def __init__(self) -> None:
        self._pause = self._FASTEST
        self._event = asyncio.Event()

    async def changed(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pause):
                await self._event.wait()
        self._event.clear()
        self._pause = min(self._pause * 1.05, self._SLOWEST)

    def found(self) -> None:
        self._pause = self._FASTEST

    def wake(self) -> None:
        self._event.set()

    def close(self) -> None:
        """Holds nothing."""
