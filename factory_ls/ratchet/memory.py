"""What the ratchet remembers of a workspace's pull request, and the only ways it changes.

Each transition returns a new Memory; the caller stores it (as JSON) before it acts on it. Each may be applied again
after a crash without doing more than the first time.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from factory_ls.model.ratchet import Proof
from factory_ls.model.session import Session, SessionStatus
from factory_ls.model.wire import Wire
from factory_ls.ratchet.limits import Spent

_KEPT_COMMITS = 50


class Outcome(StrEnum):
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    """Ended by itself, or alive with nothing left to do."""
    DIED = "DIED"
    STOPPED = "STOPPED"
    """By the user or by a rule; not retried."""


class Dispatch(Wire, frozen=True, kw_only=True):
    """One fixer: written before it is started, settled once."""

    session: str
    key: str
    items: tuple[str, ...]
    """Keys of the work it was sent for."""
    signatures: tuple[str, ...] = ()
    """Of the problems it was sent for."""
    head: str
    at: datetime
    outcome: Outcome = Outcome.RUNNING
    deaths: int = 0
    """Fixers that died on the same work before this one, and this one."""
    said: str = ""
    """How it ended, in words: why nothing was pushed."""
    ended: datetime | None = None


class Push(Wire, frozen=True, kw_only=True):
    """A fix on its way: `commit` was pushed on top of `parent`."""

    commit: str
    parent: str
    at: datetime
    past: tuple[str, ...] = ()
    """Further heads that GitHub may still show: what the fixer was sent to, when somebody pushed meanwhile."""


class Fixed(Wire, frozen=True, kw_only=True):
    """A problem that was fixed, as far as the fixer could prove."""

    signature: str
    commit: str
    url: str | None = None
    """The job that showed it before."""


class Rerun(Wire, frozen=True, kw_only=True):
    """Failed jobs of `head` that were run again because they looked flaky."""

    head: str
    items: tuple[str, ...]
    checks: tuple[str, ...]
    why: str
    at: datetime


class Merge(Wire, frozen=True, kw_only=True):
    """The base branch is being merged without a fixer, or that could not be."""

    item: str
    """Key of the work it is tried for."""
    said: str = ""
    """Why it takes a fixer; empty while it is tried."""


class Asked(Wire, frozen=True, kw_only=True):
    """A fix that is not pushed until the user has looked at it: it lies in the worktree."""

    session: str
    why: tuple[str, ...]
    diff_hash: str
    at: datetime


class Memory(Wire, frozen=True, kw_only=True):
    pr: int | None = None
    head: str | None = None
    ours: tuple[str, ...] = ()
    """Commits that fixers made, newest last. Any other new head is a person's push."""
    attempts: int = 0
    spent: Spent = Spent()
    """By settled dispatches."""
    day: str = ""
    """The last day (ISO, in the user's time zone) on which a dispatch was settled."""
    on_day: Spent = Spent()
    """What was spent on that day; kept when everything else is forgotten, since it is money that is gone."""
    dispatch: Dispatch | None = None
    push: Push | None = None
    fixed: tuple[Fixed, ...] = ()
    rerun: Rerun | None = None
    merge: Merge | None = None
    flaky: tuple[str, ...] = ()
    """Checks that passed when their failed jobs were run again: the verdict that is shown."""
    greens: int = 0
    green_at: datetime | None = None
    taken_over: bool = False
    overtaken: str = ""
    """The fixer whose change is being put on top of what somebody pushed, or put aside: unfinished while it is set."""
    asked: Asked | None = None
    proof: Proof | None = None

    @property
    def running(self) -> Dispatch | None:
        return self.dispatch if self.dispatch and self.dispatch.outcome is Outcome.RUNNING else None


_change = msgspec.structs.replace


