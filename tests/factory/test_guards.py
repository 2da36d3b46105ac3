"""Limits: a repository narrows what the user allows, and never widens it."""

from hypothesis import given
from hypothesis import strategies as st

from factory_ls.factory.guards import limits_of, tightened
from factory_ls.model.repository_file import RatchetFile, parse
from factory_ls.model.settings import resolve
from factory_ls.ratchet.limits import Limits, QuietHours

DEFAULTS = limits_of(resolve({"HOME": "/home/u"}).settings)
AMOUNT = st.none() | st.floats(0, 1e6)


def test_the_defaults_are_the_rules_own() -> None:
    assert Limits() == DEFAULTS


@given(st.none() | st.integers(0, 1000), AMOUNT, AMOUNT, AMOUNT, AMOUNT, st.booleans())
def test_a_repository_never_widens(
    most: int | None, usd: float | None, minutes: float | None, one: float | None, its: float | None, paused: bool
) -> None:
    file = RatchetFile(
        max_attempts=most, budget_usd=usd, minutes=minutes, dispatch_budget_usd=one, dispatch_minutes=its, paused=paused
    )
    limits = tightened(DEFAULTS, file)
    assert limits.max_attempts <= DEFAULTS.max_attempts
    for ours, theirs in ((limits.pull_request, DEFAULTS.pull_request), (limits.dispatch, DEFAULTS.dispatch)):
        assert ours.usd <= theirs.usd
        assert ours.seconds <= theirs.seconds
    assert (limits.day, limits.allow_forks, limits.push_unproved) == (DEFAULTS.day, False, False)
    assert limits.paused == paused


def test_quiet_hours_of_a_repository_count_where_the_user_has_none() -> None:
    file = parse(b'{"ratchet": {"quietHours": "22:00-07:00", "replies": false}}').ratchet
    limits = tightened(DEFAULTS, file)
    assert limits.quiet_hours == QuietHours(start="22:00", end="07:00")
    assert not limits.replies
    own = limits_of(resolve({"HOME": "/home/u", "RATCHET_QUIET_HOURS": "01:00-02:00"}).settings)
    assert tightened(own, file).quiet_hours == QuietHours(start="01:00", end="02:00")
