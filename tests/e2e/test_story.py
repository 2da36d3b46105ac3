"""The main job, from a failing check to green, through the real forwarder, hub, git and editor protocol."""

import io

from rich.console import Console

from factory_ls.demo import sample
from factory_ls.demo.scene import Scene
from factory_ls.demo.story import Story


async def test_a_failing_check_comes_back_green(scene: Scene) -> None:
    printed = io.StringIO()
    told = await Story(scene, Console(file=printed, width=200)).tell()

    broken = sample.CHANGE[sample.BROKEN].splitlines()
    assert [broken[line - 1].strip() for line in told.lines_before] == [
        "import math",
        "return round(total(prices) / len(prices))",
    ]
    assert told.lines_moved == [line + 3 for line in told.lines_before]
    assert told.tools[0] == "mcp__factory__list_problems"
    assert told.ratchet["state"] == "READY"
    assert told.ratchet["attempts"] == 1
    proof = told.ratchet["proof"]
    assert proof["red"] != 0
    assert proof["green"] == 0

    # What GitHub has, not what we say of it: the head is the proved commit, and every check of it passed.
    assert scene.pull.head_sha == proof["commit"]
    runs = scene.repository.latest_runs(scene.pull.head_sha)
    assert {job.name: job.conclusion for run in runs for job in run.jobs} == {"test": "SUCCESS", "lint": "SUCCESS"}
    message = await scene.git("log", "-1", "--format=%B", scene.pull.head_sha, cwd=scene.repository.path)
    assert "Factory-Proof: " in message
