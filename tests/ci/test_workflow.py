"""Where a workflow has the step that failed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.ci.workflow import Step, Workflows

CI = """\
name: CI  # what GitHub shows
on: [push]
defaults:
  run:
    working-directory: ./web
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm run lint
  test:
    name: Test on ${{ matrix.os }}
    defaults:
      run:
        working-directory: packages/core
    steps:
    - uses: actions/checkout@v4
    - name: Install
      run: npm ci
    - name: Unit tests
      working-directory: packages/api/
      run: |
        npm   run build
        npm test -- --shard=${{ matrix.shard }}
    - name: 'Coverage'
      run: "npx c8 check"
  deploy:
    steps:
      - run: npm ci
        working-directory: ${{ env.WHERE }}
"""
OTHER = "name: Other\njobs:\n  lint:\n    steps:\n      - run: npm run lint\n"
PATH = ".github/workflows/ci.yml"
FILES = Workflows({PATH: CI, ".github/workflows/other.yaml": OTHER})


def line(text: str) -> int:
    return next(number for number, one in enumerate(CI.splitlines(), 1) if text in one)


@pytest.mark.parametrize(
    ("job", "command", "step", "at", "directory"),
    [
        ("lint", "npm run lint", None, "npm run lint", "web"),
        ("Test on ubuntu-latest", "npm run build\nnpm test -- --shard=2", None, "npm   run build", "packages/api"),
        ("Test on macos", "npm test -- --shard=2", None, "npm test", "packages/api"),
        ("Test on windows", "npm ci", None, "      run: npm ci", "packages/core"),
        ("Test on windows", "npx c8 check", None, "c8", "packages/core"),
        ("Test on windows", None, "Unit tests", "Unit tests", "packages/api"),
        ("Test on windows", "make all", None, "  test:", None),
        ("deploy", "npm ci", None, "      - run: npm ci", None),
        ("lint (18)", "actions/checkout@v4", None, "uses: actions/checkout", "web"),
        ("lint / inner", None, None, "  lint:", None),
        ("no such job", "make all", None, "name: CI", None),
    ],
)
def test_of_each_shape(job: str, command: str | None, step: str | None, at: str, directory: str | None) -> None:
    assert FILES.find("CI", job, command, step) == Step(PATH, line(at), directory)


def test_the_workflow_is_known_by_its_name_its_path_or_what_it_runs() -> None:
    assert FILES.find("Other", "lint", "npm run lint") == Step(".github/workflows/other.yaml", 5, None)
    assert FILES.find(PATH, "lint", "npm run lint") == Step(PATH, line("npm run lint"), "web")
    assert FILES.find(None, "deploy", "npm ci") == Step(PATH, line("      - run: npm ci"), None)
    assert FILES.find(None, "somebody else's", "make") is None
    assert FILES.find("Gone", "lint", "npm run lint") is None
    assert Workflows({}).find("CI", "lint", None) is None


def test_where_a_command_runs_is_known_when_all_its_steps_agree() -> None:
    assert FILES.directory("npm test -- --shard=1") == "packages/api"
    assert FILES.directory("npm ci") is None
    assert FILES.directory("npm run lint") is None  # web, and the root in the other workflow
    assert FILES.directory("unknown") is None


def test_json_is_yaml() -> None:
    steps = [{"uses": "actions/checkout@v4"}, {"name": "T", "run": 'say "it"', "working-directory": "sub"}]
    text = json.dumps({"name": "CI", "jobs": {"a": {"steps": []}, "b": {"steps": steps}}}, indent=2)
    number = next(n for n, one in enumerate(text.splitlines(), 1) if "say" in one)
    assert Workflows({PATH: text}).find("CI", "b", 'say "it"') == Step(PATH, number, "sub")
    flat = json.dumps({"name": "CI", "jobs": {"b": {"steps": steps}}})
    assert Workflows({PATH: flat}).find(None, "b", "say") is None


@given(st.text(st.sampled_from("jobs:runame- \n\t#{}$'\"x"), max_size=300), st.text(max_size=20))
def test_whatever_the_file_holds(text: str, command: str) -> None:
    found = Workflows({PATH: text}).find(PATH, command, command, command)
    assert found is not None
    assert 1 <= found.line <= max(1, len(text.splitlines()))
    Workflows({PATH: text}).directory(command)
