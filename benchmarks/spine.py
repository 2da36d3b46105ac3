"""The speed table, in ratios to a stock pygls server of the same run: `python -m benchmarks.spine [--json FILE]`.

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

from benchmarks.editor import Editor

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
    }


def hub(env: dict[str, str], command: str) -> str:
    return subprocess.run([*OURS, "hub", command], env=env, capture_output=True, text=True, check=False).stdout


def median(rounds: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(rounds))


def start_up(argv: list[str], env: dict[str, str]) -> float:
    with Editor(argv, env) as editor:
        return editor.ready * 1000


def cold_start(env: dict[str, str]) -> float:
    hub(env, "stop")
    return start_up(OURS, env)


def round_trip(argv: list[str], env: dict[str, str], command: str, *arguments: object) -> float:
    """Median milliseconds of a command that does nothing."""
    with Editor(argv, env) as editor:

        def once() -> float:
            started = time.perf_counter()
            editor.execute(command, *arguments)
            return (time.perf_counter() - started) * 1000

        for _ in range(50):
            once()
        return median(500, once)


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


def measure(folder: Path) -> list[Figure]:
    env = environment(folder)
    try:
        start_up(OURS, env)  # byte code is compiled once, for both
        start_up(STOCK, env)
        stock = median(7, lambda: start_up(STOCK, env))
        warm = median(15, lambda: start_up(OURS, env))
        stock_trip = round_trip(STOCK, env, "hello.echo", {})
        trip = round_trip(OURS, env, "factory.hub.status")
        resident = memory(env)
        cold = median(5, lambda: cold_start(env))
        return [
            Figure("spawn to initialize answered, hub warm", "ms", warm, stock, 0.35, 0.2),
            Figure("spawn to initialize answered, no hub yet", "ms", cold, stock, 1.5, 1.0),
            Figure("executeCommand through forwarder and hub", "ms", trip, stock_trip, 1.0, 0.6),
            Figure(
                f"publishing {DIAGNOSTICS:,} diagnostics, CPU", "ms", our_publish(env), stock_publish(env), 0.1, 0.04
            ),
            Figure("hub memory, 10 editors connected", "MiB", resident, None, 130, 100),
        ]
    finally:
        hub(env, "stop")


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
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    show(figures)
    if arguments.json:
        rows = [{**one._asdict(), "measure": one.measure, "ok": one.measure <= one.must} for one in figures]
        report = {"python": platform.python_version(), "cpus": os.cpu_count(), "figures": rows}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    sys.exit(any(one.measure > one.must for one in figures))


if __name__ == "__main__":
    main()
