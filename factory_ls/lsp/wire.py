"""Framed JSON-RPC to one editor, and its errors. No pygls: used before it is imported."""

import logging
from typing import Any, Protocol

import msgspec

from factory_ls.model.errors import ErrorKind, ErrorObject, FactoryError

log = logging.getLogger(__name__)

# JSON-RPC 2.0, "Error object", and LSP 3.17, "ErrorCodes"
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_NOT_INITIALIZED = -32002
REQUEST_FAILED = -32803
REQUEST_CANCELLED = -32800

MOST_UNREAD = 256 * 1024 * 1024
"""Bytes an editor may leave unread before its connection is given up: it has stopped, and our memory has not."""

MOST_COPIED = 1 << 16
"""Bytes of a body that is joined to its header: one write is cheaper than two, until copying costs more."""

_ENCODER = msgspec.json.Encoder()


class Transport(Protocol):
    def get_write_buffer_size(self) -> int: ...
    def abort(self) -> None: ...
    def is_closing(self) -> bool: ...


class Writer(Protocol):
    """What is used of asyncio.StreamWriter."""

    @property
    def transport(self) -> Any: ...
    def write(self, data: bytes) -> None: ...


class Sender:
    """Writes messages as they come; the transport buffers, so nothing waits for a slow editor."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def send(self, message: Any) -> None:
        self.send_body(_ENCODER.encode(message))

    def send_body(self, body: bytes) -> None:
        transport: Transport = self._writer.transport
        if transport.is_closing():
            return
        header = b"Content-Length: %d\r\n\r\n" % len(body)
        if len(body) < MOST_COPIED:
            self._writer.write(header + body)
        else:
            self._writer.write(header)
            self._writer.write(body)
        if transport.get_write_buffer_size() > MOST_UNREAD:
            log.warning("an editor does not read what it is sent; its connection is closed")
            transport.abort()


def error_body(
    msg_id: int | str | None, code: int, error: FactoryError | ErrorKind, message: str = "", hint: str = ""
) -> dict[str, Any]:
    """A JSON-RPC error response whose `data` is the error object."""
    found = error.object if isinstance(error, FactoryError) else ErrorObject(kind=error, message=message, hint=hint)
    text = f"{found.message} ({found.hint})" if found.hint else found.message
    return {"jsonrpc": "2.0", "id": msg_id, "error": {"code": code, "message": text, "data": found}}
