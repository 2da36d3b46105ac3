"""One fixer's way: the failing commands run red, a prompt, Claude's work, the commands run green, the diff looked at,
a commit with its proof, the push."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from factory_ls.factory import proving
from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.journal import Journal
from factory_ls.factory.process import Outcome
from factory_ls.factory.prompts import Prompts
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.factory.sessions import Sessions
from factory_ls.git import changes, commits, repository
from factory_ls.git.runner import Git
from factory_ls.git.unsaved import dirty
from factory_ls.model.clock import iso
from factory_ls.model.errors import FactoryError
from factory_ls.model.ratchet import Proof
from factory_ls.model.workspace import Workspace
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.cheating import find_cheating
from factory_ls.ratchet.decide import Decision
from factory_ls.ratchet.memory import Memory

log = logging.getLogger(__name__)

FIXER = "ratchet/fix-ci"
RED = "factory/red"
HANDED_BACK = "factory/handedBack"
PROVED = "factory/proved"

Remember = Callable[[str, Callable[[Memory], Memory]], Awaitable[None]]


class Verdict(StrEnum):
    DONE = "DONE"
    """Over: pushed, or given up with a reason."""
    AGAIN = "AGAIN"
    """Handed back to the fixer, which works again."""


class Fixing:
    def __init__(
        self,
        journal: Journal,
        git: Git,
        board: ProblemBoard,
        pulls: PullRequests,
        sessions: Sessions,
        prompts: Prompts,
    ) -> None:
        self._journal = journal
        self._git = git
        self._board = board
        self._pulls = pulls
        self._sessions = sessions
        self._prompts = prompts
        self._doing: dict[str, str] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}

    def doing(self, workspace_id: str) -> str | None:
        """What is being done for the fixer right now, in words."""
        return self._doing.get(workspace_id)

    async def hold(self, workspace_id: str) -> str:
        """Why no fixer may start in this worktree now; empty when one may."""
        workspace = self._journal.state.workspaces[workspace_id]
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace_id]
        try:
            if await dirty(self._git, worktree):
                return "You have changes here that are not committed: commit or discard them, and it goes on."
            head = await repository.head(self._git, worktree)
            if head != pr.head_sha and not await commits.fast_forward(self._git, worktree, pr.head_sha):
                here, checked = (head or "none")[:8], pr.head_sha[:8]
                return f"The branch here ({here}) is not what CI checked ({checked}): push or pull first."
        except FactoryError as error:
            return f"The worktree cannot be read: {error}"
        return ""

    async def begin(self, workspace_id: str, session_id: str, decision: Decision) -> None:
        """Runs the failing commands once (red), then starts the fixer with what is known."""
        workspace = self._journal.state.workspaces[workspace_id]
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace_id]
        problems, failures = self._board.reported(workspace_id)
        failed = [check.name for check in pr.checks if check.outcome == "FAILURE"]
        provable = await proving.commands_for(self._git, worktree, failed, [*problems, *failures])
        for item in provable:
            red = await self._run(workspace_id, worktree, item, "before the fix") if item.command else None
            await self._sessions.note(
                session_id,
                {
                    "type": RED,
                    "check": item.check,
                    "command": item.command,
                    "code": red.code if red else None,
                    "seconds": red.seconds if red else 0.0,
                    "note": item.why,
                    "at": iso(),
                },
            )
        prompt = await self._prompts.load(f"{FIXER}.md", worktree)
        text = prompt.render(
            problems=decision.problems or problems,
            failures=failures,
            values={
                "branch": workspace.branch,
                "base": workspace.base_branch,
                "checks": ", ".join(failed),
                "commands": "\n".join(item.command for item in provable if item.command),
            },
        )
        await self._sessions.start(workspace_id, text, workflow=FIXER, session_id=session_id)

    async def finish(self, workspace_id: str, session_id: str, note_proof: Remember) -> tuple[Verdict, str]:
        """Proves what the fixer did and pushes it. The second part says why it was given up, empty when it was not."""
        workspace = self._journal.state.workspaces[workspace_id]
        # A task of its own, so that `cancel` ends this and not whoever happened to look at the workspace.
        task = self._running[workspace_id] = asyncio.create_task(self._finish(workspace, session_id, note_proof))
        try:
            await asyncio.wait({task})
            return (Verdict.DONE, "Stopped before the fix was pushed.") if task.cancelled() else task.result()
        except asyncio.CancelledError:
            task.cancel()
            raise
        except FactoryError as error:
            log.warning("fixer %s: %s", session_id, error)
            return Verdict.DONE, f"The fix could not be pushed: {error}"
        finally:
            self._running.pop(workspace_id, None)
            self._say(workspace_id, None)

    async def _finish(self, workspace: Workspace, session_id: str, note_proof: Remember) -> tuple[Verdict, str]:
        worktree, pr = Path(workspace.path), self._journal.state.pull_requests[workspace.id]
        diff = await changes.diff(self._git, worktree, pr.head_sha)
        if not diff:
            return Verdict.DONE, "The fixer ended without changing anything."
        reds = await self._sessions.notes(session_id, RED)
        proofs, broken = [], []
        for red in reds:
            item = proving.Provable(red["check"], red["command"], red["note"])
            green = await self._run(workspace.id, worktree, item, "after the fix") if item.command else None
            proofs.append(
                Proof(
                    command=item.command or item.check,
                    red=red["code"],
                    green=green.code if green else None,
                    seconds=red["seconds"] + (green.seconds if green else 0.0),
                    note=item.why,
                )
            )
            if green and not green.ok:
                broken.append(f"`{item.command}` still fails (exit code {green.code}):\n{green.output[-3000:]}")
        broken += [f"{f.path}:{f.line}: {f.what}" for f in find_cheating(diff)]
        if broken:
            return await self._hand_back(session_id, broken)
        return await self._push(workspace, session_id, diff, proofs, note_proof)

    async def _hand_back(self, session_id: str, broken: list[str]) -> tuple[Verdict, str]:
        if await self._sessions.notes(session_id, HANDED_BACK):
            return (
                Verdict.DONE,
                f"The fix was not pushed: {broken[0].splitlines()[0]} Look at it and push or discard it.",
            )
        await self._sessions.note(session_id, {"type": HANDED_BACK, "why": broken, "at": iso()})
        listed = "\n\n".join(broken)
        await self._sessions.send(
            session_id, f"This cannot be pushed yet. Mend it, then say that you are done.\n\n{listed}"
        )
        return Verdict.AGAIN, ""

    async def _push(
        self, workspace: Workspace, session_id: str, diff: str, proofs: list[Proof], note_proof: Remember
    ) -> tuple[Verdict, str]:
        worktree = Path(workspace.path)
        self._say(workspace.id, "Committing and pushing the fix.")
        pr = self._journal.state.pull_requests[workspace.id]
        checks = ", ".join(check.name for check in pr.checks if check.outcome == "FAILURE") or "CI"
        session = self._journal.state.session(session_id)
        trailers = {
            "Factory-Proof": "; ".join(
                f"{p.command}: exit {p.red} before, exit {p.green} after"
                if p.green is not None and p.red is not None
                else f"{p.command}: not run here ({p.note})"
                for p in proofs
            ),
            "Factory-Session": session_id,
            "Factory-Cost": f"${session.cost_usd:.4f}",
        }
        commit = await commits.commit_all(self._git, worktree, f"Fix {checks}", trailers=trailers)
        commit = commit or str(await repository.head(self._git, worktree))
        first = (
            proofs[0] if proofs else Proof(command=checks, red=None, green=None, seconds=0.0, note="no command known")
        )
        merged = Proof(
            command=" && ".join(p.command for p in proofs) or first.command,
            red=next((p.red for p in proofs if p.red), first.red),
            green=next((p.green for p in proofs if p.green is not None), None),
            seconds=sum(p.seconds for p in proofs),
            diff_hash=changes.diff_hash(diff),
            commit=commit,
            note="; ".join(p.note for p in proofs if p.note),
        )
        await note_proof(
            workspace.id, lambda memory: remember.proved(memory, merged, commit=commit, at=datetime.now(UTC))
        )
        await self._sessions.note(session_id, {"type": PROVED, "proof": merged, "at": iso()})
        try:
            await self._pulls.push(workspace.id)
        except FactoryError:
            await note_proof(workspace.id, lambda memory: remember.push_failed(memory, commit))
            raise
        return Verdict.DONE, ""

    def cancel(self, workspace_id: str) -> None:
        """The ratchet was turned off, or its fixer stopped: what is being proved is not pushed."""
        if task := self._running.get(workspace_id):
            task.cancel()

    async def _run(self, workspace_id: str, worktree: Path, item: proving.Provable, when: str) -> Outcome:
        self._say(workspace_id, f"Running `{item.command}` {when}.")
        try:
            return await proving.run(item.command or "", worktree)
        finally:
            self._say(workspace_id, None)

    def _say(self, workspace_id: str, what: str | None) -> None:
        if what is None:
            self._doing.pop(workspace_id, None)
        else:
            self._doing[workspace_id] = what
        self._journal.tell_workspace(workspace_id)
