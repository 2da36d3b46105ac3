"""JSON-RPC for one editor: pygls' protocol with its own dispatch.

pygls gives the types, their checks, and requests to the client. Reading, dispatching and answering are ours, because
pygls 2.1.1 leaks an entry a notification, cannot cancel commands, leaves malformed requests unanswered, sends
tracebacks to clients, loses nested objects that hold "jsonrpc", and ends the process on `exit`. tests/lsp/test_edges.py
has one test for each.
"""

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, default_converter

from factory_ls.lsp.wire import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REQUEST_CANCELLED,
    REQUEST_FAILED,
    Sender,
    error_body,
)
from factory_ls.model.errors import ErrorKind, FactoryError

log = logging.getLogger(__name__)

CONVERTER = default_converter()  # type: ignore[no-untyped-call]  # 40 ms, so shared between all sessions; it keeps no state of theirs

Handler = Callable[[Any, Any], Any]
"""`handler(session, params) → result or awaitable`; never blocks. Results are builtins or msgspec Structs."""

UNSTRUCTURED = frozenset({types.WORKSPACE_EXECUTE_COMMAND})
"""Methods whose params reach the handler as plain JSON: their contents are the application's, not the protocol's."""

AFTER_SHUTDOWN = frozenset({types.EXIT})


class Protocol(LanguageServerProtocol):
    """`sender` and `handlers` are set by the session before the first message."""

    sender: Sender
    handlers: Mapping[str, Handler]

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.running: dict[int | str, asyncio.Task[None]] = {}
        self.shut_down = False

    # --- what comes in

    def receive(self, body: bytes) -> bool:
        """Take one frame's body. False: it is no JSON."""
        try:
            message = msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            self.sender.send(error_body(None, PARSE_ERROR, ErrorKind.INVALID, f"not JSON: {error}"))
            return False
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            msg_id = _valid_id(message.get("id")) if isinstance(message, dict) else None
            self._fail(msg_id, INVALID_REQUEST, "not a JSON-RPC 2.0 message")
        elif "method" not in message:
            self._settle(message)
        elif not isinstance(message["method"], str):
            self._fail(_valid_id(message.get("id")), INVALID_REQUEST, "the method must be a string")
        elif "id" in message:
            self._request(message)
        else:
            self._notification(message)
        return True

    def _request(self, message: dict[str, Any]) -> None:
        method, msg_id = message["method"], _valid_id(message["id"])
        if method == types.INITIALIZE:
            self._fail(msg_id, INVALID_REQUEST, "initialize was answered already")
        elif msg_id is None or msg_id in self.running:
            self._fail(msg_id, INVALID_REQUEST, "a request's id must be a number or a string not in use")
        elif self.shut_down:
            self._fail(msg_id, INVALID_REQUEST, "no requests are taken after shutdown")
        elif (handler := self.handlers.get(method)) is None:
            self._fail(msg_id, METHOD_NOT_FOUND, f"there is no method {method!r}", kind=ErrorKind.NOT_FOUND)
        else:
            try:
                params = self._params(message)
            except Exception as error:  # cattrs raises what the classes raise
                self._fail(msg_id, INVALID_PARAMS, f"bad params for {method}: {_first_cause(error)}")
                return
            task = asyncio.get_running_loop().create_task(self._answer(msg_id, handler, params))
            self.running[msg_id] = task
            task.add_done_callback(lambda _: self._never_began(msg_id, task))

    def _never_began(self, msg_id: int | str, task: asyncio.Task[None]) -> None:
        """A task that is cancelled before its first step runs nothing of itself: its answer is given here."""
        if self.running.get(msg_id) is task:
            del self.running[msg_id]
            self._fail(msg_id, REQUEST_CANCELLED, "the request was cancelled")

    async def _answer(self, msg_id: int | str, handler: Handler, params: Any) -> None:
        try:
            result = handler(self._server, params)
            if inspect.isawaitable(result):
                result = await result
            self.sender.send({"jsonrpc": "2.0", "id": msg_id, "result": result})
        except asyncio.CancelledError:
            self._fail(msg_id, REQUEST_CANCELLED, "the request was cancelled")
        except FactoryError as error:
            code = INVALID_PARAMS if error.kind is ErrorKind.INVALID else REQUEST_FAILED
            self.sender.send(error_body(msg_id, code, error))
        except Exception:
            log.exception("a request failed: %s", msg_id)
            hint = "This is a bug in factory-ls; its log has the details."
            self.sender.send(error_body(msg_id, INTERNAL_ERROR, ErrorKind.INTERNAL, "the request failed", hint))
        finally:
            self.running.pop(msg_id, None)

    def _notification(self, message: dict[str, Any]) -> None:
        method = message["method"]
        if method == types.CANCEL_REQUEST:
            params = message.get("params")
            task = self.running.get(_valid_id(params.get("id")) or "") if isinstance(params, dict) else None
            if task is not None:
                task.cancel()
            return
        if self.shut_down and method not in AFTER_SHUTDOWN:
            return
        handler = self.handlers.get(method)
        if handler is None:
            log.debug("a notification nobody handles: %r", method)
            return
        try:
            # Notifications are taken in order and at once: document changes must not overtake each other.
            handler(self._server, self._params(message))
        except Exception:
            log.exception("the notification %r failed", method)

    def _params(self, message: dict[str, Any]) -> Any:
        method = message["method"]
        if method in UNSTRUCTURED:
            return message.get("params")
        message_type = self.get_message_type(method)
        if message_type is None:
            return message.get("params")
        return getattr(self._converter.structure(message, message_type), "params", None)

    # pygls caches these two by `self`, which keeps every session of the process alive.
    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        return types.METHOD_TO_TYPES.get(method, (None,))[0]

    def get_result_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        return types.METHOD_TO_TYPES.get(method, (None, None))[1]

    # --- answers to our own requests

    def _settle(self, message: dict[str, Any]) -> None:
        msg_id = _valid_id(message.get("id"))
        future = self._request_futures.pop(msg_id, None) if msg_id is not None else None
        result_type = self._result_types.pop(msg_id, None) if msg_id is not None else None
        if future is None or not future.set_running_or_notify_cancel():
            return  # answered late: we have stopped waiting
        try:
            if (error := message.get("error")) is not None:
                future.set_exception(JsonRpcException.from_error(self._converter.structure(error, types.ResponseError)))
                return
            result = message.get("result")
            if result_type is not None:
                result = self._converter.structure({**message, "result": result}, result_type).result
            future.set_result(result)
        except Exception as error:  # a client's malformed answer is that request's failure
            future.set_exception(error)

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: int | str | None = None,
    ) -> Future[Any]:
        future = super().send_request(method, params, callback, msg_id)
        sent = next(reversed(self._request_futures))

        def forget(_: Future[Any]) -> None:
            self._request_futures.pop(sent, None)
            self._result_types.pop(sent, None)
            if future.cancelled():
                self.send_raw(types.CANCEL_REQUEST, {"id": sent})

        future.add_done_callback(forget)
        return future

    # --- what goes out

    def send_raw(self, method: str, params: Any) -> None:
        """A notification whose params are builtins or msgspec Structs."""
        self.sender.send({"jsonrpc": "2.0", "method": method, "params": params})

    def unstructured(self, value: Any) -> Any:
        """One of lsprotocol's classes as plain JSON values."""
        return self._converter.unstructure(value)

    def _send_data(self, data: Any) -> None:
        """Where pygls itself sends: requests to the client, as lsprotocol's classes."""
        if data is not None:
            self.sender.send(self._converter.unstructure(data))

    def _fail(self, msg_id: int | str | None, code: int, message: str, kind: ErrorKind = ErrorKind.INVALID) -> None:
        self.sender.send(error_body(msg_id, code, kind, message))

    def close(self) -> None:
        """The editor has gone: wait for none of its answers. Its running commands finish; nobody hears of them."""
        for future in tuple(self._request_futures.values()):
            future.cancel()


def _valid_id(value: Any) -> int | str | None:
    return value if isinstance(value, (int, str)) and not isinstance(value, bool) else None


def _first_cause(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"[:200]
