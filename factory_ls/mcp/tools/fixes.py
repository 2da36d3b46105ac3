"""`run_failing_command` and `submit_fix`: is it fixed, and may it be pushed."""

from typing import TYPE_CHECKING, Annotated, cast

import msgspec
from msgspec import Meta

from factory_ls.mcp.ranking import fold, rank
from factory_ls.mcp.tool import Answer, Call, Tool
from factory_ls.mcp.tools.problems import ProblemRow, cut, row_line, row_of
from factory_ls.mcp.tools.workspaces import WorkspaceParams
from factory_ls.model.ratchet import Proof
from factory_ls.model.text import one_line
from factory_ls.model.wire import Params, Wire

if TYPE_CHECKING:
    from factory_ls.factory.fix_commands import CommandRun
    from factory_ls.factory.fixes import Submitted

MAX_ROWS = 8
MAX_OUTPUT = 2_000
MAX_WHY = 4_000


class RunParams(WorkspaceParams, frozen=True, kw_only=True):
    check: Annotated[str | None, Meta(description="Its name; not needed when one check failed.")] = None


class RunResult(Wire, frozen=True, kw_only=True, omit_defaults=True):
    check: str
    command: str
    passed: bool
    code: int
    seconds: float
    timed_out: bool = False
    total: int = 0
    """Problems in its output, after folding."""
    problems: tuple[ProblemRow, ...] = ()
    output: str = ""
    """Its end, when it failed and no problem was read from it."""


async def run_failing_command(params: RunParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    answer = await call.execute("factory.fix.run", workspace=workspace.id, check=params.check)
    run = cast("CommandRun", answer)
    ranked = rank(fold(run.problems))
    passed = run.code == 0 and not run.timed_out
    rows = tuple(row_of(item) for item in ranked[:MAX_ROWS])
    result = RunResult(
        check=one_line(run.check),
        command=cut(run.command, 1_000),
        passed=passed,
        code=run.code,
        seconds=run.seconds,
        timed_out=run.timed_out,
        total=len(ranked),
        problems=rows,
        output="" if passed or rows else run.output[-MAX_OUTPUT:],
    )
    how = (
        "passed" if passed else "was ended: it took too long" if run.timed_out else f"failed with exit code {run.code}"
    )
    lines = [f"{result.check}: `{one_line(run.command)}` {how} after {run.seconds:.1f} s."]
    lines += [row_line(row) for row in rows]
    lines += [f"… and {len(ranked) - len(rows)} more"] if len(ranked) > len(rows) else []
    lines += [result.output] if result.output else []
    return Answer(result, "\n".join(lines))


class ThreadReply(Params, frozen=True, kw_only=True):
    thread: Annotated[str, Meta(description="Its id, as list_review_threads gives it.")]
    body: Annotated[str, Meta(description="What was done about it, or why nothing was: one or two sentences.")]
    addressed: Annotated[bool, Meta(description="Whether it may be resolved.")] = False


class SubmitParams(WorkspaceParams, frozen=True, kw_only=True):
    replies: Annotated[
        tuple[ThreadReply, ...], Meta(description="Answers to review threads, posted once the fix is pushed.")
    ] = ()


class SubmitResult(Wire, frozen=True, kw_only=True, omit_defaults=True):
    verdict: str
    next: str
    """What the fixer is to do now: Claude shows its model this object, not the text beside it."""
    why: tuple[str, ...] = ()
    commit: str | None = None
    proof: str = ""


_SAID = {
    "pushed": "Proved and pushed as {commit}. CI runs again; you are done.",
    "handedBack": "Not pushed. Mend this, then call submit_fix again:",
    "nothing": "There is nothing to push:",
    "asked": "Not pushed: a person looks at it first. You are done.",
}


async def submit_fix(params: SubmitParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    replies = [msgspec.to_builtins(reply) for reply in params.replies]
    answer = await call.execute("factory.fix.submit", workspace=workspace.id, replies=replies)
    done = cast("Submitted", answer)
    said = _SAID[done.verdict].format(commit=(done.commit or "")[:12])
    result = SubmitResult(
        verdict=done.verdict,
        next=said,
        why=tuple(cut(why, MAX_WHY // max(1, len(done.why))) for why in done.why[:20]),
        commit=done.commit,
        proof=_told(done.proof) if done.proof else "",
    )
    return Answer(result, "\n".join([said, *result.why, *([result.proof] if result.proof else [])]))


def _told(proof: Proof) -> str:
    how = "not run here" if proof.green is None else f"exit {proof.green}"
    return one_line(f"{proof.command}: {how} {proof.note}")


TOOLS = (
    Tool(
        name="run_failing_command",
        title="Run the failing command here",
        description="Runs the command that failed in CI in this worktree and gives what it finds, as list_problems "
        "does. Use it to see whether your change fixes the failure before you submit it. May take minutes.",
        params=RunParams,
        result=RunResult,
        run=run_failing_command,
        read_only=False,
    ),
    Tool(
        name="submit_fix",
        title="Submit a fix",
        description="Says that your fix is done: the failing commands are run again, the change is checked for skipped "
        "tests, silenced checkers and the like, then it is committed and pushed, or handed back with what is wrong. "
        "Use it when the ratchet sent you to repair a pull request, instead of git commit and push. May take minutes.",
        params=SubmitParams,
        result=SubmitResult,
        run=submit_fix,
        read_only=False,
        idempotent=False,
    ),
)
