"""Speed of sessions, against claude-agent-sdk in the same run: `python -m benchmarks.claude [--json FILE]`.

Needs the recipes `claude` and `claude-agent-sdk` (`tests/tools/install.sh`). Exits 1 when a figure that must hold does
not.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from benchmarks.spine import OURS, REPOSITORY, environment, hub
from factory_ls.claude.child import Child
from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import Send
from factory_ls.claude.launch import LaunchSpec
from factory_ls.claude.messages import Result
from factory_ls.claude.wire import Decoder
from factory_ls.demo.messages_api import MessagesApi
from factory_ls.factory.app import Factory
from factory_ls.hub.client import call
from factory_ls.model.session import PermissionMode
from factory_ls.model.settings import resolve
from factory_ls.store.store import Store
from tests.tools import cache

MESSAGES = 60_000
BIG = 64 << 20
SESSIONS, A_SECOND, SECONDS = 50, 200, 5


class Figure(NamedTuple):
    """`must` and `aim` are limits of `value`: at least when `more`, else at most."""

    name: str
    value: float
    unit: str
    must: float
    aim: float
    more: bool = False
    note: str = ""

    def holds(self, limit: float) -> bool:
        return self.value >= limit if self.more else self.value <= limit


async def record(folder: Path, program: str) -> bytes:
    """What the real command line writes in a session with speech, tools and partial messages."""
    with MessagesApi() as api:
        for name in ("home", "tmp", "work"):
            (folder / name).mkdir()
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "ANTHROPIC_BASE_URL": api.url,
            "ANTHROPIC_API_KEY": "dummy-not-a-key",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
        }
        work = folder / "work"
        spec = LaunchSpec(program=program, cwd=work, session_id="11111111-2222-4333-8444-555555555555", environ=environ)
        child = await Child.start(spec, folder / "session")
        conversation = Conversation(PermissionMode.YOLO, str(work))
        effects, waiting = (
            conversation.started(),
            ["SLOW 400 0", "BASH seq 1 300", f"WRITE {work}/a", "SAY " + "é " * 99],
        )
        effects += conversation.send("SAY begin", str(uuid4()))
        batches = child.batches()
        while True:
            for effect in effects:
                if isinstance(effect, Send):
                    await child.send(effect.line)
            effects, ended = [], False
            for line in await anext(batches):
                effects += conversation.receive(line.message)
                ended |= isinstance(line.message, Result)
            if ended and not waiting:
                break
            if ended:
                effects += conversation.send(waiting.pop(0), str(uuid4()))
        await batches.aclose()
        await child.stop()
        return (folder / "session" / "out").read_bytes()


def our_rate(data: bytes) -> float:
    """Messages a CPU second, from bytes to what is stored and what is acted on."""
    best, count = float("inf"), 0
    for _ in range(3):
        began, count, decoder = time.process_time(), 0, Decoder()
        for start in range(0, len(data), 65536):
            for line in decoder.feed(data[start : start + 65536]):
                if line.event:
                    count += 1
        best = min(best, time.process_time() - began)
    return count / best


async def storing(folder: Path) -> float:
    """CPU microseconds an event, of all threads: fifty sessions that each store four at a time."""
    store = await Store.open(folder / "store.db")
    line = b'{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}}' * 3

    async def one(name: str) -> None:
        for n in range(50):
            await store.append_session(name, [("2026-01-31T12:00:00.000Z", line)] * 4, n)

    began = time.process_time()
    await asyncio.gather(*(one(f"s{n}") for n in range(SESSIONS)))
    took = time.process_time() - began
    await store.close()
    return took / (SESSIONS * 50 * 4) * 1e6


REPLAYER = """#!{python} -S
import os, sys, time
line = {line!r}
sys.stdin.buffer.readline()
os.write(1, b'{{"type":"control_response","response":{{"subtype":"success","request_id":"factory-initialize"}}}}\\n')
began = time.monotonic()
for n in range({count} // 10):
    os.write(1, line * 10)
    time.sleep(max(0.0, began + (n + 1) * 10 / {rate} - time.monotonic()))
sys.stdin.buffer.read()
"""


def install_replayer(folder: Path, line: bytes, count: int, rate: int) -> Path:
    path = folder / f"replayer-{count}"
    path.write_text(REPLAYER.format(python=sys.executable, line=line, count=count, rate=rate))
    path.chmod(0o755)
    return path


def make_repository(folder: Path) -> Path:
    repo = folder / "repo"
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(repo)], check=True)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, "commit", "--quiet", "--allow-empty", "-m", "x"], cwd=repo, check=True)
    return repo


async def many(folder: Path, line: bytes) -> tuple[float, int]:
    """(loop lag p99 in ms, events neither stored nor shown) while fifty sessions stream."""
    program = install_replayer(folder, line, A_SECOND * SECONDS, A_SECOND)
    repo = await asyncio.to_thread(make_repository, folder)
    limits = {"MAX_SESSIONS_PER_WORKSPACE": "100", "RATCHET_INTERVAL_SECONDS": "3600"}
    environ = {"HOME": str(folder), "BASE_DIR": str(folder / "many"), "FACTORY_CLAUDE": str(program), **limits}
    factory = await Factory.open(resolve(environ).settings)
    await factory.execute("factory.workspace.create", {"repoPath": str(repo), "name": "one"})
    shown: dict[str, int] = {}
    unread: dict[str, None] = {}
    changed = asyncio.Event()

    def heard(change: Any) -> None:
        unread.update(dict.fromkeys(change.sessions))
        changed.set()

    async def show() -> None:
        """As `lsp/events.py` does for an editor: pages, each event made JSON."""
        while True:
            await changed.wait()
            changed.clear()
            while unread:
                session = next(iter(unread))
                del unread[session]
                while True:
                    arguments = {"session": session, "after": shown.get(session, 0), "limit": 200}
                    page = await factory.execute("factory.session.transcript", arguments)
                    for event in page.events:
                        json.dumps(event.event)
                    shown[session] = page.next
                    if len(page.events) < 200:
                        break

    lags: list[float] = []

    async def probe() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            lags.append((time.perf_counter() - began - 0.005) * 1000)

    factory.subscribe(heard)
    showing = asyncio.create_task(show())
    sessions = [(await factory.execute("factory.session.start", {"workspace": "one"})).id for _ in range(SESSIONS)]
    probing = asyncio.create_task(probe())
    wanted = A_SECOND * SECONDS + 2  # with our `started` and the answer to `initialize`
    deadline = time.monotonic() + 60
    # Looked at from outside, so that looking does not add to what is measured.
    while any(shown.get(session, 0) < wanted for session in sessions) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    probing.cancel()
    showing.cancel()
    missing = sum(max(0, wanted - shown.get(session, 0)) for session in sessions)
    for session in sessions:
        await factory.session_runs.stop(session)
    await factory.close()
    return statistics.quantiles(lags, n=100)[98], missing


def run_alone(program: Path, env: dict[str, str]) -> None:
    """To its first line."""
    with subprocess.Popen([str(program)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"{}\n")
        process.stdin.flush()
        process.stdout.readline()
        process.kill()


def first_event(folder: Path, line: bytes) -> float:
    """Milliseconds from the command to the first event of Claude's in an editor, without the program's own time."""
    from benchmarks.editor import Editor

    program = install_replayer(folder, line, 10, 10_000)
    env = environment(folder / "first") | {"FACTORY_CLAUDE": str(program), "MAX_SESSIONS_PER_WORKSPACE": "100"}
    alone, through = [], []
    try:
        with Editor(OURS, env) as editor:
            editor.execute("factory.workspace.create", {"repoPath": str(folder / "repo"), "name": "one"})
            for _ in range(15):  # in turns, so that what else the machine does falls on both
                began = time.perf_counter()
                run_alone(program, env)
                alone.append(time.perf_counter() - began)
                began = time.perf_counter()
                editor.execute_until("factory.session.start", {"workspace": "one"}, b'"control_response"')
                through.append(time.perf_counter() - began)
                for session in editor.execute("factory.session.list", {}):
                    editor.execute("factory.session.stop", {"session": session["id"]})
    finally:
        hub(env, "stop")
    return (statistics.median(through) - statistics.median(alone)) * 1000


def next_hub(folder: Path, line: bytes) -> float:
    """Milliseconds from the start of the next hub, after a SIGKILL in a turn, to the turn's next event."""
    program = install_replayer(folder, line, A_SECOND * 60, A_SECOND)
    env = environment(folder / "next") | {"FACTORY_CLAUDE": str(program)}

    def do(command: str, **arguments: Any) -> Any:
        return call(f"factory.{command}", arguments, environ=env)

    took = []
    try:
        do("workspace.create", repoPath=str(folder / "repo"), name="next")
        session = do("session.start", workspace="next")["id"]
        for _ in range(5):
            pid = do("hub.status")["pid"]
            os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):  # it is ours if this process started it
                os.waitpid(pid, 0)
            with contextlib.closing(sqlite3.connect(Path(env["BASE_DIR"]) / "data.db")) as database:
                (known,) = database.execute("SELECT max(seq) FROM session_events").fetchone()
            began = time.perf_counter()
            while not do("session.transcript", session=session, after=known, limit=1)["events"]:
                pass
            took.append((time.perf_counter() - began) * 1000)
        do("session.stop", session=session)
    finally:
        hub(env, "stop")
    return statistics.median(took)


