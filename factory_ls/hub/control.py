"""How the command line speaks with the hub: one JSON object a line, each way.

    → {"id": 1, "command": "factory.workspace.list", "arguments": {…}}
    ← {"id": 1, "progress": {"message": "…", "percent": 40}}          any number of these
    ← {"id": 1, "result": …}   or   {"id": 1, "error": {"kind", "message", "hint"}}

`hub.stop` is a command here and nowhere else. When the connection ends, the commands it runs are cancelled.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec

from factory_ls.lsp.ports import Host
from factory_ls.model.errors import ErrorKind, ErrorObject, FactoryError

log = logging.getLogger(__name__)

STOP = "hub.stop"


class Request(msgspec.Struct, frozen=True):
    id: int
    command: str
    arguments: dict[str, Any] | None = None


async def serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: Host, stop: Callable[[], None]
) -> None:
    """Answer one connection's requests until it ends."""
    running: set[asyncio.Task[None]] = set()

    def send(message: Any) -> None:
        if not writer.is_closing():
            writer.write(msgspec.json.encode(message))
            writer.write(b"\n")

    try:
        while line := await reader.readline():
            try:
                request = msgspec.json.decode(line, type=Request)
            except msgspec.DecodeError as error:
                refusal = ErrorObject(kind=ErrorKind.INVALID, message=f"not a request: {error}")
                send({"id": None, "error": refusal})
                continue
            if request.command == STOP:
                send({"id": request.id, "result": None})
                stop()
                return
            task = asyncio.get_running_loop().create_task(_answer(request, host, send))
            running.add(task)
            task.add_done_callback(running.discard)
    except ValueError as error:  # a line beyond the stream's limit
        send({"id": None, "error": ErrorObject(kind=ErrorKind.INVALID, message=str(error))})
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _answer(request: Request, host: Host, send: Callable[[Any], None]) -> None:
    def report(message: str, percent: float | None) -> None:
        send({"id": request.id, "progress": {"message": message, "percent": percent}})

    try:
        result = await host.execute(request.command, request.arguments, report)
        send({"id": request.id, "result": result})
    except FactoryError as error:
        send({"id": request.id, "error": error.object})
    except Exception:
        log.exception("the command %r failed", request.command)
        hint = "This is a bug in factory-ls; the hub's log has the details."
        failure = ErrorObject(kind=ErrorKind.INTERNAL, message=f"{request.command} failed", hint=hint)
        send({"id": request.id, "error": failure})
