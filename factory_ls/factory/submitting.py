"""`factory.fix.submit`: a Claude session says that its fix is done. It is proved, looked at, committed and pushed, or
handed back with what is wrong."""

import asyncio
from enum import StrEnum
from pathlib import Path

from factory_ls.factory import proving
from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.journal import Journal
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.git import changes, commits, repository
from factory_ls.git.runner import Git
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.pull_request import CiStatus, PullRequest
from factory_ls.model.ratchet import Proof
from factory_ls.model.text import clean, one_line
from factory_ls.model.wire import Wire
from factory_ls.model.workspace import Workspace
from factory_ls.ratchet.cheating import find_cheating
from factory_ls.ratchet.observation import FIXER_WORKFLOWS

MAX_OUTPUT = 3_000
"""Characters of a failing command's output that are handed back: its end."""


class SubmitParams(WorkspaceParams, frozen=True, kw_only=True):
    summary: str
    """One line: the commit's message."""


class Verdict(StrEnum):
    PUSHED = "pushed"
    HANDED_BACK = "handedBack"
    """Not pushed: `why` is to be mended first."""
    NOTHING = "nothing"
    """The worktree is what was checked already."""
    AT_THE_END = "atTheEnd"
    """For a fixer of the ratchet: the same is done as soon as its turn has ended."""


class Submitted(Wire, frozen=True, kw_only=True):
    verdict: Verdict
    why: tuple[str, ...] = ()
    commit: str | None = None
    proofs: tuple[Proof, ...] = ()


class Submitting:
    def __init__(self, journal: Journal, git: Git, board: ProblemBoard, pulls: PullRequests) -> None:
        self._journal = journal
        self._git = git
        self._board = board
        self._pulls = pulls
        self._running: set[str] = set()

    def commands(self) -> list[Command]:
        return [Command("factory.fix.submit", "Prove a fix and push it", SubmitParams, self._submit)]

    async def _submit(self, params: SubmitParams, context: Context) -> Submitted:
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        session = self._journal.state.sessions.get(context.caller.session_id or "")
        if session is not None and session.workflow.startswith(FIXER_WORKFLOWS):
            return Submitted(verdict=Verdict.AT_THE_END)
        pr = self._journal.state.pull_requests.get(workspace.id)
        if pr is None:
            raise FactoryError(
                ErrorKind.NOT_FOUND, f"{workspace.name} has no pull request.", "Open one: `factory.pr.create`."
            )
        if workspace.id in self._running:
            raise FactoryError(ErrorKind.BUSY, "A fix is being proved here already.", "Wait until that has ended.")
        self._running.add(workspace.id)
        try:
            return await self._prove_and_push(workspace, pr, one_line(params.summary, 100), context)
        finally:
            self._running.discard(workspace.id)

    async def _prove_and_push(self, workspace: Workspace, pr: PullRequest, summary: str, context: Context) -> Submitted:
        worktree = Path(workspace.path)
        diff = await changes.diff(self._git, worktree, pr.head_sha)
        if not diff and await repository.head(self._git, worktree) == pr.head_sha:
            return Submitted(verdict=Verdict.NOTHING, why=("Nothing differs from what CI checked.",))
        proofs, broken = await self._prove(workspace, pr, context)
        broken += [f"{found.path}:{found.line}: {found.what}" for found in find_cheating(diff)]
        if broken:
            return Submitted(verdict=Verdict.HANDED_BACK, why=tuple(broken), proofs=tuple(proofs))
        if await changes.diff(self._git, worktree, pr.head_sha) != diff:
            why = "The files changed while the commands ran: what would be pushed is not what was proved."
            return Submitted(verdict=Verdict.HANDED_BACK, why=(why,), proofs=tuple(proofs))
        context.report("Committing and pushing", 90)
        trailers = {"Factory-Proof": "; ".join(map(_in_words, proofs)) or "no failed check to prove"}
        if context.caller.session_id:
            trailers["Factory-Session"] = context.caller.session_id
        # From here on it is carried through: a commit without its push would be neither done nor undone.
        commit = await asyncio.shield(self._push(workspace, summary, trailers))
        return Submitted(verdict=Verdict.PUSHED, commit=commit, proofs=tuple(proofs))

    async def _prove(self, workspace: Workspace, pr: PullRequest, context: Context) -> tuple[list[Proof], list[str]]:
        """Each failed check's command run now, and what of it still fails."""
        worktree = Path(workspace.path)
        failed = [check.name for check in pr.checks if check.outcome is CiStatus.FAILURE]
        problems, failures = self._board.reported(workspace.id)
        proofs: list[Proof] = []
        broken: list[str] = []
        for item in await proving.commands_for(self._git, worktree, failed, [*problems, *failures]):
            if item.command is None:
                proofs.append(Proof(command=item.check, red=None, green=None, seconds=0.0, note=item.why))
                continue
            context.report(f"Running {one_line(item.command, 80)}", 80 * len(proofs) / len(failed))
            outcome = await proving.run(item.command, worktree)
            said = "red in CI"
            proofs.append(Proof(command=item.command, red=None, green=outcome.code, seconds=outcome.seconds, note=said))
            if not outcome.ok:
                end = clean(outcome.output)[-MAX_OUTPUT:]
                broken.append(f"`{one_line(item.command)}` still fails (exit code {outcome.code}):\n{end}")
        return proofs, broken

    async def _push(self, workspace: Workspace, summary: str, trailers: dict[str, str]) -> str:
        worktree = Path(workspace.path)
        await commits.commit_all(self._git, worktree, summary or "Fix CI", trailers=trailers)
        commit = str(await repository.head(self._git, worktree))
        await self._pulls.push(workspace.id)
        return commit


def _in_words(proof: Proof) -> str:
    if proof.green is None:
        return f"{one_line(proof.command)}: not run here ({one_line(proof.note)})"
    return f"{one_line(proof.command)}: {proof.note}, exit {proof.green} here"
