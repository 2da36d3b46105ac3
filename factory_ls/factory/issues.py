"""GitHub issues: listed to choose from, and what a workspace made from one tells Claude."""

import re
from pathlib import Path
from typing import Any

import msgspec

from factory_ls.factory.command import Command, Context
from factory_ls.factory.journal import Journal
from factory_ls.factory.prompts import Prompts
from factory_ls.factory.sessions import Sessions
from factory_ls.github.gh import Gh
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.project import Project
from factory_ls.model.session import Session
from factory_ls.model.text import clean, one_line
from factory_ls.model.wire import Params, Wire
from factory_ls.model.workspace import FirstTask, Issue

PAGE = 50


class ListParams(Params, frozen=True, kw_only=True):
    project: str


class IssueInfo(Wire, frozen=True, kw_only=True):
    number: int
    title: str
    url: str
    author: str | None


class _User(msgspec.Struct, frozen=True):
    login: str


class _Issue(msgspec.Struct, frozen=True):
    """As GitHub's REST API gives it; `pull_request` is there when it is one."""

    number: int
    title: str
    html_url: str
    body: str | None = None
    user: _User | None = None
    pull_request: msgspec.Raw | None = None


class Issues:
    def __init__(self, journal: Journal, gh: Gh, prompts: Prompts, sessions: Sessions) -> None:
        self._journal = journal
        self._gh = gh
        self._prompts = prompts
        self._sessions = sessions

    def commands(self) -> list[Command]:
        return [Command("factory.issue.list", "List GitHub issues", ListParams, self._list, user_only=True)]

    async def _list(self, params: ListParams, context: Context) -> list[IssueInfo]:
        project = self._journal.state.project(params.project)
        context.report("Asking GitHub", None)
        answer = await self._gh.rest(_host(project), f"{_repository(project)}/issues?state=open&per_page={PAGE}")
        return [
            IssueInfo(
                number=issue.number,
                title=one_line(issue.title),
                url=issue.html_url,
                author=issue.user.login if issue.user else None,
            )
            for issue in _decode(answer.body, list[_Issue])
            if issue.pull_request is None
        ]

    async def fetch(self, project: Project, reference: str) -> Issue:
        """By number (`12`, `#12`) or URL. Raises `invalid` for anything else, and for another repository's URL."""
        number = re.fullmatch(r"#?(\d{1,9})", reference.strip())
        link = re.fullmatch(r"https?://([^/]+)/([^/]+)/([^/]+)/issues/(\d{1,9})", reference.strip())
        if link:
            place = (link[1].lower(), link[2].lower(), link[3].lower())
            mine = (_host(project), str(project.github_owner).lower(), str(project.github_repo).lower())
            if place != mine:
                raise FactoryError(ErrorKind.INVALID, f"{reference} is an issue of another repository.", "")
        elif not number:
            raise FactoryError(ErrorKind.INVALID, f"{reference!r} is no issue.", "Give its number or its URL.")
        found = link[4] if link else number[1] if number else ""
        answer = await self._gh.rest(_host(project), f"{_repository(project)}/issues/{found}")
        issue = _decode(answer.body, _Issue)
        return Issue(number=issue.number, title=one_line(issue.title), body=clean(issue.body or ""), url=issue.html_url)

    async def start_session(self, workspace_id: str, task: FirstTask) -> Session:
        """The first session of a workspace: what the user asked, with the issue's text as data beside it."""
        prompt, issue = task.prompt, task.issue
        if issue is not None:
            workspace = self._journal.state.workspaces[workspace_id]
            loaded = await self._prompts.load("from-issue.md", Path(workspace.path))
            values = {
                "number": str(issue.number),
                "title": issue.title,
                "body": issue.body,
                "url": issue.url,
                "branch": workspace.branch,
                "base": workspace.base_branch,
                "request": prompt or "",
            }
            prompt = loaded.render(values=values)
        return await self._sessions.start(workspace_id, prompt, workflow="default", session_id=task.session)


def _host(project: Project) -> str:
    if not project.github_host:
        raise FactoryError(
            ErrorKind.INVALID, f"{project.name} has no remote on a GitHub host.", "Add one, then try again."
        )
    return project.github_host


def _repository(project: Project) -> str:
    return f"repos/{project.github_owner}/{project.github_repo}"


def _decode(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise FactoryError(ErrorKind.CORRUPT, f"GitHub's answer cannot be read: {error}", "Try again later.") from None
