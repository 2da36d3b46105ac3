"""Dev servers: a workspace's `run` script, on a port of its own. It outlives the hub, as Claude does, and is found
again by pid and start time."""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import msgspec

from factory_ls.claude import process
from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.journal import Journal
from factory_ls.factory.lifecycle import Lifecycle
from factory_ls.factory.scripts import read_repository_file
from factory_ls.factory.views import View
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.settings import Settings
from factory_ls.model.workspace import DevServer, Workspace, WorkspaceStatus

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
GRACE_SECONDS = 5.0
"""Between asking it to end and killing it, with all it started."""


class DevServers:
    def __init__(self, journal: Journal, lifecycle: Lifecycle, settings: Settings, view: View) -> None:
        self._journal = journal
        self._lifecycle = lifecycle
        self._settings = settings
        self._view = view
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def commands(self) -> list[Command]:
        return [
            Command("factory.workspace.run", "Run the dev server", WorkspaceParams, self._run, user_only=True),
            Command(
                "factory.workspace.stopRun", "Stop the dev server", WorkspaceParams, self._stop_run, user_only=True
            ),
        ]

    async def watch(self) -> None:
        """Runs for ever: notices those that end by themselves. The system tells nobody but a parent, and a hub may be
        none."""
        while True:
            await asyncio.to_thread(self._reap)
            for workspace in self._journal.state.live_workspaces():
                if workspace.run is not None and workspace.run.running:
                    await self._look(workspace.id)
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self, workspace_id: str) -> None:
        """Ends the server and everything it started; does nothing when none runs."""
        async with self._lock(workspace_id):
            run = self._journal.state.workspaces[workspace_id].run
            if run is None or not run.running:
                return
            folder = self._folder(workspace_id)
            for number in (signal.SIGTERM, signal.SIGKILL):
                if not await self._end(run, folder, number):
                    break
            await self._look(workspace_id, ended=True)

    async def _run(self, params: WorkspaceParams, context: Context) -> Workspace:
        workspace = self._journal.state.workspace(params.workspace)
        async with self._lock(workspace.id):
            workspace = self._journal.state.workspaces[workspace.id]
            if workspace.status is not WorkspaceStatus.READY:
                raise FactoryError(
                    ErrorKind.CONFLICT, f"{workspace.name} is {workspace.status}.", "Wait until it is READY."
                )
            if workspace.run is None or not workspace.run.running:
                script = (await read_repository_file(Path(workspace.path))).scripts.run
                if not script:
                    raise FactoryError(
                        ErrorKind.NOT_FOUND,
                        f"{workspace.name} has no `run` script.",
                        'Add it to factory-factory.json: {"scripts": {"run": "npm start -- --port {port}"}}.',
                    )
                server = await asyncio.to_thread(self._spawn, workspace, script)
                await self._lifecycle.amend(workspace.id, run=server)
                context.report(f"It runs at {server.url}", None)
        return self._view(self._journal.state.workspaces[workspace.id])

    async def _stop_run(self, params: WorkspaceParams, context: Context) -> Workspace:
        workspace = self._journal.state.workspace(params.workspace)
        context.report("Stopping the dev server", None)
        await self.stop(workspace.id)
        return self._view(self._journal.state.workspaces[workspace.id])

    def _spawn(self, workspace: Workspace, script: str) -> DevServer:
        folder = self._folder(workspace.id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        port = self._free_port(workspace)
        command = script.replace("{port}", str(port))
        bash = shutil.which("bash")
        shell = [bash, "-o", "pipefail", "-c"] if bash else ["/bin/sh", "-c"]
        log_file = folder / "log"
        with open(os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:  # noqa: PTH123
            child = subprocess.Popen(
                [*shell, command],
                cwd=workspace.path,
                env={**os.environ, "PORT": str(port), process.MARKER: str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children[workspace.id] = child
        return DevServer(
            command=command,
            port=port,
            url=f"http://localhost:{port}",
            log=str(log_file),
            pid=child.pid,
            pid_started=process.start_time(child.pid),
            started_at=iso(),
        )

    def _free_port(self, workspace: Workspace) -> int:
        """The one it had, if that is free, so that bookmarks stay good; else any, but none that another one has."""
        taken = {w.run.port for w in self._journal.state.live_workspaces() if w.run and w.id != workspace.id}
        wished = [workspace.run.port] if workspace.run else []
        for port in [*wished, *([0] * 50)]:
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                if (found := int(probe.getsockname()[1])) not in taken:
                    return found
        raise FactoryError(ErrorKind.BUSY, "No port is free.", "Stop other dev servers.")

    async def _end(self, run: DevServer, folder: Path, number: signal.Signals) -> bool:
        """Whether something of it still runs after the time it was given."""
        deadline = asyncio.get_running_loop().time() + GRACE_SECONDS
        process.end(await asyncio.to_thread(self._alive, run, folder), number)
        while await asyncio.to_thread(self._alive, run, folder):
            if asyncio.get_running_loop().time() > deadline:
                return True
            await asyncio.sleep(0.02)
        return False

    def _alive(self, run: DevServer, folder: Path) -> list[int]:
        self._reap()
        marked = process.marked(folder)
        return [*marked, run.pid] if run.pid not in marked and process.is_running(run.pid, run.pid_started) else marked

    @staticmethod
    def _runs(run: DevServer, folder: Path) -> bool:
        return process.is_running(run.pid, run.pid_started) or bool(process.marked(folder))

    def _reap(self) -> None:
        for child in list(self._children.values()):
            child.poll()

    async def _look(self, workspace_id: str, *, ended: bool = False) -> None:
        workspace = self._journal.state.workspaces[workspace_id]
        run, child = workspace.run, self._children.get(workspace_id)
        # A script that ends may leave in the background what it was run for, and that is the server then.
        if run is None or (not ended and await asyncio.to_thread(self._runs, run, self._folder(workspace_id))):
            return
        code = child.returncode if child is not None and child.pid == run.pid else None
        self._children.pop(workspace_id, None)
        await self._lifecycle.amend(workspace_id, run=msgspec.structs.replace(run, running=False, exit_code=code))

    def _lock(self, workspace_id: str) -> asyncio.Lock:
        return self._locks.setdefault(workspace_id, asyncio.Lock())

    def _folder(self, workspace_id: str) -> Path:
        return self._settings.base_dir / "runs" / workspace_id
