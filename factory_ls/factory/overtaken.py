"""Somebody pushed while a fixer worked. Nothing is forced: its fix goes on top of theirs when that is clean and still
repairs something, else it is kept under a name of its own, and their head is what counts."""

from pathlib import Path
from typing import Any

from factory_ls.factory import proofs
from factory_ls.factory.doing import Doing
from factory_ls.factory.memories import Memories
from factory_ls.factory.proofs import Judgement
from factory_ls.factory.proving import Provable
from factory_ls.factory.pushing import Pushing
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.verdict import Result, Verdict
from factory_ls.git import changes, commits, joining, repository
from factory_ls.git.runner import Git
from factory_ls.git.unsaved import dirty
from factory_ls.model.clock import iso
from factory_ls.model.workspace import Workspace
from factory_ls.ratchet import memory as remember

NOT_PUSHED = "factory/notPushed"


class Overtaken:
    def __init__(self, git: Git, sessions: Sessions, memories: Memories, pushing: Pushing, doing: Doing) -> None:
        self._git = git
        self._sessions = sessions
        self._memories = memories
        self._pushing = pushing
        self._doing = doing

    async def rebase(
        self, workspace: Workspace, session_id: str, *, base: str, ci_edits: bool = False
    ) -> Judgement | str:
        """Puts the fixer's own commits after `base` on top of what was pushed, and proves them there anew.

        A text says why that was given up; the worktree is then at their head.
        """
        worktree = Path(workspace.path)
        await self._memories.change(workspace.id, remember.overtaken)
        kept = await self._keep(workspace, session_id)
        fix = str(await repository.commit_of(self._git, worktree, f"{kept}^"))
        await self._pushing.fetch(workspace)
        onto = str(await repository.commit_of(self._git, worktree, self._pushing.theirs(workspace)))
        await commits.reset_to(self._git, worktree, onto)
        self._doing.say(workspace.id, "Somebody pushed meanwhile; putting the fix on top of that.")
        reds = await self._red_there(workspace, session_id)
        failed = [red for red in reds if red["failed"] and red["code"] is not None]
        if failed and all(red["code"] == 0 for red in failed):
            return f"`{failed[0]['command']}` passes with what they pushed"
        if not await joining.replay(self._git, worktree, base, fix, onto):
            return "it does not go on top of what they pushed"
        judged = await proofs.after(reds, self._doing.runner(workspace))
        diff = await changes.diff(self._git, worktree, onto)
        broken = [*judged.broken, *await proofs.found_in(diff, ci_edits=ci_edits)]
        if broken:
            await commits.reset_to(self._git, worktree, onto)
            return f"on top of what they pushed, {broken[0].splitlines()[0]}"
        return judged

    async def give_up(self, workspace: Workspace, session_id: str, why: str = "") -> Result:
        """Their head is what counts; the fix is kept as a commit."""
        worktree = Path(workspace.path)
        kept = await self._keep(workspace, session_id)
        await self._pushing.fetch(workspace)
        await commits.reset_to(self._git, worktree, self._pushing.theirs(workspace))
        because = f": {why}" if why else ""
        said = f"Somebody pushed while the fixer worked; its fix ({kept[:8]}) was not pushed{because}."
        await self._memories.change(workspace.id, lambda m: remember.ended_with(m, said))
        await self._sessions.note(session_id, {"type": NOT_PUSHED, "why": said, "at": iso()})
        return Result(Verdict.NOTHING, (said,))

    async def _keep(self, workspace: Workspace, session_id: str) -> str:
        """The first state that is kept of a fix is the one that its fixer left, on top of the commit it made.

        What is there when this is done once more, after a hub was killed half-way, may be the user's: kept as well.
        """
        worktree, name = Path(workspace.path), f"overtaken/{session_id}"
        kept = await repository.commit_of(self._git, worktree, commits.SNAPSHOTS + name)
        if kept is None:
            return await commits.snapshot(self._git, worktree, f"A fix by {session_id}", name=name)
        known = [
            await repository.commit_of(self._git, worktree, name)
            for name in (f"{kept}^", self._pushing.theirs(workspace))
        ]
        if await dirty(self._git, worktree) or await repository.head(self._git, worktree) not in known:
            await commits.snapshot(self._git, worktree, "What was there", name=f"interrupted/{session_id}")
        return kept

    async def _red_there(self, workspace: Workspace, session_id: str) -> list[dict[str, Any]]:
        """The same commands as before the fix, run without it on what was pushed."""
        known = await self._sessions.notes(session_id, proofs.RED)
        provable = [Provable(red["check"], red["command"], red["note"]) for red in known]
        failed = [red["check"] for red in known if red["failed"]]
        return await proofs.before(provable, failed, self._doing.runner(workspace))
