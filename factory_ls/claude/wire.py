"""The stream-json protocol of the Claude command line, without I/O: bytes in, messages out, and back.

Newline-delimited JSON both ways. Reading tolerates everything: lines of any length, torn lines, invalid UTF-8, lone
surrogates, unknown types. Writing is strict, since one line that is not JSON ends the process.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

import msgspec

from factory_ls.claude.messages import Known, Message, Unknown, Unreadable


class Line(NamedTuple):
    end: int
    """Offset in the stream just behind the line: read on from here."""
    raw: bytes
    """The line as it came, without its newline."""
    message: Message

    @property
    def event(self) -> bytes:
        """The line as one JSON object any reader can read, fit to be stored; unreadable ones are wrapped."""
        _, raw, message = self
        if type(message) is Unreadable:
            text = raw[:2000].decode("utf-8", "replace")
            wrapped = {"type": "factory/unreadable", "reason": message.reason, "size": len(raw), "text": text}
            return msgspec.json.encode(wrapped)
        if raw.isascii() and (b"\\" not in raw or not _ESCAPED_SURROGATE.search(raw)):
            return raw
        try:
            msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _readable(raw).encode()
        return raw


_make = tuple.__new__
"""Half the time of calling the named tuple, on a path that every line takes."""


class Decoder:
    """Splits a byte stream into lines and decodes them. Linear in what it is fed, however small the pieces.

    `offset` is where the first byte fed lies in the stream; line ends are counted from it.
    """

    def __init__(self, offset: int = 0) -> None:
        self._end = offset
        self._torn: list[bytes] = []

    def feed(self, data: bytes) -> list[Line]:
        """The lines that `data` completes. Empty lines are stepped over."""
        first, *rest = data.split(b"\n")
        self._torn.append(first)
        if not rest:
            return []
        rest.insert(0, b"".join(self._torn))
        self._torn = [rest.pop()]
        return self._lines(rest, 1)

    def finish(self) -> list[Line]:
        """What is left when the stream has ended: at most one line without its newline."""
        rest, self._torn = b"".join(self._torn), []
        return self._lines([rest], 0)

    def _lines(self, lines: list[bytes], newline: int) -> list[Line]:
        found: list[Line] = []
        end = self._end
        for raw in lines:
            end += len(raw) + newline
            try:
                message: Message = _known.decode(raw)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                if not raw or raw.isspace():
                    continue
                message = decode(raw)
            found.append(_make(Line, (end, raw, message)))
        self._end = end
        return found


_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_MISFIT = re.compile(r"at `\$\.(\w+)")
_TAGS = frozenset(str(kind.__struct_config__.tag) for kind in get_args(Known))


class _Head(msgspec.Struct, frozen=True):
    type: str
    subtype: str | None = None


_head = msgspec.json.Decoder(_Head)
_known: msgspec.json.Decoder[Known] = msgspec.json.Decoder(Known)


def decode(raw: bytes) -> Message:
    """One line's message. Never raises."""
    try:
        return _known.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        head = _head.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _repaired(raw)
    return Unknown(head.type, head.subtype) if head.type not in _TAGS else _repaired(raw)


def _repaired(raw: bytes) -> Message:
    """The slow way, for lines that hold something odd: what can be made of it."""
    try:
        value = json.loads(_readable(raw))
    except (ValueError, RecursionError) as problem:
        return Unreadable(f"{type(problem).__name__}: {problem}"[:200])
    if not isinstance(value, dict) or not isinstance(kind := value.get("type"), str):
        return Unreadable("not an object with a type")
    while True:  # ends: each round drops a field
        try:
            known: Known = msgspec.convert(value, Known)
        except (msgspec.ValidationError, RecursionError) as problem:
            # A field that changed its shape must not cost us the others: a result still ends its turn.
            misfit = _MISFIT.search(str(problem))
            if misfit is None or misfit[1] == "type" or misfit[1] not in value:
                subtype = value.get("subtype")
                return Unknown(kind, subtype if isinstance(subtype, str) else None)
            del value[misfit[1]]
        else:
            return known


def _readable(raw: bytes) -> str:
    """JSON text without what msgspec refuses and others write: invalid UTF-8, and halves of surrogate pairs."""
    text = raw.decode("utf-8", "replace")
    return _without_surrogates(json.dumps(json.loads(text), ensure_ascii=False)) if "\\u" in text else text


def _without_surrogates(text: str) -> str:
    """Pairs joined, halves replaced: text that UTF-8 can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _line(value: Mapping[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(value) + b"\n"
    except UnicodeEncodeError:
        # Only strings from an editor or a tool's input can hold these; json escapes them, msgspec will not.
        return _without_surrogates(json.dumps(value, ensure_ascii=False)).encode() + b"\n"


def event(message: msgspec.Struct) -> bytes:
    """One of our own messages (`factory/…`) as a line to store, without a newline."""
    return _line(msgspec.to_builtins(message))[:-1]


def user_message(text: str, uuid: str) -> bytes:
    """A prompt. A `uuid` sent before is dropped by the other side, which makes sending again safe."""
    message = {"role": "user", "content": text}
    return _line({"type": "user", "message": message, "parent_tool_use_id": None, "session_id": "", "uuid": uuid})


def control_request(request_id: str, subtype: str, **fields: Any) -> bytes:
    """`initialize`, `interrupt`, `set_model`, `set_permission_mode`, `mcp_reconnect`, …"""
    return _line({"type": "control_request", "request_id": request_id, "request": {"subtype": subtype, **fields}})


def success(request_id: str, response: Mapping[str, Any]) -> bytes:
    return _line(
        {
            "type": "control_response",
            "response": {"subtype": "success", "request_id": request_id, "response": response},
        }
    )


def error(request_id: str, message: str) -> bytes:
    return _line(
        {"type": "control_response", "response": {"subtype": "error", "request_id": request_id, "error": message}}
    )


def allow(request_id: str, tool_input: Mapping[str, Any]) -> bytes:
    """Lets a tool run with this input, which replaces the one asked for."""
    return success(request_id, {"behavior": "allow", "updatedInput": tool_input})


def deny(request_id: str, reason: str) -> bytes:
    """Refuses a tool; the model reads the reason and goes on."""
    return success(request_id, {"behavior": "deny", "message": reason})


def hook_decision(request_id: str, decision: str, reason: str) -> bytes:
    """Answers a PreToolUse hook: `allow`, `deny`, or `ask` (then `can_use_tool` follows)."""
    output = {
        "hookEventName": "PreToolUse",
        "permissionDecision": decision,
        "permissionDecisionReason": reason,
    }
    return success(request_id, {"hookSpecificOutput": output})
