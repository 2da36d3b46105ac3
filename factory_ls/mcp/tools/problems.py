"""`list_problems` and `get_problem`: what CI says is wrong, in few tokens."""

import hashlib
from typing import TYPE_CHECKING, Annotated, cast

import msgspec
from msgspec import Meta

from factory_ls.mcp.ranking import Folded, fold, rank
from factory_ls.mcp.tool import Answer, Call, Tool
from factory_ls.mcp.tools.workspaces import WorkspaceRef
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Placement, Problem
from factory_ls.model.text import one_line
from factory_ls.model.wire import Params, Wire
from factory_ls.model.workspace import Workspace

if TYPE_CHECKING:
    from factory_ls.factory.ci import ProblemList as Found

PAGE_CHARACTERS = 5_400
"""Of the text and of the structured half together: with what surrounds them, 1,500 tokens of 4 characters."""
MAX_MESSAGE = 240
MAX_LINES = 10
MAX_FAILURES = 5
MAX_DETAIL = 6_000
"""Characters of one text field of `get_problem`."""


class ListParams(Params, frozen=True, kw_only=True):
    workspace: WorkspaceRef = None
    check: Annotated[str | None, Meta(description="Only of this check.")] = None
    path: Annotated[str | None, Meta(description="Only below this path, from the repository's root.")] = None
    tool: Annotated[str | None, Meta(description="Only of this tool, e.g. pytest, mypy.")] = None
    cursor: Annotated[str | None, Meta(description="`next` of the page before, other arguments unchanged.")] = None


class GetParams(Params, frozen=True, kw_only=True):
    problem: Annotated[str, Meta(description="An id from list_problems.")]
    workspace: WorkspaceRef = None


