"""What `factory-ls mcp` runs: stdio to the hub's socket, and on to the next hub when that one ends.

Two blocking loops as in `forward`, a line at a time. When the hub has gone, another is started as soon as the client
waits for something; until then one is only looked for, so that `factory-ls hub stop` is not undone at once.
"""

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping

from factory_ls.hub.forward import CHUNK, FAREWELL
from factory_ls.hub.starting import NoHubError, connect
from factory_ls.mcp.replay import Replay

LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 60.0
"""For a hub to come back while the client waits."""


class Bridge:
    def __init__(self, hello: bytes, environ: Mapping[str, str]) -> None:
        self._hello = hello
        self._environ = environ
        self._replay = Replay()
        self._lock = threading.Lock()
        """Of the connection and of what has gone over it."""
        self._wanted = threading.Event()
        self._ended = False
        """The client has closed our stdin."""
        self._connection: socket.socket | None = None

    def run(self) -> int:
        """Until the client leaves. Returns the exit code. NoHubError: none can be had."""
        connection = self._connection = connect(self._hello, self._environ)
        threading.Thread(target=self._from_client, daemon=True).start()
        while True:
            code = self._from_hub(connection)
            if code is not None or self._ended:
                return code or 0
            with self._lock:
                self._connection = None
                connection.close()
                for line in self._replay.lost():
                    _write(line)
            connection = self._reconnect()

    def _from_hub(self, connection: socket.socket) -> int | None:
        """Passes on what the hub says until it ends: with the code it gave, or null when it just went."""
        pending = b""
        with contextlib.suppress(OSError):
            while chunk := connection.recv(CHUNK):
                pending += chunk
                *lines, pending = pending.split(b"\n")
                for line in lines:
                    with self._lock:
                        shown = self._replay.received(line)
                    if shown is not None:
                        _write(shown + b"\n")
                if pending.startswith(FAREWELL) and len(pending) > 1:
                    return pending[1]
        return None

    def _reconnect(self) -> socket.socket:
        """A new hub, told what the last one knew of this client. NoHubError: none within `PATIENCE_SECONDS`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            urgent = self._replay.urgent or self._wanted.is_set()
            try:
                connection = connect(self._hello, self._environ, start=urgent)
            except NoHubError:
                if urgent and time.monotonic() > deadline:
                    raise
                if not urgent:
                    deadline = time.monotonic() + PATIENCE_SECONDS
                self._wanted.wait(LOOK_SECONDS)
                if self._ended:
                    raise
                continue
            with self._lock, contextlib.suppress(OSError):
                self._wanted.clear()
                self._connection = connection
                for line in self._replay.again():
                    connection.sendall(line)
            return connection

    def _from_client(self) -> None:
        for line in _lines():
            with self._lock:
                self._replay.sent(line)
                connection = self._connection
                if connection is None:
                    self._wanted.set()
            if connection is not None:
                # Not under the lock, or a hub that waits for us to read would be waited for. A hub that went is noticed
                # where it is read from: the next one is told from there.
                with contextlib.suppress(OSError):
                    connection.sendall(line)
        with self._lock:
            self._ended = True
            self._wanted.set()
            if self._connection is not None:
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_WR)


def _lines() -> Iterator[bytes]:
    """stdin's lines, each with its end; a line without one at the end is none."""
    pending = b""
    with contextlib.suppress(OSError):
        while chunk := os.read(0, CHUNK):
            pending += chunk
            *lines, pending = pending.split(b"\n")
            yield from (line + b"\n" for line in lines)


def _write(data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(1, view) :]
    except BrokenPipeError:
        sys.stderr.write("factory-ls mcp: the client has gone\n")
        os._exit(0)
