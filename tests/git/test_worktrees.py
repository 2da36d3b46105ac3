import asyncio
import os
import shutil
from pathlib import Path

import pytest

from factory_ls.git.branches import branch_name, check_branch, free_branch
from factory_ls.git.commits import commit_all
from factory_ls.git.repository import current_branch, head
from factory_ls.git.worktrees import (
    add_worktree,
    list_worktrees,
    lock_worktree,
    remove_worktree,
    resume_worktree,
    unlock_worktree,
)
from factory_ls.model.errors import ErrorKind, FactoryError
from tests.git.conftest import Sandbox

HOSTILE = [
    "-dash",
    "--upload-pack=touch x",
    "a\nb",
    "a b",
    "a..b",
    "@{-1}",
    "",
    "HEAD",
    "a/",
    "/a",
    "a\0b",
    "x.lock",
    "a~1",
]


def branches(box: Sandbox, repo: Path) -> list[str]:
    return box.sh(repo, "for-each-ref", "--format=%(refname:short)", "refs/heads").split("\n")


async def test_a_new_branch_starts_at_the_fresh_origin(odd_repo: Path, box: Sandbox) -> None:
    fresh = box.elsewhere(odd_repo, "main", {"new.py": "x\n"})
    path = box.root / "wörk trees" / "-1\n"
    added = await add_worktree(box.git, odd_repo, path, "ada/töpic-$(date>x)", base="main")
    assert added == ("refs/remotes/origin/main", ())
    assert await head(box.git, path) == fresh
    assert await current_branch(box.git, path) == "ada/töpic-$(date>x)"
    main, other = await list_worktrees(box.git, odd_repo)
    assert (main.path, main.branch) == (odd_repo, "main")
    assert (other.path, other.branch, other.head) == (path, "ada/töpic-$(date>x)", fresh)
    assert not (path / "x").exists()
    assert not (odd_repo / "x").exists()


async def test_an_origin_out_of_reach_is_a_warning_and_local_comes_first(repo: Path, box: Sandbox) -> None:
    local = box.commit(repo, {"a.py": "local\n"})
    box.sh(repo, "remote", "set-url", "origin", str(box.root / "nowhere"))
    added = await add_worktree(box.git, repo, box.root / "wt", "topic", base="main")
    assert added.ref == "refs/heads/main"
    assert len(added.warnings) == 1
    assert "out of date" in added.warnings[0]
    assert await head(box.git, box.root / "wt") == local


async def test_a_stale_origin_is_better_than_nothing(repo: Path, box: Sandbox) -> None:
    sha = box.elsewhere(repo, "base", {"a.py": "base\n"})
    box.sh(repo, "fetch", "--quiet")
    box.sh(repo, "remote", "set-url", "origin", str(box.root / "nowhere"))
    added = await add_worktree(box.git, repo, box.root / "wt", "topic", base="base")
    assert added.ref == "refs/remotes/origin/base"
    assert await head(box.git, box.root / "wt") == sha


async def test_a_base_without_remote_or_by_commit(repo: Path, box: Sandbox) -> None:
    sha = box.sh(repo, "rev-parse", "HEAD")
    box.commit(repo, {"a.py": "later\n"})
    assert (await add_worktree(box.git, repo, box.root / "wt", "topic", base=sha)).ref == sha
    box.sh(repo, "remote", "remove", "origin")
    assert await add_worktree(box.git, repo, box.root / "wt2", "topic2", base="main") == ("refs/heads/main", ())


async def test_an_empty_repository(box: Sandbox) -> None:
    repo = box.init("empty")
    path = box.root / "wt"
    assert await add_worktree(box.nobody, repo, path, "first", base="main") == (None, ())
    assert await current_branch(box.git, path) == "first"
    assert await head(box.git, path) is None
    (path / "a").write_text("a\n")
    sha = await commit_all(box.git, path, "first")
    assert sha is not None
    assert box.sh(path, "rev-list", "--count", "HEAD") == "1"


async def test_submodules_and_sparse_checkouts_are_no_obstacle(repo: Path, box: Sandbox) -> None:
    box.sh(repo, "submodule", "--quiet", "add", str(box.cloned("library")), "vendor/lib")
    box.commit(repo, {})
    box.sh(repo, "push", "--quiet", "origin", "main")
    path = box.root / "wt"
    await add_worktree(box.git, repo, path, "topic", base="main")
    box.sh(path, "submodule", "--quiet", "update", "--init")
    await remove_worktree(box.git, repo, path)
    box.sh(repo, "sparse-checkout", "set", "sub")
    await add_worktree(box.git, repo, path, "topic2", base="main")
    assert (path / "sub" / "b.py").exists()


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_refused(repo: Path, box: Sandbox, name: str) -> None:
    for branch, base in ((name, "main"), ("topic", name)):
        with pytest.raises(FactoryError) as caught:
            await add_worktree(box.git, repo, box.root / "wt", branch, base=base)
        assert caught.value.kind is ErrorKind.INVALID
    with pytest.raises(FactoryError):
        await resume_worktree(box.git, repo, box.root / "wt", name)
    assert not (box.root / "wt").exists()
    assert branches(box, repo) == ["main"]


