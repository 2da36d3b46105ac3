"""The part of `factory.app.Factory` that MCP uses."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from factory_ls.factory.caller import Caller
from factory_ls.model.workspace import Workspace


class Application(Protocol):
    def workspaces(self) -> Sequence[Workspace]: ...

    def workspace(self, ref: str) -> Workspace:
        """By id, name or a path inside its worktree. Raises `notFound`."""

    async def execute(self, command: str, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """Runs a command of the contract's table with the caller's rights. Raises FactoryError."""
