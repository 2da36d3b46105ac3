"""`workspace/executeCommand`: the application's commands, with progress and cancellation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from factory_ls.lsp.open_log import open_log
from factory_ls.model.errors import ErrorKind, FactoryError

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

OPEN_LOG = "factory.ci.openLog"


async def execute(session: "Session", params: Any) -> Any:
    """`params` as plain JSON: `{command, arguments?: [object], workDoneToken?}`."""
    command, arguments, token = _read(params)
    with session.progresses.of_command(title(command), token) as progress:
        if command == OPEN_LOG:
            return await open_log(session, arguments or {}, progress.report)
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
