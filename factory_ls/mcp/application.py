"""The part of `factory.app.Factory` that MCP uses."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from factory_ls.factory.caller import Caller
from factory_ls.factory.command import Report, silent
from factory_ls.factory.journal import Change
from factory_ls.model.workspace import Workspace


class Application(Protocol):
    def workspaces(self) -> Sequence[Workspace]: ...

    def workspace(self, ref: str) -> Workspace:
        """By id, name or a path inside its worktree. Raises `notFound`."""

    def reach(self, caller: Caller) -> Caller:
        """The caller with the workspaces it has made by now."""

    async def execute(self, command: str, arguments: Mapping[str, Any], caller: Caller, report: Report = silent) -> Any:
        """Runs a command of the contract's table with the caller's rights. Raises FactoryError."""

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """`listener` is called on the loop after each change; the answer ends it."""
