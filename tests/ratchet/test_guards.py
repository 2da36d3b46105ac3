"""The limits: attempts, loops, flaky checks, the base branch, what no commit repairs, money, time, quiet hours."""

from datetime import timedelta

import msgspec
import pytest

from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.actionable import Work
from factory_ls.ratchet.limits import QuietHours, Spent
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.observation import Observation
from factory_ls.ratchet.rules import Action
from tests.ratchet.build import (
    GREEN,
    RED,
    at,
    check,
    comment,
    failure,
    moved,
    problem,
    pull_request,
    seen,
    session,
    thread,
)
from tests.ratchet.deciding import PROOF, done, fixed, look, sent, unmergeable


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

    def test_a_broken_workflow_is_repaired_where_that_is_allowed(self) -> None:
        broken = seen(pull_request(check(conclusion="STARTUP_FAILURE")), problems=())
        assert look(broken, ci_edits=True).action is Action.DISPATCH
        cancelled = seen(pull_request(check(conclusion="CANCELLED")), problems=())
        assert look(cancelled, ci_edits=True).action is Action.WAIT

    def test_checks_that_nothing_can_be_done_about_one_way_or_another(self) -> None:
        pr = pull_request(check("a", conclusion="CANCELLED"), check("b"))
        decision = look(seen(pr, problems=(), base_failing=("b",)))
        assert (decision.action, decision.rule) == (Action.WAIT, "something to do")

    def test_a_conflict_is_resolved_whatever_ci_says(self) -> None:
        pr = pull_request(check(conclusion="CANCELLED"), merge_state="DIRTY")
        here = seen(pr, problems=())
        assert look(here, unmergeable(here)).work == (Work.CONFLICT,)

    def test_what_failed_is_read_first_but_not_waited_for_for_ever(self) -> None:
        pr = pull_request(check(completed_at="2026-01-31T12:00:00Z"))
        early = look(seen(moved(pr, "head2"), problems=(), unread=("test",)), fixed())
        assert (early.rule, early.reason) == ("logs read", "Reading what test said.")
        assert look(seen(pr, unread=("test",), minutes=31)).action is Action.DISPATCH

    def test_each_is_a_setting(self) -> None:
        broken = seen(problems=(), failures=(failure("Input required and not supplied: token"),))
        assert (look(broken).rule, look(broken, wait_beyond_code=False).action) == (
            "repairable by code",
            Action.DISPATCH,
        )
        cancelled = seen(pull_request(check(conclusion="CANCELLED")), problems=())
        assert look(cancelled, wait_beyond_code=False).action is Action.DISPATCH
        base = seen(base_failing=("test",))
        assert (look(base).rule, look(base, wait_for_base=False).action) == ("base branch", Action.DISPATCH)
        assert look(base, wait_for_base=False).problems
        again = seen(moved(RED, "head2"), minutes=10)
        assert (look(again, fixed()).rule, look(again, fixed(), stop_repeats=False).action) == (
            "came back",
            Action.DISPATCH,
        )
        green = seen(moved(GREEN, "head2"), minutes=10)
        assert look(green, fixed()).memory.fixed
        assert not look(green, fixed(), greens_to_clear=1).memory.fixed
        stranger = seen(pull_request(threads=(thread(comment(association="NONE")),)))
        assert look(stranger).rule == "clean"
        assert look(stranger, trusted_associations=("NONE",)).action is Action.DISPATCH

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
