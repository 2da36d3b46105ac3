"""Pull requests by command: opened from a workspace, attached and detached by hand."""

import asyncio
from typing import Any

import pytest

from factory_ls.demo.scene import Scene
from factory_ls.github import pull_requests
from factory_ls.model.errors import FactoryError
from tests.e2e.ratchet_stage import Model, staged


async def test_pushed_and_opened_as_a_draft_that_closes_its_issue(
    stand_ins: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.model.script = Model("")
    async with staged(stand_ins, monkeypatch) as stage:
        issue = stage.scene.repository.open_issue("Say more", "in notes.txt", "ann")
        source = {"kind": "GITHUB_ISSUE", "issue": issue.number}
        made = await stage.command("workspace.create", repoPath=str(stage.scene.checkout), source=source)
        workspace = made["id"]
        await stage.until(lambda: stage.factory.workspace(workspace).status == "READY", "READY")
        worktree = stage.worktree(workspace)
        (worktree / "notes.txt").write_text("more\n")
        await stage.git("commit", "--quiet", "--all", "--message", "more", cwd=worktree)
        opened = await stage.command("pr.create", workspace=workspace, draft=True, body="As asked.")
        (pull,) = stage.scene.repository.pulls
        assert (opened["number"], opened["isDraft"], pull.draft) == (pull.number, True, True)
        assert pull.body == f"As asked.\n\nCloses #{issue.number}"
        assert await stage.show(pull.head_sha, "notes.txt") == "more\n"
        with pytest.raises(FactoryError, match="has one already"):
            await stage.command("pr.create", workspace=workspace)


async def test_attached_and_detached_by_hand(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins.model.script = Model("")
    async with staged(stand_ins, monkeypatch, RATCHET_INTERVAL_SECONDS="3600") as stage:
        first, other = await stage.pull("topic"), await stage.pull("other")
        workspace = await stage.workspace("topic")
        shown = await stage.command("pr.get", workspace=workspace)
        assert shown["number"] == first.number
        attached = await stage.command("pr.attach", workspace=workspace, number=other.number)
        assert attached["number"] == other.number
        with pytest.raises(FactoryError, match="number of 99"):
            await stage.command("pr.attach", workspace=workspace, number=99)
        await stage.command("pr.detach", workspace=workspace)
        await stage.reason(workspace, "There is no pull request yet")
        with pytest.raises(FactoryError, match="has no pull request"):
            await stage.command("pr.get", workspace=workspace)
        # It is not found again by its branch, today or after a restart, until it is attached.
        await stage.command("pr.attach", workspace=workspace, number=first.number)
        await stage.command("pr.detach", workspace=workspace)
        await stage.command("ratchet.check", workspace=workspace)
        assert stage.factory.workspace(workspace).pr is None
        await stage.factory.close()
        await stage.open()
        await stage.command("ratchet.check", workspace=workspace)
        assert stage.factory.workspace(workspace).pr is None
        await stage.command("pr.attach", workspace=workspace, number=first.number)
        await stage.command("ratchet.check", workspace=workspace)
        assert (await stage.command("pr.get", workspace=workspace))["number"] == first.number


@pytest.mark.parametrize("command", ["attach", "detach"])
async def test_an_answer_that_comes_too_late(stand_ins: Scene, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """GitHub is asked about the pull request; before it answers, the user takes another one, or none."""
    stand_ins.model.script = Model("")
    observe, asked, go_on = pull_requests.observe, asyncio.Event(), asyncio.Event()

    async def slow(*arguments: Any) -> pull_requests.Observed:
        answers = await observe(*arguments)
        if not asked.is_set():  # attaching asks too
            asked.set()
            await go_on.wait()
        return answers

    async with staged(stand_ins, monkeypatch, RATCHET_INTERVAL_SECONDS="3600") as stage:
        first, other = await stage.pull("topic"), await stage.pull("other")
        workspace = await stage.workspace("topic", ratchet=False)
        monkeypatch.setattr(pull_requests, "observe", slow)
        first.title = "told anew"
        checking = asyncio.create_task(stage.command("ratchet.check", workspace=workspace))
        await asked.wait()
        number = {"number": other.number} if command == "attach" else {}
        await stage.command(f"pr.{command}", workspace=workspace, **number)
        go_on.set()
        await checking
        shown = stage.factory.workspace(workspace).pr
        assert (shown.number if shown else None) == (other.number if command == "attach" else None)
