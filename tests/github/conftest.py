"""A GitHub stand-in held to GitHub's published schema where that is installed, and each `gh` there is."""

import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema

from factory_ls.demo import gh_standin
from factory_ls.demo.github import GithubStandin
from factory_ls.github.gh import Gh
from tests import tools


@pytest.fixture(scope="session")
def published_schema() -> GraphQLSchema:
    text = (tools.require("github-schema") / "schema.graphql").read_text()
    return build_schema(text, assume_valid=True, no_location=True)


@pytest.fixture
async def github(tmp_path: Path, published_schema: GraphQLSchema) -> AsyncIterator[GithubStandin]:
    # A unix socket's path is limited to about 100 bytes; pytest's folders come near.
    folder = Path(f"/tmp/fgh-{tmp_path.name[-20:]}-{id(tmp_path):x}")
    async with GithubStandin(folder, schema=published_schema) as standin:
        yield standin
    shutil.rmtree(folder)


def program(name: str, folder: Path) -> str:
    if name == "standin":
        return str(gh_standin.install(folder))
    return str(tools.require("gh") / ("bin/gh" if name == "gh" else "old/usr/bin/gh"))


_EVERY = [pytest.param("gh", marks=pytest.mark.gh), pytest.param("old gh", marks=pytest.mark.gh), "standin"]
EVERY_GH = pytest.mark.parametrize("gh_program", _EVERY, indirect=True)


@pytest.fixture(params=_EVERY)
def gh_program(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return program(request.param, tmp_path)


def scrubbed(home: Path) -> dict[str, str]:
    """The least a gh needs, without a login and away from this machine's own settings."""
    return {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home), "XDG_CACHE_HOME": str(home)}


@pytest.fixture
def gh(gh_program: str, github: GithubStandin, tmp_path: Path) -> Gh:
    return Gh(gh_program, scrubbed(tmp_path) | github.environment())


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
