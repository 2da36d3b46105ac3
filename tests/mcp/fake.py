"""A small application with two workspaces, so that MCP can be tested without the rooms behind it."""

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from factory_ls.factory.caller import Caller
from factory_ls.factory.children import Delivered
from factory_ls.factory.command import Report, silent
from factory_ls.factory.fix_commands import CommandRun
from factory_ls.factory.fixes import Submitted
from factory_ls.factory.journal import Change
from factory_ls.factory.prompt_commands import RenderedPrompt
from factory_ls.factory.prompts import PromptInfo
from factory_ls.factory.verdict import Verdict
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Failure, Placement, Problem, Severity
from factory_ls.model.pull_request import (
    Check,
    CheckKind,
    CiObservation,
    CiStatus,
    PullRequest,
    PullRequestState,
    ReviewComment,
    ReviewThread,
)
from factory_ls.model.ratchet import Proof, Ratchet, RatchetState, TraceStep
from factory_ls.model.session import PermissionMode, Session, SessionEvent, SessionStatus, Transcript
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


EVENTS: tuple[dict[str, Any], ...] = (
    {"type": "factory/prompt", "uuid": "u", "text": "Repair the build"},
    {"type": "system", "subtype": "init"},
    {"type": "assistant", "message": {"content": [{"type": "text", "text": f"I look. {ESCAPES}"}]}},
    {"type": "assistant", "message": {"content": [{"type": "tool_use", "name": "Bash", "input": {"command": "ls"}}]}},
    {"type": "user", "message": {"content": [{"type": "tool_result", "content": "calc.py", "is_error": False}]}},
    {"type": "result", "is_error": True, "result": "API error"},
)


def thread(ident: str, body: str, **fields: Any) -> ReviewThread:
    comment = ReviewComment(id=f"c-{ident}", author="rita", association="MEMBER", body=body)
    return ReviewThread(id=ident, path="src/calc.py", line=3, comments=(comment,), **fields)


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
            threads=(
                thread("t1", f"Please rename this {ESCAPES}"),
                thread("t2", "Done already", is_resolved=True),
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
        self.keep_calls = True
        self.failure: Exception | None = None
        self.children: frozenset[str] = frozenset()
        """What every session has made."""
        self.listeners: list[Callable[[Change], None]] = []
        self.hold: asyncio.Event | None = None
        """What a long command waits for."""
        self.cancelled: list[str] = []

    def set_problems(self, problems: Sequence[Problem]) -> None:
        self.problems, self.failures = tuple(problems), ()

    def workspaces(self) -> Sequence[Workspace]:
        return self.known

    def workspace(self, ref: str) -> Workspace:
        for known in self.known:
            if ref in (known.id, known.name) or f"{ref}/".startswith(f"{known.path}/"):
                return known
        raise FactoryError(ErrorKind.NOT_FOUND, f"There is no workspace {ref!r}.")

    def reach(self, caller: Caller) -> Caller:
        return caller if caller.kind == "user" else dataclasses.replace(caller, children=self.children)

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def change(self, *workspaces: str, problems: Sequence[str] = ()) -> None:
        for listener in list(self.listeners):
            listener(Change(1, workspaces=frozenset(workspaces), problems=frozenset(problems)))

    async def execute(self, command: str, arguments: Mapping[str, Any], caller: Caller, report: Report = silent) -> Any:
        if self.keep_calls:
            self.calls.append((command, dict(arguments), caller))
        if self.failure:
            raise self.failure
        if command == "factory.prompt.list":
            return [PromptInfo(name="from-issue", description="Do it", arguments=("branch", "request"))]
        if command == "factory.session.transcript":
            return self._transcript(arguments, caller)
        if command == "factory.session.message":
            caller.demand_user("reach it")
            return Delivered(session_id="s1", workspace_id="ws-a", status="RUNNING")
        found = self.workspace(arguments["workspace"])
        self.reach(caller).demand(found.id)
        if self.hold is not None:
            report("Running make test", 10)
            try:
                await self.hold.wait()
            except asyncio.CancelledError:
                self.cancelled.append(command)
                raise
        return self._answer(command, arguments, found)

    def _transcript(self, arguments: Mapping[str, Any], caller: Caller) -> Transcript:
        after = arguments["after"]
        events = tuple(SessionEvent(seq=n, at="", event=e) for n, e in enumerate(EVENTS, 1) if n > after)
        return Transcript(events=events, next=events[-1].seq if events else after)

    def _answer(self, command: str, arguments: Mapping[str, Any], found: Workspace) -> Any:
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
            case "factory.pr.get" | "factory.pr.rerunFailed":
                return found.pr
            case "factory.pr.reply" | "factory.pr.resolve":
                return None
            case "factory.ratchet.explain":
                return Ratchet(
                    enabled=True,
                    state=RatchetState.CI_FAILED,
                    reason=f"A fixer works {ESCAPES}",
                    proof=Proof(command="make test", red=1, green=0, seconds=2.0),
                    trace=(TraceStep(rule="CI", saw="a failed check", said="dispatch"),),
                )
            case "factory.fix.run":
                return CommandRun(
                    check="test",
                    command="pytest -q",
                    code=1,
                    seconds=1.5,
                    timed_out=False,
                    problems=self.problems,
                    failures=(),
                    output=f"1 failed {ESCAPES}",
                )
            case "factory.fix.submit":
                return Submitted(verdict=Verdict.HANDED_BACK, why=(f"`pytest -q` still fails {ESCAPES}",))
            case "factory.workspace.spawn":
                return workspace("ws-c", arguments["name"])
            case "factory.prompt.render":
                return RenderedPrompt(name=arguments["name"], description="Do it", text=f"On main. {ESCAPES}")
        raise AssertionError(command)


ARGUMENTS: dict[str, dict[str, Any]] = {
    "get_problem": {"problem": "p1"},
    "reply_to_review_thread": {"thread": "t1", "body": "Done."},
    "resolve_review_thread": {"thread": "t1"},
    "submit_fix": {},
    "create_workspace": {"name": "part", "prompt": "Do the part."},
    "send_message": {"message": "Hello."},
}
"""What each tool needs."""
