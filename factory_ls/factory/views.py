"""What users see of a workspace: its record with its pull request, sessions and ratchet put in."""

from collections.abc import Callable

import msgspec

from factory_ls.factory.state import State
from factory_ls.model.ratchet import Ratchet
from factory_ls.model.workspace import Workspace

View = Callable[[Workspace], Workspace]


def workspace_view(state: State, workspace: Workspace, ratchet: Ratchet, synced_at: str | None) -> Workspace:
    pr = state.pull_requests.get(workspace.id)
    if pr is not None and synced_at:
        pr = msgspec.structs.replace(pr, synced_at=synced_at)
    return msgspec.structs.replace(workspace, pr=pr, ratchet=ratchet, sessions=state.sessions_of(workspace.id))
