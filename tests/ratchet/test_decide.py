"""What the ratchet does in one situation, and what it says of it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from factory_ls.model.pull_request import CiObservation, CiStatus, PullRequestState
from factory_ls.model.ratchet import Proof, RatchetState
from factory_ls.model.session import SessionStatus
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.actionable import Work
from factory_ls.ratchet.decide import Decision, decide
from factory_ls.ratchet.limits import Limits, QuietHours, ReviewMode, Spent
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.observation import Observation
from factory_ls.ratchet.rules import RULES, Action
from tests.ratchet.build import (
    GREEN,
    RED,
    RUNNING,
    at,
    check,
    comment,
    failure,
    moved,
    problem,
    pull_request,
    review,
    seen,
    session,
    thread,
    yours,
)

LIMITS = Limits()
PROOF = Proof(command="pytest", red=1, green=0, seconds=1.0)


def look(observation: Observation, memory: Memory = Memory(), **limits: Any) -> Decision:  # noqa: B008 — frozen
    return decide(observation, memory, msgspec.structs.replace(LIMITS, **limits))


def sent(observation: Observation = seen(), **limits: Any) -> Memory:  # noqa: B008
    """The memory after a fixer was dispatched for `observation`."""
    decision = look(observation, **limits)
    assert decision.action is Action.DISPATCH, decision.reason
    return decision.dispatched("fixer", observation.at)


def done(memory: Memory | None = None) -> Memory:
    return remember.settled(memory or sent(), Outcome.COMPLETED)


def fixed(head: str = "head2") -> Memory:
    """The memory after a fixer proved its fix and pushed it as `head`."""
    memory = remember.proved(sent(), PROOF, commit=head, at=at(5), urls={"sig assert 1 == 2": "https://ci/1"})
    return remember.settled(memory, Outcome.COMPLETED)


class TestTheSpine:
    def test_a_ci_failure_dispatches_one_fixer_and_then_green_is_ready(self) -> None:
        first = look(seen())
        assert (first.state, first.action, first.work) == (RatchetState.CI_FAILED, Action.DISPATCH, (Work.CI,))
        assert first.reason == "Sending a fixer: test failed (attempt 1 of 5)."
        assert [p.message for p in first.problems] == ["assert 1 == 2"]

        memory = first.dispatched("fixer", at(0))
        working = look(seen(RED, session(), minutes=1), memory)
        assert (working.action, working.reason) == (Action.WAIT, "A fixer is at work since 1 min.")

        memory = remember.proved(working.memory, PROOF, commit="head2", at=at(5))
        idle = look(seen(RED, session(status=SessionStatus.IDLE), minutes=6), memory)
        assert (idle.action, idle.sessions) == (Action.CLOSE_FIXER, ("fixer",))

        echo = look(seen(RED, minutes=7), idle.memory)
        assert (echo.action, echo.rule) == (Action.WAIT, "pushed")
        running = look(seen(moved(RUNNING, "head2"), minutes=8), echo.memory)
        assert (running.action, running.state) == (Action.WAIT, RatchetState.CI_RUNNING)
        ready = look(seen(moved(GREEN, "head2"), minutes=9), running.memory)
        assert (ready.action, ready.state, ready.reason) == (Action.NONE, RatchetState.READY, "Ready to merge.")
        assert ready.memory.attempts == 1

    def test_the_trace_names_the_rules_in_order_and_ends_with_the_reason(self) -> None:
        decision = look(seen())
        assert [step.rule for step in decision.trace] == [rule.name for rule in RULES]
        assert all(step.saw and step.said for step in decision.trace)
        assert decision.trace[-1].said == decision.reason
        shown = decision.shown(seen(), LIMITS, explain=True)
        assert (shown.state, shown.reason, shown.trace) == (decision.state, decision.reason, decision.trace)
        assert decision.shown(seen(), LIMITS).trace == ()

    def test_memory_survives_as_json(self) -> None:
        memory = msgspec.structs.replace(fixed(), green_at=at(1))
        assert msgspec.json.decode(msgspec.json.encode(memory), type=Memory) == memory


class TestStates:
    @pytest.mark.parametrize(
        ("pr", "state"),
        [
            (pull_request(state=PullRequestState.MERGED), RatchetState.MERGED),
            (pull_request(state=PullRequestState.CLOSED), RatchetState.IDLE),
            (pull_request(check(), merge_state="DIRTY"), RatchetState.CI_FAILED),
            (pull_request(check(outcome=CiStatus.PENDING), merge_state="DIRTY"), RatchetState.MERGE_CONFLICT),
            (pull_request(merge_state="BEHIND"), RatchetState.MERGE_CONFLICT),
            (pull_request(ci_observation=CiObservation.NOT_FETCHED), RatchetState.CI_RUNNING),
            (pull_request(ci_observation=CiObservation.CHECKS_UNKNOWN), RatchetState.IDLE),
            (pull_request(review_decision="REVIEW_REQUIRED"), RatchetState.REVIEW_PENDING),
            (pull_request(threads=(thread(),)), RatchetState.REVIEW_PENDING),
            (pull_request(review_decision=""), RatchetState.READY),
            (pull_request(), RatchetState.READY),
        ],
    )
    def test_precedence(self, pr: Any, state: RatchetState) -> None:
        assert look(seen(pr)).state is state

    def test_off_is_idle(self) -> None:
        assert look(seen(RED, enabled=False)).state is RatchetState.IDLE


class TestWhatIsWork:
    def test_nothing_is_dispatched_while_ci_runs(self) -> None:
        assert look(seen(RUNNING)).reason == "Waiting for test to finish."

    def test_a_failure_waits_for_the_other_checks_but_not_for_ever(self) -> None:
        failed = check(completed_at="2026-01-31T12:00:00Z")
        pr = pull_request(failed, check("slow", CiStatus.PENDING))
        assert look(seen(pr, minutes=5)).reason == "Waiting for slow to finish."
        assert look(seen(pr, minutes=31)).action is Action.DISPATCH

    def test_a_conflict_does_not_wait_for_ci(self) -> None:
        decision = look(seen(msgspec.structs.replace(RUNNING, merge_state="DIRTY")))
        assert (decision.action, decision.work) == (Action.DISPATCH, (Work.CONFLICT,))

    def test_conflict_then_ci_then_review_in_one_dispatch(self) -> None:
        pr = pull_request(check(), merge_state="DIRTY", threads=(thread(),))
        assert look(seen(pr)).work == (Work.CONFLICT, Work.CI, Work.REVIEW)

    def test_a_resolved_thread_and_the_users_own_words_are_no_work(self) -> None:
        threads = (thread(is_resolved=True), thread(comment(author="ME", association="OWNER"), id="t2"))
        assert look(seen(pull_request(threads=threads))).state is RatchetState.READY

    def test_an_answered_thread_waits_for_the_reviewer(self) -> None:
        answered = thread(comment(), comment("done", author="me", association="OWNER", id="c2"))
        assert look(seen(pull_request(threads=(answered,)))).action is Action.NONE

    def test_strangers_trigger_nothing_and_listed_bots_do(self) -> None:
        pr = pull_request(threads=(thread(comment(author="lint[bot]", association="NONE")),))
        assert look(seen(pr)).action is Action.NONE
        assert look(seen(pr), trusted_bots=("lint[bot]",)).action is Action.DISPATCH

    def test_an_approval_takes_back_the_same_authors_request_even_with_a_later_comment(self) -> None:
        asked = review()
        assert look(seen(pull_request(reviews=(asked,)))).work == (Work.REVIEW,)
        history = (asked, review("APPROVED"), review("COMMENTED", body="thanks"))
        assert look(seen(pull_request(reviews=history))).action is Action.NONE
        assert look(seen(pull_request(reviews=(asked, review("APPROVED", author="bob"))))).work == (Work.REVIEW,)

    def test_a_commenting_review_is_work_only_in_that_mode(self) -> None:
        pr = pull_request(reviews=(review("COMMENTED", body="typo"), review("COMMENTED", author="bob")))
        assert look(seen(pr)).action is Action.NONE
        decision = look(seen(pr), review_mode=ReviewMode.ALL_REVIEW_FEEDBACK)
        assert (decision.action, len(decision.items)) == (Action.DISPATCH, 1)

    def test_an_edited_comment_is_news_and_resolving_one_thread_is_not(self) -> None:
        both = pull_request(threads=(thread(), thread(id="t2")))
        memory = done(sent(seen(both)))
        assert look(seen(pull_request(threads=(thread(),)), minutes=1), memory).rule == "something new"
        edited = pull_request(threads=(thread(comment("please!")),))
        assert look(seen(edited, minutes=1), memory).action is Action.DISPATCH


class TestWhenNot:
    @pytest.mark.parametrize(
        ("observation", "action", "reason"),
        [
            (seen(RED, enabled=False), Action.NONE, "The ratchet is off."),
            (seen(RED, session(), enabled=False), Action.STOP_FIXER, "The ratchet is off. Stopping the fixer."),
            (seen(None), Action.WAIT, "There is no pull request yet."),
            (seen(None, attached=5), Action.WAIT, "Pull request #5 was not read from GitHub yet."),
            (seen(RED, attached=6), Action.WAIT, "A late answer about #5 is dropped; #6 is next."),
            (
                seen(msgspec.structs.replace(RED, state=PullRequestState.MERGED), session()),
                Action.STOP_FIXER,
                "Pull request #5 is merged. Stopping the fixer.",
            ),
            (
                seen(msgspec.structs.replace(RED, state=PullRequestState.CLOSED)),
                Action.NONE,
                "Pull request #5 is closed.",
            ),
            (
                seen(msgspec.structs.replace(RED, labels=("autofix off",))),
                Action.NONE,
                "Left alone: the label “autofix off” is set.",
            ),
            (
                seen(RED, yours()),
                Action.WAIT,
                "Your own session is at work in this worktree; waiting until it is idle.",
            ),
            (
                seen(pull_request(ci_observation=CiObservation.NOT_FETCHED)),
                Action.WAIT,
                "GitHub has not told yet how CI stands.",
            ),
            (seen(pull_request(review_decision="REVIEW_REQUIRED")), Action.WAIT, "Waiting for a review."),
            (
                seen(pull_request(ci_observation=CiObservation.CHECKS_UNKNOWN)),
                Action.WAIT,
                "GitHub no longer tells how some checks ended; run them again.",
            ),
        ],
    )
    def test_it_says_why(self, observation: Observation, action: Action, reason: str) -> None:
        decision = look(observation)
        assert (decision.action, decision.reason) == (action, reason)

    def test_an_idle_session_of_the_user_does_not_block(self) -> None:
        assert look(seen(RED, yours(SessionStatus.IDLE))).action is Action.DISPATCH

    def test_a_fork_needs_permission(self) -> None:
        pr = msgspec.structs.replace(RED, is_fork=True)
        assert look(seen(pr)).rule == "fork"
        assert look(seen(pr), allow_forks=True).action is Action.DISPATCH

    def test_autofix_off_by_somebody_trusted_is_obeyed_until_on(self) -> None:
        def after(*comments: Any) -> Action:
            return look(seen(msgspec.structs.replace(RED, comments=comments))).action

        assert after(comment("autofix off")) is Action.NONE
        assert after(comment("/autofix off"), comment("Autofix on")) is Action.DISPATCH
        assert after(comment("autofix off", association="NONE")) is Action.DISPATCH
        assert after(comment("> he wrote: autofix off")) is Action.DISPATCH

    def test_quiet_hours_and_the_global_pause(self) -> None:
        night = QuietHours(start="22:00", end="07:00")
        assert look(seen(), quiet_hours=night).action is Action.DISPATCH
        late = look(seen(RED, minutes=11 * 60), quiet_hours=night)
        assert (late.action, late.reason) == (Action.WAIT, "Quiet hours until 07:00.")
        assert look(seen(), quiet_hours=QuietHours(start="11:00", end="13:00")).action is Action.WAIT
        assert look(seen(), paused=True).reason == "All ratchets are paused."

    def test_after_the_user_took_over_it_waits_for_a_push_or_the_switch(self) -> None:
        memory = remember.taken_over(look(seen()).memory)
        assert look(seen(), memory).rule == "taken over"
        assert look(seen(), remember.turned_on(memory)).action is Action.DISPATCH
        assert look(seen(moved(RED, "theirs")), memory).action is Action.DISPATCH


class TestFixers:
    def test_the_same_observation_twice_dispatches_once(self) -> None:
        decision = look(seen(), sent())
        assert (decision.action, decision.rule) == (Action.WAIT, "one fixer")

    def test_a_busy_fixer_blocks_even_if_the_pointer_to_it_was_lost(self) -> None:
        assert look(seen(RED, session("lost"))).rule == "one fixer"
        lost = look(seen(RED, session("lost", SessionStatus.IDLE)))
        assert (lost.action, lost.sessions) == (Action.CLOSE_FIXER, ("lost",))

    def test_a_fixer_that_has_not_begun_is_not_done(self) -> None:
        decision = look(seen(RED, session(status=SessionStatus.IDLE, turns=0), minutes=1), sent())
        assert (decision.action, decision.memory.running is not None) == (Action.WAIT, True)

    def test_a_fixer_that_asks_is_said_to_ask(self) -> None:
        decision = look(seen(RED, session(status=SessionStatus.WAITING), minutes=1), sent())
        assert decision.reason == "The fixer waits for your answer."

    def test_deaths_are_retried_within_bounds_and_counted_as_attempts(self) -> None:
        memory, actions = Memory(), []
        for minute in range(0, 60, 2):
            decision = look(seen(minutes=minute), memory, max_deaths=3)
            if decision.action is Action.WAIT and not decision.stalled:  # a pause after each death
                memory = decision.memory
                continue
            actions.append(decision.action)
            if decision.action is Action.WAIT:
                break
            memory = decision.dispatched(f"fixer {minute}", at(minute))
        assert actions == [Action.DISPATCH, Action.RETRY, Action.RETRY, Action.WAIT]
        assert decision.stalled
        assert decision.memory.attempts == 3

    def test_a_death_is_not_retried_at_once(self) -> None:
        soon = look(seen(minutes=1), sent())
        assert (soon.action, soon.rule, soon.stalled) == (Action.WAIT, "something new", False)
        assert look(seen(minutes=1.4), soon.memory).action is Action.WAIT
        assert look(seen(minutes=1.6), soon.memory).action is Action.RETRY

    def test_a_change_that_was_not_pushed_waits_for_the_user(self) -> None:
        memory = remember.asked(sent(), why=("tests/a.py:1: skips a test",), diff_hash="d", at=at(1))
        decision = look(seen(RED, session(status=SessionStatus.COMPLETED), minutes=2), memory)
        assert (decision.action, decision.rule, decision.stalled) == (Action.WAIT, "your answer", True)
        assert "skips a test" in decision.reason
        assert decision.shown(seen(), LIMITS).asks == ("tests/a.py:1: skips a test",)
        answered = look(seen(minutes=3), remember.answered(decision.memory))
        assert answered.stalled
        assert "skips a test" in answered.reason, "the work is the same: no second fixer for it"
        pushed = look(seen(moved(RED, "theirs"), minutes=3), decision.memory)
        assert pushed.action is Action.DISPATCH

    def test_why_nothing_was_pushed_is_the_reason(self) -> None:
        memory = remember.ended_with(sent(), "The fixer ended without changing anything.")
        decision = look(seen(RED, session(status=SessionStatus.COMPLETED), minutes=1), memory)
        assert decision.reason == "Stalled: The fixer ended without changing anything."

    def test_a_worktree_that_is_not_ready_holds_the_dispatch_back(self) -> None:
        decision = look(seen(blocked="There are changes here that are not committed."))
        assert (decision.action, decision.rule) == (Action.WAIT, "worktree")

    def test_a_day_is_counted_by_itself_and_survives_everything(self) -> None:
        observation = seen(RED, session(status=SessionStatus.COMPLETED, cost_usd=0.5), minutes=2)
        memory = look(observation, sent()).memory
        assert (memory.day, memory.on_day) == ("2026-01-31", Spent(usd=0.5, seconds=120))
        for kept in (remember.pr_changed(memory, 99), remember.reset(memory), remember.human_pushed(memory, "x")):
            assert (kept.day, kept.on_day) == (memory.day, memory.on_day)
        again = remember.dispatched(memory, session="b", key="k", items=("i",), signatures=(), at=at(3))
        tomorrow = remember.settled(again, Outcome.COMPLETED, Spent(usd=0.25), at=at(24 * 60))
        assert (tomorrow.on_day, tomorrow.spent.usd) == (Spent(usd=0.25), 0.75)

    def test_looking_twice_at_one_answer_is_one_green(self) -> None:
        green = msgspec.structs.replace(GREEN, synced_at="2026-01-31T12:00:00Z")
        memory = look(seen(green, minutes=0), Memory(attempts=1)).memory
        assert look(seen(green, minutes=1), memory).memory.greens == 1
        later = msgspec.structs.replace(green, synced_at="2026-01-31T12:01:00Z")
        assert look(seen(later, minutes=1), memory).memory.greens == 2

    def test_a_normal_end_that_races_the_poll_is_no_death(self) -> None:
        decision = look(seen(RED, session(status=SessionStatus.COMPLETED), minutes=1), sent())
        assert decision.memory.dispatch
        assert decision.memory.dispatch.outcome is Outcome.COMPLETED
        assert (decision.rule, decision.stalled) == ("something new", True)

    def test_it_is_settled_once_with_what_it_cost(self) -> None:
        observation = seen(RED, session(status=SessionStatus.COMPLETED, cost_usd=0.5), minutes=2)
        once = look(observation, sent()).memory
        assert once.spent == Spent(usd=0.5, seconds=120)
        assert look(observation, once).memory == once
        assert remember.settled(once, Outcome.DIED) == once

    def test_a_head_that_moved_stops_the_fixer(self) -> None:
        decision = look(seen(moved(RED, "theirs"), session(), minutes=1), sent())
        assert (decision.action, decision.sessions) == (Action.STOP_FIXER, ("fixer",))
        assert "Somebody pushed" in decision.reason

    def test_its_own_push_does_not(self) -> None:
        memory = remember.proved(sent(), PROOF, commit="head2", at=at(1))
        assert look(seen(moved(RUNNING, "head2"), session(), minutes=2), memory).action is Action.WAIT

    @pytest.mark.parametrize(("cost", "minutes"), [(2.0, 1), (0.0, 30)])
    def test_one_that_used_up_its_money_or_time_is_stopped(self, cost: float, minutes: float) -> None:
        decision = look(seen(RED, session(cost_usd=cost), minutes=minutes), sent())
        assert decision.action is Action.STOP_FIXER

    def test_turning_it_on_again_tries_again(self) -> None:
        stopped = look(seen(RED, session(status=SessionStatus.STOPPED), minutes=1), sent()).memory
        assert look(seen(minutes=2), stopped).stalled
        assert look(seen(minutes=2), remember.turned_on(stopped)).action is Action.DISPATCH


class TestGuards:
    def test_attempts_survive_failing_pushes_and_only_a_person_resets_them(self) -> None:
        memory, dispatched = Memory(), 0
        for n in range(1, 20):
            observation = seen(moved(RED, f"head{n}"), problems=(problem(f"error {n}"),), minutes=n * 20)
            decision = look(observation, memory)
            memory = decision.memory
            if decision.action is not Action.DISPATCH:
                break
            dispatched += 1
            memory = decision.dispatched(f"fixer {n}", observation.at)
            memory = remember.proved(memory, PROOF, commit=f"head{n + 1}", at=observation.at)
            memory = remember.settled(memory, Outcome.COMPLETED)
        assert (dispatched, decision.rule) == (5, "attempts")
        assert look(seen(moved(RED, "a person's"), minutes=999), memory).action is Action.DISPATCH
        assert look(seen(moved(RED, "head6"), minutes=999), remember.reset(memory)).action is Action.DISPATCH

    def test_a_problem_that_comes_back_after_its_fix_stalls_with_both_logs(self) -> None:
        now = problem(url="https://ci/2", line=77)
        decision = look(seen(moved(RED, "head2"), problems=(now,), minutes=9), fixed())
        assert (decision.action, decision.rule, decision.stalled) == (Action.WAIT, "came back", True)
        assert "https://ci/1" in decision.reason
        assert "https://ci/2" in decision.reason

    def test_another_problem_after_a_fix_is_another_attempt(self) -> None:
        other = seen(moved(RED, "head2"), problems=(problem("another"),), minutes=9)
        assert look(other, fixed()).action is Action.DISPATCH

    def test_a_failed_push_is_taken_back(self) -> None:
        before = sent()
        assert remember.push_failed(remember.proved(before, PROOF, commit="c", at=at(1)), "c") == before

    def test_a_push_that_github_never_shows_does_not_wait_for_ever(self) -> None:
        assert look(seen(RED, minutes=14), fixed()).rule == "pushed"
        assert look(seen(RED, minutes=16), fixed()).rule == "came back"

    @pytest.mark.parametrize(
        "observation",
        [
            seen(RED, problems=(), failures=(failure("read ECONNRESET while fetching"),)),
            seen(RED, problems=(problem("requests: Read timed out."),)),
            seen(RED, flaky=("test",)),
        ],
    )
    def test_what_looks_flaky_is_run_again_once_first(self, observation: Observation) -> None:
        decision = look(observation)
        assert (decision.action, decision.checks) == (Action.RERUN, ("id-test",))
        memory = decision.reran(observation.at)
        assert look(observation, memory).rule == "flaky"
        again = pull_request(check(attempt=2))
        assert look(msgspec.structs.replace(observation, pr=again, at=at(3)), memory).action is Action.DISPATCH
        green = look(seen(GREEN, minutes=3), memory)
        assert green.memory.flaky == ("test",)
        assert green.reason == "Ready to merge. Flaky: test."

    def test_a_rerun_that_github_never_shows_does_not_wait_for_ever(self) -> None:
        memory = look(seen(flaky=("test",))).reran(at(0))
        assert look(seen(flaky=("test",), minutes=11), memory).action is Action.DISPATCH

    def test_what_fails_on_the_base_too_waits(self) -> None:
        decision = look(seen(base_failing=("sig assert 1 == 2",)))
        assert decision.reason == "Also failing on main: test. Waiting until it is repaired there."
        partly = look(seen(problems=(problem(), problem("mine")), base_failing=("sig assert 1 == 2",)))
        assert [p.message for p in partly.problems] == ["mine"]

    @pytest.mark.parametrize(
        "words",
        [
            "Error: Input required and not supplied: npm-token",
            "The secret DEPLOY_KEY is not set",
            "The hosted runner lost communication with the server.",
            "You have exceeded your GitHub Actions quota",
            "No space left on device : '/home/runner/x.log'",
        ],
    )
    def test_what_no_commit_repairs_waits(self, words: str) -> None:
        decision = look(seen(RED, problems=(), failures=(failure(words),)))
        assert (decision.action, decision.rule) == (Action.WAIT, "repairable by code")
        assert look(seen(RED, failures=(failure(words),))).action is Action.DISPATCH, "there is an error with a place"

    @pytest.mark.parametrize("conclusion", ["CANCELLED", "ACTION_REQUIRED", "STARTUP_FAILURE"])
    def test_a_run_that_never_ran_waits(self, conclusion: str) -> None:
        decision = look(seen(pull_request(check(conclusion=conclusion)), problems=()))
        assert (decision.action, decision.rule) == (Action.WAIT, "repairable by code")

    def test_checks_that_nothing_can_be_done_about_one_way_or_another(self) -> None:
        pr = pull_request(check("a", conclusion="CANCELLED"), check("b"))
        decision = look(seen(pr, problems=(), base_failing=("b",)))
        assert (decision.action, decision.rule) == (Action.WAIT, "something to do")

    def test_a_conflict_is_resolved_whatever_ci_says(self) -> None:
        pr = pull_request(check(conclusion="CANCELLED"), merge_state="DIRTY")
        assert look(seen(pr, problems=())).work == (Work.CONFLICT,)

    def test_two_greens_forget_what_was_tried_but_not_how_often(self) -> None:
        once = look(seen(moved(GREEN, "head2"), minutes=10), fixed()).memory
        assert once.fixed
        assert look(seen(moved(GREEN, "head2"), minutes=10), once).memory == once
        twice = look(seen(moved(GREEN, "head2"), minutes=11), once).memory
        assert (twice.fixed, twice.dispatch, twice.attempts) == ((), None, 1)
        assert look(seen(moved(GREEN, "head2"), minutes=12), twice).memory == twice
        red = look(seen(moved(RED, "head2"), minutes=12), once)
        assert (red.memory.greens, red.rule) == (0, "came back")

    def test_money_and_time_of_a_pull_request_and_a_day(self) -> None:
        poor = msgspec.structs.replace(Memory(pr=5, head="head1"), spent=Spent(usd=5.0))
        decision = look(seen(), poor)
        assert (decision.rule, decision.action) == ("budget", Action.WAIT)
        assert "$5.00" in decision.reason
        assert look(seen(today=Spent(seconds=8 * 3600))).rule == "budget"

    def test_a_change_of_pull_request_forgets_all_but_a_running_fixer(self) -> None:
        other = msgspec.structs.replace(RED, number=6, head_sha="other")
        assert look(seen(other, minutes=1), done()).memory == Memory(pr=6, head="other")
        running = look(seen(other, session(), minutes=1), sent())
        assert running.memory.running
        assert running.action is not Action.DISPATCH

    def test_a_late_answer_about_the_previous_one_changes_nothing(self) -> None:
        memory = look(seen(msgspec.structs.replace(RED, number=6))).memory
        late = look(seen(GREEN, attached=6, minutes=1), memory)
        assert (late.memory, late.action) == (memory, Action.WAIT)


def test_quiet_hours_are_the_users() -> None:
    from datetime import timezone

    observation = seen()
    local = msgspec.structs.replace(observation, at=observation.at.astimezone(timezone(timedelta(hours=-13))))
    assert look(local, quiet_hours=QuietHours(start="22:00", end="07:00")).rule == "pause"
