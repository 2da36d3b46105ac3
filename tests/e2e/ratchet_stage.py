"""The application on the demo's stage, in this process: pull requests whose one check is a file's content.

`value.txt` must say `good`, or CI fails at its first line. What the model does is a shell command a test gives; what
GitHub has is looked at in the stand-in, not asked of the application.
"""

import asyncio
import contextlib
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from factory_ls.demo.github_state import Job, Pull
from factory_ls.demo.messages_api import Reply, Request, Text, Tool
from factory_ls.demo.scene import NAME, OWNER, Scene
from factory_ls.factory.app import Factory
from factory_ls.factory.caller import Caller
from factory_ls.model.ratchet import Ratchet
from factory_ls.model.session import Session
from factory_ls.model.settings import resolve

PATIENCE = 40.0
CHECK = """\
echo "checking $(cat value.txt)"
test "$(cat value.txt)" = good && exit 0
echo "value.txt:1:1: error: the value is bad [bad-value]"
exit 1
"""
WORKFLOW = {
    "name": "CI",
    "on": ["push"],
    "jobs": {"test": {"runs-on": "ubuntu-latest", "steps": [{"run": "bash check.sh"}]}},
}
MAIN = {
    ".github/workflows/ci.yml": json.dumps(WORKFLOW, indent=2) + "\n",
    "check.sh": CHECK,
    "value.txt": "good\n",
    "notes.txt": "one\ntwo\nthree\n",
}
FIX = "echo good > value.txt"


class Model:
    """Plays the fixer: runs `does` in its worktree, one command a turn, and says that it is done."""

    def __init__(self, *does: str) -> None:
        self.does = does or (FIX,)
        self.prompts: list[str] = []
        """What fixers were told, oldest first."""
        self.said = 0

    def __call__(self, request: Request) -> Reply:
        if not request.tools:
            return Reply(blocks=(Text('{"title": "x"}'),))
        if request.tool_results:
            return Reply(blocks=(Text("I am done."),))
        self.prompts.append(request.text)
        command = self.does[min(self.said, len(self.does) - 1)]
        self.said += 1
        if not command:
            return Reply(blocks=(Text("There is nothing to do."),))
        return Reply(blocks=(Tool("Bash", {"command": command, "description": "fix"}),))


