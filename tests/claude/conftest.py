import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from mcp.server import MCPServer

from factory_ls.claude.conversation import Conversation
from factory_ls.claude.launch import LaunchSpec, McpEndpoint
from factory_ls.demo import claude_standin
from factory_ls.demo.messages_api import MessagesApi
from factory_ls.model.session import PermissionMode
from tests.claude.driver import Driver
from tests.tools import require

SESSION = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with MessagesApi() as server:
        yield server


@pytest.fixture(params=["standin", pytest.param("real", marks=pytest.mark.claude)])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The command line: the real one, and the stand-in that must behave alike."""
    if request.param == "real":
        return str(require("claude") / "bin" / "claude")
    (tmp_path / "bin").mkdir()
    return str(claude_standin.install(tmp_path / "bin"))


@pytest.fixture
def real_program() -> str:
    return str(require("claude") / "bin" / "claude")


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    path = tmp_path / "worktree"
    path.mkdir()
    return path


@pytest.fixture
def environ(tmp_path: Path, api: MessagesApi) -> dict[str, str]:
    """Built from nothing: nobody's login, settings or proxies can be reached."""
    for name in ("home", "tmp", "config"):
        (tmp_path / name).mkdir()
    return {
        "PATH": os.defpath + ":/usr/local/bin",
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "CLAUDE_CONFIG_DIR": str(tmp_path / "config"),
        "LANG": "C.UTF-8",
        "ANTHROPIC_BASE_URL": api.url,
        "ANTHROPIC_API_KEY": "dummy-not-a-key",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_MAX_RETRIES": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
    }


@pytest.fixture
def spec(worktree: Path, environ: dict[str, str]) -> Callable[..., LaunchSpec]:
    def make(program: str, **changes: Any) -> LaunchSpec:
        fields: dict[str, Any] = {"program": program, "cwd": worktree, "environ": environ, "session_id": SESSION}
        return LaunchSpec(**{**fields, **({"session_id": None} if "resume" in changes else {}), **changes})

    return make


@pytest.fixture
async def drivers(worktree: Path) -> AsyncIterator[Callable[..., Driver]]:
    made: list[Driver] = []

    def make(mode: PermissionMode = PermissionMode.YOLO, *, fixer: bool = False) -> Driver:
        made.append(Driver(Conversation(mode, str(worktree), fixer=fixer)))
        return made[-1]

    yield make
    for driver in made:
        await driver.close()


@pytest.fixture
async def mcp_server() -> AsyncIterator[McpEndpoint]:
    """A tiny MCP server with one tool, behind a bearer token."""
    server = MCPServer("factory")

    @server.tool()
    def list_plums(ripe: str) -> str:
        """Lists plums."""
        return f"3 plums, ripe: {ripe}"

    application = server.streamable_http_app()

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and dict(scope["headers"]).get(b"authorization") != b"Bearer hush-hush":
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await application(scope, receive, send)

    config = uvicorn.Config(guarded, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve())
    while not running.started:
        await asyncio.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield McpEndpoint(f"http://127.0.0.1:{port}/mcp", "hush-hush")
    running.should_exit = True
    await task


@pytest.fixture
def benchmark_seconds() -> Callable[[Callable[[], object]], float]:
    def measure(work: Callable[[], object]) -> float:
        begun = time.process_time()
        work()
        return time.process_time() - begun

    return measure
