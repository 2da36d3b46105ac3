"""What an editor runs: find or start the hub and pump bytes between stdio and its socket.

Two blocking loops, one a direction, so that a slow reader at either end holds back only its own direction. The hub
ends a session with a NUL and the exit code as one byte: neither a header nor JSON can hold a NUL, so the
bytes need no parsing. Without it the hub has died.
"""

import _thread
import contextlib
import os
import socket
import sys
from collections.abc import Mapping

from factory_ls import __version__
from factory_ls.hub.starting import NoHubError, connect

FAREWELL = b"\0"
CHUNK = 1 << 16


def serve_stdio(environ: Mapping[str, str]) -> int:
    """Serve the editor on stdin and stdout until it leaves. Returns the exit code."""
    reason = "FACTORY_NO_HUB is set"
    if environ.get("FACTORY_NO_HUB", "").lower() not in ("1", "true", "yes", "on"):
        try:
            connection = connect(hello("lsp"), environ)
        except NoHubError as error:
            reason = str(error)
        else:
            return pump(connection)
    from factory_ls.hub.inprocess import serve  # noqa: PLC0415 - imports asyncio

    return serve(environ, reason)


def hello(kind: str) -> bytes:
    """The first line on the hub's socket. Written by hand: importing json costs 6 ms."""
    return f'{{"kind":"{kind}","version":"{__version__}"}}\n'.encode()


def pump(connection: socket.socket) -> int:
    """stdin → hub and hub → stdout, until the hub closes. The exit code is the hub's; 1 when it died."""
    _thread.start_new_thread(_send, (connection,))
    try:
        while chunk := connection.recv(CHUNK):
            head, farewell, code = chunk.partition(FAREWELL)
            _write(head)
            if farewell:
                return (code or connection.recv(1) or b"\1")[0]
    except BrokenPipeError:
        return 1  # the editor closed our stdout: nobody is left to tell
    except KeyboardInterrupt:
        return 130
    except ConnectionError:
        pass
    sys.stderr.write("factory-ls: the hub has ended; restart the language server to start another\n")
    return 1


def _send(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := os.read(0, CHUNK):
            connection.sendall(chunk)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]
