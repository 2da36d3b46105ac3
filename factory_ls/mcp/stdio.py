"""MCP over a stream, with the user's rights: the hub's side of `factory-ls mcp`.

The bridge's stdin and stdout reach the hub as one connection on its unix socket, whose peer is known by its uid. What
runs on it is MCP's stdio framing: one JSON message a line.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, cast

from factory_ls.factory.caller import USER
from factory_ls.mcp.application import Application
from factory_ls.mcp.lazy import load
from factory_ls.mcp.tool import Peer

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 1_000_000
_CHUNK = 65_536


async def serve(
    application: Application, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, folder: str | None
) -> None:
    """Serves one connection until its end. `folder` is the client's current folder: it tells the workspace.

    The caller closes `writer`. A line of more than `MAX_MESSAGE_BYTES` ends the connection.
    """
    server = (await load("factory_ls.mcp.server")).build(application)
    transport = await load("mcp.server.stdio")
    runner = await load("mcp.server.runner")
    lines, output = _Lines(reader), _Output(writer)
    async with transport.stdio_server(stdin=cast("Any", lines), stdout=cast("Any", output)) as (incoming, outgoing):
        await runner.serve_dual_era_loop(server, incoming, outgoing, lifespan_state=Peer(USER, folder))


class _Lines:
    """The reader as the library wants its stdin: an iterator of lines."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def __aiter__(self) -> AsyncIterator[str]:
        pending = bytearray()
        while len(pending) <= MAX_MESSAGE_BYTES and (chunk := await self._read()):
            pending += chunk
            if chunk.find(b"\n") < 0:
                continue
            *whole, rest = bytes(pending).split(b"\n")
            pending = bytearray(rest)
            for line in whole:
                if line.strip():
                    yield line.decode("utf-8", "replace")
        if len(pending) > MAX_MESSAGE_BYTES:
            log.warning("an MCP client sent a message of more than %d bytes", MAX_MESSAGE_BYTES)

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(_CHUNK)
        except ConnectionError:
            return b""


class _Output:
    """The writer as the library wants its stdout."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def write(self, text: str) -> None:
        self._writer.write(text.encode("utf-8", "replace"))

    async def flush(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError:
            log.debug("an MCP client left before its answer")
