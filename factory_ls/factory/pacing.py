"""How fast messages go to Claude: sliding windows over all sessions, and a queue that waits a little and no more."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError

QUEUE = 100
"""Messages that may wait at a time."""
WAIT_SECONDS = 30.0
"""How long one may wait."""


class Windows:
    """`limits` are (seconds, how many within them). Times are seconds of any clock that only grows. Pure."""

    def __init__(self, limits: Iterable[tuple[float, int]]) -> None:
        self._limits = tuple(limits)
        self._taken: deque[float] = deque()

    def delay(self, now: float) -> float:
        """Seconds until one more may go; 0 when it may now."""
        longest = max(seconds for seconds, _ in self._limits)
        while self._taken and self._taken[0] <= now - longest:
            self._taken.popleft()
        wait = 0.0
        for seconds, count in self._limits:
            if len(self._taken) >= count:
                wait = max(wait, self._taken[-count] + seconds - now)
        return wait

    def take(self, now: float) -> None:
        self._taken.append(now)


class Pacer:
    """One for the whole hub. `past` says when messages went before it was started (ISO 8601 UTC, oldest first); it is
    asked with the first message."""

    def __init__(self, per_minute: int, per_hour: int, past: Callable[[], Iterable[str]] = tuple) -> None:
        self._windows = Windows(((60.0, per_minute), (3600.0, per_hour)))
        self._past: Callable[[], Iterable[str]] | None = past
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def admit(self) -> None:
        """Returns when a message may go. Raises `rateLimited` when that is too far off or too many wait."""
        if self._waiting >= QUEUE:
            raise self._refused(f"{QUEUE} messages wait already.", 60.0)
        self._count_past()
        self._waiting += 1
        deadline = self._now() + WAIT_SECONDS
        try:
            async with self._turn:  # first come, first served
                delay = self._windows.delay(self._now())
                if self._now() + delay > deadline:
                    raise self._refused("The limit of messages to Claude is reached.", delay)
                await asyncio.sleep(delay)
                self._windows.take(self._now())
        finally:
            self._waiting -= 1

    def _count_past(self) -> None:
        past, self._past = self._past, None
        now = datetime.now(UTC)
        for at in past() if past else ():
            age = (now - datetime.fromisoformat(at)).total_seconds()
            if 0 <= age < 3600:
                self._windows.take(self._now() - age)

    def _refused(self, why: str, delay: float) -> FactoryError:
        at = iso(datetime.now(UTC) + timedelta(seconds=delay))
        hint = f"Try again after {at}, or raise CLAUDE_RATE_LIMIT_PER_MINUTE or CLAUDE_RATE_LIMIT_PER_HOUR."
        return FactoryError(ErrorKind.RATE_LIMITED, why, hint, retry_at=at)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