async def test_refusals_leave_nothing_behind(repo: Path, box: Sandbox) -> None:
    taken = box.root / "taken"
    taken.mkdir()
    (taken / "precious").touch()
    free = box.root / "wt"
    for path, branch, base, kind in (
        (taken, "topic", "main", ErrorKind.CONFLICT),
        (free, "main", "main", ErrorKind.CONFLICT),
        (free, "main/below", "main", ErrorKind.CONFLICT),
        (free, "topic", "no-such-base", ErrorKind.NOT_FOUND),
    ):
        with pytest.raises(FactoryError) as caught:
            await add_worktree(box.git, repo, path, branch, base=base)
        assert caught.value.kind is kind, caught.value
        assert caught.value.hint
    assert (taken / "precious").exists()
    assert not free.exists()
    assert branches(box, repo) == ["main"]
    assert len(await list_worktrees(box.git, repo)) == 1


async def test_cancelled_half_way_leaves_nothing_behind(repo: Path, box: Sandbox) -> None:
    ready = box.root / "ready"
    os.mkfifo(ready)
    box.hook(repo, "post-checkout", f"echo > '{ready}'; exec sleep 600")
    task = asyncio.create_task(add_worktree(box.git, repo, box.root / "wt", "topic", base="main"))
    await asyncio.to_thread(ready.read_text)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (box.root / "wt").exists()
    assert branches(box, repo) == ["main"]
    assert len(await list_worktrees(box.git, repo)) == 1


async def test_a_failing_post_checkout_hook_is_a_warning(repo: Path, box: Sandbox) -> None:
    box.hook(repo, "post-checkout", "echo no lfs here >&2; exit 2")
    added = await add_worktree(box.git, repo, box.root / "wt", "topic", base="main")
    assert "no lfs here" in added.warnings[0]
    assert (box.root / "wt" / "a.py").exists()


async def test_many_at_once(repo: Path, box: Sandbox) -> None:
    box.elsewhere(repo, "main", {"new.py": "x\n"})
    paths = [box.root / f"wt{number}" for number in range(6)]
    await asyncio.gather(*(add_worktree(box.git, repo, path, f"b/{path.name}", base="main") for path in paths))
    assert [entry.path for entry in await list_worktrees(box.git, repo)] == [repo, *paths]


async def test_resuming_a_branch_of_the_remote(repo: Path, box: Sandbox) -> None:
    sha = box.elsewhere(repo, "topic", {"a.py": "theirs\n"})
    assert (await resume_worktree(box.git, repo, box.root / "wt", "topic")).ref == "refs/remotes/origin/topic"
    assert await head(box.git, box.root / "wt") == sha
    assert box.sh(box.root / "wt", "rev-parse", "--abbrev-ref", "@{upstream}") == "origin/topic"


async def test_resuming_moves_a_branch_that_is_strictly_behind(repo: Path, box: Sandbox) -> None:
    box.sh(repo, "branch", "topic")
    sha = box.elsewhere(repo, "topic", {"a.py": "theirs\n"})
    await resume_worktree(box.git, repo, box.root / "wt", "topic")
    assert await head(box.git, box.root / "wt") == sha


async def test_resuming_never_leaves_local_commits(repo: Path, box: Sandbox) -> None:
    box.elsewhere(repo, "topic", {"a.py": "theirs\n"})
    box.sh(repo, "checkout", "--quiet", "-b", "topic")
    mine = box.commit(repo, {"a.py": "mine\n"})
    box.sh(repo, "checkout", "--quiet", "main")
    assert (await resume_worktree(box.git, repo, box.root / "wt", "topic")).ref == "refs/heads/topic"
    assert await head(box.git, box.root / "wt") == mine


async def test_resuming_offline_stays_where_local_is(repo: Path, box: Sandbox) -> None:
    local = box.sh(repo, "rev-parse", "HEAD")
    box.sh(repo, "branch", "topic")
    box.elsewhere(repo, "topic", {"a.py": "theirs\n"})
    box.sh(repo, "fetch", "--quiet")
    box.sh(repo, "remote", "set-url", "origin", str(box.root / "nowhere"))
    added = await resume_worktree(box.git, repo, box.root / "wt", "topic")
    assert added.warnings
    assert await head(box.git, box.root / "wt") == local


