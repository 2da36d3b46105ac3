"""The real server on the demo's stage, for editor tests: its GitHub, its model, a workspace whose checks failed."""

import asyncio
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from factory_ls.demo import sample
from factory_ls.demo.messages_api import Reply, Request, Text, Tool
from factory_ls.demo.scene import Programs, Scene, server
from factory_ls.demo.story import stop_hub
from tests.editors.scenario import Scenario, wait_until
from tests.tools import cache, require

T = TypeVar("T")

UNUSED = "`math` imported but unused"
DIVISION = "ZeroDivisionError: division by zero"
REPAIRED = "if prices else 0"

_EDITS = {
    "imported but unused": ("The import is not used.", "import math\n", ""),
    "ZeroDivisionError": (
        "An empty basket must not divide by zero.",
        "/ len(prices))\n",
        f"/ len(prices)) {REPAIRED}\n",
    ),
}
"""What a problem's message holds → why, and the edit that repairs it."""


def model(request: Request) -> Reply:
    """Repairs what its prompt quotes and nothing else; says hello to a prompt that quotes nothing."""
    if not request.tools:
        return Reply(blocks=(Text('{"title": "Fix CI"}'),))
    blocks = [block for message in request.messages for block in _blocks(message)]
    asked = "\n".join(block["text"] for block in blocks if block.get("type") == "text")
    done = sum(block.get("type") == "tool_use" for block in blocks)
    edits = [edit for quoted, edit in _EDITS.items() if quoted in asked]
    if not edits or not (request.tool_results or any(quoted in request.text for quoted in _EDITS)):
        return Reply(blocks=(Text("Hello from the model."),))
    steps = [
        Reply(blocks=(Text("First I read the file."), Tool("Read", {"file_path": sample.BROKEN}))),
        *(
            Reply(blocks=(Text(why), Tool("Edit", {"file_path": sample.BROKEN, "old_string": old, "new_string": new})))
            for why, old, new in edits
        ),
        Reply(blocks=(Text("Repaired."),)),
    ]
    return steps[min(done, len(steps) - 1)]


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content") or []
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


@dataclass(frozen=True, kw_only=True)
class Factory(Scenario):
    """A workspace on `sample.BRANCH`: line 3 of the file fails the linter, line 13 a test."""

    workspace: str

    def call(self, command: str, **arguments: object) -> Any:
        """`factory-ls call`: what a person would type beside the editor."""
        ran = subprocess.run(
            [*self.command, "call", command, json.dumps(arguments)],
            env=dict(self.env), cwd=self.project, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    def sessions(self, workflow: str) -> list[dict[str, Any]]:
        listed = self.call("factory.session.list", workspace=self.workspace)
        return [session for session in listed if session["workflow"] == workflow]

    def text(self) -> str:
        """The file on disk."""
        return (self.project / self.file).read_text()

    def git(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["git", *arguments], env=dict(self.env), cwd=self.project, capture_output=True, text=True, check=True
        )
        return ran.stdout

    def until_seen(self) -> None:
        """Until the factory knows that GitHub has what was pushed."""
        head = self.git("rev-parse", "HEAD").strip()
        wait_until(
            lambda: self.call("factory.pr.get", workspace=self.workspace)["headSha"] == head, "GitHub has the push"
        )

    def until_ratchet(self, state: str) -> None:
        wait_until(
            lambda: self.call("factory.workspace.get", workspace=self.workspace)["ratchet"]["state"] == state,
            f"the ratchet is {state}", seconds=90,
        )  # fmt: skip


@contextmanager
def factory() -> Iterator[Factory]:
    """The stage runs in a thread's own loop: what tests do here is blocking."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="stage")
    thread.start()

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=120)

    try:
        # A path short enough for a unix socket, which pytest's own is not.
        with tempfile.TemporaryDirectory(prefix="fls-", ignore_cleanup_errors=True) as place:
            scene = Scene(Path(place), programs=Programs(gh=_program("gh"), claude=_program("claude")), script=model)
            run(scene.__aenter__())
            try:
                run(scene.set_up_repository())
                yield _resumed(scene)
            finally:
                run(stop_hub(scene))
                run(scene.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _program(name: str) -> str | None:
    """The real one; outside CI its stand-in where it is not installed."""
    installed = (cache() / name / ".ready").is_file()
    return str(require(name) / "bin" / name) if installed or os.environ.get("CI") == "true" else None


def _resumed(scene: Scene) -> Factory:
    arguments = {"repoPath": str(scene.checkout), "source": {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}}
    made = subprocess.run(
        [*server("call", "factory.workspace.create"), json.dumps(arguments)],
        env=scene.environ, cwd=scene.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    workspace = json.loads(made.stdout)
    return Factory(
        command=tuple(server()),
        project=Path(workspace["path"]),
        file=sample.BROKEN,
        env=scene.environ,
        workspace=workspace["id"],
    )
