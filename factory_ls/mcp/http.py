"""MCP over HTTP on loopback, in the hub's loop. `serve` is the way in; what answers is in `asgi.py`."""

import errno
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from factory_ls.mcp.application import Application
from factory_ls.mcp.lazy import load
from factory_ls.mcp.tokens import Tokens
from factory_ls.model.errors import ErrorKind, FactoryError

HOST = "127.0.0.1"
PATH = "/mcp"
TRIED_PORTS = 100


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str
    """`http://127.0.0.1:PORT/mcp`"""
    port: int
    close: Callable[[], Awaitable[None]]
    """Ends every connection and gives the port back."""


async def serve(
    application: Application, tokens: Tokens, *, port: int, origins: Sequence[str] = (), metrics: bool = False
) -> Endpoint:
    """Answers at `port`, or the next free one, until `close`. 0 takes any. Raises FactoryError when none is free.

    `origins`: web pages that may call besides those served from the endpoint itself (`CORS_ALLOWED_ORIGINS`).
    `metrics`: Prometheus' text at `/metrics` too (`FEATURE_METRICS`).
    """
    listener = listen(port)
    try:
        asgi = await load("factory_ls.mcp.asgi")
        actual: int = listener.getsockname()[1]
        close = await asgi.start(application, tokens, listener, path=PATH, origins=tuple(origins), metrics=metrics)
    except BaseException:
        listener.close()
        raise
    return Endpoint(url=f"http://{HOST}:{actual}{PATH}", port=actual, close=close)


def listen(port: int) -> socket.socket:
    """A listening socket at the first free port from `port` on."""
    for candidate in range(port, min(port + TRIED_PORTS, 65536)) if port else (0,):
        # With proto 0 asyncio does not set TCP_NODELAY on what it accepts, and each answer takes 40 ms longer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, candidate))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
        else:
            listener.setblocking(False)
            return listener
    raise FactoryError(
        ErrorKind.CONFLICT,
        f"No port from {port} on is free for MCP.",
        "Set BACKEND_PORT to a free port, or to 0 for any.",
    )
