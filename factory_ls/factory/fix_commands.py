"""Running what failed in CI here: `factory.fix.run`."""

import asyncio
import contextlib
from pathlib import Path

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.files import FileIndex
from factory_ls.factory import proving
from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.folding import failure_id
from factory_ls.factory.journal import Journal
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Failure, Problem
from factory_ls.model.pull_request import CiStatus
from factory_ls.model.text import clean, one_line
from factory_ls.model.wire import Wire
from factory_ls.model.workspace import Workspace

MAX_PROBLEMS = 500


class RunParams(WorkspaceParams, frozen=True, kw_only=True):
    check: str | None = None
    """Needed when several checks failed."""
    problem: str | None = None
    """Instead of `check`: the one this problem was found by."""


class CommandRun(Wire, frozen=True, kw_only=True):
    """How the command ended here, and what it says is wrong; lines are those of the worktree as it is."""

    check: str
    command: str
    code: int
    """Exit status, negative for a signal."""
    seconds: float
    timed_out: bool
    problems: tuple[Problem, ...]
    failures: tuple[Failure, ...]
    output: str
    """Its end, without control characters."""


class FixCommands:
    def __init__(self, journal: Journal, git: Git, board: ProblemBoard) -> None:
        self._journal = journal
        self._git = git
        self._board = board
        self._running: set[str] = set()

    def commands(self) -> list[Command]:
        return [Command("factory.fix.run", "Run a failed check's command here", RunParams, self._run)]

    async def _run(self, params: RunParams, context: Context) -> CommandRun:
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        if workspace.id in self._running:
            raise FactoryError(ErrorKind.BUSY, "A check's command runs here already.", "Wait until it has ended.")
        self._running.add(workspace.id)
        try:
            item = await self._provable(workspace, params.check or self._check_of(workspace, params.problem))
            command = item.command or ""
            context.report(f"Running {one_line(command, 80)}", None)
            outcome = await proving.run(command, Path(workspace.path), lambda line: _tell(context, line))
        finally:
            self._running.discard(workspace.id)
        files = FileIndex(await repository.files(self._git, Path(workspace.path)))
        found = await asyncio.to_thread(
            lambda: diagnose(outcome.output.encode(), files=files, name=item.check, limit=MAX_PROBLEMS)
        )
        return CommandRun(
            check=item.check,
            command=command,
            code=outcome.code,
            seconds=round(outcome.seconds, 3),
            timed_out=outcome.timed_out,
            problems=found.problems,
            failures=found.failures,
            output=clean(outcome.output),
        )

    def _check_of(self, workspace: Workspace, problem_id: str | None) -> str | None:
        """The check that found a problem. Raises `notFound`."""
        if problem_id is None:
            return None
        problems, failures = self._board.reported(workspace.id)
        for problem in problems:
            if problem.id == problem_id:
                return problem.check
        for failure in failures:
            if failure_id(failure) == problem_id:
                return failure.job
        raise FactoryError(ErrorKind.NOT_FOUND, f"There is no problem {problem_id!r} now.", "It was fixed since.")

    async def _provable(self, workspace: Workspace, check: str | None) -> proving.Provable:
        """The failed check that is meant, with the command to run. Raises `notFound` or `invalid`."""
        pr = self._journal.state.pull_requests.get(workspace.id)
        failed = [c.name for c in pr.checks if c.outcome is CiStatus.FAILURE] if pr else []
        if check is not None and check not in failed:
            known = ", ".join(failed) or "none"
            raise FactoryError(ErrorKind.NOT_FOUND, f"No check {one_line(check, 80)!r} failed.", f"Failed: {known}.")
        if not failed:
            raise FactoryError(ErrorKind.NOT_FOUND, "No check failed.", "There is nothing to run.")
        problems, failures = self._board.reported(workspace.id)
        provable = await proving.commands_for(
            self._git, Path(workspace.path), [check] if check else failed, [*problems, *failures]
        )
        runnable = [item for item in provable if item.command]
        if not runnable:
            why = "; ".join(f"{item.check}: {item.why}" for item in provable)
            raise FactoryError(ErrorKind.INVALID, f"There is no command to run here ({why}).", "Run it by hand.")
        if len(runnable) > 1:
            names = ", ".join(item.check for item in runnable)
            raise FactoryError(ErrorKind.INVALID, "Several checks failed.", f"Give one as `check`: {names}.")
        return runnable[0]


def _tell(context: Context, line: str) -> None:
    if shown := one_line(line, 120):
        with contextlib.suppress(RuntimeError):  # the client that watched has gone
            context.report(shown, None)
