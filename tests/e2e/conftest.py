"""The whole program on the demo's stage, with the real gh and claude or their stand-ins."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from factory_ls.demo.scene import Programs, Scene
from factory_ls.demo.story import stop_hub
from tests.tools import require

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a path short enough for a unix socket, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="fls-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def stand_ins(place: Path) -> AsyncIterator[Scene]:
    """For the many scenarios that need no real program to be told apart."""
    async with Scene(place, programs=Programs(gh=None, claude=None)) as stage:
        stage.environ["PYTHONPATH"] = str(REPOSITORY)  # this tree, whatever is installed
        yield stage


@pytest.fixture(params=["stand-ins", pytest.param("real", marks=[pytest.mark.gh, pytest.mark.claude])])
async def scene(request: pytest.FixtureRequest, place: Path) -> AsyncIterator[Scene]:
    programs = Programs(gh=None, claude=None)
    if request.param == "real":
        programs = Programs(gh=str(require("gh") / "bin" / "gh"), claude=str(require("claude") / "bin" / "claude"))
    async with Scene(place, programs=programs) as stage:
        stage.environ["PYTHONPATH"] = str(REPOSITORY)
        yield stage
        await stop_hub(stage)


@pytest.fixture
async def real_gh(place: Path) -> AsyncIterator[Scene]:
    """With the real gh, and the stand-in for claude: for what is between us and GitHub."""
    async with Scene(place, programs=Programs(gh=str(require("gh") / "bin" / "gh"), claude=None)) as stage:
        yield stage


@pytest.fixture
async def real(place: Path) -> AsyncIterator[Scene]:
    """With the real gh and claude: for what the stand-ins would only seem to show."""
    programs = Programs(gh=str(require("gh") / "bin" / "gh"), claude=str(require("claude") / "bin" / "claude"))
    async with Scene(place, programs=programs) as scene:
        yield scene
        await stop_hub(scene)


@pytest.fixture
async def stage(place: Path) -> AsyncIterator[Scene]:
    """With the stand-ins: for what neither gh nor claude has a part in."""
    async with Scene(place, programs=Programs(gh=None, claude=None)) as scene:
        scene.environ["PYTHONPATH"] = str(REPOSITORY)
        yield scene
        await stop_hub(scene)
