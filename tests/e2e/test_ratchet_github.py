"""The ratchet and GitHub, through the real gh: Enterprise hosts, limits, budgets that run out, endless lists, and pull
requests that are closed, opened again, followed by others."""

from datetime import UTC, datetime

import pytest

from factory_ls.demo.github import Fault
from factory_ls.demo.github_state import Comment, Thread
from factory_ls.demo.scene import Scene
from factory_ls.factory import poller
from factory_ls.model.clock import from_iso
from tests.e2e.ratchet_stage import Model, staged

pytestmark = pytest.mark.gh


async def test_an_enterprise_host(real_gh: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way of a fix, with a reply, at another host: not one request goes to github.com."""
    host = "ghe.example.com"
    real_gh.model.script = Model("echo good > value.txt")
    async with staged(real_gh, monkeypatch, host=host) as stage:
        pull = await stage.pull()
        pull.threads.append(Thread("value.txt", 1, pull.head_sha, [Comment("good, please", "ann", "MEMBER")]))
        workspace = await stage.workspace()
        await stage.until(lambda: len(pull.threads[0].comments) > 1, "the reply")
        await stage.github.idle()
        await stage.command("ratchet.check", workspace=workspace)
        assert stage.jobs(pull.head_sha)["test"].conclusion == "SUCCESS"
        # The fixer never said what it did about the thread: it is told of the change, and left open.
        assert pull.threads[0].comments[1].body.startswith("Changed; please look whether this answers it. (")
        assert not pull.threads[0].resolved
        seen = [request for request in stage.github.requests if not request.path.startswith("/_logs/")]
        assert {request.host for request in seen} == {host}
        (budget,) = stage.factory.github_budget()
        assert (budget.host, budget.limit, budget.requests > 5) == (host, 5000, True)


async def test_limits_are_obeyed_and_a_scarce_budget_is_left_to_others(
    real_gh: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "delay", lambda *_: 5.0)
    async with staged(real_gh, monkeypatch, RATCHET_INTERVAL_SECONDS="60") as stage:
        await stage.pull(files={"notes.txt": "mine\n"})
        workspace = await stage.workspace()

        def wait() -> float:
            due = stage.ratchet(workspace).next_check_at
            return (from_iso(due) - datetime.now(UTC)).total_seconds() if due else 0.0

        async def cycle() -> None:
            asked = len(stage.github.requests)
            stage.factory._poller.expect(workspace)
            await stage.until(lambda: len(stage.github.requests) > asked and wait() > 1, "a poll")

        await cycle()
        assert 1 < wait() <= 5
        stage.github.account.used["graphql"] = 4400
        await cycle()
        assert 15 < wait() <= 20, "below 15 % of the budget, a quarter of the requests"

        later = {"retry-after": "600", "content-type": "application/json"}
        for status in (403, 429):
            stage.github.faults = [Fault(status, b'{"message": "secondary rate limit"}', later, path="graphql")]
            stage.factory._gh._paused.clear()
            await cycle()
            await stage.until(lambda: wait() > 500, "the time that GitHub names")
            asked = len(stage.github.requests)
            stage.factory._poller.expect(workspace)
            await stage.until(lambda: wait() > 500, "another cycle")
            assert len(stage.github.requests) == asked, "nobody is asked before"
            shown = stage.factory.workspace(workspace)
            assert any("limits our requests until" in warning for warning in shown.warnings)


async def test_ten_thousand_comments_and_more_threads_and_checks_than_a_page(
    real_gh: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They cost their pages once, reach no prompt, and hide neither a failing check nor the first of 120 threads."""
    real_gh.model.script = model = Model("echo good > value.txt")
    async with staged(real_gh, monkeypatch) as stage:
        pull = await stage.pull()
        pull.comments += [Comment(f"{n} " + "x" * 500, "mallory", "NONE") for n in range(10_000)]
        pull.threads += [
            Thread("notes.txt", 1, pull.head_sha, [Comment(f"thread {n}", "ann", "MEMBER")]) for n in range(120)
        ]
        pull.threads[0].comments += [Comment(f"comment {n}", "ann", "MEMBER") for n in range(150)]
        before = len(stage.github.requests)
        workspace = await stage.workspace()
        await stage.until(lambda: model.prompts, "a fixer")
        asked = [seen for seen in stage.github.requests[before:] if b"MoreTopComments" in seen.body]
        assert len(asked) <= 2 * 101
        assert len(model.prompts[0]) < 20_000
        assert "the value is bad" in model.prompts[0]
        known = stage.factory.workspace(workspace).pr
        assert known
        assert (len(known.threads), len(known.threads[0].comments)) == (120, 151)


async def test_closed_and_opened_again_and_followed_by_another(real_gh: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    real_gh.model.script = Model()
    async with staged(real_gh, monkeypatch) as stage:
        pull = await stage.pull(files={"notes.txt": "mine\n"})
        workspace = await stage.workspace()
        await stage.ready(workspace)
        pull.state = "CLOSED"
        await stage.reason(workspace, f"Pull request #{pull.number} is closed")
        pull.state = "OPEN"
        await stage.ready(workspace)
        pull.state = "MERGED"
        await stage.reason(workspace, "is merged")
        again = stage.github.open_pull(stage.scene.repository, head="topic", base="main", title="again")
        await stage.push("topic", {"notes.txt": "more\n"})

        def followed() -> bool:
            pr = stage.factory.workspace(workspace).pr
            return pr is not None and pr.number == again.number

        await stage.until(followed, "the next one")
        await stage.ready(workspace)
