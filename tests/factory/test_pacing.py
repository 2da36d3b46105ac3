"""Windows never let more through than they say, and never wait longer than they must."""

import asyncio
import selectors
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.factory import pacing
from factory_ls.factory.ledger import Ledger
from factory_ls.factory.pacing import Pacer, Windows
from factory_ls.model.errors import FactoryError
from factory_ls.model.session import PermissionMode, Session, SessionStatus


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 5), st.integers(3, 12))
def test_no_window_holds_more_than_its_limit(pauses: list[int], short: int, long: int) -> None:
    windows, now, went = Windows(((10.0, short), (60.0, long))), 0.0, list[float]()
    for pause in pauses:
        now += pause
        delay = windows.delay(now)
        free = all(sum(now - w < s for w in went) < n for s, n in ((10.0, short), (60.0, long)))
        assert (delay <= 0) == free
        now += max(delay, 0.0)
        windows.take(now)
        went.append(now)
    for start in went:
        assert sum(start <= at < start + 10.0 for at in went) <= short
        assert sum(start <= at < start + 60.0 for at in went) <= long


async def test_a_full_queue_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "QUEUE", 0)
    with pytest.raises(FactoryError, match="wait already"):
        await Pacer(10, 10).admit()


class Skipping(selectors.DefaultSelector):
    """For a loop whose time goes on only while it would wait, and then at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.now += 0.0 if ready else timeout or 0.0
        return ready


def test_the_whole_queue_waits_half_a_minute_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits as they are: a message a second has gone for a minute, and then 120 come at once."""
    skipping = Skipping()
    loop = asyncio.SelectorEventLoop(skipping)
    monkeypatch.setattr(loop, "time", lambda: skipping.now)
    told = list[tuple[float, str]]()

    async def ask(pacer: Pacer) -> None:
        try:
            await pacer.admit()
        except FactoryError as error:
            told.append((loop.time(), error.message))
        else:
            told.append((loop.time(), "went"))

    async def story() -> None:
        pacer = Pacer(60, 1000)
        for _ in range(60):
            await pacer.admit()
            await asyncio.sleep(1)
        assert loop.time() == pytest.approx(60)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(120):
                tasks.create_task(ask(pacer))

    try:
        loop.run_until_complete(story())
    finally:
        loop.close()
    went = [at for at, what in told if what == "went"]
    assert went == pytest.approx([60.0 + second for second in range(len(went))])
    assert len(went) in (30, 31)
    assert Counter(what for _, what in told) == {
        "went": len(went),
        "100 messages wait already.": 20,
        "The limit of messages to Claude is reached.": 100 - len(went),
    }
    assert max(at for at, _ in told) <= 90.0


async def test_a_short_wait_is_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    pacer = Pacer(1, 10)
    pacer._windows = Windows(((0.05, 1),))
    began = pacer._now()
    for _ in range(4):
        await pacer.admit()
    assert pacer._now() - began >= 0.15


def session(cost: float, turns: int, key: str = "s") -> Session:
    return Session(
        id=key, workspace_id="w", model="m", permissions=PermissionMode.YOLO, status=SessionStatus.IDLE,
        cost_usd=cost, turns=turns,
    )  # fmt: skip


def test_the_ledger_counts_differences_on_their_day() -> None:
    ledger = Ledger()
    ledger.note(None, session(0, 0), "2026-01-01T23:00:00.000Z")
    ledger.note(session(0, 0), session(0.5, 1), "2026-01-01T23:59:00.000Z")
    ledger.note(session(0.5, 1), session(0.75, 2), "2026-01-02T00:01:00.000Z")
    ledger.note(session(0.75, 2), session(0.75, 2), "2026-01-02T00:02:00.000Z")
    ledger.note(None, session(2, 1, "other"), "2026-01-02T00:03:00.000Z")
    assert ledger.spent(session="s") == 0.75
    assert ledger.spent(day="2026-01-02") == 2.25
    assert ledger.spent(workspace="w") == 2.75
    assert {day: (sum_.usd, sum_.turns) for day, sum_ in ledger.by("day", session="s").items()} == {
        "2026-01-01": (0.5, 1),
        "2026-01-02": (0.25, 1),
    }
    assert len(ledger.turns) == 3
