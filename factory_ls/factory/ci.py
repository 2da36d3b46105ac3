"""Commands about what CI said: its problems, its logs, and handing them to Claude."""

import asyncio
import codecs
from pathlib import Path

from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.folding import FAILURE, failure_id
from factory_ls.factory.journal import Journal
from factory_ls.factory.prompts import Prompts
from factory_ls.factory.reports import Reports
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.state import State
from factory_ls.git.runner import Git
from factory_ls.model.ansi import Style, styles
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import ProblemsDismissed
from factory_ls.model.problem import Failure, Placement, Problem, Severity
from factory_ls.model.pull_request import Check, CiStatus
from factory_ls.model.session import Session
from factory_ls.model.text import clean_file
from factory_ls.model.wire import Wire

WORKFLOW = "fix"
"""A user's own request: unlike a `ratchet/` fixer it pushes nothing by itself."""


class ProblemsParams(WorkspaceParams, frozen=True, kw_only=True):
    check: str | None = None
    path: str | None = None
    problem: str | None = None


class LogParams(WorkspaceParams, frozen=True, kw_only=True):
    check: str | None = None
    problem: str | None = None
    """The log in which this problem was found; `line` of the answer is where."""
    styles: bool = False
    """Also how the text was coloured."""


class FixParams(WorkspaceParams, frozen=True, kw_only=True):
    check: str | None = None
    path: str | None = None
    problem: str | None = None
    """None of the three: everything that fails."""


class DismissParams(WorkspaceParams, frozen=True, kw_only=True):
    problem: str | None = None
    path: str | None = None
    check: str | None = None
    restore: bool = False
    """Show them again."""


class Dismissed(Wire, frozen=True, kw_only=True):
    dismissed: int
    """Problems that are not shown until the next push."""


class ProblemList(Wire, frozen=True, kw_only=True):
    workspace_id: str
    problems: tuple[Problem, ...]
    failures: tuple[Failure, ...]
    gone: int
    """Problems whose line was deleted since; they are not listed."""


class CheckLog(Wire, frozen=True, kw_only=True):
    check: str
    url: str | None
    text: str
    """Without escape sequences and control characters."""
    line: int | None = None
    styles: tuple[Style, ...] | None = None
    """`[line, start, end, look]` each, as `model.ansi.Style`; null when not asked for."""


