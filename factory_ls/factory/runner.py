"""One live Claude session: what the process writes is stored, then folded into what users see; what they do is sent.

Everything users see of a session is a fold of its stored events, so a hub that attaches again ends up where the last
one was, whatever moment that one was killed at.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from factory_ls.claude import effects as fx
from factory_ls.claude import wire
from factory_ls.claude.child import Child
from factory_ls.claude.conversation import Conversation
from factory_ls.factory.journal import Journal
from factory_ls.factory.spending import Exhausted
from factory_ls.factory.state import Touched
from factory_ls.model.clock import from_iso, iso
from factory_ls.model.events import SessionChanged
from factory_ls.model.session import Session, SessionStatus

log = logging.getLogger(__name__)

PAGE = 1000
FIRST_RETRY_SECONDS = 15.0
"""Before the messages of a failed turn are sent again; doubled each time, up to a quarter of an hour."""
LONGEST_RETRY_SECONDS = 900.0
_HELD = "What waits goes on at {}."
_HELD_FOR_GOOD = "Raise the cap to go on: what waits is kept."


class Runner:
    """`on_end` is called once, when the process has ended and everything it wrote is stored. `remember` takes what the
    user allowed for good; `exhausted` says why Claude may take no further turn, null when it may."""

    def __init__(
        self,
        journal: Journal,
        session: Session,
        conversation: Conversation,
        child: Child,
        on_end: Callable[[str], Awaitable[None]],
        remember: Callable[[str], Awaitable[None]],
        exhausted: Callable[[], Exhausted | None],
    ) -> None:
        self.child = child
        self.conversation = conversation
        self._journal = journal
        self._session = session
        self._on_end = on_end
        self._remember = remember
        self._exhausted = exhausted
        self._retrying: asyncio.Task[None] | None = None
        self.heard = asyncio.get_running_loop().time()
        """When the process last wrote something, or was written to; in the loop's time."""
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self, offset: int, *, again: bool) -> None:
        """Begins to read the process's output from `offset`. `again`: a former hub started it."""
        self._task = asyncio.create_task(self._run(offset, again=again), name=f"session {self._session.id}")

    async def do(self, act: Callable[[Conversation], list[fx.Effect]]) -> None:
        """Something the user does: `act` asks the conversation, its effects are performed in order."""
        async with self._one_at_a_time:
            self.heard = asyncio.get_running_loop().time()
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

    async def fail(self, why: str) -> None:
        """Ends the process because of something it will not get over; `why` is what the user reads."""
        await self.stop()
        self._session = msgspec.structs.replace(self._session, status=SessionStatus.FAILED, error=why)
        await self._journal.record(SessionChanged(session=self._session, note=why))

    async def detach(self) -> None:
        """Lets the process live on without us: the next hub attaches to it."""
        self._stop_retrying()
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
            if self.conversation.held:
                await self.again()  # by now the user may have logged in, or raised the cap
            self._retry_later()
            async for lines in self.child.batches(offset):
                async with self._one_at_a_time:
                    await asyncio.shield(self._receive(lines))
            code = await self.child.wait()
            stderr = await self.child.stderr_tail()
            await self.do(lambda c: c.exited(code, stopped=self.child.stopped, stderr=stderr))
            await self.child.reap()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # A full disk, say. The process goes on writing to its file: attaching again takes up what is not stored.
            log.exception("session %s", self._session.id)
            await self._give_up(error)
        self._stop_retrying()
        await self._on_end(self._session.id)

    async def _give_up(self, error: Exception) -> None:
        await self.child.detach()
        why = f"It cannot be followed any more: {error}. `factory-ls hub restart` takes it up again."
        self._session = msgspec.structs.replace(self._session, error=why)
        try:
            await self._journal.record(SessionChanged(session=self._session, note="not followed"))
        except Exception:
            log.exception("session %s", self._session.id)

    async def _receive(self, lines: list[wire.Line]) -> None:
        at = iso()
        self.heard = asyncio.get_running_loop().time()
        await self._store([line.event for line in lines], at, lines[-1].end)
        effects: list[fx.Effect] = []
        for line in lines:
            effects += self.conversation.receive(line.message, at)
        await self._perform(effects, at)

    async def _store(self, events: Iterable[bytes], at: str, offset: int | None) -> None:
        await self._journal.store.append_session(self._session.id, [(at, event) for event in events], offset)
        self._journal.tell(Touched(sessions=frozenset({self._session.id})))

    async def _perform(self, effects: list[fx.Effect], at: str = "") -> None:
        session, was = self._session, self._session
        for effect in effects:
            match effect:
                case fx.Record(event=event):
                    await self._store([event], iso(), None)
                case fx.Send(line=line):
                    try:
                        await self.child.send(line)
                    except Exception as error:
                        log.info("session %s: not sent: %s", session.id, error)
                case fx.Remembered(rule=rule):
                    await self._remember(rule)
                case _:
                    session = fold(session, effect, self.conversation, at)
        if session != was:
            self._session = session
            await self._journal.record(SessionChanged(session=session))
        if session.turns != was.turns and self.conversation.outbox.waiting:
            # The money may be used up while messages wait for the next turn: then it does not begin.
            spent = self._exhausted()
            await self._perform(self.conversation.hold(*spent) if spent else self.conversation.go_on())
        if session.retry_at != was.retry_at:
            self._retry_later()

    def _retry_later(self) -> None:
        self._stop_retrying()
        if self.conversation.outbox.unanswered and self._session.retry_at is not None:
            self._retrying = asyncio.create_task(self._retry(self._session.retry_at))

    async def _retry(self, at: str) -> None:
        await asyncio.sleep(max(0.0, (from_iso(at) - datetime.now(UTC)).total_seconds()))
        self._retrying = None  # what follows must not be ended by what it leads to
        await self.again()

    async def again(self) -> None:
        """Sends what failed or was held back again, if Claude may take another turn."""
        spent = self._exhausted()
        await self.do(lambda conversation: conversation.hold(*spent) if spent else conversation.again())

    def _stop_retrying(self) -> None:
        if self._retrying is not None:
            self._retrying.cancel()
            self._retrying = None


