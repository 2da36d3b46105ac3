"""The hub's life: from a lock and a listening socket to a stop by signal, request, or idleness."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec

from factory_ls import __version__
from factory_ls.hub import logs
from factory_ls.hub.listener import LIMIT, Listener
from factory_ls.hub.service import Service
from factory_ls.model.errors import FactoryError
from factory_ls.model.settings import resolve

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0
"""How long the hub waits, with no editor, no Claude and no ratchet, before it ends by itself."""
OPEN_AFTER = 0.3
"""Seconds until the work is taken up where nobody asks for it: an editor that started us is answered first."""


class Daemon:
    """`lock` is the descriptor that makes this process the hub; it stays open until the process ends."""

    def __init__(self, environ: Mapping[str, str], lock: int, listener: socket.socket) -> None:
        self._settings = resolve(environ).settings
        self._idle_seconds = float(environ.get("FACTORY_HUB_IDLE_SECONDS") or IDLE_SECONDS)
        self._lock = lock
        self._socket = listener
        self._path = Path(listener.getsockname())
        self._service = Service(environ, self._write_hub_file)
        self._listener = Listener(self._service, lambda: not self._service.busy, self.stop)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        server = await asyncio.start_unix_server(self._listener.accept, sock=self._socket, limit=LIMIT)
        beside = [loop.create_task(work) for work in (self._take_up_work(), self._end_when_idle())]
        try:
            await self._stopping.wait()
        finally:
            log.info("the hub ends")
            server.close()
            self._path.unlink(missing_ok=True)  # nobody else's: the lock is still ours
            for task in beside:
                task.cancel()
            await self._listener.close()
            await self._service.close()
            self._remove_hub_file()

    async def _take_up_work(self) -> None:
        await asyncio.sleep(OPEN_AFTER)
        await asyncio.to_thread(logs.configure, self._settings)
        log.info("the hub %s runs as process %d", __version__, os.getpid())
        self._write_hub_file()
        try:
            await self._service.application()
        except FactoryError as error:
            log.error("%s", error)  # noqa: TRY400 - told to every editor too; the next one to ask tries again

    async def _end_when_idle(self) -> None:
        """Ends the hub when there was nobody to serve and nothing to do for the whole time between two looks."""
        quiet = 0
        while quiet < 4:
            await asyncio.sleep(self._idle_seconds / 4)
            quiet = 0 if self._listener.served or self._service.busy else quiet + 1
        log.info("nobody is connected and nothing runs")
        self.stop()

    # --- what others may read

    def _write_hub_file(self) -> None:
        """`hub.json`, replaced in one step. Not being able to write it costs only those who look for it."""
        content = msgspec.json.encode(
            {
                "pid": os.getpid(),
                "socket": str(self._path),
                "mcpUrl": self._service.mcp_url,
                "version": __version__,
                "startedAt": self._service.started_at,
            }
        )
        target = self._settings.hub_file
        temporary = target.with_name(f"{target.name}.{os.getpid()}")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
                file.write(content)
            temporary.replace(target)
        except OSError as error:
            log.warning("%s cannot be written: %s", target, error)

    def _remove_hub_file(self) -> None:
        target = self._settings.hub_file
        with contextlib.suppress(OSError, msgspec.DecodeError, AttributeError):
            # Another database's hub may share the folder.
            if msgspec.json.decode(target.read_bytes()).get("pid") == os.getpid():
                target.unlink()


def run(environ: Mapping[str, str], lock: int, listener: socket.socket) -> None:
    """Be the hub until stopped."""

    async def live() -> None:
        await Daemon(environ, lock, listener).run()

    asyncio.run(live())
