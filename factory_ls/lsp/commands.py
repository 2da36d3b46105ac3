"""`workspace/executeCommand`: the application's commands, with progress and cancellation."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from factory_ls.lsp.greeting import APPLY_SUGGESTION, COPY_COMMAND, EXPLAIN, OPEN_LOG, OPEN_TRANSCRIPT, WRITE_REPLY
from factory_ls.lsp.log_documents import open_log, open_transcript
from factory_ls.lsp.ports import Report
from factory_ls.lsp.replies import write_reply
from factory_ls.lsp.reviews import apply_suggestion
from factory_ls.lsp.running import RUN, copy_command, explain, run_here
from factory_ls.model.errors import ErrorKind, FactoryError

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

Own = Callable[["Session", Mapping[str, Any], Report], Awaitable[Any]]

OWN: Mapping[str, Own] = {
    OPEN_LOG: open_log,
    OPEN_TRANSCRIPT: open_transcript,
    COPY_COMMAND: copy_command,
    EXPLAIN: explain,
    APPLY_SUGGESTION: apply_suggestion,
    WRITE_REPLY: write_reply,
    RUN: run_here,
}
"""Commands that need the editor itself; all others are the application's."""


async def execute(session: "Session", params: Any) -> Any:
    """`params` as plain JSON: `{command, arguments?: [object], workDoneToken?}`."""
    command, arguments, token = _read(params)
    with session.progresses.of_command(title(command), token) as progress:
        if (own := OWN.get(command)) is not None:
            return await own(session, arguments or {}, progress.report)
        return await session.execute(command, arguments, progress.report)


def title(command: str) -> str:
    """`factory.pr.rerunFailed` → `Factory: pr rerunFailed`"""
    return "Factory: " + command.removeprefix("factory.").replace(".", " ")


def _read(params: Any) -> tuple[str, Mapping[str, Any] | None, int | str | None]:
    if not isinstance(params, dict) or not isinstance(command := params.get("command"), str):
        raise FactoryError(ErrorKind.INVALID, "executeCommand needs a command", "Send {command, arguments}.")
    arguments = params.get("arguments") or []
    if not isinstance(arguments, list) or len(arguments) > 1 or not all(isinstance(one, dict) for one in arguments):
        hint = "Send one JSON object, or none."
        raise FactoryError(ErrorKind.INVALID, f"{command} takes its arguments as one object", hint)
    token = params.get("workDoneToken")
    return command, (arguments[0] if arguments else None), token if isinstance(token, (int, str)) else None
