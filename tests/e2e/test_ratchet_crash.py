"""The hub killed at each step of a dispatch: the next one ends in the same place, with one fix and never two fixers."""

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec
import pytest

from factory_ls.demo.scene import Scene
from factory_ls.factory.app import Factory
from factory_ls.factory.journal import Journal
from factory_ls.git import commits, joining
from factory_ls.model.events import FactoryEvent, RatchetChanged, SessionChanged
from tests.e2e.ratchet_stage import FIX, Model, Stage, staged
from tests.e2e.test_ratchet_moving import working


def memory(event: FactoryEvent) -> dict[str, Any]:
    return dict(msgspec.json.decode(event.memory)) if isinstance(event, RatchetChanged) else {}


STEPS: dict[str, Callable[[FactoryEvent], bool]] = {
    "the dispatch is stored": lambda e: bool(memory(e).get("dispatch")),
    "the process runs": lambda e: isinstance(e, SessionChanged) and e.session.pid is not None,
    "the fixer works": lambda e: isinstance(e, SessionChanged) and e.session.status == "RUNNING",
    "its turn has ended": lambda e: isinstance(e, SessionChanged) and e.session.turns > 0,
    "the proof is stored": lambda e: bool(memory(e).get("proof")),
}
"""Each: which event is the last that gets into the database."""


class Kill:
    """Nothing of the application gets any further once an event was stored that `last` is true for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, last: Callable[[FactoryEvent], bool]) -> None:
        self.dead = asyncio.Event()
        self.on = True
        write, never = Journal._write, asyncio.Event()

        async def mortal(journal: Journal, events: tuple[FactoryEvent, ...]) -> None:
            if self.on and self.dead.is_set():
                await never.wait()
            await write(journal, events)
            if self.on and any(map(last, events)):
                self.dead.set()
                await never.wait()

        monkeypatch.setattr(Journal, "_write", mortal)


async def abandon(factory: Factory) -> None:
    """What a SIGKILL does: every task is gone, nothing more is stored, children live on."""
    stay = {asyncio.current_task()}
    mine = [t for t in asyncio.all_tasks() - stay if "factory_ls/factory" in str(t.get_coro().cr_code.co_filename)]  # type: ignore[union-attr]
    for task in mine:
        task.cancel()
    await asyncio.wait(mine, timeout=5)
    await factory.session_runs.detach_all()
    await factory._store.close()


@pytest.mark.parametrize("step", STEPS)
async def test_killed_when(step: str, stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model(FIX)
    async with staged(stand_ins, monkeypatch) as stage:
        pull = await stage.pull()
        red = pull.head_sha
        workspace = await stage.workspace(ratchet=False)
        kill = Kill(monkeypatch, STEPS[step])
        enabling = asyncio.create_task(stage.command("ratchet.enable", workspace=workspace))
        async with asyncio.timeout(30):
            await kill.dead.wait()
        enabling.cancel()
        await abandon(stage.factory)
        kill.on = False
        assert pull.head_sha == red

        await stage.open()
        alive = max_alive(stage, workspace)
        await stage.ready(workspace)
        assert alive.most <= 1
        seen = stage.ratchet(workspace)
        assert seen.attempts <= 2
        assert stage.jobs(pull.head_sha)["test"].conclusion == "SUCCESS"
        count = await stage.git("rev-list", "--count", f"{red}..{pull.head_sha}", cwd=stage.scene.repository.path)
        assert count.strip() == "1", "one fix, pushed once"


MERGING: dict[str, Callable[[FactoryEvent], bool]] = {
    "the merge is begun": lambda e: bool(memory(e).get("merge")),
    "the merge is stored": lambda e: bool(memory(e).get("ours")),
    "the merge is pushed": lambda e: bool(memory(e).get("push")),
}


@pytest.mark.parametrize("step", MERGING)
async def test_killed_in_a_merge_of_the_base_when(step: str, stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = model = Model()
    async with staged(stand_ins, monkeypatch) as stage:
        stage.scene.repository.strict = True
        pull = await stage.pull(files={"notes.txt": "mine\n"})
        mine = pull.head_sha
        base = await stage.push("main", {"other.txt": "other\n"})
        workspace = await stage.workspace(ratchet=False)
        kill = Kill(monkeypatch, MERGING[step])
        enabling = asyncio.create_task(stage.command("ratchet.enable", workspace=workspace))
        async with asyncio.timeout(30):
            await kill.dead.wait()
        enabling.cancel()
        await abandon(stage.factory)
        kill.on = False
        if step == "the merge is begun":  # as git leaves it when it is killed with the hub
            await stage.git("merge", "--quiet", "--no-commit", "origin/main", cwd=stage.worktree(workspace))

        await stage.open()
        seen = await stage.ready(workspace)
        await stage.github.idle()
        parents = await stage.git("log", "-1", "--format=%P", pull.head_sha, cwd=stage.scene.repository.path)
        assert parents.split() == [mine, base]
        assert (seen.attempts, model.prompts) == (1, [])


OVERTAKEN: dict[str, Callable[[FactoryEvent], bool]] = {
    "it is about to be stopped": lambda e: bool(memory(e).get("overtaken")),
    "it is stopped": lambda e: isinstance(e, SessionChanged) and e.session.status == "STOPPED",
    "its change is put aside": lambda e: "was not pushed" in (memory(e).get("dispatch") or {}).get("said", ""),
}


@pytest.mark.parametrize("step", OVERTAKEN)
async def test_killed_while_a_fixer_that_was_overtaken_is_given_up_when(
    step: str, stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the fixer's change nor what the user made meanwhile is lost, and it goes on with their head."""
    async with working(stand_ins, monkeypatch, RATCHET_REBASE="false") as (stage, pull, workspace):
        kill = Kill(monkeypatch, OVERTAKEN[step])
        theirs = await stage.push("topic", {"notes.txt": "theirs\n"})
        async with asyncio.timeout(30):
            await kill.dead.wait()
        await abandon(stage.factory)
        kill.on = False
        worktree = stage.worktree(workspace)
        if put_aside := step == "its change is put aside":
            (worktree / "mine.txt").write_text("mine\n")
        (stand_ins.folder / "gate").touch()

        await stage.open()
        await stage.ready(workspace)
        assert await stage.is_ancestor(theirs, pull.head_sha)
        assert len(stage.fixers(workspace)) == 2

        async def kept(under: str) -> list[str]:
            refs = await stage.git("for-each-ref", "--format=%(objectname)", f"refs/factory/{under}", cwd=worktree)
            return refs.split()

        (fix,) = await kept("overtaken")
        assert await stage.git("show", f"{fix}:value.txt", cwd=worktree) == "good\n"
        others = await kept("interrupted")
        assert len(others) == put_aside
        for other in others:
            assert await stage.git("show", f"{other}:mine.txt", cwd=worktree) == "mine\n"


