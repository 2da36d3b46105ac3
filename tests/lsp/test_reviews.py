"""Review threads, lenses and documents: through the real program."""

from pathlib import Path
from typing import Any

from tests.hub.support import Editor, call
from tests.lsp.test_features import MARKDOWN, TEXT, open_document, publication, ready, say
from tests.lsp.test_features import worktree as worktree  # noqa: PLC0414 - a fixture

SUGGESTION = "Shorter:\n```suggestion\ndef f(): return 1\n```\n"
COMMENT = {"id": "c", "author": "alice", "association": "MEMBER", "body": SUGGESTION}
THREAD = {"id": "T", "path": "a.py", "line": 5, "startLine": 4, "comments": [COMMENT]}
REVIEW = {"id": "review:T", "tool": "review", "line": 4, "endLine": 5, "severity": "info", "message": "alice: Shorter"}
TEST = {
    "id": "t",
    "tool": "pytest",
    "line": 5,
    "message": "boom",
    "test": "test_f",
    "check": "unit",
    "command": "make t",
}
CAN_EDIT = {
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "textDocument": {"codeAction": {"disabledSupport": True}},
}


async def actions(editor: Editor, path: Path, line: int) -> list[dict[str, Any]]:
    where = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}
    params = {"textDocument": {"uri": path.as_uri()}, "range": where, "context": {"diagnostics": []}}
    return list((await editor.request("textDocument/codeAction", params))["result"])


async def test_a_suggestion_of_several_lines_is_applied_where_they_stand(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree, CAN_EDIT)
    path = worktree / "a.py"
    open_document(editor, path, "# new\n" + TEXT)
    await say(editor, worktree, "a.py", REVIEW)
    await editor.execute("fake.review", threads=[THREAD])
    [shown] = await publication(editor, path, 1)
    assert (shown["source"], shown["severity"]) == ("review", 3)
    assert (shown["range"]["start"]["line"], shown["range"]["end"]["line"]) == (4, 5)
    apply, *others = await actions(editor, path, 4)
    assert [apply["title"], *(one["title"] for one in others[:2])] == [
        "Apply alice's suggestion", "Reply to alice…", "Resolve alice's thread",
    ]  # fmt: skip
    editor.send(id="x", method="workspace/executeCommand", params=apply["command"])
    asked = await editor.until(lambda message: message.get("method") == "workspace/applyEdit")
    [change] = asked["params"]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": path.as_uri(), "version": 1}
    lines = {"start": {"line": 4, "character": 0}, "end": {"line": 6, "character": 0}}
    assert change["edits"] == [{"range": lines, "newText": "def f(): return 1\n"}]
    editor.send(id=asked["id"], result={"applied": True})
    assert (await editor.until(lambda message: message.get("id") == "x"))["result"] == {"applied": True}


async def test_a_suggestion_for_lines_that_changed_is_refused(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree, CAN_EDIT)
    path = worktree / "a.py"
    open_document(editor, path, TEXT.replace("return 1", "return 2"))
    await say(editor, worktree, "a.py", REVIEW)
    await editor.execute("fake.review", threads=[THREAD])
    await publication(editor, path, 1)
    apply = (await actions(editor, path, 3))[0]
    assert "changed since" in apply["disabled"]["reason"]
    refused = await editor.request("workspace/executeCommand", apply["command"])
    assert refused["error"]["data"]["kind"] == "conflict"


async def test_a_reply_is_written_in_a_file_and_sent_when_the_user_says_so(
    editor: Editor, worktree: Path, env: dict[str, str]
) -> None:
    await ready(editor, worktree)
    await say(editor, worktree, "a.py", REVIEW)
    await editor.execute("fake.review", threads=[THREAD])
    draft = Path((await editor.execute("factory.pr.writeReply", workspace="w", problem="review:T"))["result"]["path"])
    text = draft.read_text()
    assert "> Shorter:" in text
    draft.write_text("Good idea.\n" + text)
    editor.notify("textDocument/didSave", {"textDocument": {"uri": draft.as_uri()}})
    asked = await editor.until(lambda message: message.get("method") == "window/showMessageRequest")
    assert "Good idea." in asked["params"]["message"]
    editor.send(id=asked["id"], result={"title": "Send the reply"})
    await editor.until(lambda message: "was sent" in str(message.get("params")))
    assert (await call(env, "fake.state"))["answers"] == [{"workspace": "w", "thread": "T", "body": "Good idea."}]


