"""The packed extension in real VS Code, with the real server. Screenshots are kept: see `artifacts`."""

import re
from pathlib import Path

import pytest

from tests.editors.factory import DIVISION, REPAIRED, UNUSED, Factory
from tests.editors.scenario import artifacts, wait_until
from tests.editors.vscode import Window, axe, code_server, window

pytestmark = [pytest.mark.editor, pytest.mark.timeout(900)]


def line_of(row: str) -> int:
    """`… [Ln 3, Col 1]` → 3"""
    found = re.search(r"\[Ln (\d+), Col \d+\]", row)
    assert found, row
    return int(found[1])


def lines(vscode: Window) -> tuple[int, int]:
    """Where the two diagnostics of the real server stand."""
    return line_of(vscode("problem", UNUSED)), line_of(vscode("problem", DIVISION))


def focused(vscode: Window, *keys: str) -> list[str]:
    """What of the panel has the focus after each key."""
    return [vscode("keys", key) or vscode("panelFocus") for key in keys]


def test_story(real: Factory, tmp_path: Path) -> None:
    """A failing check in the buffer; a quick fix for one problem, the ratchet for the other; green."""
    env = {**real.env, "FACTORY_LS": str(real.program(tmp_path))}
    with code_server(tmp_path, env) as address, window(address, artifacts(tmp_path)) as vscode:
        vscode.open(real.project, real.file)
        assert lines(vscode) == (3, 13)
        assert "ci · ruff F401" in vscode("problem", UNUSED)
        vscode("statusBar", "CI failed")
        vscode("screenshot", "vscode-1-diagnostics")

        vscode("insertLinesAtTop", 2)
        wait_until(lambda: lines(vscode) == (5, 15), "the diagnostics move with the text")
        vscode("screenshot", "vscode-2-moved")
        vscode("run", "File: Revert File")
        wait_until(lambda: lines(vscode) == (3, 13), "the old lines")

        titles = vscode("quickFixes", 3)
        assert [title for title in titles if title.startswith("Fix with Claude")], titles
        vscode("screenshot", "vscode-3-quick-fix", "vscode-problems")
        vscode("takeQuickFix", "Fix with Claude")
        wait_until(lambda: bool(real.sessions("fix")), "a Claude session")
        vscode("noEditorText", "import math")
        wait_until(lambda: [one["status"] for one in real.sessions("fix")] == ["IDLE"], "the end of its turn")

        real.git("commit", "--quiet", "--all", "--message", "Remove an import")
        vscode("run", "Factory: Push Branch")
        real.until_seen()
        vscode("noProblem", UNUSED)
        vscode("run", "Factory: Turn Ratchet On")
        vscode("editorText", REPAIRED)
        real.until_ratchet("READY")
        vscode("noProblem", DIVISION)
        vscode("statusBar", "CI passed · ratchet READY")
        vscode("screenshot", "vscode-4-green")
        assert len(real.sessions("ratchet/fix-ci")) == 1


def test_view_and_session(real: Factory, tmp_path: Path) -> None:
    """The Factory view, a session's panel with a permission asked and given, its diff, a log, the walkthrough."""
    env = {**real.env, "FACTORY_LS": str(real.program(tmp_path))}
    settings = {"factory.defaultPermissions": "strict"}
    with code_server(tmp_path, env, **settings) as address, window(address, artifacts(tmp_path)) as vscode:
        vscode.open(real.project, real.file)
        vscode("problem", UNUSED)
        vscode("run", "View: Show Factory")
        assert "this window" in vscode("row", "average-price")
        assert "0 of 2 checks passed" in vscode("row", "#1 The average price of a basket")
        vscode("row", "Ratchet off")
        vscode("rowAction", "test", "Open Log of Check")
        vscode("editorText", "tests/test_totals.py:13")
        vscode("count", ".detected-link")
        vscode("screenshot", "vscode-log")
        vscode("rowAction", "average-price", "Start Claude Session")
        vscode("type", "Claude in average-price", f"Please repair: {UNUSED}")

        vscode("panel", "First I read the file.")
        vscode("panelClick", "summary", "Read")
        vscode("panel", "Totals of a basket")
        assert "Edit" in vscode("row", "basket/totals.py")
        vscode("screenshot", "vscode-session-asks")
        assert vscode("panelAxe", axe()) == []
        assert "import math" in real.text()
        vscode("panelClick", "#asks button", "Show Diff")
        vscode("count", ".monaco-diff-editor .line-delete")
        vscode("panelClick", "#input", "")
        assert focused(vscode, "Shift+Tab", "Shift+Tab") == ["Deny", "Always Allow"]
        assert focused(vscode, "Shift+Tab") == ["Allow"]
        vscode("keys", "Enter")
        wait_until(lambda: vscode("panelFocus") == "input", "the keys stay in the panel")
        vscode("panel", "Repaired.")
        wait_until(lambda: "import math" not in real.text(), "the edit")
        vscode("panelType", "thank you")
        vscode("panel", "Hello from the model.")
        vscode("screenshot", "vscode-session")
        said = vscode("panelTexts", "article.you, article.claude")
        assert [text.split("\n")[-1] for text in said][-3:] == ["Repaired.", "thank you", "Hello from the model."]

        vscode("panelClick", "summary", "Read")  # folded again, its output is no stop on the way
        vscode("panelClick", "#input", "")
        assert focused(vscode, "Shift+Tab", "ArrowUp", "ArrowUp", "ArrowUp") == ["items", "Claude", "You", "Claude"]
        assert vscode("panelTexts", "#said p")[-2:] == ["Claude: Repaired.", "Claude: Hello from the model."], "once"

        vscode("panelKeys", "@")
        vscode("choose", "basket/totals.py")
        wait_until(lambda: vscode("panelInput") == "@basket/totals.py ", "the mentioned file")
        vscode("panelKeys", "Control+a", "Delete", "ArrowUp")
        assert vscode("panelInput") == "thank you"
        vscode("panelKeys", "ArrowDown")
        assert vscode("panelInput") == ""
        vscode("panelSelect", "#model", "opus")
        vscode("panelSelect", "#permissions", "relaxed")
        wait_until(
            lambda: [(one["model"], one["permissions"]) for one in real.sessions("default")] == [("opus", "relaxed")],
            "the chosen model and permissions",
        )
        vscode("panelFill", "a draft that stays")
        vscode("reload")
        vscode("panel", "Hello from the model.")
        assert vscode("panelTexts", "article.you, article.claude") == said
        assert vscode("panelInput") == "a draft that stays"
        vscode("run", "View: Show Factory")
        vscode("run", "Preferences: Toggle between Light/Dark Themes")
        vscode("count", ".monaco-workbench.vs-dark")
        vscode("row", "average-price")
        vscode("screenshot", "vscode-session-dark", "vscode-session")
        assert vscode("panelAxe", axe()) == []
        vscode("panelClick", "summary", "Edit")
        vscode("panelClick", "button", "Show Diff")
        vscode("count", ".monaco-diff-editor .line-delete")
        vscode("screenshot", "vscode-diff-dark")

        vscode("run", "Factory: Open Walkthrough")
        vscode("count", ".getting-started-step")
        vscode("screenshot", "vscode-walkthrough-dark")
