"""`factory-ls workspace` and `status` through a real hub."""

import asyncio
import json
import subprocess
from pathlib import Path

from factory_ls.demo.messages_api import Directives
from factory_ls.demo.scene import Programs, Scene, server
from factory_ls.demo.story import stop_hub
from factory_ls.hub.client import call


async def test_put_away_and_brought_back(place: Path) -> None:
    async with Scene(place, programs=Programs(gh=None, claude=None), script=Directives(), interval=3600) as scene:

        async def run(*arguments: str, code: int = 0) -> str:
            argv = server(*arguments)
            done = await asyncio.to_thread(subprocess.run, argv, env=scene.environ, capture_output=True, text=True)
            assert done.returncode == code, done.stderr
            return done.stdout if code == 0 else done.stderr

        repo = scene.folder / "basket"
        await scene.git("init", "--quiet", "--initial-branch=main", str(repo), cwd=scene.folder)
        await scene.commit({"README.md": "A basket\n"}, "A basket")
        arguments = {"repoPath": str(repo), "name": "one"}
        made = await asyncio.to_thread(call, "factory.workspace.create", arguments, environ=scene.environ)
        (Path(made["path"]) / "new").write_text("kept")
        assert "one" in await run("status")
        assert "archived, branch" in await run("workspace", "archive", "one")
        assert await run("workspace", "list") == ""
        (listed,) = json.loads(await run("workspace", "list", "--archived", "--json"))
        assert (listed["name"], listed["status"], listed["diskBytes"]) == ("one", "ARCHIVED", 0)
        assert "ready, branch" in await run("workspace", "restore", "one")
        assert (Path(made["path"]) / "new").read_text() == "kept"
        error = json.loads(await run("workspace", "restore", "nobody", code=1))["error"]
        assert error["kind"] == "notFound"
        await stop_hub(scene)
