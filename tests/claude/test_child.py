"""The child process, with small programs in the place of the command line."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from factory_ls.claude import child as child_module
from factory_ls.claude import process, tail
from factory_ls.claude.child import Child
from factory_ls.claude.launch import LaunchSpec, McpEndpoint, argv, environment
from factory_ls.model.errors import ErrorKind, FactoryError

Start = Callable[[str], "asyncio.Future[Child]"]


def spec(tmp_path: Path, code: str) -> LaunchSpec:
    """A program that runs Python `code` instead of the command line."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -uc '{code}'\n")
    program.chmod(0o700)
    return LaunchSpec(program=str(program), cwd=tmp_path, session_id="s", environ={"PATH": os.defpath})


ECHO = 'import sys\nfor line in sys.stdin: print("{\\"type\\":\\"echo\\",\\"n\\":%d}" % len(line))'


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    children: list[Child] = []

    async def begin(code: str) -> Child:
        children.append(await Child.start(spec(tmp_path, code), tmp_path / "session"))
        return children[-1]

    yield begin
    for child in children:
        await child.stop(grace=0.5)


async def raws(child: Child, count: int, offset: int = 0) -> list[bytes]:
    got: list[bytes] = []
    async with asyncio.timeout(10):
        async for batch in child.batches(offset):
            got += [line.raw for line in batch]
            if len(got) >= count:
                break
    return got


async def test_lines_go_in_and_come_out(start: Start, tmp_path: Path) -> None:
    child = await start(ECHO)
    await child.send(b'{"hello":1}\n')
    assert await raws(child, 1) == [b'{"type":"echo","n":12}']
    folder = tmp_path / "session"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


async def test_a_line_larger_than_the_pipe_arrives_whole(start: Start) -> None:
    child = await start(ECHO)
    line = b"x" * (5 << 20) + b"\n"
    await asyncio.gather(child.send(line), child.send(b"short\n"))
    assert await raws(child, 2) == [b'{"type":"echo","n":%d}' % len(line), b'{"type":"echo","n":6}']


async def test_stop_does_not_wait_for_a_child_that_does_not_read(start: Start) -> None:
    child = await start("import time; time.sleep(60)")
    sending = asyncio.create_task(child.send(b"x" * (4 << 20)))
    await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await child.stop()
    with pytest.raises(FactoryError, match="ended"):
        await sending
    with pytest.raises(FactoryError, match="ended"):
        await child.send(b"late\n")


async def test_stop_kills_who_does_not_listen_and_reaps_what_is_left(start: Start, tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, time; signal.signal(15, signal.SIG_IGN);"
        'subprocess.Popen(["sh", "-c", "trap \\"\\" TERM; sleep 62 & wait; sleep 62"], start_new_session=True);'
        'print("{}"); time.sleep(60)'
    )
    child = await start(code)
    await raws(child, 1)
    await child.stop(grace=0.2)
    assert child.returncode == -signal.SIGKILL
    assert process.marked(tmp_path / "session") == []


async def test_the_wait_between_writing_and_reading_is_short(start: Start) -> None:
    child = await start("import time\nfor n in range(50): print(time.monotonic_ns()); time.sleep(0.01)")
    delays: list[float] = []
    async for batch in child.batches():
        now = time.monotonic_ns()
        delays += [(now - int(line.raw)) / 1e6 for line in batch]
    delays.sort()
    assert len(delays) == 50
    assert delays[25] < 10, f"median of {delays[25]:.1f} ms"


async def test_polling_serves_where_there_is_no_inotify(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "_Inotify", _refuse)
    child = await start(ECHO)
    reading = asyncio.create_task(raws(child, 2))
    await child.send(b"a\n")
    await child.send(b"b\n")
    assert len(await reading) == 2


def _refuse(path: Path) -> None:
    raise OSError(24, "too many open files")


async def test_reading_ends_with_the_process_and_misses_nothing(start: Start) -> None:
    child = await start('for n in range(20000): print("{\\"type\\":\\"x\\",\\"n\\":%d}" % n)\nprint("torn", end="")')
    lines = [line async for batch in child.batches() for line in batch]
    assert len(lines) == 20001
    assert lines[-1].raw == b"torn"
    assert lines[-1].end == child.out_size
    assert await child.wait() == 0
    rest = [line async for batch in child.batches(lines[9].end) for line in batch]
    assert rest == lines[10:]


async def test_what_was_torn_does_not_spoil_what_follows(start: Start) -> None:
    first = await start('print("{\\"to", end="")')
    torn = [line async for batch in first.batches() for line in batch]
    second = await start('print("{\\"type\\":\\"x\\"}")')
    lines = [line.raw async for batch in second.batches(torn[-1].end) for line in batch]
    assert lines == [b'{"type":"x"}']


async def test_a_second_host_attaches_and_two_never_drive(start: Start, tmp_path: Path) -> None:
    child = await start(ECHO)
    await child.send(b"one\n")
    await raws(child, 1)
    for attempt in (Child.attach(tmp_path / "session", child.pid, child.pid_started), start(ECHO)):
        with pytest.raises(FactoryError) as error:
            await attempt
        assert error.value.kind is ErrorKind.BUSY
    await child.detach()
    second = await Child.attach(tmp_path / "session", child.pid, child.pid_started)
    assert second.running
    await second.send(b"three\n")
    assert await raws(second, 2) == [b'{"type":"echo","n":4}', b'{"type":"echo","n":6}']
    await second.stop()
    assert not second.running


