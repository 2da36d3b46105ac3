"""Word of changed resources to those who asked for it, in both protocol eras.

A change is gathered for a moment, so that a burst of them is told once; then every subscriber is told at once. The
stateless protocol carries it on a `subscriptions/listen` stream, the handshake protocols on the connection itself.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import ListenHandler
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated, ServerEvent

from factory_ls.factory.journal import Change
from factory_ls.mcp.application import Application
from factory_ls.mcp.resources import readable, touched
from factory_ls.mcp.tool import Call, Peer

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.02
MAX_STREAMS = 256
MAX_URIS = 200
"""Of one subscriber."""

Context = ServerRequestContext[Peer, Any]
Listener = Callable[[ServerEvent], None]


class Changes:
    """Events for whoever listens. The application is listened to only while somebody does."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._listeners: dict[object, Listener] = {}
        self._gathered: set[str] = set()
        self._known: frozenset[str] = frozenset()
        self._stop: Callable[[], None] | None = None
        self._due: asyncio.TimerHandle | None = None

    async def publish(self, event: ServerEvent) -> None:
        for listener in list(self._listeners.values()):
            listener(event)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        token = object()
        self._listeners[token] = listener
        if self._stop is None:
            self._known = self._ids()
            self._stop = self._application.subscribe(self._changed)

        def unsubscribe() -> None:
            self._listeners.pop(token, None)
            if not self._listeners and self._stop is not None:
                self._stop()
                self._stop = None

        return unsubscribe

    def _changed(self, change: Change) -> None:
        self._gathered.update(touched(change))
        if self._gathered and self._due is None:
            self._due = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._tell)

    def _tell(self) -> None:
        gathered, self._gathered, self._due = self._gathered, set(), None
        events: list[ServerEvent] = [ResourceUpdated(uri=uri) for uri in sorted(gathered)]
        known = self._ids()
        if known != self._known:
            self._known = known
            events.append(ResourcesListChanged())
        for event in events:
            for listener in list(self._listeners.values()):
                listener(event)

    def _ids(self) -> frozenset[str]:
        return frozenset(workspace.id for workspace in self._application.workspaces())


class Subscriptions:
    """The handlers of one server. `peer` tells who is asking."""

    def __init__(self, application: Application, peer: Callable[[Context], Peer]) -> None:
        self._application = application
        self._peer = peer
        self._changes = Changes(application)
        self._handler = ListenHandler(self._changes, max_subscriptions=MAX_STREAMS)
        self._connections: dict[int, _Connection] = {}

    async def listen(
        self, context: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """A stream of the stateless protocol. What the caller may not read is left out, as if it did not exist."""
        asked = params.notifications
        call = Call.of(self._application, self._peer(context))
        wanted = [uri for uri in (asked.resource_subscriptions or [])[:MAX_URIS] if readable(str(uri), call)]
        allowed = asked.model_copy(update={"resource_subscriptions": wanted or None})
        return await self._handler(context, params.model_copy(update={"notifications": allowed}))

    async def subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        """A resource of a connection of the handshake protocols."""
        uri = str(params.uri)
        if readable(uri, Call.of(self._application, self._peer(context))):
            self._connection(context.session).add(uri)
        return types.EmptyResult()

    async def unsubscribe(self, context: Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        self._connection(context.session).uris.discard(str(params.uri))
        return types.EmptyResult()

    def _connection(self, session: ServerSession) -> "_Connection":
        # `session` is made anew for each request; the connection behind it, which the library keeps to itself, lasts.
        behind = session._connection  # noqa: SLF001
        key = id(behind)
        if key not in self._connections:
            made = self._connections[key] = _Connection(session)
            made.stop = self._changes.subscribe(made.deliver)

            async def forget() -> None:
                self._connections.pop(key).close()

            behind.exit_stack.push_async_callback(forget)
        return self._connections[key]


class _Connection:
    """A client of the handshake protocols: told by one task, so that a slow one holds back nobody else."""

    def __init__(self, session: ServerSession) -> None:
        self.uris: set[str] = set()
        self.stop: Callable[[], None] = lambda: None
        self._session = session
        self._pending: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, uri: str) -> None:
        if len(self.uris) < MAX_URIS:
            self.uris.add(uri)

    def deliver(self, event: ServerEvent) -> None:
        if isinstance(event, ResourceUpdated) and event.uri in self.uris:
            self._pending[event.uri] = None
            if self._task is None:
                self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._pending:
                uri = next(iter(self._pending))
                del self._pending[uri]
                await self._session.send_resource_updated(uri)
        except Exception:
            log.debug("a client could not be told", exc_info=True)
        finally:
            self._task = None

    def close(self) -> None:
        self.stop()
        if self._task is not None:
            self._task.cancel()
