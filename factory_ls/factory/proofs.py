"""What a fix must pass before it is pushed: the failing commands red before and green after, and a diff that weakens
no check."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from factory_ls.factory import proving
from factory_ls.factory.process import Outcome
from factory_ls.git import changes, repository
from factory_ls.git.runner import Git
from factory_ls.model.clock import iso
from factory_ls.model.ratchet import Proof
from factory_ls.model.text import one_line
from factory_ls.ratchet.cheating import find_cheating
from factory_ls.ratchet.cheating_config import Finding

RED = "factory/red"
CANNOT_RUN = frozenset({126, 127})
"""Exit codes by which a shell says that it could not run the command at all (POSIX, Shell Command Language, 2.8.2)."""
_SHOWN_OUTPUT = 3000

Run = Callable[[str, str], Awaitable[Outcome]]
"""(command, "before the fix" or "after the fix") → how it ended."""


@dataclass(slots=True)
class Judgement:
    proofs: list[Proof] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """What the fixer can mend."""
    unproved: list[str] = field(default_factory=list)
    """Failed checks that nothing was proved of here, and why."""

    @property
    def proved(self) -> bool:
        """Nothing failed in CI, or at least one command that failed passes now."""
        return not self.unproved or any(proof.red and proof.green == 0 for proof in self.proofs)


async def before(provable: Iterable[proving.Provable], failed: Sequence[str], run: Run) -> list[dict[str, Any]]:
    """Runs each command once: the notes to keep in the fixer's session, one a check."""
    notes = []
    for item in provable:
        red = await run(item.command, "before the fix") if item.command else None
        notes.append(
            {
                "type": RED,
                "check": item.check,
                "command": item.command,
                "failed": item.check in failed,
                "code": red.code if red else None,
                "seconds": red.seconds if red else 0.0,
                "note": item.why,
                "at": iso(),
            }
        )
    return notes


async def after(reds: Iterable[dict[str, Any]], run: Run) -> Judgement:
    """Runs the commands again. A check that CI did not fail only has to pass when it passed before."""
    said = Judgement()
    for red in reds:
        command, code = red["command"], red["code"]
        green = await run(command, "after the fix") if command else None
        note = red["note"]
        if green is None:
            said.unproved.append(f"{red['check']}: {note}")
        elif green.code in CANNOT_RUN and code in CANNOT_RUN:
            note = f"`{command}` cannot be run here (exit code {green.code})"
            if red["failed"]:
                said.unproved.append(f"{red['check']}: {note}")
        elif not green.ok and (red["failed"] or code == 0):
            how = "took too long" if green.timed_out else f"exit code {green.code}"
            fails = "still fails" if code else "passed before this change and fails now"
            said.broken.append(f"`{command}` {fails} ({how}):\n{green.output[-_SHOWN_OUTPUT:]}")
        elif not green.ok:
            note = "it failed before as well, here though not in CI"
        elif red["failed"] and code == 0:
            note = "it passed here before the change as well"
            said.unproved.append(f"{red['check']}: `{command}` passed here before the change too, so it proves nothing")
        said.proofs.append(
            Proof(
                command=command or red["check"],
                red=code,
                green=green.code if green else None,
                seconds=red["seconds"] + (green.seconds if green else 0.0),
                note=note,
            )
        )
    return said


def merged(proofs: Sequence[Proof], *, diff: str, commit: str, cost_usd: float, note: str = "") -> Proof:
    """One proof of several commands."""
    ran = [proof for proof in proofs if proof.green is not None]
    notes = [note, *(f"{p.command}: {p.note}" for p in proofs if p.note)]
    return Proof(
        command=" && ".join(p.command for p in ran) or "no command could be run here",
        red=next((p.red for p in ran if p.red), ran[0].red if ran else None),
        green=next((p.green for p in ran if p.green), ran[0].green if ran else None),
        seconds=sum(p.seconds for p in proofs),
        diff_hash=changes.diff_hash(diff),
        commit=commit,
        cost_usd=cost_usd,
        note="; ".join(filter(None, notes)),
    )


def in_words(proof: Proof) -> str:
    """For the commit's trailer."""
    command = one_line(proof.command)
    if proof.green is None:
        return f"{command}: not run here ({one_line(proof.note) or 'no command known'})"
    return f"{command}: exit {proof.red} before, exit {proof.green} after"


async def found_in(diff: str, *, ci_edits: bool) -> list[str]:
    """What in a change weakens the checks, one line each. In a thread: a change may be of any size."""
    return [_line(found) for found in await asyncio.to_thread(find_cheating, diff, ci_edits=ci_edits)]


async def weakened(
    git: Git, worktree: Path, base_branch: str, since: str, diff: str, *, ci_edits: bool = False
) -> list[str]:
    """What in the change `diff` since the commit `since` weakens the checks, one line each.

    When the base branch was merged, its own changes are none of the fixer's: then the pull request as a whole is
    compared with what it was, and only what is new in it counts.
    """
    base = f"refs/remotes/origin/{base_branch}"
    old, new = [await _fork_point(git, worktree, base, commit) for commit in (since, "HEAD")]
    merging = await repository.commit_of(git, worktree, "MERGE_HEAD")
    if merging and new:
        new = await _fork_point(git, worktree, base, merging)
    if old is None or new is None or old == new:
        return await found_in(diff, ci_edits=ci_edits)
    before = await changes.diff_between(git, worktree, old, since)
    known = {(found.path, found.what) for found in await asyncio.to_thread(find_cheating, before, ci_edits=ci_edits)}
    now = await asyncio.to_thread(find_cheating, await changes.diff(git, worktree, new), ci_edits=ci_edits)
    return [_line(found) for found in now if (found.path, found.what) not in known]


async def _fork_point(git: Git, worktree: Path, base: str, commit: str) -> str | None:
    code, out = await git.answer(worktree, "merge-base", "--end-of-options", base, commit, ok=(0, 1, 128))
    return out.decode().strip() if code == 0 else None


def _line(found: Finding) -> str:
    return f"{found.path}{f':{found.line}' if found.line else ''}: {found.what}"