async def test_another_process_with_the_same_pid_is_left_alone(start: Start, tmp_path: Path) -> None:
    child = await start(ECHO)
    await child.detach()
    other = await Child.attach(tmp_path / "session", child.pid, "another start")
    assert not other.running
    other.pid_started = "another start"
    other._signal(signal.SIGKILL)
    assert process.is_running(child.pid, child.pid_started)
    await asyncio.to_thread(os.kill, child.pid, signal.SIGKILL)


async def test_attaching_to_what_is_gone_reads_what_it_left(start: Start, tmp_path: Path) -> None:
    child = await start('print("{}")')
    await child.wait()
    again = await Child.attach(tmp_path / "session", child.pid, child.pid_started)
    assert not again.running
    assert await raws(again, 1) == [b"{}"]
    with pytest.raises(FactoryError) as error:
        await Child.attach(tmp_path / "nowhere", 1, None)
    assert error.value.kind is ErrorKind.NOT_FOUND


async def test_a_cancelled_start_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "session"
    spawn, spawned, cancelled = child_module._spawn, threading.Event(), threading.Event()

    def held(*args: Any) -> Any:
        made = spawn(*args)
        spawned.set()
        assert cancelled.wait(30)
        return made

    monkeypatch.setattr(child_module, "_spawn", held)
    starting = asyncio.create_task(Child.start(spec(tmp_path, "import time; time.sleep(63)"), folder))
    await asyncio.to_thread(spawned.wait, 30)
    starting.cancel()
    await asyncio.sleep(0)
    cancelled.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert process.marked(folder) == []
    child = await Child.start(spec(tmp_path, ""), folder)
    assert await child.wait() == 0


@pytest.mark.parametrize(
    ("program", "cwd", "kind"),
    [
        ("/no/such/claude", ".", ErrorKind.NOT_INSTALLED),
        ("plain-file", ".", ErrorKind.NOT_INSTALLED),
        ("true", "missing", ErrorKind.NOT_FOUND),
        ("true", "plain-file", ErrorKind.NOT_FOUND),
    ],
)
async def test_what_cannot_be_started(tmp_path: Path, program: str, cwd: str, kind: ErrorKind) -> None:
    (tmp_path / "plain-file").write_text("")
    chosen = str(tmp_path / program) if program == "plain-file" else program
    wanted = LaunchSpec(program=chosen, cwd=tmp_path / cwd, session_id="s", environ={"PATH": os.defpath})
    with pytest.raises(FactoryError) as error:
        await Child.start(wanted, tmp_path / "session")
    assert error.value.kind is kind
    assert error.value.hint


async def test_stderr_is_kept_without_control_characters(start: Start) -> None:
    child = await start('import sys; sys.stderr.write("x" * 9000 + "\\x1b[31mboom\\n")')
    await child.wait()
    assert (await child.stderr_tail(20)).endswith("x[31mboom")


async def test_a_flood_does_not_stall_the_loop(start: Start) -> None:
    child = await start(
        'line = "{\\"type\\":\\"x\\",\\"a\\":\\"" + "y" * 400 + "\\"}"\nfor n in range(40000): print(line)'
    )
    worst, reading = 0.0, asyncio.create_task(raws(child, 40000))
    while not reading.done():
        begun = time.perf_counter()
        await asyncio.sleep(0.002)
        worst = max(worst, time.perf_counter() - begun - 0.002)
    assert len(await reading) == 40000
    assert worst < 0.5, f"the loop stood still for {worst * 1000:.0f} ms"


def test_nothing_secret_is_in_argv_and_no_value_is_an_option(tmp_path: Path) -> None:
    wanted = LaunchSpec(
        program="claude",
        cwd=tmp_path,
        resume="--dangerously-skip-permissions",
        fork=True,
        model="--evil",
        append_system_prompt="-p",
        mcp=McpEndpoint("http://127.0.0.1:1/mcp", "hush"),
        environ={"CLAUDECODE": "1", "PATH": "/bin", process.MARKER: "/outer"},
        extra_env={"A": "b"},
    )
    words = argv(wanted, tmp_path)
    assert not any("hush" in word for word in words)
    assert "--model=--evil" in words
    assert "--resume=--dangerously-skip-permissions" in words
    assert "hush" not in repr(wanted)
    variables = environment(wanted, tmp_path)
    assert "CLAUDECODE" not in variables
    assert (variables["PATH"], variables["A"], variables[process.MARKER]) == ("/bin", "b", str(tmp_path))
    with pytest.raises(ValueError, match="either"):
        LaunchSpec(program="claude", cwd=tmp_path)


def test_a_process_is_known_by_its_start() -> None:
    child = subprocess.Popen(["sleep", "64"])
    started = process.start_time(child.pid)
    assert process.is_running(child.pid, started)
    assert not process.is_running(child.pid, "other")
    assert not process.is_running(child.pid, None)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process.start_time(child.pid) is None, "a zombie does not run"
    child.wait()
    assert process.start_time(child.pid) is None
