from pathlib import Path

import pytest

from factory_ls.git import repository as r
from factory_ls.git.worktrees import add_worktree
from factory_ls.model.errors import ErrorKind, FactoryError
from tests.git.conftest import Sandbox

ODD_FILES = [
    "with space.py",
    "näme 😀.py",
    "line\nbreak.py",
    "$(touch x).py",
    "-dash.py",
    ":(glob)*.py",
    'quo"te.py',
    "*.py",
]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/o/r.git", ("github.com", "o", "r")),
        ("https://token:x@github.com/o/r", ("github.com", "o", "r")),
        ("https://GHE.example.com:8443/o/r/", ("ghe.example.com:8443", "o", "r")),
        ("git@github.com:o/r.git", ("github.com", "o", "r")),
        ("org-1@github.com:o/r.js.git", ("github.com", "o", "r.js")),
        ("ghe.example.com:o/r", ("ghe.example.com", "o", "r")),
        ("ssh://git@ssh.github.com:443/o/r.git", ("github.com", "o", "r")),
        ("git://github.com/o/_r-1", ("github.com", "o", "_r-1")),
        ("/srv/git/o/r.git", None),
        ("file:///srv/o/r.git", None),
        ("../o/r.git", None),
        ("C:/o/r", None),
        ("C:\\o\\r", None),
        ("https://gitlab.com/group/sub/r.git", None),
        ("https://github.com/o", None),
        ("https://github.com/-o/r", None),
        ("https://github.com/o/..", None),
        ("https://github.com/o/$(touch x)", None),
        ("https://[::1/o/r", None),
        ("https://github.com:port/o/r", None),
        ("ext::sh -c touch% x", None),
        ("", None),
    ],
)
def test_addresses(url: str, expected: tuple[str, str, str] | None) -> None:
    assert r.parse_remote(url) == expected


async def test_remotes_follow_instead_of_and_hide_tokens(repo: Path, box: Sandbox) -> None:
    box.sh(repo, "config", "url.https://secret@github.com/.insteadOf", "gh:")
    box.sh(repo, "remote", "add", "hub", "gh:o/r")
    box.sh(repo, "remote", "set-url", "--push", "hub", "git@github.com:me/r.git")
    hub, origin = await r.remotes(box.git, repo)
    assert hub == ("hub", "https://github.com/o/r", "git@github.com:me/r.git")
    assert origin.url.endswith("repo.git")
    assert await r.remotes(box.git, box.init("lonely")) == []


async def test_the_main_repository_of_any_path(odd_repo: Path, box: Sandbox) -> None:
    worktree = box.root / "wt"
    await add_worktree(box.git, odd_repo, worktree, "topic", base="main")
    for path in (odd_repo, odd_repo / "sub", odd_repo / "sub" / "b.py", odd_repo / ".git", worktree, worktree / "sub"):
        assert await r.main_repository(box.git, path) == odd_repo
    assert await r.main_repository(box.git, box.root / f"{odd_repo.name}.git") == box.root / f"{odd_repo.name}.git"


async def test_a_submodule_and_its_worktree_are_of_the_submodule(repo: Path, box: Sandbox) -> None:
    library = box.cloned("library")
    box.sh(repo, "submodule", "--quiet", "add", str(library), "vendor/lib")
    inner = repo / "vendor" / "lib"
    box.sh(inner, "worktree", "add", "--quiet", "-b", "x", str(box.root / "inner-wt"))
    assert await r.main_repository(box.git, inner / "sub") == inner
    assert await r.main_repository(box.git, box.root / "inner-wt") == inner


