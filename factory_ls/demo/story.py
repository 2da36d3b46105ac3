"""The main job, told in steps: a failing check in the buffer, to Claude, and back to green."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from factory_ls.demo import sample
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Scene, server
from factory_ls.model.errors import ErrorKind, FactoryError

PATIENCE_SECONDS = 90.0


@dataclass
class Told:
    """What happened, for the summary and for tests."""

    steps: list[tuple[str, float]] = field(default_factory=list)
    """Title and seconds of each."""
    lines_before: list[int] = field(default_factory=list)
    """Lines (1-based) of the diagnostics as they arrived."""
    lines_moved: list[int] = field(default_factory=list)
    """The same after lines were typed above them."""
    reason: str = ""
    tools: list[str] = field(default_factory=list)
    """Tools Claude used, in order."""
    ratchet: dict[str, Any] = field(default_factory=dict)
    tokens: int = 0
    requests: int = 0


class Story:
    def __init__(self, scene: Scene, console: Console) -> None:
        self.scene = scene
        self.console = console
        self.told = Told()
        self._workspace: dict[str, Any] = {}

    async def tell(self) -> Told:
        """Plays the whole story. Raises `FactoryError` when a step does not come to its end."""
        async with self._step("Make a repository, push a branch that fails two checks, and let its CI run") as say:
            await self.scene.set_up_repository()
            failed = [job.name for run in self.scene.repository.runs for job in run.jobs if job.conclusion == "FAILURE"]
            say(f"pull request #{self.scene.pull.number} at {sample.BRANCH}: {', '.join(sorted(set(failed)))} failed")
        editor = LspClient(server(), self.scene.environ, self.scene.checkout)
        async with contextlib.AsyncExitStack() as open_editor:
            async with self._step("Start the language server, resume the branch in a worktree of its own") as say:
                await open_editor.enter_async_context(editor)
                self._workspace = await editor.command(
                    "factory.workspace.create",
                    repoPath=str(self.scene.checkout),
                    source={"kind": "RESUME_BRANCH", "branch": sample.BRANCH},
                )
                say(f"workspace {self._workspace['name']} ({self._workspace['id']})")
            await self._watch_diagnostics(editor)
            await self._fix(editor)
            await self._count(editor)
        return self.told

    @property
    def file(self) -> Path:
        return Path(self._workspace["path"]) / sample.BROKEN

    async def _watch_diagnostics(self, editor: LspClient) -> None:
        uri = self.file.as_uri()
        async with self._step(f"Open {sample.BROKEN}: what CI said is in the buffer") as say:
            editor.open(self.file, "python")
            await editor.until(lambda: len(editor.diagnostics.get(uri, [])) >= 2, "diagnostics", PATIENCE_SECONDS)
            self.told.lines_before = _lines(editor, uri)
            for item in editor.diagnostics[uri]:
                say(f"line {item['range']['start']['line'] + 1}: {item['source']}: {item['message'].splitlines()[0]}")
        async with self._step("Type three lines above them: they move with the text") as say:
            editor.type(self.file, 2, 0, "# one\n# two\n# three\n")
            await editor.until(lambda: _lines(editor, uri) != self.told.lines_before, "moved diagnostics")
            self.told.lines_moved = _lines(editor, uri)
            say(f"lines {self.told.lines_before} are now {self.told.lines_moved}")
            editor.type(self.file, 3, 0, "", until=3)
            await editor.until(lambda: _lines(editor, uri) == self.told.lines_before, "the old lines")

    async def _fix(self, editor: LspClient) -> None:
        uri, workspace = self.file.as_uri(), self._workspace["id"]
        async with self._step("Turn the ratchet on: it decides and sends a fixer") as say:
            ratchet = await editor.command("factory.ratchet.enable", workspace=workspace)
            self.told.reason = ratchet["reason"]
            say(self.told.reason)
            workspace = await self._until(editor, _fixers, "the fixer", say=say)
            session = _fixers(workspace)[0]["id"]
        async with self._step("Claude asks the factory over MCP what fails, and edits") as say:
            await self._until(editor, lambda w: _fixers(w)[0]["turns"], "the end of Claude's turn")
            await self._tell_transcript(editor, session, say)
        async with self._step("The failing commands run again, the fix is pushed with its proof") as say:
            ratchet = (await self._until(editor, lambda w: w["ratchet"]["proof"], "the proof", say=say))["ratchet"]
            proof = ratchet["proof"]
            say(f"{proof['command']}: exit {proof['red']} before, exit {proof['green']} after")
            say(f"commit {proof['commit'][:12]}")
        async with self._step("CI checks again: green, the diagnostics go, the pull request is ready") as say:
            ready = await self._until(editor, lambda w: w["ratchet"]["state"] == "READY", "READY", say=say)
            ratchet = ready["ratchet"]
            await editor.until(lambda: not editor.diagnostics.get(uri), "the diagnostics to go", PATIENCE_SECONDS)
            say(f"{ratchet['state']}: {ratchet['reason']}")
        self.told.ratchet = ratchet

    async def _until(
        self,
        editor: LspClient,
        state: Callable[[dict[str, Any]], object],
        what: str,
        *,
        say: Callable[[str], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The workspace once `state` holds of it: looked at after each change, and each new reason is repeated."""
        deadline, reason = time.monotonic() + PATIENCE_SECONDS, self.told.reason
        while True:
            seen = len(editor.notifications)
            workspace: dict[str, Any] = await editor.command("factory.workspace.get", workspace=self._workspace["id"])
            ratchet = workspace["ratchet"]
            if ratchet["reason"] != reason:
                reason = self.told.reason = ratchet["reason"]
                say(reason)
            if state(workspace):
                return workspace
            if ratchet["stalled"]:
                raise FactoryError(ErrorKind.CONFLICT, f"The ratchet stalled: {ratchet['reason']}", "")
            await editor.until(
                lambda seen=seen: any(m == "factory/stateChanged" for m, _ in editor.notifications[seen:]),  # type: ignore[misc]
                what,
                max(0.1, deadline - time.monotonic()),
            )

    async def _tell_transcript(self, editor: LspClient, session: str, say: Callable[[str], None]) -> None:
        after = 0
        while (page := await editor.command("factory.session.transcript", session=session, after=after, limit=500))[
            "events"
        ]:
            after = page["next"]
            for line in page["events"]:
                event = line["event"]
                content = event.get("message", {}).get("content") if event.get("type") == "assistant" else None
                for block in content if isinstance(content, list) else ():
                    if block["type"] == "tool_use":
                        self.told.tools.append(block["name"])
                        say(f"[dim]claude uses[/] {block['name']}")
                    elif block["type"] == "text":
                        say(f"claude: {block['text']}")
                usage = event.get("usage") if event.get("type") == "result" else None
                if usage:
                    self.told.tokens += usage.get("input_tokens", 0) + usage.get("output_tokens", 0)

    async def _count(self, editor: LspClient) -> None:
        status = await editor.command("factory.hub.status")
        self.told.requests = sum(budget["requests"] for budget in status["githubBudget"])

    @contextlib.asynccontextmanager
    async def _step(self, title: str) -> AsyncIterator[Callable[[str], None]]:
        number, started = len(self.told.steps) + 1, time.monotonic()
        self.console.print(f"[bold]{number}. {title}[/]")
        yield lambda line: self.console.print(f"   {line}", highlight=False)
        seconds = time.monotonic() - started
        self.told.steps.append((title, seconds))
        self.console.print(f"   [green]done[/] [dim]{seconds:.1f} s[/]")


def _lines(editor: LspClient, uri: str) -> list[int]:
    return sorted(item["range"]["start"]["line"] + 1 for item in editor.diagnostics.get(uri, []))


def _fixers(workspace: dict[str, Any]) -> list[dict[str, Any]]:
    """The ratchet's sessions whose Claude runs or ran, the first one first."""
    return [s for s in workspace["sessions"] if s["workflow"].startswith("ratchet/") and s["pid"]]


async def stop_hub(scene: Scene) -> None:
    """Ends the hub of the scene, and with it nothing else."""
    process = await asyncio.create_subprocess_exec(
        *server("hub", "stop"), env=scene.environ, cwd=scene.folder,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await process.wait()
