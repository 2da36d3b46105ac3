"""What a command is: a name, the type of its arguments, and who answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from factory_ls.factory.caller import Caller
from factory_ls.model.wire import Params

Report = Callable[[str, float | None], None]
"""Progress: what is being done, and how far it is (0 to 100) when that is known."""


def silent(message: str, percent: float | None) -> None:
    """Progress nobody watches."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, and where progress goes."""

    caller: Caller
    report: Report = silent


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    title: str
    params: type[Params]
    handler: Callable[[Any, Context], Awaitable[Any]]
    user_only: bool = False
    """Claude sessions may not call it, whatever workspace it is about."""


class NoParams(Params, frozen=True, kw_only=True):
    pass


class WorkspaceParams(Params, frozen=True, kw_only=True):
    workspace: str
    """An id, a name, or a path inside the worktree."""
