"""The rules, in the order in which they are asked. The first that names an action decides; its words are the reason.

Order: is there anything to watch, may we touch it, is a fixer at work, has CI spoken, is there work, can work help,
was it tried, is it allowed now, then dispatch.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from factory_ls.model.pull_request import CiStatus, PullRequestState
from factory_ls.model.ratchet import RatchetState
from factory_ls.model.session import SessionStatus
from factory_ls.ratchet.actionable import opted_out
from factory_ls.ratchet.causes import network_words
from factory_ls.ratchet.memory import Outcome
from factory_ls.ratchet.view import View


class Action(StrEnum):
    NONE = "NONE"
    """Nothing to do and nothing to wait for."""
    WAIT = "WAIT"
    DISPATCH = "DISPATCH"
    RETRY = "RETRY"
    """Dispatch again: the last fixer died."""
    RERUN = "RERUN"
    """Run the failed jobs again."""
    MERGE = "MERGE"
    """Merge the base branch without a fixer, if that is clean."""
    STOP_FIXER = "STOP_FIXER"
    GIVE_UP = "GIVE_UP"
    """Stop the fixer and put aside what it changed: the head it works on is no longer the branch's."""
    CLOSE_FIXER = "CLOSE_FIXER"
    """It has finished; end its process."""


class Verdict(NamedTuple):
    """`action` is None when the next rule is to be asked."""

    saw: str
    said: str
    action: Action | None = None
    stalled: bool = False


class Rule(NamedTuple):
    name: str
    ask: Callable[[View], Verdict]


GO_ON = "go on"


def _passed(saw: str, said: str = GO_ON) -> Verdict:
    return Verdict(saw, said)


def _wait(saw: str, said: str, *, stalled: bool = False) -> Verdict:
    return Verdict(saw, said, Action.WAIT, stalled)


def _leave(view: View, saw: str, said: str) -> Verdict:
    """Nothing more to do here; what still works is stopped first."""
    if view.seen.fixers:
        return Verdict(saw, f"{said} Stopping the fixer.", Action.STOP_FIXER)
    return Verdict(saw, said, Action.NONE)


def switched_on(view: View) -> Verdict:
    return _passed("on") if view.seen.enabled else _leave(view, "off", "The ratchet is off.")


def attached(view: View) -> Verdict:
    seen = view.seen
    if seen.attached is None:
        return _wait("none", "There is no pull request yet.")
    if seen.pr is None:
        return _wait(f"#{seen.attached}", f"Pull request #{seen.attached} was not read from GitHub yet.")
    if seen.current is None:
        return _wait(
            f"#{seen.pr.number}", f"A late answer about #{seen.pr.number} is dropped; #{seen.attached} is next."
        )
    return _passed(f"#{seen.attached}")


def merged(view: View) -> Verdict:
    if view.pr.state is PullRequestState.MERGED:
        return _leave(view, "merged", f"Pull request #{view.pr.number} is merged.")
    return _passed("not merged")


def still_open(view: View) -> Verdict:
    if not view.open:
        return _leave(view, view.pr.state.lower(), f"Pull request #{view.pr.number} is closed.")
    return _passed(view.pr.state.lower())


def opt_out(view: View) -> Verdict:
    why = opted_out(view.pr, view.limits, view.seen.viewer)
    return _leave(view, why, f"Left alone: {why}.") if why else _passed("no label and no comment against it")


def fork(view: View) -> Verdict:
    if not view.pr.is_fork:
        return _passed("a branch of this repository")
    if view.limits.allow_forks:
        return _passed("a fork, which the settings allow")
    return _leave(view, "a fork", "Left alone: it comes from a fork. Allow forks in the settings to change that.")


def taken_over(view: View) -> Verdict:
    if view.memory.taken_over:
        return _wait("you took over", "You took over; the ratchet goes on when you push or turn it on again.")
    return _passed("yours to decide, not taken over")


def one_fixer(view: View) -> Verdict:
    """At most one fixer, whether a record points at it or not: a busy one blocks, one that is done is closed."""
    record = view.memory.running
    if record and view.seen.at <= record.at:
        return _wait("an observation from before the fixer", "A fixer was just started.")
    fixer = view.busy_fixer
    if fixer is None:
        if not view.seen.fixers:
            return _passed("none at work")
        return Verdict("a fixer that has finished", "The fixer has finished; closing it.", Action.CLOSE_FIXER)
    moved = view.head_moved
    if moved and not view.limits.rebase:
        said = "Somebody pushed while the fixer worked; this attempt is given up and the new head is looked at."
        return Verdict(moved, said, Action.GIVE_UP)
    if moved and view.state is RatchetState.READY:
        return Verdict(moved, "What somebody pushed repairs it; the fixer is stopped.", Action.GIVE_UP)
    if view.running_spent.reaches(view.limits.dispatch):
        return Verdict(
            f"{view.running_spent} of {view.limits.dispatch}",
            f"The fixer has used up what one may ({view.limits.dispatch}); stopping it.",
            Action.GIVE_UP if moved else Action.STOP_FIXER,
        )
    if fixer.status is SessionStatus.WAITING:
        return _wait("a fixer that asks", "The fixer waits for your answer.")
    if moved:
        said = "Somebody pushed while the fixer works; its fix goes on top of that if it is clean, or is given up."
        return _wait(moved, said)
    return _wait("a fixer at work", f"A fixer is at work since {view.running_spent.seconds / 60:.0f} min.")


