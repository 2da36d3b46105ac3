"""The packed extension in real VS Code. Screenshots are kept: see `artifacts`."""

import re
from pathlib import Path

import pytest

from tests.editors.factory import DIVISION, REPAIRED, UNUSED, Factory
from tests.editors.scenario import Scenario, artifacts, recorded, wait_until
from tests.editors.toy_server import MESSAGE
from tests.editors.vscode import Window, code_server, window

pytestmark = pytest.mark.editor


def line_of(row: str) -> int:
    """`… [Ln 3, Col 1]` → 3"""
    found = re.search(r"\[Ln (\d+), Col \d+\]", row)
    assert found, row
    return int(found[1])


def lines(vscode: Window) -> tuple[int, int]:
    """Where the two diagnostics of the real server stand."""
    return line_of(vscode("problem", UNUSED)), line_of(vscode("problem", DIVISION))


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
        vscode("screenshot", "vscode-3-quick-fix")
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
        assert "import math" in real.text()
        vscode("panelClick", "#asks button", "Allow")
        vscode("panel", "Repaired.")
        wait_until(lambda: "import math" not in real.text(), "the edit")
        vscode("panelType", "thank you")
        vscode("panel", "Hello from the model.")
        vscode("screenshot", "vscode-session")
        said = vscode("panelTexts", "article.you, article.claude")
        assert [text.split("\n")[-1] for text in said][-3:] == ["Repaired.", "thank you", "Hello from the model."]

        vscode("run", "Preferences: Toggle between Light/Dark Themes")
        vscode("count", ".monaco-workbench.vs-dark")
        vscode("row", "average-price")
        vscode("screenshot", "vscode-session-dark")
        vscode("panelClick", "summary", "Edit")
        vscode("panelClick", "button", "Show Diff")
        vscode("count", ".monaco-diff-editor .line-delete")
        vscode("screenshot", "vscode-diff-dark")

        vscode("run", "Factory: Open Walkthrough")
        vscode("count", ".getting-started-step")
        vscode("screenshot", "vscode-walkthrough-dark")


def test_commands(toy_scenario: Scenario, tmp_path: Path) -> None:
    env = {**toy_scenario.env, "FACTORY_LS": str(toy_scenario.program(tmp_path))}

    def sent(command: str, **arguments: object) -> None:
        wait_until(lambda: (command, arguments) in recorded(toy_scenario), f"{command} {arguments}")

    with code_server(tmp_path, env) as address, window(address, artifacts(tmp_path)) as vscode:
        vscode.open(toy_scenario.project, toy_scenario.file)
        vscode("problem", MESSAGE)
        vscode("statusBar", "CI failed")
        assert {"Factory: Create Workspace…", "Factory: Fix File with Claude"} <= set(vscode("palette", "Factory: "))

        vscode("run", "Factory: Turn Ratchet On")
        vscode("statusBar", "ratchet CI_FAILED")
        vscode("run", "Factory: Start Claude Session…")
        vscode("type", "Claude in toy", "make it green")
        sent("factory.session.start", workspace="w1", prompt="make it green")
        assert "Run make test" in vscode("notification", "Claude in toy")
        vscode("run", "Factory: Answer What Claude Asks…")
        vscode("choose", "Run make test")
        vscode("screenshot", "vscode-answer")
        vscode("choose", "Always Allow")
        sent("factory.session.answer", session="s1", request="r1", decision="allowAlways")
        vscode("run", "Factory: Fix Check with Claude…")
        vscode("choose", "tests")
        sent("factory.ci.fix", workspace="w1", check="tests")
        vscode("noProblem", MESSAGE)
        vscode("run", "View: Focus First Editor Group")  # the session's panel has the focus
        vscode("run", "Factory: Fix File with Claude")
        sent("factory.ci.fix", workspace="w1", path=toy_scenario.file)
        vscode("run", "Factory: Show Status")
        vscode("choose", "factory-ls 0-toy")
        vscode("run", "Factory: Open Log of Check…")
        vscode("choose", "tests")
        vscode("editorText", "1 failed in 0.01s")
        vscode("run", "Factory: Explain Ratchet")
        vscode("editorText", "1 failed check")
        vscode("screenshot", "vscode-explain")


def test_nothing_runs_in_a_folder_without_git(toy_scenario: Scenario, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "broken.py").write_text("# BROKEN\n")
    started = tmp_path / "started"
    server = tmp_path / "server"
    server.write_text(f"#!/bin/sh\ntouch {started}\nexec {toy_scenario.program(tmp_path / 'project')}\n")
    server.chmod(0o700)
    env = {**toy_scenario.env, "FACTORY_LS": str(server)}
    with code_server(tmp_path, env) as address, window(address, artifacts(tmp_path)) as vscode:
        vscode.open(plain, "broken.py")
        vscode("run", "Factory: Show Status")
        assert "open a folder of a Git repository" in vscode("notification", "Factory:")
        assert not started.exists()
        assert not vscode("hasStatusBarItem")
        vscode.open(toy_scenario.project, toy_scenario.file)
        vscode("problem", MESSAGE)
        assert started.exists()
