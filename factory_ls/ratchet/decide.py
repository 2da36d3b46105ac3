"""The decision: the first rule that names an action, with everything that was asked on the way."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

import msgspec

from factory_ls.model.problem import Problem
from factory_ls.model.ratchet import Ratchet, RatchetState, TraceStep
from factory_ls.model.wire import Wire
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.actionable import Work
from factory_ls.ratchet.limits import Limits
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.observation import Observation
from factory_ls.ratchet.rules import RULES, Action
from factory_ls.ratchet.view import View, settle, spent_by


class Decision(Wire, frozen=True, kw_only=True):
    """What to do and why. Store `memory` first, then what the action's transition makes of it, then act."""

    state: RatchetState
    action: Action
    reason: str
    rule: str
    """Name of the rule that decided: the last one of the trace."""
    trace: tuple[TraceStep, ...]
    memory: Memory
    """After what was observed; equal to the one given when nothing was new."""
    stalled: bool = False
    key: str | None = None
    """Of the work to dispatch; None for other actions."""
    items: tuple[str, ...] = ()
    work: tuple[Work, ...] = ()
    """Kinds of work to dispatch for, in order."""
    problems: tuple[Problem, ...] = ()
    """Those to send a fixer for: errors that the base branch does not show."""
    signatures: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    """Fixers to stop or close."""
    checks: tuple[str, ...] = ()
    """Ids of the checks to run again."""
    check_names: tuple[str, ...] = ()

    def dispatched(self, session: str, at: datetime) -> Memory:
        """The memory to store before the fixer `session` is started for this decision."""
        return remember.dispatched(
            self.memory,
            session=session,
            key=self.key or "",
            items=self.items,
            signatures=self.signatures,
            at=at,
        )

    def reran(self, at: datetime) -> Memory:
        """The memory to store before the failed jobs are run again for this decision."""
        return remember.reran(self.memory, items=self.items, checks=self.check_names, why=self.reason, at=at)

    def shown(self, observation: Observation, limits: Limits, *, explain: bool = False) -> Ratchet:
        """What users see; with the trace when they ask for an explanation."""
        running, asked = self.memory.running, self.memory.asked
        return Ratchet(
            enabled=observation.enabled,
            state=self.state,
            reason=self.reason,
            active_session_id=running.session if running else None,
            attempts=self.memory.attempts,
            max_attempts=limits.max_attempts,
            spent_usd=(self.memory.spent + spent_by(observation, running)).usd,
            budget_usd=limits.pull_request.usd,
            stalled=self.stalled,
            flaky=self.memory.flaky,
            asks=asked.why if asked else (),
            proof=self.memory.proof,
            trace=self.trace if explain else (),
            limits=msgspec.to_builtins(limits) if explain else {},
        )

    def stopped(self, observation: Observation) -> Memory:
        """The memory to store once the fixers of this decision have been stopped."""
        return settle(observation, self.memory, Outcome.STOPPED, self.reason)


def decide(observation: Observation, memory: Memory, limits: Limits) -> Decision:
    """Never raises; the same arguments give the same decision."""
    view = View(observation, memory, limits)
    trace: list[TraceStep] = []
    for rule in RULES:
        verdict = rule.ask(view)
        trace.append(TraceStep(rule=rule.name, saw=verdict.saw, said=verdict.said))
        if verdict.action is not None:
            break
    action = verdict.action or Action.NONE
    ends = action in (Action.STOP_FIXER, Action.GIVE_UP, Action.CLOSE_FIXER)
    again = view.failed if action is Action.RERUN else ()
    sends = action in (Action.DISPATCH, Action.RETRY)
    merges = view.conflict if action is Action.MERGE else []
    items = tuple(item.key for item in (view.items if sends else view.ci if again else merges))
    return Decision(
        state=view.state,
        action=action,
        reason=verdict.said,
        rule=rule.name,
        trace=tuple(trace),
        memory=view.memory,
        stalled=verdict.stalled,
        key=_key(items) if sends else None,
        items=items,
        work=view.work if sends else (),
        problems=view.errors_here if sends and view.ci else (),
        signatures=view.signatures if sends else (),
        sessions=tuple(fixer.id for fixer in observation.fixers) if ends else (),
        checks=tuple(check.id for check in again),
        check_names=tuple(check.name for check in again),
    )


def _key(items: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(items)).encode()).hexdigest()[:16]
