"""Find the hub, or become the one who starts it. Standard library only.

Whoever takes the lock binds the socket and starts a detached hub that inherits both, so the socket can be dialled at
once (the kernel queues the connection) and there is never a moment with a socket and no holder of the lock. Losing
the race is no error: the winner's hub is dialled instead.
"""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from factory_ls.hub import rendezvous
from factory_ls.hub.rendezvous import Rendezvous
from factory_ls.model.paths import base_dir

READY = b"ready\n"
"""The hub's answer to a hello: what follows is the protocol asked for."""
LEAVING = b"leaving\n"
"""The hub makes way for a newer one: dial again."""

PATIENCE = 20.0
"""Seconds until a hub must have answered a hello: a cold start on a busy machine takes about one."""
STARTS = 2


class NoHubError(Exception):
    """No hub could be reached or started; the text says why. `kind` is one of `model.errors.ErrorKind`."""

    def __init__(self, kind: str, why: str, hint: str = "`factory-ls doctor` tells what is in its way.") -> None:
        super().__init__(why)
        self.kind = kind
        self.hint = hint


def connect(hello: bytes, environ: Mapping[str, str], *, start: bool = True) -> socket.socket:
    """A connection to the hub that has taken `hello` (one JSON line). NoHubError: there is none, or none may be."""
    try:
        place = rendezvous.locate(environ)
        return _connect(hello, place, environ, start=start)
    except OSError as error:
        raise NoHubError("denied", f"cannot use a background hub: {error}") from error


def _connect(hello: bytes, place: Rendezvous, environ: Mapping[str, str], *, start: bool) -> socket.socket:
    deadline = time.monotonic() + PATIENCE
    starts = 0
    while time.monotonic() < deadline:
        connection = rendezvous.dial(place, PATIENCE)
        if connection is not None:
            if _greet(connection, hello):
                return connection
            connection.close()
        elif not start:
            raise NoHubError("notFound", "no hub is running", "Editors and `factory-ls status` start one.")
        elif (lock := rendezvous.claim(place.lock)) is not None:
            if starts == STARTS:
                os.close(lock)
                raise NoHubError("internal", f"the hub ends while it starts; see {output_file(environ)}")
            starts += 1
            _start(place, lock, environ)
            continue
        time.sleep(0.005)  # another process is between taking the lock and listening, or a hub is on its way out
    raise NoHubError("timeout", f"the hub did not answer within {PATIENCE:.0f} seconds; see {output_file(environ)}")


def _greet(connection: socket.socket, hello: bytes) -> bool:
    """Whether the hub took us. It may be leaving, or have left with our connection in its queue."""
    try:
        connection.sendall(hello)
        answer = b""
        while not answer.endswith(b"\n") and (byte := connection.recv(1)):
            answer += byte  # byte by byte: what follows the line belongs to the caller
    except TimeoutError:
        raise
    except OSError:
        return False
    connection.settimeout(None)
    return answer == READY


def output_file(environ: Mapping[str, str]) -> Path:
    """Where a detached hub's stdout and stderr go: what is printed before, or beside, its log."""
    return base_dir(environ) / "logs" / "hub.out"


def _start(place: Rendezvous, lock: int, environ: Mapping[str, str]) -> None:
    import subprocess  # noqa: PLC0415 - 8 ms that a window with a running hub need not pay

    output = output_file(environ)
    output.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with (
            rendezvous.listen(place, lock) as listener,
            open(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log,  # noqa: PTH123
        ):
            subprocess.Popen(
                [sys.executable, "-m", "factory_ls.hub", str(lock), str(listener.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock, listener.fileno()),
                start_new_session=True,
                env=dict(environ),
            )
    finally:
        with contextlib.suppress(OSError):
            os.close(lock)
