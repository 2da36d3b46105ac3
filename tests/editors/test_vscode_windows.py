"""The packed extension in real VS Code: all it contributes, and windows of all kinds. Screenshots are kept."""

import json
import shutil
from pathlib import Path

import pytest

from tests.editors.factory import UNUSED, Factory
from tests.editors.scenario import Scenario, artifacts, recorded, wait_until
from tests.editors.toy_server import MESSAGE
from tests.editors.vscode import Window, code_server, host_tests, window

pytestmark = [pytest.mark.editor, pytest.mark.timeout(900)]


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


def long_transcript(vscode: Window) -> None:
    """Its end is shown first; all of it is there in order; where one reads outlives a reload."""
    vscode("run", "Factory: Open Session…")

    def complete() -> bool:
        return bool(vscode("panelItems")["busy"] == "false")

    wait_until(complete, "the whole transcript")
    seen = vscode("panelItems")
    assert [item for item in seen["all"] if item.startswith("u")] == [f"u{number}" for number in range(0, 2000, 4)]
    assert len(seen["all"]) == 1500
    assert seen["top"] in seen["all"][-40:]
    vscode("panelClick", "#items", "")
    vscode("keys", "Home", *["ArrowDown"] * 40)
    before = vscode("panelItems")["top"]
    assert before in seen["all"][5:40]
    vscode("reload")
    wait_until(complete, "the whole transcript again")
    place = seen["all"].index(before)
    assert vscode("panelItems")["top"] in seen["all"][place - 2 : place + 3]


def test_where_nothing_may_run(toy_scenario: Scenario, tmp_path: Path) -> None:
    """Folders without Git, folders that are not trusted; and two folders in one window."""
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "broken.py").write_text("# BROKEN\n")
    started = tmp_path / "started"
    server = tmp_path / "server"
    server.write_text(f"#!/bin/sh\necho x >> {started}\nexec {toy_scenario.program(tmp_path / 'project')}\n")
    server.chmod(0o700)
    env = {**toy_scenario.env, "FACTORY_LS": str(server), "TOY_EVENTS": "2000"}
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
        long_transcript(vscode)


def test_windows_share_a_hub(real: Factory, tmp_path: Path) -> None:
    """Two worktrees of one project, a window each: what one does the other shows."""
    source = {"kind": "MANUAL"}
    other = real.call("factory.workspace.create", repoPath=str(real.project), source=source, name="second")
    env = {**real.env, "FACTORY_LS": str(real.program(tmp_path))}
    with code_server(tmp_path, env) as address, window(address, artifacts(tmp_path)) as vscode:
        vscode.open(real.project, real.file)
        vscode("problem", UNUSED)
        vscode("run", "View: Show Factory")
        assert "this window" in vscode("row", "average-price")
        assert "this window" not in vscode("row", "second")
        vscode("window", 1)
        vscode.open(Path(other["path"]), real.file)
        vscode("run", "View: Show Factory")
        assert "this window" in vscode("row", "second")
        assert "this window" not in vscode("row", "average-price")
        vscode("rowAction", "second", "Start Claude Session")
        vscode("type", "Claude in second", "hello")
        vscode("panel", "Hello from the model.")

        vscode("window", 0)
        vscode("expand", "second")
        vscode("clickRow", "Claude")
        vscode("panel", "Hello from the model.")
        vscode("panelType", "and from the other window")
        vscode("window", 1)
        vscode("panel", "and from the other window")
        vscode("screenshot", "vscode-second-window")
        assert real.call("factory.hub.status")["editors"] >= 2
