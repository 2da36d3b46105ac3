"""Real programs that tests run: pinned, installed by `tests/tools/install.sh` into the user's cache folder."""

import os
from pathlib import Path

import pytest


def cache() -> Path:
    given = os.environ.get("FACTORY_TEST_TOOLS")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(given) if given else Path(base) / "factory-ls" / "tools"


def require(name: str) -> Path:
    """The folder `name` was installed into. Missing: the run fails in CI and the test is skipped elsewhere."""
    folder = cache() / name
    if (folder / ".ready").is_file():
        return folder
    message = f"{name} is not installed for tests: run `tests/tools/install.sh {name}`"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
