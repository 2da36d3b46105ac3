"""Twenty pull requests over a simulated day: checks fail and flake, fixers work, cheat, do nothing and die, people push
and review, the hub is killed, GitHub limits requests. Every invariant is checked at each step; the figures are printed
(`pytest -s tests/ratchet/test_long_run.py`).

The rules, the memory and the cadence are the real ones; GitHub, git and Claude are a few random numbers.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import pytest

from factory_ls.model.pull_request import CiStatus, PullRequest, PullRequestState
from factory_ls.model.ratchet import Proof
from factory_ls.model.session import Session, SessionStatus
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.cadence import Pace, Running, Situation, delay
from factory_ls.ratchet.decide import Decision, decide
from factory_ls.ratchet.limits import Limits, Spent
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.observation import Observation
from factory_ls.ratchet.rules import Action
from factory_ls.ratchet.view import settle
from tests.ratchet.build import NOON, check, problem, pull_request, session, thread

DAY = 24 * 3600
STEP = 60.0
PULL_REQUESTS = 20
LIMITS = Limits(max_attempts=4)
SENDS = (Action.DISPATCH, Action.RETRY)


@dataclass
class Fixer:
    session: Session
    ends: float
    fate: str


@dataclass
class Pull:
    number: int
    hard: float
    """How likely a fix does not repair it."""
    chance: random.Random
    memory: Memory = field(default_factory=Memory)
    head: int = 1
    red: bool = True
    flaky: bool = False
    ci_ends: float = 0.0
    threads: int = 0
    behind: bool = False
    merged: bool = False
    yours: float = 0.0
    """Until when the user's own session works."""
    fixers: list[Fixer] = field(default_factory=list)
    seen: Observation | None = None
    asked: float = 0.0
    due: float = 0.0
    changed: float = 0.0
    attempts: int = 0
    person: int = 0
    """Dispatches since a person last pushed."""
    settled: Counter[str] = field(default_factory=Counter)
    last: str = ""
    """State and rule of the last decision."""

    @property
    def sha(self) -> str:
        return f"{self.number}-{self.head}"

    def push(self, now: float, *, red: bool) -> None:
        self.head += 1
        self.red, self.flaky = red, red and self.chance.random() < 0.15
        self.ci_ends = now + self.chance.uniform(60, 900)
        self.changed = now

    def told(self, now: float) -> PullRequest:
        ended = now >= self.ci_ends
        outcome = CiStatus.PENDING if not ended else CiStatus.FAILURE if self.red else CiStatus.SUCCESS
        pr = pull_request(
            check(outcome=outcome, run_id=int(self.ci_ends)),
            threads=tuple(thread(id=f"t{n}") for n in range(self.threads)),
        )
        state = PullRequestState.MERGED if self.merged else PullRequestState.OPEN
        behind = "BEHIND" if self.behind else "CLEAN"
        return msgspec.structs.replace(pr, number=self.number, head_sha=self.sha, state=state, merge_state=behind)


