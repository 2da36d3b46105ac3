"""The poller's own life; what it asks is in tests/e2e/test_ratchet_github.py."""

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any, cast

import pytest

from factory_ls.factory.poller import Poller


@pytest.mark.parametrize("turns", range(4))
async def test_it_ends_though_it_is_woken_in_the_same_moment(turns: int) -> None:
    """`asyncio.wait_for` of Python 3.11 forgets a cancellation that comes together with its answer."""
    journal = SimpleNamespace(state=SimpleNamespace(workspaces={}, projects={}, pull_requests={}))
    nothing = cast("Any", None)
    poller = Poller(cast("Any", journal), nothing, nothing, nothing, 3600.0, nothing)
    running = asyncio.create_task(poller.run())
    for _ in range(3):
        await asyncio.sleep(0)
    poller.wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=5)
    if not done:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert done
