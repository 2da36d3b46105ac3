"""No byte that git does not hold is lost when a workspace goes, and a restore brings it back."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.workspace import WorkspaceStatus
from tests.factory.stage import Stage


async def branch_holds(stage: Stage, branch: str, name: str) -> str:
    return await stage.git("show", f"{branch}:{name}")


async def test_uncommitted_and_untracked_go_to_the_branch_and_come_back(stage: Stage) -> None:
    made = await stage.create(name="one")
    worktree = Path(made.path)
    (worktree / "README.md").write_text("changed")
    (worktree / "ünträcked name").write_text("new")
    (worktree / "staged").write_text("staged")
    await stage.git("add", "staged", cwd=worktree)
    gone = await stage.do("workspace.archive", workspace="one")
    assert (gone.status, gone.warnings) == (WorkspaceStatus.ARCHIVED, ())
    assert not worktree.exists()
    assert await branch_holds(stage, made.branch, "ünträcked name") == "new"
    again = await stage.do("workspace.restore", workspace="one")
    assert (again.status, again.path, again.branch) == (WorkspaceStatus.READY, made.path, made.branch)
    assert (worktree / "README.md").read_text() == "changed"
    assert (worktree / "staged").read_text() == "staged"
    with pytest.raises(FactoryError, match="not archived but READY"):
        await stage.do("workspace.restore", workspace="one")


async def test_what_was_staged_and_changed_since_is_kept_too(stage: Stage) -> None:
    made = await stage.create(name="one")
    readme = Path(made.path) / "README.md"
    ref = f"refs/factory/staged/{made.id}"
    for number in (1, 2):
        readme.write_text(f"staged {number}")
        await stage.git("add", "README.md", cwd=Path(made.path))
        readme.write_text(f"changed {number}")
        await stage.do("workspace.archive", workspace="one")
        assert await branch_holds(stage, made.branch, "README.md") == f"changed {number}"
        assert await branch_holds(stage, ref, "README.md") == f"staged {number}"
        again = await stage.do("workspace.restore", workspace="one")
        assert any(ref in warning for warning in again.warnings)
    assert await branch_holds(stage, f"{ref}^2", "README.md") == "staged 1"


async def test_one_that_comes_back_to_a_taken_place_gets_another(stage: Stage) -> None:
    first = await stage.create(name="one")
    (Path(first.path) / "work").write_text("of the first")
    await stage.do("workspace.archive", workspace="one")
    second = await stage.create(name="one")
    (Path(second.path) / "work").write_text("of the second")
    again = await stage.do("workspace.restore", workspace=first.id)
    assert (again.name, again.branch) == ("one-2", first.branch)
    assert again.path != second.path
    assert (Path(again.path) / "work").read_text() == "of the first"
    await stage.do("workspace.archive", workspace=again.id)
    assert (Path(second.path) / "work").read_text() == "of the second"
    third = await stage.create(source={"kind": "RESUME_BRANCH", "branch": first.branch})
    with pytest.raises(FactoryError, match=f"is the branch of {third.name} now"):
        await stage.do("workspace.restore", workspace=first.id)
    assert stage.factory.workspace(third.id).status is WorkspaceStatus.READY


async def refusing_hook(stage: Stage, worktree: Path) -> None:
    hook = stage.repo / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)


async def stale_lock(stage: Stage, worktree: Path) -> None:
    (stage.repo / ".git" / "worktrees" / worktree.name / "index.lock").touch()


async def conflict(stage: Stage, worktree: Path) -> None:
    await stage.scene.commit({"README.md": "theirs\n"}, "theirs")
    (worktree / "README.md").write_text("ours\n")
    await stage.git("commit", "--quiet", "--all", "-m", "ours", cwd=worktree)
    with pytest.raises(OSError, match=r"(?s).*"):
        await stage.git("merge", "main", cwd=worktree)


async def detached(stage: Stage, worktree: Path) -> None:
    await stage.git("checkout", "--quiet", "--detach", cwd=worktree)
    (worktree / "on nothing").write_text("a commit no branch holds")
    await stage.git("add", ".", cwd=worktree)
    await stage.git("commit", "--quiet", "-m", "on nothing", cwd=worktree)


async def rebasing(stage: Stage, worktree: Path) -> None:
    await stage.scene.commit({"README.md": "theirs\n"}, "theirs")
    (worktree / "README.md").write_text("ours\n")
    await stage.git("commit", "--quiet", "--all", "-m", "ours", cwd=worktree)
    with pytest.raises(OSError, match=r"(?s).*"):
        await stage.git("rebase", "main", cwd=worktree)


async def broken_git(stage: Stage, worktree: Path) -> None:
    (worktree / ".git").write_text("nonsense")


async def pruned(stage: Stage, worktree: Path) -> None:
    shutil.rmtree(stage.repo / ".git" / "worktrees")


@pytest.mark.parametrize("trouble", [refusing_hook, stale_lock, conflict, rebasing, detached, broken_git, pruned])
async def test_trouble_keeps_it_beside_the_branch(stage: Stage, trouble: Callable[[Stage, Path], object]) -> None:
    made = await stage.create(name="one")
    worktree = Path(made.path)
    await trouble(stage, worktree)  # type: ignore[misc]
    (worktree / "precious").write_text("bytes")
    gone = await stage.do("workspace.archive", workspace="one")
    assert not worktree.exists()
    if trouble is broken_git:  # git mends this by itself
        assert await branch_holds(stage, made.branch, "precious") == "bytes"
    else:
        assert "kept at refs/factory/" in gone.warnings[-1]
        assert await stage.git("show", f"refs/factory/{made.id}:precious") == "bytes"
    if trouble is detached:
        assert "a commit no branch holds" in await stage.git("show", f"refs/factory/{made.id}:on nothing")
    (stage.repo / ".git" / "hooks" / "pre-commit").unlink(missing_ok=True)
    again = await stage.do("workspace.restore", workspace="one")
    if trouble in (detached, rebasing):
        assert "cherry-pick refs/factory/" in again.warnings[0]
        assert await stage.git("show", f"refs/factory/{made.id}:precious") == "bytes"
    else:
        assert (worktree / "precious").read_text() == "bytes"
        assert again.warnings == ()
    await stage.do("workspace.archive", workspace="one")


async def test_a_merge_that_is_resolved_and_commits_nobody_pushed_stay_on_the_branch(stage: Stage) -> None:
    made = await stage.create(name="one")
    worktree = Path(made.path)
    await stage.scene.commit({"theirs": "theirs\n"}, "theirs")
    (worktree / "ours").write_text("ours\n")
    await stage.git("add", ".", cwd=worktree)
    await stage.git("commit", "--quiet", "-m", "never pushed", cwd=worktree)
    await stage.git("merge", "--quiet", "--no-ff", "--no-commit", "main", cwd=worktree)
    (worktree / "half").write_text("staged\n")
    await stage.git("add", ".", cwd=worktree)
    (worktree / "half").write_text("and then changed\n")
    gone = await stage.do("workspace.archive", workspace="one")
    assert (gone.warnings, worktree.exists()) == ((), False)
    assert await branch_holds(stage, made.branch, "half") == "and then changed\n"
    parents = (await stage.git("rev-list", "--parents", "-1", made.branch)).split()[1:]
    assert len(parents) == 2, "the merge is finished"
    assert "never pushed" in await stage.git("log", "--format=%s", made.branch)
    await stage.do("workspace.restore", workspace="one")
    assert (worktree / "theirs").exists()
    assert (worktree / "ours").exists()


async def test_work_in_a_repository_inside_is_refused_and_the_workspace_stays(stage: Stage) -> None:
    made = await stage.create(name="one")
    inner = Path(made.path) / "inner"
    await stage.git("init", "--quiet", str(inner))
    (inner / "only here").write_text("bytes")
    await stage.git("add", ".", cwd=inner)
    await stage.git("commit", "--quiet", "-m", "only here", cwd=inner)
    with pytest.raises(FactoryError, match="inner: 1 unpushed commit") as refused:
        await stage.do("workspace.archive", workspace="one", force=True)
    assert refused.value.kind is ErrorKind.CONFLICT
    workspace = stage.factory.workspace("one")
    assert workspace.status is WorkspaceStatus.READY
    assert "was not archived" in workspace.warnings[-1]
    assert (inner / "only here").read_text() == "bytes"


async def test_a_missing_folder_and_two_at_once(stage: Stage) -> None:
    made = await stage.create(name="one")
    shutil.rmtree(made.path)
    outcomes = await asyncio.gather(
        *(stage.do("workspace.archive", workspace="one") for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(outcome, FactoryError) for outcome in outcomes) == 2
    assert stage.factory.workspaces() == []
    again = await stage.do("workspace.restore", workspace="one")
    assert (Path(again.path) / "README.md").exists()


async def test_in_use_is_refused_unless_forced(stage: Stage) -> None:
    made = await stage.create(name="one", prompt="BASH touch begun; sleep 60")
    await stage.until(lambda: stage.factory.sessions()[0].status == "RUNNING")
    with pytest.raises(FactoryError, match="Claude works in it"):
        await stage.do("workspace.archive", workspace="one")
    assert stage.factory.workspace("one").status is WorkspaceStatus.READY
    await stage.do("session.stop", session=stage.factory.sessions()[0].id)
    path = str(Path(made.path) / "README.md")
    stage.factory.problems.set_live(1, path, ())
    with pytest.raises(FactoryError, match=r"editor has files of one open: README.md") as refused:
        await stage.do("workspace.archive", workspace="one")
    assert refused.value.kind is ErrorKind.BUSY
    gone = await stage.do("workspace.archive", workspace="one", force=True)
    assert gone.status is WorkspaceStatus.ARCHIVED


async def test_forcing_stops_what_runs(stage: Stage) -> None:
    await stage.create(name="one", prompt="BASH touch begun; sleep 60")
    await stage.until(lambda: stage.factory.sessions()[0].status == "RUNNING")
    gone = await stage.do("workspace.archive", workspace="one", force=True)
    assert gone.status is WorkspaceStatus.ARCHIVED
    assert [session.status for session in stage.factory.sessions()] == ["STOPPED"]


async def test_changed_copies_of_carried_files_are_kept(stage: Stage) -> None:
    await stage.scene.commit({"factory-factory.json": json.dumps({"carry": [".env"]})}, "carry")
    await stage.git("push", "--quiet")
    (stage.repo / ".env").write_text("A=1\n")
    made = await stage.create(name="one")
    (Path(made.path) / ".env").write_text("A=2\n")
    gone = await stage.do("workspace.archive", workspace="one")
    assert ".env" in gone.warnings[-1]
    kept = stage.folder / "factory" / "kept" / made.id / ".env"
    assert kept.read_text() == "A=2\n"
    await stage.do("workspace.restore", workspace="one")
    assert (Path(made.path) / ".env").read_text() == "A=2\n"
    assert not kept.exists()


async def test_a_link_in_the_place_of_the_folder_is_not_followed(stage: Stage, tmp_path: Path) -> None:
    made = await stage.create(name="one")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("not yours")
    shutil.rmtree(made.path)
    Path(made.path).symlink_to(tmp_path / "mine")
    with pytest.raises(FactoryError):
        await stage.do("workspace.archive", workspace="one")
    assert (tmp_path / "mine" / "file").read_text() == "not yours"


async def test_archiving_that_a_dead_hub_left_is_finished(stage: Stage) -> None:
    made = await stage.create(name="one")
    (Path(made.path) / "precious").write_text("bytes")
    lifecycle = stage.factory._workspaces._lifecycle
    await lifecycle.swap(made.id, {WorkspaceStatus.READY}, WorkspaceStatus.ARCHIVING)
    await stage.reopen()
    await stage.until(lambda: not stage.factory.workspaces())
    assert await branch_holds(stage, made.branch, "precious") == "bytes"


async def test_disk_usage_falls(stage: Stage) -> None:
    made = await stage.create(name="one")
    (Path(made.path) / "big").write_bytes(b"x" * 3_000_000)
    (listed,) = await stage.do("workspace.list", disk=True)
    assert listed.disk_bytes >= 3_000_000
    await stage.do("workspace.archive", workspace="one")
    (listed,) = await stage.do("workspace.list", disk=True, archived=True)
    assert listed.disk_bytes == 0
