"""`factory-ls diagnose`: formats and exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from factory_ls.cli.diagnose import FORMATS, diagnose

LOG = "src/a.c:3:5: error: broken, 100%\nsrc/b.c:4:1: warning: odd [-Wodd]\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "job.log"
    path.write_text(LOG)
    return path


def run(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(diagnose, arguments, input=stdin)
    return result.exit_code, result.stdout, result.stderr


def test_json_is_the_contracts(log: Path) -> None:
    code, out, _ = run("--format", "json", str(log))
    report = json.loads(out)
    assert code == 1
    assert [(p["path"], p["line"], p["severity"], p["logLine"]) for p in report["problems"]] == [
        ("src/a.c", 3, "error", 1),
        ("src/b.c", 4, "warning", 2),
    ]
    assert report["failures"] == []
    assert report["stats"]["bytes"] == len(LOG)
    assert report["stats"]["lines"] == 2


def test_github_commands_are_escaped(log: Path) -> None:
    _, out, _ = run("--format", "github", str(log))
    assert out.splitlines()[0] == "::error file=src/a.c,line=3,col=5,title=gcc::broken, 100%25"
    assert out.splitlines()[1].startswith("::warning file=src/b.c,line=4,")


def test_quickfix_is_read_by_the_tool_itself(log: Path) -> None:
    _, out, _ = run("--format", "quickfix", str(log))
    assert out.splitlines()[0] == "src/a.c:3:5: error: gcc: broken, 100%"
    assert run("--format", "json", "-", stdin=out)[0] == 1


def test_sarif_has_rules_and_places(log: Path) -> None:
    _, out, _ = run("--format", "sarif", str(log))
    (run_,) = json.loads(out)["runs"]
    assert [result["level"] for result in run_["results"]] == ["error", "warning"]
    assert run_["results"][1]["ruleId"] == run_["tool"]["driver"]["rules"][0]["id"] == "-Wodd"


@pytest.mark.parametrize("format_", FORMATS)
def test_no_problem_exits_with_0(format_: str) -> None:
    assert run("--format", format_, "-", stdin="all good\n")[0] == 0


def test_warnings_alone_exit_with_0() -> None:
    assert run("-", stdin="src/b.c:4:1: warning: odd\n")[0] == 0


def test_unreadable_input_exits_with_2_and_a_hint(tmp_path: Path) -> None:
    code, out, err = run(str(tmp_path / "none.log"))
    assert (code, out) == (2, "")
    assert "none.log" in err


def test_unknown_tool_exits_with_2() -> None:
    code, _, err = run("--tool", "nonesuch", "-", stdin="")
    assert code == 2
    assert "--list-tools" in err


def test_list_tools_prints_the_table() -> None:
    code, out, _ = run("--list-tools")
    assert code == 0
    assert any(line.startswith("pytest ") for line in out.splitlines())


def test_root_resolves_paths(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "only.c").touch()
    _, out, _ = run("--root", str(tmp_path), "--format", "json", "-", stdin="only.c:3:5: error: broken\n")
    assert json.loads(out)["problems"][0]["path"] == "pkg/only.c"
