"""A run of the pull request's own event checks GitHub's merge of it: its lines are those of neither branch."""

import json
from pathlib import Path

import pytest

from factory_ls.demo import sample
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Programs, Scene, server
from factory_ls.demo.story import stop_hub
from tests.e2e.conftest import REPOSITORY
from tests.e2e.test_diagnostic_life import ERROR, shows, texts
from tests.tools import require

_STEPS = [{"uses": "actions/checkout@v4"}, {"run": "python -m ruff check --output-format=full ."}]
_WORKFLOW = {"name": "CI", "on": ["pull_request"], "jobs": {"lint": {"runs-on": "ubuntu-latest", "steps": _STEPS}}}
FILES = {**sample.CHANGE, ".github/workflows/ci.yml": json.dumps(_WORKFLOW)}


@pytest.mark.gh
async def test_lines_of_the_merge_are_placed_in_the_branch(place: Path) -> None:
    """Also when the merge commit can only be read a file at a time over REST."""
    async with Scene(place, programs=Programs(gh=str(require("gh") / "bin" / "gh"), claude=None)) as scene:
        scene.environ["PYTHONPATH"] = str(REPOSITORY)
        await scene.set_up_repository(FILES)
        async with LspClient(server(), scene.environ, scene.checkout) as user:
            source = {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}
            made = await user.command("factory.workspace.create", repoPath=str(scene.checkout), source=source)
        worktree = Path(made["path"])
        file = worktree / sample.BROKEN
        async with LspClient(server(), scene.environ, worktree) as editor:
            assert texts(file, await shows(editor, file, 1, "the linter's complaint")) == ["import math"]

            await moved_on(scene, "# one\n# two\n# three\n")
            await push(scene, worktree)
            await editor.until(lambda: placed(editor, file, scene), "what the new run says")
            listed = await editor.command("factory.ci.problems", workspace=str(worktree))
            [problem] = listed["problems"]
            assert (problem["placement"], problem["check"]) == ("moved", "lint")
            assert texts(file, await shows(editor, file, 1, "the same")) == ["import math"]

            await scene.git("remote", "set-url", "origin", "git@github.com:acme/gone.git", cwd=worktree)
            await moved_on(scene, "# four\n")
            await push(scene, worktree)
            await editor.until(lambda: placed(editor, file, scene), "the place by the file's text over REST")
            assert texts(file, await shows(editor, file, 1, "the same")) == ["import math"]
            commit = scene.repository.runs[-1].checkout
            assert await scene.git("cat-file", "-t", commit, cwd=scene.repository.path) == "commit\n"
            with pytest.raises(OSError, match="cat-file"):
                await scene.git("cat-file", "-t", commit, cwd=worktree)
        await stop_hub(scene)


async def moved_on(scene: Scene, text: str) -> None:
    """The base branch gets lines at the top of the file."""
    await scene.commit({sample.BROKEN: text + (scene.checkout / sample.BROKEN).read_text()}, "Above it")
    await scene.git("push", "--quiet", f"git@github.com:{scene.repository.full_name}.git", "main")
    await scene.github.idle()


async def push(scene: Scene, worktree: Path) -> None:
    await scene.git("commit", "--quiet", "--allow-empty", "--message", "Again", cwd=worktree)
    await scene.git("push", "--quiet", f"git@github.com:{scene.repository.full_name}.git", "HEAD", cwd=worktree)
    await scene.github.idle()


def placed(editor: LspClient, file: Path, scene: Scene) -> bool:
    """Whether the newest job is what is shown, with its line known."""
    [job] = scene.repository.runs[-1].jobs
    shown = editor.diagnostics.get(file.as_uri(), [])
    return [one["codeDescription"]["href"].endswith(f"/job/{job.id}") and one["severity"] for one in shown] == [
        ERROR
    ] and "cannot be compared" not in shown[0]["message"]
