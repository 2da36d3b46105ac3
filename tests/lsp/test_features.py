"""What editors see: diagnostics, quick fixes, hover, progress, asks; through the real program."""

from pathlib import Path
from typing import Any

import pytest

from tests.hub.support import Editor, call

MARKDOWN = {"textDocument": {"hover": {"contentFormat": ["markdown"]}}}
TEXT = "import os\n\n\ndef f():\n    return 1\n"
PROBLEM = {
    "id": "p1", "line": 4, "column": 5, "message": "undefined name", "code": "F821", "check": "lint", "logLine": 12,
    "job": "lint / ruff", "excerpt": "a.py:4:5: F821\n```\n[x](http://evil)", "url": "https://github.com/o/r/job/1",
}  # fmt: skip


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    folder = tmp_path / "worktree"
    folder.mkdir()
    (folder / "a.py").write_text(TEXT)
    (folder / "b.py").write_text(TEXT)
    return folder


async def ready(editor: Editor, worktree: Path, capabilities: Any = None, **params: Any) -> dict[str, Any]:
    folders = [{"uri": worktree.as_uri(), "name": "w"}]
    return await editor.initialize(capabilities, workspaceFolders=folders, **params)


async def say(editor: Editor, worktree: Path, path: str, *problems: dict[str, Any], base: str | None = TEXT) -> None:
    answer = await editor.execute(
        "fake.problems", workspace="w", root=str(worktree), path=path, base=base, problems=list(problems)
    )
    assert "error" not in answer, answer


def published(editor: Editor, path: Path) -> list[list[dict[str, Any]]]:
    return [
        message["params"]["diagnostics"]
        for message in editor.received
        if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri()
    ]


async def publication(editor: Editor, path: Path, count: int) -> list[dict[str, Any]]:
    """The `count`-th publication for a file, when it has come."""
    await editor.until(lambda _: len(published(editor, path)) >= count)
    return published(editor, path)[count - 1]


def open_document(editor: Editor, path: Path, text: str = TEXT) -> None:
    item = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
    editor.notify("textDocument/didOpen", {"textDocument": item})


async def test_diagnostics_of_a_file_that_is_not_open(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree)
    await say(editor, worktree, "a.py", PROBLEM)
    [found] = await publication(editor, worktree / "a.py", 1)
    assert found["range"]["start"] == {"line": 3, "character": 4}
    assert found["severity"] == 1
    assert found["source"] == "ci · ruff"
    assert (found["code"], found["codeDescription"]["href"]) == ("F821", PROBLEM["url"])
    assert found["data"] == {"problem": "p1"}


async def test_nothing_is_published_outside_the_editors_folders(editor: Editor, worktree: Path) -> None:
    await editor.initialize(workspaceFolders=[{"uri": (worktree.parent / "other").as_uri(), "name": "o"}])
    await say(editor, worktree, "a.py", PROBLEM)
    await editor.notification("factory/stateChanged")
    open_document(editor, worktree / "a.py")  # until it is opened
    assert await publication(editor, worktree / "a.py", 1)
    assert len(published(editor, worktree / "a.py")) == 1


async def test_nothing_is_sent_twice_and_files_do_not_touch_each_other(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree)
    await say(editor, worktree, "a.py", PROBLEM)
    await say(editor, worktree, "b.py", PROBLEM)
    await publication(editor, worktree / "b.py", 1)
    await say(editor, worktree, "b.py", PROBLEM)
    await say(editor, worktree, "b.py", {**PROBLEM, "line": 5})
    await publication(editor, worktree / "b.py", 2)
    assert len(published(editor, worktree / "a.py")) == 1
    assert len(published(editor, worktree / "b.py")) == 2


async def test_diagnostics_go_when_the_problems_do(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree)
    await say(editor, worktree, "a.py", PROBLEM)
    await publication(editor, worktree / "a.py", 1)
    await say(editor, worktree, "a.py")
    assert await publication(editor, worktree / "a.py", 2) == []


