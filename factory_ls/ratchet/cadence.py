"""When to ask GitHub about a pull request next: soon after a push, around the time its checks usually end, else rarely.

All times are seconds. Which moment is worth asking at follows from the durations of earlier runs of the same check: the
next question is put where a fixed share of the runs that lasted this long had ended. So questions are far apart while
nothing can have ended, close together where most runs end, and ever farther apart behind the longest run known.
"""

from collections.abc import Sequence
from typing import NamedTuple

SHARE = 0.007
"""Of the runs that lasted as long as this one has: how many may end between two questions."""
ENOUGH = 4
"""Runs that must be known before their durations say anything."""
ALONG = 0.9
"""What has less than this share of its wait left goes along with a question that is due now."""
KEPT = 80
"""Durations that are remembered of a check, the newest: few of them would put questions too far apart."""
QUIET_SHARE = 1 / 3
"""Of the time for which nothing has changed: how long to wait for the next question when nothing is expected."""


class Pace(NamedTuple):
    """`interval` is the setting: how often a fixed cadence would ask."""

    interval: float = 60.0

    @property
    def shortest(self) -> float:
        # A test's interval of a fraction of a second must not become a hot loop.
        return max(self.interval / 15, min(self.interval, 0.25))

    @property
    def longest(self) -> float:
        return self.interval * 8

    def within(self, seconds: float, most: float | None = None) -> float:
        return max(self.shortest, min(seconds, self.longest if most is None else most))


class Running(NamedTuple):
    elapsed: float
    durations: Sequence[float] = ()
    """Of earlier runs of this check, in any order."""


class Situation(NamedTuple):
    quiet: float
    """Since something last changed on it: a push, a check's end, a review."""
    awaited: float | None = None
    """Since a push or a re-run that GitHub does not show yet, or since it began to compute the merge state."""
    running: tuple[Running, ...] = ()


def goes_along(now: float, asked: float, due: float) -> bool:
    """Whether something last asked about at `asked`, next at `due`, is part of a request that is sent `now`."""
    return due <= now + ALONG * (due - asked)


def delay(seen: Situation, pace: Pace) -> float:
    """Seconds until the next question."""
    if seen.running:
        return min(_until_end(check, pace) for check in seen.running)
    if seen.awaited is not None:
        return pace.within(seen.awaited / 3, pace.interval)
    return pace.within(seen.quiet * QUIET_SHARE)


def _until_end(check: Running, pace: Pace) -> float:
    if len(check.durations) < ENOUGH:
        return pace.within(check.elapsed / 6, pace.interval)
    longer = sorted(d for d in check.durations if d > check.elapsed)
    if not longer:
        return pace.within((check.elapsed - max(check.durations)) / 2, pace.interval)
    return pace.within(_quantile(longer, SHARE) - check.elapsed, pace.interval * 1.5)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest, so that a handful of runs does not pretend to know the second."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
