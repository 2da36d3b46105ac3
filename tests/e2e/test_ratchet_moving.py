"""Heads that move: somebody pushes or rewrites the branch while a fixer works, the base moves, GitHub is behind git."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from factory_ls.demo.github_state import Pull
from factory_ls.demo.scene import Scene
from factory_ls.factory.overtaken import NOT_PUSHED
from tests.e2e.ratchet_stage import FIX, MAIN, Model, Stage, staged


@contextlib.asynccontextmanager
async def working(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, interval: str = "0.5", **settings: str
) -> AsyncIterator[tuple[Stage, Pull, str]]:
    """A fixer that has made its edit, and ends its turn when the file `gate` is there."""
    hold = f"while [ ! -e {scene.folder / 'gate'} ]; do sleep 0.05; done"
    scene.model.script = Model(f"{FIX}; {hold}", FIX)
    async with staged(scene, monkeypatch, RATCHET_INTERVAL_SECONDS=interval, **settings) as stage:
        pull = await stage.pull()
        workspace = await stage.workspace()
        value = stage.worktree(workspace) / "value.txt"
        await stage.until(lambda: value.read_text() == "good\n", "the fixer's edit")
        yield stage, pull, workspace


async def kept(stage: Stage, workspace: str) -> str:
    refs = await stage.git("for-each-ref", "refs/factory/overtaken", cwd=stage.worktree(workspace))
    return refs.strip()


@pytest.mark.parametrize("interval", ["0.5", "3600"])
async def test_a_fix_goes_on_top_of_what_somebody_pushed_meanwhile(
    interval: str, stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether their push was seen before the fixer's own, or only git's refusal told of it."""
    async with working(stand_ins, monkeypatch, interval) as (stage, pull, workspace):
        theirs = await stage.push("topic", {"notes.txt": "theirs\n"})
        if interval == "0.5":
            await stage.reason(workspace, "Somebody pushed while the fixer works; its fix goes on top")
        (stand_ins.folder / "gate").touch()
        await stage.until(lambda: pull.head_sha not in ("", theirs) and stage.ratchet(workspace).proof, "the push")
        await stage.github.idle()
        assert await stage.is_ancestor(theirs, pull.head_sha)
        assert await stage.show(pull.head_sha, "notes.txt") == "theirs\n"
        assert await stage.show(pull.head_sha, "value.txt") == "good\n"
        proof = stage.ratchet(workspace).proof
        assert proof
        assert (proof.red, proof.green, "on top of what was pushed meanwhile" in proof.note) == (1, 0, True)
        assert len(stage.fixers(workspace)) == 1
        await stage.command("ratchet.check", workspace=workspace)
        await stage.ready(workspace)


