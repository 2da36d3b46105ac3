"""The stream transport with hostile input; the official client's side is in test_tools."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from factory_ls.mcp import stdio
from tests.mcp.fake import FakeFactory

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


class Peer:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, *lines: bytes) -> None:
        self.writer.write(b"".join(lines))
        await self.writer.drain()

    async def answer(self) -> Any:
        return json.loads(await asyncio.wait_for(self.reader.readline(), 10))


@asynccontextmanager
async def connect(factory: FakeFactory, path: Path, folder: str | None = None) -> AsyncIterator[Peer]:
    ended = asyncio.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await stdio.serve(factory, reader, writer, folder=folder)
        finally:
            writer.close()
            ended.set()

    async with await asyncio.start_unix_server(connected, path):
        reader, writer = await asyncio.open_unix_connection(path)
        yield Peer(reader, writer)
        writer.close()
        await asyncio.wait_for(ended.wait(), 10)


def line(message: object) -> bytes:
    return json.dumps(message).encode() + b"\n"


@pytest.mark.parametrize(
    "junk", [b"not json\n", b"\xff\xfe\n", b"[]\n", b"{}\n", b"\n\n", b'{"id": {}}\n', b"[" * 9999 + b"\n"]
)
async def test_junk_harms_nothing(factory: FakeFactory, tmp_path: Path, junk: bytes) -> None:
    async with connect(factory, tmp_path / "s") as peer:
        await peer.send(junk, line(PING), junk)
        assert (await peer.answer())["id"] == 1


async def test_messages_may_come_in_any_pieces(factory: FakeFactory, tmp_path: Path) -> None:
    async with connect(factory, tmp_path / "s") as peer:
        both = line(PING) + line({**PING, "id": 2})
        for start in range(0, len(both), 7):
            await peer.send(both[start : start + 7])
        assert {(await peer.answer())["id"], (await peer.answer())["id"]} == {1, 2}


async def test_a_long_message_is_read_and_an_endless_one_ends_the_connection(
    factory: FakeFactory, tmp_path: Path
) -> None:
    async with connect(factory, tmp_path / "s") as peer:
        await peer.send(line({**PING, "params": {"_meta": {"x": "y" * 500_000}}}))
        assert (await peer.answer())["id"] == 1
        peer.writer.write(b"x" * 2_000_000)
        with contextlib.suppress(ConnectionResetError):
            assert not await asyncio.wait_for(peer.reader.read(), 10)
