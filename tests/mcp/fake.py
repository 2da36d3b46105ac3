"""A small application with two workspaces, so that MCP can be tested without the rooms behind it."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from factory_ls.factory.caller import Caller
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Failure, Placement, Problem, Severity
from factory_ls.model.pull_request import (
    Check,
    CheckKind,
    CiObservation,
    CiStatus,
    PullRequest,
    PullRequestState,
)
from factory_ls.model.ratchet import Ratchet, RatchetState
from factory_ls.model.session import PermissionMode, Session, SessionStatus
from factory_ls.model.workspace import Workspace, WorkspaceStatus

ESCAPES = "\x1b[31mred\x1b[0m \x1b]0;title\x07\x9b2J\u202e"

PROBLEMS = (
    Problem(
        id="p1",
        path="src/calc.py",
        line=3,
        column=12,
        tool="pytest",
        message=f"assert add(2, 2) == 4 {ESCAPES}",
        test="tests/test_calc.py::test_add",
        job="test",
        step="Run pytest",
        check="test",
        log_line=8,
        excerpt=f"E  assert 5 == 4\n{ESCAPES}",
        command="pytest -q",
        placement=Placement.EXACT,
    ),
    *(
        Problem(
            id=f"w{line}",
            path="src/calc.py",
            line=line,
            severity=Severity.WARNING,
            tool="ruff",
            code="E501",
            message="line too long",
            check="lint",
            placement=Placement.EXACT,
        )
        for line in (10, 20, 30)
    ),
)

LOG = "\n".join(
    [
        "2026-01-01T00:00:00.0000000Z ##[group]Run actions/checkout@v4",
        "2026-01-01T00:00:01.0000000Z ##[endgroup]",
        "2026-01-01T00:00:02.0000000Z ##[group]Run pytest -q",
        "2026-01-01T00:00:02.1000000Z shell: bash",
        "2026-01-01T00:00:02.2000000Z ##[endgroup]",
        f"2026-01-01T00:00:03.0000000Z {ESCAPES}",
        "2026-01-01T00:00:04.0000000Z     def test_add():",
        "2026-01-01T00:00:04.1000000Z E   assert 5 == 4",
        "2026-01-01T00:00:05.0000000Z ##[error]Process completed with exit code 1.",
        "",
    ]
)


def workspace(ident: str, name: str) -> Workspace:
    return Workspace(
        id=ident,
        project_id="project",
        name=name,
        status=WorkspaceStatus.READY,
        path=f"/worktrees/{name}",
        branch=f"user/{name}",
        base_branch="main",
        pr=PullRequest(
            number=7,
            url="https://github.com/o/r/pull/7",
            title=f"Add {ESCAPES}",
            state=PullRequestState.OPEN,
            ci_status=CiStatus.FAILURE,
            ci_observation=CiObservation.CHECKS_FAILED,
            head_sha="0123456789abcdef0123",
            base_branch="main",
            checks=(
                Check(id="1", kind=CheckKind.CHECK_RUN, name="build", outcome=CiStatus.SUCCESS),
                Check(id="2", kind=CheckKind.CHECK_RUN, name="slow", outcome=CiStatus.PENDING),
                Check(id="3", kind=CheckKind.CHECK_RUN, name="test", outcome=CiStatus.FAILURE, conclusion="FAILURE"),
            ),
        ),
        ratchet=Ratchet(enabled=True, state=RatchetState.CI_FAILED, reason="A fixer works on it."),
        sessions=(
            Session(
                id="s1",
                workspace_id=ident,
                model="sonnet",
                permissions=PermissionMode.STRICT,
                status=SessionStatus.RUNNING,
            ),
        ),
        warnings=("setup failed",),
    )


class FakeFactory:
    def __init__(self) -> None:
        self.known = [workspace("ws-a", "alpha"), workspace("ws-b", "beta")]
        self.problems = PROBLEMS
        self.failures: tuple[Failure, ...] = (
            Failure(tool="docker", message="image not found", job="build", log_line=4),
        )
        self.log = LOG
        self.calls: list[tuple[str, dict[str, Any], Caller]] = []
        self.failure: Exception | None = None

    def set_problems(self, problems: Sequence[Problem]) -> None:
        self.problems, self.failures = tuple(problems), ()

    def workspaces(self) -> Sequence[Workspace]:
        return self.known

    def workspace(self, ref: str) -> Workspace:
        for known in self.known:
            if ref in (known.id, known.name) or f"{ref}/".startswith(f"{known.path}/"):
                return known
        raise FactoryError(ErrorKind.NOT_FOUND, f"There is no workspace {ref!r}.")

    async def execute(self, command: str, arguments: Mapping[str, Any], caller: Caller) -> Any:
        self.calls.append((command, dict(arguments), caller))
        if self.failure:
            raise self.failure
        found = self.workspace(arguments["workspace"])
        caller.demand(found.id)
        match command:
            case "factory.ci.problems":
                check, ident = arguments.get("check"), arguments.get("problem")
                problems = tuple(p for p in self.problems if check in (None, p.check) and ident in (None, p.id))
                return SimpleNamespace(workspace_id=found.id, problems=problems, failures=self.failures, gone=2)
            case "factory.ci.log":
                line = next((p.log_line for p in self.problems if p.id == arguments.get("problem")), None)
                return SimpleNamespace(
                    check=arguments.get("check") or "test", text=self.log, url="https://example.com/log", line=line
                )
            case "factory.pr.get":
                return found.pr
        raise AssertionError(command)
