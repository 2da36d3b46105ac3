"""Which reports belong to a pull request as it stands, and what is made of what GitHub has of a check."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from factory_ls.factory.reports import current_failures, still_waiting
from factory_ls.model.clock import iso
from factory_ls.model.events import CheckReport
from factory_ls.model.pull_request import Check, CheckKind, CiStatus, PullRequest, PullRequestState
from tests.factory.test_board import Stage
from tests.factory.test_board import stage as stage  # noqa: PLC0414 - a fixture

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


WORKFLOW = """\
name: CI
jobs:
  build:
    steps:
      - uses: actions/checkout@v4
      - run: make all
        working-directory: two
"""
LOG = """\
##[group]Run actions/checkout@v4
##[endgroup]
Syncing repository: O/R
[command]/usr/bin/git log -1 --format=%H
{sha}
##[group]Run make all
\x1b[36;1mmake all\x1b[0m
shell: /usr/bin/bash -e {{0}}
##[endgroup]
{said}
##[error]Process completed with exit code 2.
"""


async def read(stage: Stage, said: str | None, ended: datetime, **answers: Any) -> None:
    """A failed job of Actions whose log says this (null: there is none), as a poll reads it."""
    where = "repos/o/r"
    stage.gh.files[f"{where}/check-runs/7/annotations?per_page=100&page=1"] = msgspec.json.encode(answers["notes"])
    if said is not None:
        stage.gh.files[f"{where}/actions/jobs/7/logs"] = LOG.format(sha=answers["sha"], said=said).encode()
    check = Check(
        id="7", kind=CheckKind.CHECK_RUN, name="build", workflow="CI", outcome=CiStatus.FAILURE, is_actions=True,
        completed_at=iso(ended),
    )  # fmt: skip
    state = stage.journal.state
    found = PullRequest(number=1, url="u", state=PullRequestState.OPEN, head_sha=answers["head"], checks=(check,))
    await stage.reports.refresh(state.workspaces["w"], state.projects["p"], found)


async def repository(stage: Stage) -> str:
    await stage.start()
    for name in ("one", "two"):
        (stage.repo / name).mkdir()
        (stage.repo / name / "a.c").write_text("x\n")
    (stage.repo / ".github/workflows").mkdir(parents=True)
    (stage.repo / ".github/workflows/ci.yml").write_text(WORKFLOW)
    return await stage.commit()


async def test_a_log_is_read_with_the_commit_and_the_folder_it_speaks_of(stage: Stage) -> None:
    merge = await repository(stage)
    head = await stage.commit(**{"two/a": "new"})
    await read(stage, "a.c:1:1: error: expected ';'", datetime.now(UTC), sha=merge, head=head, notes=[])
    [report] = stage.reports.loaded.values()
    assert report.commit == merge
    assert [(p.path, p.line) for p in report.problems] == [("two/a.c", 1)]
    await read(stage, "fatal: quota exceeded", datetime.now(UTC) + timedelta(1), sha=merge, head=head, notes=[])
    [failure] = list(stage.reports.loaded.values())[-1].failures
    assert (failure.path, failure.line, failure.job) == (".github/workflows/ci.yml", 6, "build")


async def test_annotations_are_kept_when_the_log_is_gone_for_good(stage: Stage) -> None:
    head = await repository(stage)
    note = {"path": "a.py", "start_line": 2, "end_line": 2, "annotation_level": "failure", "message": "m"}
    await read(stage, None, datetime.now(UTC), sha=head, head=head, notes=[note])
    assert stage.reports.loaded == {}  # it may still come
    assert list(stage.reports.troubles["w"]) == ["build"]
    await read(stage, None, datetime.now(UTC) - timedelta(hours=1), sha=head, head=head, notes=[note])
    [report] = stage.reports.loaded.values()
    assert [(p.path, p.line) for p in report.problems] == [("a.py", 2)]
    assert report.origin is not None
    assert (report.origin.path, report.origin.line) == (".github/workflows/ci.yml", 3)
    assert stage.reports.troubles["w"] == {}
