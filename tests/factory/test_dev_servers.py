"""A workspace's `run` script: started on its own port, stopped whole, found again."""

import asyncio
import json
import signal
import urllib.request
from pathlib import Path

import pytest

from factory_ls.claude import process
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.workspace import Workspace
from tests.factory.stage import Stage

SERVE = "echo serving {port}; (sleep 3319 & ); exec python -m http.server --bind 127.0.0.1 {port}"


async def workspace(stage: Stage, run: str) -> Workspace:
    await stage.scene.commit({"factory-factory.json": json.dumps({"scripts": {"run": run}})}, "run")
    await stage.git("push", "--quiet")
    return await stage.create(name="one")


async def answers(port: int) -> bool:
    def ask() -> bool:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/README.md", timeout=2) as reply:
                    return bool(reply.read() == b"A basket\n")
            except OSError:
                process.start_time(1)  # takes a moment
        return False

    for _ in range(100):
        if await asyncio.to_thread(ask):
            return True
    return False


async def test_run_restart_stop(stage: Stage) -> None:
    made = await workspace(stage, SERVE)
    ran = await stage.do("workspace.run", workspace="one")
    run = ran.run
    assert run.running
    assert run.url == f"http://localhost:{run.port}"
    assert await answers(run.port)
    assert (await stage.do("workspace.run", workspace="one")).run == run, "one is enough"
    assert Path(run.log).read_text().startswith(f"serving {run.port}")

    await stage.reopen()
    assert stage.factory.workspace("one").run == run
    assert await answers(run.port)
    stopped = await stage.do("workspace.stopRun", workspace="one")
    assert not stopped.run.running
    assert process.marked(stage.folder / "factory" / "runs" / made.id) == [], "what it started in the background too"

    again = await stage.do("workspace.run", workspace="one")
    assert again.run.port == run.port
    await stage.do("workspace.archive", workspace="one")
    assert process.marked(stage.folder / "factory" / "runs" / made.id) == []


async def test_what_a_script_leaves_in_the_background_is_the_server(stage: Stage) -> None:
    made = await workspace(stage, "python -m http.server --bind 127.0.0.1 {port} & echo started")
    run = (await stage.do("workspace.run", workspace="one")).run
    assert await answers(run.port)
    await stage.factory.close()
    await stage.open()  # the next hub finds it, though the process that was started is gone
    assert await answers(run.port)
    assert stage.factory.workspace("one").run.running
    await stage.do("workspace.archive", workspace="one")
    assert process.marked(stage.folder / "factory" / "runs" / made.id) == []


async def test_one_that_died_while_no_hub_was_there(stage: Stage) -> None:
    made = await workspace(stage, SERVE)
    run = (await stage.do("workspace.run", workspace="one")).run
    assert await answers(run.port)
    await stage.factory.close()
    folder = stage.folder / "factory" / "runs" / made.id
    while left := process.marked(folder):
        process.end(left, signal.SIGKILL)
    await stage.open()
    ended = await stage.until(lambda: (w := stage.factory.workspace("one")).run and not w.run.running and w.run)
    assert ended.exit_code is None, "nobody was there to be told"


async def test_one_that_ends_by_itself_is_noticed(stage: Stage) -> None:
    await workspace(stage, "exit 3")
    await stage.do("workspace.run", workspace="one")
    ended = await stage.until(lambda: (w := stage.factory.workspace("one")).run and not w.run.running and w.run)
    assert ended.exit_code == 3


async def test_no_script(stage: Stage) -> None:
    await stage.create(name="one")
    with pytest.raises(FactoryError, match="no `run` script") as none:
        await stage.do("workspace.run", workspace="one")
    assert none.value.kind is ErrorKind.NOT_FOUND
    assert not (await stage.do("workspace.stopRun", workspace="one")).run
