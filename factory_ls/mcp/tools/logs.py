"""`get_check_log`: the part of a CI log that was asked for, and not a line more."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, cast

from msgspec import Meta

from factory_ls.mcp import excerpt
from factory_ls.mcp.excerpt import Excerpt
from factory_ls.mcp.tool import Answer, Call, Tool
from factory_ls.mcp.tools.workspaces import WorkspaceRef
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.text import one_line
from factory_ls.model.wire import Params, Wire

if TYPE_CHECKING:
    from factory_ls.factory.ci import CheckLog

MAX_LINES = 400

NonEmpty = Annotated[str, Meta(min_length=1)]


class LogParams(Params, frozen=True, kw_only=True):
    workspace: WorkspaceRef = None
    check: Annotated[str | None, Meta(description="Its name; not needed with `problem` or when one check fails.")] = (
        None
    )
    problem: Annotated[str | None, Meta(description="Lines around this problem (an id from list_problems).")] = None
    line: Annotated[int, Meta(description="Lines around this one: a `logLine`.", ge=1)] | None = None
    step: Annotated[str | None, Meta(description="The step whose command contains this text.")] = None
    search: Annotated[NonEmpty | None, Meta(description="Lines that contain this text, case ignored.")] = None
    lines: Annotated[int, Meta(description="How many, at most.", ge=1, le=MAX_LINES)] = 40
    cursor: Annotated[str | None, Meta(description="`next` of the part before, other arguments unchanged.")] = None


class LogPart(Wire, frozen=True, kw_only=True, omit_defaults=True):
    check: str
    total_lines: int
    text: str
    """Each line as `number: text`."""
    url: str | None = None
    next: str | None = None


async def get_check_log(params: LogParams, call: Call) -> Answer:
    if sum(way is not None for way in (params.problem, params.line, params.step, params.search)) > 1:
        raise FactoryError(
            ErrorKind.INVALID, "Give one of `problem`, `line`, `step` and `search`.", "None gives the end."
        )
    workspace = call.workspace(params.workspace)
    answer = await call.execute("factory.ci.log", workspace=workspace.id, check=params.check, problem=params.problem)
    log = cast("CheckLog", answer)
    if params.problem is not None and log.line is None:
        raise FactoryError(
            ErrorKind.NOT_FOUND,
            "This problem came as an annotation: no log line is known.",
            "Use `search` with a piece of its message.",
        )
    # A log can be 64 MB: splitting and searching it is not for the loop.
    part, total = await asyncio.to_thread(_part, log, params)
    following = f"{part.next}.{total}" if part.next else None
    text = part.numbered()
    name = one_line(log.check)
    structured = LogPart(check=name, total_lines=total, text=text, url=log.url, next=following)
    lines = [f"{name}, {len(part.lines)} of {total} lines", text or "(nothing)"]
    if following:
        lines.append(f"… to go on: cursor {following}")
    return Answer(structured, "\n".join(lines))


def _part(log: "CheckLog", params: LogParams) -> tuple[Excerpt, int]:
    """The excerpt, and how many lines the whole has."""
    lines = log.text.removesuffix("\n").split("\n") if log.text else []
    start = _resume(params.cursor, len(lines))
    middle = log.line if log.line is not None else params.line
    if middle is not None:
        part = excerpt.forward(lines, start, params.lines) if start else excerpt.around(lines, middle, params.lines)
    elif params.search is not None:
        part = excerpt.search(lines, params.search, start or 1, params.lines)
    elif params.step is not None:
        first, last = _step(lines, params.step)
        part = excerpt.forward(lines, max(first, start or 0), params.lines, last)
    else:
        part = excerpt.tail(lines, start, params.lines)
    return part, len(lines)


def _resume(cursor: str | None, total: int) -> int | None:
    if cursor is None:
        return None
    line, _, length = cursor.partition(".")
    if length != str(total) or not line.isascii() or not line.isdecimal() or not 1 <= int(line) <= total:
        raise FactoryError(ErrorKind.INVALID, "The log is another one now.", "Call again without `cursor`.")
    return int(line)


def _step(log: Sequence[str], wanted: str) -> tuple[int, int]:
    found = excerpt.steps(log)
    for title, first, last in found:
        if wanted.casefold() in title.casefold():
            return first, last
    titles = "; ".join(one_line(title, 60) for title, _, _ in found[:20]) or "none that are marked"
    raise FactoryError(
        ErrorKind.NOT_FOUND, f"No step of this log contains {one_line(wanted, 60)!r}.", f"Its steps: {titles}."
    )


TOOLS = (
    Tool(
        name="get_check_log",
        title="Read part of a check's log",
        description="Part of a failing check's log, with line numbers: around a `problem` or a `line`, a `step`, lines "
        "matching `search`, or the end. Use it only for what list_problems gives no place for, or get_problem does not "
        "explain.",
        params=LogParams,
        result=LogPart,
        run=get_check_log,
    ),
)
