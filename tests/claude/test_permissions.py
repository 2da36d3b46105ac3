import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.claude.permissions import Allow, Ask, Decision, Deny, decide
from factory_ls.claude.shell import forbidden_to_fixers, simple_commands
from factory_ls.model.session import PermissionMode

STRICT, RELAXED, YOLO = PermissionMode
ROOT = "/home/me/worktree"


def plain(path: str) -> str:
    return os.path.normpath(path)


def judge(mode: PermissionMode, tool: str, fixer: bool = False, **tool_input: Any) -> type[Decision]:
    return type(decide(mode, tool, tool_input, ROOT, fixer=fixer, resolve=plain))


def test_a_fixer_may_always_prove_and_submit() -> None:
    for tool in ("mcp__factory__submit_fix", "mcp__factory__run_failing_command"):
        assert all(judge(mode, tool, fixer=True) is Allow for mode in PermissionMode)
        assert judge(PermissionMode.STRICT, tool) is Ask


@pytest.mark.parametrize(
    ("tool", "tool_input", "strict", "relaxed", "yolo"),
    [
        ("Read", {"file_path": f"{ROOT}/a"}, Allow, Allow, Allow),
        ("Read", {"file_path": "/home/me/.ssh/id"}, Ask, Ask, Allow),
        ("Glob", {"pattern": "*"}, Allow, Allow, Allow),
        ("Grep", {"pattern": "x", "path": ROOT}, Allow, Allow, Allow),
        ("Write", {"file_path": f"{ROOT}/a"}, Ask, Allow, Allow),
        ("Edit", {"file_path": "src/a"}, Ask, Allow, Allow),
        ("NotebookEdit", {"notebook_path": f"{ROOT}/n.ipynb"}, Ask, Allow, Allow),
        ("Write", {"file_path": "/etc/passwd"}, Ask, Ask, Ask),
        ("Bash", {"command": "ls"}, Ask, Ask, Allow),
        ("WebFetch", {"url": "https://example.org"}, Ask, Ask, Allow),
        ("mcp__factory__list_problems", {}, Allow, Allow, Allow),
        ("mcp__factory__reply_to_review_thread", {}, Ask, Ask, Allow),
        ("mcp__other__list_things", {}, Ask, Ask, Allow),
        ("TodoWrite", {}, Allow, Allow, Allow),
        ("SomethingNew", {}, Ask, Ask, Allow),
        ("AskUserQuestion", {"questions": []}, Ask, Ask, Ask),
        ("ExitPlanMode", {}, Ask, Ask, Ask),
    ],
)
def test_the_table(
    tool: str, tool_input: dict[str, Any], strict: type[Decision], relaxed: type[Decision], yolo: type[Decision]
) -> None:
    assert [judge(mode, tool, **tool_input) for mode in (STRICT, RELAXED, YOLO)] == [strict, relaxed, yolo]


@pytest.mark.parametrize(
    "path",
    [
        "../outside",
        f"{ROOT}/../outside",
        f"{ROOT}/a/../../outside",
        f"{ROOT}-evil/a",
        "/home/me/Worktree/../worktree2/a",
        "~/a",
        "",
        "a\0b",
        None,
        7,
        ["a"],
        ".git",
        ".git/hooks/pre-commit",
        f"{ROOT}/.GIT/config",
        "vendor/lib/.git/hooks/pre-commit",
        ".claude/settings.json",
        ".claude/./settings.local.json",
        ".mcp.json",
    ],
)
def test_edits_that_never_go_through_silently(path: object) -> None:
    for mode in PermissionMode:
        assert judge(mode, "Write", file_path=path) is Ask
        assert judge(mode, "Edit", fixer=True, file_path=path) is Deny


@pytest.mark.parametrize(
    "path", ["a", f"{ROOT}/a/../b", "gitignore", ".gitignore", "a/.github/x", ".claude/commands/x.md", "..a"]
)
def test_edits_inside(path: str) -> None:
    assert judge(RELAXED, "Write", file_path=path) is Allow
    assert judge(YOLO, "Write", fixer=True, file_path=path) is Allow


def test_a_missing_path_is_not_inside() -> None:
    assert judge(YOLO, "Write") is Ask


def test_links_are_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "tree", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "out").symlink_to(outside)
    (root / "in").symlink_to(root)
    (root / "dangling").symlink_to(tmp_path / "nowhere")
    (root / "loop").symlink_to(root / "loop")
    (tmp_path / "alias").symlink_to(root)

    def write(path: str, worktree: Path = root) -> Decision:
        return decide(RELAXED, "Write", {"file_path": path}, str(worktree))

    for path in ("out/x", "dangling", "in/out/x", str(root / "out" / "new" / "x")):
        assert isinstance(write(path), Ask), path
    for path in ("in/x", str(tmp_path / "alias" / "x"), "new/deep/x"):
        assert write(path) == Allow(), path
    assert write(str(root / "x"), tmp_path / "alias") == Allow()


