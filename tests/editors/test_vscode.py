"""The packed extension in real VS Code. Screenshots are kept: see `artifacts`."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.editors.factory import DIVISION, REPAIRED, UNUSED, Factory
from tests.editors.scenario import Scenario, artifacts, recorded, wait_until
from tests.editors.toy_server import MESSAGE
from tests.editors.vscode import Window, code_server, host_tests, window

pytestmark = [pytest.mark.editor, pytest.mark.timeout(900)]


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
        assert "import math" in real.text()
        vscode("panelClick", "#asks button", "Allow")
        vscode("panel", "Repaired.")
        wait_until(lambda: "import math" not in real.text(), "the edit")
        vscode("panelType", "thank you")
        vscode("panel", "Hello from the model.")
        vscode("screenshot", "vscode-session")
        said = vscode("panelTexts", "article.you, article.claude")
        assert [text.split("\n")[-1] for text in said][-3:] == ["Repaired.", "thank you", "Hello from the model."]

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
        vscode("panelClick", "summary", "Edit")
        vscode("panelClick", "button", "Show Diff")
        vscode("count", ".monaco-diff-editor .line-delete")
        vscode("screenshot", "vscode-diff-dark")

        vscode("run", "Factory: Open Walkthrough")
        vscode("count", ".getting-started-step")
        vscode("screenshot", "vscode-walkthrough-dark")


def test_every_command(toy_scenario: Scenario, tmp_path: Path) -> None:
    """In the extension host, all that package.json contributes; then what only the window shows."""
    result, installed = tmp_path / "result.json", tmp_path / "installed"
    bin_folder = tmp_path / "home" / ".local" / "bin"  # where uv's own installer puts it
    bin_folder.mkdir(parents=True)
    (bin_folder / "uv").write_text(f'#!/bin/sh\necho "$@" > {installed}\n')
    (bin_folder / "uv").chmod(0o700)
    env = {**toy_scenario.env, "FACTORY_LS": str(toy_scenario.program(tmp_path)), "FACTORY_HOST_RESULT": str(result)}

    def sent(command: str, **arguments: object) -> None:
        wait_until(lambda: (command, arguments) in recorded(toy_scenario), f"{command} {arguments}")

    settings = {"extensions.confirmedUriHandlerExtensionIds": ["factory-ls.factory-ls"]}
    with code_server(tmp_path, env, **settings) as address:
        (extension,) = (tmp_path / "extensions").glob("factory-ls.factory-ls-*")
        tests = extension / "out" / "tests.js"  # beside the extension's own code: they share VS Code's API
        shutil.copy(host_tests(), tests)
        with window(address, artifacts(tmp_path)) as vscode:
            vscode.run_tests(toy_scenario.project, extension, tests)
            wait_until(result.exists, "the tests in the extension host")
            vscode("screenshot", "vscode-extension-host")
        answer = json.loads(result.read_text())
        assert answer["failed"] == []
        assert answer["ran"] == answer["declared"]
        assert installed.read_text() == "tool install factory-ls\n"

        with window(address, artifacts(tmp_path)) as vscode:
            vscode.open(toy_scenario.project, toy_scenario.file)
            vscode("problem", MESSAGE)
            palette = set(vscode("palette", "Factory: "))
            assert {"Factory: Create Workspace…", "Factory: Fix File with Claude"} <= palette
            assert "Factory: Resolve Thread" not in palette
            vscode("run", "Factory: Start Claude Session…")
            vscode("type", "Claude in toy", "make it green")
            assert "Run make test" in vscode("notification", "Claude in toy")
            vscode("screenshot", "vscode-ask")
            vscode("run", "Factory: Answer What Claude Asks…")
            vscode("choose", "Run make test")
            vscode("choose", "Always Allow")
            sent("factory.session.answer", session="s1", request="r1", decision="allowAlways")
            vscode("noNotification", "Claude in toy")

            vscode("run", "View: Focus First Editor Group")
            vscode("openThread", "Is this the end?")
            vscode("replyToThread", "Not yet.")
            sent("factory.pr.reply", workspace="w1", thread="t1", body="Not yet.")
            vscode("screenshot", "vscode-review")
            vscode("threadAction", "Fix with Claude")
            sent("factory.ci.fix", workspace="w1", problem="review:t1")
            vscode("threadAction", "Resolve Thread")
            sent("factory.pr.resolve", workspace="w1", thread="t1")
            vscode("noThread")

            vscode("run", "Factory: Open Log of Check…")
            vscode("choose", "tests")
            vscode("editorText", "1 failed in 0.01s")
            wait_until(lambda: vscode("colourOf", "failed") != vscode("colourOf", "endgroup"), "the colours of the log")
            vscode("count", ".detected-link")
            vscode("run", "Fold All")
            vscode("noEditorText", "env: CI")
            vscode("screenshot", "vscode-log-folded")
            vscode("run", "Developer: Open URL")
            vscode("enter", "code-oss://factory-ls.factory-ls/workspace/toy")
            vscode("notification", "toy is open in this window")


def test_where_nothing_may_run(toy_scenario: Scenario, tmp_path: Path) -> None:
    """Folders without Git, folders that are not trusted; and two folders in one window."""
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "broken.py").write_text("# BROKEN\n")
    started = tmp_path / "started"
    server = tmp_path / "server"
    server.write_text(f"#!/bin/sh\necho x >> {started}\nexec {toy_scenario.program(tmp_path / 'project')}\n")
    server.chmod(0o700)
    env = {**toy_scenario.env, "FACTORY_LS": str(server)}
    both = tmp_path / "both.code-workspace"
    both.write_text(json.dumps({"folders": [{"path": str(plain)}, {"path": str(toy_scenario.project)}]}))
    trust = {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}
    with code_server(tmp_path, env, trust=True, **trust) as address, window(address, artifacts(tmp_path)) as vscode:
        vscode.open(toy_scenario.project, toy_scenario.file)
        vscode("restricted")
        assert not started.exists()
        vscode.open(plain, "broken.py")
        vscode("trust")
        vscode("run", "Factory: Show Status")
        assert "open a folder of a Git repository" in vscode("notification", "Factory:")
        assert not started.exists()
        assert not vscode("hasStatusBarItem")
        vscode("run", "View: Show Factory")
        assert "it starts in a Git repository" in vscode("welcome")
        vscode.open_workspace(both, toy_scenario.project / toy_scenario.file)
        vscode("trust")
        vscode("problem", MESSAGE)
        assert started.read_text() == "x\n"
