"""Steps that were let fail: what they tell of is a warning, and is not why the check is red."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.files import FileIndex
from factory_ls.ci.tolerance import ApiJob, ApiStep, by_time, tolerated
from factory_ls.ci.workflow import Workflows
from factory_ls.cli.diagnose import diagnose as command
from factory_ls.factory.extracting import IN_PROCESS_BYTES, extract
from factory_ls.model.problem import Report

WORKFLOW = """\
name: CI
jobs:
  lint:
    steps:
      - uses: actions/checkout@v4
      - name: Types
        run: mypy src ${{ matrix.flags }}
        continue-on-error: true  # not yet clean
      - run: |
          pytest
        continue-on-error: ${{ matrix.experimental }}
      - run: make
  other:
    steps:
      - run: make docs
        continue-on-error: true
      - continue-on-error: true
        run: make
"""


def step(minute: int, run: str, *output: str, code: int = 0) -> list[str]:
    lines = [f"##[group]Run {run}", f"\x1b[36;1m{run}\x1b[0m", "shell: /usr/bin/bash -e {0}", "##[endgroup]", *output]
    lines += [f"##[error]Process completed with exit code {code}."] if code else []
    return [f"2026-01-02T03:{minute:02}:05.1234567Z {line}" for line in lines]


LOG = "\n".join(
    [
        *step(1, "mypy src --strict", "src/a.py:3: error: Incompatible types  [assignment]", code=1),
        *step(2, "make docs", "conf.rst:9: WARNING: odd", "nothing understood", code=2),
        *step(3, "pytest", "tests/test_b.py:5: AssertionError: no", code=1),
        "2026-01-02T03:04:00.1234567Z Post job cleanup.",
        "2026-01-02T03:04:01.1234567Z Cleaning up orphan processes",
    ]
).encode()
JOB = ApiJob(
    steps=[
        ApiStep("success", "2026-01-02T03:00:00Z", "2026-01-02T03:00:59Z"),
        ApiStep("success", "2026-01-02T03:01:00Z", "2026-01-02T03:01:05Z"),
        ApiStep("success", "2026-01-02T03:02:00Z", "2026-01-02T03:02:30Z"),
        ApiStep("failure", "2026-01-02T03:03:00Z", "2026-01-02T03:03:30Z"),
        ApiStep("skipped", "2026-01-02T03:03:00Z", "2026-01-02T03:03:30Z"),
    ]
)


def told(report: Report) -> dict[str, str]:
    return {p.path: str(p.severity) for p in report.problems} | {f.command or "": "failure" for f in report.failures}


def test_without_knowing_every_failed_step_counts() -> None:
    found = told(diagnose(LOG))
    assert found["src/a.py"] == "error"
    assert found["tests/test_b.py"] == "error"


def test_the_api_tells_which_step_was_let() -> None:
    found = told(diagnose(LOG, tolerated=tolerated(job=JOB)))
    assert found["src/a.py"] == "warning"
    assert found["tests/test_b.py"] == "error"
    assert "make docs" not in found


def test_the_workflow_tells_too() -> None:
    found = told(diagnose(LOG, tolerated=tolerated(Workflows({".github/workflows/ci.yml": WORKFLOW}))))
    assert found["src/a.py"] == "warning"
    assert found["tests/test_b.py"] == "error"  # an expression tells nothing
    assert "make docs" not in found


@pytest.mark.parametrize(
    ("run", "let"),
    [
        ("mypy src --strict", True),
        ("make docs", True),
        ("pytest", False),
        ("make", False),
        ("echo", False),
    ],
)
def test_a_command_is_let_where_all_its_steps_are(run: str, *, let: bool) -> None:
    assert Workflows({".github/workflows/ci.yml": WORKFLOW}).tolerates(run) is let


@pytest.mark.parametrize(
    ("at", "expected"),
    [("2026-01-02T03:01:05", True), ("2026-01-02T03:03:05", False), ("2026-01-02T03:30:00", None), ("", None)],
)
def test_steps_by_time(at: str, *, expected: bool | None) -> None:
    assert by_time(JOB, at) is expected


def test_steps_of_one_second_must_agree() -> None:
    both = ApiJob(steps=[ApiStep("success", "1", "2"), ApiStep("failure", "2", "3")])
    assert by_time(both, "2") is False


def test_the_command_line_takes_the_job(tmp_path: Path) -> None:
    job, bad = tmp_path / "job.json", tmp_path / "bad.json"
    job.write_bytes(msgspec.json.encode(JOB))
    bad.write_text("[]")
    said = CliRunner().invoke(command, ["--format", "quickfix", "--job", str(job), "-"], input=LOG)
    assert "src/a.py:3:1: warning" in said.stdout
    refused = CliRunner().invoke(command, ["--job", str(bad), "-"], input=LOG)
    assert refused.exit_code == 2
    assert "is no job" in refused.stderr


@pytest.mark.parametrize("padding", [0, IN_PROCESS_BYTES], ids=["in a thread", "in a process"])
async def test_the_hub_reads_with_it(tmp_path: Path, padding: int) -> None:
    log = LOG + b"\n" + b"." * padding
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").touch()
    found = await extract(log, FileIndex(["src/a.py"]), tmp_path, Workflows({}), msgspec.json.encode(JOB))
    assert told(found)["src/a.py"] == "warning"
