"""What goes wrong between us and GitHub, each told apart, with a hint, and no secret in it."""

import asyncio
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from factory_ls.demo.github import Fault, GithubStandin
from factory_ls.github import checks, pull_requests
from factory_ls.github.gh import Gh
from factory_ls.github.pull_requests import Ref
from factory_ls.model.clock import from_iso
from factory_ls.model.errors import ErrorKind, FactoryError
from tests.github.conftest import EVERY_GH, children, program, scrubbed
from tests.github.repository import clone

HOST = "github.com"
REF = Ref(HOST, "acme", "widget", 1)
TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(params=[pytest.param("gh", marks=pytest.mark.gh), "standin"])
def gh_program(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Debian's old gh has its turn where gh itself fails, and in every call that succeeds (test_calls)."""
    return program(request.param, tmp_path)


async def failure(gh: Gh, host: str = HOST) -> FactoryError:
    with pytest.raises(FactoryError) as caught:
        await gh.login(host)
    return caught.value


def fake(folder: Path, script: str) -> str:
    path = folder / "fake-gh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


async def test_no_gh(tmp_path: Path) -> None:
    error = await failure(Gh(str(tmp_path / "gh"), scrubbed(tmp_path)))
    assert error.kind is ErrorKind.NOT_INSTALLED
    assert "FACTORY_GH" in error.hint


async def test_a_gh_that_may_not_run_or_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "gh"
    path.write_text("not a program")
    assert (await failure(Gh(str(path), scrubbed(tmp_path)))).kind is ErrorKind.NOT_INSTALLED
    other = Gh(fake(tmp_path, "echo git version 2.39"), scrubbed(tmp_path))
    assert (await failure(other)).kind is ErrorKind.NOT_INSTALLED


async def test_an_old_gh_and_the_newer_one_installed_meanwhile(tmp_path: Path, github: GithubStandin) -> None:
    program = fake(tmp_path, "echo 'gh version 1.14.0 (2021-08-04)'")
    gh = Gh(program, scrubbed(tmp_path) | github.environment())
    error = await failure(gh)
    assert error.kind is ErrorKind.NOT_INSTALLED
    assert "1.14.0 is too old" in error.message
    assert github.requests == []
    fake(tmp_path, "echo 'gh version 2.40.1 (2023-12-13)'")
    assert await gh.version() == (2, 40, 1)


@EVERY_GH
async def test_not_logged_in(gh_program: str, github: GithubStandin, tmp_path: Path) -> None:
    environ = scrubbed(tmp_path) | github.environment() | {"GH_TOKEN": ""}
    error = await failure(Gh(gh_program, environ))
    assert error.kind is ErrorKind.NOT_LOGGED_IN
    assert error.hint == "Run `gh auth login --hostname github.com`."


async def test_a_login_that_is_no_longer_valid(gh_program: str, github: GithubStandin, tmp_path: Path) -> None:
    environ = scrubbed(tmp_path) | github.environment() | {"GH_TOKEN": TOKEN}
    error = await failure(Gh(gh_program, environ))
    assert error.kind is ErrorKind.NOT_LOGGED_IN
    assert TOKEN not in str(error)


@EVERY_GH
async def test_no_network(gh_program: str, github: GithubStandin, tmp_path: Path) -> None:
    environ = scrubbed(tmp_path) | github.environment()
    github.socket.unlink()
    error = await failure(Gh(gh_program, environ))
    assert error.kind is ErrorKind.NETWORK


async def test_an_answer_cut_short(github: GithubStandin, gh: Gh) -> None:
    body = b'{"data": {"viewer": {"login": "octocat"}}}' * 9
    github.faults.append(Fault(200, body, cut=True))
    assert (await failure(gh)).kind is ErrorKind.NETWORK
    github.faults.append(Fault(200, body, cut=True))
    with pytest.raises(FactoryError) as caught:
        await gh.rest(HOST, "repos/acme/widget")
    assert caught.value.kind is ErrorKind.NETWORK


@pytest.mark.parametrize("status", [200, 502])
async def test_a_page_in_place_of_json(status: int, github: GithubStandin, gh: Gh) -> None:
    page = Fault(status, b"<html>Maintenance</html>", {"content-type": "text/html"}, times=2)
    github.faults.append(page)
    error = await failure(gh)
    assert error.kind is ErrorKind.CORRUPT
    assert f"HTTP {status}" in error.message
    with pytest.raises(FactoryError) as caught:
        (await gh.rest(HOST, "repos/acme/widget")).json(list[int])
    assert caught.value.kind is ErrorKind.CORRUPT


async def test_no_escape_sequence_of_an_answer_reaches_a_message(github: GithubStandin, gh: Gh) -> None:
    github.faults.append(Fault(403, json.dumps({"message": f"\x1b[31mno\r\n{TOKEN}\x9b"}).encode()))
    error = await failure(gh)
    assert error.kind is ErrorKind.DENIED
    assert error.message.isprintable()
    assert TOKEN not in error.message


async def test_github_failing_in_its_own_words(github: GithubStandin, gh: Gh) -> None:
    github.faults.append(Fault(500, b'{"message": "Oh no"}'))
    error = await failure(gh)
    assert (error.kind, "Oh no" in error.message) == (ErrorKind.NETWORK, True)


async def test_a_primary_limit_is_obeyed_until_its_reset(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    await clone(github, tmp_path / "clone")
    github.account.limit["graphql"] = 1
    await gh.login(HOST)
    error = await failure(gh)
    assert error.kind is ErrorKind.RATE_LIMITED
    assert error.retry_at
    assert abs((from_iso(error.retry_at) - datetime.now(UTC)).total_seconds() - 3600) < 60
    sent = len(github.requests)
    assert (await failure(gh)).retry_at == error.retry_at
    assert len(github.requests) == sent, "not asked again before then"
    assert gh.budget()[0].remaining == 0
    # REST has a budget of its own.
    job = github.account.repositories[0].runs[0].jobs[0]
    assert await checks.annotations(gh, HOST, "acme", "widget", job.id) == []
    observed = await pull_requests.observe(gh, [REF, Ref("ghe.example.com", "acme", "widget", 1)])
    assert observed.errors[REF].kind is ErrorKind.RATE_LIMITED


async def test_graphql_says_it_with_200(github: GithubStandin, gh: Gh) -> None:
    reset = int(time.time()) + 900
    body = json.dumps({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}).encode()
    github.faults.append(Fault(200, body, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}))
    error = await failure(gh)
    assert error.kind is ErrorKind.RATE_LIMITED
    assert error.retry_at
    assert from_iso(error.retry_at) == datetime.fromtimestamp(reset, UTC)


@pytest.mark.parametrize("status", [403, 429])
async def test_a_secondary_limit_stops_everything_at_the_host(status: int, github: GithubStandin, gh: Gh) -> None:
    github.faults.append(
        Fault(status, b'{"message": "You have exceeded a secondary rate limit"}', {"retry-after": "77"})
    )
    error = await failure(gh)
    assert error.kind is ErrorKind.RATE_LIMITED
    assert error.retry_at
    assert timedelta(seconds=70) < from_iso(error.retry_at) - datetime.now(UTC) < timedelta(seconds=78)
    with pytest.raises(FactoryError) as caught:
        await gh.rest(HOST, "repos/acme/widget")
    assert caught.value.kind is ErrorKind.RATE_LIMITED
    assert len(github.requests) == 1
    assert await gh.login("ghe.example.com") == "octocat", "another host is another budget"


async def test_a_secondary_limit_without_a_time_waits_a_minute(github: GithubStandin, gh: Gh) -> None:
    about = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
    github.faults.append(Fault(403, json.dumps({"message": "slow down", "documentation_url": about}).encode()))
    error = await failure(gh)
    assert error.kind is ErrorKind.RATE_LIMITED
    assert error.retry_at
    assert timedelta(seconds=50) < from_iso(error.retry_at) - datetime.now(UTC) < timedelta(seconds=61)


async def test_a_pause_ends(github: GithubStandin, gh: Gh) -> None:
    github.faults.append(Fault(429, b"{}", {"retry-after": "0"}))
    assert (await failure(gh)).kind is ErrorKind.RATE_LIMITED
    assert await gh.login(HOST) == "octocat"


async def test_denied_is_not_rate_limited(github: GithubStandin, gh: Gh) -> None:
    github.faults.append(Fault(403, b'{"message": "Resource not accessible by personal access token"}'))
    error = await failure(gh)
    assert error.kind is ErrorKind.DENIED
    assert "gh auth status" in error.hint
    github.faults.append(Fault(403, b'{"message": "SSO"}', {"x-github-sso": "required; url=https://github.com/orgs/x"}))
    assert "single sign-on" in (await failure(gh)).hint


async def test_nothing_there(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    await clone(github, tmp_path / "clone")
    for work in (
        checks.job_log(gh, HOST, "acme", "widget", 1),
        checks.annotations(gh, HOST, "acme", "nothing", 1),
        checks.rerun_failed(gh, HOST, "acme", "widget", 1),
        pull_requests.get(gh, REF),
        pull_requests.create(gh, HOST, "acme", "nothing", branch="b", base="main", title="t"),
    ):
        with pytest.raises(FactoryError) as caught:
            await work
        assert caught.value.kind is ErrorKind.NOT_FOUND
        assert caught.value.hint


async def test_no_answer_in_time(github: GithubStandin, gh: Gh) -> None:
    await gh.version()
    github.faults.append(Fault(hang=True))
    before = children()
    with pytest.raises(FactoryError) as caught:
        await gh.rest(HOST, "repos/acme/widget", seconds=0.3)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert children() == before, "nothing left running"
    assert await gh.login(HOST) == "octocat"


async def test_a_users_shell_settings_change_nothing(gh_program: str, github: GithubStandin, tmp_path: Path) -> None:
    odd = {"GH_DEBUG": "api", "GH_FORCE_TTY": "100%", "GH_HOST": "other.example", "CLICOLOR_FORCE": "1"}
    pager = {"GH_PAGER": "false", "PAGER": "false", "GH_REPO": "else/where", "LC_ALL": "de_DE.UTF-8"}
    gh = Gh(gh_program, scrubbed(tmp_path) | github.environment() | odd | pager)
    assert await gh.login(HOST) == "octocat"
    github.socket.unlink()
    assert github.account.token not in str(await failure(gh))


async def test_cancelling_a_call_ends_its_processes(github: GithubStandin, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    script = f"[ $1 = --version ] && echo gh version 2.50.0 && exit\nsleep 300 &\necho $! >{fifo}\nwait"
    gh = Gh(fake(tmp_path, script), scrubbed(tmp_path))
    call = asyncio.create_task(gh.login(HOST))
    written = asyncio.Event()
    asyncio.get_running_loop().add_reader(reader, written.set)
    async with asyncio.timeout(20):
        await written.wait()
    asyncio.get_running_loop().remove_reader(reader)
    grandchild = int(os.read(reader, 20))
    os.close(reader)
    assert alive(grandchild)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not alive(grandchild), "the whole group was killed"


@pytest.mark.parametrize("path", ["-X", "https://evil.example/x", "/repos/a", "", "graphql\n"])
async def test_a_path_from_outside_is_no_option_and_no_other_host(path: str, gh: Gh) -> None:
    with pytest.raises(FactoryError) as caught:
        await gh.rest(HOST, path)
    assert caught.value.kind is ErrorKind.INVALID


@pytest.mark.parametrize("host", ["--help", "a b", "", "github.com/x", "x\n"])
async def test_a_host_from_outside(host: str, gh: Gh) -> None:
    assert (await failure(gh, host)).kind is ErrorKind.INVALID


async def test_names_from_outside_stay_one_part_of_the_path(github: GithubStandin, gh: Gh) -> None:
    for owner, repo in (("..", "x"), ("", "x")):
        with pytest.raises(FactoryError) as caught:
            await checks.annotations(gh, HOST, owner, repo, 1)
        assert caught.value.kind is ErrorKind.INVALID
    for repo in ("{repo}", ":repo", "a/b", "a?b#c", "$(touch x)"):
        with pytest.raises(FactoryError) as caught:
            await checks.annotations(gh, HOST, "acme", repo, 1)
        assert caught.value.kind is ErrorKind.NOT_FOUND
        assert github.requests[-1].path.count("/") == 6


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
