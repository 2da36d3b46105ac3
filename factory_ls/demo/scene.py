"""The stage of the demo, and of the end-to-end tests: a repository, a GitHub and a model, all on this machine.

    async with Scene(folder) as scene:
        # scene.environ starts factory-ls; scene.checkout is the user's clone

Everything the program under it may read or write is below `folder`: its HOME, its database, its login.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from factory_ls.claude import process
from factory_ls.demo import claude_standin, gh_standin, github_runner, sample
from factory_ls.demo.github import GithubStandin
from factory_ls.demo.github_state import Pull, Repository
from factory_ls.demo.messages_api import MessagesApi, Script
from factory_ls.model.errors import ErrorKind, FactoryError

OWNER, NAME = "acme", "basket"


@dataclass(frozen=True)
class Programs:
    """The real `gh` and `claude` when they are there, else null: then their stand-ins are used."""

    gh: str | None
    claude: str | None

    @classmethod
    def found(cls) -> Self:
        return cls(
            gh=shutil.which(os.environ.get("FACTORY_GH") or "gh"),
            claude=shutil.which(os.environ.get("FACTORY_CLAUDE") or "claude"),
        )


class Scene:
    """`script` is what the model answers; the default one repairs the sample repository."""

    def __init__(
        self, folder: Path, *, programs: Programs | None = None, script: Script = sample.fix, interval: float = 0.5
    ) -> None:
        self.folder = folder.resolve()
        self.programs = programs or Programs.found()
        self.github = GithubStandin(self.folder / "github")
        self.model = MessagesApi(script)
        self.checkout = self.folder / NAME
        self.repository: Repository
        self.pull: Pull
        self._interval = interval
        self._life = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        for name in ("home", "bin", "tmp", "run"):
            (self.folder / name).mkdir(parents=True, mode=0o700)
        await self._life.enter_async_context(self.github)
        self._life.enter_context(self.model)
        self._write("home/.gitconfig", "[user]\n\tname = Demo\n\temail = demo@example.com\n")
        key, value = self.github.git_config()
        await github_runner.git("config", "--file", str(self.folder / "home/.gitconfig"), key, value)
        bin_folder = self.folder / "bin"
        gh = self.programs.gh or str(gh_standin.install(bin_folder))
        claude = self.programs.claude or str(claude_standin.install(bin_folder))
        self.environ = self._environ(gh, claude)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ends what outlives a hub too: the Claude sessions and dev servers that were started here."""
        left = await asyncio.to_thread(process.marked, self.folder / "factory", below=True)
        process.end(left, signal.SIGKILL)
        await self._life.aclose()

    async def set_up_repository(self, branch_files: Mapping[str, str] = sample.CHANGE) -> None:
        """main and a branch with a pull request, pushed; its checks are running when this returns."""
        self.repository = await self.github.add_repository(OWNER, NAME)
        await self.git("clone", "--quiet", f"git@github.com:{OWNER}/{NAME}.git", str(self.checkout), cwd=self.folder)
        await self.git("checkout", "--quiet", "-B", "main")
        await self.commit(sample.MAIN, "A basket")
        await self.git("push", "--quiet", "--set-upstream", "origin", "main")
        await self.git("remote", "set-head", "origin", "main")
        await self.git("checkout", "--quiet", "-b", sample.BRANCH)
        await self.commit(branch_files, "The average price of a basket")
        await self.git("push", "--quiet", "--set-upstream", "origin", sample.BRANCH)
        await self.git("checkout", "--quiet", "main")
        await self.github.idle()
        self.pull = self.github.open_pull(
            self.repository, head=sample.BRANCH, base="main", title="The average price of a basket"
        )
        await self.github.idle()

    async def commit(self, files: Mapping[str, str], message: str) -> None:
        """Writes files in the checkout and commits them."""
        for name, text in files.items():
            self._write(f"{NAME}/{name}", text)
        await self.git("add", "--all")
        await self.git("commit", "--quiet", "--message", message)

    async def git(self, *arguments: str, cwd: Path | None = None) -> str:
        return await github_runner.git(*arguments, cwd=cwd or self.checkout, env=self.environ)

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _environ(self, gh: str, claude: str) -> dict[str, str]:
        """Built from nothing: no login, token or setting of this machine's user gets in."""
        home = self.folder / "home"
        # The interpreter's folder first: the repository's checks are run with it, here as in the stand-in's CI.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        return {
            "PATH": path,
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "TMPDIR": str(self.folder / "tmp"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_STATE_HOME": str(home / ".local/state"),
            "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            **self.github.environment(),
            "BASE_DIR": str(self.folder / "factory"),
            "BACKEND_PORT": "0",
            "NODE_ENV": "production",
            "RATCHET_INTERVAL_SECONDS": str(self._interval),
            "FACTORY_GH": gh,
            "FACTORY_CLAUDE": claude,
            "ANTHROPIC_BASE_URL": self.model.url,
            "ANTHROPIC_API_KEY": "demo-not-a-key",
            "CLAUDE_CONFIG_DIR": str(home / ".claude"),
            "CLAUDE_CODE_TMPDIR": str(self.folder / "tmp"),
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def server(*arguments: str) -> list[str]:
    """How to start this very factory-ls."""
    return [sys.executable, "-m", "factory_ls", *arguments]


def too_long(folder: Path) -> FactoryError | None:
    """A unix socket's path has about 100 characters: said before it fails in a way nobody understands."""
    longest = folder / "github" / "github.sock"
    if len(os.fsencode(longest)) < 100:
        return None
    return FactoryError(ErrorKind.INVALID, f"{folder} is too long a path for a socket.", "Choose a shorter folder.")