def your_answer(view: View) -> Verdict:
    """A fix that was not pushed lies in the worktree until the user has decided about it."""
    asked = view.memory.asked
    if asked is None:
        return _passed("no fix that waits for you")
    why = asked.why[0].splitlines()[0] if asked.why else "it needs a look"
    return _wait(
        f"a fix that was not pushed: {why}",
        f"The fix was not pushed: {why} Look at the change, then push it or discard it.",
        stalled=True,
    )


def pushed(view: View) -> Verdict:
    push = view.memory.push
    if push is None or view.since(push.at) >= view.limits.echo_seconds:
        return _passed("no push that GitHub has yet to show")
    return _wait(f"{push.commit[:8]} was pushed", f"The fix {push.commit[:8]} is pushed; waiting for GitHub to see it.")


def ci_finished(view: View) -> Verdict:
    running = view.running_checks
    names = ", ".join(running[:3]) + ("…" if len(running) > 3 else "")
    if view.conflict:
        return _passed(f"{names or 'no check'} running", "go on: a conflict need not wait for CI")
    if not view.ci_told:
        return _wait("not told", "GitHub has not told yet how CI stands.")
    if not running and view.pr.ci_status is not CiStatus.PENDING:
        return _passed("no check running")
    names = names or "CI"
    patience = view.ci_patience
    if view.failed and patience and view.seen.at >= patience:
        return _passed(f"{names} running for long", "go on with what failed")
    return _wait(f"{names} running", f"Waiting for {names} to finish.")


def clean(view: View) -> Verdict:
    if view.state is not RatchetState.READY:
        return _passed(f"state {view.state}")
    note = f" Flaky: {', '.join(view.memory.flaky)}." if view.memory.flaky else ""
    return Verdict("green, no conflict, no open review", f"Ready to merge.{note}", Action.NONE)


def beyond_code(view: View) -> Verdict:
    why = view.beyond_code
    if not why:
        return _passed("failures that a commit may repair" if view.failed else "no failure")
    if view.items:
        return _passed(why, "go on with the other work")
    return _wait(why, f"No commit repairs this: {why}. Repair it and run the checks again.")


def base_branch(view: View) -> Verdict:
    if not view.failed or not view.base_fails_too or not view.limits.wait_for_base:
        return _passed("nothing that fails only with the base" if view.failed else "no failure")
    names = ", ".join(check.name for check in view.failed)
    if view.items:
        return _passed(f"{names} fails on {view.pr.base_branch} too", "go on with the other work")
    return _wait(
        f"{names} fails on {view.pr.base_branch} too",
        f"Also failing on {view.pr.base_branch}: {names}. Waiting until it is repaired there.",
    )


def actionable(view: View) -> Verdict:
    if view.items:
        said = "; ".join(item.said for item in view.items[:4]) + ("; …" if len(view.items) > 4 else "")
        return _passed(said)
    if view.state is RatchetState.REVIEW_PENDING:
        return _wait("nothing to do", "Waiting for a review.")
    if view.state is RatchetState.CI_FAILED:
        return _wait("nothing to do", "No failed check is left that a commit on this branch could repair.")
    return _wait("nothing to do", "GitHub no longer tells how some checks ended; run them again.")


def flaky(view: View) -> Verdict:
    """Run failed jobs again, once a head, before a fixer is sent for something that may pass by itself."""
    rerun, failed = view.memory.rerun, tuple(item.key for item in view.ci)
    if not failed:
        return _passed("no failed check to send a fixer for")
    if rerun and rerun.head == view.memory.head:
        if set(failed) & set(rerun.items) and view.since(rerun.at) < view.limits.echo_seconds:
            return _wait(f"run again: {rerun.why}", "The failed jobs run again; waiting for GitHub to show it.")
        return _passed("failed again after a re-run", "go on: it is not flaky")
    known = [check.name for check in view.failed if check.name in view.seen.flaky]
    words = network_words(view.errors_here, view.seen.failures)
    if not view.limits.rerun_flaky or not (known or words):
        return _passed("nothing that looks flaky")
    why = f"{', '.join(known)} gave both outcomes before" if known else f"the log says “{words}”"
    if any(item.work is not view.ci[0].work for item in view.items):
        return _passed(why, "go on: there is other work, and its push runs the checks again")
    return Verdict(why, f"It looks flaky ({why}): running the failed jobs again first.", Action.RERUN)