class World:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a simulation
        self.pulls = [
            Pull(n, self.chance.choice([0.1, 0.3, 0.95]), self.chance, ci_ends=self.chance.uniform(0, 1800))
            for n in range(1, PULL_REQUESTS + 1)
        ]
        self.now = 0.0
        self.requests = 0
        self.limited_until = 0.0
        self.crashes = 0
        self.dispatches = self.merges = self.limited = 0
        self.usd = 0.0

    def run(self) -> None:
        while self.now < DAY:
            self.now += STEP
            if self.chance.random() < 0.003:
                self.limited_until = self.now + 600
                self.limited += 1
            for pull in self.pulls:
                self.live(pull)
                if pull.due <= self.now and self.limited_until <= self.now and not pull.merged:
                    self.ask(pull)
                self.look(pull)
            if self.chance.random() < 0.006:
                self.crash()

    def live(self, pull: Pull) -> None:
        chance = self.chance
        for fixer in pull.fixers:
            if fixer.session.status is SessionStatus.RUNNING and fixer.ends <= self.now:
                self.end(pull, fixer)
        if not pull.merged and chance.random() < 0.0006:
            pull.push(self.now, red=chance.random() < 0.5)
            pull.person = 0
        if chance.random() < 0.0005:
            pull.threads += 1
        if not pull.merged and chance.random() < 0.002:
            pull.behind = True
        if chance.random() < 0.0015:
            pull.yours = self.now + chance.uniform(60, 1200)
        green = not pull.red and self.now > pull.ci_ends + 3600 and not pull.threads and not pull.behind
        pull.merged = pull.merged or (green and chance.random() < 0.03)

    def end(self, pull: Pull, fixer: Fixer) -> None:
        """The fixer's turn is over: as `factory/fixing.py` does it, proof first, then the push."""
        cost = self.chance.uniform(0.05, 0.6)
        self.usd += cost
        status = SessionStatus.FAILED if fixer.fate == "dies" else SessionStatus.IDLE
        fixer.session = msgspec.structs.replace(fixer.session, status=status, cost_usd=cost)
        running = pull.memory.running
        if fixer.fate == "fixes" and running and running.session == fixer.session.id and running.head == pull.sha:
            proof = Proof(command="test", red=1, green=0, seconds=1.0)
            commit = f"{pull.number}-{pull.head + 1}"
            self.store(pull, remember.proved(pull.memory, proof, commit=commit, at=self.at))
            pull.threads = 0
            pull.behind = False
            pull.push(self.now, red=self.chance.random() < pull.hard)
        elif running and running.session == fixer.session.id:
            self.store(pull, remember.ended_with(pull.memory, "It changed nothing."))

    @property
    def at(self):  # type: ignore[no-untyped-def]
        return NOON + timedelta(seconds=self.now)

    def ask(self, pull: Pull) -> None:
        self.requests += 1
        pr = pull.told(self.now)
        pull.seen = Observation(at=self.at, enabled=True, attached=pull.number, pr=pr)
        running = (Running(self.now - pull.changed),) if self.now < pull.ci_ends else ()
        pull.due = self.now + delay(Situation(self.now - pull.changed, None, running), Pace())

    def look(self, pull: Pull) -> None:
        for _ in range(10):
            if pull.seen is None or not self.step(pull):
                return
        pytest.fail("ten decisions at one moment")

    def step(self, pull: Pull) -> bool:
        assert pull.seen
        sessions = tuple(f.session for f in pull.fixers[-3:])
        if pull.yours > self.now:
            sessions += (session("yours", workflow="default"),)
        errors = (problem(f"broken in {pull.head if pull.hard < 0.9 else 'the same way'}"),)
        red = pull.seen.pr is not None and pull.seen.pr.ci_status is CiStatus.FAILURE
        spent = Spent(usd=self.usd / 4)
        seen = msgspec.structs.replace(
            pull.seen, at=self.at, sessions=sessions, problems=errors if red else (), today=spent,
            flaky=("test",) if pull.flaky else (),
        )  # fmt: skip
        before = pull.memory
        decision = decide(seen, before, LIMITS)
        assert decide(seen, before, LIMITS) == decision, "the same observation gives the same decision"
        assert decision.reason, "nothing waits without a reason"
        assert decide(seen, decision.memory, LIMITS).action is decision.action, "a crash after storing changes nothing"
        pull.last = f"{decision.state}: {decision.rule}"
        self.store(pull, decision.memory)
        return self.act(pull, seen, decision)

    def act(self, pull: Pull, seen: Observation, decision: Decision) -> bool:
        if decision.action in SENDS:
            self.dispatch(pull, seen, decision)
        elif decision.action is Action.MERGE:
            self.merge(pull, decision)
            return True
        elif decision.action is Action.RERUN:
            self.store(pull, decision.reran(self.at))
            pull.red = pull.red and self.chance.random() < 0.3
            pull.ci_ends = self.now + 120
            pull.due = self.now
        elif decision.action in (Action.STOP_FIXER, Action.GIVE_UP, Action.CLOSE_FIXER):
            for fixer in pull.fixers:
                if not fixer.session.status.ended:
                    fixer.session = msgspec.structs.replace(fixer.session, status=SessionStatus.STOPPED)
            if decision.action is not Action.CLOSE_FIXER:
                self.store(pull, settle(seen, pull.memory, Outcome.STOPPED, decision.reason))
            return True
        return False

    def merge(self, pull: Pull, decision: Decision) -> None:
        """Two of three are clean; now and then the hub is killed before the push."""
        self.allowed(pull)
        self.store(pull, remember.merging(pull.memory, decision.items[0]))
        chance = self.chance.random()
        if chance < 0.3:
            self.store(pull, remember.base_not_merged(pull.memory, "it conflicts"))
        elif chance > 0.35:
            self.merges += 1
            commit, proof = f"{pull.number}-{pull.head + 1}", Proof(command="test", red=0, green=0, seconds=1.0)
            self.store(pull, remember.base_merged(pull.memory, proof, commit=commit))
            pull.behind = False
            pull.push(self.now, red=self.chance.random() < 0.1)
            self.store(pull, remember.base_pushed(pull.memory, commit=commit, at=self.at))
            pull.seen = None

    def allowed(self, pull: Pull) -> None:
        """What holds whenever anything is begun."""
        assert pull.yours <= self.now, "never while the user's session works"
        assert all(f.session.status.ended for f in pull.fixers), "never two fixers"
        assert pull.memory.attempts < LIMITS.max_attempts
        assert pull.person < LIMITS.max_attempts, "the cap survives pushes and crashes"
        assert not pull.memory.spent.reaches(LIMITS.pull_request)
        assert self.usd / 4 < LIMITS.day.usd

    def dispatch(self, pull: Pull, seen: Observation, decision: Decision) -> None:
        assert not pull.merged or (seen.pr and seen.pr.state is PullRequestState.OPEN), "never after a merge was seen"
        self.allowed(pull)
        pull.attempts += 1
        self.dispatches += 1
        pull.person += 1
        name = f"{pull.number}.{self.dispatches}"
        self.store(pull, decision.dispatched(name, self.at))
        fate = self.chance.choices(["fixes", "nothing", "dies"], [8, 1, 1])[0]
        status = SessionStatus.FAILED if self.chance.random() < 0.02 else SessionStatus.RUNNING  # killed before it ran
        pull.fixers.append(Fixer(session(name, status), self.now + self.chance.uniform(60, 1500), fate))

    def crash(self) -> None:
        """What is not stored is gone: the last observation is. Fixers live on."""
        self.crashes += 1
        for pull in self.pulls:
            pull.memory = msgspec.json.decode(msgspec.json.encode(pull.memory), type=Memory)
            pull.seen, pull.due = None, self.now

    def store(self, pull: Pull, memory: Memory) -> None:
        before = pull.memory.running
        now = memory.dispatch
        if before and now and now.session == before.session and now.outcome is not Outcome.RUNNING:
            pull.settled[before.session] += 1
            assert pull.settled[before.session] == 1, "every dispatch settles once"
        pull.memory = memory


@pytest.mark.parametrize("seed", [1, 2])
def test_a_day_of_twenty_pull_requests(seed: int) -> None:
    world = World(seed)
    world.run()
    merged = sum(pull.merged for pull in world.pulls)
    most = max(pull.attempts for pull in world.pulls)
    stalled = Counter(pull.last for pull in world.pulls if not pull.merged)
    print(
        f"\nseed {seed}: {merged} merged; {world.dispatches} fixers (at most {most} for one), {world.merges} merges of "
        f"the base without one, ${world.usd:.2f}, {world.requests} requests, {world.crashes} crashes, {world.limited} "
        f"rate limits; the others: {dict(stalled)}"
    )
    assert merged >= PULL_REQUESTS // 2
    assert world.crashes > 0
    assert world.limited > 0
    assert world.merges > 0
    assert world.requests < PULL_REQUESTS * DAY / 60, "fewer than a fixed minute would take"
    assert "" not in stalled, "every one has a reason"
