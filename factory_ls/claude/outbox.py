"""The user's messages on their way to Claude: which must be sent (again), which are being answered. Pure."""

from collections.abc import Iterable
from uuid import NAMESPACE_OID, uuid5


class Outbox:
    """`one_at_a_time`: no message goes before the turn for the last one has ended, so that it can still be held back.
    Else the other side queues them, and may read them while it works."""

    def __init__(self, *, one_at_a_time: bool = False) -> None:
        self._one_at_a_time = one_at_a_time
        self.waiting: dict[str, str] = {}
        """Messages (text by uuid) that no turn has answered yet, oldest first."""
        self.unanswered: dict[str, str] = {}
        """Messages (text by uuid) whose turn failed for a reason that passes, or was held back."""
        self._known: set[str] = set()
        self._arrived: set[str] = set()
        self._begun: set[str] = set()
        self._told = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outbox) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def knows(self, uuid: str) -> bool:
        """Whether it was ever given this message, be it answered or not."""
        return uuid in self._known

    def waits(self, uuid: str) -> bool:
        """Whether this message is yet to be answered."""
        return uuid in self.waiting or uuid in self.unanswered

    def due(self, *, busy: bool) -> list[tuple[str, str]]:
        """What is to be sent now (uuid, text), perhaps once more: it may not have arrived. `busy`: a turn runs."""
        unsent = [(uuid, text) for uuid, text in self.waiting.items() if uuid not in self._arrived]
        if not self._one_at_a_time:
            return unsent
        return [] if busy or self._arrived & self.waiting.keys() else unsent[:1]

    @property
    def back(self) -> tuple[str, ...]:
        """The messages that nobody but us has."""
        unsent = [uuid for uuid in self.waiting if uuid not in self._arrived]
        return tuple(unsent) if self._one_at_a_time else ()

    @property
    def arrived(self) -> bool:
        """Whether the other side has a message that it has not answered."""
        return bool(self.waiting.keys() - set(self.back))

    @property
    def being_answered(self) -> bool:
        return bool(self._begun & self.waiting.keys())

    def add(self, uuid: str, text: str, again: str | None) -> None:
        """`again` is the message of a failed turn that this one repeats."""
        self.waiting[uuid] = text
        self._known.add(uuid)
        self.unanswered.pop(again or "", None)

    def lifecycle(self, uuid: str, state: str, *, keep: bool) -> None:
        """What the other side says became of a message. `keep` one that is cancelled: it was not the user's wish."""
        self._told = True
        self._arrived.add(uuid)
        if state == "started":
            self._begun.add(uuid)
        elif state in {"completed", "cancelled"}:
            text = self._forget(uuid)
            if state == "cancelled" and keep and text is not None:
                self.unanswered[uuid] = text

    def answered(self, uuids: Iterable[str], *, failed: bool) -> None:
        """A turn for these messages ended. `failed`: in a way that they are worth sending again."""
        for uuid in uuids:
            text = self._forget(uuid)
            if failed and text is not None:
                self.unanswered[uuid] = text

    def idle(self) -> None:
        """The other side has nothing to do. One that never said what became of a message (Claude Code 2.1.197 does not)
        has answered them all."""
        if not self._told:
            self.waiting.clear()

    def hold(self, uuids: Iterable[str]) -> None:
        """They wait for `Conversation.again`."""
        self.answered(uuids, failed=True)

    def drop(self, uuids: Iterable[str]) -> None:
        """With all that waits to be sent again, by the user's wish."""
        self.answered(uuids, failed=False)
        self.unanswered.clear()

    def exited(self) -> None:
        """The process ended. What it had begun is in the conversation: resuming sees it."""
        for uuid in self._begun & self.waiting.keys():
            self._forget(uuid)
        self._arrived.clear()
        self._told = False

    def _forget(self, uuid: str) -> str | None:
        self._arrived.discard(uuid)
        self._begun.discard(uuid)
        return self.waiting.pop(uuid, None)


def next_uuid(failed: str) -> str:
    """Under which a message goes again: the other side drops one that it has seen."""
    return str(uuid5(NAMESPACE_OID, failed))
