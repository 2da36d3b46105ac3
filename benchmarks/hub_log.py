"""How long a command takes in a hub that fetches and reads a log of 100 MB at the same time.

    python -m benchmarks.hub_log [--megabytes 100] [--logs FOLDER]

The whole way is real: a failed check at the GitHub stand-in, its log through `gh`, the reading, the problems in the
state. A second editor, in a process of its own, asks for `factory.hub.status` all the while. `must` is 50 ms at p99.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.corpus import LOGS, corpus
from benchmarks.editor import Editor
from factory_ls.demo import sample
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Programs, Scene, server
from factory_ls.demo.story import stop_hub

REPOSITORY = Path(__file__).parents[1]
PAUSE = 0.002
PATIENCE = 300.0
MUST = 50.0
"""Milliseconds at p99."""


def ping() -> None:
    """Prints `seconds milliseconds` a command until its standard input ends. The clock is the machine's."""
    with Editor(server(), {**_environ()}) as editor:
        for _ in range(20):
            editor.execute("factory.hub.status")
        print("ready", flush=True)
        told = []
        stop = time.monotonic() + PATIENCE
        flag = Path(sys.argv[2])
        while time.monotonic() < stop and not flag.exists():
            started = time.monotonic()
            editor.execute("factory.hub.status")
            told.append((started, (time.monotonic() - started) * 1000))
            time.sleep(PAUSE)
    for at, took in told:
        print(f"{at} {took}")


def _environ() -> dict[str, str]:
    found: dict[str, str] = json.loads(Path(sys.argv[3]).read_text())
    return found


async def measure(log: bytes, gh: str | None = None) -> dict[str, Any]:
    """Milliseconds of the commands while the log was fetched and read, and before it began."""
    with tempfile.TemporaryDirectory(prefix="fb-") as place:
        folder = Path(place)
        async with Scene(folder / "s", programs=Programs(gh=gh, claude=None)) as scene:
            scene.environ["PYTHONPATH"] = str(REPOSITORY)
            await scene.set_up_repository()
            for run in scene.repository.runs:
                for job in run.jobs:
                    if job.conclusion == "FAILURE":
                        job.log = log
                        job.annotations = []
            flag, environ = folder / "stop", folder / "environ.json"
            environ.write_text(json.dumps(scene.environ))
            try:
                return await _measured(scene, flag, environ)
            finally:
                flag.touch()
                await stop_hub(scene)


async def _measured(scene: Scene, flag: Path, environ: Path) -> dict[str, Any]:
    pings = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.hub_log", "--ping", str(flag), str(environ),
        cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    assert pings.stdout is not None
    await pings.stdout.readline()
    async with LspClient(server(), scene.environ, scene.checkout) as editor:
        source = {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}
        workspace = await editor.command("factory.workspace.create", repoPath=str(scene.checkout), source=source)
        started = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            while True:
                listed = await editor.command("factory.ci.problems", workspace=workspace["id"])
                if listed["problems"] or listed["failures"]:
                    break
                await asyncio.sleep(0.2)
        ended = time.monotonic()
    await asyncio.to_thread(flag.touch)
    out, _ = await pings.communicate()
    rows = [tuple(map(float, line.split())) for line in out.decode().splitlines()]
    during = sorted(took for at, took in rows if started <= at <= ended)
    return {
        "seconds": round(ended - started, 2),
        "problems": len(listed["problems"]) + len(listed["failures"]) + listed["gone"],
        "commands": len(during),
        "p50_ms": round(statistics.median(during), 2),
        "p99_ms": round(during[min(len(during) - 1, int(len(during) * 0.99))], 2),
        "max_ms": round(during[-1], 2),
    }


def main() -> int:
    if sys.argv[1:2] == ["--ping"]:
        ping()
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--logs", type=Path)
    arguments = parser.parse_args()
    found = asyncio.run(measure(corpus(arguments.logs or LOGS, arguments.megabytes * 1_000_000)))
    print(json.dumps(found, indent=1))
    return int(found["p99_ms"] > MUST)


if __name__ == "__main__":
    raise SystemExit(main())
