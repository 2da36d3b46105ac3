"""`get_pull_request`: what stands between the branch and a merge."""

from typing import cast

from factory_ls.mcp.tool import Answer, Call, Tool
from factory_ls.mcp.tools.workspaces import WorkspaceParams
from factory_ls.model.pull_request import CiStatus, PullRequest
from factory_ls.model.text import one_line
from factory_ls.model.wire import Wire

MAX_CHECKS = 30


class CheckRow(Wire, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    outcome: str
    workflow: str | None = None
    conclusion: str | None = None
    required: bool | None = None
    url: str | None = None


class PullRequestView(Wire, frozen=True, kw_only=True, omit_defaults=True):
    number: int
    url: str
    title: str
    state: str
    ci_status: str
    ci_observation: str
    head_sha: str
    base_branch: str
    synced_at: str
    review_decision: str | None = None
    merge_state: str | None = None
    unresolved_threads: int = 0
    passed: int = 0
    """Checks that passed; they are not listed."""
    checks: tuple[CheckRow, ...] = ()
    """Those that failed, then those that run."""
    unlisted: int = 0


async def get_pull_request(params: WorkspaceParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    pr = cast("PullRequest", await call.execute("factory.pr.get", workspace=workspace.id))
    open_checks = sorted(
        (check for check in pr.checks if check.outcome is not CiStatus.SUCCESS),
        key=lambda check: (check.outcome is not CiStatus.FAILURE, check.name),
    )
    view = PullRequestView(
        number=pr.number,
        url=pr.url,
        title=one_line(pr.title, 300),
        state=pr.state,
        ci_status=pr.ci_status,
        ci_observation=pr.ci_observation,
        head_sha=pr.head_sha,
        base_branch=pr.base_branch,
        synced_at=pr.synced_at,
        review_decision=pr.review_decision,
        merge_state=pr.merge_state,
        unresolved_threads=sum(not thread.is_resolved for thread in pr.threads),
        passed=len(pr.checks) - len(open_checks),
        checks=tuple(
            CheckRow(
                name=one_line(check.name),
                outcome=check.outcome,
                workflow=one_line(check.workflow) if check.workflow else None,
                conclusion=check.conclusion,
                required=check.required,
                url=check.url,
            )
            for check in open_checks[:MAX_CHECKS]
        ),
        unlisted=max(0, len(open_checks) - MAX_CHECKS),
    )
    lines = [
        f"#{view.number} {view.state} {view.title!r} {view.url}",
        f"CI {view.ci_status} at {view.head_sha[:12]} ({view.passed} checks passed), seen {view.synced_at or 'never'}",
        f"merge {view.merge_state or 'unknown'}, review {view.review_decision or 'none'}",
        f"{view.unresolved_threads} unresolved review threads",
        *(f"{check.outcome} {check.name}" for check in view.checks),
    ]
    if view.unlisted:
        lines.append(f"… and {view.unlisted} more checks")
    return Answer(view, "\n".join(lines))


TOOLS = (
    Tool(
        name="get_pull_request",
        title="Show the pull request",
        description="The workspace's pull request: state, CI status with the failing and running checks, review "
        "decision, merge state, unresolved threads. Use it to see what blocks the merge; for what is wrong in the "
        "code, use list_problems.",
        params=WorkspaceParams,
        result=PullRequestView,
        run=get_pull_request,
    ),
)