async def test_diagnostics_move_with_the_unsaved_buffer(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree)
    path = worktree / "a.py"
    open_document(editor, path)
    await say(editor, worktree, "a.py", PROBLEM)
    [found] = await publication(editor, path, 1)
    assert (found["range"]["start"], found["range"]["end"]["character"]) == ({"line": 3, "character": 4}, 5)
    start = {"line": 0, "character": 0}
    change = {"range": {"start": start, "end": start}, "text": "# 😀\n\n"}
    document = {"uri": path.as_uri(), "version": 2}
    editor.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
    [moved] = await publication(editor, path, 2)
    assert moved["range"]["start"]["line"] == 5
    assert [message["params"].get("version") for message in editor.received if "diagnostics" in str(message)][-1] == 2
    editor.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})
    [back] = await publication(editor, path, 3)
    assert back["range"]["start"]["line"] == 3  # the file on disk was never saved


async def test_two_editors_see_their_own_buffers(env: dict[str, str], worktree: Path) -> None:
    path = worktree / "a.py"
    async with await Editor.start(env) as one, await Editor.start(env) as other:
        await ready(one, worktree)
        await ready(other, worktree)
        open_document(one, path, "\n" + TEXT)
        open_document(other, path)
        await say(one, worktree, "a.py", PROBLEM)
        assert (await publication(one, path, 1))[0]["range"]["start"]["line"] == 4
        assert (await publication(other, path, 1))[0]["range"]["start"]["line"] == 3


async def test_pulled_diagnostics_are_not_pushed_too(editor: Editor, worktree: Path) -> None:
    capabilities = {"textDocument": {"diagnostic": {}}}
    answer = await ready(editor, worktree, capabilities, initializationOptions={"diagnostics": "pull"})
    assert answer["capabilities"]["diagnosticProvider"]["workspaceDiagnostics"]
    path = worktree / "a.py"
    open_document(editor, path)
    await say(editor, worktree, "a.py", PROBLEM)
    params = {"textDocument": {"uri": path.as_uri()}}
    report = (await editor.request("textDocument/diagnostic", params))["result"]
    assert [one["data"]["problem"] for one in report["items"]] == ["p1"]
    again = await editor.request("textDocument/diagnostic", {**params, "previousResultId": report["resultId"]})
    assert again["result"] == {"kind": "unchanged", "resultId": report["resultId"]}
    whole = (await editor.request("workspace/diagnostic", {"previousResultIds": []}))["result"]
    assert [(one["uri"], one["kind"]) for one in whole["items"]] == [(path.as_uri(), "full")]
    assert published(editor, path) == []


async def test_code_actions(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree)
    await say(editor, worktree, "a.py", PROBLEM, {**PROBLEM, "id": "p2", "line": 1})
    diagnostics = await publication(editor, worktree / "a.py", 1)
    where = {"start": {"line": 3, "character": 0}, "end": {"line": 3, "character": 0}}
    params = {"textDocument": {"uri": (worktree / "a.py").as_uri()}, "range": where}
    answer = await editor.request("textDocument/codeAction", {**params, "context": {"diagnostics": diagnostics}})
    commands = [(one["title"], one["command"]["command"], one["command"]["arguments"]) for one in answer["result"]]
    assert commands == [
        ("Fix with Claude: undefined name", "factory.ci.fix", [{"workspace": "w", "problem": "p1"}]),
        ("Fix all 2 problems of this file with Claude", "factory.ci.fix", [{"workspace": "w", "path": "a.py"}]),
        ("Fix the check “lint” with Claude", "factory.ci.fix", [{"workspace": "w", "check": "lint"}]),
        ("Re-run failed jobs", "factory.pr.rerunFailed", [{"workspace": "w"}]),
        ("Open log at the line", "factory.ci.openLog", [{"workspace": "w", "problem": "p1"}]),
        ("Dismiss until the next push: undefined name", "factory.ci.dismiss", [{"workspace": "w", "problem": "p1"}]),
    ]
    assert answer["result"][0]["diagnostics"][0]["data"] == {"problem": "p1"}
    assert all(one["kind"] == "quickfix" for one in answer["result"])
    refactor = {"diagnostics": [], "only": ["refactor"]}
    assert (await editor.request("textDocument/codeAction", {**params, "context": refactor}))["result"] == []


