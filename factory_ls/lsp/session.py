"""One editor's session: who the client is, what it has open, and the features that serve it."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from factory_ls import __version__
from factory_ls.lsp.client import Client, real_path_of
from factory_ls.lsp.diagnostics import Diagnostics
from factory_ls.lsp.documents import Documents
from factory_ls.lsp.events import Events
from factory_ls.lsp.log_documents import LogDocuments
from factory_ls.lsp.methods import HANDLERS
from factory_ls.lsp.ports import HOST_COMMANDS, Application, Change, Host, Report
from factory_ls.lsp.progress import Progresses
from factory_ls.lsp.protocol import CONVERTER, Protocol
from factory_ls.lsp.replies import Replies
from factory_ls.lsp.requests import Asks
from factory_ls.lsp.settings import EditorSettings
from factory_ls.lsp.wire import Sender
from factory_ls.model.errors import ErrorKind, FactoryError

log = logging.getLogger(__name__)

_numbers = itertools.count(1)


class Session(LanguageServer):
    """Handlers take it as their first argument. Everything in it belongs to this connection alone."""

    protocol: Protocol

    def __init__(self, host: Host, sender: Sender, params: Mapping[str, Any], notice: str = "") -> None:
        super().__init__("factory-ls", __version__, protocol_cls=Protocol, converter_factory=lambda: CONVERTER)
        self.number = next(_numbers)
        """Tells this editor from others in the same process."""
        self.exited = False
        self.host = host
        self.client = Client(params)
        self.documents = Documents(self.client.position_encoding)
        self.diagnostics = Diagnostics(self)
        self.progresses = Progresses(self)
        self.asks = Asks(self)
        self.events = Events(self)
        self.settings = EditorSettings(self)
        self.logs = LogDocuments()
        self.replies = Replies()
        self._notice = notice
        self._application: Application | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.protocol.sender = sender
        self.protocol.handlers = HANDLERS

    # --- life

    def start(self) -> None:
        """The editor is ready for requests and messages of ours."""
        if self._notice:
            self.show_message(types.MessageType.Info, self._notice)
        self.spawn(self.settings.load())
        self.spawn(self._open())

    async def _open(self) -> None:
        try:
            await self.application()
        except FactoryError as error:
            self.show_message(types.MessageType.Error, str(error))

    async def application(self) -> Application:
        """The application, subscribed to. FactoryError: it cannot be opened now."""
        application = await self.host.application()
        if self._application is not application:
            if self._unsubscribe is not None:
                self._unsubscribe()
            self._application = application
            self._unsubscribe = application.subscribe(self._changed)
            self.diagnostics.attach(application)
            self.asks.attach(application)
            self.events.attach(application)
        return application

    async def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        self.diagnostics.close()
        for task in tuple(self._tasks):
            task.cancel()
        self.protocol.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _changed(self, change: Change) -> None:
        for feature in (self.diagnostics, self.asks, self.events):
            try:
                feature.changed(change)
            except Exception:
                log.exception("%s failed on a change", type(feature).__name__)

    # --- what features use

    async def execute(self, command: str, arguments: Mapping[str, Any] | None, report: Report) -> Any:
        """Run a command of the application for this editor, with the editor's own settings as defaults."""
        if command not in HOST_COMMANDS:
            await self.application()
        return await self.host.execute(command, self.settings.defaults(command, arguments), report)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` beside the handlers until it ends or the editor leaves."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a background task of an editor's session failed", exc_info=error)

    async def refreshed(self, asked: Awaitable[Any]) -> None:
        """Have the editor ask again for something; one that will not is not an error."""
        with contextlib.suppress(JsonRpcException):
            await asked

    async def ask(self, text: str, *titles: str) -> str | None:
        """Puts a question with buttons to the user. null: closed without an answer, or the editor cannot ask."""
        params = types.ShowMessageRequestParams(
            types.MessageType.Info, text, [types.MessageActionItem(title) for title in titles]
        )
        try:
            chosen = await self.window_show_message_request_async(params)
        except JsonRpcException:
            return None
        return chosen.title if chosen and chosen.title in titles else None

    def show_message(self, kind: types.MessageType, text: str) -> None:
        self.protocol.send_raw(types.WINDOW_SHOW_MESSAGE, {"type": kind.value, "message": text})

    def file_path(self, uri: str) -> str:
        """The real path of a `file:` URI. FactoryError `invalid` for others."""
        path = real_path_of(uri)
        if path is None:
            raise FactoryError(ErrorKind.INVALID, f"{uri} is not a file on this machine")
        return path
