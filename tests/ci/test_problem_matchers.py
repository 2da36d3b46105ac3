"""The repository's own problem matchers, in bounded time."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.problem_matchers import load
from factory_ls.cli.diagnose import diagnose as command
from factory_ls.model.errors import FactoryError

ONE_LINE = {
    "owner": "house",
    "severity": "warning",
    "pattern": [{"regexp": r"^BAD <([^>]+)> at (\d+)/(\d+): (\w+) - (.+)$", "file": 1, "line": 2, "column": 3, "code": 4, "message": 5}],
}  # fmt: skip
LOOPED = {
    "owner": "listed",
    "pattern": [
        {"regexp": r"^FILE (.+)$", "file": 1},
        {"regexp": r"^\s+row (\d+) (error|warning) (.*)$", "line": 1, "severity": 2, "message": 3, "loop": True},
    ],
}
HANGS = {"owner": "hangs", "pattern": [{"regexp": r"^(a+)+$", "message": 1}]}
BACKREFERENCE = {"owner": "unknown", "pattern": [{"regexp": r"(a)\1", "message": 1}]}


def file(*matchers: object) -> bytes:
    return json.dumps({"problemMatcher": matchers}).encode()


def test_one_line_and_looped_patterns() -> None:
    log = b"""\
2026-01-02T03:04:05.1234567Z BAD <src/a.x> at 3/5: H1 - too bad
2026-01-02T03:04:05.1234567Z FILE src/b.x
2026-01-02T03:04:05.1234567Z   row 4 error first
2026-01-02T03:04:05.1234567Z   row 9 warning second
2026-01-02T03:04:05.1234567Z done
"""
    problems = diagnose(log, matchers=load(file(ONE_LINE, LOOPED))).problems
    assert [(p.tool, p.path, p.line, p.column, str(p.severity), p.code, p.message) for p in problems] == [
        ("house", "src/a.x", 3, 5, "warning", "H1", "too bad"),
        ("listed", "src/b.x", 4, None, "error", None, "first"),
        ("listed", "src/b.x", 9, None, "warning", None, "second"),
    ]


def test_a_pattern_that_backtracks_for_ever_does_not() -> None:
    started = time.perf_counter()
    diagnose(b"a" * 50_000 + b"!\n", matchers=load(file(HANGS)))
    assert time.perf_counter() - started < 2


def test_a_pattern_that_is_not_linear_is_left_out() -> None:
    assert diagnose(b"aa\n", matchers=load(file(BACKREFERENCE))).failures == ()


@pytest.mark.parametrize(
    "text", [b"", b"[]", b'{"problemMatcher": 3}', b"\xff\xfe", b'{"problemMatcher": [{"owner": 1}]}']
)
def test_bad_files_are_an_error_with_a_hint(text: bytes) -> None:
    with pytest.raises(FactoryError) as caught:
        load(text)
    assert caught.value.hint


def test_root_brings_its_matchers(tmp_path: Path) -> None:
    folder = tmp_path / ".github"
    folder.mkdir()
    (folder / "house-matcher.json").write_bytes(file(ONE_LINE))
    (folder / "broken.json").write_text('{"problemMatcher": 3}')
    result = CliRunner().invoke(
        command, ["--root", str(tmp_path), "--format", "quickfix", "-"], input="BAD <a.x> at 3/5: H1 - too bad\n"
    )
    assert result.stdout == "a.x:3:5: warning: house: too bad [H1]\n"
    assert "broken.json" in result.stderr