class Ci:
    def __init__(
        self, journal: Journal, git: Git, board: ProblemBoard, reports: Reports, sessions: Sessions, prompts: Prompts
    ) -> None:
        self._journal = journal
        self._git = git
        self._board = board
        self._reports = reports
        self._sessions = sessions
        self._prompts = prompts

    def commands(self) -> list[Command]:
        return [
            Command("factory.ci.problems", "List CI problems", ProblemsParams, self._problems),
            Command("factory.ci.log", "Read a check's log", LogParams, self._log),
            Command("factory.ci.fix", "Fix with Claude", FixParams, self._fix, user_only=True),
            Command("factory.ci.dismiss", "Dismiss until the next push", DismissParams, self._dismiss, user_only=True),
        ]

    async def _problems(self, params: ProblemsParams, context: Context) -> ProblemList:
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        problems, failures = await self._board.everything(workspace.id, shown=params.problem is not None)
        wanted = [p for p in problems if _matches(p, params.check, params.path, params.problem)]
        shown = tuple(p for p in wanted if p.placement is not Placement.GONE)
        kept = (
            tuple(f for f in failures if params.check in (None, f.job)) if not (params.path or params.problem) else ()
        )
        return ProblemList(workspace_id=workspace.id, problems=shown, failures=kept, gone=len(wanted) - len(shown))

    async def _log(self, params: LogParams, context: Context) -> CheckLog:
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        pr = self._journal.state.pull_requests.get(workspace.id)
        name, line = params.check, None
        if params.problem:
            problem = await self._one(workspace.id, params.problem)
            name, line = problem.check or problem.job, problem.log_line
        check = _choose(pr.checks if pr else (), name)
        context.report(f"Fetching the log of {check.name}", None)
        body = await self._reports.log_of(self._journal.state.projects[workspace.project_id], check)
        body = body.removeprefix(codecs.BOM_UTF8)
        text = await asyncio.to_thread(clean_file, body)
        looks = await asyncio.to_thread(styles, body.decode("utf-8", "replace"), text) if params.styles else None
        return CheckLog(check=check.name, url=check.url, text=text, line=line, styles=looks)

    async def _dismiss(self, params: DismissParams, context: Context) -> Dismissed:
        workspace = self._journal.state.workspace(params.workspace)
        problems, _ = await self._board.everything(workspace.id, shown=True)
        chosen = {p.id for p in problems if _matches(p, params.check, params.path, params.problem)}
        if not params.restore and not chosen:
            raise FactoryError(
                ErrorKind.NOT_FOUND, "There is nothing to dismiss there.", "`factory.ci.problems` lists all."
            )

        def change(state: State) -> list[ProblemsDismissed]:
            pr, before = state.pull_requests.get(workspace.id), state.dismissed.get(workspace.id)
            head = pr.head_sha if pr else ""
            known = set(before.problems) if before and before.head == head else set()
            if params.restore:
                asked = params.problem or params.path or params.check
                now = known - ({params.problem} if params.problem else chosen) if asked else set()
            else:
                now = known | chosen
            return [ProblemsDismissed(workspace_id=workspace.id, head=head, problems=tuple(sorted(now)))]

        await self._journal.transact(change)
        return Dismissed(dismissed=len(self._journal.state.dismissed[workspace.id].problems))

    async def _fix(self, params: FixParams, context: Context) -> Session:
        workspace = self._journal.state.workspace(params.workspace)
        # What reviewers say is only taken up when it was pointed at.
        pointed = bool(params.problem or params.path)
        problems, failures = await self._board.everything(workspace.id, shown=pointed)
        chosen = [
            p
            for p in problems
            if _matches(p, params.check, params.path, params.problem)
            and p.placement is not Placement.GONE
            and p.severity is not Severity.HINT
        ]
        failed = [f for f in failures if params.check in (None, f.job)] if not pointed else []
        # What failed without a place is only shown in the workflow: it is not there that it is to be mended.
        at_steps = {p.id for p in chosen if p.id.startswith(FAILURE)}
        failed += [f for f in failures if pointed and failure_id(f) in at_steps]
        chosen = [p for p in chosen if p.id not in at_steps]
        if not chosen and not failed:
            raise FactoryError(
                ErrorKind.NOT_FOUND, "There is nothing to fix there.", "`factory.ci.problems` lists all."
            )
        context.report("Starting Claude", None)
        name = "fix-check.md" if params.problem is None and len(chosen) != 1 else "fix-problem.md"
        prompt = await self._prompts.load(name, Path(workspace.path))
        text = prompt.render(
            problems=chosen,
            failures=failed,
            values={
                "branch": workspace.branch,
                "base": workspace.base_branch,
                "checks": ", ".join(dict.fromkeys(p.check for p in chosen if p.check)),
                "commands": "\n".join(dict.fromkeys(p.command for p in chosen if p.command)),
            },
        )
        return await self._sessions.start(workspace.id, text, workflow=WORKFLOW)

    async def _one(self, workspace_id: str, problem_id: str) -> Problem:
        problems, _ = await self._board.everything(workspace_id, shown=True)
        for problem in problems:
            if problem.id == problem_id:
                return problem
        raise FactoryError(
            ErrorKind.NOT_FOUND, f"There is no problem {problem_id!r} now.", "It was fixed or checked again since."
        )


def _matches(problem: Problem, check: str | None, path: str | None, problem_id: str | None) -> bool:
    return (
        check in (None, problem.check, problem.job, *problem.jobs)
        and path in (None, problem.path)
        and problem_id in (None, problem.id)
    )


def _choose(checks: tuple[Check, ...], name: str | None) -> Check:
    """The check of that name, or the only failed one."""
    if name is None:
        failed = [check for check in checks if check.outcome is CiStatus.FAILURE]
        if len(failed) == 1:
            return failed[0]
    for check in checks:
        if check.name == name:
            return check
    known = ", ".join(check.name for check in checks) or "none"
    raise FactoryError(
        ErrorKind.NOT_FOUND, f"There is no check {name!r}." if name else "Which check?", f"Checks: {known}."
    )
