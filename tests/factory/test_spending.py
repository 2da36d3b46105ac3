"""The caps on money stop before the next turn, in every scope; what waits is kept and goes on when there is more."""

import json
from typing import Any

import pytest

from factory_ls.factory import spending
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import Session, SessionStatus
from tests.factory.stage import Stage

CENT = "0.0001"
"""Less than a turn costs."""


async def turn(stage: Stage, session: Session, count: int = 1) -> Session:
    done: Session = await stage.until(lambda: (s := stage.session(session.id)).turns >= count and s)
    return done


async def refused(stage: Stage, command: str, **arguments: Any) -> FactoryError:
    with pytest.raises(FactoryError) as denied:
        await stage.do(command, **arguments)
    assert denied.value.kind is ErrorKind.DENIED
    assert denied.value.hint == "Raise the cap to go on."
    return denied.value


async def test_a_session_a_workspace_and_a_day_have_caps(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.reopen(SPENDING_CAP_SESSION_USD=CENT)
    for name in ("one", "two"):
        await stage.create(name=name)
    first = await stage.do("session.start", workspace="one", prompt="SAY hi")
    assert (await turn(stage, first)).cost_usd > float(CENT)
    assert (
        "SPENDING_CAP_SESSION_USD" in (await refused(stage, "session.send", session=first.id, prompt="SAY no")).message
    )
    assert (
        "SPENDING_CAP_SESSION_USD" in (await refused(stage, "session.message", session=first.id, message="no")).message
    )
    second = await stage.do("session.start", workspace="one", prompt="SAY hi")
    await turn(stage, second)

    await stage.reopen(SPENDING_CAP_SESSION_USD="0", SPENDING_CAP_WORKSPACE_USD=CENT)
    for command, arguments in {
        "session.send": {"session": first.id, "prompt": "SAY no"},
        "session.start": {"workspace": "one", "prompt": "SAY no"},
        "session.fork": {"session": first.id, "prompt": "SAY no"},
    }.items():
        assert "SPENDING_CAP_WORKSPACE_USD" in (await refused(stage, command, **arguments)).message
    third = await stage.do("session.start", workspace="two", prompt="SAY hi")
    await turn(stage, third)

    await stage.reopen(SPENDING_CAP_WORKSPACE_USD="0", SPENDING_CAP_DAY_USD=CENT)
    today = await refused(stage, "session.send", session=third.id, prompt="SAY no")
    assert "SPENDING_CAP_DAY_USD" in today.message
    assert str(today.retry_at).endswith("T00:00:00.000Z")
    monkeypatch.setattr(spending, "_today", lambda: "2100-01-01")
    await stage.do("session.send", session=third.id, prompt="SAY tomorrow")
    await turn(stage, third, 2)
    report = await stage.do("spending.report", session=third.id)
    assert report.day_cap_usd == float(CENT)
    assert [one.failed for one in report.turns] == [False, False]
    assert sum(one.usd for one in report.turns) == pytest.approx(report.total_usd)


async def test_what_is_queued_when_the_money_ends_waits_for_more(any_stage: Stage) -> None:
    stage = any_stage
    await stage.reopen(SPENDING_CAP_SESSION_USD=CENT)
    await stage.create(name="one", prompt="SLOW 10 0.05")
    session = stage.factory.sessions()[0]
    for number in range(2):
        await stage.do("session.send", session=session.id, prompt=f"SAY number {number}")
    held = await stage.until(
        lambda: (s := stage.session(session.id)).status is SessionStatus.IDLE and s.error and s.turns >= 1 and s
    )
    assert "SPENDING_CAP_SESSION_USD" in held.error
    assert "Raise the cap to go on: what waits is kept." in held.error
    with pytest.raises(FactoryError, match="SPENDING_CAP_SESSION_USD"):
        await stage.do("session.resume", session=session.id)

    await stage.reopen(SPENDING_CAP_SESSION_USD="100")
    done = await stage.until(
        lambda: (s := stage.session(session.id)).status is SessionStatus.IDLE and not s.error and s
    )
    assert done.retry_at is None
    transcript = await stage.do("session.transcript", session=session.id, limit=1000)
    events = [event.event for event in transcript.events]
    document = await stage.do("session.document", session=session.id)
    assert "*No further turn: This session has cost $" in document.text
    answered = [
        uuid for one in events if one["type"] == "result" and not one["is_error"] for uuid in one["user_message_uuids"]
    ]
    prompts = {one["uuid"]: one["text"] for one in events if one["type"] == "factory/prompt"}
    assert sorted(prompts[uuid] for uuid in answered) == ["SAY number 0", "SAY number 1", "SLOW 10 0.05"], json.dumps(
        events
    )
