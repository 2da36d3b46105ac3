"""One live Claude session: what the process writes is stored, then folded into what users see; what they do is sent.

Everything users see of a session is a fold of its stored events, so a hub that attaches again ends up where the last
one was, whatever moment that one was killed at.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from factory_ls.claude import effects as fx
from factory_ls.claude import wire
from factory_ls.claude.child import Child
from factory_ls.claude.conversation import Conversation
from factory_ls.factory.journal import Journal
from factory_ls.factory.state import Touched
from factory_ls.model.clock import iso
from factory_ls.model.events import SessionChanged
from factory_ls.model.session import Session

log = logging.getLogger(__name__)

PAGE = 1000


class Runner:
    """`on_end` is called once, when the process has ended and everything it wrote is stored."""

    def __init__(
        self,
        journal: Journal,
        session: Session,
        conversation: Conversation,
        child: Child,
        on_end: Callable[[str], Awaitable[None]],
    ) -> None:
        self.child = child
        self.conversation = conversation
        self._journal = journal
        self._session = session
        self._on_end = on_end
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self, offset: int, *, again: bool) -> None:
        """Begins to read the process's output from `offset`. `again`: a former hub started it."""
        self._task = asyncio.create_task(self._run(offset, again=again), name=f"session {self._session.id}")

    async def do(self, act: Callable[[Conversation], list[fx.Effect]]) -> None:
        """Something the user does: `act` asks the conversation, its effects are performed in order."""
        async with self._one_at_a_time:
            # A caller that goes away half-way must not leave an event stored but not sent.
            await asyncio.shield(self._perform(act(self.conversation)))

    async def amend(self, **fields: Any) -> None:
        """Changes what the process's stream does not tell: model, permissions."""
        async with self._one_at_a_time:
            self._session = msgspec.structs.replace(self._session, **fields)
            await self._journal.record(SessionChanged(session=self._session))

    async def stop(self) -> None:
        """Ends the process and waits until that is stored."""
        await self.child.stop()
        await self.finished()

    async def detach(self) -> None:
        """Lets the process live on without us: the next hub attaches to it."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.child.detach()

    async def finished(self) -> None:
        if self._task:
            await asyncio.shield(self._task)

    async def _run(self, offset: int, *, again: bool) -> None:
        try:
            await self.do(lambda conversation: conversation.resume() if again else conversation.started())
            async for lines in self.child.batches(offset):
                async with self._one_at_a_time:
                    await asyncio.shield(self._receive(lines))
            code = await self.child.wait()
            stderr = await self.child.stderr_tail()
            await self.do(lambda c: c.exited(code, stopped=self.child.stopped, stderr=stderr))
            await self.child.reap()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("session %s", self._session.id)
        await self._on_end(self._session.id)

    async def _receive(self, lines: list[wire.Line]) -> None:
        at = iso()
        await self._store([line.event for line in lines], at, lines[-1].end)
        effects: list[fx.Effect] = []
        for line in lines:
            effects += self.conversation.receive(line.message, at)
        await self._perform(effects)

    async def _store(self, events: Iterable[bytes], at: str, offset: int | None) -> None:
        await self._journal.store.append_session(self._session.id, [(at, event) for event in events], offset)
        self._journal.tell(Touched(sessions=frozenset({self._session.id})))

    async def _perform(self, effects: list[fx.Effect]) -> None:
        session = self._session
        for effect in effects:
            match effect:
                case fx.Record(event=event):
                    await self._store([event], iso(), None)
                case fx.Send(line=line):
                    try:
                        await self.child.send(line)
                    except Exception as error:
                        log.info("session %s: not sent: %s", session.id, error)
                case _:
                    session = fold(session, effect, self.conversation)
        if session != self._session:
            self._session = session
            await self._journal.record(SessionChanged(session=session))


def fold(session: Session, effect: fx.Effect, conversation: Conversation) -> Session:
    """What users see of the session after `effect`."""
    change = msgspec.structs.replace
    match effect:
        case fx.StatusChanged(status=status):
            return change(session, status=status)
        case fx.SessionId(id=claude_id):
            return change(session, claude_session_id=claude_id)
        case fx.Asked() | fx.AskWithdrawn():
            return change(session, pending=tuple(conversation.pending.values()))
        case fx.TurnEnded(cost_usd=cost):
            return change(session, cost_usd=session.cost_usd + cost, turns=session.turns + 1, error=None)
        case fx.Failed(error=error):
            return change(session, error=f"{error.message} {error.hint}".strip())
        case fx.RateLimited(until=until):
            return change(session, error=f"The account's limit is reached{f' until {until}' if until else ''}.")
        case fx.Retrying(attempt=attempt, attempts=attempts, delay=delay, status=status):
            why = f"answered {status}" if status else "did not answer"
            return change(session, error=f"The API {why}: attempt {attempt} of {attempts} in {delay:.0f} s.")
    return session


async def restored(journal: Journal, session: Session, conversation: Conversation) -> Session:
    """The session as its stored events say it is; `conversation` is brought to the same point."""
    session = msgspec.structs.replace(session, cost_usd=0.0, turns=0, pending=(), error=None)
    after = 0
    while page := await journal.store.session_events(session.id, after, PAGE):
        for line in page:
            for effect in conversation.receive(wire.decode(line.body), line.at):
                session = fold(session, effect, conversation)
        after = page[-1].seq
    return session
