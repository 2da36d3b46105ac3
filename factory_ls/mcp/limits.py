"""How much one token may ask for: a bucket that fills at a steady rate. Pure, but for the clock handed in."""

from collections.abc import Callable
from time import monotonic


class Bucket:
    """`burst` at once, `rate` a second in the long run."""

    def __init__(self, burst: float, rate: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._rate = rate
        self._clock = clock
        self._level = burst
        self._at = clock()

    def take(self) -> float:
        """0.0: taken. Else seconds until one may be taken."""
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return (1 - self._level) / self._rate
        self._level -= 1
        return 0.0


class Limits:
    """Buckets by owner; forgotten when there are too many, for that only ever gives somebody more."""

    MAX_OWNERS = 10_000

    def __init__(self, burst: float, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._buckets: dict[str, Bucket] = {}

    def take(self, owner: str) -> float:
        if len(self._buckets) >= self.MAX_OWNERS:
            self._buckets.clear()
        bucket = self._buckets.get(owner)
        if bucket is None:
            bucket = self._buckets[owner] = Bucket(self._burst, self._rate)
        return bucket.take()
