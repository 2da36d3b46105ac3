"""One editor's connection, from its first byte to its end.

`initialize` is answered before pygls is imported: in a hub that has just started, the import (0.3 s) happens while the
editor reads our capabilities. Everything after it goes to the session.
"""

import asyncio
import importlib
from typing import TYPE_CHECKING, Any

import msgspec

from factory_ls.lsp import parent
from factory_ls.lsp.framing import Frames, Malformed
from factory_ls.lsp.greeting import greet
from factory_ls.lsp.ports import Host
from factory_ls.lsp.wire import INVALID_REQUEST, PARSE_ERROR, SERVER_NOT_INITIALIZED, Sender, Writer, error_body
from factory_ls.model.errors import ErrorKind

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

CHUNK = 1 << 16


async def serve(reader: asyncio.StreamReader, writer: Writer, host: Host, notice: str = "") -> int:
    """Serve until the editor leaves, its process dies, or the connection ends. Returns the server's exit code.

    `notice` is shown to the user once the editor is ready. LSP 3.17, "Exit": 0 after `shutdown`, otherwise 1.
    """
    connection = _Connection(Sender(writer), host, notice)
    reading = asyncio.ensure_future(connection.read(reader))
    orphaned = asyncio.ensure_future(connection.parent_gone.wait())
    try:
        await asyncio.wait({reading, orphaned}, return_when=asyncio.FIRST_COMPLETED)
        return reading.result() if reading.done() else 1
    finally:
        for task in (reading, orphaned):
            task.cancel()
        await connection.close()


class _Connection:
    def __init__(self, sender: Sender, host: Host, notice: str) -> None:
        self._sender = sender
        self._host = host
        self._notice = notice
        self._frames = Frames()
        self._session: Session | None = None
        self._watch: asyncio.Task[None] | None = None
        self.parent_gone = asyncio.Event()

    async def read(self, reader: asyncio.StreamReader) -> int:
        while chunk := await reader.read(CHUNK):
            for frame in self._frames.feed(chunk):
                if isinstance(frame, Malformed):
                    self._sender.send(error_body(None, PARSE_ERROR, ErrorKind.INVALID, frame.reason))
                    continue
                if self._session is None:
                    code = await self._before_initialize(frame)
                    if code is not None:
                        return code
                elif not self._session.protocol.receive(frame):
                    self._frames.reject(frame)
                elif self._session.exited:
                    return 0 if self._session.protocol.shut_down else 1
        return 0 if self._session is not None and self._session.protocol.shut_down else 1

    async def _before_initialize(self, frame: bytes) -> int | None:
        """Take a frame while there is no session. Returns an exit code when the editor leaves already."""
        try:
            message = msgspec.json.decode(frame)
        except msgspec.DecodeError as error:
            self._sender.send(error_body(None, PARSE_ERROR, ErrorKind.INVALID, f"not JSON: {error}"))
            self._frames.reject(frame)
            return None
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            self._refuse(None, INVALID_REQUEST, "not a JSON-RPC 2.0 message")
            return None
        method, params = message.get("method"), message.get("params")
        if method == "exit":
            return 1
        if "id" not in message:
            return None
        if method != "initialize":
            self._refuse(message["id"], SERVER_NOT_INITIALIZED, "the first request must be initialize")
        elif not isinstance(params, dict):
            self._refuse(message["id"], INVALID_REQUEST, "initialize needs params")
        else:
            self._watch_parent(params.get("processId"))  # before the answer: it may be gone after it
            self._sender.send({"jsonrpc": "2.0", "id": message["id"], "result": greet(params)})
            await self._open(params)
        return None

    def _refuse(self, msg_id: Any, code: int, message: str) -> None:
        msg_id = msg_id if isinstance(msg_id, (int, str)) else None
        self._sender.send(error_body(msg_id, code, ErrorKind.INVALID, message))

    async def _open(self, params: dict[str, Any]) -> None:
        module = await asyncio.to_thread(importlib.import_module, "factory_ls.lsp.session")
        self._session = module.Session(self._host, self._sender, params, self._notice)

    def _watch_parent(self, process: Any) -> None:
        if isinstance(process, int) and 0 < process < 1 << 31 and (gone := parent.watch(process)) is not None:
            self._watch = asyncio.ensure_future(gone)
            self._watch.add_done_callback(lambda _: self.parent_gone.set())

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._session is not None:
            await self._session.close()
