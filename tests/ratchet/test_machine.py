"""A workspace living through anything, with the invariants checked at every step.

The world is small and hostile: fixers die, people push and take over, pull requests change, observations are late, and
the hub is killed between any two of: storing what was observed, storing the dispatch, starting the fixer, merging the
base and pushing that.
"""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from factory_ls.model.pull_request import CiObservation, CiStatus, PullRequest, PullRequestState
from factory_ls.model.ratchet import Proof, RatchetState
from factory_ls.model.session import Session, SessionStatus
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.decide import Decision, decide
from factory_ls.ratchet.limits import Limits, Spent
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.observation import Observation
from factory_ls.ratchet.rules import Action
from factory_ls.ratchet.view import settle
from tests.ratchet.build import GREEN, RED, RUNNING, at, problem, pull_request, seen, session, thread, yours

LIMITS = Limits(max_attempts=2, max_deaths=2, pull_request=Spent(usd=1.0, seconds=1e9), day=Spent(usd=3.0, seconds=1e9))
PROOF = Proof(command="pytest", red=1, green=0, seconds=1.0)
STARTS = (Action.DISPATCH, Action.RETRY)
PULL_REQUESTS = st.sampled_from(
    [
        RED,
        GREEN,
        RUNNING,
        pull_request(merge_state="DIRTY"),
        pull_request(threads=(thread(),)),
        pull_request(ci_observation=CiObservation.NOT_FETCHED),
        pull_request(ci_observation=CiObservation.CHECKS_UNKNOWN),
    ]
)


