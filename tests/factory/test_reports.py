"""Which reports belong to a pull request as it stands."""

import pytest

from factory_ls.factory.reports import current_failures, still_waiting
from factory_ls.model.events import CheckReport
from factory_ls.model.pull_request import Check, CheckKind, CiStatus, PullRequest, PullRequestState

OLD, NEW = "a" * 40, "b" * 40
BEFORE = (CheckReport(check="test", key="k", sha=OLD),)


def pull(
    status: CiStatus, *checks: tuple[str, CiStatus], state: PullRequestState = PullRequestState.OPEN, head: str = NEW
) -> PullRequest:
    return PullRequest(
        number=1,
        url="u",
        state=state,
        head_sha=head,
        ci_status=status,
        checks=tuple(Check(id=name, kind=CheckKind.CHECK_RUN, name=name, outcome=outcome) for name, outcome in checks),
    )


@pytest.mark.parametrize(
    ("pr", "kept"),
    [
        pytest.param(pull(CiStatus.PENDING, ("test", CiStatus.PENDING)), True, id="runs again"),
        pytest.param(pull(CiStatus.UNKNOWN), True, id="not begun on the new head"),
        pytest.param(pull(CiStatus.SUCCESS, ("test", CiStatus.SUCCESS)), False, id="passed"),
        pytest.param(pull(CiStatus.FAILURE, ("test", CiStatus.FAILURE)), False, id="failed anew: has a new report"),
        pytest.param(pull(CiStatus.SUCCESS, ("lint", CiStatus.SUCCESS)), False, id="no longer a check"),
        pytest.param(
            pull(CiStatus.PENDING, ("test", CiStatus.PENDING), state=PullRequestState.MERGED), False, id="merged"
        ),
        pytest.param(None, False, id="no pull request"),
    ],
)
def test_what_waits_for_ci(pr: PullRequest | None, *, kept: bool) -> None:
    waiting = still_waiting(pr, BEFORE)
    assert [(report.check, report.waiting) for report in waiting] == ([("test", True)] if kept else [])


def test_failures_of_an_open_pull_request_only() -> None:
    failed = ("test", CiStatus.FAILURE)
    assert [c.name for c in current_failures(pull(CiStatus.FAILURE, failed, ("lint", CiStatus.SUCCESS)))] == ["test"]
    assert current_failures(pull(CiStatus.FAILURE, failed, state=PullRequestState.CLOSED)) == []
    assert current_failures(None) == []
