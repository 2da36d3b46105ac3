"""Sessions in the application, with the stand-in for Claude (tests/claude has the real one, tests/e2e a killed hub)."""

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from factory_ls.claude import process
from factory_ls.factory import runner
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import Session, SessionStatus
from tests.factory.stage import Stage

IDLE, RUNNING, WAITING = SessionStatus.IDLE, SessionStatus.RUNNING, SessionStatus.WAITING


async def begin(stage: Stage, prompt: str | None = None, **arguments: Any) -> Session:
    if not stage.factory.workspaces():
        await stage.create(name="one")
    started: Session = await stage.do("session.start", workspace="one", prompt=prompt, **arguments)
    return started


async def turns(stage: Stage, session: Session, count: int) -> Session:
    """Until that many turns have ended and it is idle."""
    await stage.until(lambda: stage.session(session.id).turns >= count)
    return await stage.until(lambda: (s := stage.session(session.id)).status is not RUNNING and s)


async def events(stage: Stage, session: Session) -> list[dict[str, Any]]:
    transcript = await stage.do("session.transcript", session=session.id, limit=1000)
    return [event.event for event in transcript.events]


async def test_start_send_stop_resume(stage: Stage) -> None:
    session = await begin(stage, "SAY one")
    assert (await turns(stage, session, 1)).status is IDLE
    await stage.do("session.send", session=session.id, prompt="SAY two")
    await turns(stage, session, 2)
    stopped = await stage.do("session.stop", session=session.id)
    assert stopped.status is SessionStatus.STOPPED
    assert process.marked(stage.folder / "factory" / "sessions" / session.id) == []
    with pytest.raises(FactoryError, match="Resume it"):
        await stage.do("session.interrupt", session=session.id)
    await stage.do("session.resume", session=session.id)
    with pytest.raises(FactoryError, match="runs already"):
        await stage.do("session.resume", session=session.id)
    await stage.do("session.send", session=session.id, prompt="SAY three")
    resumed = await turns(stage, session, 3)
    assert resumed.claude_session_id == stopped.claude_session_id
    assert "SAY one" in json.dumps(stage.model.requests[-1].messages)


async def test_a_message_to_an_ended_session_resumes_it(stage: Stage) -> None:
    session = await begin(stage, "SAY one")
    await turns(stage, session, 1)
    await stage.do("session.stop", session=session.id)
    await stage.do("session.send", session=session.id, prompt="SAY two")
    await turns(stage, session, 2)


async def test_messages_in_a_row_are_delivered_once_each(stage: Stage) -> None:
    session = await begin(stage)
    await asyncio.gather(*(stage.do("session.send", session=session.id, prompt=f"SAY number {n}") for n in range(8)))
    await turns(stage, session, 8)
    asked = json.dumps(stage.model.requests[-1].messages)
    assert [asked.count(f"SAY number {n}") for n in range(8)] == [1] * 8


async def test_a_message_with_an_id_of_its_own_is_delivered_once(stage: Stage) -> None:
    session = await begin(stage)
    one = {"session": session.id, "uuid": "7d444840-9dc0-11d1-b245-5ffdce74fad2"}
    await asyncio.gather(*(stage.do("session.send", prompt="SAY once", **one) for _ in range(3)))
    await turns(stage, session, 1)
    await stage.do("session.message", message="SAY once", **one)  # what send_message of MCP does
    await stage.do("session.send", session=session.id, prompt="SAY after")
    await turns(stage, session, 2)
    await stage.do("session.stop", session=session.id)
    again = await stage.do("session.send", prompt="SAY once", **one)
    assert again.status is SessionStatus.STOPPED, "answered long ago: no process is started for it"
    prompts = [event["text"] for event in await events(stage, session) if event["type"] == "factory/prompt"]
    assert prompts == ["SAY once", "SAY after"]
    with pytest.raises(FactoryError, match="is no UUID"):
        await stage.do("session.send", session=session.id, prompt="SAY x", uuid="mine")


