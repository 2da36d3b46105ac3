from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.scenario import SCENARIOS, Scenario, toy


@pytest.fixture(params=sorted(SCENARIOS))
def scenario(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scenario]:
    """Each server the stories are told against."""
    with SCENARIOS[request.param](tmp_path) as given:
        yield given


@pytest.fixture
def toy_scenario(tmp_path: Path) -> Iterator[Scenario]:
    """For tests of what a client sends: the toy server records it."""
    with toy(tmp_path) as given:
        yield given