def fold(session: Session, effect: fx.Effect, conversation: Conversation, at: str) -> Session:
    """What users see of the session after `effect`, which the line stored at `at` (ISO 8601 UTC) led to."""
    change = msgspec.structs.replace
    match effect:
        case fx.StatusChanged(status=status):
            return change(session, status=status)
        case fx.SessionId(id=claude_id):
            return change(session, claude_session_id=claude_id)
        case fx.Asked() | fx.AskWithdrawn():
            return change(session, pending=tuple(conversation.pending.values()))
        case fx.TurnEnded(cost_usd=cost):
            return change(session, cost_usd=session.cost_usd + cost, turns=session.turns + 1, error=None, retry_at=None)
        case fx.Failed(error=error):
            return change(session, error=f"{error.message} {error.hint}".strip())
        case fx.Paused(attempt=attempt, until=until):
            retry_at = until or iso(from_iso(at or iso()) + retry_delay(attempt))
            waits = f"{session.error or 'It failed.'} It is sent again at {retry_at}."
            return change(session, retry_at=retry_at, error=waits)
        case fx.Held(why=why, until=until):
            return change(session, retry_at=until, error=f"{why} {_HELD.format(until) if until else _HELD_FOR_GOOD}")
        case fx.Released():
            return change(session, retry_at=None, error=None)
        case fx.RateLimited(until=until):
            return change(session, error=f"The account's limit is reached{f' until {until}' if until else ''}.")
        case fx.Retrying(attempt=attempt, attempts=attempts, delay=delay, status=status):
            why = f"answered {status}" if status else "did not answer"
            return change(session, error=f"The API {why}: attempt {attempt} of {attempts} in {delay:.0f} s.")
    return session


def retry_delay(attempt: int) -> timedelta:
    """How long to wait after the `attempt`th failure in a row, counted from 1."""
    return timedelta(seconds=min(FIRST_RETRY_SECONDS * 2 ** (attempt - 1), LONGEST_RETRY_SECONDS))


async def restored(journal: Journal, session: Session, conversation: Conversation) -> Session:
    """The session as its stored events say it is; `conversation` is brought to the same point."""
    session = msgspec.structs.replace(session, cost_usd=0.0, turns=0, pending=(), error=None, retry_at=None)
    after = 0
    while page := await journal.store.session_events(session.id, after, PAGE):
        for line in page:
            for effect in conversation.receive(wire.decode(line.body), line.at):
                session = fold(session, effect, conversation, line.at)
        after = page[-1].seq
    return session
