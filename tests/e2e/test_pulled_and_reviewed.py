"""An editor that asks for its diagnostics, one in another worktree, and a review of lines that have moved since."""

from pathlib import Path
from typing import Any

import pytest

from factory_ls.demo import sample
from factory_ls.demo.github_state import Comment, Thread
from factory_ls.demo.scene import Scene
from factory_ls.model.errors import FactoryError
from tests.e2e.test_diagnostic_life import on_stage, shows
from tests.e2e.test_in_the_editor import at
from tests.hub.support import Editor

PULLS = {
    "textDocument": {"diagnostic": {"relatedInformation": True}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}
SUGGESTION = "In one line:\n```suggestion\ndef total(prices: Sequence[int]) -> int: return sum(prices)\n```\n"


async def everything(editor: Editor, **known: str) -> dict[str, dict[str, Any]]:
    """`workspace/diagnostic` in parts, by the file's name; `known`: what was told before, by URI."""
    previous = [{"uri": uri, "value": value} for uri, value in known.items()]
    seen = len(editor.received)
    params = {"previousResultIds": previous, "partialResultToken": "part"}
    answer = await editor.request("workspace/diagnostic", params)
    assert answer["result"] == {"items": []}
    parts = [one["params"] for one in editor.received[seen:] if one.get("method") == "$/progress"]
    items = [item for part in parts if part["token"] == "part" for item in part["value"]["items"]]
    return {Path(item["uri"]).name: item for item in items}


async def test_pulled_elsewhere_and_suggested(stage: Scene) -> None:
    async with (
        on_stage(stage) as (editor, worktree),
        await Editor.start(stage.environ) as pulling,
        await Editor.start(stage.environ) as elsewhere,
    ):
        file = worktree / sample.BROKEN
        root = {"workspaceFolders": [{"uri": worktree.as_uri(), "name": "w"}]}
        await pulling.initialize(PULLS, initializationOptions={"diagnostics": "pull"}, **root)
        await elsewhere.initialize(rootUri=stage.checkout.as_uri())  # on main, with the same files
        listed = await everything(pulling)
        assert list(listed) == ["totals.py"]
        assert {one["source"] for one in listed["totals.py"]["items"]} == {"ci · ruff", "ci · pytest"}
        [crash] = [one for one in listed["totals.py"]["items"] if one["source"] == "ci · pytest"]
        frames = [one["location"]["uri"] for one in crash["relatedInformation"]]
        assert (worktree / "tests/test_totals.py").as_uri() in frames
        known = listed["totals.py"]["resultId"]
        assert (await everything(pulling, **{file.as_uri(): known}))["totals.py"]["kind"] == "unchanged"

        # The lines stand elsewhere in the commit that was reviewed, in the head, and on disk.
        thread = Thread(
            sample.BROKEN,
            7,
            stage.repository.branches["main"],
            [Comment(SUGGESTION, "alice")],
            outdated=True,
            start_line=6,
        )
        stage.pull.threads.append(thread)
        await shows(editor, file, 3, "the review thread")
        await pulling.until(lambda message: message.get("method") == "workspace/diagnostic/refresh")
        again = await everything(pulling, **{file.as_uri(): known})
        assert (again["totals.py"]["kind"], len(again["totals.py"]["items"])) == ("full", 3)
        one = {"textDocument": {"uri": file.as_uri()}, "previousResultId": again["totals.py"]["resultId"]}
        assert (await pulling.request("textDocument/diagnostic", one))["result"]["kind"] == "unchanged"
        text = "# by\n# us\n" + editor.open(file, "python")
        editor.type(file, 2, 0, "# by\n# us\n")
        line = text.splitlines().index("def total(prices: Sequence[int]) -> int:")
        await editor.until(lambda: _review(editor.diagnostics[file.as_uri()]) == [line], "the thread to move along")

        actions = {one["title"]: one["command"] for one in await at(editor, "textDocument/codeAction", file, line)}
        seen = len(editor.notifications)
        with pytest.raises(FactoryError, match="did not apply"):  # a headless editor has nothing to apply it with
            await editor.request("workspace/executeCommand", actions["Apply alice's suggestion"])
        [edit] = [params["edit"] for method, params in editor.notifications[seen:] if method == "workspace/applyEdit"]
        [change] = edit["changes"][file.as_uri()]
        where = {"start": {"line": line, "character": 0}, "end": {"line": line + 2, "character": 0}}
        assert change == {"range": where, "newText": "def total(prices: Sequence[int]) -> int: return sum(prices)\n"}

        editor.type(file, 3, line + 1, "    return  sum(prices)\n", until=line + 2)
        with pytest.raises(FactoryError, match="some of the lines it is for were changed"):
            await editor.request("workspace/executeCommand", actions["Apply alice's suggestion"])
        await elsewhere.execute("factory.hub.status")
        assert [
            m for m in (*elsewhere.received, *pulling.received) if str(m.get("method")).endswith("shDiagnostics")
        ] == []


def _review(diagnostics: list[dict[str, Any]]) -> list[int]:
    return [one["range"]["start"]["line"] for one in diagnostics if one["source"] == "review"]