async def test_hover_fences_what_the_log_says(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree, MARKDOWN)
    await say(editor, worktree, "a.py", PROBLEM)
    await publication(editor, worktree / "a.py", 1)
    params = {"textDocument": {"uri": (worktree / "a.py").as_uri()}, "position": {"line": 3, "character": 5}}
    value = (await editor.request("textDocument/hover", params))["result"]["contents"]["value"]
    assert "````text\na.py:4:5: F821\n```\n[x](http://evil)\n````" in value
    assert "[open](https://github.com/o/r/job/1)" in value
    params["position"] = {"line": 0, "character": 0}
    assert (await editor.request("textDocument/hover", params))["result"] is None


def read_private(path: Path) -> str:
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    return path.read_text()


async def test_open_log_at_the_line(editor: Editor) -> None:
    await editor.initialize({"window": {"showDocument": {"support": True}}})
    editor.send(id="o", method="workspace/executeCommand", params={"command": "factory.ci.openLog"})
    asked = await editor.until(lambda message: message.get("method") == "window/showDocument")
    assert asked["params"]["selection"]["start"] == {"line": 1, "character": 0}
    editor.send(id=asked["id"], result={"success": True})
    shown = (await editor.until(lambda message: message.get("id") == "o"))["result"]
    assert read_private(Path(shown["path"])) == "one\ntwo\nthree\n"


async def test_progress_on_the_clients_token_and_its_cancellation(editor: Editor) -> None:
    await editor.initialize()
    params = {"command": "fake.hang", "arguments": [], "workDoneToken": "t"}
    editor.send(id="h", method="workspace/executeCommand", params=params)
    begun = await editor.notification("$/progress")
    assert begun["token"] == "t"
    assert begun["value"].items() >= {"kind": "begin", "cancellable": True, "percentage": 10}.items()
    editor.notify("window/workDoneProgress/cancel", {"token": "t"})
    assert (await editor.until(lambda message: message.get("id") == "h"))["error"]["code"] == -32800
    last = [message for message in editor.received if message.get("method") == "$/progress"][-1]
    assert last["params"]["value"] == {"kind": "end"}


async def test_progress_the_server_creates(editor: Editor) -> None:
    await editor.initialize({"window": {"workDoneProgress": True}})
    editor.send(id="h", method="workspace/executeCommand", params={"command": "fake.hang"})
    created = await editor.until(lambda message: message.get("method") == "window/workDoneProgress/create")
    editor.send(id=created["id"], result=None)
    begun = await editor.notification("$/progress")
    assert begun["token"] == created["params"]["token"]
    editor.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
    assert (await editor.until(lambda message: message.get("id") == "h"))["error"]["code"] == -32800


async def test_errors_carry_the_error_object(editor: Editor) -> None:
    await editor.initialize()
    error = (await editor.execute("fake.refuse"))["error"]
    assert error["code"] == -32803
    assert error["message"] == "GitHub says wait (Wait.)"
    assert error["data"]["kind"] == "rateLimited"
    assert (await editor.execute("factory.no.such"))["error"]["data"]["kind"] == "notFound"


