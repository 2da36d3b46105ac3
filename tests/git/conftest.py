"""Real git in an environment built from nothing: no configuration of this machine, a fixed author."""

import os
import subprocess
from pathlib import Path

import pytest

from factory_ls.git.runner import Git

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class Sandbox:
    """A folder with its own HOME, and git commands for setting things up."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "home").mkdir()
        self.bare_environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(root / "home"),
            "GIT_CONFIG_GLOBAL": str(root / "home" / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        (root / "home" / "gitconfig").write_text(
            '[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n'
        )
        self.git = Git(environment=self.bare_environment | AUTHOR)
        self.nobody = Git(environment=self.bare_environment)

    def sh(self, cwd: Path, *args: str) -> str:
        done = subprocess.run(
            ["git", *args], cwd=cwd, env=self.bare_environment | AUTHOR, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def init(self, name: str, *args: str) -> Path:
        self.sh(self.root, "init", "--quiet", *args, "--", name)
        return self.root / name

    def commit(self, repo: Path, files: dict[str, str | None], message: str = "change") -> str:
        for name, text in files.items():
            path = repo / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_bytes(text.encode())
        self.sh(repo, "add", "--all")
        self.sh(repo, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", message)
        return self.sh(repo, "rev-parse", "HEAD")

    def cloned(self, name: str = "repo") -> Path:
        """A repository with one commit on `main`, and its bare origin beside it."""
        origin = self.init(f"{name}.git", "--bare")
        repo = self.root / name
        self.sh(self.root, "clone", "--quiet", "--", str(origin), name)
        self.commit(repo, {"a.py": "one\ntwo\nthree\n", "sub/b.py": "b\n"}, "first")
        self.sh(repo, "push", "--quiet", "origin", "main")
        return repo

    def elsewhere(self, repo: Path, branch: str, files: dict[str, str | None]) -> str:
        """Someone else pushes a commit to `branch` of the origin of `repo`."""
        other = self.root / "someone-else"
        if not other.exists():
            self.sh(self.root, "clone", "--quiet", self.sh(repo, "remote", "get-url", "origin"), other.name)
        self.sh(other, "fetch", "--quiet")
        known = self.sh(other, "branch", "--remotes", "--list", f"origin/{branch}")
        self.sh(other, "checkout", "--quiet", "-B", branch, f"origin/{branch}" if known else "origin/main")
        sha = self.commit(other, files)
        self.sh(other, "push", "--quiet", "origin", branch)
        return sha

    def hook(self, repo: Path, name: str, script: str) -> None:
        path = repo / ".git" / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def program(self, script: str) -> str:
        """A stand-in for git."""
        path = self.root / "fake-git"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path)


@pytest.fixture
def repo(box: Sandbox) -> Path:
    return box.cloned()


@pytest.fixture(params=["plain", "with space", "näme 😀", "line\nbreak", "$(touch x)", "-dash"])
def odd_repo(box: Sandbox, request: pytest.FixtureRequest) -> Path:
    return box.cloned(f"{request.param}")