class ProblemRow(Wire, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    path: str
    line: int | None = None
    column: int | None = None
    severity: str = "error"
    tool: str
    code: str | None = None
    message: str
    test: str | None = None
    placement: str = Placement.EXACT
    more_lines: tuple[int, ...] = ()
    """Where else in the file the same is said, the first few."""
    times: int = 1


class FailureRow(Wire, frozen=True, kw_only=True, omit_defaults=True):
    tool: str
    message: str
    job: str | None = None
    step: str | None = None
    log_line: int | None = None


class ProblemList(Wire, frozen=True, kw_only=True, omit_defaults=True):
    total: int
    """Rows on all pages, after folding."""
    summary: str
    problems: tuple[ProblemRow, ...] = ()
    failures: tuple[FailureRow, ...] = ()
    """What failed without a place in a file."""
    next: str | None = None


async def list_problems(params: ListParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    found = await _problems(call, workspace, check=params.check)
    wanted = [problem for problem in found.problems if _wanted(problem, params)]
    ranked = rank(fold(wanted))
    start, print_ = _start(params.cursor, ranked)

    failures = () if start else tuple(_failure(f) for f in found.failures[:MAX_FAILURES])
    summary = _summary(workspace, found, wanted, ranked)
    lines = [summary, *(_failure_line(failure) for failure in failures)]
    room = PAGE_CHARACTERS - 2 * len(summary) - sum(_size(f) + len(_failure_line(f)) for f in failures)
    rows: list[ProblemRow] = []
    for item in ranked[start:]:
        row = row_of(item)
        line = row_line(row)
        room -= _size(row) + len(line) + 2
        if room < 0 and rows:
            break
        rows.append(row)
        lines.append(line)
    end = start + len(rows)
    following = f"{end}.{print_}" if end < len(ranked) else None
    if following:
        lines.append(f"… {len(ranked) - end} more: list_problems with cursor {following}")
    if rows:
        lines.append("get_problem with an [id] shows the excerpt and the failing command.")
    return Answer(
        ProblemList(total=len(ranked), summary=summary, problems=tuple(rows), failures=failures, next=following),
        "\n".join(lines),
    )


async def _problems(call: Call, workspace: Workspace, **chosen: str | None) -> "Found":
    return cast("Found", await call.execute("factory.ci.problems", workspace=workspace.id, **chosen))


def _wanted(problem: Problem, params: ListParams) -> bool:
    below = params.path is None or problem.path == params.path or problem.path.startswith(params.path.rstrip("/") + "/")
    return below and params.tool in (None, problem.tool)


def _start(cursor: str | None, ranked: list[Folded]) -> tuple[int, str]:
    """Where the page begins, and the fingerprint that tells whether the list is still the one of the page before."""
    digest = hashlib.blake2b(digest_size=4)
    for item in ranked:
        digest.update(item.problem.id.encode() + b"\0")
    print_ = digest.hexdigest()
    if cursor is None:
        return 0, print_
    offset, _, rest = cursor.partition(".")
    if rest != print_ or not offset.isdecimal() or len(offset) > 9:
        raise FactoryError(
            ErrorKind.INVALID, "The problems are other ones now.", "Call list_problems again without `cursor`."
        )
    return int(offset), print_


def row_of(item: Folded) -> ProblemRow:
    problem = item.problem
    return ProblemRow(
        id=problem.id,
        path=problem.path,
        line=problem.line,
        column=problem.column,
        severity=problem.severity,
        tool=problem.tool,
        code=problem.code,
        message=one_line(problem.message, MAX_MESSAGE),
        test=one_line(problem.test) if problem.test else None,
        placement=problem.placement,
        more_lines=tuple(line for line in item.lines if line != problem.line)[:MAX_LINES],
        times=item.times,
    )


def row_line(row: ProblemRow) -> str:
    place = ":".join(str(part) for part in (row.path, row.line, row.column) if part is not None)
    rule = " ".join(filter(None, (row.tool, row.code)))
    said = row.message if row.test is None or row.test in row.message else f"{row.test}: {row.message}"
    also = f" (also at {', '.join(map(str, row.more_lines))})" if row.more_lines else ""
    moved = "" if row.placement == Placement.EXACT else f" ({row.placement})"
    return f"{place} {row.severity} {rule}: {said}{also}{moved} [{row.id}]"


def _failure(failure: object) -> FailureRow:
    row = msgspec.convert(failure, FailureRow, from_attributes=True)
    return msgspec.structs.replace(row, message=one_line(row.message, MAX_MESSAGE))


def _failure_line(row: FailureRow) -> str:
    where = " / ".join(filter(None, (row.job, row.step)))
    at = f", log line {row.log_line}" if row.log_line else ""
    return f"no place: {row.tool}: {row.message} ({where}{at})"


def _summary(workspace: Workspace, found: "Found", wanted: list[Problem], ranked: list[Folded]) -> str:
    pr = workspace.pr
    ci = f"CI {pr.ci_status} at {pr.head_sha[:12]}" if pr else "no pull request"
    files = len({problem.path for problem in wanted})
    said = f"{len(wanted)} problems, {len(ranked)} distinct, in {files} files" if wanted else "no problems"
    extra = f", {len(found.failures)} failures without a place" if found.failures else ""
    gone = f", {found.gone} more on lines that were deleted since" if found.gone else ""
    return f"{ci}: {said}{extra}{gone}."


def _size(row: Wire) -> int:
    return len(msgspec.json.encode(row)) + 1


class ProblemDetail(Problem, frozen=True, kw_only=True, omit_defaults=True):
    """A Problem with its long fields cut in the middle."""


async def get_problem(params: GetParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    problem = next(iter((await _problems(call, workspace, problem=params.problem)).problems), None)
    if problem is None:
        raise FactoryError(
            ErrorKind.NOT_FOUND,
            f"There is no problem {one_line(params.problem, 60)!r} any more.",
            "list_problems has those there are now.",
        )
    detail = msgspec.convert(problem, ProblemDetail, from_attributes=True)
    detail = msgspec.structs.replace(
        detail,
        message=cut(problem.message, MAX_DETAIL // 2),
        excerpt=cut(problem.excerpt, MAX_DETAIL),
        command=cut(problem.command, MAX_DETAIL // 6) if problem.command else None,
        related=problem.related[:20],
    )
    lines = [row_line(row_of(Folded(problem, (), 1)))]
    if detail.message != one_line(problem.message, MAX_MESSAGE):
        lines.append(detail.message)
    where = " / ".join(filter(None, (problem.check or problem.job, problem.step)))
    lines += [f"In {where}" + (f", log line {problem.log_line}" if problem.log_line else "")] if where else []
    lines += [f"Command: {detail.command}"] if detail.command else []
    lines += [f"Also {other.path}:{other.line}: {one_line(other.message)}" for other in detail.related]
    lines += ["Log:", detail.excerpt] if detail.excerpt else []
    return Answer(detail, "\n".join(lines))


def cut(text: str, limit: int) -> str:
    """At most about `limit` characters: the middle goes, for a message starts and ends with what matters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


TOOLS = (
    Tool(
        name="list_problems",
        title="List what CI found",
        description="What the failing checks say is wrong, as file, line, tool and message, most telling first, lines "
        "as they are in your working tree now. Use it instead of reading CI logs, before you fix anything and after a "
        "push. Small; pages with `cursor`.",
        params=ListParams,
        result=ProblemList,
        run=list_problems,
    ),
    Tool(
        name="get_problem",
        title="Show one problem",
        description="One problem from list_problems in full: whole message, log excerpt, related places, and the "
        "command that failed. Use it when the row is not enough to fix it.",
        params=GetParams,
        result=ProblemDetail,
        run=get_problem,
    ),
)