async def test_every_editor_is_asked_and_the_first_answer_wins(env: dict[str, str], worktree: Path) -> None:
    async with await Editor.start(env) as one, await Editor.start(env) as other:
        await ready(one, worktree)
        await ready(other, worktree)
        await say(one, worktree, "a.py", PROBLEM)
        await other.notification("factory/stateChanged")
        request = {"request": "r1", "tool": "Bash", "title": "Run make"}
        await one.execute("fake.ask", session="s", request=request)
        asked = [await e.until(lambda m: m.get("method") == "window/showMessageRequest") for e in (one, other)]
        assert asked[0]["params"]["message"] == "Claude in w: Run make"
        titles = [action["title"] for action in asked[0]["params"]["actions"]]
        assert titles == ["Allow", "Always allow", "Deny"]
        other.send(id=asked[1]["id"], result={"title": "Deny"})
        withdrawn = await one.notification("$/cancelRequest")
        assert withdrawn == {"id": asked[0]["id"]}
        one.send(id=asked[0]["id"], result={"title": "Allow"})  # too late
        state = await call(env, "fake.state")
        assert state["answers"] == [{"session": "s", "request": "r1", "decision": "deny"}]


async def test_questions_are_answered_with_their_own_options(editor: Editor, env: dict[str, str]) -> None:
    await editor.initialize()
    await editor.execute("fake.echo")
    asked = {"questions": [{"question": "Which?", "options": [{"label": "A"}, {"label": "B"}]}]}
    request = {"request": "q", "tool": "AskUserQuestion", "title": "Which?", "input": asked, "interactive": True}
    await editor.execute("fake.ask", session="s", request=request)
    message = await editor.until(lambda m: m.get("method") == "window/showMessageRequest")
    editor.send(id=message["id"], result={"title": "B"})
    await editor.until(lambda m: m.get("method") == "factory/stateChanged" and m["params"]["revision"] == 2)
    [answer] = (await call(env, "fake.state"))["answers"]
    assert answer["answers"] == {"Which?": "B"}


async def test_session_events_arrive_in_order_and_not_from_before(env: dict[str, str]) -> None:
    async with await Editor.start(env) as editor:
        await editor.initialize()
        await editor.execute("fake.echo")
        for number in range(5):
            await editor.execute("fake.event", session="s", event={"type": "assistant", "n": number})
        await editor.until(lambda message: message.get("params", {}).get("seq") == 5)
        events = [m["params"] for m in editor.received if m.get("method") == "factory/sessionEvent"]
        assert [(one["session"], one["seq"], one["event"]["n"]) for one in events] == [
            ("s", n + 1, n) for n in range(5)
        ]


async def test_settings_belong_to_the_connection(env: dict[str, str]) -> None:
    async with await Editor.start(env) as one, await Editor.start(env) as other:
        await one.initialize({"workspace": {"configuration": True}})
        await other.initialize(initializationOptions={"settings": {"factory": {"defaultModel": "haiku"}}})
        asked = await one.until(lambda message: message.get("method") == "workspace/configuration")
        assert asked["params"]["items"] == [{"section": "factory"}]
        one.send(id=asked["id"], result=[{"defaultModel": "opus", "defaultPermissions": "maybe"}])
        warning = (await one.notification("window/showMessage"))["message"]
        assert "defaultPermissions" in warning
        assert (await one.execute("factory.session.start", workspace="w"))["result"]["model"] == "opus"
        assert (await other.execute("factory.session.start", workspace="w"))["result"]["model"] == "haiku"
        other.notify("workspace/didChangeConfiguration", {"settings": {"factory": {"defaultModel": "sonnet"}}})
        started = (await other.execute("factory.session.start", workspace="w", permissions="strict"))["result"]
        assert started == {"workspace": "w", "model": "sonnet", "permissions": "strict"}


async def test_an_application_that_cannot_open_says_so(env: dict[str, str]) -> None:
    async with await Editor.start({**env, "FAKE_CORRUPT": "1"}) as editor:
        await editor.initialize()
        shown = await editor.notification("window/showMessage")
        assert shown["type"] == 1
        assert "Restore data.db" in shown["message"]
        assert (await editor.execute("fake.echo"))["error"]["data"]["kind"] == "corrupt"
