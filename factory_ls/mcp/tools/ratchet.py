"""`get_ratchet`: what the ratchet waits for, and why."""

from typing import cast

from factory_ls.mcp.tool import Answer, Call, Tool
from factory_ls.mcp.tools.workspaces import WorkspaceParams
from factory_ls.model.ratchet import Ratchet
from factory_ls.model.text import one_line
from factory_ls.model.wire import Wire

MAX_STEPS = 30


class RuleRow(Wire, frozen=True, kw_only=True):
    rule: str
    saw: str
    said: str


class RatchetDetail(Wire, frozen=True, kw_only=True, omit_defaults=True):
    enabled: bool
    state: str
    reason: str
    attempts: int
    max_attempts: int
    spent_usd: float
    budget_usd: float
    stalled: bool = False
    active_session: str | None = None
    proof: str | None = None
    """The last fix's: command, exit code before and after."""
    trace: tuple[RuleRow, ...] = ()
    """The rules in order, each with what it saw and said."""


async def get_ratchet(params: WorkspaceParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    ratchet = cast("Ratchet", await call.execute("factory.ratchet.explain", workspace=workspace.id))
    proof = ratchet.proof
    view = RatchetDetail(
        enabled=ratchet.enabled,
        state=ratchet.state,
        reason=one_line(ratchet.reason, 500),
        attempts=ratchet.attempts,
        max_attempts=ratchet.max_attempts,
        spent_usd=round(ratchet.spent_usd, 4),
        budget_usd=ratchet.budget_usd,
        stalled=ratchet.stalled,
        active_session=ratchet.active_session_id,
        proof=one_line(f"{proof.command}: exit {proof.red} before, {proof.green} after", 300) if proof else None,
        trace=tuple(
            RuleRow(rule=step.rule, saw=one_line(step.saw), said=one_line(step.said))
            for step in ratchet.trace[:MAX_STEPS]
        ),
    )
    lines = [
        f"{'On' if view.enabled else 'Off'}, {view.state}{' (stalled)' if view.stalled else ''}: {view.reason}",
        f"Attempts {view.attempts} of {view.max_attempts}, ${view.spent_usd:.2f} of ${view.budget_usd:.2f}.",
        *([f"Last proof: {view.proof}"] if view.proof else []),
        *(f"{step.rule}: saw {step.saw}; {step.said}" for step in view.trace),
    ]
    return Answer(view, "\n".join(lines))


TOOLS = (
    Tool(
        name="get_ratchet",
        title="Explain the ratchet",
        description="Whether the ratchet (the loop that moves the pull request to mergeable by itself) is on, what it "
        "waits for, what it has tried and spent, and each of its rules with what it saw. Use it when nothing seems to "
        "happen, or before you start work it may be doing.",
        params=WorkspaceParams,
        result=RatchetDetail,
        run=get_ratchet,
    ),
)