async def test_a_program_that_is_missing_keeps_the_message(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    claude = os.environ["FACTORY_CLAUDE"]
    await stage.reopen(FACTORY_CLAUDE="/nowhere/claude")
    await stage.create(name="one")
    with pytest.raises(FactoryError) as missing:
        await begin(stage, "SAY kept")
    assert missing.value.kind is ErrorKind.NOT_INSTALLED
    session = stage.factory.sessions()[0]
    assert session.status is SessionStatus.FAILED
    await stage.reopen(FACTORY_CLAUDE=claude)
    await stage.do("session.resume", session=session.id)
    await turns(stage, session, 1)
    assert "SAY kept" in stage.model.requests[-1].text
    made = await stage.do("workspace.create", repoPath=str(stage.repo), name="two", prompt="SAY hi")
    assert made.warnings == ()


async def test_no_more_than_the_limit(stage: Stage) -> None:
    await stage.reopen(MAX_SESSIONS_PER_WORKSPACE="2")
    await begin(stage)
    second = await begin(stage)
    with pytest.raises(FactoryError, match="MAX_SESSIONS_PER_WORKSPACE") as full:
        await begin(stage)
    assert full.value.kind is ErrorKind.BUSY
    await stage.do("session.stop", session=second.id)
    await begin(stage)
    with pytest.raises(FactoryError, match="MAX_SESSIONS_PER_WORKSPACE"):
        await stage.do("session.resume", session=second.id)


async def test_stopping_a_start_leaves_no_process(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from factory_ls.claude.child import Child

    held, begun, start = asyncio.Event(), asyncio.Event(), Child.start

    async def slow(*arguments: Any) -> Child:
        begun.set()
        await held.wait()
        return await start(*arguments)

    await stage.create(name="one")
    monkeypatch.setattr(Child, "start", slow)
    starting = asyncio.create_task(begin(stage, "SAY hi"))
    await begun.wait()
    await stage.do("session.stop", session=stage.factory.sessions()[0].id)
    with pytest.raises(FactoryError, match="stopped while it started"):
        await starting
    assert stage.factory.sessions()[0].status is SessionStatus.STOPPED
    assert process.marked(stage.folder / "factory" / "sessions" / stage.factory.sessions()[0].id) == []


@pytest.mark.parametrize("decision", ["allow", "deny", "allowAlways"])
async def test_an_ask_reaches_pending_and_is_answered(stage: Stage, decision: str) -> None:
    session = await begin(stage, "BASH touch made", permissions="strict")
    waiting = await stage.until(lambda: (s := stage.session(session.id)).pending and s)
    assert (waiting.status, waiting.pending[0].title) == (WAITING, "Bash: touch made")
    made = Path(stage.factory.workspace("one").path) / "made"
    assert not made.exists()
    answer = {"session": session.id, "request": waiting.pending[0].request, "decision": decision}
    outcomes = await asyncio.gather(*(stage.do("session.answer", **answer) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(outcome, FactoryError) for outcome in outcomes) == 2, "the first answer wins"
    done = await turns(stage, session, 1)
    assert (done.pending, done.status) == ((), IDLE)
    assert made.exists() == (decision != "deny")


async def test_always_holds_for_the_project_until_it_is_revoked(stage: Stage) -> None:
    first = await begin(stage, "BASH touch made", permissions="strict")
    second = await begin(stage, "BASH touch made", permissions="strict")
    for session in (first, second):
        await stage.until(lambda session=session: stage.session(session.id).pending)
    asked = stage.session(first.id).pending[0]
    await stage.do("session.answer", session=first.id, request=asked.request, decision="allowAlways")
    await turns(stage, first, 1)
    await turns(stage, second, 1)  # it was asked the same
    await stage.reopen()
    third = await begin(stage, "BASH touch made", permissions="strict")
    await turns(stage, third, 1)
    (rule,) = await stage.do("permission.list")
    assert (rule.tool, rule.subject) == ("Bash", "touch made")
    await stage.do("permission.revoke", project="basket", rule=rule.rule)
    assert await stage.do("permission.list") == []
    await stage.do("session.send", session=third.id, prompt="BASH touch made")
    await stage.until(lambda: stage.session(third.id).pending)


async def test_modes_and_models_are_switched_while_it_runs(stage: Stage) -> None:
    session = await begin(stage, "BASH touch made", permissions="strict")
    await stage.until(lambda: stage.session(session.id).pending)
    assert (await stage.do("session.setPermissions", session=session.id, permissions="yolo")).permissions == "yolo"
    await turns(stage, session, 1)
    assert (Path(stage.factory.workspace("one").path) / "made").exists()
    assert (await stage.do("session.setModel", session=session.id, model="opus")).model == "opus"
    assert any(b"set_model" in line for line in [json.dumps(e).encode() for e in await events(stage, session)]) is False
    with pytest.raises(FactoryError, match="is no model"):
        await stage.do("session.setModel", session=session.id, model="--help")
    await stage.reopen()
    assert (stage.session(session.id).model, stage.session(session.id).permissions) == ("opus", "yolo")


async def test_an_ask_names_the_file_from_the_worktree(stage: Stage) -> None:
    made = await stage.create(name="one")
    for path, title in ((f"{made.path}/src/a.py", "Write: src/a.py"), ("/etc/passwd", "Write: /etc/passwd")):
        session = await begin(stage, f"WRITE {path}", permissions="strict")
        asked = await stage.until(lambda session=session: stage.session(session.id).pending)
        assert asked[0].title == title


async def test_an_interrupt_withdraws_the_ask(stage: Stage) -> None:
    session = await begin(stage, "BASH touch made", permissions="relaxed")
    await stage.until(lambda: stage.session(session.id).pending)
    await stage.do("session.interrupt", session=session.id)
    done = await turns(stage, session, 1)
    assert (done.pending, done.status, done.error) == ((), IDLE, None)


async def test_an_ask_survives_a_restart_and_so_does_the_process(stage: Stage) -> None:
    session = await begin(stage, "BASH touch made", permissions="strict")
    before = await stage.until(lambda: (s := stage.session(session.id)).pending and s)
    await stage.reopen()
    after = stage.session(session.id)
    assert (after.pending, after.pid, after.status) == (before.pending, before.pid, WAITING)
    await stage.do("session.answer", session=session.id, request=after.pending[0].request, decision="allow")
    await turns(stage, session, 1)
    await stage.do("session.stop", session=session.id)  # Claude writes on after a turn's result; the end is the end
    out = (stage.folder / "factory" / "sessions" / session.id / "out").read_bytes().splitlines()
    stored = [event for event in await events(stage, session) if not event["type"].startswith("factory/")]
    assert stored == [json.loads(line) for line in out]


async def test_a_killed_claude_is_said_to_be_and_its_tools_go(stage: Stage) -> None:
    session = await begin(stage, "BASH touch made; sleep 3318")
    made = Path(stage.factory.workspace("one").path) / "made"
    await asyncio.to_thread(subprocess.run, ["timeout", "20", "sh", "-c", f"until [ -e {made} ]; do sleep 0.02; done"])
    pid = stage.session(session.id).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    failed = await stage.until(lambda: (s := stage.session(session.id)).status is SessionStatus.FAILED and s)
    assert "SIGKILL" in failed.error
    await asyncio.to_thread(
        subprocess.run, ["timeout", "20", "sh", "-c", "while pgrep -f 'sleep 331[8]'; do sleep 0.02; done"], check=True
    )
    await stage.do("session.send", session=session.id, prompt="SAY back")
    await turns(stage, session, 1)


async def test_a_process_that_died_while_no_hub_was_there(stage: Stage) -> None:
    session = await begin(stage, "SAY hi")
    await turns(stage, session, 1)
    pid = stage.session(session.id).pid
    assert pid is not None
    await stage.factory.close()
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(os.waitpid, pid, 0)
    await stage.open()
    ended = await stage.until(lambda: (s := stage.session(session.id)).status.ended and s)
    assert ended.status is SessionStatus.COMPLETED, "it had nothing left to do"
    await stage.do("session.send", session=session.id, prompt="SAY again")
    await turns(stage, session, 2)


async def test_a_fork_goes_its_own_way(stage: Stage) -> None:
    session = await begin(stage)
    with pytest.raises(FactoryError, match="not begun"):
        await stage.do("session.fork", session=session.id)
    await stage.do("session.send", session=session.id, prompt="SAY the plum")
    await turns(stage, session, 1)
    copy = await stage.do("session.fork", session=session.id, prompt="SAY forked")
    done = await turns(stage, copy, 1)
    assert "the plum" in json.dumps(stage.model.requests[-1].messages)
    assert done.forked_from == session.id
    assert done.claude_session_id not in (None, stage.session(session.id).claude_session_id)
    await stage.do("session.send", session=session.id, prompt="SAY on")
    await turns(stage, session, 2)
    assert "forked" not in json.dumps(stage.model.requests[-1].messages)


async def test_the_rate_is_really_limited(stage: Stage) -> None:
    await stage.reopen(CLAUDE_RATE_LIMIT_PER_MINUTE="2")
    session = await begin(stage, "SAY one")
    await stage.do("session.send", session=session.id, prompt="SAY two")
    with pytest.raises(FactoryError, match="CLAUDE_RATE_LIMIT_PER_MINUTE") as refused:
        await stage.do("session.send", session=session.id, prompt="SAY three")
    assert refused.value.kind is ErrorKind.RATE_LIMITED
    assert refused.value.retry_at is not None
    await turns(stage, session, 2)
    await stage.reopen()
    with pytest.raises(FactoryError, match="CLAUDE_RATE_LIMIT_PER_MINUTE"):  # the last hub's count
        await stage.do("session.send", session=session.id, prompt="SAY three")


async def test_a_failure_that_passes_is_waited_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FIRST_RETRY_SECONDS", 0.2)
    session = await begin(stage, "ERR 529x2")
    paused = await stage.until(lambda: (s := stage.session(session.id)).retry_at and s)
    assert "It is sent again at" in paused.error
    assert paused.status is RUNNING
    done = await stage.until(lambda: (s := stage.session(session.id)).status is IDLE and s)
    assert (done.error, done.retry_at, done.turns) == (None, None, 3)
    prompts = [event for event in await events(stage, session) if event["type"] == "factory/prompt"]
    assert [bool(prompt["again"]) for prompt in prompts] == [False, True, True]


async def test_a_pause_outlives_the_hub(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FIRST_RETRY_SECONDS", 0.5)
    session = await begin(stage, "ERR 529x1")
    await stage.until(lambda: stage.session(session.id).retry_at)
    await stage.reopen()
    done = await stage.until(lambda: (s := stage.session(session.id)).status is IDLE and s)
    assert (done.turns, done.retry_at) == (2, None)


async def test_a_failure_that_does_not_pass_is_not_repeated(stage: Stage) -> None:
    session = await begin(stage, "ERR 401")
    done = await turns(stage, session, 1)
    assert (done.status, done.retry_at) == (IDLE, None)
    assert "log in" in done.error


async def test_two_hubs_never_drive_one_conversation(stage: Stage) -> None:
    session = await begin(stage, "SAY hi")
    await turns(stage, session, 1)
    from factory_ls.claude.child import Child

    live = stage.session(session.id)
    with pytest.raises(FactoryError, match="Another hub drives") as second:
        await Child.attach(stage.folder / "factory" / "sessions" / session.id, live.pid or 0, live.pid_started)
    assert second.value.kind is ErrorKind.BUSY


async def test_the_document(stage: Stage) -> None:
    session = await begin(stage, "BASH echo '```' and '<b>more</b>'")
    await turns(stage, session, 1)
    await stage.do("session.send", session=session.id, prompt="SAY # not a heading of ours")
    await turns(stage, session, 2)
    document = await stage.do("session.document", session=session.id)
    assert document.text.startswith("# Claude in one\n")
    assert "> BASH echo" in document.text
    assert "<details><summary>Bash: echo '```' and '&lt;b&gt;more&lt;/b&gt;'</summary>" in document.text
    assert "````\n``` and" in document.text
    assert document.seq == len(await events(stage, session))
