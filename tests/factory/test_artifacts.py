"""Result files are fetched when the log does not tell, and no more of them than is useful."""

# ruff: noqa: E501 (a file as a test runner writes it)

import json
import os
import shutil
from pathlib import Path

import pytest

from factory_ls.demo.github import GithubStandin
from factory_ls.factory.artifacts import BIGGEST, chosen, from_artifacts, useful
from factory_ls.github.checks import Artifact
from factory_ls.github.gh import Gh
from factory_ls.model.problem import Problem, Severity
from factory_ls.model.pull_request import Check, CheckKind, CiStatus
from tests.github.conftest import program, scrubbed
from tests.github.repository import clone

CHECK = Check(
    id="1",
    kind=CheckKind.CHECK_RUN,
    name="test (ubuntu, 3.12)",
    outcome=CiStatus.FAILURE,
    run_id=7,
    started_at="2026-01-02T03:00:00Z",
    completed_at="2026-01-02T04:00:00Z",
)
DURING = "2026-01-02T03:30:00Z"
JUNIT = '<testsuites><testsuite name="s"><testcase name="adds"><failure message="no">src/a.py:3: AssertionError</failure></testcase></testsuite></testsuites>'


def artifact(name: str, *, size: int = 100, expired: bool = False, at: str = DURING) -> Artifact:
    return Artifact(id=1, name=name, size_in_bytes=size, expired=expired, created_at=at)


@pytest.mark.parametrize(
    "name", ["junit", "test-results", "pytest-report-3.12", "surefire-reports", "results.sarif", "lint-report", "TestResults"]
)  # fmt: skip
def test_what_looks_like_a_report_is_taken(name: str) -> None:
    assert [one.name for one in chosen([artifact(name)], CHECK)] == [name]


@pytest.mark.parametrize(
    "other",
    [
        artifact("wheels"),
        artifact("coverage-report"),
        artifact("playwright-report-screenshots"),
        artifact("test-results", size=BIGGEST + 1),
        artifact("test-results", expired=True),
        artifact("test-results", at="2026-01-02T02:59:59Z"),
        artifact("test-results", at="2026-01-02T04:00:01Z"),
    ],
    ids=["a build", "coverage", "pictures", "too large", "expired", "another attempt", "a later job"],
)
def test_what_does_not_is_left(other: Artifact) -> None:
    assert chosen([other], CHECK) == []


def test_at_most_three_and_those_of_the_check_first() -> None:
    names = ["test-macos-3.11", "test-windows-3.12", "test-ubuntu-3.12", "test-other"]
    found = [one.name for one in chosen([artifact(name) for name in names], CHECK)]
    assert len(found) == 3
    assert found[0] == "test-ubuntu-3.12"


def test_useful_only_without_a_place() -> None:
    place = Problem(id="1", path="a.py", line=3, tool="t", message="m")
    whole = Problem(id="2", path="a.py", tool="t", message="m")
    warning = Problem(id="3", path="a.py", line=3, tool="t", message="m", severity=Severity.WARNING)
    assert useful([])
    assert useful([whole, warning])
    assert not useful([whole, place])


async def test_a_runs_artifacts_are_read(tmp_path: Path) -> None:
    folder = Path(f"/tmp/fart-{id(tmp_path):x}")  # a unix socket's path is limited
    async with GithubStandin(folder) as github:
        copy = await clone(github, tmp_path / "clone")
        upload = {
            "uses": "actions/upload-artifact@v4",
            "if": "always()",
            "with": {"name": "test-results", "path": "out"},
        }
        steps = [{"run": "mkdir out; cp junit.xml out/; cp junit.xml out/notes.png; exit 1"}, upload]
        workflow = {"name": "CI", "on": ["push"], "jobs": {"test": {"steps": steps}}}
        files = {".github/workflows/ci.yml": json.dumps(workflow), "junit.xml": JUNIT, "src/a.py": "\n\n\n"}
        await copy.push("fix", files)
        run = copy.repository.runs[-1]
        job = run.jobs[0]
        check = Check(
            id=str(job.id),
            kind=CheckKind.CHECK_RUN,
            name="test",
            outcome=CiStatus.FAILURE,
            run_id=run.id,
            started_at=job.started_at,
            completed_at=job.completed_at,
        )
        gh = Gh(program("standin", tmp_path), scrubbed(tmp_path) | github.environment() | {"PATH": os.environ["PATH"]})
        report = await from_artifacts(gh, "github.com", "acme", "widget", check, copy.path)
        assert report is not None
        assert [(p.path, p.line, p.test, p.check) for p in report.problems] == [("src/a.py", 3, "adds", "test")]

        run.artifacts[0].data = b"PK\x03\x04 damaged"
        assert await from_artifacts(gh, "github.com", "acme", "widget", check, copy.path) is None
    shutil.rmtree(folder)
