"""How the Claude command line is started: argv, environment, and the files it reads. Nothing secret is in argv."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from factory_ls.claude.process import MARKER

MCP_SERVER = "factory"

_NOT_INHERITED = ("CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SESSION_ID", "CLAUDE_CODE_SSE_PORT", MARKER)
"""Set inside a Claude session: a hub that was started there must not hand them on."""


@dataclass(frozen=True)
class McpEndpoint:
    """Our MCP server over HTTP. The token opens one session's workspace; it is written to a 0600 file only."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LaunchSpec:
    """`session_id` names a new conversation (a UUID); `resume` goes on with an old one. Exactly one of them."""

    program: str
    cwd: Path
    session_id: str | None = None
    resume: str | None = None
    fork: bool = False
    """With `resume`: branch off into a new conversation."""
    model: str | None = None
    mcp: McpEndpoint | None = None
    append_system_prompt: str | None = None
    pushes: bool = True
    """Whether `git push` works in it, from a script as well."""
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    extra_env: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if (self.session_id is None) == (self.resume is None):
            raise ValueError("give either session_id or resume")


def argv(spec: LaunchSpec, folder: Path) -> list[str]:
    """Values are joined to their option with `=`, so that none can pass for an option of its own."""
    words = [
        spec.program,
        "--print",
        "--input-format=stream-json",
        "--output-format=stream-json",
        "--verbose",
        "--include-partial-messages",
        # Whoever would not be asked is decided by our policy (see `conversation`), in every mode, as root too.
        "--permission-prompt-tool=stdio",
        "--permission-mode=default",
        f"--session-id={spec.session_id}" if spec.session_id else f"--resume={spec.resume}",
    ]
    if spec.fork:
        words.append("--fork-session")
    if spec.model:
        words.append(f"--model={spec.model}")
    if spec.append_system_prompt:
        words.append(f"--append-system-prompt={spec.append_system_prompt}")
    if spec.mcp:
        words.append(f"--mcp-config={mcp_config(folder)}")
    return words


def environment(spec: LaunchSpec, folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in spec.environ.items() if name not in _NOT_INHERITED}
    return {
        **inherited,
        "CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS": "1",
        # Nobody sits at a terminal: a tool that would ask there fails instead.
        "GIT_TERMINAL_PROMPT": "0",
        **({} if spec.pushes else _without_push(inherited)),
        **spec.extra_env,
        MARKER: str(folder),
    }


def _without_push(environ: Mapping[str, str]) -> dict[str, str]:
    """Git's configuration by environment: every address has one for pushing that leads nowhere; fetching stays.

    A remote with an explicit `pushurl` is beyond it. See git-config(1): `GIT_CONFIG_COUNT`, `url.<base>.pushInsteadOf`.
    """
    given = environ.get("GIT_CONFIG_COUNT", "")
    count = int(given) if given.isdecimal() else 0
    return {
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": "url.factory-ls-pushes-for-you::.pushInsteadOf",
        f"GIT_CONFIG_VALUE_{count}": "",
    }


def mcp_config(folder: Path) -> Path:
    return folder / "mcp.json"


def write_mcp_config(mcp: McpEndpoint, folder: Path) -> None:
    server = {
        "type": "http",
        "url": mcp.url,
        "headers": {"Authorization": f"Bearer {mcp.token}"},
        # Else the tools hide behind a search the model has to think of.
        "alwaysLoad": True,
    }
    path = mcp_config(folder)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode({"mcpServers": {MCP_SERVER: server}}))
