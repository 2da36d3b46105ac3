import os
import shutil
from pathlib import Path

import pytest

from factory_ls.git.changes import diff, diff_hash
from factory_ls.git.commits import commit_all, identity, push, snapshot
from factory_ls.git.errors import GitError
from factory_ls.git.unsaved import dirty
from factory_ls.model.errors import ErrorKind, FactoryError
from tests.git.conftest import Sandbox


async def test_everything_is_committed_with_trailers(odd_repo: Path, box: Sandbox) -> None:
    (odd_repo / "a.py").unlink()
    (odd_repo / "näme 😀\n").write_text("x")
    (odd_repo / "sub" / "-x").write_text("x")
    assert await dirty(box.git, odd_repo)
    message = "Fix $(touch x)\n\n# not a comment\n"
    sha = await commit_all(box.git, odd_repo, message, trailers={"Factory-Session": "s-1", "Fixes": "#2"})
    assert sha == box.sh(odd_repo, "rev-parse", "HEAD")
    assert box.sh(odd_repo, "log", "-1", "--format=%B") == (
        "Fix $(touch x)\n\n# not a comment\n\nFactory-Session: s-1\nFixes: #2"
    )
    assert not await dirty(box.git, odd_repo)
    assert await commit_all(box.git, odd_repo, "again") is None


@pytest.mark.parametrize(
    ("message", "trailers"), [(" \n", {}), ("m", {"a b": "x"}), ("m", {"--x": "y"}), ("m", {"A": "x\nB: y"})]
)
async def test_bad_messages(repo: Path, box: Sandbox, message: str, trailers: dict[str, str]) -> None:
    (repo / "new").touch()
    with pytest.raises(FactoryError) as caught:
        await commit_all(box.git, repo, message, trailers=trailers)
    assert caught.value.kind is ErrorKind.INVALID


async def test_nobody_configured_commits_as_the_factory(repo: Path, box: Sandbox) -> None:
    (repo / "new").touch()
    assert await identity(box.nobody, repo) == ("factory-ls", "factory-ls@localhost", True)
    await commit_all(box.nobody, repo, "m")
    assert box.sh(repo, "log", "-1", "--format=%an <%ae> %cn") == "factory-ls <factory-ls@localhost> factory-ls"
    box.sh(repo, "config", "user.name", "Half")
    assert await identity(box.nobody, repo) == ("Half", "factory-ls@localhost", True)
    box.sh(repo, "config", "user.email", "whole@example.org")
    assert await identity(box.nobody, repo) == ("Half", "whole@example.org", False)
    assert await identity(box.git, repo) == ("Ada", "ada@example.org", False)


async def test_a_hook_that_refuses_is_quoted_and_nothing_is_lost(repo: Path, box: Sandbox) -> None:
    box.hook(repo, "pre-commit", "printf 'black: \\033[31mreformatted\\033[0m a.py\\n' >&2; exit 1")
    (repo / "new").write_text("precious\n")
    with pytest.raises(GitError) as caught:
        await commit_all(box.git, repo, "m")
    assert caught.value.kind is ErrorKind.DENIED
    assert caught.value.message.endswith("black: reformatted a.py")
    assert str(repo) in caught.value.hint
    sha = await snapshot(box.git, repo, "saved", name="ws-1/archive")
    assert box.sh(repo, "show", f"{sha}:new") == "precious"
    assert box.sh(repo, "rev-parse", "refs/factory/ws-1/archive", "refs/factory/ws-1/archive^").split("\n") == [
        sha,
        box.sh(repo, "rev-parse", "HEAD"),
    ]


async def test_signing_that_fails(repo: Path, box: Sandbox) -> None:
    box.sh(repo, "config", "commit.gpgSign", "true")
    box.sh(repo, "config", "gpg.program", "false")
    (repo / "new").touch()
    with pytest.raises(FactoryError) as caught:
        await commit_all(box.git, repo, "m")
    assert caught.value.kind is ErrorKind.DENIED
    assert "commit.gpgSign" in caught.value.hint


async def test_files_in_conflict_are_not_committed_but_can_be_saved(repo: Path, box: Sandbox) -> None:
    box.sh(repo, "checkout", "--quiet", "-b", "other")
    box.commit(repo, {"a.py": "other\n"})
    box.sh(repo, "checkout", "--quiet", "main")
    box.commit(repo, {"a.py": "main\n"})
    await box.git.run(repo, "merge", "other", ok=(1,))
    with pytest.raises(FactoryError) as caught:
        await commit_all(box.git, repo, "m")
    assert caught.value.kind is ErrorKind.CONFLICT
    assert "a.py" in caught.value.message
    sha = await snapshot(box.nobody, repo, "saved", name="x")
    assert "<<<<<<<" in box.sh(repo, "show", f"{sha}:a.py")
    assert "a.py" in box.sh(repo, "ls-files", "--unmerged")


async def test_a_stale_lock_is_named_and_a_snapshot_does_without(repo: Path, box: Sandbox) -> None:
    (repo / ".git" / "index.lock").touch()
    (repo / "new").write_text("precious\n")
    with pytest.raises(FactoryError) as caught:
        await commit_all(box.git, repo, "m")
    assert caught.value.kind is ErrorKind.BUSY
    assert "index.lock" in caught.value.message
    sha = await snapshot(box.git, repo, "saved", name="x")
    assert box.sh(repo, "show", f"{sha}:new") == "precious"


