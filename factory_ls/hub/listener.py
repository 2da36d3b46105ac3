"""The hub's door: who comes, what they want, and to whom they are handed."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Literal

import msgspec

from factory_ls import __version__
from factory_ls.hub import control
from factory_ls.hub.forward import FAREWELL
from factory_ls.hub.rendezvous import require_same_user
from factory_ls.hub.service import Service
from factory_ls.hub.starting import LEAVING, READY
from factory_ls.lsp import connection
from factory_ls.model.errors import FactoryError
from factory_ls.model.wire import Wire

log = logging.getLogger(__name__)

HELLO_TIMEOUT = 5.0
"""Seconds within which a hello must come."""
LIMIT = 1 << 20
"""Bytes of a line, and half of what is buffered before a sender is held back."""


class Kind(StrEnum):
    LSP = "lsp"
    MCP = "mcp"
    CONTROL = "control"


class Hello(Wire, frozen=True, kw_only=True):
    """The first line of every connection."""

    kind: Literal["lsp", "mcp", "control"]
    version: str
    folder: str | None = None
    """MCP: the client's current folder, which tells its workspace."""


class Listener:
    """`may_leave` tells whether the hub can end without loss; `stop` ends it."""

    def __init__(self, service: Service, may_leave: Callable[[], bool], stop: Callable[[], None]) -> None:
        self._service = service
        self._may_leave = may_leave
        self._stop = stop
        self._tasks: set[asyncio.Task[None]] = set()
        self.served = 0
        """Connections that are being served now, whatever their kind."""

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """For asyncio.start_unix_server."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs callbacks in tasks
        self._tasks.add(task)
        try:
            require_same_user(writer.get_extra_info("socket"))
            if (hello := await self._hello(reader)) is not None:
                await self._welcome(hello, reader, writer)
        except (ConnectionError, PermissionError) as error:
            log.info("a connection ended: %s", error)
        except asyncio.CancelledError:
            log.debug("a connection was ended with the hub")
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def _hello(self, reader: asyncio.StreamReader) -> Hello | None:
        try:
            line = await asyncio.wait_for(reader.readline(), HELLO_TIMEOUT)
            return msgspec.json.decode(line, type=Hello)
        except (TimeoutError, ValueError) as error:  # ValueError: too long a line, or msgspec's
            log.warning("a connection without a hello: %s", error)
            return None

    async def _welcome(self, hello: Hello, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if newer(hello.version, __version__) and self.served == 0 and self._may_leave():
            log.info("making way for version %s", hello.version)
            writer.write(LEAVING)
            self._stop()
            return
        writer.write(READY)
        self.served += 1
        try:
            await self._serve(hello, reader, writer)
        finally:
            self.served -= 1

    async def _serve(self, hello: Hello, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match Kind(hello.kind):
            case Kind.LSP:
                self._service.editors += 1
                try:
                    code = await connection.serve(reader, writer, self._service)
                finally:
                    self._service.editors -= 1
                writer.write(FAREWELL + bytes([code]))
            case Kind.MCP:
                from factory_ls.mcp.stdio import serve  # noqa: PLC0415 - most connections are no MCP client

                try:
                    application = await self._service.application()
                except FactoryError as error:
                    log.error("an MCP client cannot be served: %s", error)  # noqa: TRY400
                    return
                await serve(application, reader, writer, folder=hello.folder)  # type: ignore[arg-type]
                writer.write(FAREWELL + bytes([0]))
            case Kind.CONTROL:
                await control.serve(reader, writer, self._service, self._stop)

    async def close(self) -> None:
        """End every connection."""
        tasks = self._tasks - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def newer(theirs: str, ours: str) -> bool:
    """Whether a version (`1.2.3`, anything after the numbers ignored) is above another."""
    return _numbers(theirs) > _numbers(ours)


def _numbers(version: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for part in version.split("."):
        if not (part.isascii() and part.isdigit()):
            break
        numbers.append(int(part[:9]))
    return tuple(numbers)
