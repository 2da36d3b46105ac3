"""What a check may say that no check should: places that are none, and more problems than anybody can read."""

import json
from pathlib import Path
from typing import Any

from factory_ls.demo import sample
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Scene, server
from tests.e2e.test_diagnostic_life import shows

INFORMATION = 3
WORKFLOW = ".github/workflows/ci.yml"
LINES = (0, -1, -(10**20), 500, 2**31, 2**63, 10**20)
PATHS = (
    "../outside.py",
    "/etc/passwd",
    "C:\\Windows\\x.py",
    "basket/../../outside.py",
    "link.py",
    "linked/x.py",
    ".git/config",
)
FILES, EACH = 50, 1_000
_PRINT = f"""
import sys
for file in range({FILES}):
    for line in range(1, {EACH} + 1):
        print(f"basket/f{{file}}.py:{{line}}:1: F821 Undefined name `n{{file}}_{{line}}`")
sys.exit(1)
"""


def annotation(path: str, line: int) -> dict[str, Any]:
    place = {"path": path, "start_line": line, "end_line": line, "start_column": line, "end_column": line}
    said = {"annotation_level": "failure", "title": "", "message": f"{path} {line}", "raw_details": "", "blob_href": ""}
    return place | said


async def opened(stage: Scene) -> Path:
    async with LspClient(server(), stage.environ, stage.checkout) as user:
        source = {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}
        made = await user.command("factory.workspace.create", repoPath=str(stage.checkout), source=source)
    return Path(made["path"])


async def test_annotations_of_places_that_are_none(stage: Scene) -> None:
    """Nothing outside of the worktree is opened or shown; nothing is dropped; no line is made up."""
    outside = stage.folder / "outside"
    outside.mkdir()
    (outside / "x.py").write_text("# secret\n")
    await stage.set_up_repository()
    await stage.git("checkout", "--quiet", sample.BRANCH)
    (stage.checkout / "link.py").symlink_to(outside / "x.py")
    (stage.checkout / "linked").symlink_to(outside)
    await stage.commit({}, "Links out of the tree")
    await stage.git("push", "--quiet")
    await stage.git("checkout", "--quiet", "main")
    await stage.github.idle()
    [lint] = [job for job in stage.repository.runs[-1].jobs if job.name == "lint"]
    lint.annotations += [annotation(sample.BROKEN, line) for line in LINES]
    lint.annotations += [annotation(path, 1) for path in PATHS]
    worktree = await opened(stage)
    file = worktree / sample.BROKEN
    async with LspClient(server(), stage.environ, worktree) as editor:
        editor.open(file, "python")
        shown = await shows(editor, file, 2 + len(LINES), "what is said of the file")
        made_up = [one for one in shown if one["message"].startswith(sample.BROKEN)]
        assert len(made_up) == len(LINES)
        assert {one["range"]["start"]["line"] for one in made_up} == {0}
        listed = await editor.command("factory.ci.problems", workspace=str(worktree))
        for path in ("link.py", "linked/x.py"):
            [one] = [one for one in listed["problems"] if one["path"] == path]
            assert one["placement"] == "unplaced"
        for uri in editor.published:
            assert uri == file.as_uri()
        assert "secret" not in json.dumps([editor.notifications, listed])


async def test_fifty_thousand_problems(stage: Scene) -> None:
    """The weightiest are shown, the others counted, and whoever types meanwhile does not notice."""
    steps = [{"run": "python tools/lint.py"}]
    jobs = {"lint": {"runs-on": "ubuntu-latest", "steps": steps}}
    files = {f"basket/f{file}.py": "x = 1\n" * EACH for file in range(FILES)}
    workflow = json.dumps({"name": "CI", "on": ["push"], "jobs": jobs}, indent=2)
    await stage.set_up_repository({**files, WORKFLOW: workflow, "tools/lint.py": _PRINT})
    worktree = await opened(stage)
    async with LspClient(server(), stage.environ, worktree) as editor:
        at_step = worktree / WORKFLOW
        [said] = await shows(editor, at_step, 1, "how many more there are")
        more = FILES * EACH - 10_000
        assert said["message"] == f"{more} more problems were counted only."
        assert said["severity"] == INFORMATION

        def all_shown() -> bool:
            return sum(map(len, editor.diagnostics.values())) == 10_001

        await editor.until(all_shown, "the weightiest")
        listed = await editor.command("factory.ci.problems", workspace=str(worktree))
        assert (len(listed["problems"]), listed["failures"][-1]["message"]) == (10_000, said["message"])
        assert len(editor.published) == len(set(editor.published)), "a file was published twice"

        file, before = worktree / "basket/f3.py", len(editor.published)
        editor.open(file, "python")
        await editor.until(lambda: len(editor.published) > before, "columns of the open file")
        editor.type(file, 2, 0, "# new\n")
        await editor.until(lambda: _first(editor, file) == 1, "all of the file's to move")
        assert set(editor.published[before:]) == {file.as_uri()}


def _first(editor: LspClient, file: Path) -> int:
    return int(min(one["range"]["start"]["line"] for one in editor.diagnostics[file.as_uri()]))
