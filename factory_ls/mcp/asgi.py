"""The HTTP endpoint: a door that asks who comes, and behind it the library's streamable HTTP in both protocol eras."""

import asyncio
import contextlib
import logging
import math
import socket
from collections.abc import Awaitable, Callable, Generator, Mapping

import anyio
import uvicorn
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from factory_ls.factory.caller import Caller
from factory_ls.mcp.application import Application
from factory_ls.mcp.limits import Limits
from factory_ls.mcp.metrics import endpoint_of
from factory_ls.mcp.scope import PEER_KEY
from factory_ls.mcp.server import build
from factory_ls.mcp.tokens import Tokens
from factory_ls.mcp.tool import Peer

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1_000_000
MAX_SESSIONS = 1_000
"""Open sessions of the handshake protocols; the stateless protocol has none."""
SESSION_IDLE_SECONDS = 600
NEW_SESSIONS = (60, 0.2)
"""(at once, a second) of one token. Within the idle time that is less than a fifth of `MAX_SESSIONS`: no token takes
the others' place."""
REQUESTS = (1_000, 100)
"""(at once, a second) of one token, whatever they ask for."""
METRICS = "/metrics"
KEEP_ALIVE_SECONDS = 75
CLOSE_SECONDS = 2


class Door:
    """Host, Origin and token, in this order, before a byte of the body is read."""

    def __init__(self, rooms: Mapping[str, ASGIApp], tokens: Tokens, hosts: list[str], origins: list[str]) -> None:
        """`rooms`: what answers at which path."""
        self._rooms = rooms
        self._tokens = tokens
        self._requests = Limits(*REQUESTS)
        self._sessions = Limits(*NEW_SESSIONS)
        self._security = TransportSecurityMiddleware(
            TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        refusal = await self._security.validate_request(request)
        room = self._rooms.get(scope["path"])
        if refusal is not None or room is None:
            await (refusal or PlainTextResponse("Not found", 404))(scope, receive, send)
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = self._tokens.scraper if scope["path"] == METRICS else self._tokens.caller
        caller = known(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            await PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        scope[PEER_KEY] = Peer(caller)
        # The library then lets a session of the handshake protocols be used by the token that opened it only.
        scope["user"] = AuthenticatedUser(AccessToken(token="", client_id=caller.session_id or "", scopes=[]))
        if wait := self._too_much(request, caller):
            headers = {"Retry-After": str(math.ceil(wait))}
            await PlainTextResponse("Too many requests", 429, headers)(scope, receive, send)
            return
        # A session's end ends what is still being answered to it, streams above all.
        with anyio.CancelScope() as answering, self._tokens.in_use(caller.session_id, answering.cancel):
            await room(scope, receive, send)

    def _too_much(self, request: Request, caller: Caller) -> float:
        """Seconds to wait; 0.0 when it may go on."""
        owner = caller.session_id or ""
        version = request.headers.get(MCP_PROTOCOL_VERSION_HEADER)
        # As the library decides it: without a version, or with one of the handshake ones, a session is opened.
        opens = MCP_SESSION_ID_HEADER not in request.headers and (version or "") in {"", *HANDSHAKE_PROTOCOL_VERSIONS}
        return self._requests.take(owner) or (self._sessions.take(owner) if opens else 0.0)


class _Server(uvicorn.Server):
    """uvicorn without taking the process's signals, and without waking ten times a second to see whether to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.stopping.wait()


async def start(
    application: Application,
    tokens: Tokens,
    listener: socket.socket,
    *,
    path: str,
    origins: tuple[str, ...],
    metrics: bool,
) -> Callable[[], Awaitable[None]]:
    """Answers on `listener` until the function returned is awaited."""
    port = listener.getsockname()[1]
    hosts = [f"127.0.0.1:{port}", f"localhost:{port}"]
    manager = StreamableHTTPSessionManager(
        build(application),
        max_request_body_size=MAX_BODY_BYTES,
        max_sessions=MAX_SESSIONS,
        session_idle_timeout=SESSION_IDLE_SECONDS,
    )
    rooms: dict[str, ASGIApp] = {path: manager.handle_request}
    if metrics:
        rooms[METRICS] = await endpoint_of(application)
    own_origins = [f"http://{host}" for host in hosts]
    app: ASGIApp = Door(rooms, tokens, hosts, [*own_origins, *origins])
    if origins:
        app = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["Mcp-Session-Id", "WWW-Authenticate"],
        )
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
    )

    async def run() -> None:
        async with manager.run():
            await server.serve(sockets=[listener])

    task = asyncio.create_task(run(), name="mcp-http")
    task.add_done_callback(_report)
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if task.done():
        await task  # raises why it could not start

    async def close() -> None:
        server.stopping.set()
        await asyncio.wait({task})

    return close


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("the MCP endpoint ended", exc_info=error)
