"""The one way to change anything: write events, fold them into the state, then tell those who listen, in that order."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from factory_ls.factory.state import State, Touched
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import FactoryEvent
from factory_ls.store.store import Store

log = logging.getLogger(__name__)

_DECODER: msgspec.json.Decoder[FactoryEvent] = msgspec.json.Decoder(FactoryEvent)
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Change:
    """Ids whose state, problems or session stream changed, and the revision they changed at."""

    revision: int
    workspaces: frozenset[str] = frozenset()
    problems: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()


Listener = Callable[[Change], None]


class Journal:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.state = State()
        self._lock = asyncio.Lock()
        self._listeners: list[Listener] = []

    async def replay(self) -> None:
        """Rebuilds the state from the database. Raises `corrupt` for an event this version cannot read."""
        async for stored in self.store.events():
            try:
                self.state.apply(_DECODER.decode(stored.body), stored.at)
            except msgspec.MsgspecError as error:
                raise FactoryError(
                    ErrorKind.CORRUPT,
                    f"Event {stored.seq} ({stored.kind}) of the database cannot be read: {error}",
                    "Upgrade factory-ls, or set DATABASE_PATH to a new file.",
                ) from error
            self.state.revision = stored.seq

    async def record(self, *events: FactoryEvent) -> None:
        await self.transact(lambda _: events)

    async def transact(self, decide: Callable[[State], Iterable[FactoryEvent]]) -> None:
        """`decide` sees the state nobody else can be changing and answers with the events; raising writes nothing.

        This is the compare-and-swap of every status: look, refuse or go on, in one step.
        """
        # A cancelled caller must not leave an event written but not applied, nor let go of the lock before it is.
        await asyncio.shield(self._transact(decide))

    async def _transact(self, decide: Callable[[State], Iterable[FactoryEvent]]) -> None:
        async with self._lock:
            if events := tuple(decide(self.state)):
                await self._write(events)

    async def _write(self, events: tuple[FactoryEvent, ...]) -> None:
        rows = [(type(event).__struct_config__.tag, _ENCODER.encode(event)) for event in events]
        at = iso()
        self.state.revision = await self.store.append([(str(tag), body) for tag, body in rows], at)
        touched = [self.state.apply(event, at) for event in events]
        self.tell(
            Touched(
                workspaces=frozenset().union(*(t.workspaces for t in touched)),
                problems=frozenset().union(*(t.problems for t in touched)),
                sessions=frozenset().union(*(t.sessions for t in touched)),
            )
        )

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """`listener` is called on the loop, synchronously, after each change; the answer ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def tell(self, touched: Touched) -> None:
        change = Change(self.state.revision, touched.workspaces, touched.problems, touched.sessions)
        for listener in list(self._listeners):
            try:
                listener(change)
            except Exception:
                log.exception("a listener failed")

    def tell_workspace(self, workspace_id: str) -> None:
        """Something that is shown of the workspace but not kept has changed."""
        self.tell(Touched(workspaces=frozenset({workspace_id})))
