"""A headless editor: just enough of an LSP client to open a file, type in it, and watch diagnostics."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from factory_ls.model.errors import ErrorKind, FactoryError

CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True, "showMessage": {}, "showDocument": {"support": True}},
    "workspace": {"executeCommand": {}, "configuration": True, "applyEdit": True},
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True, "dataSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
}


class LspClient:
    """Use as `async with LspClient(argv, env, root) as editor`: starts the server, shakes hands, ends both."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], root: Path) -> None:
        self._argv = list(argv)
        self._env = dict(env)
        self._root = root
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._changed = asyncio.Condition()
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.notifications: list[tuple[str, Any]] = []
        self.published: list[str] = []
        """URIs in the order the server published for them, repeats included."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._argv, env=self._env, cwd=self._root, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            limit=2**20,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read())
        self.server = await self.request(
            "initialize",
            {
                "processId": None,
                "clientInfo": {"name": "factory-ls demo"},
                "rootUri": self._root.as_uri(),
                "workspaceFolders": [{"uri": self._root.as_uri(), "name": self._root.name}],
                "capabilities": CAPABILITIES,
            },
        )
        self.notify("initialized", {})
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(FactoryError, ConnectionError, TimeoutError):
            await asyncio.wait_for(self.request("shutdown", None), 5)
            self.notify("exit", None)
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def request(self, method: str, params: Any) -> Any:
        """The result; an error answer is raised as the `FactoryError` it carries."""
        number = next(self._ids)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        return await self._waiting[number]

    async def command(self, name: str, **arguments: Any) -> Any:
        return await self.request("workspace/executeCommand", {"command": name, "arguments": [arguments]})

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def open(self, path: Path, language: str) -> str:
        """Opens the file as an editor does and returns its text."""
        text = path.read_text(encoding="utf-8")
        document = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return text

    def type(self, path: Path, version: int, line: int, text: str, *, until: int | None = None) -> None:
        """Puts `text` at the start of `line` (0-based), in place of the lines up to `until`."""
        edit = {
            "range": {"start": {"line": line, "character": 0}, "end": {"line": until or line, "character": 0}},
            "text": text,
        }
        document = {"uri": path.as_uri(), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [edit]})

    async def until(self, state: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Waits until `state()` holds; it is looked at after each message from the server."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(state)
        except TimeoutError:
            raise FactoryError(ErrorKind.TIMEOUT, f"Waited {seconds:.0f} s for {what}.", "See the hub's log.") from None

    def _send(self, message: dict[str, Any]) -> None:
        body = msgspec.json.encode({"jsonrpc": "2.0", **message})
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - a pipe was asked for
        try:
            while True:
                head = await stream.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                await self._receive(msgspec.json.decode(await stream.readexactly(length)))
        except asyncio.IncompleteReadError:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError("the server ended"))

    async def _receive(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            future = self._waiting.pop(message["id"])
            if error := message.get("error"):
                data = error.get("data") if isinstance(error.get("data"), dict) else {}
                kind = ErrorKind(data.get("kind", "internal"))
                future.set_exception(FactoryError(kind, data.get("message", error["message"]), data.get("hint", "")))
            else:
                future.set_result(message.get("result"))
            return
        if "id" in message:
            # The server asks: nobody is here to choose, so every question is left open or answered with nothing.
            answer: Any = [None] if message["method"] == "workspace/configuration" else None
            self._send({"id": message["id"], "result": answer})
        async with self._changed:
            if message["method"] == "textDocument/publishDiagnostics":
                params = message["params"]
                self.diagnostics[params["uri"]] = params["diagnostics"]
                self.published.append(params["uri"])
            self.notifications.append((message["method"], message.get("params")))
            self._changed.notify_all()
