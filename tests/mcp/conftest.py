import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from hypothesis import settings

from factory_ls.mcp import stdio
from factory_ls.mcp.http import Endpoint, serve
from factory_ls.mcp.tokens import Tokens
from tests.mcp.fake import FakeFactory

BRIDGE = """
import os, socket, sys, threading
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
def out():
    while data := s.recv(65536): os.write(1, data)
    os._exit(0)
threading.Thread(target=out, daemon=True).start()
while data := os.read(0, 65536): s.sendall(data)
"""
"""What `factory-ls mcp` is to a client: a pipe to the hub's socket."""

# Examples are not timed: on a busy machine a deadline fails what is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def factory() -> FakeFactory:
    return FakeFactory()


@dataclass
class Served:
    endpoint: Endpoint
    tokens: Tokens
    token: str
    """Of session s1 in workspace ws-a."""
    factory: FakeFactory

    def http(self, token: str | None = None) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(headers={"Authorization": f"Bearer {token or self.token}"})


@pytest.fixture
async def served(factory: FakeFactory) -> AsyncIterator[Served]:
    tokens = Tokens()
    endpoint = await serve(factory, tokens, port=0, origins=("https://allowed.example",))
    yield Served(endpoint, tokens, tokens.mint(workspace_id="ws-a", session_id="s1"), factory)
    await endpoint.close()


@pytest.fixture
async def socket_path(factory: FakeFactory, tmp_path: Path) -> AsyncIterator[str]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await stdio.serve(factory, reader, writer, folder="/worktrees/alpha/src")
        finally:
            writer.close()

    async with await asyncio.start_unix_server(connected, tmp_path / "hub.sock"):
        yield str(tmp_path / "hub.sock")
