from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.factory import Factory, factory
from tests.editors.scenario import Scenario, toy


@pytest.fixture
def real() -> Iterator[Factory]:
    """The real server, with the real gh and claude where they are installed: what stories are told against."""
    with factory() as given:
        yield given


@pytest.fixture
def toy_scenario(tmp_path: Path) -> Iterator[Scenario]:
    """For tests of what a client sends: the toy server records it."""
    with toy(tmp_path) as given:
        yield given
