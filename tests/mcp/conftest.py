from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
from hypothesis import settings

from factory_ls.mcp.http import Endpoint, serve
from factory_ls.mcp.tokens import Tokens
from tests.mcp.fake import FakeFactory


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