def test_a_resolver_that_fails_is_a_no() -> None:
    def broken(path: str) -> str:
        raise OSError(path)

    assert isinstance(decide(RELAXED, "Write", {"file_path": "a"}, ROOT, resolve=broken), Ask)


PUSHES = [
    "git push",
    "git  push origin HEAD",
    "cd x && git -C . push",
    "true; git push",
    "false || git push",
    "git commit -m x\ngit push",
    "(git push)",
    "{ git push; }",
    "echo $(git push)",
    'echo "done: $(git push)"',
    "echo `git push`",
    'echo "`git push`"',
    "/usr/bin/git push",
    "\\git push",
    "g\\it pu\\sh",
    "'git' \"push\"",
    "git \\\n push",
    "git --no-pager -c user.name=x push --force",
    "git --git-dir=/x/.git push",
    "git -c alias.p=push p",
    "env GIT_DIR=x git push",
    "X=1 git push",
    "sudo git push",
    "nohup git push &",
    "timeout 5 git push",
    "xargs git push < refs",
    "bash -c 'git push'",
    'bash -lc "cd x && git push"',
    "eval 'git push'",
    "sh -c 'bash -c \"git push\"'",
    "if true; then git push; fi",
    "while :; do git push; done",
    "bash <<EOF\ngit push\nEOF",
    "python3 -c \"import subprocess; subprocess.run(['git', 'push'])\"",
    "find . -name x -exec git push \\;",
    "git push|cat",
    "git push>log 2>&1",
    "git push&",
    "$GIT push",
    "git send-pack origin HEAD",
    "ssh host 'git push'",
]
MERGES = [
    "gh pr merge 3",
    "gh pr merge --auto --squash",
    "gh -R o/r pr merge 3",
    "GH_TOKEN=x gh pr merge",
    "sh -c 'gh pr merge 3'",
    "gh api -X PUT repos/o/r/pulls/3/merge",
    "gh api graphql -f query='mutation { mergePullRequest(input: {}) { clientMutationId } }'",
]
HARMLESS = [
    "git status",
    "git stash push -m wip; pytest",
    "git commit -am 'then git push it'",
    'grep -rn "git push" docs',
    "echo 'git push'",
    "git log --grep push",
    "git checkout push",
    "pytest -k push",
    "gh pr view 3",
    "gh pr checks",
    "gh api repos/o/r/pulls/3",
    "# git push",
    "ls # git push",
    "cat merge",
    "",
    "'",
    '"unclosed',
]


@pytest.mark.parametrize("line", PUSHES)
def test_a_fixer_does_not_push(line: str) -> None:
    assert forbidden_to_fixers(line) == "git push"
    assert judge(YOLO, "Bash", fixer=True, command=line) is Deny
    assert judge(YOLO, "Bash", command=line) is Allow, "the user's own session may"


@pytest.mark.parametrize("line", MERGES)
def test_a_fixer_does_not_merge(line: str) -> None:
    assert forbidden_to_fixers(line) == "gh pr merge"


@pytest.mark.parametrize("line", HARMLESS)
def test_a_fixer_may_work(line: str) -> None:
    assert forbidden_to_fixers(line) is None


@given(st.text(alphabet=" git push'\"\\$(){}`;&|<>#\n-c=", max_size=60))
def test_any_line_is_read(line: str) -> None:
    assert all(isinstance(words, list) for words in simple_commands(line))
    forbidden_to_fixers(line)


@given(st.sampled_from([";", "&&", "||", "|", "\n", "&"]), st.text(alphabet="abc /.-", max_size=20))
def test_a_push_behind_any_separator_is_found(separator: str, before: str) -> None:
    assert forbidden_to_fixers(f"{before}{separator}git push") == "git push"


@given(st.text(), st.sampled_from(PermissionMode), st.booleans())
def test_no_path_is_allowed_that_does_not_resolve_inside(path: str, mode: PermissionMode, fixer: bool) -> None:
    decision = decide(mode, "Write", {"file_path": path}, ROOT, fixer=fixer, resolve=plain)
    if isinstance(decision, Allow):
        assert f"{plain(str(Path(ROOT) / path))}/".startswith(f"{ROOT}/")


def test_a_long_line_is_read_fast(benchmark_seconds: Callable[[Callable[[], object]], float]) -> None:
    line = "echo 'a' \"b $(c)\" ; " * 5000
    assert benchmark_seconds(lambda: forbidden_to_fixers(line)) < 2
