"""A stand-in for the `claude` command line, for `factory-ls demo` where there is none.

Speaks the same stream-json protocol as `claude --print --input-format stream-json` in one turn after another: it asks
the Messages API at ANTHROPIC_BASE_URL, asks its host before every tool, runs Bash, Read, Write, Edit and the tools of
the MCP servers in --mcp-config, and keeps conversations in CLAUDE_CONFIG_DIR to resume them. The model is whatever
answers there: a script, in the demo.
"""

import argparse
import contextlib
import http.client
import json
import os
import queue
import shlex
import sys
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from factory_ls.demo.claude_tools import LOCAL_SCHEMAS, LocalTools, McpServer, ToolError

VERSION = "2.1.330 (factory-ls stand-in for Claude Code)"
"""Which one it behaves like."""
INPUT_USD, OUTPUT_USD = 3e-6, 15e-6
"""What a token is said to cost, which is what Sonnet costs."""


class InterruptedTurnError(Exception):
    """The host stopped the turn."""


class Host:
    """Our side of stdin and stdout: lines out, and questions that wait for their answer."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.prompts: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.interrupted = threading.Event()
        self.hooked = False
        self._seen: set[str] = set()
        self._answers: dict[str, queue.Queue[dict[str, Any] | None]] = {}
        self._lock = threading.Lock()

    def emit(self, kind: str, **fields: Any) -> None:
        line = {"type": kind, **fields, "session_id": self.session_id, "uuid": str(uuid.uuid4())}
        with self._lock:
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()

    def ask(self, subtype: str, **fields: Any) -> dict[str, Any]:
        """Waits for the host's answer. Raises InterruptedTurnError when the turn is stopped meanwhile."""
        request = str(uuid.uuid4())
        answers = self._answers[request] = queue.Queue()
        self.emit("control_request", request_id=request, request={"subtype": subtype, **fields})
        answer = answers.get()
        del self._answers[request]
        if answer is None:
            self.emit("control_cancel_request", request_id=request)
            raise InterruptedTurnError
        return dict(answer.get("response") or {})

    def read(self, tools: LocalTools) -> None:
        """Serves stdin until its end. A line that is not JSON ends the process, as it does the real one."""
        for line in sys.stdin:
            try:
                message = json.loads(line)
            except ValueError:
                sys.stderr.write("Error parsing streaming input line\n")
                sys.stderr.flush()
                os._exit(1)
            if message.get("type") == "user":
                self._prompt(message)
            elif message.get("type") == "control_response":
                response = message["response"]
                if waiting := self._answers.get(response["request_id"]):
                    waiting.put(response)
            elif message.get("type") == "control_request":
                self._control(message["request_id"], message["request"], tools)
        self.prompts.put(None)

    def _prompt(self, message: dict[str, Any]) -> None:
        key = message.setdefault("uuid", str(uuid.uuid4()))
        if key in self._seen:
            return
        self._seen.add(key)
        self.emit("command_lifecycle", command_uuid=key, state="queued")
        self.prompts.put(message)

    def _drop_queued(self) -> list[str]:
        dropped = []
        with contextlib.suppress(queue.Empty):
            while (prompt := self.prompts.get_nowait()) is not None:
                self.emit("command_lifecycle", command_uuid=prompt["uuid"], state="cancelled")
                dropped.append(prompt["uuid"])
        return dropped

    def _control(self, request_id: str, request: dict[str, Any], tools: LocalTools) -> None:
        answer: dict[str, Any] = {}
        if request["subtype"] == "initialize":
            self.hooked = bool((request.get("hooks") or {}).get("PreToolUse"))
            answer = {"commands": [], "models": [], "pid": os.getpid(), "claude_code_version": VERSION}
        elif request["subtype"] == "interrupt":
            self.interrupted.set()
            dropped = self._drop_queued() if request.get("cancel_queued") else []
            for waiting in list(self._answers.values()):
                waiting.put(None)
            tools.interrupt()
            answer = {"still_queued": [], "cancelled": dropped}
        response = {"subtype": "success", "request_id": request_id, "response": answer}
        self.emit("control_response", response=response)


