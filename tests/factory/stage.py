"""The application in this process, on the demo's stage: real git, GitHub, gh, Claude and the model as stand-ins."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec
import pytest

from factory_ls.demo.github_state import Repository
from factory_ls.demo.messages_api import Directives, MessagesApi, Script
from factory_ls.demo.scene import Programs, Scene
from factory_ls.factory.app import Factory
from factory_ls.factory.journal import Change
from factory_ls.model.session import Session
from factory_ls.model.settings import resolve
from factory_ls.model.workspace import Workspace


class Stage:
    """`repo` is the user's clone of acme/basket, whose bare repository the GitHub stand-in serves."""

    def __init__(self, folder: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.scene = scene
        self.repo = scene.checkout
        self.factory: Factory
        self.editors = 1
        self._monkeypatch = monkeypatch
        self._changed = asyncio.Event()

    @classmethod
    async def make(
        cls, monkeypatch: pytest.MonkeyPatch, *, script: Script | None = None, claude: str | None = None
    ) -> Self:
        # A short path: there are sockets below it.
        folder = Path(tempfile.mkdtemp(prefix="fls-"))
        scene = Scene(folder, programs=Programs(gh=None, claude=claude), script=script or Directives(), interval=3600)
        await scene.__aenter__()
        stage = cls(folder, scene, monkeypatch)
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in scene.environ.items():
            monkeypatch.setenv(name, value)
        await stage.set_up_repository()
        await stage.open()
        return stage

    async def set_up_repository(self) -> None:
        scene = self.scene
        scene.repository = await scene.github.add_repository("acme", "basket")
        await scene.git("clone", "--quiet", "git@github.com:acme/basket.git", str(self.repo), cwd=self.folder)
        await scene.git("checkout", "--quiet", "-B", "main")
        await scene.commit({"README.md": "A basket\n", ".gitignore": ".env\nbuild/\n"}, "A basket")
        await self.git("push", "--quiet", "--set-upstream", "origin", "main")
        await self.git("remote", "set-head", "origin", "main")

    async def open(self, **settings: str) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)
        self.factory = await Factory.open(resolve(os.environ).settings, attended=lambda: self.editors > 0)
        self.factory.subscribe(self._on_change)

    async def reopen(self, **settings: str) -> None:
        """As the next hub does."""
        await self.factory.close()
        await self.open(**settings)

    async def close(self) -> None:
        for session in self.factory.sessions():
            await self.factory.session_runs.stop(session.id)
        await self.factory.close()
        await self.scene.__aexit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def model(self) -> MessagesApi:
        return self.scene.model

    @property
    def github(self) -> Repository:
        return self.scene.repository

    async def git(self, *arguments: str, cwd: Path | None = None) -> str:
        return await self.scene.git(*arguments, cwd=cwd or self.repo)

    async def do(self, command: str, **arguments: Any) -> Any:
        return await self.factory.execute(f"factory.{command}", arguments)

    async def create(self, **arguments: Any) -> Workspace:
        made: Workspace = await self.do("workspace.create", repoPath=str(self.repo), **arguments)
        return made

    def session(self, session_id: str) -> Session:
        return next(one for one in self.factory.sessions() if one.id == session_id)

    async def until(self, condition: Callable[[], Any], seconds: float = 20) -> Any:
        """What `condition` is once it is true; it is looked at after each change."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := condition()):
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            shown = msgspec.json.encode([self.factory.workspaces(), self.factory.sessions()]).decode()
            raise AssertionError(f"not reached; {shown}") from None

    def _on_change(self, _: Change) -> None:
        self._changed.set()
