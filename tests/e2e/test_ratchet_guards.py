"""What keeps the ratchet from harm: cheating, unproved fixes, people at work, opt-outs, the base branch."""

from pathlib import Path
from typing import Any

import pytest

from factory_ls.demo.github_state import Comment
from factory_ls.demo.scene import Scene
from factory_ls.factory import proofs
from factory_ls.factory.caller import Caller
from factory_ls.git.runner import Git
from factory_ls.model.errors import FactoryError
from tests.e2e.ratchet_stage import FIX, MAIN, Model, staged

HIDDEN = {
    **MAIN,
    # JSON that says `bash check.sh` without the words being there.
    ".github/workflows/ci.yml": MAIN[".github/workflows/ci.yml"].replace("bash check.sh", "ba\\u0073h check.sh"),
}


async def test_cheating_is_handed_back_once_and_then_shown_to_the_user(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workflow is made harmless: the command passes, and the change must not be pushed."""
    cheat = "sed -i 's/bash check.sh/true/' .github/workflows/ci.yml; " + FIX
    stand_ins.model.script = model = Model(cheat, "true")
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull()
        red = pull.head_sha
        workspace = await stage.workspace()
        seen = await stage.reason(workspace, "was not pushed.*edits what CI checks")
        assert seen.stalled
        assert seen.asks
        assert pull.head_sha == red
        assert len(model.prompts) == 2
        assert "edits what CI checks" in model.prompts[1]

        shown = await stage.command("fix.show", workspace=workspace)
        assert '"run": "true"' in shown["diff"]
        discarded = await stage.command("fix.discard", workspace=workspace)
        assert await stage.git("show", f"{discarded['kept']}:value.txt", cwd=stage.worktree(workspace)) == "good\n"
        assert (stage.worktree(workspace) / "value.txt").read_text() == "bad topic\n"
        assert len(stage.fixers(workspace)) == 1, "the same work is no news"


async def test_a_script_that_pushes_does_not(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the words of a command do not tell: git itself has nowhere to push to in a fixer's environment."""
    script, code = stand_ins.folder / "publish.sh", stand_ins.folder / "code"
    script.write_text("git fetch -q origin && git push -q origin HEAD\n")
    stand_ins.model.script = Model(f"{FIX}; git commit -qam early; sh {script}; echo $? > {code}")
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull()
        red = pull.head_sha
        workspace = await stage.workspace()
        await stage.ready(workspace)
        assert int(code.read_text()) == 128
        pushed = await stage.git("log", "--format=%B", f"{red}..{pull.head_sha}", cwd=stage.scene.repository.path)
        assert pushed.count("Factory-Proof: bash check.sh: exit 1 before, exit 0 after") == 1


async def test_what_changes_while_it_is_looked_at_is_not_pushed(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that the fixer left behind writes between the look at the diff and the commit."""
    stand_ins.model.script = model = Model(FIX, "git status")
    look = proofs.weakened

    async def and_then_write(git: Git, worktree: Path, *rest: Any, **more: Any) -> list[str]:
        found = await look(git, worktree, *rest, **more)
        (worktree / "unseen.txt").write_text(f"{len(model.prompts)}\n")
        return found

    monkeypatch.setattr(proofs, "weakened", and_then_write)
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull()
        red = pull.head_sha
        workspace = await stage.workspace()
        seen = await stage.reason(workspace, "was not pushed: Files changed while the change was looked at")
        assert (pull.head_sha, len(model.prompts), bool(seen.asks)) == (red, 2, True)
        assert "End what still runs in the background" in model.prompts[1]


async def test_a_fix_that_nothing_proves_is_the_users_to_push(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log's command is not in the repository's own CI configuration (it is assembled), so it is not run here."""
    stand_ins.model.script = Model()
    files = HIDDEN
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull(files={**files, "value.txt": "bad\n"})
        red = pull.head_sha
        workspace = await stage.workspace()
        await stage.reason(workspace, "not in the repository's CI configuration")
        assert pull.head_sha == red
        session = Caller(kind="session", session_id="s", workspace_id=workspace)
        with pytest.raises(FactoryError, match="may not push"):
            await stage.command("fix.push", session, workspace=workspace)
        await stage.command("fix.push", workspace=workspace)
        await stage.github.idle()
        await stage.ready(workspace)
        assert pull.head_sha != red
        assert "not run here" in await stage.message(pull.head_sha)


async def test_by_setting_an_unproved_fix_is_pushed_and_says_so(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.model.script = Model()
    files = HIDDEN
    async with staged(stand_ins, monkeypatch, RATCHET_PUSH_UNPROVED="true") as stage:
        pull = await stage.pull(files={**files, "value.txt": "bad\n"})
        workspace = await stage.workspace()
        seen = await stage.ready(workspace)
        assert seen.proof
        assert (seen.proof.green, "not in the repository's" in seen.proof.note) == (None, True)
        assert "not run here" in await stage.message(pull.head_sha)


async def test_a_fixer_that_changes_nothing_is_not_sent_again(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.model.script = Model("")
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.pull()
        workspace = await stage.workspace()
        seen = await stage.reason(workspace, "Stalled: The fixer ended without changing anything")
        assert seen.stalled
        assert len(stage.fixers(workspace)) == 1


async def test_autofix_off_in_a_trusted_comment_or_a_label_leaves_it_alone(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.model.script = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull()
        pull.comments.append(Comment("autofix off", "ann", "MEMBER"))
        workspace = await stage.workspace()
        await stage.reason(workspace, "Left alone: ann wrote “autofix off”")
        pull.comments.append(Comment("autofix on", "mallory", "NONE"))
        pull.labels.append("autofix off")
        await stage.command("ratchet.check", workspace=workspace)
        await stage.reason(workspace, "Left alone: the label")
        pull.labels.clear()
        await stage.command("ratchet.check", workspace=workspace)
        await stage.reason(workspace, "ann wrote")
        assert not stage.fixers(workspace)
        pull.comments.append(Comment("autofix on", "ann", "MEMBER"))
        await stage.ready(workspace)


async def test_what_fails_on_the_base_branch_too_is_waited_for(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.model.script = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.push("main", {"value.txt": "bad\n"})
        pull = await stage.pull(files={"notes.txt": "other\n"})
        workspace = await stage.workspace()
        await stage.reason(workspace, "Also failing on main: test")
        assert not stage.fixers(workspace)
        await stage.push("main", {"value.txt": "good\n"})
        pull.behind = False
        await stage.until(lambda: stage.fixers(workspace), "a fixer, once main is green")


async def test_paused_and_by_the_repository(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.command("ratchet.pause")
        own = '{"ratchet": {"maxAttempts": 2, "budgetUsd": 1}}'
        await stage.pull(files={"value.txt": "bad\n", "factory-factory.json": own})
        workspace = await stage.workspace()
        await stage.reason(workspace, "All ratchets are paused")
        explained = await stage.command("ratchet.explain", workspace=workspace)
        assert (explained["maxAttempts"], explained["budgetUsd"]) == (2, 1.0)
        assert explained["limits"]["pullRequest"] == {"usd": 1.0, "seconds": 7200.0}
        await stage.command("ratchet.resume")
        await stage.ready(workspace)


async def test_the_user_takes_over_by_a_message(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = stand_ins.folder / "gate"
    stand_ins.model.script = Model(f"{FIX}; while [ ! -e {gate} ]; do sleep 0.05; done")
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull()
        red = pull.head_sha
        workspace = await stage.workspace()
        await stage.until(lambda: (stage.worktree(workspace) / "value.txt").read_text() == "good\n", "the fixer's edit")
        (fixer,) = stage.fixers(workspace)
        await stage.command("session.send", session=fixer.id, prompt="wait, let me see")
        gate.touch()
        await stage.reason(workspace, "You took over")
        await stage.until(lambda: stage.fixers(workspace)[0].turns >= 1, "the end of its turn")
        assert pull.head_sha == red, "what is in the worktree is the user's now"
        assert not stage.fixers(workspace)[0].status.ended


async def test_the_user_takes_over_by_editing(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model(f"{FIX}; exec sleep 60")
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.pull()
        workspace = await stage.workspace()
        value = stage.worktree(workspace) / "value.txt"
        await stage.until(lambda: value.read_text() == "good\n", "the fixer's edit")
        await stage.factory.user_saved(str(value))
        await stage.reason(workspace, "You took over")
        assert [fixer.status for fixer in stage.fixers(workspace)] == ["STOPPED"]
        assert value.read_text() == "good\n"


async def test_turned_off_in_the_middle_leaves_no_fixer(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while the failing command runs for the first time: nobody waits for its end."""
    slow = {"check.sh": MAIN["check.sh"].replace("echo", '[ -z "$CI" ] && exec sleep 60; echo', 1)}
    stand_ins.model.script = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.pull(files={**slow, "value.txt": "bad\n"})
        workspace = await stage.workspace()
        await stage.reason(workspace, "Running `bash check.sh` before the fix")
        off = await stage.command("ratchet.disable", workspace=workspace)
        assert off["reason"].startswith("The ratchet is off")
        assert all(fixer.status.ended for fixer in stage.fixers(workspace))


async def test_uncommitted_changes_hold_a_dispatch_back(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.pull()
        workspace = await stage.workspace(ratchet=False)
        (stage.worktree(workspace) / "mine.txt").write_text("mine")
        await stage.command("ratchet.enable", workspace=workspace)
        await stage.reason(workspace, "changes here that are not committed")
        explained = await stage.command("ratchet.explain", workspace=workspace)
        assert explained["trace"][-1]["rule"] == "worktree"
        (stage.worktree(workspace) / "mine.txt").unlink()
        await stage.command("ratchet.check", workspace=workspace)
        await stage.ready(workspace)
