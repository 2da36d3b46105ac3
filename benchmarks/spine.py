"""The speed table, in ratios to a stock pygls server of the same run: `python -m benchmarks.spine`.

`--quick` takes fewer rounds, `--json FILE` writes the figures too.

Exits 1 when a figure that must hold does not. The program is the real one, in a scrubbed environment of its own.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks import mcp_call
from benchmarks.editor import Editor
from factory_ls.demo import claude_standin

REPOSITORY = Path(__file__).parents[1]
OURS = [sys.executable, "-m", "factory_ls"]
STOCK = [sys.executable, str(REPOSITORY / "benchmarks" / "stock_server.py")]
DIAGNOSTICS = 10_000


class Figure(NamedTuple):
    """`stock` is null where the limit is absolute. `must` and `aim` are limits of the ratio, else of the figure."""

    name: str
    unit: str
    ours: float
    stock: float | None
    must: float
    aim: float

    @property
    def measure(self) -> float:
        return self.ours / self.stock if self.stock else self.ours


def environment(folder: Path) -> dict[str, str]:
    folder.joinpath("run").mkdir(mode=0o700, parents=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "BASE_DIR": str(folder / "base"),
        "BACKEND_PORT": "0",
        "PYTHONPATH": str(REPOSITORY),
        "FACTORY_CLAUDE": str(claude_standin.install(folder)),
    }


def hub(env: dict[str, str], command: str) -> str:
    return subprocess.run([*OURS, "hub", command], env=env, capture_output=True, text=True, check=False).stdout


def start_up(argv: list[str], env: dict[str, str]) -> float:
    with Editor(argv, env) as editor:
        return editor.ready * 1000


def cold_start(env: dict[str, str]) -> float:
    hub(env, "stop")
    return start_up(OURS, env)


def in_turns(rounds: int, one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """The medians of two measurements made in turns, so that a busy machine slows both alike."""
    found = [(one(), other()) for _ in range(rounds)]
    return statistics.median(a for a, _ in found), statistics.median(b for _, b in found)


def round_trip(argv: list[str], env: dict[str, str], rounds: int, command: str, *arguments: object) -> float:
    """Median milliseconds of a command that does nothing."""
    with Editor(argv, env) as editor:

        def once() -> float:
            started = time.perf_counter()
            editor.execute(command, *arguments)
            return (time.perf_counter() - started) * 1000

        for _ in range(50):
            once()
        return statistics.median(once() for _ in range(rounds))


def stock_publish(env: dict[str, str]) -> float:
    with Editor(STOCK, env) as editor:
        return min(float(editor.execute("hello.publish", DIAGNOSTICS)) for _ in range(5)) * 1000


def our_publish(env: dict[str, str]) -> float:
    argv = [sys.executable, "-m", "benchmarks.publish", str(DIAGNOSTICS)]
    done = subprocess.run(argv, env=env, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return float(done.stdout) * 1000


def memory(env: dict[str, str]) -> float:
    """MiB resident in the hub with ten editors connected and its work taken up."""
    with ExitStack() as stack:
        editors = [stack.enter_context(Editor(OURS, env)) for _ in range(10)]
        for editor in editors:
            status = editor.execute("factory.hub.status")
        deadline = time.monotonic() + 20
        while not status["mcpUrl"] and time.monotonic() < deadline:
            time.sleep(0.05)
            status = editor.execute("factory.hub.status")
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(status["pid"])], capture_output=True, check=True)
        return int(shown.stdout) / 1024


def mcp_client(env: dict[str, str]) -> mcp_call.Client:
    """As the Claude of a session in the hub has it: its address and token out of the file it was given."""
    repository = Path(env["HOME"]) / "repository"
    subprocess.run(["git", "init", "--quiet", str(repository)], env=env, check=True)
    author = ["-c", "user.name=B", "-c", "user.email=b@example.com"]
    commit = ["git", *author, "commit", "--quiet", "--allow-empty", "--message=A"]
    subprocess.run(commit, cwd=repository, env=env, check=True)
    with Editor(OURS, env) as editor:
        workspace = editor.execute("factory.workspace.create", {"repoPath": str(repository), "name": "benchmark"})
        session = editor.execute("factory.session.start", {"workspace": workspace["id"]})
    config = json.loads((Path(env["BASE_DIR"]) / "sessions" / session["id"] / "mcp.json").read_text())
    server = config["mcpServers"]["factory"]
    token = server["headers"]["Authorization"].removeprefix("Bearer ")
    return mcp_call.Client(int(urlsplit(server["url"]).port or 0), token, workspace["id"])


def measure(folder: Path, rounds: int) -> list[Figure]:
    """`rounds`: how often each start is measured; the other figures take as much time as that asks for."""
    env = environment(folder)
    try:
        start_up(OURS, env)  # byte code is compiled once, for both
        start_up(STOCK, env)
        stock, warm = in_turns(rounds, lambda: start_up(STOCK, env), lambda: start_up(OURS, env))
        stock_trip = round_trip(STOCK, env, 50 * rounds, "hello.echo", {})
        trip = round_trip(OURS, env, 50 * rounds, "factory.hub.status")
        resident = memory(env)
        mcp = mcp_call.measure(50 * rounds, mcp_client(env))
        end_sessions(env)
        publish, stock_publishing = our_publish(env), stock_publish(env)
        stock_again, cold = in_turns(max(3, rounds // 2), lambda: start_up(STOCK, env), lambda: cold_start(env))
        return [
            Figure("spawn to initialize answered, hub warm", "ms", warm, stock, 0.35, 0.2),
            Figure("spawn to initialize answered, no hub yet", "ms", cold, stock_again, 1.5, 1.0),
            Figure("executeCommand through forwarder and hub", "ms", trip, stock_trip, 1.0, 0.6),
            Figure(f"publishing {DIAGNOSTICS:,} diagnostics, CPU", "ms", publish, stock_publishing, 0.1, 0.04),
            Figure("one MCP tool call over HTTP, keep-alive", "ms", mcp["ours_ms"], mcp["bare_ms"], 1.5, 1.1),
            Figure("hub memory, 10 editors connected", "MiB", resident, None, 130, 100),
        ]
    finally:
        hub(env, "stop")


def end_sessions(env: dict[str, str]) -> None:
    """A Claude outlives its hub, and this one is nobody's."""
    with Editor(OURS, env) as editor:
        for session in editor.execute("factory.session.list", {}):
            editor.execute("factory.session.stop", {"session": session["id"]})


def show(figures: list[Figure]) -> None:
    print(f"{'figure':44}{'ours':>10}{'stock':>10}{'ratio':>8}{'must':>7}{'aim':>6}")
    for one in figures:
        stock = f"{one.stock:.2f}" if one.stock else "-"
        ratio = f"{one.measure:.3f}" if one.stock else "-"
        verdict = "" if one.measure <= one.aim else " (aim missed)" if one.measure <= one.must else " FAILED"
        print(f"{f'{one.name}, {one.unit}':44}{one.ours:10.2f}{stock:>10}{ratio:>8}{one.must:7}{one.aim:6}{verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under a minute, and noisier")
    parser.add_argument("--report", action="store_true", help="exit 0 whatever the figures are")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), 4 if arguments.quick else 12)
    show(figures)
    if arguments.json:
        rows = [{**one._asdict(), "measure": one.measure, "ok": one.measure <= one.must} for one in figures]
        report = {"python": platform.python_version(), "cpus": os.cpu_count(), "figures": rows}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    sys.exit(not arguments.report and any(one.measure > one.must for one in figures))


if __name__ == "__main__":
    main()