class Session:
    """One conversation: its messages, and the turns that add to them."""

    def __init__(self, host: Host, options: argparse.Namespace, tools: LocalTools, servers: list[McpServer]) -> None:
        self._host = host
        self._options = options
        self._local = tools
        self._servers = servers
        self._spent = 0.0
        home = os.environ.get("CLAUDE_CONFIG_DIR") or str(Path("~/.claude").expanduser())
        self._file = Path(home) / "standin" / f"{host.session_id}.json"
        begun = self._file.with_stem(options.resume or host.session_id)
        self._messages: list[dict[str, Any]] = json.loads(begun.read_text()) if begun.exists() else []

    @property
    def known(self) -> bool:
        return bool(self._messages)

    def turn(self, prompt: dict[str, Any]) -> None:
        host, key = self._host, prompt["uuid"]
        host.interrupted.clear()
        host.emit("command_lifecycle", command_uuid=key, state="started")
        schemas = self._schemas()
        servers = [{"name": server.name, "status": server.status} for server in self._servers]
        model = self._options.model or "stand-in"
        host.emit("system", subtype="init", tools=list(schemas), mcp_servers=servers, model=model)
        self._add({"role": "user", "content": prompt["message"]["content"]})
        outcome: dict[str, Any] = {"subtype": "success", "is_error": False, "terminal_reason": "completed"}
        self._usage: Counter[str] = Counter()
        try:
            outcome["result"] = self._answer(model, schemas)
        except InterruptedTurnError:
            self._add({"role": "user", "content": "[interrupted by the user]"})
            outcome = {"subtype": "error_during_execution", "is_error": True, "terminal_reason": "aborted_tools"}
        except (OSError, http.client.HTTPException) as error:
            status = error.code if isinstance(error, urllib.error.HTTPError) else None
            outcome |= {"is_error": True, "terminal_reason": "api_error", "api_error_status": status}
            outcome["result"] = f"API Error: {error}"
        self._spent += self._usage["input_tokens"] * INPUT_USD + self._usage["output_tokens"] * OUTPUT_USD
        host.emit("result", **outcome, usage=dict(self._usage), total_cost_usd=self._spent, user_message_uuids=[key])
        host.emit("command_lifecycle", command_uuid=key, state="completed")

    def _answer(self, model: str, schemas: dict[str, Any]) -> str:
        """Asks the model and runs its tools until it wants none; its last text."""
        while True:
            reply = self._ask_model(model, schemas)
            if self._host.interrupted.is_set():
                raise InterruptedTurnError
            self._usage.update(reply.get("usage") or {})
            self._add({"role": "assistant", "content": reply["content"]})
            for block in reply["content"]:
                self._host.emit("assistant", message={**reply, "content": [block]}, parent_tool_use_id=None)
            uses = [block for block in reply["content"] if block["type"] == "tool_use"]
            if not uses:
                return "\n".join(block["text"] for block in reply["content"] if block["type"] == "text")
            results = [self._use(block) for block in uses]
            self._add({"role": "user", "content": results})

    def _ask_model(self, model: str, schemas: dict[str, Any]) -> dict[str, Any]:
        tools = [{"name": name, "input_schema": schema} for name, schema in schemas.items()]
        body = {"model": model, "max_tokens": 8192, "messages": self._messages, "tools": tools}
        if self._options.append_system_prompt:
            body["system"] = self._options.append_system_prompt
        headers = {
            "content-type": "application/json",
            "x-api-key": os.environ.get("ANTHROPIC_API_KEY", ""),
            "anthropic-version": "2023-06-01",
        }
        url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 (the demo's own server)
        with urllib.request.urlopen(request, timeout=600) as response:  # noqa: S310
            return dict(json.load(response))

    def _use(self, block: dict[str, Any]) -> dict[str, Any]:
        name, given = block["name"], block["input"]
        try:
            given = self._permitted(block["id"], name, given)
            server = next((server for server in self._servers if name in server.schemas), None)
            text, failed = (server or self._local).call(name, given), False
        except ToolError as error:
            text, failed = str(error), True
        if self._host.interrupted.is_set():
            raise InterruptedTurnError
        result = {"type": "tool_result", "tool_use_id": block["id"], "content": text, "is_error": failed}
        self._host.emit("user", message={"role": "user", "content": [result]}, parent_tool_use_id=None)
        return result

    def _permitted(self, tool_use_id: str, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """The input to run the tool with. ToolError when the host says no."""
        if self._host.hooked:
            used = {"hook_event_name": "PreToolUse", "tool_name": name, "tool_input": given}
            answer = self._host.ask("hook_callback", callback_id="policy", input=used, tool_use_id=tool_use_id)
            output = answer.get("hookSpecificOutput") or {}
            if output.get("permissionDecision") == "deny":
                raise ToolError(str(output.get("permissionDecisionReason")))
            if output.get("permissionDecision") == "allow":
                return given
        answer = self._host.ask("can_use_tool", tool_name=name, input=given, tool_use_id=tool_use_id)
        if answer.get("behavior") != "allow":
            raise ToolError(str(answer.get("message")))
        return dict(answer["updatedInput"])

    def _schemas(self) -> dict[str, Any]:
        for server in self._servers:
            if server.status != "connected":
                server.connect()
        schemas = dict(LOCAL_SCHEMAS)
        for server in self._servers:
            schemas |= server.schemas
        return schemas

    def _add(self, message: dict[str, Any]) -> None:
        self._messages.append(message)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._messages))