def measure(folder: Path) -> list[Figure]:
    claude, peer = cache() / "claude" / "bin" / "claude", cache() / "claude-agent-sdk" / "bin" / "python"
    for program in (claude, peer):
        if not program.exists():
            sys.exit(f"{program} is missing: run tests/tools/install.sh claude claude-agent-sdk")
    recorded = asyncio.run(record(folder, str(claude)))
    lines = recorded.splitlines(keepends=True)
    data = recorded * (MESSAGES // len(lines))
    (folder / "recording").write_bytes(data)
    argv = [str(peer), "-m", "benchmarks.claude_peer", str(folder / "recording")]
    theirs = json.loads(subprocess.run(argv, cwd=REPOSITORY, capture_output=True, check=True).stdout)
    ours = our_rate(data)
    argv = [sys.executable, "-m", "benchmarks.claude_big", str(BIG)]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    big = float(subprocess.run(argv, env=env, cwd=REPOSITORY, capture_output=True, check=True).stdout)
    delta = next(line for line in lines if b"text_delta" in line)
    lag, missing = asyncio.run(many(folder, delta))
    stored = asyncio.run(storing(folder))
    first = first_event(folder, delta)
    going_on = next_hub(folder, delta)
    rates = f"{ours:,.0f}/s, claude-agent-sdk {theirs['version']} {theirs['rate']:,.0f}/s"
    streams = f"{SESSIONS} sessions of {A_SECOND} events a second"
    return [
        Figure("decoding a recorded stream, times the SDK", ours / theirs["rate"], "x", 3, 10, more=True, note=rates),
        Figure("a 64 MB message, memory", big, "x", 3, 3, note=f"the SDK, 2 MB: {theirs['refusal'][:60] or 'passes'}"),
        Figure("start to first event in an editor, beyond the program's own", first, "ms", 30, 10),
        Figure(f"{streams}: loop lag p99", lag, "ms", 50, 20),
        Figure(f"{streams}: events not shown", missing, "", 0, 0),
        Figure("killed in a turn: the next hub, from its start to the next event", going_on, "ms", 1000, 500),
        Figure("storing an event, amortised", stored, "us", 60, 20),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fls-") as folder:
        figures = measure(Path(folder))
    for one in figures:
        verdict = "" if one.holds(one.aim) else " (aim missed)" if one.holds(one.must) else " FAILED"
        print(f"{one.name:64}{one.value:9.2f} {one.unit:3} must {one.must:g}, aim {one.aim:g}{verdict}  {one.note}")
    if arguments.json:
        rows = [{**one._asdict(), "ok": one.holds(one.must)} for one in figures]
        report = {"python": platform.python_version(), "cpus": os.cpu_count(), "figures": rows}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    sys.exit(not all(one.holds(one.must) for one in figures))


if __name__ == "__main__":
    main()
