"""Paths that a step printed relative to the folder it ran in, in a repository that has several files of each name."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.files import Ambiguous, FileIndex, Resolved
from factory_ls.cli.diagnose import diagnose as command

FILES = ["src/a.c", "one/src/a.c", "two/src/a.c", "one/deep/b.c", "two/deep/b.c", "c.c"]
INDEX = FileIndex(FILES)


def log(script: str, *lines: str) -> bytes:
    head = ["##[group]Run " + script.splitlines()[0], *(f"\x1b[36;1m{one}\x1b[0m" for one in script.splitlines())]
    whole = [
        *head,
        "shell: /usr/bin/bash -e {0}",
        "##[endgroup]",
        *lines,
        "##[error]Process completed with exit code 2.",
    ]
    return "".join(f"2026-11-23T07:42:07.1234567Z {line}\n" for line in whole).encode()


def at(text: str) -> str:
    return f"{text}:3:5: error: expected ';' before 'x'"


def found(text: bytes, where: dict[str, str] | None = None) -> list[str]:
    return [one.path for one in diagnose(text, files=INDEX, directory=(where or {}).get).problems]


def test_the_steps_own_folder_comes_before_the_root() -> None:
    assert found(log("make", at("src/a.c"))) == ["src/a.c"]
    assert found(log("make", at("src/a.c")), {"make": "two"}) == ["two/src/a.c"]
    assert found(log("make", at("c.c"), at("../one/deep/b.c")), {"make": "two"}) == ["c.c", "one/deep/b.c"]


@pytest.mark.parametrize("script", ["cd two && make", "cd ./two\nmake", "  cd two; make"])
def test_a_script_may_begin_by_going_somewhere(script: str) -> None:
    assert found(log(script, at("src/a.c"), at("deep/b.c"))) == ["two/src/a.c", "two/deep/b.c"]
    assert found(log("cd deep && make", at("b.c")), {"cd deep && make": "one"}) == ["one/deep/b.c"]


def test_make_tells_where_it_is() -> None:
    root = "/home/runner/work/r/r"
    lines = [
        f"make[1]: Entering directory '{root}/one'",
        at("src/a.c"),
        f"make[2]: Entering directory `{root}/one/deep'",
        at("b.c"),
        f"make[2]: Leaving directory `{root}/one/deep'",
        at("src/a.c").replace(":3:", ":9:"),
        f"make[1]: Leaving directory '{root}/one'",
        at("src/a.c").replace(":3:", ":7:"),
        "gmake: Entering directory '/somewhere/else/two/deep'",
        at("b.c").replace(":3:", ":4:"),
    ]
    expected = ["one/src/a.c", "one/deep/b.c", "one/src/a.c", "src/a.c", "two/deep/b.c"]
    assert found(log("make -C one", *lines)) == expected
    assert found(log("make", at("b.c"))) == ["b.c"]  # nothing tells which: as it was printed


def test_a_path_from_a_root_says_itself_where_it_is() -> None:
    assert INDEX.resolve("/home/runner/work/r/r/src/a.c", "two") == Resolved("src/a.c")
    assert isinstance(INDEX.resolve("deep/b.c"), Ambiguous)
    assert isinstance(INDEX.resolve("deep/b.c", "three"), Ambiguous)
    assert INDEX.resolve("C.C", "two") == Resolved("c.c")


def test_the_command_line_reads_the_folders_from_the_workflows(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    workflow = tmp_path / ".github/workflows/ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("jobs:\n  a:\n    steps:\n      - run: make all\n        working-directory: two\n")
    (tmp_path / "log").write_bytes(log("make all", at("src/a.c")))
    arguments = [f"--root={tmp_path}", "--format=json", str(tmp_path / "log")]
    answer = json.loads(CliRunner().invoke(command, arguments).stdout)
    assert [one["path"] for one in answer["problems"]] == ["two/src/a.c"]
