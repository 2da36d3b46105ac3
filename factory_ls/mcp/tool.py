"""What a tool is, and what it is given."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import msgspec

from factory_ls.factory.caller import OUT_OF_REACH, Caller
from factory_ls.factory.command import Report, silent
from factory_ls.mcp.application import Application
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.wire import Params, Wire
from factory_ls.model.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end: a session by its token, or the user by the hub's socket, standing in `folder`."""

    caller: Caller
    folder: str | None = None


class Answer(NamedTuple):
    """The same said twice, whole each time, for a client shows its model one or the other.

    Claude Code 2.1.330 shows the structured half; clients of the older protocols show the text.
    """

    structured: Wire
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool: by whom, on what."""

    application: Application
    peer: Peer
    report: Report = silent

    @classmethod
    def of(cls, application: Application, peer: Peer, report: Report = silent) -> Self:
        """With the workspaces the peer reaches by now."""
        return cls(application, replace(peer, caller=application.reach(peer.caller)), report)

    def workspace(self, ref: str | None) -> Workspace:
        """The named workspace, or the peer's own. Raises `denied` or `notFound`."""
        caller = self.peer.caller
        if caller.kind == "session":
            if ref is None:
                return self.application.workspace(caller.workspace_id or "")
            # The same answer whether or not there is such a workspace: that is not for this session to know.
            with contextlib.suppress(FactoryError):
                workspace = self.application.workspace(ref)
                if caller.may(workspace.id):
                    return workspace
            raise FactoryError(ErrorKind.DENIED, OUT_OF_REACH, "Leave `workspace` out to use its own.")
        if ref is not None:
            return self.application.workspace(ref)
        try:
            return self.application.workspace(self.peer.folder or "")
        except FactoryError:
            raise FactoryError(
                ErrorKind.NOT_FOUND,
                "The current folder is not in a workspace.",
                "Call list_workspaces, then give `workspace`.",
            ) from None

    def reachable(self) -> list[Workspace]:
        return [w for w in self.application.workspaces() if self.peer.caller.may(w.id)]

    async def execute(self, command: str, **arguments: Any) -> Any:
        """Runs a command with the peer's rights; arguments that are None are left out."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self.application.execute(command, given, self.peer.caller, self.report)


@dataclass(frozen=True, slots=True)
class Tool:
    """`description` tells a model when to use it. The three flags are MCP's hints of the same name."""

    name: str
    title: str
    description: str
    params: type[Params]
    result: type[Wire]
    run: Callable[[Any, Call], Awaitable[Answer]]
    read_only: bool = True
    destructive: bool = False
    idempotent: bool = True

    def declaration(self) -> dict[str, Any]:
        """As `tools/list` shows it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": schema(self.params),
            "outputSchema": schema(self.result),
            "annotations": {
                "readOnlyHint": self.read_only,
                "destructiveHint": self.destructive,
                "idempotentHint": self.idempotent,
                # All it reaches is the user's own repository and pull request.
                "openWorldHint": False,
            },
        }


def schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema with the object at its top, as MCP wants it, and without what a model pays for but does not use."""
    (_,), definitions = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
    for definition in definitions.values():
        definition.pop("title", None)
        definition.pop("description", None)
    top = definitions.pop(struct.__name__)
    return {**top, "$defs": definitions} if definitions else top
