"""What the rules look at: an observation with the memory it leads to, and what follows from both."""

from datetime import datetime, timedelta
from functools import cached_property

from factory_ls.model.clock import from_iso
from factory_ls.model.problem import Problem, Severity
from factory_ls.model.pull_request import Check, CiObservation, CiStatus, PullRequest, PullRequestState
from factory_ls.model.ratchet import RatchetState
from factory_ls.model.session import Session, SessionStatus
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.actionable import Item, Work, ci_item, conflict_items, failed_checks, review_items
from factory_ls.ratchet.causes import CONCLUSIONS_BEYOND_CODE, words_beyond_code
from factory_ls.ratchet.limits import Limits, Spent
from factory_ls.ratchet.memory import Dispatch, Memory, Outcome
from factory_ls.ratchet.observation import Observation
from factory_ls.ratchet.state import state_of


def reconcile(observation: Observation, memory: Memory, limits: Limits) -> Memory:
    """The memory after what `observation` shows; the same one when it shows nothing new.

    Another pull request, a person's push, a fixer that ended, a re-run that passed and a second green are seen here.
    """
    memory = remember.pr_changed(memory, observation.attached)
    record = memory.running
    if record and observation.at > record.at:  # an older observation cannot know the fixer
        session = observation.session(record.session)
        outcome = remember.outcome_of(session)
        if outcome:
            memory = settle(observation, memory, outcome)
    pr = observation.current
    if pr is None:
        return memory
    memory = remember.head_seen(memory, pr.head_sha)
    if pr.ci_status is CiStatus.SUCCESS:
        memory = remember.flaky_seen(memory)
    if state_of(observation, limits) is RatchetState.READY:
        # When GitHub was asked, where that is known: looking twice at one answer is one observation.
        told = from_iso(pr.synced_at) if pr.synced_at else observation.at
        return remember.green_seen(memory, told, limits.greens_to_clear)
    return remember.not_green(memory)


def settle(observation: Observation, memory: Memory, outcome: Outcome, said: str = "") -> Memory:
    """The running fixer is over; what it spent is what `observation` shows."""
    spent = spent_by(observation, memory.running)
    return remember.settled(memory, outcome, spent, at=observation.at, said=said)


def spent_by(observation: Observation, record: Dispatch | None) -> Spent:
    if record is None:
        return Spent()
    session = observation.session(record.session)
    seconds = max(0.0, (observation.at - record.at).total_seconds())
    return Spent(usd=session.cost_usd if session else 0.0, seconds=seconds)