def dispatched(
    memory: Memory, *, session: str, key: str, items: tuple[str, ...], signatures: tuple[str, ...], at: datetime
) -> Memory:
    """A fixer is about to be started; store this before it is."""
    last = memory.dispatch
    again = last is not None and last.outcome is Outcome.DIED and not set(items) - set(last.items)
    record = Dispatch(
        session=session,
        key=key,
        items=items,
        signatures=signatures,
        head=memory.head or "",
        at=at,
        deaths=last.deaths if last and again else 0,
    )
    return _change(memory, dispatch=record, attempts=memory.attempts + 1, push=None, asked=None, proof=None)


def merging(memory: Memory, item: str) -> Memory:
    """The base branch is about to be merged without a fixer; store this before."""
    return _change(memory, merge=Merge(item=item))


def base_merged(memory: Memory, proof: Proof, *, commit: str) -> Memory:
    """It is merged and about to be pushed: an attempt, like any push of ours."""
    return _change(memory, attempts=memory.attempts + 1, ours=_with(memory.ours, commit), proof=proof)


def base_pushed(memory: Memory, *, commit: str, at: datetime) -> Memory:
    return _change(memory, merge=None, push=Push(commit=commit, parent=memory.head or "", at=at))


def base_not_merged(memory: Memory, why: str) -> Memory:
    """It takes a fixer."""
    return _change(memory, merge=_change(memory.merge, said=why)) if memory.merge else memory


def base_left_alone(memory: Memory) -> Memory:
    """Somebody pushed meanwhile; it may be tried anew on their head."""
    return _change(memory, merge=None)


def settled(
    memory: Memory,
    outcome: Outcome,
    spent: Spent = Spent(),  # noqa: B008 — frozen
    *,
    at: datetime | None = None,
    said: str = "",
) -> Memory:
    """The running fixer is over, at `at` in the user's time zone. Does nothing when it was settled before."""
    record = memory.running
    if record is None:
        return memory
    deaths = record.deaths + 1 if outcome is Outcome.DIED else 0
    ended = _change(record, outcome=outcome, deaths=deaths, said=said or record.said, ended=at)
    day = at.date().isoformat() if at else memory.day
    on_day = memory.on_day + spent if day == memory.day else spent
    return _change(memory, dispatch=ended, spent=memory.spent + spent, day=day, on_day=on_day, overtaken="")


def overtaken(memory: Memory) -> Memory:
    """Somebody pushed while the fixer worked: its worktree is about to be changed; store this before it is."""
    return _change(memory, overtaken=memory.running.session) if memory.running else memory


def ended_with(memory: Memory, said: str) -> Memory:
    """Why the fixer that runs will have pushed nothing."""
    return _change(memory, dispatch=_change(memory.running, said=said)) if memory.running else memory


def asked(memory: Memory, *, why: tuple[str, ...], diff_hash: str, at: datetime) -> Memory:
    """The fixer's change is not pushed: the user is asked about it."""
    session = memory.dispatch.session if memory.dispatch else ""
    return ended_with(
        _change(memory, asked=Asked(session=session, why=why, diff_hash=diff_hash, at=at)),
        f"The fix was not pushed: {why[0].splitlines()[0] if why else 'it needs a look'}",
    )


def answered(memory: Memory) -> Memory:
    """The user has pushed the change or discarded it."""
    return _change(memory, asked=None)


def outcome_of(session: Session | None) -> Outcome | None:
    """How a dispatched session ended; None while it works. A missing row is a death, a normal exit is not."""
    if session is None or session.status is SessionStatus.FAILED:
        return Outcome.DIED
    if session.status is SessionStatus.STOPPED:
        return Outcome.STOPPED
    if session.status is SessionStatus.COMPLETED or (session.status is SessionStatus.IDLE and session.turns):
        return Outcome.COMPLETED
    return None


