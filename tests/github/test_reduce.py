"""Which run of a check counts, and what all of them amount to: facts, and properties for any input."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.github.reduce import ci, merge_state, outcome, reduce_checks, state
from factory_ls.model.pull_request import CheckKind, CiObservation, CiStatus, PullRequestState

Node = dict[str, Any]
FAILED = ["FAILURE", "ERROR", "ACTION_REQUIRED", "TIMED_OUT", "CANCELLED", "STARTUP_FAILURE"]
PENDING = ["PENDING", "EXPECTED", "QUEUED", "IN_PROGRESS", "WAITING", "REQUESTED"]
PASSED = ["SUCCESS", "NEUTRAL", "SKIPPED"]


def check_run(
    name: str = "test", *, run: int | None = 7, check: int = 1, workflow: str | None = "CI", **more: Any
) -> Node:
    return {
        "__typename": "CheckRun",
        "databaseId": check,
        "name": name,
        "status": "COMPLETED",
        "conclusion": "SUCCESS",
        "startedAt": "2026-01-01T00:00:00Z",
        "completedAt": "2026-01-01T00:01:00Z",
        "detailsUrl": None,
        "checkSuite": {
            "app": {"slug": "github-actions"},
            "workflowRun": {"databaseId": run, "workflow": {"name": workflow}} if workflow else None,
        },
        **more,
    }


def status(context: str, word: str, at: str = "2026-01-01T00:00:00Z") -> Node:
    return {"__typename": "StatusContext", "context": context, "state": word, "targetUrl": None, "createdAt": at}


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_words_in_any_case(change: Any) -> None:
    for words, expected in ((FAILED, CiStatus.FAILURE), (PENDING, CiStatus.PENDING), (PASSED, CiStatus.SUCCESS)):
        assert {outcome(change(word)) for word in words} == {expected}


@pytest.mark.parametrize("word", ["STALE", "", None, "SOMETHING_NEW"])
def test_stale_and_unknown_words_are_never_running(word: str | None) -> None:
    (check,) = reduce_checks([check_run(conclusion=word)])
    assert check.outcome is CiStatus.UNKNOWN
    assert ci((check,)) == (CiStatus.UNKNOWN, CiObservation.CHECKS_UNKNOWN)


def test_a_later_run_supersedes_but_only_its_own_name() -> None:
    nodes = [
        check_run(run=9, check=3),
        check_run(run=8, check=9, conclusion="FAILURE"),
        check_run("other", run=8, conclusion="TIMED_OUT"),
        check_run(run=8, check=4, workflow="Nightly", conclusion="NEUTRAL"),
    ]
    checks = reduce_checks(nodes)
    assert [(c.workflow, c.name, c.run_id, c.outcome) for c in checks] == [
        ("CI", "other", 8, CiStatus.FAILURE),
        ("CI", "test", 9, CiStatus.SUCCESS),
        ("Nightly", "test", 8, CiStatus.SUCCESS),
    ]


def test_a_rerun_that_has_not_started_supersedes_what_ended() -> None:
    queued = check_run(check=2, status="QUEUED", conclusion=None, startedAt=None, completedAt=None)
    (check,) = reduce_checks([queued, check_run(check=1, conclusion="FAILURE")])
    assert (check.outcome, check.conclusion, check.id) == (CiStatus.PENDING, None, "2")


def test_a_conclusion_left_on_a_running_check_is_not_believed() -> None:
    (check,) = reduce_checks([check_run(status="IN_PROGRESS", conclusion="SUCCESS")])
    assert check.outcome is CiStatus.PENDING


def test_other_apps_are_kept_apart_and_have_no_log() -> None:
    apps = [check_run("lint", workflow=None, check=n, checkSuite={"app": {"slug": a}}) for n, a in enumerate("xy")]
    assert [(c.workflow, c.is_actions) for c in reduce_checks(apps)] == [(None, False)] * 2
    assert len(reduce_checks([check_run("lint", checkSuite={"app": None, "workflowRun": None})])) == 1


def test_ids_from_the_address_where_graphql_has_none() -> None:
    url = "https://github.com/o/r/actions/runs/17000000001/job/48000000002"
    (check,) = reduce_checks([check_run(run=None, databaseId=None, detailsUrl=url)])
    assert (check.run_id, check.id) == (17000000001, "48000000002")


def test_a_commit_status_reads_its_state() -> None:
    checks = reduce_checks(
        [status("ci/x", "error"), status("ci/y", "EXPECTED"), status("ci/x", "SUCCESS", "2026-01-02")]
    )
    assert [(c.name, c.kind, c.outcome, c.conclusion) for c in checks] == [
        ("ci/x", CheckKind.STATUS_CONTEXT, CiStatus.SUCCESS, "SUCCESS"),
        ("ci/y", CheckKind.STATUS_CONTEXT, CiStatus.PENDING, None),
    ]


def test_none_at_all_is_neither_running_nor_unread() -> None:
    assert ci(None) == (CiStatus.UNKNOWN, CiObservation.NOT_FETCHED)
    assert ci(reduce_checks([])) == (CiStatus.UNKNOWN, CiObservation.NO_CHECKS)


words = st.sampled_from([*FAILED, *PENDING, *PASSED, "STALE", None])
nodes = st.lists(
    st.builds(
        lambda name, run, check, word, started: check_run(
            name,
            run=run,
            check=check,
            status="COMPLETED" if word in {*FAILED, *PASSED, "STALE", None} else word,
            conclusion=word,
            startedAt=started,
        ),
        st.sampled_from("abc"),
        st.integers(1, 4) | st.none(),
        st.integers(1, 50),
        words,
        st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z", None]),
    )
    | st.builds(status, st.sampled_from("abc"), words.filter(bool))
    | st.none(),
    max_size=12,
)


@given(nodes, st.randoms())
def test_any_rollup(rollup: list[Node | None], random: Any) -> None:
    checks = reduce_checks(rollup)
    names = [(c.kind, c.workflow, c.name) for c in checks]
    assert len(names) == len(set(names))
    present = [n for n in rollup if n]
    assert {(c.kind == "CHECK_RUN", c.name) for c in checks} == {
        ("name" in n, n.get("name") or n["context"]) for n in present
    }
    for check in checks:
        runs = [n["checkSuite"]["workflowRun"]["databaseId"] or 0 for n in present if n.get("name") == check.name]
        if check.kind is CheckKind.CHECK_RUN:
            assert (check.run_id or 0) == max(runs)
    verdict, observed = ci(checks)
    outcomes = {check.outcome for check in checks}
    assert (verdict is CiStatus.FAILURE) == (CiStatus.FAILURE in outcomes)
    assert (verdict is CiStatus.PENDING) == (CiStatus.PENDING in outcomes and CiStatus.FAILURE not in outcomes)
    assert (observed is CiObservation.NO_CHECKS) == (not present)
    shuffled = list(rollup)
    random.shuffle(shuffled)
    ordered = [(n["checkSuite"]["workflowRun"]["databaseId"], n["databaseId"]) for n in present if "name" in n]
    if len(ordered) == len(set(ordered)) == len(present):
        assert reduce_checks(shuffled) == checks, "the order GitHub lists them in does not matter"


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"state": "MERGED", "isDraft": True, "reviewDecision": "APPROVED"}, PullRequestState.MERGED),
        ({"state": "CLOSED", "isDraft": True}, PullRequestState.CLOSED),
        ({"state": "OPEN", "isDraft": True, "reviewDecision": "CHANGES_REQUESTED"}, PullRequestState.DRAFT),
        ({"state": "OPEN", "reviewDecision": "APPROVED"}, PullRequestState.APPROVED),
        ({"state": "OPEN", "reviewDecision": "CHANGES_REQUESTED"}, PullRequestState.CHANGES_REQUESTED),
        ({"state": "OPEN", "reviewDecision": "REVIEW_REQUIRED"}, PullRequestState.OPEN),
        ({"state": "OPEN", "reviewDecision": ""}, PullRequestState.OPEN),
        ({"state": "OPEN", "reviewDecision": None}, PullRequestState.OPEN),
    ],
)
def test_the_state_of_a_pull_request(node: Node, expected: PullRequestState) -> None:
    assert state(node) is expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"mergeStateStatus": "DRAFT", "mergeable": "CONFLICTING"}, "DIRTY"),
        ({"mergeStateStatus": "DRAFT", "mergeable": "MERGEABLE"}, "DRAFT"),
        ({"mergeStateStatus": "UNKNOWN", "mergeable": "UNKNOWN"}, "UNKNOWN"),
        ({"mergeStateStatus": None}, None),
    ],
)
def test_a_conflict_is_dirty_whatever_else(node: Node, expected: str | None) -> None:
    assert merge_state(node) == expected
