"""A check that fails without naming a file: shown at its step in the workflow, never dropped."""

import json
from pathlib import Path

from factory_ls.demo import sample
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Scene, server
from tests.e2e.test_diagnostic_life import ERROR, shows, texts
from tests.e2e.test_in_the_editor import at

_STEPS = [{"uses": "actions/checkout@v4"}, {"name": "Deploy", "run": "echo 'fatal: quota exceeded'; exit 3"}]
_WORKFLOW = {"name": "CI", "on": ["push"], "jobs": {"deploy": {"runs-on": "ubuntu-latest", "steps": _STEPS}}}
WORKFLOW = ".github/workflows/ci.yml"


async def test_it_is_shown_at_the_step_that_failed(stage: Scene) -> None:
    await stage.set_up_repository({**sample.CHANGE, WORKFLOW: json.dumps(_WORKFLOW, indent=2) + "\n"})
    vote = {"context": "legal/cla", "state": "FAILURE", "targetUrl": None, "createdAt": "2026-01-01T00:00:00Z"}
    stage.repository.statuses[stage.pull.head_sha] = [vote]
    async with LspClient(server(), stage.environ, stage.checkout) as user:
        source = {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}
        made = await user.command("factory.workspace.create", repoPath=str(stage.checkout), source=source)
    worktree = Path(made["path"])
    file = worktree / WORKFLOW
    async with LspClient(server(), stage.environ, worktree) as editor:
        [shown] = found = await shows(editor, file, 1, "the step that failed")
        assert "quota exceeded" in texts(file, found)[0]
        assert (shown["severity"], shown["message"]) == (ERROR, "fatal: quota exceeded")
        listed = await editor.command("factory.ci.problems", workspace=str(worktree))
        assert listed["problems"] == []
        assert {(one["job"], one["message"]) for one in listed["failures"]} == {
            ("deploy", "fatal: quota exceeded"), ("legal/cla", "legal/cla failed and tells no more here."),
        }  # fmt: skip

        line = shown["range"]["start"]["line"]
        said = (await at(editor, "textDocument/hover", file, line))["contents"]["value"]
        assert "echo 'fatal: quota exceeded'; exit 3" in said
        assert f"Failing since commit {stage.pull.head_sha[:10]}" in said
        actions = {one["title"]: one["command"] for one in await at(editor, "textDocument/codeAction", file, line)}
        copied = await editor.request("workspace/executeCommand", actions["Copy the failing command"])
        assert copied["command"] == "echo 'fatal: quota exceeded'; exit 3"
        opened = await editor.request("workspace/executeCommand", actions["Open log at the line"])
        assert "quota exceeded" in Path(opened["path"]).read_text().split("\n")[opened["line"] - 1]
        [ran] = [command for title, command in actions.items() if title.startswith("Run here")]
        assert (await editor.request("workspace/executeCommand", ran))["code"] == 3
        session = await editor.request("workspace/executeCommand", actions["Fix with Claude: fatal: quota exceeded"])
        told = await editor.command("factory.session.transcript", session=session["id"])
        assert "quota exceeded" in json.dumps(told["events"][0])
        assert f"{WORKFLOW}:" not in json.dumps(told["events"][0])
        await editor.command("factory.session.stop", session=session["id"])
        [dismiss] = [command for title, command in actions.items() if title.startswith("Dismiss")]
        await editor.request("workspace/executeCommand", dismiss)
        await shows(editor, file, 0, "the dismissed one to go")
