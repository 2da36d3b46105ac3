"""What a Claude session may and may not do, on the real application: every tool, every other workspace."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from factory_ls.factory import children
from factory_ls.factory.caller import Caller
from factory_ls.mcp import prompts, resources
from factory_ls.mcp.server import run
from factory_ls.mcp.tool import Call, Peer
from factory_ls.mcp.tools.catalogue import TOOLS
from factory_ls.model.errors import FactoryError
from factory_ls.model.session import Session
from factory_ls.model.workspace import Workspace
from tests.factory.stage import Stage
from tests.mcp.fake import ARGUMENTS


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    made = await Stage.make(monkeypatch)
    yield made
    await made.close()


async def started(stage: Stage, name: str) -> tuple[Workspace, Session]:
    workspace = await stage.create(name=name)
    session: Session = await stage.do("session.start", workspace=workspace.id)
    return workspace, session


def caller(workspace: Workspace, session: Session) -> Caller:
    return Caller(kind="session", session_id=session.id, workspace_id=workspace.id)


async def use(stage: Stage, who: Caller, tool: str, **arguments: Any) -> tuple[bool, Any]:
    """Whether it worked, and the answer's structured half, or the error's text."""
    result = await run(Call.of(stage.factory, Peer(who)), tool, arguments)
    if result["isError"]:
        return False, result["content"][0]["text"]
    return True, result["structuredContent"]


async def test_no_tool_reaches_another_workspace(stage: Stage) -> None:
    alpha, mine = await started(stage, "alpha")
    beta, theirs = await started(stage, "beta")
    me = caller(alpha, mine)
    (stage.repo.parent / "link").symlink_to(beta.path)
    foreign = [
        *(beta.id, beta.name, beta.path, f"{beta.path}/README.md", f"{alpha.path}/../{beta.path.rpartition('/')[2]}"),
        *(str(stage.repo.parent / "link"), str(stage.repo), "/", "w_0000000000", "", "\0", "--help"),
    ]
    before = stage.factory.revision
    for tool in sorted(set(TOOLS) - {"list_workspaces"}):
        for ref in foreign:
            worked, said = await use(stage, me, tool, **{**ARGUMENTS.get(tool, {}), "workspace": ref})
            assert not worked, (tool, ref, said)
            assert beta.branch not in said
            assert theirs.id not in said
    for tool in ("get_transcript", "send_message"):
        worked, said = await use(stage, me, tool, **{**ARGUMENTS.get(tool, {}), "session": theirs.id})
        assert not worked, (tool, said)
    _, listed = await use(stage, me, "list_workspaces")
    assert [row["id"] for row in listed["workspaces"]] == [alpha.id]
    assert stage.factory.revision == before

    call = Call.of(stage.factory, Peer(me))
    for uri in (f"factory://workspace/{beta.id}", f"factory://workspace/{beta.id}/problems"):
        assert not resources.readable(uri, call)
        with pytest.raises(FactoryError, match="There is no resource"):
            await resources.read(uri, call)
    with pytest.raises(FactoryError, match="may only use its own"):
        await prompts.rendered("fix-check", {"workspace": beta.id}, call)


async def test_no_command_reaches_another_workspace_either(stage: Stage) -> None:
    alpha, mine = await started(stage, "alpha")
    beta, theirs = await started(stage, "beta")
    me = caller(alpha, mine)
    given: dict[str, Any] = {
        "workspace": beta.id,
        "session": theirs.id,
        "project": beta.project_id,
        "repoPath": str(stage.repo),
        "repository": str(stage.repo),
        "thread": "t",
        "body": "b",
        "number": 1,
        "prompt": "p",
        "message": "m",
        "name": "fix-check",
        "summary": "s",
        "request": "r",
        "decision": "allow",
        "model": "m",
        "permissions": "yolo",
        "file": "f",
    }
    before = stage.factory.revision
    for name, command in stage.factory.commands.items():
        fields = {field.encode_name for field in msgspec.structs.fields(command.params)}
        try:
            answer = await stage.factory.execute(name, {k: v for k, v in given.items() if k in fields}, me)
        except FactoryError:
            continue
        assert beta.path not in repr(answer), name
        assert theirs.id not in repr(answer), name
    assert stage.factory.revision == before


async def test_a_session_makes_children_and_they_talk(stage: Stage) -> None:
    alpha, mine = await started(stage, "alpha")
    me = caller(alpha, mine)
    worked, made = await use(stage, me, "create_workspace", name="The part", prompt="Do the part.")
    assert worked, made
    child = stage.factory.workspace(made["id"])
    assert child.parent_session == mine.id
    assert (child.sessions[-1].permissions, child.sessions[-1].model) == (mine.permissions, mine.model)
    _, listed = await use(stage, me, "list_workspaces")
    assert [row["id"] for row in listed["workspaces"]] == [alpha.id, child.id]

    worked, said = await use(stage, me, "send_message", workspace=child.name, message="Mind the gap.")
    assert worked, said
    it = caller(child, child.sessions[-1])
    worked, said = await use(stage, it, "send_message", message="The part is done.")
    assert worked, said
    for session, words, sender in ((said["session"], "The part is done.", child), (made["session"], "Mind", alpha)):
        transcript = await stage.do("session.transcript", session=session)
        heard = [e.event for e in transcript.events if e.event["type"] == "factory/prompt" and words in e.event["text"]]
        assert len(heard) == 1
        assert f"in the workspace {sender.name}, another Claude, not from the user" in heard[0]["text"]
        assert [e.event for e in transcript.events if e.event["type"] == children.MESSAGE]
    assert said["session"] == mine.id

    # Down only one level, up only by messages, sideways not at all.
    worked, said = await use(stage, it, "create_workspace", name="Deeper", prompt="No.")
    assert not worked
    assert "makes none of its own" in said
    worked, said = await use(stage, it, "get_workspace", workspace=alpha.id)
    assert not worked
    other = Caller(kind="session", session_id="s_other", workspace_id=alpha.id)
    worked, said = await use(stage, other, "get_workspace", workspace=child.id)
    assert not worked


async def test_a_message_asked_for_twice_is_delivered_once(stage: Stage) -> None:
    alpha, mine = await started(stage, "alpha")
    me = caller(alpha, mine)
    _, made = await use(stage, me, "create_workspace", name="The part", prompt="Do the part.")
    message = {"workspace": made["id"], "message": "Mind the gap.", "uuid": "6f1c7a52-0d0f-4b55-9d4e-3f5a1f9f5a11"}
    told = [await use(stage, me, "send_message", **message) for _ in range(3)]
    assert all(worked for worked, _ in told), told
    transcript = await stage.do("session.transcript", session=made["session"])
    heard = [e.event for e in transcript.events if e.event["type"] == "factory/prompt" and "gap" in e.event["text"]]
    shown = [e.event for e in transcript.events if e.event["type"] == children.MESSAGE]
    assert (len(heard), len(shown)) == (1, 1)


async def test_children_and_messages_are_limited(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "MAX_CHILDREN", 1)
    monkeypatch.setattr(children, "MAX_MESSAGES", 2)
    alpha, mine = await started(stage, "alpha")
    me = caller(alpha, mine)
    assert (await use(stage, me, "create_workspace", name="one", prompt="Go."))[0]
    worked, said = await use(stage, me, "create_workspace", name="two", prompt="Go.")
    assert not worked
    assert "has made 1 workspaces already" in said
    told = [await use(stage, me, "send_message", workspace="one", message="x") for _ in range(3)]
    assert [worked for worked, _ in told] == [True, True, False]
    assert "within a minute" in told[2][1]
    worked, said = await use(stage, me, "send_message", workspace="one", message="x" * 60_000)
    assert not worked
