"""The forty behaviours that other systems got wrong first, and the tests that hold each here.

CI and pull requests
1 NEUTRAL passes, 2 any casing, CANCELLED fails, 3 TIMED_OUT and STARTUP_FAILURE fail: tests/github/test_reduce.py
  (test_words_in_any_case). 4 a re-run supersedes only its own check: test_a_later_run_supersedes_but_only_its_own_name.
5 no checks is not running: test_none_at_all_is_neither_running_nor_unread. 6 the same check failing in a new run is
  news: tests/ratchet/test_decide.py. 7 nothing while CI runs: below, and tests/ratchet/test_machine.py. 8 null times,
  bot comments: tests/github/test_reduce.py (test_any_rollup), test_calls.py. 9 a draft's merge state:
  test_a_conflict_shows_in_a_draft_too. 10, 11 huge and many comments: test_what_people_said_is_read_once and
  test_ratchet_github.py. 12, 13 discovery: test_found_by_branch_owner_and_time,
  test_opening_twice_or_half_way_gives_the_same_one. 14 URLs in output are never looked at. 15, 16 switching pull
  requests, late answers: tests/ratchet/test_guards.py and below.
The ratchet
17 a busy fixer without a record blocks, an idle session does not; 18 deaths retried boundedly; 19 a normal end racing
  the poll; 20 a finished fixer is closed: tests/ratchet/test_fixers.py. 18 also test_ratchet_crash.py.
21 turning off in the middle: test_ratchet_guards.py. 22 a merge stops fixers: below. 23 a poll that hangs: below.
24, 25, 26 edited comments, approvals, resolved threads: tests/ratchet/test_decide.py. 27 injected instructions and
  placeholders: test_ratchet_untrusted.py, tests/ratchet/test_prompt.py.
Sessions 28-36: tests/claude (test_conversation.py, test_child.py, test_permissions.py) and tests/factory.
Workspaces 37-40: tests/factory, tests/git/test_worktrees.py, tests/hub/test_life.py.
"""

import pytest

from factory_ls.demo.github import Fault
from factory_ls.demo.scene import Scene
from tests.e2e.ratchet_stage import FIX, MAIN, Model, staged


async def test_7_nothing_is_dispatched_while_ci_runs(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = stand_ins.folder / "gate"
    slow = MAIN["check.sh"].replace("echo", f'while [ "$CI" ] && [ ! -e {gate} ]; do sleep 0.05; done; echo', 1)
    stand_ins.model.script = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        gate.touch()
        pull = await stage.pull(files={"check.sh": slow, "value.txt": "good\n"})
        gate.unlink()
        workspace = await stage.workspace()
        idle, stage.github.idle = stage.github.idle, _not_waiting  # type: ignore[method-assign]
        await stage.push("topic", {"value.txt": "bad\n"})
        stage.github.idle = idle  # type: ignore[method-assign]
        await stage.reason(workspace, "Waiting for test to finish")
        assert not stage.fixers(workspace)
        gate.touch()
        await stage.ready(workspace)
        assert stage.jobs(pull.head_sha)["test"].conclusion == "SUCCESS"


async def _not_waiting() -> None:
    """The checks are meant to be running."""


async def test_15_another_pull_request_begins_anew(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model("")
    async with staged(stand_ins, monkeypatch) as stage:
        first = await stage.pull()
        workspace = await stage.workspace()
        await stage.reason(workspace, "Stalled")
        assert stage.ratchet(workspace).attempts == 1
        first.state = "CLOSED"
        second = stage.github.open_pull(stage.scene.repository, head="topic", base="main", title="again")
        await stage.github.idle()
        stand_ins.model.script = Model(FIX)
        await stage.command("pr.attach", workspace=workspace, number=second.number)
        await stage.ready(workspace)
        assert stage.factory.workspace(workspace).pr.number == second.number  # type: ignore[union-attr]
        assert stage.ratchet(workspace).attempts == 1


async def test_22_a_merge_stops_the_fixer(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model("exec sleep 60")
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull()
        workspace = await stage.workspace()
        await stage.until(lambda: any(s.status == "RUNNING" for s in stage.fixers(workspace)), "the fixer")
        pull.state = "MERGED"
        await stage.command("ratchet.check", workspace=workspace)
        await stage.reason(workspace, "is merged")
        await stage.until(lambda: all(fixer.status.ended for fixer in stage.fixers(workspace)), "its end")


async def test_23_a_poll_that_fails_kills_no_fixer(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = stand_ins.folder / "gate"
    stand_ins.model.script = Model(f"{FIX}; while [ ! -e {gate} ]; do sleep 0.05; done")
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.pull()
        workspace = await stage.workspace()
        await stage.until(lambda: any(s.status == "RUNNING" for s in stage.fixers(workspace)), "the fixer")
        stage.github.faults.append(Fault(502, b"<html>", {"content-type": "text/html"}, path="graphql", times=3))
        asked = len(stage.github.requests)
        await stage.until(lambda: len(stage.github.requests) > asked + 3, "polls that fail and one that does not")
        assert [fixer.status.ended for fixer in stage.fixers(workspace)] == [False]
        gate.touch()
        await stage.ready(workspace)
