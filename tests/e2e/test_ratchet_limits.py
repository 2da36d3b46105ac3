"""What ends a loop or a waste, end to end: attempts, repeats, flaky checks, failures beyond code, forks, money, time.

The other guards are in test_ratchet_guards.py, those of heads that move in test_ratchet_moving.py.
"""

from datetime import datetime, timedelta

import pytest

from factory_ls.demo.scene import Scene
from tests.e2e.ratchet_stage import Model, staged

NEVER_GREEN = """\
v="$(cat value.txt)"
[ -z "$CI" ] && ! git diff --quiet HEAD -- value.txt && exit 0
echo "value.txt:1:1: error: {says} [bad-value]"
exit 1
"""
"""A change that is not committed yet passes here, and none in CI."""
ANY_CHANGE = 'echo "$(cat value.txt) still" > value.txt'
DROPPED = """\
[ "$GITHUB_RUN_ATTEMPT" = 2 ] && exit 0
echo 'curl: (56) Recv failure: Connection reset by peer'
exit 1
"""


def never_green(says: str) -> dict[str, str]:
    return {"value.txt": "bad\n", "check.sh": NEVER_GREEN.format(says=says)}


async def test_attempts_are_capped_over_pushes_and_restarts_until_reset(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.model.script = Model(ANY_CHANGE)
    async with staged(stand_ins, monkeypatch, RATCHET_MAX_ATTEMPTS="2") as stage:
        pull = await stage.pull(files=never_green("it says $v"))
        red = pull.head_sha
        workspace = await stage.workspace()
        seen = await stage.reason(workspace, "All 2 attempts are used up. Push yourself or reset")
        assert (seen.attempts, seen.max_attempts, len(stage.fixers(workspace))) == (2, 2, 2)
        pushed = await stage.git("rev-list", "--count", f"{red}..{pull.head_sha}", cwd=stage.scene.repository.path)
        assert pushed.strip() == "2"
        await stage.factory.close()
        await stage.open()
        await stage.command("ratchet.check", workspace=workspace)
        await stage.reason(workspace, "All 2 attempts are used up")
        assert stage.ratchet(workspace).attempts == 2
        await stage.command("ratchet.reset", workspace=workspace)
        await stage.until(lambda: len(stage.fixers(workspace)) == 3, "a fixer after the reset")


async def test_a_problem_that_comes_back_after_its_fix_stalls_with_both_logs(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.model.script = Model(ANY_CHANGE)
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull(files=never_green("the value is bad"))
        (before,) = [job.id for job in stage.jobs(pull.head_sha).values()]
        workspace = await stage.workspace()
        seen = await stage.reason(workspace, "Stalled: “the value is bad” came back after the fix")
        (now,) = [job.id for job in stage.jobs(pull.head_sha).values()]
        assert (seen.stalled, seen.attempts) == (True, 1)
        assert f"/job/{before}" in seen.reason
        assert f"/job/{now}" in seen.reason
        assert before != now


async def test_three_that_no_fixer_is_sent_for(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flaky: run again once, and it passes. A missing secret: nothing to commit. A fork: somebody else's."""
    stand_ins.model.script = model = Model()
    secret = "echo 'Error: Input required and not supplied: token'; exit 1\n"
    async with staged(stand_ins, monkeypatch) as stage:
        flaky = await stage.pull("flaky", files={"check.sh": DROPPED})
        await stage.pull("secret", files={"check.sh": secret})
        fork = await stage.pull("fork")
        fork.head_repository = "mallory/basket"
        workspaces = {branch: await stage.workspace(branch) for branch in ("flaky", "secret", "fork")}
        await stage.command("pr.attach", workspace=workspaces["fork"], number=fork.number)

        seen = await stage.ready(workspaces["flaky"])
        assert (seen.reason, seen.flaky, seen.attempts) == ("Ready to merge. Flaky: test.", ("test",), 0)
        assert [run.attempt for run in stage.scene.repository.latest_runs(flaky.head_sha)] == [2]
        said = "No commit repairs this: the log says “Input required and not supplied: token”"
        await stage.reason(workspaces["secret"], said)
        await stage.reason(workspaces["fork"], "Left alone: it comes from a fork")
        assert model.prompts == []
        for branch, rule in (("flaky", "clean"), ("secret", "repairable by code"), ("fork", "fork")):
            explained = await stage.command("ratchet.explain", workspace=workspaces[branch])
            assert explained["trace"][-1]["rule"] == rule


async def test_what_may_be_spent_on_a_pull_request(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model(ANY_CHANGE)
    async with staged(stand_ins, monkeypatch, RATCHET_MINUTES="0.0001") as stage:
        await stage.pull(files=never_green("it says $v"))
        workspace = await stage.workspace()
        seen = await stage.reason(workspace, "What may be spent on this pull request is used up")
        assert (seen.attempts, len(stage.fixers(workspace))) == (1, 1)


async def test_the_time_of_one_fixer(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model("exec sleep 60")
    async with staged(stand_ins, monkeypatch, RATCHET_DISPATCH_MINUTES="0.05") as stage:
        await stage.pull()
        workspace = await stage.workspace()
        await stage.reason(workspace, "Stalled: The fixer has used up what one may")
        assert all(fixer.status.ended for fixer in stage.fixers(workspace))


async def test_two_greens_clear_what_was_tried_and_quiet_hours_hold_fixers_back(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.model.script = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.pull()
        workspace = await stage.workspace()
        await stage.ready(workspace)
        memory = stage.factory._journal.state.ratchets
        await stage.until(lambda: memory[workspace].memory.greens == 2, "two observations of green")
        assert memory[workspace].memory.fixed == ()
        assert stage.ratchet(workspace).attempts == 1

        await stage.factory.close()
        now = datetime.now().astimezone()
        hours = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=2):%H:%M}"
        monkeypatch.setenv("RATCHET_QUIET_HOURS", hours)
        stage.scene.environ["RATCHET_QUIET_HOURS"] = hours
        await stage.open()
        await stage.push("topic", {"value.txt": "bad\n"})
        seen = await stage.reason(workspace, f"Quiet hours until {hours[-5:]}")
        assert seen.state == "CI_FAILED"
        explained = await stage.command("ratchet.explain", workspace=workspace)
        start, _, end = hours.partition("-")
        assert explained["limits"]["quietHours"] == {"start": start, "end": end}
        assert explained["trace"][-1]["rule"] == "pause"
        assert len(stage.fixers(workspace)) == 1