def install(folder: Path) -> Path:
    """Writes a program `claude` into `folder` that runs this module, whatever the current folder holds."""
    package_root = Path(__file__).parents[2]
    module = "factory_ls.demo.claude_standin"
    code = f"import sys; sys.path.insert(0, {str(package_root)!r}); from {module} import main; sys.exit(main())"
    path = folder / "claude"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -c {shlex.quote(code)} "$@"\n')
    path.chmod(0o755)
    return path


def main() -> int:
    if sys.argv[1:3] == ["auth", "status"]:
        key = bool(os.environ.get("ANTHROPIC_API_KEY"))
        sys.stdout.write(json.dumps({"loggedIn": key, "authMethod": "api_key" if key else "none"}) + "\n")
        return 0 if key else 1
    parser = argparse.ArgumentParser(prog="claude", allow_abbrev=False)
    parser.add_argument("--version", "-v", action="version", version=VERSION)
    for option in ("--session-id", "--resume", "--model", "--append-system-prompt", "--mcp-config"):
        parser.add_argument(option)
    parser.add_argument("--fork-session", action="store_true")
    options, _ = parser.parse_known_args()  # the real one has many more, which change nothing here
    named = options.session_id or (None if options.fork_session else options.resume)
    host, tools = Host(named or str(uuid.uuid4())), LocalTools()
    config = json.loads(Path(options.mcp_config).read_text()) if options.mcp_config else {}
    servers = [McpServer(name, server) for name, server in (config.get("mcpServers") or {}).items()]
    session = Session(host, options, tools, servers)
    if options.resume and not session.known:
        sys.stderr.write(f"No conversation found with session ID: {options.resume}\n")
        return 1
    if options.session_id and session.known:
        sys.stderr.write(f"Error: Session ID {options.session_id} is already in use.\n")
        return 1
    threading.Thread(target=host.read, args=(tools,), daemon=True).start()
    while (prompt := host.prompts.get()) is not None:
        session.turn(prompt)
    return 0


if __name__ == "__main__":
    sys.exit(main())
