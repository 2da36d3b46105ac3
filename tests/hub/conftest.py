"""An environment for the real program, and the end of the hub that a test has started in it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factory_ls.hub import client
from tests.hub.support import environment


@pytest.fixture
async def env(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    found = environment(tmp_path)
    yield found
    await asyncio.to_thread(client.stop, found)