class Life(RuleBasedStateMachine):
    @initialize()
    def born(self) -> None:
        self.minute = 0
        self.memory = Memory()
        self.enabled = True
        self.number, self.head = 5, "head1"
        self.pr: PullRequest = RED
        self.problem = 1
        self.sessions: dict[str, Session] = {}
        self.user: SessionStatus | None = None
        self.started = 0
        self.settlements: dict[str, int] = {}
        self.dispatches_since_person = self.merges_since_person = 0
        self.paused = False
        self.money = 0.0
        """Spent by the settled fixers of this pull request."""
        self.cost: dict[str, float] = {}
        self.late: Observation | None = None
        self.decision: Decision | None = None

    def store(self, memory: Memory) -> None:
        """What the database does: JSON there and back. Counts how often a dispatch leaves RUNNING."""
        before = self.memory.running
        after = memory.dispatch
        if before and not (after and after.session == before.session and after.outcome is Outcome.RUNNING):
            self.money += self.cost.get(before.session, 0.0) if before.session in self.sessions else 0.0
            self.settlements[before.session] = self.settlements.get(before.session, 0) + 1
        self.memory = msgspec.json.decode(msgspec.json.encode(memory), type=Memory)

    def observe(self) -> Observation:
        self.minute += 1
        pr = msgspec.structs.replace(self.pr, number=self.number, head_sha=self.head)
        own = (yours(self.user),) if self.user else ()
        return seen(
            pr,
            *self.sessions.values(),
            *own,
            minutes=self.minute,
            enabled=self.enabled,
            problems=(problem(f"error {self.problem}"),) if pr.ci_status is CiStatus.FAILURE else (),
            today=Spent(usd=sum(self.cost.values())),
        )

    @property
    def limits(self) -> Limits:
        return msgspec.structs.replace(LIMITS, paused=self.paused)

    def live(self) -> list[Session]:
        return [s for s in self.sessions.values() if not s.status.ended]

    def update(self, name: str, **changes: Any) -> None:
        self.sessions[name] = msgspec.structs.replace(self.sessions[name], **changes)

    @rule()
    def poll_twice(self) -> None:
        self.poll("no", stale=False)
        self.poll("no", stale=False)

    @rule(pr=st.sampled_from([RED, RED, pull_request(merge_state="DIRTY")]))
    def nothing_stands_in_the_way(self, pr: PullRequest) -> None:
        """Random steps alone would seldom come to a dispatch."""
        self.enabled, self.user, self.pr, self.paused = True, None, pr, False
        self.problem += 1
        self.minute += 15
        self.poll("no", stale=False)

    def merge(self, clean: bool, killed: bool) -> None:
        """As `factory/merging.py` does it: what was announced before a crash is pushed, not merged once more."""
        if not clean:
            self.store(remember.base_not_merged(self.memory, "it conflicts"))
            return
        commit = f"merge of {self.head}"
        if commit not in self.memory.ours:
            self.store(remember.base_merged(self.memory, PROOF, commit=commit))
            self.merges_since_person += 1
        if killed:
            return
        self.head, self.pr = commit, RUNNING
        self.store(remember.base_pushed(self.memory, commit=commit, at=at(self.minute)))

    @rule(
        killed=st.sampled_from(["no", "before storing", "after storing", "after the dispatch"]),
        stale=st.booleans(),
        clean=st.booleans(),
    )
    def poll(self, killed: str, stale: bool, clean: bool = True) -> None:
        observation = self.observe()
        if stale and self.late:
            # A late answer about the pull request that was attached when it was asked for.
            observation = msgspec.structs.replace(observation, pr=self.late.pr)
        self.late = observation
        decision = self.decision = decide(observation, self.memory, self.limits)
        self.check(decision, observation)
        if killed == "before storing":
            return
        self.store(decision.memory)
        if killed == "after storing":
            return
        if decision.action in STARTS:
            self.started += 1
            name = f"fixer{self.started}"
            self.store(decision.dispatched(name, at(self.minute)))
            self.dispatches_since_person += 1
            again = decide(observation, self.memory, self.limits)
            assert again.action not in STARTS, "the same observation dispatched twice"
            if killed == "after the dispatch":
                return
            self.sessions[name] = session(name, SessionStatus.STARTING, turns=0)
        elif decision.action in (Action.STOP_FIXER, Action.GIVE_UP, Action.CLOSE_FIXER):
            for name in decision.sessions:
                self.update(name, status=SessionStatus.STOPPED)
            if decision.action is not Action.CLOSE_FIXER:
                self.store(settle(observation, self.memory, Outcome.STOPPED, decision.reason))
        elif decision.action is Action.MERGE:
            self.store(remember.merging(self.memory, decision.items[0]))
            self.merge(clean, killed == "after the dispatch")
        elif decision.action is Action.RERUN:
            self.store(decision.reran(at(self.minute)))

    def check(self, decision: Decision, observation: Observation) -> None:
        assert decision.reason
        assert decision.trace[-1].said == decision.reason
        assert decide(observation, self.memory, self.limits) == decision
        assert decide(observation, decision.memory, self.limits).action is decision.action, "not the same after a crash"
        if decision.action in (*STARTS, Action.MERGE):
            assert not self.live()
            assert self.enabled
            assert self.pr.state is PullRequestState.OPEN
            assert observation.current
            assert self.user in (None, SessionStatus.IDLE)
            assert not self.paused
            assert decision.memory.attempts < self.limits.max_attempts
            assert self.dispatches_since_person + self.merges_since_person <= self.limits.max_attempts
            assert self.money < self.limits.pull_request.usd
            assert observation.today.usd < self.limits.day.usd
            assert not decision.memory.taken_over
        if decision.action in STARTS:
            assert decision.items
            assert decision.key
        if not self.enabled:
            assert decision.state is RatchetState.IDLE

    @rule(data=st.data())
    @precondition(lambda self: any(not s.status.ended for s in self.sessions.values()))
    def fixer_goes_on(self, data: st.DataObject) -> None:
        fixer = data.draw(st.sampled_from(self.live()))
        status = data.draw(st.sampled_from(list(SessionStatus)[1:]))
        self.cost[fixer.id] = fixer.cost_usd + 0.2
        self.update(fixer.id, status=status, turns=1, cost_usd=self.cost[fixer.id])

    @rule()
    @precondition(lambda self: self.sessions)
    def a_row_is_lost(self) -> None:
        ended = [name for name, s in self.sessions.items() if s.status.ended]
        for name in ended:
            del self.sessions[name]

    @rule(known=st.booleans(), arrives=st.booleans())
    @precondition(lambda self: self.live() and self.memory.running)
    def fixer_pushes(self, known: bool, arrives: bool) -> None:
        commit = f"fix{self.minute}"
        self.store(remember.proved(self.memory, PROOF, commit=commit, at=at(self.minute)))
        if arrives:
            self.head, self.pr = commit, RUNNING
            self.problem += not known

    @rule()
    def a_person_pushes(self) -> None:
        self.minute += 1
        self.head, self.pr = f"person{self.minute}", RUNNING
        self.problem += 1
        self.dispatches_since_person = self.merges_since_person = 0

    @rule(pr=PULL_REQUESTS)
    def github_moves(self, pr: PullRequest) -> None:
        self.pr = pr

    @rule(state=st.sampled_from([PullRequestState.OPEN, PullRequestState.MERGED, PullRequestState.CLOSED]))
    def pr_changes_state(self, state: PullRequestState) -> None:
        self.pr = msgspec.structs.replace(self.pr, state=state)

    @rule()
    def another_pr_is_attached(self) -> None:
        self.number += 1
        self.head, self.pr = f"pr{self.number}", RED
        self.dispatches_since_person = self.merges_since_person = 0
        self.money = 0.0

    @rule(on=st.booleans())
    def switch(self, on: bool) -> None:
        if on and not self.enabled:
            self.store(remember.turned_on(self.memory))
        self.enabled = on

    @rule()
    def the_user_takes_over(self) -> None:
        self.store(remember.taken_over(self.memory))

    @rule(status=st.sampled_from([None, SessionStatus.IDLE, SessionStatus.RUNNING, SessionStatus.WAITING]))
    def the_user_works(self, status: SessionStatus | None) -> None:
        self.user = status

    @rule(paused=st.booleans())
    def all_are_paused(self, paused: bool) -> None:
        self.paused = paused

    @rule(minutes=st.integers(1, 60))
    def time_passes(self, minutes: int) -> None:
        self.minute += minutes

    @invariant()
    def never_two_fixers(self) -> None:
        if hasattr(self, "sessions"):
            assert len(self.live()) <= 1

    @invariant()
    def settled_once(self) -> None:
        if hasattr(self, "settlements"):
            assert all(count == 1 for count in self.settlements.values())

    def teardown(self) -> None:
        """Left in peace, it comes to rest: no fixer that is switched off goes on, and the reason is there to read."""
        if not hasattr(self, "memory"):
            return
        self.enabled = False
        for _ in range(3):
            self.poll("no", stale=False)
        assert not self.live()
        assert self.decision
        assert self.decision.reason == "The ratchet is off."


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=100, stateful_step_count=50, deadline=None, derandomize=True)