async def test_a_fix_that_does_not_go_on_top_is_kept_and_their_head_looked_at(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(stand_ins, monkeypatch, "3600") as (stage, pull, workspace):
        theirs = await stage.push("topic", {"value.txt": "worse\n"})
        (stand_ins.folder / "gate").touch()
        await stage.until(lambda: stage.fixers(workspace)[0].status.ended, "the end of the fixer")
        assert pull.head_sha == theirs
        (told,) = await stage.factory.session_runs.notes(stage.fixers(workspace)[0].id, NOT_PUSHED)
        assert "does not go on top of what they pushed" in told["why"]
        fix = (await kept(stage, workspace)).split()[0]
        assert await stage.git("show", f"{fix}:value.txt", cwd=stage.worktree(workspace)) == "good\n"
        await stage.command("ratchet.check", workspace=workspace)
        await stage.until(lambda: pull.head_sha != theirs, "a fix of their head")
        await stage.github.idle()
        assert await stage.is_ancestor(theirs, pull.head_sha)
        assert stage.ratchet(workspace).attempts == 1, "a person's push counts anew"


async def test_what_they_pushed_may_repair_it(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async with working(stand_ins, monkeypatch) as (stage, pull, workspace):
        theirs = await stage.push("topic", {"value.txt": "good\n"})
        await stage.ready(workspace)
        await stage.command("ratchet.disable", workspace=workspace)  # returns when what was begun is done
        assert pull.head_sha == theirs
        assert all(fixer.status.ended for fixer in stage.fixers(workspace))
        assert await kept(stage, workspace)
        assert (await stage.git("status", "--porcelain", cwd=stage.worktree(workspace))) == ""


async def test_by_setting_a_fix_of_a_head_that_moved_is_given_up(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(stand_ins, monkeypatch, RATCHET_REBASE="false") as (stage, pull, workspace):
        theirs = await stage.push("topic", {"notes.txt": "theirs\n"})
        await stage.until(lambda: stage.fixers(workspace)[0].status.ended, "the end of the fixer")
        assert pull.head_sha == theirs
        (stand_ins.folder / "gate").touch()
        await stage.ready(workspace)
        assert len(stage.fixers(workspace)) == 2


async def test_a_branch_that_was_rewritten_is_never_forced_back(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(stand_ins, monkeypatch, "3600") as (stage, pull, workspace):
        old = pull.head_sha
        theirs = await stage.rewrite("topic")
        (stand_ins.folder / "gate").touch()
        await stage.until(lambda: stage.ratchet(workspace).proof and pull.head_sha != theirs, "the push")
        await stage.github.idle()
        assert await stage.is_ancestor(theirs, pull.head_sha)
        assert not await stage.is_ancestor(old, pull.head_sha)
        assert await stage.show(pull.head_sha, "value.txt") == "good\n"


async def test_a_push_that_github_does_not_show_yet_is_waited_for(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turned on right after a push: one fixer for the new head, none for the one that has gone."""
    stand_ins.model.script = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull()
        old = pull.head_sha
        workspace = await stage.workspace(ratchet=False)
        stage.github.blind = True
        theirs = await stage.push("topic", {"value.txt": "still bad\n"})
        await stage.command("ratchet.enable", workspace=workspace)
        await stage.reason(workspace, f"{theirs[:8]} was pushed; waiting for GitHub to show it")
        assert (pull.head_sha, stage.fixers(workspace)) == (old, [])
        stage.github.blind = False
        await stage.ready(workspace)
        assert len(stage.fixers(workspace)) == 1
        assert await stage.is_ancestor(theirs, pull.head_sha)


async def test_a_base_that_moved_is_merged_without_a_fixer(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the repository's own check run before and after, and each time that the base moves."""
    stand_ins.model.script = model = Model()
    files = {
        "value.txt": "good\n",
        "notes.txt": "mine\n",
        "factory-factory.json": '{"checks": {"own": "bash check.sh"}}',
    }
    async with staged(stand_ins, monkeypatch) as stage:
        stage.scene.repository.strict = True
        pull = await stage.pull(files=files)
        workspace = await stage.workspace()
        await stage.ready(workspace)
        for moved in (1, 2):
            mine = pull.head_sha
            base = await stage.push("main", {"other.txt": f"{moved}\n"})
            assert pull.behind
            await stage.until(lambda: pull.head_sha != mine, "the merge")  # noqa: B023
            await stage.github.idle()
            parents = await stage.git("log", "-1", "--format=%P", pull.head_sha, cwd=stage.scene.repository.path)
            assert parents.split() == [mine, base]
            message = await stage.message(pull.head_sha)
            assert message.startswith("Merge main into topic\n")
            assert "Factory-Proof: bash check.sh: exit 0 before, exit 0 after" in message
            seen = await stage.ready(workspace)
            assert (seen.attempts, model.prompts, stage.fixers(workspace)) == (moved, [], [])
            assert seen.proof
            assert seen.proof.commit == pull.head_sha


async def test_a_merge_of_the_base_that_breaks_a_check_takes_a_fixer(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git sees no conflict; the repository's check does."""
    check = (
        "[ -e a.txt ] && [ -e b.txt ] && [ ! -e both.txt ] && echo 'a.txt:1:1: error: not with b' && exit 1\nexit 0\n"
    )
    stand_ins.model.script = model = Model("git merge -q origin/main; echo both > both.txt")
    begin = {**MAIN, "check.sh": check, "factory-factory.json": '{"checks": {"test": "bash check.sh"}}'}
    async with staged(stand_ins, monkeypatch) as stage:
        await stage.push("main", begin)
        stage.scene.repository.strict = True
        pull = await stage.pull(files={"a.txt": "a\n"})
        base = await stage.push("main", {"b.txt": "b\n"})
        workspace = await stage.workspace()
        seen = await stage.ready(workspace)
        assert len(model.prompts) == 1
        assert stage.fixers(workspace)[0].workflow == "ratchet/resolve-conflict"
        assert await stage.is_ancestor(base, pull.head_sha)
        assert await stage.show(pull.head_sha, "both.txt") == "both\n"
        assert seen.attempts == 1
