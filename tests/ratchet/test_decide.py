"""What the ratchet does in one situation, and what it says of it."""

from typing import Any

import msgspec
import pytest

from factory_ls.model.pull_request import CiObservation, CiStatus, PullRequestState
from factory_ls.model.ratchet import RatchetState
from factory_ls.model.session import SessionStatus
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.actionable import Work
from factory_ls.ratchet.limits import QuietHours, ReviewMode, Spent
from factory_ls.ratchet.memory import Memory
from factory_ls.ratchet.observation import Observation
from factory_ls.ratchet.rules import RULES, Action
from tests.ratchet.build import (
    GREEN,
    RED,
    RUNNING,
    at,
    check,
    comment,
    moved,
    pull_request,
    review,
    seen,
    session,
    thread,
    yours,
)
from tests.ratchet.deciding import LIMITS, PROOF, done, fixed, look, sent, unmergeable


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
        conflict = seen(msgspec.structs.replace(RUNNING, merge_state="DIRTY"))
        decision = look(conflict, unmergeable(conflict))
        assert (decision.action, decision.work) == (Action.DISPATCH, (Work.CONFLICT,))

    @pytest.mark.parametrize("merge_state", ["DIRTY", "BEHIND"])
    def test_the_base_is_merged_without_a_fixer_first(self, merge_state: str) -> None:
        pr = pull_request(check(), merge_state=merge_state)
        first = look(seen(pr))
        assert (first.action, first.sessions, first.work) == (Action.MERGE, (), ())
        trying = remember.merging(first.memory, first.items[0])
        assert look(seen(pr, minutes=1), trying).action is Action.MERGE, "a hub that was killed tries again"

        merged = remember.base_merged(trying, PROOF, commit="merge")
        pushed = remember.base_pushed(merged, commit="merge", at=at(2))
        waits = look(seen(pr, minutes=3), pushed)
        assert (waits.action, waits.rule, waits.memory.attempts) == (Action.WAIT, "pushed", 1)
        after = look(seen(moved(RUNNING, "merge"), minutes=4), waits.memory)
        assert (after.rule, after.memory.attempts) == ("CI finished", 1), "our own push, no person's"

    def test_what_cannot_be_merged_so_is_a_fixers_and_a_new_head_is_tried_anew(self) -> None:
        pr = pull_request(merge_state="BEHIND")
        memory = unmergeable(seen(pr))
        sends = look(seen(pr, minutes=1), memory)
        assert (sends.action, sends.memory.attempts) == (Action.DISPATCH, 0)
        assert "main conflicts with it" in [step.saw for step in sends.trace]
        assert look(seen(moved(pr, "theirs"), minutes=2), memory).action is Action.MERGE

    def test_a_merge_of_the_base_keeps_to_the_guards(self) -> None:
        behind = seen(pull_request(merge_state="BEHIND"))
        for limits in ({"paused": True}, {"max_attempts": 0}, {"day": Spent()}):
            assert look(behind, **limits).action is Action.WAIT, limits
        assert look(msgspec.structs.replace(behind, sessions=(yours(),))).rule == "your session"
        assert look(msgspec.structs.replace(behind, blocked="Not clean.")).reason == "Not clean."

    def test_conflict_then_ci_then_review_in_one_dispatch(self) -> None:
        pr = pull_request(check(), merge_state="DIRTY", threads=(thread(),))
        assert look(seen(pr), unmergeable(seen(pr))).work == (Work.CONFLICT, Work.CI, Work.REVIEW)

    def test_a_resolved_thread_and_the_users_own_words_are_no_work(self) -> None:
        threads = (thread(is_resolved=True), thread(comment(author="ME", association="OWNER"), id="t2"))
        assert look(seen(pull_request(threads=threads))).state is RatchetState.READY

    def test_an_answered_thread_waits_for_the_reviewer(self) -> None:
        answered = thread(comment(), comment("done", author="me", association="OWNER", id="c2"))
        assert look(seen(pull_request(threads=(answered,)))).action is Action.NONE

    def test_strangers_trigger_nothing_and_listed_bots_do(self) -> None:
        pr = pull_request(threads=(thread(comment(author="lint[bot]", association="NONE")),))
        assert look(seen(pr)).action is Action.NONE
        for listed in ("lint[bot]", "lint"):
            assert look(seen(pr), trusted_bots=(listed,)).action is Action.DISPATCH
        person = pull_request(threads=(thread(comment(author="lint", association="NONE")),))
        assert look(seen(person), trusted_bots=("lint[bot]",)).action is Action.NONE, "anybody may take that name"

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
