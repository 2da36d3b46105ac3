"""An environment for the real program, and the end of every hub that a test has started."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.hub.support import environment, run


@pytest.fixture
async def env(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    found = environment(tmp_path)
    yield found
    await run("hub", "stop", env=found)
