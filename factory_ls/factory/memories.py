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
        also: Callable[[State], Iterable[FactoryEvent]] = lambda _: (),
    ) -> None:
        """Applies a transition of `ratchet/memory.py`; `also` gives events to store with it, or refuses by raising."""

        def decide(state: State) -> list[FactoryEvent]:
            record = state.ratchets.get(workspace_id, RatchetRecord())
            more = list(also(state))
            memory, on = change(record.memory), record.enabled if enabled is None else enabled
            if memory == record.memory and on == record.enabled:
                return more
            body = msgspec.Raw(msgspec.json.encode(memory))
            return [RatchetChanged(workspace_id=workspace_id, enabled=on, memory=body, note=note), *more]

        await self._journal.transact(decide)
