"""Projects: which repositories the factory knows, and what GitHub calls them."""

import asyncio
from pathlib import Path

from factory_ls.factory.command import Command, Context, NoParams
from factory_ls.factory.ids import new_id
from factory_ls.factory.journal import Journal
from factory_ls.git.repository import default_branch, main_repository, parse_remote, remotes
from factory_ls.git.runner import Git
from factory_ls.git.ssh import host_name
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import ProjectAdded, ProjectRemoved
from factory_ls.model.project import Project
from factory_ls.model.wire import Params


class RepoParams(Params, frozen=True, kw_only=True):
    repo_path: str


class Projects:
    def __init__(self, journal: Journal, git: Git) -> None:
        self._journal = journal
        self._git = git
        self._adding = asyncio.Lock()

    def commands(self) -> list[Command]:
        return [
            Command("factory.project.list", "List projects", NoParams, self._list),
            Command("factory.project.add", "Add a project", RepoParams, self._add, user_only=True),
            Command("factory.project.remove", "Remove a project", RepoParams, self._remove, user_only=True),
        ]

    async def _list(self, _: NoParams, context: Context) -> list[Project]:
        state = self._journal.state
        if context.caller.workspace_id:
            return [state.projects[state.workspaces[context.caller.workspace_id].project_id]]
        return list(state.projects.values())

    async def _add(self, params: RepoParams, _: Context) -> Project:
        return await self.ensure(Path(params.repo_path))

    async def _remove(self, params: RepoParams, _: Context) -> Project:
        """Forgets the project; its files stay. Refused while it has workspaces that are not archived."""
        project = self._journal.state.project(params.repo_path)
        names = [w.name for w in self._journal.state.live_workspaces() if w.project_id == project.id]
        if names:
            raise FactoryError(
                ErrorKind.CONFLICT,
                f"{project.name} still has workspaces: {', '.join(names)}.",
                "Archive them first (`factory.workspace.archive`).",
            )
        await self._journal.record(ProjectRemoved(project_id=project.id))
        return project

    async def ensure(self, path: Path) -> Project:
        """The project that holds `path`, added if need be. Any folder inside the repository or a worktree will do."""
        if not path.is_absolute():
            raise FactoryError(ErrorKind.INVALID, f"repoPath {str(path)!r} is not absolute.", "Give the full path.")
        root = await main_repository(self._git, path)
        # Two calls for one repository must not add it twice.
        async with self._adding:
            for project in self._journal.state.projects.values():
                if Path(project.repo_path) == root:
                    return project
            project = await self._look(root)
            await self._journal.record(ProjectAdded(project=project))
        return project

    async def _look(self, root: Path) -> Project:
        found = await remotes(self._git, root)
        # `origin` first: a fork's `upstream` is not where its branches are pushed.
        hosted = [
            place
            for remote in sorted(found, key=lambda r: r.name != "origin")
            if (place := parse_remote(remote.url)) is not None
        ]
        place = hosted[0] if hosted else None
        if place and "." not in place.host:  # no name of the network's, so one of the user's own
            host = await host_name(place.host)
            place = parse_remote(f"ssh://{host}/{place.owner}/{place.name}") or place
        return Project(
            id=new_id("p"),
            name=root.name,
            repo_path=str(root),
            default_branch=await default_branch(self._git, root),
            github_host=place.host if place else None,
            github_owner=place.owner if place else None,
            github_repo=place.name if place else None,
        )