async def test_a_branch_checked_out_elsewhere_says_where(repo: Path, box: Sandbox) -> None:
    await add_worktree(box.git, repo, box.root / "wt", "topic", base="main")
    with pytest.raises(FactoryError) as caught:
        await resume_worktree(box.git, repo, box.root / "wt2", "topic")
    assert caught.value.kind is ErrorKind.CONFLICT
    assert str(box.root / "wt") in caught.value.message
    with pytest.raises(FactoryError) as caught:
        await resume_worktree(box.git, repo, box.root / "wt2", "no-such-branch")
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_removing_keeps_the_branch_and_refuses_to_lose_work(repo: Path, box: Sandbox) -> None:
    path = box.root / "wt"
    await add_worktree(box.git, repo, path, "topic", base="main")
    (path / "new ü").touch()
    with pytest.raises(FactoryError) as caught:
        await remove_worktree(box.git, repo, path)
    assert caught.value.kind is ErrorKind.CONFLICT
    assert "new ü" in caught.value.message
    await commit_all(box.git, path, "work")
    await lock_worktree(box.git, repo, path, "in use")
    await lock_worktree(box.git, repo, path, "in use")
    await remove_worktree(box.git, repo, path)
    assert not path.exists()
    assert "new ü" in box.sh(repo, "-c", "core.quotePath=no", "show", "--stat", "topic")


async def test_work_inside_a_nested_repository_is_work_too(repo: Path, box: Sandbox) -> None:
    path = box.root / "wt"
    await add_worktree(box.git, repo, path, "topic", base="main")
    box.sh(path, "clone", "--quiet", str(box.root / "repo.git"), "inner")
    box.commit(path / "inner", {"a.py": "only here\n"})
    await commit_all(box.git, path, "records a number, not the content")
    with pytest.raises(FactoryError) as caught:
        await remove_worktree(box.git, repo, path)
    assert "inner: 1 unpushed commit(s)" in caught.value.message
    await remove_worktree(box.git, repo, path, force=True)
    assert not path.exists()


@pytest.mark.parametrize("damage", ["no folder", "no .git", "garbage .git", "empty folder"])
async def test_removing_survives_damage(repo: Path, box: Sandbox, damage: str) -> None:
    path = box.root / "wt"
    await add_worktree(box.git, repo, path, "topic", base="main")
    match damage:
        case "no folder":
            shutil.rmtree(path)
        case "no .git":
            (path / ".git").unlink()
        case "garbage .git":
            (path / ".git").write_text("garbage")
        case "empty folder":
            shutil.rmtree(path)
            path.mkdir()
    await remove_worktree(box.git, repo, path, force=damage == "empty folder")
    assert not path.exists()
    assert len(await list_worktrees(box.git, repo)) == 1
    assert "topic" in branches(box, repo)


async def test_only_worktrees_are_removed(repo: Path, box: Sandbox) -> None:
    await add_worktree(box.git, repo, box.root / "wt", "topic", base="main")
    (box.root / "link").symlink_to(box.root / "wt")
    for path in (repo, repo / "sub", box.root, box.root / "repo.git", box.root / "link", box.root / "wt" / "sub"):
        with pytest.raises(FactoryError) as caught:
            await remove_worktree(box.git, repo, path, force=True)
        assert caught.value.kind is ErrorKind.INVALID
        assert path.exists()


async def test_a_locked_worktree_outlives_prune(repo: Path, box: Sandbox) -> None:
    path = box.root / "wt"
    await add_worktree(box.git, repo, path, "topic", base="main")
    await lock_worktree(box.git, repo, path, "--reason with\nodd text")
    shutil.rmtree(path)
    box.sh(repo, "worktree", "prune", "--expire=now")
    assert (await list_worktrees(box.git, repo))[1].locked
    await unlock_worktree(box.git, repo, path)
    box.sh(repo, "worktree", "prune", "--expire=now")
    assert len(await list_worktrees(box.git, repo)) == 1


@pytest.mark.parametrize(
    ("login", "name", "expected"),
    [
        ("ada", "Fix the Thing!", "ada/fix-the-thing"),
        ("", "../../etc/passwd", "etc-passwd"),
        ("ada", "$(touch x)\n--force", "ada/touch-x-force"),
        ("Ada-L", "héllo wörld 漢字", "ada-l/héllo-wörld-漢字"),
        ("ada", "😀", "ada/work"),
        ("ada", "a..b.lock", "ada/a-b"),
        ("ada", "x" * 80, "ada/" + "x" * 50),
    ],
)
async def test_branch_names(repo: Path, box: Sandbox, login: str, name: str, expected: str) -> None:
    assert branch_name(login, name) == expected
    await check_branch(box.git, repo, expected)


async def test_a_free_branch(repo: Path, box: Sandbox) -> None:
    assert await free_branch(box.git, repo, "ada/x") == "ada/x"
    box.sh(repo, "branch", "ada/X")
    box.elsewhere(repo, "ada/x-2", {})
    box.sh(repo, "fetch", "--quiet")
    assert await free_branch(box.git, repo, "ada/x") == "ada/x-3"
    assert await free_branch(box.git, repo, "ada") == "ada-2"
