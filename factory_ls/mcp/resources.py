"""Resources: what a client may keep in view and be told of when it changes.

`factory://workspaces`, `factory://workspace/{id}`, `factory://workspace/{id}/problems`: the same JSON as
list_workspaces, get_workspace and the first page of list_problems.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from factory_ls.factory.journal import Change
from factory_ls.mcp.tool import Answer, Call
from factory_ls.mcp.tools import problems, workspaces
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.text import clean, one_line
from factory_ls.model.workspace import Workspace

MIME = "application/json"
WORKSPACES = "factory://workspaces"
_WORKSPACE = re.compile(r"factory://workspace/([A-Za-z0-9_-]{1,64})(/problems)?")
MAX_LISTED = 1_000

TEMPLATES = (
    {
        "uriTemplate": "factory://workspace/{id}",
        "name": "workspace",
        "title": "A workspace",
        "description": "Branch, pull request, sessions and what the ratchet waits for.",
        "mimeType": MIME,
    },
    {
        "uriTemplate": "factory://workspace/{id}/problems",
        "name": "problems",
        "title": "What CI found",
        "description": "The failing checks' problems, ranked and folded: the first page of list_problems.",
        "mimeType": MIME,
    },
)


def listed(call: Call) -> list[dict[str, Any]]:
    """Those the caller may read, as `resources/list` shows them."""
    rows = [{"uri": WORKSPACES, "name": "workspaces", "title": "Workspaces", "mimeType": MIME}]
    for workspace in call.reachable()[: MAX_LISTED // 2]:
        name = one_line(workspace.name, 80)
        uri = f"factory://workspace/{workspace.id}"
        rows.append({"uri": uri, "name": workspace.id, "title": name, "mimeType": MIME})
        title = f"{name}: what CI found"
        rows.append({"uri": f"{uri}/problems", "name": f"{workspace.id}/problems", "title": title, "mimeType": MIME})
    return rows


async def read(uri: str, call: Call) -> str:
    """JSON. Raises `notFound`, the same for what is not there and for what the caller may not read."""
    if uri == WORKSPACES:
        answer = await workspaces.list_workspaces(workspaces.ListParams(), call)
    else:
        workspace, wants_problems = _named(uri, call)
        answer = await _about(workspace, wants_problems, call)
    return clean(msgspec.json.encode(answer.structured).decode())


async def _about(workspace: Workspace, wants_problems: bool, call: Call) -> Answer:
    if wants_problems:
        return await problems.list_problems(problems.ListParams(workspace=workspace.id), call)
    return await workspaces.get_workspace(workspaces.WorkspaceParams(workspace=workspace.id), call)


def readable(uri: str, call: Call) -> bool:
    try:
        return uri == WORKSPACES or bool(_named(uri, call))
    except FactoryError:
        return False


def _named(uri: str, call: Call) -> tuple[Workspace, bool]:
    if found := _WORKSPACE.fullmatch(uri):
        for workspace in call.reachable():
            if workspace.id == found[1]:
                return workspace, found[2] is not None
    raise FactoryError(
        ErrorKind.NOT_FOUND, f"There is no resource {one_line(uri, 80)!r}.", "resources/list has those there are."
    )


def touched(change: Change) -> Iterable[str]:
    """The resources that a change is about."""
    if change.workspaces:
        yield WORKSPACES
    for ident in change.workspaces:
        yield f"factory://workspace/{ident}"
    for ident in change.problems:
        yield f"factory://workspace/{ident}/problems"
