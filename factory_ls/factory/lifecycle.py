"""A workspace's status: every change is a compare-and-swap, and one piece of work at a time is done on a workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from factory_ls.factory.journal import Journal
from factory_ls.factory.state import State
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import WorkspaceChanged
from factory_ls.model.workspace import Workspace, WorkspaceStatus


class Lifecycle:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._worked_on: set[str] = set()

    @contextmanager
    def work(self, workspace_id: str) -> Iterator[None]:
        """While it is made, set up, archived or restored. Raises `busy` when that goes on already."""
        if workspace_id in self._worked_on:
            workspace = self._journal.state.workspaces[workspace_id]
            raise FactoryError(
                ErrorKind.BUSY, f"{workspace.name} is {workspace.status} just now.", "Wait until that has ended."
            )
        self._worked_on.add(workspace_id)
        try:
            yield
        finally:
            self._worked_on.discard(workspace_id)

    def worked_on(self, workspace_id: str) -> bool:
        """By this hub. A workspace that is PROVISIONING or ARCHIVING and is not, was left so by one that ended."""
        return workspace_id in self._worked_on

    async def swap(
        self, workspace_id: str, expected: set[WorkspaceStatus], status: WorkspaceStatus, note: str = "", **fields: Any
    ) -> Workspace:
        """To `status`, with `fields` changed too. Raises `conflict` when it is in none of `expected`."""

        def decide(state: State) -> list[WorkspaceChanged]:
            workspace = state.workspaces[workspace_id]
            if workspace.status not in expected:
                raise FactoryError(
                    ErrorKind.CONFLICT,
                    f"{workspace.name} is {workspace.status}, not {' or '.join(sorted(expected))}.",
                    "`factory.workspace.get` shows what became of it.",
                )
            return [WorkspaceChanged(workspace=msgspec.structs.replace(workspace, status=status, **fields), note=note)]

        await self._journal.transact(decide)
        return self._journal.state.workspaces[workspace_id]

    async def amend(self, workspace_id: str, **fields: Any) -> Workspace:
        """Changes fields, whatever the status is."""

        def decide(state: State) -> list[WorkspaceChanged]:
            return [WorkspaceChanged(workspace=msgspec.structs.replace(state.workspaces[workspace_id], **fields))]

        await self._journal.transact(decide)
        return self._journal.state.workspaces[workspace_id]
