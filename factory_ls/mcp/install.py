"""Putting factory-ls into the configuration of MCP clients: `factory-ls mcp install`. Pure, but for `write`.

`.mcp.json` in a project, and `~/.claude.json` of the user, hold `{"mcpServers": {NAME: SERVER}}` (Claude Code's
documentation, "MCP installation scopes"). Whatever else they hold stays as it is.
"""

import json
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from factory_ls.model.errors import ErrorKind, FactoryError

NAME = "factory"
_HINT = "Mend it by hand, or add the lines that `factory-ls mcp install --print` prints."


def entry(command: Sequence[str]) -> dict[str, Any]:
    """How a client starts us. `command`: factory-ls and what comes before `mcp`."""
    return {"type": "stdio", "command": command[0], "args": [*command[1:], "mcp"]}


def added(text: str, command: Sequence[str], name: str = NAME) -> str:
    """The configuration with our entry in it; the same text when it has it already. Raises `invalid`."""
    try:
        config = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise FactoryError(ErrorKind.INVALID, f"It is not JSON: {error}", _HINT) from None
    servers = config.setdefault("mcpServers", {}) if isinstance(config, dict) else None
    if not isinstance(servers, dict):
        raise FactoryError(ErrorKind.INVALID, "Its `mcpServers` is no object.", _HINT)
    wanted = entry(command)
    if servers.get(name) == wanted:
        return text
    servers[name] = wanted
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


def write(path: Path, text: str, *, private: bool) -> None:
    """Replaces the file in one step, with the permissions it had; a link stays a link. Raises `denied`.

    A new one can be read by its owner only when it is `private`, else by all: it is for the repository.
    """
    target = path.resolve()
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600 if private else 0o644
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FactoryError(ErrorKind.DENIED, f"{path} cannot be written: {error.strerror}.", _HINT) from error
