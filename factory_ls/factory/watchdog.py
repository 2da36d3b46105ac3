"""Tells thinking, a long tool, waiting for the user and dead apart, and looks after what was left undone."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from factory_ls.claude import process
from factory_ls.factory.runner import Runner
from factory_ls.factory.sessions import Sessions
from factory_ls.model.session import SessionStatus

log = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
START_SECONDS = 90.0
"""A process that has not answered by then never will: it takes a quarter of a second."""
QUIET_SECONDS = 180.0
"""Claude sends something every few seconds while it thinks; the API's own time-out is ten minutes."""
HUNG_SECONDS = 1200.0
TOOL_SECONDS = 1800.0
"""A tool may run for hours; from here on it is worth a word."""
MEMORY_BYTES = 4 << 30
"""Of the Claude process alone, which takes 0.25 GB; its tools are the user's own programs."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is seen of a session. `quiet` is how many seconds nothing was heard."""

    status: SessionStatus
    quiet: float
    tools: tuple[str, ...] = ()
    paused: bool = False
    memory: int = 0


class Verdict(NamedTuple):
    """What to tell the user, if anything, and whether to end the process."""

    say: str | None = None
    end: bool = False


def judge(signs: Signs) -> Verdict:
    """Pure."""
    minutes = int(signs.quiet // 60)
    if signs.memory > MEMORY_BYTES:
        return Verdict(f"Claude took {signs.memory / (1 << 30):.1f} GB of memory and was ended. Resume it.", end=True)
    if signs.status is SessionStatus.STARTING and signs.quiet > START_SECONDS:
        return Verdict(f"Claude did not start within {START_SECONDS:.0f} s. `factory-ls doctor` checks it.", end=True)
    if signs.status is not SessionStatus.RUNNING or signs.paused:
        return Verdict()  # the user's time, or the limit's
    if signs.tools:
        say = (
            f"{', '.join(signs.tools)} has been running for {minutes} minutes." if signs.quiet > TOOL_SECONDS else None
        )
        return Verdict(say)
    if signs.quiet > HUNG_SECONDS:
        return Verdict(f"Claude gave no sign of life for {minutes} minutes and was ended. Resume it.", end=True)
    if signs.quiet > QUIET_SECONDS:
        return Verdict(f"Nothing was heard of Claude for {minutes} minutes. Interrupt or stop it, or wait.")
    return Verdict()


class Watchdog:
    """`recover` takes up what no one works on: it is called now and then."""

    def __init__(self, sessions: Sessions, recover: Callable[[], None]) -> None:
        self._sessions = sessions
        self._recover = recover
        self._said: dict[str, str] = {}

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
                self._recover()
                await self._sessions.attach_all()
            except Exception:
                log.exception("the watchdog stumbled")

    async def look(self) -> None:
        for session_id, runner in self._sessions.runners().items():
            await self._look(session_id, runner)

    async def _look(self, session_id: str, runner: Runner) -> None:
        conversation = runner.conversation
        signs = Signs(
            status=conversation.status,
            quiet=asyncio.get_running_loop().time() - runner.heard,
            tools=tuple(conversation.tools.values()),
            paused=bool(conversation.outbox.unanswered),
            memory=await asyncio.to_thread(process.resident_bytes, runner.child.pid),
        )
        verdict = judge(signs)
        if verdict.end and verdict.say:
            log.warning("session %s: %s", session_id, verdict.say)
            await runner.fail(verdict.say)
        elif verdict.say != self._said.get(session_id):
            # What was said is taken back when it no longer holds.
            await runner.amend(error=verdict.say)
        if verdict.say and not verdict.end:
            self._said[session_id] = verdict.say
        else:
            self._said.pop(session_id, None)
