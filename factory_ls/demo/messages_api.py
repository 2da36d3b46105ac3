"""A Messages API on loopback whose answers a script gives: what the demo and the tests point Claude at.

Speaks the public Messages API (https://docs.anthropic.com/en/api/messages): JSON or server-sent events, errors with
their status, a stream that is cut or hangs. A script is a callable from `Request` to `Reply`; `directives` is the
default one. Standard library only, threads only: it runs beside any event loop.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class Request:
    """One POST to /v1/messages."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    """Names in lower case."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages") or [])

    @property
    def tools(self) -> list[str]:
        """Names of the tools the model may call; empty for side calls such as the one that makes a title."""
        return [str(tool.get("name")) for tool in self.body.get("tools") or []]

    @property
    def text(self) -> str:
        """Text blocks of the last user message, one a line."""
        return "\n".join(block["text"] for block in self._last_user() if block.get("type") == "text")

    @property
    def tool_results(self) -> list[dict[str, Any]]:
        """`tool_result` blocks of the last user message."""
        return [block for block in self._last_user() if block.get("type") == "tool_result"]

    def _last_user(self) -> list[dict[str, Any]]:
        for message in reversed(self.messages):
            if message.get("role") == "user":
                content = message.get("content") or []
                return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
        return []


@dataclass(frozen=True)
class Text:
    text: str
    pieces: int = 0
    """How many deltas it is streamed in; 0: one a word."""