def proved(
    memory: Memory,
    proof: Proof,
    *,
    commit: str,
    at: datetime,
    urls: dict[str, str] | None = None,
    onto: str | None = None,
) -> Memory:
    """A fix is about to be pushed; store this before it is, so that the push is known as ours whatever happens.

    `urls` maps signatures to the jobs that showed them; `onto` is a person's head that the fix was put on top of.
    """
    past = (memory.head,) if memory.head and onto else ()
    if onto:
        memory = human_pushed(memory, onto)
    signatures = memory.dispatch.signatures if memory.dispatch else ()
    fixed = {known.signature: known for known in memory.fixed}
    fixed.update({s: Fixed(signature=s, commit=commit, url=(urls or {}).get(s)) for s in signatures})
    return _change(
        memory,
        ours=_with(memory.ours, commit),
        push=Push(commit=commit, parent=memory.head or "", at=at, past=past),
        fixed=tuple(fixed.values()),
        proof=proof,
        overtaken="",
    )


def _with(ours: tuple[str, ...], commit: str) -> tuple[str, ...]:
    return (*(c for c in ours if c != commit), commit)[-_KEPT_COMMITS:]


def push_failed(memory: Memory, commit: str) -> Memory:
    """The push that `proved` announced did not happen."""
    return _change(
        memory,
        ours=tuple(c for c in memory.ours if c != commit),
        push=None,
        fixed=tuple(known for known in memory.fixed if known.commit != commit),
        proof=None,
    )


def reran(memory: Memory, *, items: tuple[str, ...], checks: tuple[str, ...], why: str, at: datetime) -> Memory:
    """Failed jobs are about to be run again; store this before."""
    return _change(memory, rerun=Rerun(head=memory.head or "", items=items, checks=checks, why=why, at=at))


def pr_changed(memory: Memory, number: int | None) -> Memory:
    """Another pull request is attached: everything is forgotten but a fixer that runs."""
    if memory.pr == number:
        return memory
    return Memory(pr=number, dispatch=memory.running, overtaken=memory.overtaken, day=memory.day, on_day=memory.on_day)


def head_seen(memory: Memory, head: str) -> Memory:
    """GitHub shows this head. One that is neither known nor ours is a person's push, which starts the count anew."""
    if head == memory.head or (memory.push and head in memory.push.past):
        return memory
    if memory.head is None or head in memory.ours:
        return _change(memory, head=head, push=None, greens=0, green_at=None)
    return human_pushed(memory, head)


def human_pushed(memory: Memory, head: str) -> Memory:
    """Attempts and what was tried start anew; what was spent does not."""
    return _change(
        memory,
        head=head,
        attempts=0,
        fixed=(),
        push=None,
        rerun=None,
        merge=None,
        taken_over=False,
        asked=None,
        proof=None,
        greens=0,
        green_at=None,
        dispatch=memory.running,
    )


def reset(memory: Memory) -> Memory:
    """By hand: everything but a fixer that runs, the head and whose commits are whose starts anew."""
    return Memory(
        pr=memory.pr,
        head=memory.head,
        ours=memory.ours,
        dispatch=memory.running,
        overtaken=memory.overtaken,
        day=memory.day,
        on_day=memory.on_day,
    )


def taken_over(memory: Memory) -> Memory:
    """The user works on it: nothing is dispatched until they push or give it back."""
    return memory if memory.taken_over else _change(memory, taken_over=True)


def turned_on(memory: Memory) -> Memory:
    """By hand: work that a fixer was already sent for may be tried again, within the caps."""
    return _change(memory, taken_over=False, asked=None, dispatch=memory.running)


def green_seen(memory: Memory, at: datetime, to_clear: int) -> Memory:
    """READY was observed at `at`; seen often enough, what was tried is forgotten, the number of attempts is not."""
    if memory.greens >= to_clear or (memory.green_at is not None and at <= memory.green_at):
        return memory
    memory = _change(memory, greens=memory.greens + 1, green_at=at)
    if memory.greens < to_clear:
        return memory
    return _change(memory, dispatch=memory.running, fixed=(), rerun=None)


def not_green(memory: Memory) -> Memory:
    return _change(memory, greens=0, green_at=None) if memory.greens else memory


def flaky_seen(memory: Memory) -> Memory:
    """The jobs that were run again on this head have passed: a verdict."""
    rerun = memory.rerun
    if rerun is None or rerun.head != memory.head:
        return memory
    return _change(memory, flaky=tuple(dict.fromkeys((*memory.flaky, *rerun.checks))))