def came_back(view: View) -> Verdict:
    """The same problem after a fix of it: another attempt would be a loop."""
    again = [known for known in view.memory.fixed if known.signature in view.signatures]
    if not again or not view.limits.stop_repeats:
        return _passed("a problem that was fixed before" if again else "no problem that was fixed before")
    known = again[0]
    problem = next(p for p in view.errors_here if p.signature == known.signature)
    logs = "".join(f" {when}: {url}." for when, url in (("Before", known.url), ("Now", problem.url)) if url)
    return _wait(
        f"{problem.message[:80]!r} after {known.commit[:8]}",
        f"Stalled: “{problem.message[:80]}” came back after the fix {known.commit[:8]}.{logs}",
        stalled=True,
    )


def unchanged(view: View) -> Verdict:
    """Something is new since the last dispatch, or its fixer died and may be tried again."""
    if view.last is None or view.news:
        return _passed("; ".join(item.said for item in view.news[:4]) + (" (new)" if view.news else ""))
    if view.died:
        deaths, most = view.last.deaths, view.limits.max_deaths
        wait = view.limits.retry_seconds * deaths
        if deaths < most and view.last.ended and view.since(view.last.ended) < wait:
            why = f": {view.last.said}" if view.last.said else ""
            return _wait(f"the last fixer died ({deaths} of {most})", f"The fixer died{why}. Another one follows soon.")
        if deaths < most:
            return _passed(f"the last fixer died ({deaths} of {most})", "go on: try again")
        return _wait(
            f"{deaths} fixers died", f"Stalled: {deaths} fixers died on this one after the other.", stalled=True
        )
    how = "was stopped" if view.last.outcome is Outcome.STOPPED else "has finished"
    said = view.last.said or f"The last fixer {how} and nothing has changed since."
    return _wait("nothing new", f"Stalled: {said}", stalled=True)


def attempts(view: View) -> Verdict:
    used, most = view.memory.attempts, view.limits.max_attempts
    if used < most:
        return _passed(f"{used} of {most}")
    return _wait(f"{used} of {most}", f"All {most} attempts are used up. Push yourself or reset the ratchet to go on.")


def budget(view: View) -> Verdict:
    for spent, cap, what in (
        (view.spent, view.limits.pull_request, "this pull request"),
        (view.seen.today, view.limits.day, "today"),
    ):
        if spent.reaches(cap):
            return _wait(f"{spent} of {cap}", f"What may be spent on {what} is used up: {spent} of {cap}.")
    return _passed(f"{view.spent} of {view.limits.pull_request}")


def awake(view: View) -> Verdict:
    if view.limits.paused:
        return _wait("paused", "All ratchets are paused.")
    quiet, clock = view.limits.quiet_hours, view.seen.at.strftime("%H:%M")
    if quiet and clock in quiet:
        return _wait(f"{clock}, quiet from {quiet.start} to {quiet.end}", f"Quiet hours until {quiet.end}.")
    return _passed("not paused, no quiet hours")


def your_session(view: View) -> Verdict:
    """The user's own session blocks while it works; an idle one does not."""
    if any(session.status is not SessionStatus.IDLE for session in view.seen.own_sessions):
        return _wait("your session at work", "Your own session is at work in this worktree; waiting until it is idle.")
    return _passed("no session of yours at work")


def worktree(view: View) -> Verdict:
    if view.seen.blocked:
        return _wait("not ready for a fixer", view.seen.blocked)
    return _passed("ready for a fixer")


def base_merge(view: View) -> Verdict:
    """A merge without conflicts takes no fixer, and comes first: checks then run on what would be merged."""
    if not view.conflict:
        return _passed("nothing of the base branch to merge")
    item, tried = view.conflict[0], view.memory.merge
    if tried and tried.item == item.key and tried.said:
        return _passed(tried.said, "go on: it takes a fixer")
    return Verdict(
        item.said, f"Merging {view.pr.base_branch}; a fixer follows only if that is not clean.", Action.MERGE
    )


def dispatch(view: View) -> Verdict:
    said = ", ".join(dict.fromkeys(item.said for item in view.items[:4]))
    number = f"attempt {view.memory.attempts + 1} of {view.limits.max_attempts}"
    if view.died:
        return Verdict(number, f"The last fixer died; sending another one: {said} ({number}).", Action.RETRY)
    return Verdict(number, f"Sending a fixer: {said} ({number}).", Action.DISPATCH)


RULES: tuple[Rule, ...] = (
    Rule("switched on", switched_on),
    Rule("pull request", attached),
    Rule("merged", merged),
    Rule("open", still_open),
    Rule("opted out", opt_out),
    Rule("fork", fork),
    Rule("taken over", taken_over),
    Rule("one fixer", one_fixer),
    Rule("your answer", your_answer),
    Rule("pushed", pushed),
    Rule("CI finished", ci_finished),
    Rule("clean", clean),
    Rule("repairable by code", beyond_code),
    Rule("base branch", base_branch),
    Rule("something to do", actionable),
    Rule("flaky", flaky),
    Rule("came back", came_back),
    Rule("something new", unchanged),
    Rule("attempts", attempts),
    Rule("budget", budget),
    Rule("pause", awake),
    Rule("your session", your_session),
    Rule("worktree", worktree),
    Rule("merge of the base", base_merge),
    Rule("dispatch", dispatch),
)
