"""What users see of a workspace: its record with its pull request, sessions and ratchet put in."""

from collections.abc import Callable

import msgspec

from factory_ls.factory.state import State
from factory_ls.model.ratchet import Ratchet
from factory_ls.model.session import Session
from factory_ls.model.workspace import Workspace

View = Callable[[Workspace], Workspace]


Attended = Callable[[], bool]
"""Whether an editor is connected, which shows what Claude asks."""


def session_view(session: Session, attended: bool) -> Session:
    unattended = bool(session.pending) and not attended
    return msgspec.structs.replace(session, unattended=True) if unattended else session


def workspace_view(
    state: State, workspace: Workspace, ratchet: Ratchet, synced_at: str | None, *, attended: bool
) -> Workspace:
    pr = state.pull_requests.get(workspace.id)
    if pr is not None and synced_at:
        pr = msgspec.structs.replace(pr, synced_at=synced_at)
    sessions = tuple(session_view(session, attended) for session in state.sessions_of(workspace.id))
    waits = tuple(_waits(session) for session in sessions if session.unattended)
    return msgspec.structs.replace(
        workspace, pr=pr, ratchet=ratchet, sessions=sessions, warnings=(*workspace.warnings, *waits)
    )


def _waits(session: Session) -> str:
    request = session.pending[0]
    answer = msgspec.json.encode({"session": session.id, "request": request.request, "decision": "allow"}).decode()
    return (
        f"Claude waits for your answer, and no editor is connected to ask in: {request.title}. "
        f"Open one, or `factory-ls call factory.session.answer '{answer}'` (or deny)."
    )
