"""One flaky check of a pull request, also red on the base branch: what hover says, and the re-run from the lens."""

import json
from pathlib import Path

from factory_ls.demo import sample
from factory_ls.demo.github_runner import git
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Scene, server
from tests.e2e.test_diagnostic_life import ERROR, HINT, severities, shows
from tests.e2e.test_in_the_editor import at

TEST = "tests/test_flag.py"


def files(folder: Path) -> dict[str, str]:
    """A job that waits for the file `go`, with a test that passes while there is a file `green`."""
    wait = f"until [ -e {folder}/go ]; do sleep 0.05; done"
    steps = [{"run": wait}, {"run": "python -m pytest -q -p no:cacheprovider"}]
    workflow = {"name": "CI", "on": ["push"], "jobs": {"test": {"runs-on": "ubuntu-latest", "steps": steps}}}
    test = f'import os\n\n\ndef test_flag() -> None:\n    assert os.path.exists("{folder}/green")\n'
    return {".github/workflows/ci.yml": json.dumps(workflow), TEST: test}


async def test_explained_run_again_from_the_lens_and_flaky(stage: Scene) -> None:
    go, green = stage.folder / "go", stage.folder / "green"
    go.touch()
    await stage.set_up_repository(files(stage.folder))
    head = stage.pull.head_sha
    await stage.commit(files(stage.folder), "Red on main too")
    await stage.git("push", "--quiet", "origin", "main")
    await stage.github.idle()
    async with LspClient(server(), stage.environ, stage.checkout) as user:
        source = {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}
        made = await user.command("factory.workspace.create", repoPath=str(stage.checkout), source=source)
    worktree = Path(made["path"])
    file = worktree / TEST
    async with LspClient(server(), stage.environ, worktree) as editor:
        editor.open(file, "python")
        [shown] = await shows(editor, file, 1, "the failing test")
        line = shown["range"]["start"]["line"]
        await editor.command("factory.ratchet.pause")
        await editor.command("factory.ratchet.enable", workspace=str(worktree))

        said = (await at(editor, "textDocument/hover", file, line))["contents"]["value"]
        assert "test_flag" in said
        assert "python -m pytest -q -p no:cacheprovider" in said
        assert f"Failing since commit {head[:10]}" in said
        assert "Also failing on the base branch" in said
        assert "Flaky" not in said
        ratchet = await editor.command("factory.ratchet.explain", workspace=str(worktree))
        assert f"Ratchet: {ratchet['reason']}" in said.replace("\\", "")
        assert shown["codeDescription"]["href"].endswith(f"/job/{stage.repository.runs[1].jobs[0].id}")

        go.unlink()
        lenses = await editor.request("textDocument/codeLens", {"textDocument": {"uri": file.as_uri()}})
        [again] = [one["command"] for one in lenses if one["command"]["title"] == "Re-run job"]
        await editor.request("workspace/executeCommand", again)
        await editor.until(lambda: severities(editor, file) == {HINT}, "the hint that it runs again")
        assert editor.diagnostics[file.as_uri()][0]["message"].startswith("running again, waiting for CI")
        green.touch()
        go.touch()
        await shows(editor, file, 0, "nothing, as the new attempt is green")

        green.unlink()  # the same commit once more, from another branch
        await git("update-ref", "refs/heads/other", head, cwd=stage.repository.path)
        (stage.repository.path / "pushed").open("a").write(f"{'0' * 40} {head} refs/heads/other\n")
        await stage.github.idle()
        await editor.until(lambda: severities(editor, file) == {ERROR}, "red on the same commit")
        said = (await at(editor, "textDocument/hover", file, line))["contents"]["value"]
        assert "Flaky: passed and failed on this commit" in said
