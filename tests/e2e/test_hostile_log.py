"""A log that points outside the worktree, speaks to terminals and holds a 64 MB line, from the check to the buffer."""

import asyncio
import json
import os
import time
from pathlib import Path

from factory_ls.demo import sample
from factory_ls.demo.scene import Scene
from tests.e2e.support import call, run, until
from tests.hub.support import Editor

HUGE = 64 * 1024 * 1024

OUTSIDE = ("../../../../etc/passwd", "/etc/passwd", "basket/../../../outside.py")
_PRINT = f"""
import sys
for path in {OUTSIDE!r}:
    print(f"{{path}}:1:1: F401 outside of the worktree")
print("\\x1b]0;owned\\x07\\x1b[31mbasket/totals.py:3:1: F401 \\x1b[1min\\u202eside\\x1b[0m")
if "huge" in sys.argv:
    print("x" * {HUGE})
    print("basket/totals.py:6:1: F401 after the long line")
sys.exit(1)
"""


def workflow(*arguments: str) -> dict[str, str]:
    steps = [{"name": "Lint", "run": f"python tools/lint.py {' '.join(arguments)}"}]
    content = {"name": "CI", "on": ["push"], "jobs": {"lint": {"runs-on": "ubuntu-latest", "steps": steps}}}
    files = {".github/workflows/ci.yml": json.dumps(content), "tools/lint.py": _PRINT}
    return {**sample.CHANGE, **files}


async def test_nothing_in_a_log_leaves_the_worktree_or_reaches_a_terminal(stage: Scene) -> None:
    await stage.set_up_repository(workflow("huge"))
    env = stage.environ
    made = await call(
        env, "factory.workspace.create", repoPath=str(stage.checkout),
        source={"kind": "RESUME_BRANCH", "branch": sample.BRANCH},
    )  # fmt: skip
    ref = {"workspace": made["id"]}
    found = await until(env, lambda answer: answer["problems"], "factory.ci.problems", **ref)
    inside = [problem for problem in found["problems"] if problem["path"] == "basket/totals.py"]
    assert {problem["line"] for problem in inside} == {3, 6}
    # What is said of a file elsewhere is not lost, but it is placed nowhere.
    assert {problem["placement"] for problem in found["problems"] if problem not in inside} <= {"unplaced"}

    async with await Editor.start(env) as editor:
        await editor.initialize(rootUri=Path(made["path"]).as_uri())
        published = await editor.notification("textDocument/publishDiagnostics")
        await editor.leave()
    # While one client reads the whole log, others are served.
    started = time.monotonic()
    reading = asyncio.create_task(run(env, "call", "factory.ci.log", json.dumps({**ref, "check": "lint"})))
    waits = []
    while not reading.done():
        asked = time.monotonic()
        await call(env, "factory.hub.status")
        waits.append(time.monotonic() - asked)
    log = await reading
    assert log.code == 0, log.err[-500:]
    assert max(waits) < 0.5 * (time.monotonic() - started)
    shown = json.loads(log.out)["text"]
    assert len(shown) > HUGE
    said = json.dumps([found, published, editor.received], ensure_ascii=False)
    for text in (shown, said):
        # Not `not in`: a failure would print 64 MB.
        assert [text.find(bad) for bad in ("\x1b", "\x07", "\u202e", "owned")] == [-1] * 4
    for message in editor.received:
        if message.get("method") == "textDocument/publishDiagnostics":
            assert message["params"]["uri"].startswith(Path(made["path"]).as_uri() + "/")


async def test_diagnose_reads_a_line_of_64_mb_and_paths_from_elsewhere(place: Path) -> None:
    (place / "inside.py").write_text("import os\n")
    log = place / "log"
    with log.open("wb") as file:
        file.write(b"/etc/passwd:1:1: F401 outside\n../x/inside.py:1:1: F401 above\n")
        file.write(b"x" * HUGE + b"\n\x1b[31minside.py:1:1: F401 `os` imported but unused\x1b[0m\n")
    env = {"PATH": os.defpath, "HOME": str(place)}
    done = await run(env, "diagnose", "--format=json", f"--root={place}", str(log))
    assert done.code in (0, 1), done.err
    read = json.loads(done.out)
    assert read["stats"]["bytes"] > HUGE
    assert {problem["path"] for problem in read["problems"]} == {"inside.py"}
    assert "\x1b" not in done.out
    text = await run(env, "diagnose", f"--root={place}", str(log))
    assert ("\x1b" in text.out, "inside.py:1:1" in text.out) == (False, True)
