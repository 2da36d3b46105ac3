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
