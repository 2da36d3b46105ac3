"""Workspaces living through anything, with real git: hubs killed between any two steps, two commands at once, work in
every state of a worktree. Whatever happens: no byte is lost, no two workspaces share anything, every status has a way
on. FACTORY_TEST_LONG=1 looks for minutes instead of seconds.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from factory_ls.factory.caller import USER
from factory_ls.factory.command import Context
from factory_ls.factory.journal import Journal
from factory_ls.factory.lifecycle import Lifecycle
from factory_ls.factory.projects import Projects
from factory_ls.factory.scripts import Scripts
from factory_ls.factory.workspaces import Workspaces
from factory_ls.git.runner import Git
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import WorkspaceChanged
from factory_ls.model.settings import resolve
from factory_ls.model.workspace import Workspace, WorkspaceStatus
from factory_ls.store.store import Store

LONG = os.environ.get("FACTORY_TEST_LONG") == "1"
NEW, PROVISIONING, READY, FAILED, ARCHIVING, ARCHIVED = WorkspaceStatus
LEGAL = {
    (None, NEW), (NEW, PROVISIONING), (PROVISIONING, READY), (PROVISIONING, FAILED), (FAILED, PROVISIONING),
    (FAILED, ARCHIVING), (READY, ARCHIVING), (ARCHIVING, ARCHIVED), (ARCHIVING, READY), (ARCHIVING, FAILED),
    (ARCHIVED, PROVISIONING),
}  # fmt: skip
FUSE = st.none() | st.integers(0, 25)
"""After how many steps (calls of git, transactions) the hub is killed; null: it lives."""


WHICH = st.integers(0, 20)
"""Which workspace, of as many as there are: a strategy must not depend on what two commands at once came to."""


class HubKilledError(BaseException):
    pass


class Fuse:
    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            if self.left <= 0:
                raise HubKilledError
            self.left -= 1


class MortalGit(Git):
    def __init__(self, fuse: Fuse, environment: dict[str, str]) -> None:
        super().__init__(environment=environment)
        self._fuse = fuse

    async def answer(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        self._fuse.burn()
        return await super().answer(*arguments, **options)


class MortalJournal(Journal):
    def __init__(self, store: Store, fuse: Fuse) -> None:
        super().__init__(store)
        self._fuse = fuse

    async def transact(self, decide: Callable[[Any], Any]) -> None:
        self._fuse.burn()
        await super().transact(decide)


async def nothing(*_: Any) -> None:
    """Other rooms, which have no part in this."""


async def octocat(*_: Any) -> str:
    return "octocat"


class Life(RuleBasedStateMachine):
    @initialize()
    def born(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="fls-"))
        self.repo = self.folder / "a repository, ünd so"
        self.repo.mkdir()
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}
        self.git("init", "--quiet", "--initial-branch=main")
        for key in ("user.name", "user.email"):
            self.git("config", key, "a@example.com")
        (self.repo / "README").write_text("first\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "first")
        self.fuse = Fuse()
        self.precious: list[tuple[str, bytes]] = []
        """(workspace id, bytes) of all that was ever the latest content of a file that nobody deleted."""
        self.latest: dict[tuple[str, str], bytes] = {}
        self.count = 0
        self.loop.run_until_complete(self.open())

    async def open(self) -> None:
        given = resolve({"HOME": str(self.folder), "BASE_DIR": str(self.folder / "base")}).settings
        self.store = await Store.open(given.database_path)
        git = MortalGit(self.fuse, self.environ)
        self.journal = MortalJournal(self.store, self.fuse)
        await self.journal.replay()
        self.workspaces = Workspaces(
            self.journal, git, Projects(self.journal, git), Lifecycle(self.journal), Scripts(), given,
            view=lambda workspace: workspace, login=octocat, fetch_issue=nothing, start_session=nothing,
            enable_ratchet=nothing, stop_all=nothing, open_files=lambda _: (),
        )  # type: ignore[arg-type]  # fmt: skip
        self.workspaces.recover()
        await self.workspaces.settle()
        self.commands = {command.name.rpartition(".")[2]: command for command in self.workspaces.commands()}

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=cwd or self.repo, env=self.environ, capture_output=True, check=True)
        return done.stdout.decode()

    def does(self, *work: tuple[str, dict[str, Any]], fuse: int | None) -> list[Any]:
        """Commands, at once; the hub may be killed under them, and the next takes its place."""

        async def one(name: str, arguments: dict[str, Any]) -> Any:
            command = self.commands[name]
            return await command.handler(msgspec.convert(arguments, command.params), Context(USER))

        async def all_of_them() -> list[Any]:
            tasks: list[Awaitable[Any]] = [one(*each) for each in work]
            return await asyncio.gather(*tasks, return_exceptions=True)

        async def next_hub() -> None:
            self.fuse.left = None
            await self.store.close()
            await self.open()

        self.fuse.left = fuse
        outcomes = self.loop.run_until_complete(all_of_them())
        died = self.fuse.left == 0
        self.fuse.left = None
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not (died and isinstance(outcome, HubKilledError)):
                assert isinstance(outcome, FactoryError), outcome
                assert outcome.kind in (ErrorKind.CONFLICT, ErrorKind.BUSY), outcome
        if died:
            self.loop.run_until_complete(next_hub())
        return outcomes

    # -- what users do

    def those(self, *statuses: WorkspaceStatus) -> list[Workspace]:
        return [w for w in self.journal.state.workspaces.values() if w.status in statuses]

    def one_of(self, *statuses: WorkspaceStatus, which: int) -> Workspace:
        those = self.those(*statuses)
        return those[which % len(those)]

    @rule(name=st.sampled_from(["one", "ünd zwei", "../three"]), twice=st.booleans(), fuse=FUSE)
    def create(self, name: str, twice: bool, fuse: int | None) -> None:
        work = ("create", {"repoPath": str(self.repo), "name": name})
        # Not both: what two commands came to when they were killed is another story each time.
        self.does(*([work, work] if twice else [work]), fuse=None if twice else fuse)

    @precondition(lambda self: self.those(READY))
    @rule(which=WHICH, name=st.sampled_from(["README", "new", "földer/a b"]))
    def write(self, which: int, name: str) -> None:
        workspace = self.one_of(READY, which=which)
        self.count += 1
        path = Path(workspace.path) / name
        path.parent.mkdir(exist_ok=True)
        content = f"work {self.count}\n".encode()
        path.write_bytes(content)
        self.latest[workspace.id, name] = content

    @precondition(lambda self: self.those(READY))
    @rule(which=WHICH, how=st.sampled_from(["commit", "stage", "detach", "hook", "lock"]))
    def meddle(self, which: int, how: str) -> None:
        workspace = self.one_of(READY, which=which)
        path = Path(workspace.path)
        hook = self.repo / ".git" / "hooks" / "pre-commit"
        lock = Path(self.git("rev-parse", "--path-format=absolute", "--git-dir", cwd=path).strip()) / "index.lock"
        if how in ("commit", "stage") and not lock.exists():
            self.git("add", "--all", cwd=path)
            if how == "commit":
                self.git("commit", "--quiet", "--no-verify", "--allow-empty", "-m", "by hand", cwd=path)
        elif how == "detach" and not lock.exists():
            self.git("checkout", "--quiet", "--detach", cwd=path)
        elif how == "hook":
            hook.parent.mkdir(exist_ok=True)
            hook.write_text("#!/bin/sh\nexit 1\n")
            hook.chmod(0o755)
        elif how == "lock":
            lock.touch()

    @precondition(lambda self: self.those(READY, FAILED))
    @rule(which=WHICH, twice=st.booleans(), fuse=FUSE)
    def archive(self, which: int, twice: bool, fuse: int | None) -> None:
        workspace = self.one_of(READY, FAILED, which=which)
        work = ("archive", {"workspace": workspace.id})
        # Not both: what two commands came to when they were killed is another story each time.
        self.does(*([work, work] if twice else [work]), fuse=None if twice else fuse)

    @precondition(lambda self: self.those(ARCHIVED))
    @rule(which=WHICH, fuse=FUSE)
    def restore(self, which: int, fuse: int | None) -> None:
        workspace = self.one_of(ARCHIVED, which=which)
        self.does(("restore", {"workspace": workspace.id}), fuse=fuse)

    @precondition(lambda self: self.those(FAILED))
    @rule(which=WHICH, fuse=FUSE)
    def retry(self, which: int, fuse: int | None) -> None:
        workspace = self.one_of(FAILED, which=which)
        self.does(("retrySetup", {"workspace": workspace.id}), fuse=fuse)

    # -- what always holds

    @invariant()
    def nothing_is_left_half_done(self) -> None:
        if hasattr(self, "journal"):
            assert not self.those(NEW, PROVISIONING, ARCHIVING)

    @invariant()
    def no_two_share_anything(self) -> None:
        if hasattr(self, "journal"):
            live = self.those(READY, FAILED)
            for field in ("name", "path", "branch"):
                values = [getattr(workspace, field) for workspace in live]
                assert len(values) == len(set(values)), field

    @invariant()
    def no_byte_is_lost(self) -> None:
        if not getattr(self, "latest", None):
            return
        kept = set(self.git("rev-list", "--objects", "--all", "--no-object-names").split())
        for (workspace_id, name), content in self.latest.items():
            path = Path(self.journal.state.workspaces[workspace_id].path) / name
            if path.is_file() and path.read_bytes() == content:
                continue
            blob = subprocess.run(["git", "hash-object", "--stdin"], input=content, capture_output=True, check=True)
            assert blob.stdout.decode().strip() in kept, f"{name} of {workspace_id} is gone"

    def teardown(self) -> None:
        if not hasattr(self, "journal"):
            return
        try:
            self.every_change_was_legal()
            for workspace in self.those(READY):
                assert (Path(workspace.path) / "README").is_file()
            live = {workspace.path for workspace in self.those(READY, FAILED)}
            for workspace in self.those(ARCHIVED):
                assert workspace.path in live or not Path(workspace.path).exists()
        finally:
            self.loop.run_until_complete(self.store.close())
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def every_change_was_legal(self) -> None:
        async def changes() -> dict[str, list[WorkspaceStatus]]:
            seen: dict[str, list[WorkspaceStatus]] = {}
            async for event in self.store.events():
                if event.kind == "workspaceChanged":
                    workspace = msgspec.json.decode(event.body, type=WorkspaceChanged).workspace
                    seen.setdefault(workspace.id, []).append(workspace.status)
            return seen

        for statuses in self.loop.run_until_complete(changes()).values():
            for before, after in pairwise([None, *statuses]):
                assert before == after or (before, after) in LEGAL, statuses


@pytest.mark.timeout(7200 if LONG else 300)
def test_workspaces_live_through_anything() -> None:
    examples, steps = (300, 40) if LONG else (8, 12)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
