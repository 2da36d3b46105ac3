"""Thinking, a long tool, waiting for the user and dead are told apart."""

import pytest

from factory_ls.claude import process
from factory_ls.factory import watchdog
from factory_ls.factory.watchdog import Signs, Verdict, Watchdog, judge
from factory_ls.model.session import SessionStatus
from tests.factory.stage import Stage

RUNNING, WAITING, IDLE, STARTING = (
    SessionStatus.RUNNING,
    SessionStatus.WAITING,
    SessionStatus.IDLE,
    SessionStatus.STARTING,
)
DAY = 86_400.0


@pytest.mark.parametrize(
    ("signs", "says", "ends"),
    [
        (Signs(RUNNING, 60), False, False),
        (Signs(RUNNING, 240), True, False),
        (Signs(RUNNING, 1500), True, True),
        (Signs(RUNNING, 1500, tools=("Bash",)), False, False),
        (Signs(RUNNING, DAY, tools=("Bash",)), True, False),
        (Signs(RUNNING, DAY, paused=True), False, False),
        (Signs(WAITING, DAY), False, False),
        (Signs(IDLE, DAY), False, False),
        (Signs(STARTING, 30), False, False),
        (Signs(STARTING, 100), True, True),
        (Signs(IDLE, 0, memory=5 << 30), True, True),
    ],
)
def test_judgement(signs: Signs, says: bool, ends: bool) -> None:
    verdict = judge(signs)
    assert (bool(verdict.say), verdict.end) == (says, ends)


async def test_one_that_takes_all_memory_is_ended_and_can_be_resumed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.create(name="one", prompt="SAY hi")
    session = stage.factory.sessions()[0]
    await stage.until(lambda: stage.session(session.id).turns)
    dog = Watchdog(stage.factory.session_runs, lambda: None)
    await dog.look()
    assert not stage.session(session.id).status.ended
    monkeypatch.setattr(watchdog, "MEMORY_BYTES", 1 << 20)  # a Python takes more
    await dog.look()
    ended = stage.session(session.id)
    assert ended.status is SessionStatus.FAILED
    assert "GB of memory and was ended. Resume it." in (ended.error or "")
    assert process.marked(stage.folder / "factory" / "sessions" / session.id) == []
    await stage.do("session.send", session=session.id, prompt="SAY again")
    await stage.until(lambda: stage.session(session.id).turns == 2)


@pytest.mark.parametrize(("prompt", "tool"), [("BASH sleep 3320", True), ("HANG", False)])
async def test_a_long_tool_is_told_from_a_dead_claude(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, prompt: str, tool: bool
) -> None:
    await stage.create(name="one", prompt=prompt)
    session = stage.factory.sessions()[0]
    runner = stage.factory.session_runs.runners()[session.id]
    await stage.until(lambda: stage.session(session.id).status is RUNNING and bool(runner.conversation.tools) == tool)
    monkeypatch.setattr(runner, "heard", runner.heard - watchdog.HUNG_SECONDS - 60)
    await Watchdog(stage.factory.session_runs, lambda: None).look()
    assert stage.session(session.id).status is (RUNNING if tool else SessionStatus.FAILED)


async def test_who_waits_for_the_user_waits_for_days(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.create(name="one")
    started = await stage.do("session.start", workspace="one", prompt="BASH touch made", permissions="strict")
    await stage.until(lambda: stage.session(started.id).pending)
    runner = stage.factory.session_runs.runners()[started.id]
    monkeypatch.setattr(runner, "heard", runner.heard - 3 * DAY)
    await Watchdog(stage.factory.session_runs, lambda: None).look()
    assert (stage.session(started.id).status, stage.session(started.id).error) == (WAITING, None)


async def test_a_silent_session_is_said_to_be_and_a_hung_one_is_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.create(name="one", prompt="HANG")
    session = stage.factory.sessions()[0]
    await stage.until(lambda: stage.session(session.id).status is RUNNING)
    dog = Watchdog(stage.factory.session_runs, lambda: None)
    await dog.look()
    assert stage.session(session.id).error is None
    monkeypatch.setattr(watchdog, "QUIET_SECONDS", -1.0)
    await dog.look()
    assert "Nothing was heard" in (stage.session(session.id).error or "")
    monkeypatch.setattr(watchdog, "QUIET_SECONDS", 1e9)
    await dog.look()
    assert stage.session(session.id).error is None
    monkeypatch.setattr(watchdog, "judge", lambda _: Verdict("It hung.", end=True))
    await dog.look()
    assert (stage.session(session.id).status, stage.session(session.id).error) == (SessionStatus.FAILED, "It hung.")
    assert process.marked(stage.folder / "factory" / "sessions" / session.id) == []
