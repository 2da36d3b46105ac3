"""Events first, then the state, then those who listen; and the same state after a restart."""

import asyncio

import msgspec
import pytest

from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.state import State
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import (
    CheckReport,
    ProjectAdded,
    ProjectRemoved,
    PullRequestObserved,
    RatchetChanged,
    ReportsChanged,
    SessionChanged,
    WorkspaceChanged,
)
from factory_ls.model.project import Project
from factory_ls.model.pull_request import PullRequest, PullRequestState
from factory_ls.model.session import PermissionMode, Session, SessionStatus
from factory_ls.model.workspace import Workspace, WorkspaceStatus

PROJECT = Project(id="p", name="repo", repo_path="/repo", default_branch="main")
WORKSPACE = Workspace(id="w", project_id="p", name="one", path="/repo/w", branch="one", base_branch="main")
SESSION = Session(
    id="s", workspace_id="w", model="sonnet", permissions=PermissionMode.YOLO, status=SessionStatus.RUNNING
)
EVENTS = (
    ProjectAdded(project=PROJECT),
    WorkspaceChanged(workspace=WORKSPACE),
    SessionChanged(session=SESSION),
    PullRequestObserved(
        workspace_id="w",
        pull_request=PullRequest(number=1, url="u", state=PullRequestState.OPEN, head_sha="a" * 40),
    ),
    ReportsChanged(workspace_id="w", reports=(CheckReport(check="test", key="k", sha="a" * 40),)),
    RatchetChanged(workspace_id="w", enabled=True, memory=msgspec.Raw(b'{"attempts":2}')),
    ProjectAdded(project=msgspec.structs.replace(PROJECT, id="gone")),
    ProjectRemoved(project_id="gone"),
)


async def test_a_restart_replays_to_the_same_state(journal: Journal) -> None:
    await journal.record(*EVENTS)
    again = Journal(journal.store)
    await again.replay()
    assert again.state == journal.state
    assert again.state.revision == len(EVENTS)
    assert again.state.ratchets["w"].memory.attempts == 2


async def test_listeners_hear_after_the_state_has_changed_and_one_that_fails_stops_no_other(journal: Journal) -> None:
    heard: list[tuple[Change, list[str]]] = []

    def broken(_: Change) -> None:
        raise RuntimeError("a bug in a listener")

    journal.subscribe(broken)
    unsubscribe = journal.subscribe(lambda change: heard.append((change, list(journal.state.workspaces))))
    await journal.record(EVENTS[0], EVENTS[1])
    assert heard == [(Change(2, frozenset({"w"}), frozenset({"w"})), ["w"])]
    unsubscribe()
    await journal.record(EVENTS[2])
    assert len(heard) == 1


async def test_a_refused_change_writes_nothing(journal: Journal) -> None:
    def refuse(_: State) -> list[WorkspaceChanged]:
        raise FactoryError(ErrorKind.CONFLICT, "no")

    with pytest.raises(FactoryError):
        await journal.transact(refuse)
    assert [event async for event in journal.store.events()] == []


async def test_two_swaps_at_once_let_one_through(journal: Journal) -> None:
    await journal.record(*EVENTS[:2])

    def to_ready(state: State) -> list[WorkspaceChanged]:
        workspace = state.workspaces["w"]
        if workspace.status is not WorkspaceStatus.NEW:
            raise FactoryError(ErrorKind.CONFLICT, f"it is {workspace.status}")
        return [WorkspaceChanged(workspace=msgspec.structs.replace(workspace, status=WorkspaceStatus.READY))]

    results = await asyncio.gather(*(journal.transact(to_ready) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, FactoryError) for result in results) == 4


async def test_a_cancelled_writer_leaves_state_and_database_alike(journal: Journal) -> None:
    task = asyncio.create_task(journal.record(*EVENTS[:2]))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await journal.record(EVENTS[2])  # waits for the lock, so for the cancelled write too
    again = Journal(journal.store)
    await again.replay()
    assert again.state == journal.state


async def test_an_unreadable_event_is_named(journal: Journal) -> None:
    await journal.store.append([("fromTheFuture", b'{"kind":"fromTheFuture"}')], "2026-01-01T00:00:00Z")
    with pytest.raises(FactoryError, match=r"Event 1 .fromTheFuture."):
        await journal.replay()
