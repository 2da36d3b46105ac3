"""What ratchets remember, changed in one place: each change is stored before it is acted on."""

from collections.abc import Callable, Iterable

import msgspec

from factory_ls.factory.journal import Journal
from factory_ls.factory.state import RatchetRecord, State
from factory_ls.model.events import FactoryEvent, RatchetChanged
from factory_ls.ratchet.memory import Memory


class Memories:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, workspace_id: str) -> RatchetRecord:
        return self._journal.state.ratchets.get(workspace_id, RatchetRecord())

    def of(self, workspace_id: str) -> Memory:
        return self.record(workspace_id).memory

    async def change(
        self,
        workspace_id: str,
        change: Callable[[Memory], Memory] = lambda memory: memory,
        *,
        note: str = "",
        enabled: bool | None = None,
    ) -> None:
        """Applies a transition of `ratchet/memory.py`."""

        def decide(state: State) -> list[FactoryEvent]:
            record = state.ratchets.get(workspace_id, RatchetRecord())
            after = RatchetRecord(record.enabled if enabled is None else enabled, change(record.memory))
            return _changed(workspace_id, record, after, note)

        await self._journal.transact(decide)

    async def swap(
        self,
        workspace_id: str,
        before: RatchetRecord,
        after: Memory,
        *,
        note: str = "",
        also: Callable[[State], Iterable[FactoryEvent]] = lambda _: (),
    ) -> bool:
        """Like `change`, but only while the record is still `before`: a decision about another one is void.

        `also` gives events to store with it, or refuses by raising.
        """
        swapped = False

        def decide(state: State) -> list[FactoryEvent]:
            nonlocal swapped
            if state.ratchets.get(workspace_id, RatchetRecord()) != before:
                return []
            swapped = True
            more = list(also(state))
            return [*_changed(workspace_id, before, RatchetRecord(before.enabled, after), note), *more]

        await self._journal.transact(decide)
        return swapped


def _changed(workspace_id: str, before: RatchetRecord, after: RatchetRecord, note: str) -> list[FactoryEvent]:
    if before == after:
        return []
    body = msgspec.Raw(msgspec.json.encode(after.memory))
    return [RatchetChanged(workspace_id=workspace_id, enabled=after.enabled, memory=body, note=note)]
