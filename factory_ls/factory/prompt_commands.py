"""`factory.prompt.render`: a prompt filled with what is known of a workspace."""

from pathlib import Path

import msgspec

from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.journal import Journal
from factory_ls.factory.prompts import Prompts
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Placement, Severity
from factory_ls.model.pull_request import CiStatus, PullRequest
from factory_ls.model.wire import Wire

KNOWN = frozenset({"problems", "branch", "base", "checks", "commands", "threads", "number", "url"})
"""Arguments that the factory fills; the others are the user's to give."""


class RenderParams(WorkspaceParams, frozen=True, kw_only=True):
    name: str
    values: dict[str, str] = msgspec.field(default_factory=dict)
    """Arguments the factory does not know, or that are to be other ones."""


class RenderedPrompt(Wire, frozen=True, kw_only=True):
    name: str
    description: str
    text: str


class PromptCommands:
    def __init__(self, journal: Journal, board: ProblemBoard, prompts: Prompts) -> None:
        self._journal = journal
        self._board = board
        self._prompts = prompts

    def commands(self) -> list[Command]:
        return [Command("factory.prompt.render", "Fill a prompt", RenderParams, self._render)]

    async def _render(self, params: RenderParams, context: Context) -> RenderedPrompt:
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        if params.name not in {shipped.name for shipped in await self._prompts.shipped()}:
            raise FactoryError(ErrorKind.NOT_FOUND, f"There is no prompt {params.name!r}.", "List the prompts.")
        prompt = await self._prompts.load(f"{params.name}.md", Path(workspace.path))
        problems, failures = await self._board.everything(workspace.id)
        chosen = [p for p in problems if p.placement is not Placement.GONE and p.severity is not Severity.HINT]
        pr = self._journal.state.pull_requests.get(workspace.id)
        known = {
            "branch": workspace.branch,
            "base": workspace.base_branch,
            "checks": ", ".join(c.name for c in pr.checks if c.outcome is CiStatus.FAILURE) if pr else "",
            "commands": "\n".join(dict.fromkeys(p.command for p in chosen if p.command)),
            "threads": _threads(pr) if pr else "",
            "number": str(workspace.github_issue_number or ""),
            "url": workspace.github_issue_url or "",
        }
        text = prompt.render(problems=chosen, failures=failures, values=known | params.values)
        return RenderedPrompt(name=prompt.name, description=prompt.description, text=text)


def _threads(pr: PullRequest) -> str:
    return "\n\n".join(
        "\n".join([f"{thread.path}:{thread.line or '?'}", *(f"{c.author or '?'}: {c.body}" for c in thread.comments)])
        for thread in pr.threads
        if not thread.is_resolved
    )
