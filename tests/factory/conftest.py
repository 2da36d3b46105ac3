"""A git repository on its own and a database, for the rooms of the factory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factory_ls.factory.journal import Journal
from factory_ls.git.runner import Git
from factory_ls.store.store import Store
from tests.factory.stage import Stage
from tests.tools import require


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """The real git, with nothing of this machine's user."""
    home = tmp_path / "home"
    home.mkdir()
    return Git(
        environment={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.com",
        }
    )


@pytest.fixture
async def repo(tmp_path: Path, git: Git) -> Path:
    """An empty repository on branch main."""
    folder = tmp_path / "repo"
    folder.mkdir()
    await git.run(folder, "init", "--quiet", "--initial-branch=main")
    return folder


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    store = await Store.open(tmp_path / "base" / "data.db")
    yield Journal(store)
    await store.close()


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    made = await Stage.make(monkeypatch)
    yield made
    await made.close()


@pytest.fixture(params=["standin", pytest.param("real", marks=pytest.mark.claude)])
async def any_stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """With the stand-in for Claude, and with the real one."""
    claude = str(require("claude") / "bin" / "claude") if request.param == "real" else None
    made = await Stage.make(monkeypatch, claude=claude)
    yield made
    await made.close()
