"""What a user can do about a failure from any editor, against the real program, git, and GitHub's stand-in."""

from pathlib import Path
from typing import Any

import pytest

from factory_ls.demo import sample
from factory_ls.demo.github_state import Comment, Thread
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Scene
from factory_ls.model.errors import FactoryError
from tests.e2e.test_diagnostic_life import on_stage, shows

SUGGESTION = "Empty baskets:\n```suggestion\n    return round(total(prices) / len(prices)) if prices else 0\n```\n"


async def at(editor: LspClient, method: str, file: Path, line: int) -> Any:
    where = {"line": line, "character": 6}
    document = {"textDocument": {"uri": file.as_uri()}}
    if method == "textDocument/codeAction":
        context = {"diagnostics": [], "only": ["quickfix"]}
        return await editor.request(method, {**document, "range": {"start": where, "end": where}, "context": context})
    return await editor.request(method, {**document, "position": where})


async def test_a_failing_test_is_explained_run_here_and_dismissed(scene: Scene) -> None:
    async with on_stage(scene) as (editor, worktree):
        file = worktree / sample.BROKEN
        editor.open(file, "python")
        shown = await shows(editor, file, 2, "diagnostics")
        line = next(one["range"]["start"]["line"] for one in shown if one["source"] == "ci · pytest")

        hover = (await at(editor, "textDocument/hover", file, line))["contents"]["value"]
        assert "ZeroDivisionError" in hover
        assert "python -m pytest -q" in hover
        assert f"Failing since commit {scene.pull.head_sha[:10]}" in hover

        lenses = await editor.request("textDocument/codeLens", {"textDocument": {"uri": file.as_uri()}})
        assert lenses[0]["command"]["title"] == "CI: 2 errors"
        [run] = [one["command"] for one in lenses if one["command"]["title"].startswith("▶")]
        ran = await editor.request("workspace/executeCommand", run)
        assert (ran["command"], ran["timedOut"]) == ("python -m pytest -q", False)
        assert ran["code"] == 1
        assert "ZeroDivisionError" in ran["output"]

        titles = {one["title"]: one["command"] for one in await at(editor, "textDocument/codeAction", file, line)}
        [dismiss] = [command for title, command in titles.items() if title.startswith("Dismiss")]
        await editor.request("workspace/executeCommand", dismiss)
        await shows(editor, file, 1, "the dismissed one to go")

        opened = await editor.request("workspace/executeCommand", {
            "command": "factory.ci.openLog", "arguments": [{"workspace": str(worktree), "check": "test"}],
        })  # fmt: skip
        folds = await editor.request("textDocument/foldingRange", {"textDocument": {"uri": opened["uri"]}})
        log = Path(opened["path"]).read_text().split("\n")
        assert any("Run python -m pytest -q" in log[fold["startLine"]] for fold in folds)


async def test_a_review_thread_is_shown_applied_answered_and_resolved(scene: Scene) -> None:
    async with on_stage(scene) as (editor, worktree):
        file = worktree / sample.BROKEN
        editor.open(file, "python")
        await shows(editor, file, 2, "diagnostics")
        line = file.read_text().splitlines().index("    return round(total(prices) / len(prices))")
        thread = Thread(sample.BROKEN, line + 1, scene.pull.head_sha, [Comment(SUGGESTION, "alice")])
        scene.pull.threads.append(thread)
        await shows(editor, file, 3, "the review thread")
        [review] = [one for one in editor.diagnostics[file.as_uri()] if one["source"] == "review"]
        assert (review["range"]["start"]["line"], review["severity"]) == (line, 3)

        actions = {one["title"]: one["command"] for one in await at(editor, "textDocument/codeAction", file, line)}
        asked = len(editor.notifications)
        with pytest.raises(FactoryError, match="did not apply"):  # a headless editor has nothing to apply it with
            await editor.request("workspace/executeCommand", actions["Apply alice's suggestion"])
        [edit] = [params["edit"] for method, params in editor.notifications[asked:] if method == "workspace/applyEdit"]
        [change] = edit["changes"][file.as_uri()]
        assert change["newText"] == "    return round(total(prices) / len(prices)) if prices else 0\n"
        assert change["range"]["start"] == {"line": line, "character": 0}

        await editor.command("factory.pr.reply", workspace=str(worktree), thread=f"PRRT_{thread.id}", body="Done.")
        assert thread.comments[-1].body == "Done."
        await editor.request("workspace/executeCommand", actions["Resolve alice's thread"])
        await shows(editor, file, 2, "the resolved thread to go")
