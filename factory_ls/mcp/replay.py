"""What a client must be spared when the hub behind its connection is another one. Pure.

    replay = Replay()
    replay.sent(line)              # client → hub, before it is written
    line = replay.received(line)   # hub → client; None: not for the client
    lines = replay.again()         # what a new hub is told first, in order
    lines = replay.lost()          # what the client is told for calls nobody can vouch for

The handshake is played again with its answer kept back; requests without an answer are asked again, but for calls
that change something: whether the old hub had done it is not known, and it must not be done twice.
"""

from typing import Any

import msgspec

from factory_ls.mcp.tools.catalogue import TOOLS

UNKNOWN = (
    "The factory was restarted while this call ran: whether it was done is not known. (Look before you call it again.)"
)
_STREAMS = frozenset({"subscriptions/listen"})
MAX_REMEMBERED = 10_000


class Replay:
    def __init__(self) -> None:
        self._handshake: list[bytes] = []
        self._waiting: dict[str | int, tuple[dict[str, Any], bytes]] = {}
        self._subscribed: dict[str, bytes] = {}
        self._kept_back: set[str | int] = set()

    @property
    def urgent(self) -> bool:
        """Whether the client waits for an answer, streams aside."""
        return any(message.get("method") not in _STREAMS for message, _ in self._waiting.values())

    def sent(self, line: bytes) -> None:
        message = _decoded(line)
        method, ident, params = message.get("method"), _ident(message), message.get("params")
        if method in ("initialize", "notifications/initialized"):
            self._handshake.append(line)
        if isinstance(params, dict):
            if method == "resources/subscribe":
                self._subscribed[str(params.get("uri"))] = line
            elif method == "resources/unsubscribe":
                self._subscribed.pop(str(params.get("uri")), None)
            elif method == "notifications/cancelled":
                self._forget(params.get("requestId"))
        if method is not None and ident is not None and len(self._waiting) < MAX_REMEMBERED:
            self._waiting[ident] = message, line

    def _forget(self, ident: object) -> None:
        if isinstance(ident, (str, int)):
            self._waiting.pop(ident, None)

    def received(self, line: bytes) -> bytes | None:
        message = _decoded(line)
        ident = _ident(message)
        if "method" in message or ident is None:
            return line
        self._waiting.pop(ident, None)
        if ident in self._kept_back:
            self._kept_back.discard(ident)
            return None
        return line

    def lost(self) -> list[bytes]:
        """Answers to calls that may or may not have been done; they are not asked again."""
        answers = []
        for ident, (message, _) in list(self._waiting.items()):
            if not _may_be_repeated(message):
                del self._waiting[ident]
                result = {"content": [{"type": "text", "text": UNKNOWN}], "isError": True}
                if _is_stateless(message):
                    result["resultType"] = "complete"
                answers.append(msgspec.json.encode({"jsonrpc": "2.0", "id": ident, "result": result}) + b"\n")
        return answers

    def again(self) -> list[bytes]:
        """Lines for the new hub."""
        lines = []
        for line in (*self._handshake, *self._subscribed.values()):
            ident = _ident(_decoded(line))
            if ident in self._waiting:
                continue  # asked again below, and answered for the first time then
            if ident is not None:
                self._kept_back.add(ident)
            lines.append(line)
        waiting = [line for _, line in self._waiting.values()]
        # An `initialize` that has no answer yet goes first, before what was said after it.
        return sorted([*lines, *waiting], key=lambda line: _decoded(line).get("method") != "initialize")


def _may_be_repeated(message: dict[str, Any]) -> bool:
    if message.get("method") != "tools/call":
        return True
    params = message.get("params")
    tool = TOOLS.get(str(params.get("name"))) if isinstance(params, dict) else None
    return tool is None or tool.read_only


def _is_stateless(message: dict[str, Any]) -> bool:
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    return isinstance(meta, dict) and "io.modelcontextprotocol/protocolVersion" in meta


def _ident(message: dict[str, Any]) -> str | int | None:
    ident = message.get("id")
    return ident if isinstance(ident, (str, int)) and not isinstance(ident, bool) else None


def _decoded(line: bytes) -> dict[str, Any]:
    """The message; empty for anything that is none: it is passed on as it is."""
    try:
        message = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
