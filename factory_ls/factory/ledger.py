"""What was spent, as the sessions' events tell: a fold, so it survives everything they do and counts nothing twice."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from factory_ls.model.session import Session

_TURNS_REMEMBERED = 10_000


class Key(NamedTuple):
    """`day` is a date in UTC, `2026-01-31`."""

    day: str
    workspace_id: str
    session_id: str


@dataclass(slots=True)
class Sum:
    usd: float = 0.0
    turns: int = 0

    def add(self, usd: float, turns: int) -> None:
        self.usd += usd
        self.turns += turns


@dataclass(slots=True)
class Ledger:
    sums: dict[Key, Sum] = field(default_factory=dict)
    turns: deque[str] = field(default_factory=lambda: deque(maxlen=_TURNS_REMEMBERED))
    """When the last turns ended, ISO 8601 UTC, oldest first."""

    def note(self, before: Session | None, after: Session, at: str) -> None:
        """The difference a change of a session makes, on the day it was made."""
        usd = after.cost_usd - (before.cost_usd if before else 0.0)
        turns = after.turns - (before.turns if before else 0)
        if usd or turns:
            self.sums.setdefault(Key(at[:10], after.workspace_id, after.id), Sum()).add(usd, turns)
        self.turns.extend([at] * max(turns, 0))

    def spent(self, *, day: str | None = None, workspace: str | None = None, session: str | None = None) -> float:
        """US dollars of all that matches."""
        return sum(sum_.usd for _, sum_ in self._matching(day, workspace, session))

    def by(self, field_name: str, *, workspace: str | None = None, session: str | None = None) -> dict[str, Sum]:
        """Sums by one field of `Key`, in order of first spending."""
        found: defaultdict[str, Sum] = defaultdict(Sum)
        for key, sum_ in self._matching(None, workspace, session):
            found[getattr(key, field_name)].add(sum_.usd, sum_.turns)
        return dict(found)

    def _matching(self, day: str | None, workspace: str | None, session: str | None) -> Iterator[tuple[Key, Sum]]:
        wanted = (day, workspace, session)
        for key, sum_ in self.sums.items():
            if all(want is None or want == have for want, have in zip(wanted, key, strict=True)):
                yield key, sum_
