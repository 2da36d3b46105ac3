"""One fixer at a time: at work, asking, finished, dead, overtaken, taken over."""

import msgspec
import pytest

from factory_ls.model.pull_request import PullRequest
from factory_ls.model.session import SessionStatus
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.limits import Spent
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.rules import Action
from tests.ratchet.build import (
    GREEN,
    RED,
    RUNNING,
    at,
    moved,
    seen,
    session,
)
from tests.ratchet.deciding import LIMITS, PROOF, look, sent


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

    @pytest.mark.parametrize("pr", [RED, RUNNING])
    def test_a_head_that_moved_is_said_and_the_fixer_goes_on(self, pr: PullRequest) -> None:
        """What it makes goes on top of the new head, if that is clean (tests/e2e)."""
        decision = look(seen(moved(pr, "theirs"), session(), minutes=1), sent())
        assert (decision.action, decision.trace[-1].saw) == (Action.WAIT, "the head moved from head1 to theirs")
        assert "its fix goes on top of that if it is clean, or is given up" in decision.reason

    def test_it_is_given_up_when_their_head_is_green_or_by_setting_or_when_its_money_is_gone(self) -> None:
        for pr, cost, limits in ((GREEN, 0.0, {}), (RED, 0.0, {"rebase": False}), (RED, 2.0, {})):
            theirs = seen(moved(pr, "theirs"), session(cost_usd=cost), minutes=1)
            decision = look(theirs, sent(), **limits)
            assert (decision.action, decision.sessions) == (Action.GIVE_UP, ("fixer",)), (pr, limits)

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
