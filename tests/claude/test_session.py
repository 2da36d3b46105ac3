"""Whole sessions, with the real command line and with its stand-in, against the scripted Messages API."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from factory_ls.claude import process
from factory_ls.claude.effects import Asked, AskWithdrawn, Failed, Refused, SessionId, StatusChanged, TurnEnded
from factory_ls.claude.launch import LaunchSpec, McpEndpoint
from factory_ls.demo.messages_api import MessagesApi
from factory_ls.model.errors import ErrorKind
from factory_ls.model.session import PermissionMode, SessionStatus
from tests.claude.conftest import SESSION
from tests.claude.driver import Driver

Spec = Callable[..., LaunchSpec]
Drivers = Callable[..., Driver]
STRICT, RELAXED, YOLO = PermissionMode


async def test_a_turn(program: str, spec: Spec, drivers: Drivers, tmp_path: Path) -> None:
    driver = drivers()
    await driver.start(spec(program), tmp_path / "session")
    turn = await driver.turn("SAY hello there")
    assert (turn.result, turn.is_error, turn.interrupted) == ("hello there", False, False)
    await driver.until(lambda: driver.conversation.status is SessionStatus.IDLE)
    assert driver.all(SessionId) == [SessionId(SESSION)]
    seen = [effect.status for effect in driver.all(StatusChanged)]
    assert seen[-2:] == [SessionStatus.RUNNING, SessionStatus.IDLE]
    await driver.child.stop()
    await driver.ended()
    assert driver.conversation.status is SessionStatus.STOPPED
    out = (tmp_path / "session" / "out").read_bytes()
    assert [json.loads(line) for line in out.splitlines()] == [json.loads(line) for line in driver.lines]


@pytest.mark.parametrize(
    ("mode", "prompt", "asks"),
    [
        (STRICT, "BASH touch made", True),
        (RELAXED, "BASH touch made", True),
        (YOLO, "BASH touch made", False),
        (STRICT, "WRITE {worktree}/made", True),
        (RELAXED, "WRITE {worktree}/made", False),
        (YOLO, "WRITE {worktree}/made", False),
    ],
)
async def test_who_is_asked(
    program: str, spec: Spec, drivers: Drivers, worktree: Path, tmp_path: Path, mode: str, prompt: str, asks: bool
) -> None:
    driver = drivers(PermissionMode(mode))
    await driver.start(spec(program), tmp_path / "session")
    key = await driver.send(prompt.format(worktree=worktree))
    if asks:
        asked = await driver.asked()
        assert driver.conversation.status is SessionStatus.WAITING
        assert not (worktree / "made").exists()
        await driver.perform(driver.conversation.answer(asked.request, "deny", message="not today"))
        assert "not today" in (await driver.answered(key)).result
        assert not (worktree / "made").exists()
        key = await driver.send(prompt.format(worktree=worktree))
        asked = await driver.asked()
        await driver.perform(driver.conversation.answer(asked.request, "allowAlways"))
    await driver.answered(key)
    assert (worktree / "made").exists()
    await driver.turn(prompt.format(worktree=worktree))
    assert len(driver.all(Asked)) == (2 if asks else 0), "always was remembered, and no mode asks needlessly"


async def test_settings_of_a_repository_open_nothing(
    program: str, spec: Spec, drivers: Drivers, worktree: Path, tmp_path: Path
) -> None:
    (worktree / ".claude").mkdir()
    (worktree / ".claude" / "settings.json").write_text('{"permissions":{"allow":["Bash(*)","Bash(touch:*)"]}}')
    driver = drivers(STRICT)
    await driver.start(spec(program), tmp_path / "session")
    await driver.send("BASH touch made")
    assert (await driver.asked()).title == "Bash: touch made"
    assert not (worktree / "made").exists()


async def test_a_fixer_does_not_push_nor_leave(
    program: str, spec: Spec, drivers: Drivers, worktree: Path, tmp_path: Path
) -> None:
    driver = drivers(YOLO, fixer=True)
    await driver.start(spec(program), tmp_path / "session")
    assert "may not run git push" in (await driver.turn("BASH cd . && git -C . push origin HEAD")).result
    assert "may not edit" in (await driver.turn(f"WRITE {tmp_path}/outside")).result
    assert [refused.tool for refused in driver.all(Refused)] == ["Bash", "Write"]
    assert not (tmp_path / "outside").exists()


async def test_interrupt_ends_a_tool_and_withdraws_an_ask(
    program: str, spec: Spec, drivers: Drivers, worktree: Path, tmp_path: Path
) -> None:
    driver = drivers(STRICT)
    await driver.start(spec(program), tmp_path / "session")
    key = await driver.send("BASH touch made; sleep 60")
    asked = await driver.asked()
    await driver.perform(driver.conversation.interrupt())
    assert (await driver.answered(key)).interrupted
    assert driver.all(AskWithdrawn) == [AskWithdrawn(asked.request)]
    driver.conversation.set_mode(YOLO)
    key = await driver.send("BASH touch made; sleep 60")
    await asyncio.to_thread(_appears, worktree / "made")
    await driver.perform(driver.conversation.interrupt())
    assert (await driver.answered(key)).interrupted
    assert not driver.all(Failed)
    assert (await driver.turn("SAY still here")).result == "still here"


def _appears(path: Path) -> None:
    subprocess.run(["timeout", "20", "sh", "-c", 'until [ -e "$0" ]; do sleep 0.02; done', path], check=True)


@pytest.mark.claude
async def test_interrupt_while_it_speaks(real_program: str, spec: Spec, drivers: Drivers, tmp_path: Path) -> None:
    driver = drivers()
    await driver.start(spec(real_program), tmp_path / "session")
    key = await driver.send("SLOW 100 0.1")
    await driver.until(lambda: any(b"content_block_delta" in line for line in driver.lines))
    await driver.perform(driver.conversation.interrupt())
    turn = await driver.answered(key)
    assert turn.interrupted
    assert not turn.is_error


@pytest.mark.parametrize(
    ("directive", "kind"),
    [
        ("ERR 401", ErrorKind.NOT_LOGGED_IN),
        ("ERR 400", ErrorKind.INVALID),
        ("ERR 429", ErrorKind.RATE_LIMITED),
        ("ERR 529", ErrorKind.BUSY),
        ("ERR 500", ErrorKind.NETWORK),
    ],
)
async def test_api_errors(
    program: str, spec: Spec, drivers: Drivers, tmp_path: Path, directive: str, kind: ErrorKind
) -> None:
    driver = drivers()
    await driver.start(spec(program), tmp_path / "session")
    turn = await driver.turn(directive)
    assert turn.is_error
    assert [(failed.error.kind, bool(failed.error.hint)) for failed in driver.all(Failed)] == [(kind, True)]
    assert not (await driver.turn("SAY better now")).is_error


@pytest.mark.claude
async def test_a_cut_answer_is_not_taken_for_an_empty_one(
    real_program: str, spec: Spec, drivers: Drivers, tmp_path: Path
) -> None:
    driver = drivers()
    await driver.start(spec(real_program), tmp_path / "session")
    turn = await driver.turn("CUT")
    assert turn.is_error
    assert [failed.error.kind for failed in driver.all(Failed)] == [ErrorKind.NETWORK]


async def test_nobody_answers_at_the_api(
    program: str, spec: Spec, drivers: Drivers, tmp_path: Path, environ: dict[str, str]
) -> None:
    environ["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:1"
    driver = drivers()
    await driver.start(spec(program), tmp_path / "session")
    assert (await driver.turn("SAY hi")).is_error
    assert driver.all(Failed)[0].error.kind is ErrorKind.NETWORK


async def test_messages_sent_during_a_turn_are_answered(
    program: str, spec: Spec, drivers: Drivers, tmp_path: Path
) -> None:
    driver = drivers()
    await driver.start(spec(program), tmp_path / "session")
    keys = [await driver.send(text) for text in ("SLOW 5 0.05", "SAY two", "SAY three")]
    for key in keys:
        await driver.answered(key)
    await driver.until(lambda: driver.conversation.status is SessionStatus.IDLE)


async def test_sending_again_does_nothing_twice(
    program: str, spec: Spec, drivers: Drivers, tmp_path: Path, api: MessagesApi
) -> None:
    driver = drivers()
    await driver.start(spec(program), tmp_path / "session")
    key = await driver.send("SAY once only")
    await driver.perform(driver.conversation.resume())  # as a hub does that died before it knew
    await driver.answered(key)
    await driver.turn("SAY after")
    asked = [request.text for request in api.requests if request.tools]
    assert sum("once only" in text for text in asked) == 1


async def test_a_killed_process_is_resumed_and_its_tools_are_ended(
    program: str, spec: Spec, drivers: Drivers, worktree: Path, tmp_path: Path, api: MessagesApi
) -> None:
    folder = tmp_path / "session"
    first = drivers()
    await first.start(spec(program), folder)
    await first.turn("SAY remember the plum")
    await first.send("BASH touch made; sleep 61")
    await asyncio.to_thread(_appears, worktree / "made")
    os.kill(first.child.pid, signal.SIGKILL)
    await first.ended()
    assert first.conversation.status is SessionStatus.FAILED
    assert "SIGKILL" in first.all(Failed)[0].error.message
    assert await first.child.reap() >= 1
    assert process.marked(folder) == []

    second = drivers()
    second.conversation.replay(first.events)
    assert second.conversation.status is SessionStatus.FAILED
    second.offset = first.offset
    await second.start(spec(program, resume=SESSION), folder)
    assert (await second.turn("SAY back")).result == "back"
    assert "remember the plum" in json.dumps(api.requests[-1].messages)


async def test_a_conversation_nobody_knows(program: str, spec: Spec, drivers: Drivers, tmp_path: Path) -> None:
    driver = drivers()
    await driver.start(spec(program, resume=SESSION), tmp_path / "session")
    await driver.send("SAY hi")
    await driver.ended()
    assert driver.conversation.status is SessionStatus.FAILED
    assert driver.all(Failed)[-1].error.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize("moment", ["speaking", "tool", "asking"])
async def test_the_host_is_killed_and_the_next_goes_on(
    program: str, spec: Spec, drivers: Drivers, worktree: Path, tmp_path: Path, environ: dict[str, str], moment: str
) -> None:
    folder, store = tmp_path / "session", tmp_path / "store"
    prompt = {"speaking": "SLOW 12 0.05", "tool": "BASH touch made; sleep 0.5; echo done", "asking": "BASH touch made"}
    mode = STRICT if moment == "asking" else YOLO
    arguments = [program, worktree, folder, store, mode, prompt[moment], json.dumps(environ)]
    host = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.claude.host", *map(str, arguments), stdout=subprocess.PIPE
    )
    assert host.stdout is not None
    pid, started = (await host.stdout.readline()).decode().strip().split(" ", 1)
    if moment == "tool":
        await asyncio.to_thread(_appears, worktree / "made")
    elif moment == "asking":
        assert await host.stdout.readline() == b"asked\n"
    else:
        assert await host.stdout.readline() == b"running\n"
    host.kill()
    await host.wait()

    stored = [json.loads(line) for line in store.read_bytes().splitlines() if line.endswith(b"}")]
    events = [("", json.dumps(entry["event"]).encode()) for entry in stored]
    offset = max((entry["end"] for entry in stored), default=0)
    driver = drivers(mode)
    driver.conversation.replay(events)
    await driver.attach(folder, int(pid), started, offset)
    if moment == "asking":
        asked = await driver.asked()
        await driver.perform(driver.conversation.answer(asked.request, "allow"))
    await driver.until(lambda: driver.all(TurnEnded))
    assert not driver.all(TurnEnded)[0].is_error
    assert (worktree / "made").exists() == (moment != "speaking")
    assert (await driver.turn("SAY second host")).result == "second host"
    await driver.child.stop()
    await driver.ended()
    read = [entry["event"] for entry in stored if entry["end"]] + [json.loads(line) for line in driver.lines]
    assert read == [json.loads(line) for line in (folder / "out").read_bytes().splitlines()]


async def test_mcp_tools_are_there_at_once_and_the_token_is_not_in_argv(
    program: str, spec: Spec, drivers: Drivers, tmp_path: Path, api: MessagesApi, mcp_server: McpEndpoint
) -> None:
    driver = drivers()
    await driver.start(spec(program, mcp=mcp_server), tmp_path / "session")
    turn = await driver.turn('TOOL mcp__factory__list_plums {"ripe": "yes"}')
    assert "3 plums" in turn.result
    assert driver.conversation.mcp_servers == {"factory": "connected"}
    assert "mcp__factory__list_plums" in next(request for request in api.requests if request.tools).tools
    assert stat.S_IMODE((tmp_path / "session" / "mcp.json").stat().st_mode) == 0o600
    command = await asyncio.to_thread(
        subprocess.check_output, ["ps", "-ww", "-o", "args=", "-p", str(driver.child.pid)], text=True
    )
    assert "mcp.json" in command
    assert "hush-hush" not in command