@pytest.mark.parametrize("after", [(commits, "reset_to"), (joining, "replay")], ids=["reset", "replayed"])
async def test_killed_while_a_fix_goes_on_top_of_what_somebody_pushed(
    after: tuple[ModuleType, str], stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(stand_ins, monkeypatch, "3600") as (stage, pull, workspace):
        theirs = await stage.push("topic", {"notes.txt": "theirs\n"})
        module, name = after
        does, dead, never = getattr(module, name), asyncio.Event(), asyncio.Event()

        async def and_then_die(*arguments: Any) -> Any:
            await does(*arguments)
            dead.set()
            await never.wait()

        with pytest.MonkeyPatch.context() as dying:
            dying.setattr(module, name, and_then_die)
            (stand_ins.folder / "gate").touch()
            async with asyncio.timeout(30):
                await dead.wait()
            await abandon(stage.factory)
        assert pull.head_sha == theirs

        await stage.open()
        await stage.until(lambda: pull.head_sha != theirs, "the push")
        await stage.github.idle()
        parents = await stage.git("log", "-1", "--format=%P", pull.head_sha, cwd=stage.scene.repository.path)
        assert parents.split() == [theirs], "the fix alone is on top of what they pushed"
        assert await stage.show(pull.head_sha, "value.txt") == "good\n"
        assert len(stage.fixers(workspace)) == 1
        await stage.command("ratchet.check", workspace=workspace)
        await stage.ready(workspace)


class max_alive:  # noqa: N801 - reads as a call
    """Counts live fixers at every change."""

    def __init__(self, stage: Stage, workspace: str) -> None:
        self.most = 0

        def look(_: object) -> None:
            self.most = max(self.most, sum(not s.status.ended for s in stage.fixers(workspace)))

        stage.factory.subscribe(look)