class View:
    def __init__(self, observation: Observation, memory: Memory, limits: Limits) -> None:
        self.seen = observation
        self.memory = reconcile(observation, memory, limits)
        self.limits = limits
        self.state = state_of(observation, limits)

    @property
    def pr(self) -> PullRequest:
        """The attached pull request; the first rules have made sure that there is one."""
        assert self.seen.current  # noqa: S101
        return self.seen.current

    @property
    def open(self) -> bool:
        return self.pr.state not in (PullRequestState.MERGED, PullRequestState.CLOSED, PullRequestState.NONE)

    @cached_property
    def conflict(self) -> list[Item]:
        return conflict_items(self.pr)

    @cached_property
    def failed(self) -> tuple[Check, ...]:
        return failed_checks(self.pr) if self.pr.ci_status is CiStatus.FAILURE else ()

    @cached_property
    def running_checks(self) -> tuple[str, ...]:
        return tuple(check.name for check in self.pr.checks if check.outcome is CiStatus.PENDING)

    @property
    def ci_told(self) -> bool:
        return self.pr.ci_observation is not CiObservation.NOT_FETCHED

    @property
    def ci_patience(self) -> datetime | None:
        """Until when checks that still run hold back work on those that failed."""
        ends = [from_iso(check.completed_at) for check in self.failed if check.completed_at]
        return max(ends) + timedelta(seconds=self.limits.patience_seconds) if ends else None

    @cached_property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.seen.problems if problem.severity is Severity.ERROR)

    @cached_property
    def errors_here(self) -> tuple[Problem, ...]:
        """Errors that the base branch does not show."""
        if not self.limits.wait_for_base:
            return self.errors
        return tuple(
            problem
            for problem in self.errors
            if problem.signature not in self.seen.base_failing and problem.check not in self.seen.base_failing
        )

    @property
    def head_moved(self) -> str | None:
        """In words, when somebody pushed since the fixer that runs was sent."""
        record, head = self.memory.running, self.memory.head or ""
        if record is None or head == record.head or head in self.memory.ours:
            return None
        return f"the head moved from {record.head[:8]} to {head[:8]}"

    @cached_property
    def beyond_code(self) -> str | None:
        """Why no commit repairs these checks; None when one may."""
        if not self.limits.wait_beyond_code:
            return None
        whys = [self._never_repaired(check) for check in self.failed]
        if self.failed and all(whys):
            return ", ".join(f"{check.name} {why}" for check, why in zip(self.failed, whys, strict=True))
        words = None if self.errors else words_beyond_code(self.seen.failures)
        return f"the log says “{words}”" if words else None

    def _never_repaired(self, check: Check) -> str | None:
        """Why no commit repairs a check that ended like this. A broken workflow is repaired where that is allowed."""
        if check.conclusion == "STARTUP_FAILURE" and self.limits.ci_edits:
            return None
        return CONCLUSIONS_BEYOND_CODE.get(check.conclusion or "")

    @cached_property
    def base_fails_too(self) -> bool:
        """Everything that fails here also fails on the base branch."""
        if self.errors:
            return not self.errors_here
        return bool(self.failed) and all(check.name in self.seen.base_failing for check in self.failed)

    @cached_property
    def ci(self) -> list[Item]:
        """Failed checks that a commit on this branch may repair."""
        if self.beyond_code or (self.base_fails_too and self.limits.wait_for_base):
            return []
        return [
            ci_item(self.pr, check)
            for check in self.failed
            if not (self.limits.wait_beyond_code and self._never_repaired(check))
            and not (self.limits.wait_for_base and check.name in self.seen.base_failing)
        ]

    @cached_property
    def review(self) -> list[Item]:
        return review_items(self.pr, self.seen.viewer, self.limits)

    @cached_property
    def items(self) -> list[Item]:
        """All work there is, in the order in which it is to be done."""
        return [*self.conflict, *self.ci, *self.review]

    @property
    def work(self) -> tuple[Work, ...]:
        return tuple(dict.fromkeys(item.work for item in self.items))

    @cached_property
    def signatures(self) -> tuple[str, ...]:
        """Of the errors that a fixer would be sent for."""
        return tuple(dict.fromkeys(p.signature for p in self.errors_here if p.signature)) if self.ci else ()

    @cached_property
    def last(self) -> Dispatch | None:
        return self.memory.dispatch

    @cached_property
    def news(self) -> list[Item]:
        """Work that the last dispatch was not sent for. Work that went away (a resolved thread) is none."""
        known = self.last.items if self.last else ()
        return [item for item in self.items if item.key not in known]

    @property
    def died(self) -> bool:
        return bool(self.last and self.last.outcome is Outcome.DIED and not self.news)

    @cached_property
    def busy_fixer(self) -> Session | None:
        """The recorded fixer until it is settled (one that has not begun its first turn is idle, not done); else any
        other that is not idle: the pointer to it was lost."""
        record = self.memory.running
        if record:
            return self.seen.session(record.session)
        return next((fixer for fixer in self.seen.fixers if fixer.status is not SessionStatus.IDLE), None)

    @cached_property
    def running_spent(self) -> Spent:
        """By the fixer that runs now."""
        return spent_by(self.seen, self.memory.running)

    @property
    def spent(self) -> Spent:
        return self.memory.spent + self.running_spent

    def since(self, moment: datetime) -> float:
        return (self.seen.at - moment).total_seconds()
