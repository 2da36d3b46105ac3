"""The forms a log comes in."""

import io
import zipfile
from pathlib import Path

import pytest

from factory_ls.ci import sources
from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.sources import open_bytes, open_log
from factory_ls.ci.text import clean
from factory_ls.model.errors import ErrorKind, FactoryError

STAMP = "2026-01-02T03:04:05.1234567Z "
RAW = "\ufeff" + "".join(
    f"{STAMP}{line}\r\n"
    for line in (
        "Current runner version: '2.330.0'",
        "##[group]Run make lint",
        "\x1b[36;1mmake lint || echo src/x.c:1:1: error: not output\x1b[0m",
        "shell: /usr/bin/bash -e {0}",
        "##[endgroup]",
        "\x1b[01m\x1b[Ksrc/a.c:3:5:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kbroken",
        "##[error]Process completed with exit code 2.",
    )
)


def test_raw_job_log() -> None:
    (problem,) = diagnose(RAW.encode()).problems
    assert (problem.path, problem.line, problem.log_line) == ("src/a.c", 3, 6)
    assert problem.message == "broken"
    assert problem.command == "make lint || echo src/x.c:1:1: error: not output"
    assert problem.step == "Run make lint"


def test_gh_run_view_names_job_and_step() -> None:
    log = "".join(f"lint (3.12)\tLint\t{line}\n" for line in RAW.splitlines())
    (problem,) = diagnose(log.encode()).problems
    assert (problem.job, problem.step, problem.jobs) == ("lint (3.12)", "Lint", ("lint (3.12)",))


def test_colours_written_as_caret_notation() -> None:
    (problem,) = diagnose(RAW.replace("\x1b", "^[").encode()).problems
    assert problem.message == "broken"


def test_matrix_jobs_fold_into_one_problem() -> None:
    log = "".join(f"build ({os})\tLint\t{line}\n" for os in ("linux", "mac") for line in RAW.splitlines())
    (problem,) = diagnose(log.encode()).problems
    assert problem.jobs == ("build (linux)", "build (mac)")


def test_a_step_that_passed_failed_nothing() -> None:
    passed = RAW.replace("##[error]Process completed with exit code 2.", "Cleaning up orphan processes")
    (problem,) = diagnose(passed.encode()).problems
    assert problem.severity == "warning"


@pytest.fixture
def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("0_lint.txt", RAW)
        file.writestr("lint/2_Run make lint.txt", RAW)
        file.writestr("lint/system.txt", "")
        file.writestr("1_test (3.12).txt", f"{STAMP}all good\n")
    return buffer.getvalue()


def test_zip_reads_each_job_once(tmp_path: Path, archive: bytes) -> None:
    path = tmp_path / "run.zip"
    path.write_bytes(archive)
    read = {source.job: diagnose(source.chunks).problems for source in open_log(path)}
    assert {job: len(problems) for job, problems in read.items()} == {"lint": 1, "test (3.12)": 0}


def test_unpacked_folder(tmp_path: Path, archive: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        file.extractall(tmp_path)
    (tmp_path / "0_lint.txt").unlink()
    assert sorted(str(source.job) for source in open_log(tmp_path)) == ["lint", "lint", "test (3.12)"]


def test_zip_on_standard_input(archive: bytes) -> None:
    assert [source.job for source in open_bytes(io.BytesIO(archive))] == ["lint", "test (3.12)"]


def test_truncated_zip_is_an_error_with_a_hint(tmp_path: Path, archive: bytes) -> None:
    path = tmp_path / "run.zip"
    path.write_bytes(archive[: len(archive) // 2])
    with pytest.raises(FactoryError) as caught:
        list(open_log(path))
    assert caught.value.kind is ErrorKind.CORRUPT
    assert caught.value.hint


def test_zip_bomb_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_UNPACKED", 1 << 20)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("0_a.txt", b"\0" * (8 << 20))
    opened = open_log(path)
    source = next(opened)
    with pytest.raises(FactoryError, match="unpacks to more"):
        diagnose(source.chunks)


def test_a_missing_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(FactoryError) as caught:
        list(open_log(tmp_path / "none.log"))
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_what_reorders_text_or_steers_a_terminal_is_taken_off() -> None:
    raw = "lint\u202e\tRun\x9b\t2026-01-31T12:00:00.0000000Z a.py:1:1: F401 in\u202eside \x9b31mred\u2066"
    line = clean(raw.encode())
    assert (line.job, line.step, line.text) == ("lint", "Run", "a.py:1:1: F401 inside 31mred")


def test_marks_read_as_a_wrong_code_page_are_repaired_first() -> None:
    assert clean("✓".encode().decode("latin-1").encode() + b" passed").text == "✓ passed"
