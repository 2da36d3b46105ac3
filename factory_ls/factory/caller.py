"""Who asks: the user has every right, a Claude session only those over its own workspace."""

from dataclasses import dataclass
from typing import Literal

from factory_ls.model.errors import ErrorKind, FactoryError

OUT_OF_REACH = "This session may only use its own workspace and those it made."


@dataclass(frozen=True, slots=True)
class Caller:
    kind: Literal["user", "session"]
    session_id: str | None = None
    workspace_id: str | None = None
    children: frozenset[str] = frozenset()
    """Ids of the workspaces this session made."""

    def may(self, workspace_id: str) -> bool:
        return self.kind == "user" or workspace_id == self.workspace_id or workspace_id in self.children

    def demand(self, workspace_id: str) -> None:
        """Raises `denied` unless this caller may see and change the workspace."""
        if not self.may(workspace_id):
            raise FactoryError(
                ErrorKind.DENIED,
                "This session may only use its own workspace and those it made.",
                "Leave `workspace` out to use it.",
            )

    def demand_user(self, what: str) -> None:
        if self.kind != "user":
            raise FactoryError(ErrorKind.DENIED, f"A Claude session may not {what}.", "Ask the user to do it.")


USER = Caller(kind="user")
