"""`list_workspaces` and `get_workspace`: where the work is and how it stands."""

from typing import Annotated

from msgspec import Meta

from factory_ls.mcp.tool import Answer, Call, Tool
from factory_ls.model.text import one_line
from factory_ls.model.wire import Params, Wire
from factory_ls.model.workspace import Workspace

WorkspaceRef = Annotated[str | None, Meta(description="Id, name or path. Leave out for the current one.")]


class WorkspaceParams(Params, frozen=True, kw_only=True):
    workspace: WorkspaceRef = None


class ListParams(Params, frozen=True, kw_only=True):
    pass


class WorkspaceRow(Wire, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    name: str
    status: str
    branch: str
    path: str
    pull_request: int | None = None
    ci_status: str | None = None
    ratchet: str | None = None
    """The ratchet's state, when it is on."""


class WorkspaceList(Wire, frozen=True, kw_only=True):
    workspaces: tuple[WorkspaceRow, ...]


class SessionRow(Wire, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    workflow: str
    status: str
    waits_for_user: bool = False


class RatchetView(Wire, frozen=True, kw_only=True):
    enabled: bool
    state: str
    reason: str
    attempts: int
    max_attempts: int


class WorkspaceView(Wire, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    name: str
    status: str
    branch: str
    base_branch: str
    path: str
    ratchet: RatchetView
    description: str = ""
    issue_url: str | None = None
    pull_request: int | None = None
    pull_request_url: str | None = None
    ci_status: str | None = None
    made_by_session: str | None = None
    sessions: tuple[SessionRow, ...] = ()
    warnings: tuple[str, ...] = ()


def _row(workspace: Workspace) -> WorkspaceRow:
    return WorkspaceRow(
        id=workspace.id,
        name=workspace.name,
        status=workspace.status,
        branch=workspace.branch,
        path=workspace.path,
        pull_request=workspace.pr.number if workspace.pr else None,
        ci_status=workspace.pr.ci_status if workspace.pr else None,
        ratchet=workspace.ratchet.state if workspace.ratchet.enabled else None,
    )


def _line(row: WorkspaceRow) -> str:
    pull_request = f"#{row.pull_request} CI {row.ci_status}" if row.pull_request else "no pull request"
    return f"{row.id} {row.name} {row.status} {row.branch} · {pull_request} · {row.path}"


async def list_workspaces(_: ListParams, call: Call) -> Answer:
    rows = tuple(_row(w) for w in call.reachable())
    return Answer(WorkspaceList(workspaces=rows), "\n".join(map(_line, rows)) or "There are no workspaces.")


async def get_workspace(params: WorkspaceParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    pr, ratchet = workspace.pr, workspace.ratchet
    view = WorkspaceView(
        id=workspace.id,
        name=workspace.name,
        status=workspace.status,
        branch=workspace.branch,
        base_branch=workspace.base_branch,
        path=workspace.path,
        description=one_line(workspace.description, 1000),
        issue_url=workspace.github_issue_url,
        pull_request=pr.number if pr else None,
        pull_request_url=pr.url if pr else None,
        ci_status=pr.ci_status if pr else None,
        ratchet=RatchetView(
            enabled=ratchet.enabled,
            state=ratchet.state,
            reason=ratchet.reason,
            attempts=ratchet.attempts,
            max_attempts=ratchet.max_attempts,
        ),
        made_by_session=workspace.parent_session,
        sessions=tuple(
            SessionRow(id=s.id, workflow=s.workflow, status=s.status, waits_for_user=bool(s.pending))
            for s in workspace.sessions
            if not s.status.ended
        ),
        warnings=tuple(one_line(warning, 300) for warning in workspace.warnings[:10]),
    )
    lines = [
        _line(_row(workspace)),
        f"Based on {workspace.base_branch}. Ratchet {'on' if ratchet.enabled else 'off'}: {ratchet.reason}",
        *(f"Session {s.id} {s.workflow} {s.status}" for s in view.sessions),
        *(f"Warning: {warning}" for warning in view.warnings),
    ]
    return Answer(view, "\n".join(lines))


TOOLS = (
    Tool(
        name="list_workspaces",
        title="List workspaces",
        description="The worktrees you may work in, with branch, pull request and CI status. Use it when you do not "
        "know which workspace is meant; a session of the factory has its own and can go straight to list_problems.",
        params=ListParams,
        result=WorkspaceList,
        run=list_workspaces,
    ),
    Tool(
        name="get_workspace",
        title="Show a workspace",
        description="One workspace: branch, base, issue, pull request, running sessions, and what the ratchet (the "
        "loop that moves the pull request to mergeable) is waiting for. Use it first to learn what you are working on.",
        params=WorkspaceParams,
        result=WorkspaceView,
        run=get_workspace,
    ),
)
