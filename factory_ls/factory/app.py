"""The application: every room put together, behind one list of commands. Editors, MCP and the command line use this."""

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Mapping
from difflib import get_close_matches
from typing import Any, Self

import msgspec

from factory_ls.claude.launch import McpEndpoint
from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.caller import USER, Caller
from factory_ls.factory.children import Children
from factory_ls.factory.ci import Ci
from factory_ls.factory.command import Command, Context, Report, silent
from factory_ls.factory.dev_servers import DevServers
from factory_ls.factory.doing import Doing
from factory_ls.factory.fix_commands import FixCommands
from factory_ls.factory.fixes import Fixes
from factory_ls.factory.fixing import Fixing
from factory_ls.factory.guards import Guards
from factory_ls.factory.issues import Issues
from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.lifecycle import Lifecycle
from factory_ls.factory.memories import Memories
from factory_ls.factory.merging import Merging
from factory_ls.factory.observing import Observing
from factory_ls.factory.permissions import Permissions
from factory_ls.factory.poller import Poller
from factory_ls.factory.projects import Projects
from factory_ls.factory.prompt_commands import PromptCommands
from factory_ls.factory.prompts import Prompts
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.factory.pushing import Pushing
from factory_ls.factory.ratchets import Ratchets
from factory_ls.factory.reports import Reports
from factory_ls.factory.scripts import Scripts
from factory_ls.factory.session_commands import SessionCommands
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.spending import Purse
from factory_ls.factory.texts import Texts
from factory_ls.factory.trees import Trees
from factory_ls.factory.views import Attended, session_view, workspace_view
from factory_ls.factory.watch import Watch
from factory_ls.factory.watchdog import Watchdog
from factory_ls.factory.workspaces import Workspaces
from factory_ls.git.runner import Git
from factory_ls.github.gh import Gh
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.hub import GithubBudget
from factory_ls.model.project import Project
from factory_ls.model.session import Session
from factory_ls.model.settings import Settings
from factory_ls.model.workspace import Workspace
from factory_ls.store.store import Store

log = logging.getLogger(__name__)

Endpoint = Callable[[str, str], Awaitable[McpEndpoint | None]]


async def no_endpoint(_workspace: str, _session: str) -> McpEndpoint | None:
    """Sessions started without MCP: they work, and ask nobody."""
    return None