async def test_a_snapshot_of_an_empty_repository_and_of_bad_names(box: Sandbox) -> None:
    repo = box.init("empty")
    (repo / "new").write_text("x\n")
    sha = await snapshot(box.git, repo, "saved", name="x")
    assert box.sh(repo, "show", f"{sha}:new") == "x"
    for name in ("../heads/main", "a b", "", "a..b"):
        with pytest.raises(FactoryError):
            await snapshot(box.git, repo, "saved", name=name)


async def test_an_untracked_repository_without_commits(repo: Path, box: Sandbox) -> None:
    box.init("repo/nested")
    (repo / "nested" / "x").touch()
    with pytest.raises(FactoryError) as caught:
        await commit_all(box.git, repo, "m")
    assert caught.value.kind is ErrorKind.CONFLICT
    assert "nested" in caught.value.message


async def test_a_detached_head_commits(repo: Path, box: Sandbox) -> None:
    box.sh(repo, "checkout", "--quiet", "--detach")
    (repo / "new").touch()
    assert await commit_all(box.git, repo, "m") == box.sh(repo, "rev-parse", "HEAD")


async def test_pushing(odd_repo: Path, box: Sandbox) -> None:
    box.sh(odd_repo, "checkout", "--quiet", "-b", "tö/pic-$(date>x)")
    sha = box.commit(odd_repo, {"a.py": "x\n"})
    for _ in range(2):
        await push(box.git, odd_repo, "tö/pic-$(date>x)")
    assert box.sh(box.root / f"{odd_repo.name}.git", "rev-parse", "refs/heads/tö/pic-$(date>x)") == sha
    assert box.sh(odd_repo, "config", "branch.tö/pic-$(date>x).remote") == "origin"


async def test_pushing_never_forces(repo: Path, box: Sandbox) -> None:
    theirs = box.elsewhere(repo, "main", {"a.py": "theirs\n"})
    box.commit(repo, {"a.py": "mine\n"})
    box.sh(repo, "config", "remote.origin.push", "+refs/heads/*:refs/heads/*")
    with pytest.raises(FactoryError) as caught:
        await push(box.git, repo, "main")
    assert caught.value.kind is ErrorKind.CONFLICT
    assert box.sh(box.root / "repo.git", "rev-parse", "main") == theirs


async def test_hooks_that_refuse_a_push(repo: Path, box: Sandbox) -> None:
    box.commit(repo, {"a.py": "mine\n"})
    box.hook(repo, "pre-push", "echo tests are red >&2; exit 1")
    with pytest.raises(FactoryError) as caught:
        await push(box.git, repo, "main")
    assert caught.value.kind is ErrorKind.DENIED
    assert "tests are red" in caught.value.message
    (repo / ".git" / "hooks" / "pre-push").unlink()
    hook = box.root / "repo.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho main is protected >&2; exit 1\n")
    hook.chmod(0o755)
    with pytest.raises(FactoryError) as caught:
        await push(box.git, repo, "main")
    assert caught.value.kind is ErrorKind.DENIED
    assert "main is protected" in caught.value.message


async def test_nothing_and_nowhere_to_push(repo: Path, box: Sandbox) -> None:
    box.sh(repo, "remote", "add", "away", str(box.root / "nowhere"))
    for branch, remote in (
        ("nope", "origin"),
        ("-x", "origin"),
        ("main", "no-remote"),
        ("main", "away"),
        ("main", "-x"),
    ):
        with pytest.raises(FactoryError) as caught:
            await push(box.git, repo, branch, remote=remote)
        assert caught.value.kind is ErrorKind.NOT_FOUND
        assert caught.value.message


async def test_a_change_in_the_moment_of_the_last_git_add_is_seen(repo: Path, box: Sandbox) -> None:
    """Same size, same time as the index knows: git looks into such a file only if the index is no younger."""
    box.sh(repo, "config", "core.trustctime", "false")
    tick = (repo / "a.py").stat().st_mtime_ns - 60 * 10**9
    os.utime(repo / "a.py", ns=(tick, tick))
    box.sh(repo, "add", "a.py")
    (repo / "a.py").write_text("one\nTWO\nthree\n")
    for path in (repo / "a.py", repo / ".git" / "index"):
        os.utime(path, ns=(tick, tick))
    assert "+TWO" in await diff(box.git, repo, "HEAD")


async def test_a_diff_has_all_that_changed(repo: Path, box: Sandbox) -> None:
    base = box.sh(repo, "rev-parse", "HEAD")
    box.commit(repo, {"committed.py": "1\n"})
    (repo / "a.py").write_text("one\nTWO\nthree\n")
    (repo / "ünt racked").write_bytes(b"\xff\n")
    for key, value in {"diff.external": "false", "diff.noprefix": "true", "color.ui": "always"}.items():
        box.sh(repo, "config", key, value)
    text = await diff(box.git, repo, base)
    assert [line for line in text.splitlines() if line.startswith("+++")] == [
        "+++ b/a.py",
        "+++ b/committed.py",
        "+++ b/ünt racked\t",
    ]
    assert "-two\n+TWO\n" in text
    assert box.sh(repo, "status", "--porcelain", "a.py").startswith("M")
    await commit_all(box.git, repo, "all")
    assert diff_hash(await diff(box.git, repo, base)) == diff_hash(text)
    (repo / "a.py").write_text("one\n")
    assert diff_hash(await diff(box.git, repo, base)) != diff_hash(text)
    with pytest.raises(FactoryError) as caught:
        await diff(box.git, repo, "--output=x")
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_a_broken_repository(repo: Path, box: Sandbox) -> None:
    shutil.rmtree(repo / ".git" / "objects")
    with pytest.raises(FactoryError) as caught:
        await commit_all(box.git, repo, "m")
    assert caught.value.kind is ErrorKind.NOT_FOUND  # git no longer takes it for a repository