async def test_not_a_repository(box: Sandbox) -> None:
    for path in (box.root, box.root / "nowhere" / "file"):
        with pytest.raises(FactoryError) as caught:
            await r.main_repository(box.git, path)
        assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_the_default_branch(repo: Path, box: Sandbox) -> None:
    assert await r.default_branch(box.git, repo) == "main"
    box.sh(repo, "remote", "set-head", "origin", "--delete")
    box.sh(box.root / "repo.git", "branch", "release", "main")
    box.sh(box.root / "repo.git", "symbolic-ref", "HEAD", "refs/heads/release")
    assert await r.default_branch(box.git, repo) == "release"  # asked the remote
    box.sh(repo, "remote", "set-url", "origin", str(box.root / "nowhere"))
    assert await r.default_branch(box.git, repo) == "main"  # the remote does not answer
    box.sh(repo, "fetch", "--quiet", str(box.root / "repo.git"), "release:refs/remotes/origin/release")
    box.sh(repo, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release")
    assert await r.default_branch(box.git, repo) == "release"
    assert await r.default_branch(box.git, box.init("empty", "--initial-branch=weird")) == "weird"


async def test_heads(repo: Path, box: Sandbox) -> None:
    sha = await r.head(box.git, repo)
    assert sha == box.sh(repo, "rev-parse", "HEAD")
    assert await r.current_branch(box.git, repo) == "main"
    box.sh(repo, "checkout", "--quiet", "--detach")
    assert await r.current_branch(box.git, repo) is None
    assert await r.head(box.git, repo) == sha
    empty = box.init("empty")
    assert await r.head(box.git, empty) is None
    assert await r.current_branch(box.git, empty) == "main"
    assert await r.files(box.git, empty) == []


async def test_files_and_their_bytes_under_any_name(repo: Path, box: Sandbox) -> None:
    sha = box.commit(repo, {name: f"text of {name}\r\n" for name in ODD_FILES} | {".gitignore": "ignored\n"})
    (repo / "ignored").touch()
    (repo / "untracked ü").touch()
    (repo / "a.py").unlink()
    box.init("repo/nested")
    (repo / b"not-\xff-utf8".decode(errors="surrogateescape")).touch()
    tracked = sorted([*ODD_FILES, ".gitignore", "a.py", "sub/b.py"])
    assert await r.files(box.git, repo) == sorted([*tracked, "untracked ü"])
    assert await r.files_at(box.git, repo, sha) == tracked
    for name in ODD_FILES:
        assert await r.blob(box.git, repo, sha, name) == f"text of {name}\r\n".encode()


async def test_no_such_file_in_the_commit(repo: Path, box: Sandbox) -> None:
    (repo / "link").symlink_to("/etc/passwd")
    sha = box.commit(repo, {})
    for path in ("nope", "sub", "link", "", "/etc/passwd", "../repo/a.py", "sub/../a.py", "./a.py", "--help", "a.py/"):
        assert await r.blob(box.git, repo, sha, path) is None
    for bad in ("0" * 40, "HEAD", "--all", "$(touch x)"):
        with pytest.raises(FactoryError) as caught:
            await r.blob(box.git, repo, bad, "a.py")
        assert caught.value.kind in (ErrorKind.NOT_FOUND, ErrorKind.INVALID)


async def test_a_commit_is_fetched_by_its_id(repo: Path, box: Sandbox) -> None:
    sha = box.elsewhere(repo, "topic", {"a.py": "new\n"})
    assert not await r.has_commit(box.git, repo, sha)
    await r.fetch(box.git, repo, "origin", sha)
    assert await r.has_commit(box.git, repo, sha)
    assert await r.blob(box.git, repo, sha, "a.py") == b"new\n"
    assert not (repo / ".git" / "FETCH_HEAD").exists()
    for bad in ("HEAD", "main", "", "--help", box.sh(repo, "rev-parse", "HEAD:a.py")):
        assert not await r.has_commit(box.git, repo, bad)


async def test_a_shallow_clone_gets_what_it_lacks(repo: Path, box: Sandbox) -> None:
    old = box.sh(repo, "rev-parse", "HEAD")
    box.commit(repo, {"a.py": "later\n"})
    box.sh(repo, "push", "--quiet", "origin", "main")
    box.sh(box.root, "clone", "--quiet", "--depth=1", f"file://{box.root}/repo.git", "shallow")
    shallow = box.root / "shallow"
    assert not await r.has_commit(box.git, shallow, old)
    await r.fetch(box.git, shallow, "origin", old)
    assert await r.blob(box.git, shallow, old, "a.py") == b"one\ntwo\nthree\n"


@pytest.mark.parametrize("remote", ["nowhere", "--upload-pack=touch x", ""])
async def test_fetching_from_no_remote(box: Sandbox, remote: str) -> None:
    lonely = box.init("lonely")
    with pytest.raises(FactoryError) as caught:
        await r.fetch(box.git, lonely, remote, "main")
    assert caught.value.kind in (ErrorKind.NOT_FOUND, ErrorKind.INVALID)
    assert not (lonely / "x").exists()


async def test_renames_staged_or_not(repo: Path, box: Sandbox) -> None:
    text = "".join(f"line {number}\n" for number in range(30))
    sha = box.commit(repo, {"old.py": text, "moved by hand.py": text.upper(), "gone.py": "unlike\n"})
    box.sh(repo, "mv", "old.py", "new\nname.py")
    (repo / "moved by hand.py").rename(repo / "sub" / "ü.py")
    (repo / "sub" / "ü.py").write_text(text.upper() + "one more\n")
    (repo / "gone.py").unlink()
    before = box.sh(repo, "status", "--porcelain")
    assert await r.renames(box.git, repo, sha) == {
        "old.py": "new\nname.py",
        "moved by hand.py": "sub/ü.py",
        "gone.py": None,
    }
    assert box.sh(repo, "status", "--porcelain") == before
