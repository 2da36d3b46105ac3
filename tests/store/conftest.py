import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from factory_ls.store.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "base" / "data.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    store = await Store.open(path)
    yield store
    await store.close()


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """An open aiosqlite connection would keep the hub from ever ending."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if "asyncio" not in thread.name:  # the loop's own pool, which ends with it
            thread.join(timeout=5)
            assert not thread.is_alive()
