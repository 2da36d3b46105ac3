"""Every command explains itself, prints JSON where it says so, and fails with an error object and no traceback."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factory_ls.cli import COMMANDS
from tests.e2e.support import run, until
from tests.hub.support import REPOSITORY, environment


@pytest.fixture
async def env(place: Path) -> AsyncIterator[dict[str, str]]:
    env = environment(place, PYTHONPATH=str(REPOSITORY))
    yield env
    await run(env, "hub", "stop")


async def test_help(env: dict[str, str]) -> None:
    pages = [(), *((name,) for name in COMMANDS), ("hub", "status"), ("hub", "stop"), ("hub", "restart")]
    for page, done in zip(pages, await asyncio.gather(*(run(env, *page, "--help") for page in pages)), strict=True):
        assert done.code == 0, (page, done)
        assert done.out.startswith("Usage: "), page
    listed = (await run(env, "--help")).out
    assert all(name in listed for name in COMMANDS)
    assert (await run(env, "--version")).out.startswith("factory-ls, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("status", "--colour"),
        ("call",),
        ("call", "factory.workspace.list", "{not json"),
        ("call", "factory.workspace.list", "[]"),
        ("call", "factory.workspace.list", b'{"a": "\xff"}'),
        ("hub", "frobnicate"),
        ("doctor", "surplus"),
        ("diagnose", "/nowhere/log"),
        ("diagnose", "--format", "runes"),
    ],
)
async def test_bad_usage_exits_with_2(env: dict[str, str], arguments: tuple[str, ...]) -> None:
    done = await run(env, *arguments)
    assert (done.code, done.out, bool(done.err), "Traceback" in done.err) == (2, "", True, False), done


async def test_a_command_that_fails_says_why_in_one_object(env: dict[str, str]) -> None:
    failing = (
        ("call", "factory.nothing"),
        ("call", "factory.workspace.get"),
        ("call", "factory.workspace.get", '{"workspace": "no such"}'),
        ("call", "factory.workspace.list", '{"colour": "red"}'),
        ("call", "factory.session.send", '{"session": "s", "prompt": 7}'),
        ("call", "factory.workspace.list", json.dumps({"filler": "x" * 2_000_000})),
    )
    for arguments in failing[:-1]:
        error = (await run(env, *arguments)).error
        assert error.keys() >= {"kind", "message", "hint"}
        assert error["hint"], error
    long = await run(env, *failing[-1][:2], "-", stdin=failing[-1][2].encode())
    assert long.error["kind"] == "invalid"


async def test_what_prints_json_prints_json(env: dict[str, str]) -> None:
    status = await run(env, "status", "--json")
    assert json.loads(status.out).keys() == {"hub", "workspaces"}
    assert "No workspaces yet" in (await run(env, "status")).out
    hub = json.loads((await run(env, "hub", "status", "--json")).out)
    assert hub.keys() >= {"pid", "version", "startedAt", "editors", "sessions", "mcpUrl", "githubBudget"}
    assert str(hub["pid"]) in (await run(env, "hub", "status")).out
    doctor = json.loads((await run(env, "doctor", "--json")).out)
    assert {one["name"] for one in doctor["findings"]} >= {"git", "gh", "claude", "database", "hub"}
    assert (await run(env, "hub", "stop")).out == "The hub has ended.\n"
    assert (await run(env, "hub", "stop")).out == "No hub was running.\n"
    assert (await run(env, "hub", "status", "--json")).error["kind"] == "notFound"


async def test_a_bug_is_no_traceback_but_in_the_log(env: dict[str, str], place: Path) -> None:
    (place / "sitecustomize.py").write_text("import json\njson.loads = None\n")
    await until(env, lambda found: found["pid"], "factory.hub.status")
    done = await run({**env, "PYTHONPATH": f"{place}:{REPOSITORY}"}, "hub", "status")
    assert done.error["kind"] == "internal"
    assert "Traceback" in Path(env["BASE_DIR"], "logs", "cli.log").read_text()
