"""The tools of the `claude` stand-in: Bash, Read, Write, Edit, and those of MCP servers over HTTP."""

import http.client
import json
import subprocess
import threading
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any


def _schema(*required: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in required}, "required": required}


LOCAL_SCHEMAS = {
    "Bash": _schema("command"),
    "Read": _schema("file_path"),
    "Write": _schema("file_path", "content"),
    "Edit": _schema("file_path", "old_string", "new_string"),
}


class ToolError(Exception):
    """What the model reads instead of a result."""


class LocalTools:
    """Files and commands in the current folder. One command at a time, which `interrupt` ends with its children."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def call(self, name: str, given: dict[str, Any]) -> str:
        try:
            match name:
                case "Bash":
                    return self._bash(given["command"])
                case "Read":
                    lines = Path(given["file_path"]).read_text("utf-8").splitlines()
                    return "\n".join(f"{number}\t{line}" for number, line in enumerate(lines, 1))
                case "Write":
                    Path(given["file_path"]).write_text(given["content"], "utf-8")
                    return "written"
                case "Edit":
                    return _edit(Path(given["file_path"]), given["old_string"], given["new_string"])
        except KeyError as missing:
            raise ToolError(f"{name} needs {missing}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ToolError(str(error)) from None
        raise ToolError(f"there is no tool {name}")

    def interrupt(self) -> None:
        with self._lock:
            if self._running and self._running.poll() is None:
                self._running.kill()

    def _bash(self, command: str) -> str:
        with self._lock:
            self._running = subprocess.Popen(
                ["bash", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        output = self._running.communicate()[0].rstrip("\n")
        if self._running.returncode:
            raise ToolError(f"Exit code {self._running.returncode}\n{output}")
        return output


def _edit(path: Path, old: str, new: str) -> str:
    text = path.read_text("utf-8")
    if text.count(old) != 1:
        raise ToolError(f"old_string occurs {text.count(old)} times in {path}")
    path.write_text(text.replace(old, new), "utf-8")
    return "edited"


class McpServer:
    """An MCP server over streamable HTTP, protocol 2025-11-25: just enough to list tools and to call them."""

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        self.name = name
        self.schemas: dict[str, dict[str, Any]] = {}
        self.status = "failed"
        self._url = config["url"]
        self._headers = dict(config.get("headers") or {})
        self._ids = 0

    def connect(self) -> None:
        try:
            self._initialize()
            tools = self._request("tools/list")["tools"]
        except (OSError, ToolError, KeyError, ValueError):
            return
        self.schemas = {f"mcp__{self.name}__{tool['name']}": tool["inputSchema"] for tool in tools}
        self.status = "connected"

    def call(self, name: str, given: dict[str, Any]) -> str:
        asked = {"name": name.removeprefix(f"mcp__{self.name}__"), "arguments": given}
        try:
            try:
                result = self._request("tools/call", **asked)
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.NOT_FOUND:
                    raise
                self._initialize()  # the server has forgotten our session: the protocol asks for a new one
                result = self._request("tools/call", **asked)
        except (OSError, ValueError) as error:
            raise ToolError(f"MCP server {self.name}: {error}") from None
        text = "\n".join(block["text"] for block in result.get("content", []) if block.get("type") == "text")
        if result.get("isError"):
            raise ToolError(text)
        return text

    def _initialize(self) -> None:
        self._headers.pop("mcp-session-id", None)
        client = {"name": "claude-standin", "version": "1"}
        self._request("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
        self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def _request(self, method: str, **params: Any) -> dict[str, Any]:
        self._ids += 1
        answer = self._post({"jsonrpc": "2.0", "id": self._ids, "method": method, "params": params})
        if "error" in answer:
            raise ToolError(str(answer["error"].get("message")))
        return dict(answer["result"])

    def _post(self, message: dict[str, Any]) -> dict[str, Any]:
        headers = {"content-type": "application/json", "accept": "application/json, text/event-stream", **self._headers}
        request = urllib.request.Request(self._url, json.dumps(message).encode(), headers)  # noqa: S310 (from --mcp-config)
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            self._headers.update({"mcp-session-id": sid} if (sid := response.headers.get("mcp-session-id")) else {})
            try:
                body = response.read().decode()
            except http.client.HTTPException as error:  # the server ended in the middle of its answer
                raise ConnectionError(str(error)) from error
            if response.headers.get_content_type() == "text/event-stream":
                datas = [line[5:] for line in body.splitlines() if line.startswith("data:")]
                answers = [json.loads(data) for data in datas if data.strip()]
                return next((a for a in answers if a.get("id") == message.get("id")), {})
            return json.loads(body) if body else {}
