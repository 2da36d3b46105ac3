"""The command line's end of the control connection."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from factory_ls.hub import rendezvous, starting
from factory_ls.hub.control import STOP
from factory_ls.hub.forward import hello
from factory_ls.model.errors import ErrorKind, FactoryError

Progress = Callable[[str, float | None], None]
STOP_PATIENCE = 15.0
"""Seconds a hub may take to end what it does."""


def call(
    command: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    start: bool = True,
    progress: Progress = lambda *_: None,
) -> Any:
    """Run one command in the hub, which is started if need be. FactoryError: the command's, or there is no hub."""
    try:
        connection = starting.connect(hello("control"), environ, start=start)
    except starting.NoHubError as error:
        raise FactoryError(ErrorKind(error.kind), str(error), error.hint) from error
    with connection, connection.makefile("rb") as answers, contextlib.suppress(ConnectionError):
        with contextlib.suppress(BrokenPipeError):  # refused half-way: the answer says why
            connection.sendall(json.dumps({"id": 1, "command": command, "arguments": arguments}).encode() + b"\n")
        for line in answers:
            message = json.loads(line)
            if "progress" in message:
                progress(message["progress"]["message"], message["progress"]["percent"])
            elif "error" in message:
                raise _error(message["error"])
            else:
                return message["result"]
    raise FactoryError(ErrorKind.INTERNAL, "the hub ended before it answered", "Its log says why; run it again.")


def stop(environ: Mapping[str, str] = os.environ) -> bool:
    """Stop the hub and wait until it is gone. False: none was running."""
    try:
        call(STOP, environ=environ, start=False)
    except FactoryError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return False
        raise
    lock_file = rendezvous.lock_path(environ)
    deadline = time.monotonic() + STOP_PATIENCE
    while time.monotonic() < deadline:
        if (lock := rendezvous.claim(lock_file)) is not None:
            os.close(lock)
            return True
        time.sleep(0.01)
    raise FactoryError(ErrorKind.TIMEOUT, "the hub has not ended yet", "`factory-ls hub status` tells its process.")


def _error(found: Mapping[str, Any]) -> FactoryError:
    return FactoryError(
        ErrorKind(found["kind"]), found["message"], found.get("hint", ""), retry_at=found.get("retryAt")
    )
