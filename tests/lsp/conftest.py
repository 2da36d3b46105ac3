"""The real program, hub and all, with a fake application behind it."""

from collections.abc import AsyncIterator

import pytest

from tests.hub.conftest import env
from tests.hub.support import Editor

__all__ = ["editor", "env"]


@pytest.fixture
async def editor(env: dict[str, str]) -> AsyncIterator[Editor]:
    async with await Editor.start(env) as started:
        yield started
