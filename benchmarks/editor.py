"""A blocking LSP client with nothing in it that would hide a server's time."""

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self


class Editor:
    """`ready` is the seconds from before the spawn to the answer to `initialize`."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        started = time.perf_counter()
        self._process = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._number = 0
        self.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.ready = time.perf_counter() - started
        self._send({"method": "initialized", "params": {}})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.request("shutdown", None)
        self._send({"method": "exit"})
        self._in.close()
        self._process.wait()
        self._out.close()

    def request(self, method: str, params: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def execute(self, command: str, *arguments: Any) -> Any:
        return self.request("workspace/executeCommand", {"command": command, "arguments": list(arguments)})

    def execute_until(self, command: str, arguments: Any, sign: bytes) -> None:
        """Returns when both the answer and a message with `sign` in it have come."""
        self._number += 1
        params = {"command": command, "arguments": [arguments]}
        self._send({"id": self._number, "method": "workspace/executeCommand", "params": params})
        answered = seen = False
        while not (answered and seen):
            message = self._read()
            answered |= message.get("id") == self._number and "method" not in message
            assert "error" not in message, message
            seen |= message.get("method") == "factory/sessionEvent" and sign in json.dumps(message).encode()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._in.flush()

    def _read(self) -> dict[str, Any]:
        length = 0
        while (line := self._out.readline()) != b"\r\n":
            assert line, "the server has ended"
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._out.read(length))
        return message