class Stage:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.github = scene.github
        self.factory: Factory
        self._changed = asyncio.Event()

    # -- the repository

    async def set_up(self, files: Mapping[str, str] = MAIN, host: str = "github.com") -> None:
        self.scene.repository = await self.github.add_repository(OWNER, NAME)
        await self.git(
            "clone", "--quiet", f"git@{host}:{OWNER}/{NAME}.git", str(self.scene.checkout), cwd=self.scene.folder
        )
        await self.git("checkout", "--quiet", "-B", "main")
        await self.scene.commit(files, "begin")
        await self.git("push", "--quiet", "--set-upstream", "origin", "main")
        await self.git("remote", "set-head", "origin", "main")
        await self.github.idle()

    async def git(self, *arguments: str, cwd: Path | None = None) -> str:
        return await self.scene.git(*arguments, cwd=cwd)

    async def push(self, branch: str, files: Mapping[str, str], message: str = "work") -> str:
        """One more commit on a branch, pushed by a person from the user's own clone; its checks have ended."""
        await self.git("fetch", "--quiet", "origin")
        remote = f"refs/remotes/origin/{branch}"
        known = (await self.git("for-each-ref", remote)).strip()
        # Detached: a workspace may have the branch checked out.
        await self.git("checkout", "--quiet", "--detach", remote if known else "refs/remotes/origin/main")
        await self.scene.commit(files, message)
        await self.git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        sha = (await self.git("rev-parse", "HEAD")).strip()
        await self.git("checkout", "--quiet", "main")
        await self.github.idle()
        return sha

    async def rewrite(self, branch: str, message: str = "the same, told better") -> str:
        """The branch's last commit amended and pushed by force, by a person."""
        await self.git("fetch", "--quiet", "origin")
        await self.git("checkout", "--quiet", "--detach", f"refs/remotes/origin/{branch}")
        await self.git("commit", "--quiet", "--amend", "--message", message)
        await self.git("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
        sha = (await self.git("rev-parse", "HEAD")).strip()
        await self.git("checkout", "--quiet", "main")
        await self.github.idle()
        return sha

    async def is_ancestor(self, old: str, new: str) -> bool:
        merge_base = await self.git("merge-base", old, new, cwd=self.scene.repository.path)
        return merge_base.strip() == old

    async def pull(self, branch: str = "topic", files: Mapping[str, str] | None = None, **more: Any) -> Pull:
        await self.push(branch, files or {"value.txt": f"bad {branch}\n"})
        pull = self.github.open_pull(self.scene.repository, head=branch, base="main", title=branch, **more)
        await self.github.idle()
        return pull

    def jobs(self, sha: str) -> dict[str, Job]:
        return {job.name: job for run in self.scene.repository.latest_runs(sha) for job in run.jobs}

    async def message(self, sha: str) -> str:
        return await self.git("log", "-1", "--format=%B", sha, cwd=self.scene.repository.path)

    async def show(self, sha: str, path: str) -> str:
        return await self.git("show", f"{sha}:{path}", cwd=self.scene.repository.path)

    # -- the application

    async def open(self) -> Factory:
        self.factory = await Factory.open(resolve(self.scene.environ).settings)
        self.factory.subscribe(lambda _: self._changed.set())
        return self.factory

    async def command(self, name: str, caller: Caller | None = None, **arguments: Any) -> Any:
        given = [caller] if caller else []
        return msgspec.to_builtins(await self.factory.execute(f"factory.{name}", arguments, *given))

    async def workspace(self, branch: str = "topic", *, ratchet: bool = True) -> str:
        """The id of a workspace of the branch."""
        made = await self.command(
            "workspace.create", repoPath=str(self.scene.checkout), source={"kind": "RESUME_BRANCH", "branch": branch}
        )
        workspace_id = str(made["id"])
        await self.until(lambda: self.factory.workspace(workspace_id).status == "READY", "READY")
        await self.command("ratchet.check", workspace=workspace_id)
        if ratchet:
            await self.command("ratchet.enable", workspace=workspace_id)
        return workspace_id

    def ratchet(self, workspace_id: str) -> Ratchet:
        return self.factory.workspace(workspace_id).ratchet

    def fixers(self, workspace_id: str) -> list[Session]:
        return [s for s in self.factory.workspace(workspace_id).sessions if s.workflow.startswith("ratchet/")]

    def worktree(self, workspace_id: str) -> Path:
        return Path(self.factory.workspace(workspace_id).path)

    async def until(self, state: Callable[[], object], what: str) -> None:
        """Waits for a state, looking after every change; what was seen last is in the error."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not state():
                    self._changed.clear()
                    # Not wait_for: Python 3.11's forgets the outer time-out when a change comes in the same moment.
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.5):
                            await self._changed.wait()
        except TimeoutError:
            said = {w.name: (w.ratchet.state, w.ratchet.reason) for w in self.factory.workspaces()}
            pytest.fail(f"{what} did not come: {said}")

    async def reason(self, workspace_id: str, words: str) -> Ratchet:
        """Waits until the reason holds these words (a regular expression)."""
        await self.until(lambda: re.search(words, self.ratchet(workspace_id).reason), repr(words))
        return self.ratchet(workspace_id)

    async def ready(self, workspace_id: str) -> Ratchet:
        await self.until(lambda: self.ratchet(workspace_id).reason.startswith("Ready to merge"), "READY")
        return self.ratchet(workspace_id)


@contextlib.asynccontextmanager
async def staged(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, *, host: str = "github.com", **settings: str
) -> AsyncIterator[Stage]:
    """A stage with its repository and an open application. `settings` are environment variables."""
    scene.environ |= settings
    for name in list(os.environ):  # CI=true, say, is a thing that checks look at
        monkeypatch.delenv(name)
    for name, value in scene.environ.items():
        monkeypatch.setenv(name, value)
    stage = Stage(scene)
    await stage.set_up(host=host)
    await stage.open()
    try:
        yield stage
    finally:
        for session in stage.factory.sessions():
            if not session.status.ended:
                await stage.factory.session_runs.stop(session.id)
        await stage.factory.close()