class Factory:
    """Made by `open`. All methods belong to the loop it was opened on."""

    def __init__(
        self, settings: Settings, store: Store, endpoint: Endpoint, revoke: Callable[[str], None], attended: Attended
    ) -> None:
        self.settings = settings
        self._attended = attended
        self._store = store
        self._journal = journal = Journal(store)
        git, self._gh = Git(settings.git), Gh(settings.gh)
        prompts = Prompts()
        reports = Reports(journal, git, self._gh)
        self._texts = Texts(journal, git, self._gh)
        self._trees = Trees(journal, git)
        self.problems = ProblemBoard(journal, reports, self._texts, self._trees)
        projects = Projects(journal, git)
        self._poller = poller = Poller(
            journal, git, self._gh, reports, settings.ratchet_interval_seconds, self._observed
        )
        pulls = PullRequests(journal, git, self._gh, reports, poller)
        permissions, purse = Permissions(journal), Purse(journal, settings)
        self.session_runs = Sessions(journal, settings, permissions, purse, endpoint, revoke)
        sessions = SessionCommands(journal, self.session_runs, prompts, attended)
        memories, guards = Memories(journal), Guards(journal, settings)
        doing = Doing(journal, git)
        pushing = Pushing(git, pulls, memories, doing)
        merging = Merging(journal, git, memories, pushing, doing)
        fixing = Fixing(
            journal, git, self.problems, pulls, self.session_runs, prompts, memories, guards, pushing, doing
        )
        observing = Observing(journal, self.problems, reports, poller)
        self._ratchets = Ratchets(
            journal, poller, pulls, self.session_runs, fixing, memories, observing, guards, merging, doing
        )
        self.session_runs.on_user_spoke = self._ratchets.user_spoke
        fixes = Fixes(journal, pulls, self.session_runs, fixing, memories, guards, self._ratchets)
        issues = Issues(journal, self._gh, prompts, self.session_runs)
        lifecycle = Lifecycle(journal)
        self._dev_servers = DevServers(journal, lifecycle, settings, self._view)
        self._workspaces = Workspaces(
            journal,
            git,
            projects,
            lifecycle,
            Scripts(),
            settings,
            view=self._view,
            login=self._login,
            fetch_issue=issues.fetch,
            start_session=issues.start_session,
            enable_ratchet=self._ratchets.enable,
            stop_all=self._stop_all,
            open_files=self.problems.open_files,
        )
        self._reports = reports
        self._watch = Watch(journal, git, self.problems, self._trees, poller.wake)
        ci = Ci(journal, git, self.problems, reports, self.session_runs, prompts)
        running = FixCommands(journal, git, self.problems)
        rendered = PromptCommands(journal, self.problems, prompts)
        workspaces = (projects, self._workspaces, self._dev_servers, issues, prompts, rendered)
        rooms = (*workspaces, sessions, permissions, purse, pulls, ci, self._ratchets, fixes, running)
        own = {command.name: command for room in rooms for command in room.commands()}
        children = Children(journal, self.session_runs, own["factory.workspace.create"].handler, self._view)
        self.commands: Mapping[str, Command] = own | {c.name: c for c in children.commands()}
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        endpoint: Endpoint = no_endpoint,
        revoke: Callable[[str], None] = lambda _: None,
        attended: Attended = lambda: True,
    ) -> Self:
        """Opens the database, replays it, finds running Claude sessions and begins to poll.

        `endpoint` gives a session its way to MCP, `revoke` takes it back when the session has ended;
        `attended` says whether an editor is connected.

        Raises `FactoryError`: corrupt, busy, denied, … as the store says.
        """
        store = await Store.open(settings.database_path)
        try:
            self = cls(settings, store, endpoint, revoke, attended)
            await self._journal.replay()
            await self._reports.load()
            await self._trees.load()
            await self.session_runs.attach_all()
            self._workspaces.recover()
        except BaseException:
            await store.close()
            raise
        self._tasks = [
            asyncio.create_task(self._poller.run(), name="poll"),
            asyncio.create_task(self._ratchets.run(), name="ratchets"),
            asyncio.create_task(self._watch.run(), name="watch"),
            asyncio.create_task(self._dev_servers.watch(), name="dev servers"),
            asyncio.create_task(Watchdog(self.session_runs, self._workspaces.recover).run(), name="watchdog"),
        ]
        return self

    async def close(self) -> None:
        """Ends polling and lets go of Claude sessions, which live on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._workspaces.close()
        await self._ratchets.close()
        await self._trees.close()
        await self._texts.close()
        await self.session_runs.detach_all()
        await self._store.close()

    # -- one way in

    async def execute(
        self,
        command: str,
        arguments: bytes | Mapping[str, Any] | None,
        caller: Caller = USER,
        report: Report = silent,
    ) -> Any:
        """Runs a command. `arguments` is a JSON object, encoded or not; the answer is fit for `msgspec.json.encode`.

        Raises `FactoryError`. Cancelling the task cancels the command.
        """
        found = self.commands.get(command)
        caller = self.reach(caller)
        if found is None:
            near = get_close_matches(command, self.commands, 3, 0.5) or sorted(self.commands)
            raise FactoryError(
                ErrorKind.NOT_FOUND, f"There is no command {command!r}.", f"There is: {', '.join(near)}."
            )
        if found.user_only:
            caller.demand_user(found.title[0].lower() + found.title[1:])
        try:
            if isinstance(arguments, bytes):
                params = msgspec.json.decode(arguments or b"{}", type=found.params)
            else:
                params = msgspec.convert(arguments or {}, found.params)
        except msgspec.MsgspecError as error:
            names = ", ".join(field.encode_name for field in msgspec.structs.fields(found.params)) or "none"
            raise FactoryError(ErrorKind.INVALID, f"{command}: {error}", f"Its arguments: {names}.") from None
        return await found.handler(params, Context(caller, report))

    # -- what is shown

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        return self._journal.subscribe(listener)

    @property
    def revision(self) -> int:
        return self._journal.state.revision

    @property
    def busy(self) -> bool:
        """Whether something goes on that a hub without editors must not end."""
        return self._ratchets.watching or any(not s.status.ended for s in self._journal.state.sessions.values())

    def reach(self, caller: Caller) -> Caller:
        """The caller with the workspaces it has made by now."""
        if caller.kind == "user":
            return caller
        made = self._journal.state.children_of(caller.session_id)
        return dataclasses.replace(caller, children=frozenset(workspace.id for workspace in made))

    def workspaces(self) -> list[Workspace]:
        return [self._view(workspace) for workspace in self._journal.state.live_workspaces()]

    def workspace(self, ref: str) -> Workspace:
        return self._view(self._journal.state.workspace(ref))

    def sessions(self) -> list[Session]:
        attended = self._attended()
        return [session_view(session, attended) for session in self._journal.state.sessions.values()]

    def github_budget(self) -> tuple[GithubBudget, ...]:
        return self._gh.budget()

    def _view(self, workspace: Workspace) -> Workspace:
        state = self._journal.state
        current = state.workspaces[workspace.id]
        if trouble := self._poller.trouble(workspace.id):
            current = msgspec.structs.replace(current, warnings=(*current.warnings, f"GitHub: {trouble}"))
        ratchet, synced_at = self._ratchets.view(workspace.id), self._poller.synced_at(workspace.id)
        return workspace_view(state, current, ratchet, synced_at, attended=self._attended())

    async def user_saved(self, path: str) -> None:
        """The user saved a file in an editor: a fixer at work in its worktree steps back."""
        if workspace_id := self.problems.workspace_of(path):
            await self._ratchets.user_saved(workspace_id)

    async def _login(self, project: Project) -> str:
        return (await self._poller.login(project.github_host) or "") if project.github_host else ""

    async def _stop_all(self, workspace_id: str, force: bool) -> None:
        await self.session_runs.stop_all(workspace_id, force)
        await self._dev_servers.stop(workspace_id)

    async def _observed(self, workspace_id: str) -> None:
        # The system may drop what it tells of the disk when much happens at once: so it is looked at now and then.
        await self._trees.look(workspace_id)
        with contextlib.suppress(KeyError):
            self._ratchets.look_soon(workspace_id)