async def test_lenses_sum_up_and_run_the_failing_command(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree)
    path = worktree / "a.py"
    open_document(editor, path)
    await say(editor, worktree, "a.py", TEST, REVIEW, {**TEST, "id": "u", "test": None, "line": 1, "waiting": True})
    await editor.execute("fake.review", threads=[THREAD])
    await publication(editor, path, 1)
    params = {"textDocument": {"uri": path.as_uri()}}
    lenses = (await editor.request("textDocument/codeLens", params))["result"]
    found = [(one["range"]["start"]["line"], one["command"]["title"]) for one in lenses]
    assert found == [
        (0, "CI: 1 error · 1 waiting for CI · 1 review comment · ratchet: It waits for *you*."),
        (4, "▶ Run here: make t"),
        (4, "Fix with Claude"),
        (4, "Re-run job"),
    ]
    ran = await editor.request("workspace/executeCommand", lenses[1]["command"])
    assert ran["result"]["code"] == 1
    asked = await editor.until(lambda message: message.get("method") == "window/showMessageRequest")
    assert "failed with exit code 1" in asked["params"]["message"]
    editor.send(id=asked["id"], result={"title": "Show output"})
    shown = await editor.until(lambda message: "t.txt is in" in str(message.get("params")))
    assert Path(shown["params"]["message"].rpartition(" ")[2]).read_text() == "boom\n"


async def test_hover_says_what_is_known_beyond_the_log(editor: Editor, worktree: Path) -> None:
    await ready(editor, worktree, MARKDOWN)
    await say(editor, worktree, "a.py", TEST)
    about = {"t": {"since": "abcdef0123456789", "flaky": True, "onBase": True}}
    await editor.execute("fake.review", threads=[], about=about)
    await publication(editor, worktree / "a.py", 1)
    params = {"textDocument": {"uri": (worktree / "a.py").as_uri()}, "position": {"line": 4, "character": 5}}
    value = (await editor.request("textDocument/hover", params))["result"]["contents"]["value"]
    assert "```sh\nmake t\n```" in value
    assert "Failing since commit abcdef0123. Also failing on the base branch. Flaky: passed and failed" in value
    assert value.endswith("Ratchet: It waits for \\*you\\*.")


async def test_how_an_editor_wants_its_diagnostics(editor: Editor, worktree: Path) -> None:
    """Severities by source, the weightiest of too many, tags where the rule's name says it."""
    look = {"severity": {"ruff": "hint", "ci · pytest": "off", "review": "loud"}, "maxPerFile": 2}
    capabilities = {"textDocument": {"publishDiagnostics": {"tagSupport": {"valueSet": [1, 2]}}}}
    options = {"settings": {"factory": {"diagnostics": look}}}
    await ready(editor, worktree, capabilities, initializationOptions=options)
    warned = await editor.notification("window/showMessage")
    assert "diagnostics.severity.review" in warned["message"]
    unused = {"id": "r", "line": 1, "message": "unused", "code": "F401"}
    notes = [{**unused, "id": f"n{line}", "line": line, "tool": "mypy", "code": "x"} for line in (2, 3)]
    await say(editor, worktree, "a.py", TEST, unused, *notes)
    shown = await publication(editor, worktree / "a.py", 1)
    assert [(one["source"], one["severity"]) for one in shown] == [("ci · ruff", 4), ("ci · mypy", 1), ("ci", 3)]
    assert shown[0]["tags"] == [1]
    assert "1 more problems" in shown[2]["message"]


async def test_a_log_by_address_with_its_steps_folded(editor: Editor) -> None:
    await editor.initialize({"window": {"showDocument": {"support": True}}, "workspace": {"textDocumentContent": {}}})
    arguments = {"command": "factory.ci.openLog", "arguments": [{"workspace": "w", "check": "a/b"}]}
    editor.send(id="o", method="workspace/executeCommand", params=arguments)
    asked = await editor.until(lambda message: message.get("method") == "window/showDocument")
    uri = asked["params"]["uri"]
    assert uri.startswith("factory-log:/w/")
    editor.send(id=asked["id"], result={"success": True})
    assert (await editor.until(lambda message: message.get("id") == "o"))["result"]["path"] is None
    text = (await editor.request("workspace/textDocumentContent", {"uri": uri}))["result"]["text"]
    assert text == "one\ntwo\nthree\n"
    assert (await editor.request("textDocument/foldingRange", {"textDocument": {"uri": uri}}))["result"] == []
    other = await editor.request("workspace/textDocumentContent", {"uri": "factory-log:/etc"})
    assert other["error"]["data"]["kind"] == "notFound"