@dataclass(frozen=True)
class Tool:
    name: str
    input: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What the model says next. `status` other than 200 is an error; `delay` is seconds before each delta."""

    blocks: tuple[Text | Tool, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False
    """Close the connection after the first block, without the rest of the stream."""
    hang: bool = False
    """Send the first event and then nothing, until the server stops."""


Script = Callable[[Request], Reply]


def say(text: str) -> Reply:
    return Reply(blocks=(Text(text),))


class Directives:
    """The default script: verbs in the last user message choose the reply. The last verb counts.

    `SAY text`, `SLOW words [seconds]`, `BASH command`, `WRITE path`, `TOOL name json`, `ERR status[xTIMES]`, `LIMIT`
    (429 with the headers of a reached subscription limit), `HANG`, `CUT`, `BIG bytes`. After tool results without a
    verb it repeats what the tool said. Calls without tools (titles and such) never see a tool verb.
    """

    _VERB = re.compile(r"^\s*(SAY|SLOW|BASH|WRITE|TOOL|ERR|LIMIT|HANG|CUT|BIG)\b ?(.*)$", re.MULTILINE)

    def __init__(self) -> None:
        self._errors: Counter[str] = Counter()

    def __call__(self, request: Request) -> Reply:
        found = self._VERB.findall(request.text)
        verb, argument = found[-1] if found else ("", "")
        if not request.tools and verb not in {"ERR", "LIMIT"}:
            return say('{"title":"side call"}')
        match verb:
            case "SAY":
                return say(argument)
            case "SLOW":
                words, _, seconds = argument.partition(" ")
                text = "".join(f"word{n} " for n in range(int(words)))
                return Reply(blocks=(Text(text),), delay=float(seconds or 0.2))
            case "BASH":
                return Reply(blocks=(Text("I will run it."), Tool("Bash", {"command": argument, "description": "run"})))
            case "WRITE":
                return Reply(blocks=(Tool("Write", {"file_path": argument.strip(), "content": "hello file\n"}),))
            case "TOOL":
                name, _, given = argument.partition(" ")
                return Reply(blocks=(Tool(name, json.loads(given or "{}")),))
            case "ERR":
                status, _, times = argument.partition("x")
                self._errors[argument] += 1
                if times and self._errors[argument] > int(times):
                    return say(f"recovered after {times} errors")
                return Reply(status=int(status))
            case "LIMIT":
                unified = {"status": "rejected", "reset": "4102444800", "representative-claim": "five_hour"}
                return Reply(
                    status=429, headers={f"anthropic-ratelimit-unified-{key}": value for key, value in unified.items()}
                )
            case "HANG":
                return Reply(hang=True)
            case "CUT":
                return Reply(blocks=(Text("par"),), cut=True)
            case "BIG":
                return Reply(blocks=(Text("x" * int(argument), pieces=64),))
        if request.tool_results:
            return say("tool said: " + json.dumps(request.tool_results[-1].get("content"))[:2000])
        return say("Hello from the scripted API.")


class MessagesApi:
    """The server. Use as a context manager; `url` is what ANTHROPIC_BASE_URL is set to."""

    def __init__(self, script: Script | None = None, port: int = 0) -> None:
        self.script: Script = script or Directives()
        self.requests: list[Request] = []
        """Every /v1/messages request, oldest first."""
        self.stopping = threading.Event()
        self._ids = iter(range(1, 1 << 62))
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"api": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def next_id(self, prefix: str) -> str:
        return f"{prefix}_scripted{next(self._ids):06d}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Handler(BaseHTTPRequestHandler):
    api: MessagesApi
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        """Say nothing: requests are kept in `MessagesApi.requests`."""

    def do_HEAD(self) -> None:
        self._json(200, None)

    def do_GET(self) -> None:
        self._error(404)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            body = json.loads(raw)
        except ValueError:
            return self._error(400)
        path = self.path.partition("?")[0]
        if path == "/v1/messages/count_tokens":
            return self._json(200, {"input_tokens": len(raw) // 4})
        if path != "/v1/messages":
            return self._error(404)
        request = Request(body, {name.lower(): value for name, value in self.headers.items()})
        self.api.requests.append(request)
        reply = self.api.script(request)
        try:
            if reply.status != 200:
                return self._error(reply.status, reply.headers)
            if body.get("stream"):
                return self._stream(body, reply)
            return self._whole(body, reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _json(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        data = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        fixed = {"content-type": "application/json", "content-length": str(len(data))}
        for name, text in {**fixed, "request-id": self.api.next_id("req"), **(headers or {})}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def _error(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        kind = ERROR_TYPES.get(status, "api_error")
        error = {"type": "error", "error": {"type": kind, "message": f"scripted {status}"}}
        self._json(status, error, headers)

    def _message(self, body: Mapping[str, Any], content: list[dict[str, Any]], stop: str | None) -> dict[str, Any]:
        return {
            "id": self.api.next_id("msg"),
            "type": "message",
            "role": "assistant",
            "model": body.get("model"),
            "content": content,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": {"input_tokens": 100, "output_tokens": 17},
        }

    def _whole(self, body: Mapping[str, Any], reply: Reply) -> None:
        if reply.hang:
            self.api.stopping.wait()
        if reply.cut or reply.hang:
            self.close_connection = True
            return
        for block in reply.blocks:
            for _ in _deltas(block):
                self.api.stopping.wait(reply.delay)
        content = [_block(block, self.api.next_id("toolu"), block_input=True) for block in reply.blocks]
        self._json(200, self._message(body, content, _stop_reason(reply)), reply.headers)

    def _stream(self, body: Mapping[str, Any], reply: Reply) -> None:
        self.send_response(200)
        fixed = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
        for name, text in {**fixed, "request-id": self.api.next_id("req"), **reply.headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self._event("message_start", message=self._message(body, [], None))
        if reply.hang:
            self.api.stopping.wait()
        for index, block in enumerate(reply.blocks):
            start = _block(block, self.api.next_id("toolu"), block_input=False)
            self._event("content_block_start", index=index, content_block=start)
            for delta in _deltas(block):
                self.api.stopping.wait(reply.delay)
                self._event("content_block_delta", index=index, delta=delta)
            if reply.cut:
                break
            self._event("content_block_stop", index=index)
        if reply.cut or reply.hang:
            self.close_connection = True
            self.connection.close()
            return
        stop = {"stop_reason": _stop_reason(reply), "stop_sequence": None}
        self._event("message_delta", delta=stop, usage={"output_tokens": 17})
        self._event("message_stop")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, name: str, **fields: object) -> None:
        data = f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n".encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()


def _stop_reason(reply: Reply) -> str:
    return "tool_use" if any(isinstance(block, Tool) for block in reply.blocks) else "end_turn"


def _block(block: Text | Tool, tool_id: str, *, block_input: bool) -> dict[str, Any]:
    """The block's JSON; as it starts in a stream (empty) when not `block_input`."""
    if isinstance(block, Text):
        return {"type": "text", "text": block.text if block_input else ""}
    return {"type": "tool_use", "id": tool_id, "name": block.name, "input": dict(block.input) if block_input else {}}


def _deltas(block: Text | Tool) -> Iterator[dict[str, str]]:
    if isinstance(block, Tool):
        text = json.dumps(dict(block.input))
        half = len(text) // 2
        yield from ({"type": "input_json_delta", "partial_json": part} for part in (text[:half], text[half:]))
        return
    size = -(-len(block.text) // block.pieces) if block.pieces else 0
    parts = [block.text[n : n + size] for n in range(0, len(block.text), size)] if size else []
    for part in parts or re.findall(r"\S+\s*", block.text) or [""]:
        yield {"type": "text_delta", "text": part}
