"""Merges and replays that git can do alone; all others leave everything as it was."""

from factory_ls.git import changes, joining
from tests.git.conftest import Sandbox


async def test_a_merge_without_conflicts_is_left_to_be_committed(box: Sandbox) -> None:
    repo = box.cloned()
    base = box.elsewhere(repo, "main", {"theirs.py": "theirs\n"})
    box.commit(repo, {"mine.py": "mine\n"})
    box.sh(repo, "fetch", "--quiet")
    assert await joining.merge(box.git, repo, base)
    assert await joining.merging(box.git, repo)
    assert (repo / "theirs.py").read_text() == "theirs\n"
    await joining.abort_merge(box.git, repo)
    assert not (repo / "theirs.py").exists()


async def test_a_conflict_changes_nothing(box: Sandbox) -> None:
    repo = box.cloned()
    base = box.elsewhere(repo, "main", {"a.py": "theirs\n"})
    mine = box.commit(repo, {"a.py": "mine\n"})
    box.sh(repo, "fetch", "--quiet")
    assert not await joining.merge(box.git, repo, base)
    assert not await joining.merging(box.git, repo)
    assert (box.sh(repo, "rev-parse", "HEAD"), box.sh(repo, "status", "--porcelain")) == (mine, "")


async def test_commits_go_on_top_of_another_head_or_not_at_all(box: Sandbox) -> None:
    repo = box.cloned()
    old = box.sh(repo, "rev-parse", "HEAD")
    clean = box.elsewhere(repo, "main", {"theirs.py": "theirs\n"})
    clashing = box.elsewhere(repo, "main", {"mine.py": "theirs\n"})
    box.commit(repo, {"mine.py": "one\n"}, "one")
    new = box.commit(repo, {"mine.py": "two\n"}, "two")
    box.sh(repo, "fetch", "--quiet")
    assert await joining.replay(box.git, repo, old, new, clean)
    assert box.sh(repo, "log", "--format=%s", f"{clean}..").splitlines() == ["two", "one"]
    assert await changes.names_between(box.git, repo, clean, "HEAD") == {"mine.py"}

    assert not await joining.replay(box.git, repo, old, new, clashing)
    assert (box.sh(repo, "rev-parse", "HEAD"), box.sh(repo, "status", "--porcelain")) == (clashing, "")


async def test_a_merge_is_not_replayed(box: Sandbox) -> None:
    repo = box.cloned()
    old = box.sh(repo, "rev-parse", "HEAD")
    onto = box.elsewhere(repo, "main", {"theirs.py": "theirs\n"})
    box.sh(repo, "checkout", "--quiet", "-b", "side")
    box.commit(repo, {"side.py": "side\n"})
    box.sh(repo, "checkout", "--quiet", "main")
    box.commit(repo, {"mine.py": "mine\n"})
    box.sh(repo, "merge", "--quiet", "--no-edit", "side")
    new = box.sh(repo, "rev-parse", "HEAD")
    box.sh(repo, "fetch", "--quiet")
    assert not await joining.replay(box.git, repo, old, new, onto)
    assert box.sh(repo, "rev-parse", "HEAD") == onto
