"""The plugin in real Neovim, headless."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.editors.factory import DIVISION, REPAIRED, UNUSED, Factory
from tests.editors.scenario import Scenario, artifacts, recorded, wait_until
from tests.editors.terminal import terminal
from tests.tools import require

pytestmark = pytest.mark.editor
ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "neovim"
VERSIONS = [
    pytest.param("neovim", "enable", id="0.12-vim.lsp.enable"),
    pytest.param("neovim-0.10", "setup", id="0.10-setup"),
]


def environment(tmp_path: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the user's own Neovim."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb", **extra}


def command_of(tool: str, *arguments: str) -> list[str]:
    plugin = ROOT / "editors" / "neovim"
    command = [str(require(tool) / "nvim"), "--clean", "--cmd", "set noswapfile"]
    return [*command, "--cmd", f"set runtimepath^={plugin}", "--cmd", f"source {plugin}/plugin/factory.lua", *arguments]


def start(tool: str, tmp_path: Path, env: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command_of(tool, "--headless", *arguments),
        cwd=tmp_path,
        env=environment(tmp_path, env),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def answer_of(process: subprocess.Popen[str], *, seconds: float = 60) -> dict[str, object]:
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    assert process.returncode == 0, out + err
    return dict(json.loads(out.splitlines()[-1]))


@pytest.mark.parametrize(("tool", "how"), VERSIONS)
def test_story(tool: str, how: str, real: Factory, tmp_path: Path) -> None:
    """A failing check in the buffer; a quick fix for one problem, the ratchet for the other; green."""
    env = {**real.env, "FACTORY_LS": str(real.program(tmp_path))}
    with start(tool, tmp_path, env, "-l", str(SCRIPTS / "story.lua"), how, str(real.project / real.file)) as nvim:
        answer = answer_of(nvim, seconds=150)
    assert answer["first"] == {UNUSED: 3, DIVISION: 13}
    assert answer["moved"] == {UNUSED: 5, DIVISION: 15}
    assert answer["sources"] == ["ci · pytest", "ci · ruff"]
    assert answer["failed"] == "CI failed"
    assert answer["green"] == "CI passed · ratchet READY"
    assert REPAIRED in str(answer["text"])
    assert "import math" not in str(answer["text"])
    transcript = str(answer["transcript"])
    assert transcript.index("## You") < transcript.index("- Edit basket/totals.py") < transcript.index("Repaired.")
    assert transcript.count("First I read the file.") == 1
    assert [len(real.sessions(workflow)) for workflow in ("fix", "ratchet/fix-ci")] == [1, 1]


@pytest.mark.parametrize(("tool", "how"), VERSIONS)
def test_every_command(tool: str, how: str, toy_scenario: Scenario, tmp_path: Path) -> None:
    env = {**toy_scenario.env, "FACTORY_LS": str(toy_scenario.program(tmp_path))}
    file = toy_scenario.project / toy_scenario.file
    with start(tool, tmp_path, env, "-l", str(SCRIPTS / "commands.lua"), how, str(file)) as nvim:
        answer = answer_of(nvim)
    told = answer["told"]
    assert isinstance(told, list)
    assert "Factory: there is no :Factory nonsense (:help factory-commands)" in told
    assert "Factory: :Factory session needs one of answer, continue, interrupt, open, send, start, stop" in told
    assert [text for text in told if text.startswith("toy  CI failed")], told
    assert answer["groups"] == ["ci", "hub", "pr", "ratchet", "server", "session", "status", "workspace"]
    assert answer["sessions"] == ["send", "start", "stop"]
    assert answer["answers"] == ["allow", "always", "deny"]
    assert answer["colour"] == ["1 failed", "FactoryLog_bold_red"]
    assert answer["notes"] == [
        "- Somebody pushed.",
        "- the fix was handed back: it cannot be pushed yet",
        "  `make test` still fails",
        "- no further turn: The login has ended.",
        "- make test: exit unknown before the fix",
        "- the API failed (529); it is asked again",
        "- interrupted",
    ]
    assert answer["quickfix"] == {"line": 3, "text": "pytest: assert 1 == 2", "file": str(file)}
    got = recorded(toy_scenario)
    assert ("factory.session.answer", {"session": "s1", "request": "r1", "decision": "allow"}) in got
    assert ("factory.workspace.create", {
        "repoPath": str(toy_scenario.project),
        "source": {"kind": "MANUAL"},
        "name": "typed",
        "prompt": "typed",
    }) in got  # fmt: skip


@pytest.mark.parametrize("tool", ["neovim", "neovim-0.10"])
def test_checkhealth_and_help(tool: str, toy_scenario: Scenario, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("gh", "claude"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o700)
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "FACTORY_LS": str(toy_scenario.program(tmp_path))}
    script = tmp_path / "health.lua"
    script.write_text("""
        vim.cmd('checkhealth factory')
        local health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')
        vim.fn.mkdir('doc')
        vim.fn.writefile(vim.fn.readfile(arg[1]), 'doc/factory.txt')
        vim.cmd.helptags('doc')
        io.stdout:write(vim.json.encode({ health = health, tags = vim.fn.readfile('doc/tags') }), '\\n')
    """)
    with start(tool, tmp_path, env, "-l", str(script), str(ROOT / "editors/neovim/doc/factory.txt")) as nvim:
        answer = answer_of(nvim)
    assert "starts with " + env["FACTORY_LS"] in str(answer["health"])
    assert "ERROR" not in str(answer["health"])
    assert "WARN" not in str(answer["health"])
    assert str(programs / "claude") in str(answer["health"])
    tags = answer["tags"]
    assert isinstance(tags, list)
    assert {":Factory", "factory.setup()", "factory-server"} <= {line.split("\t")[0] for line in tags}


@pytest.mark.parametrize("tool", ["neovim", "neovim-0.10"])
def test_nothing_starts_without_git(tool: str, toy_scenario: Scenario, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text("# BROKEN\n")
    started = tmp_path / "started"
    server = tmp_path / "server"
    server.write_text(f"#!/bin/sh\ntouch {started}\n")
    server.chmod(0o700)
    script = tmp_path / "outside.lua"
    script.write_text("""
        require('factory').setup()
        vim.cmd.edit(arg[1])
        local outside = #vim.lsp.get_clients()
        vim.cmd.edit(arg[2])
        local inside = vim.wait(10000, function() return vim.uv.fs_stat(arg[3]) ~= nil end, 20)
        io.stdout:write(vim.json.encode({ outside = outside, inside = inside }), '\\n')
        vim.cmd('qall!')
    """)
    inside = toy_scenario.project / toy_scenario.file
    arguments = ("-l", str(script), str(outside / "a.py"), str(inside), str(started))
    with start(tool, tmp_path, {"FACTORY_LS": str(server)}, *arguments) as nvim:
        answer = answer_of(nvim)
    assert answer == {"outside": 0, "inside": True}


def test_story_on_the_screen(real: Factory, tmp_path: Path) -> None:
    """With the real server: problems at their lines, Claude asks for an edit, is allowed to, and the problem goes."""
    env = environment(tmp_path, {**real.env, "FACTORY_LS": str(real.program(tmp_path))})
    setup = "require('factory').setup({settings = {defaultPermissions = 'strict'}})"
    show = "vim.diagnostic.config({virtual_text = true}) vim.o.autoread = true vim.o.number = true"
    line = "vim.o.statusline = \"%f %{v:lua.require'factory'.statusline()}\""
    command = command_of("neovim", "--cmd", f"lua {setup} {show} {line}", str(real.project / real.file))
    folder, size = artifacts(tmp_path), (110, 36)
    with terminal(command, env=env, cwd=real.project, artifacts=folder, size=size) as screen:
        screen.until(UNUSED)
        screen.until("CI failed")
        screen.keys(f":Factory session start Please repair: {UNUSED}", "Enter")
        screen.until("Claude asks")
        screen.until("First I read the file.")
        screen.until("- Edit")
        screen.until(DIVISION)
        screen.keep("neovim-story", "neovim")
        screen.keys(":Factory session answer allow", "Enter")
        screen.until("Repaired.")
        screen.keys(":only | checktime", "Enter")
        wait_until(lambda: "import math" not in real.text(), "the edit")


@pytest.mark.parametrize(("tool", "how"), VERSIONS)
def test_on_the_screen(tool: str, how: str, toy_scenario: Scenario, tmp_path: Path) -> None:
    """What people see in a terminal: the problem at its line, and what Claude asks beside the text they type."""
    env = environment(tmp_path, {**toy_scenario.env, "FACTORY_LS": str(toy_scenario.program(tmp_path))})
    setup = "vim.lsp.enable('factory')" if how == "enable" else "require('factory').setup({virtual_text = true})"
    show = (
        "vim.diagnostic.config({virtual_text = true}) vim.o.statusline = \"%f %{v:lua.require'factory'.statusline()}\""
    )
    command = command_of(tool, "--cmd", f"lua {setup} {show}", toy_scenario.file)
    folder = artifacts(tmp_path)
    with terminal(command, env=env, cwd=toy_scenario.project, artifacts=folder) as screen:
        seen = screen.until("Run make test")
        line = next(line for line in screen.until("1 waiting for you").splitlines() if "BROKEN" in line)
        assert "assert 1 == 2  # BROKEN" in line
        assert "assert 1 == 2 " in line.split("BROKEN")[1]
        assert "Claude asks" in seen
        assert ":Factory session answer [allow|always|deny]" in seen
        screen.keys("G", "o", "typed beside it")
        screen.until("typed beside it")
        row, column = screen.cursor()
        assert screen.screen().splitlines()[row][:column].endswith("typed beside it"), "the cursor stays in the text"
        screen.keep(f"{tool}-ask")
        screen.keys("Escape", ":Factory session answer allow", "Enter")
        screen.until_gone("Claude asks")
        allowed = {"session": "s1", "request": "r1", "decision": "allow"}
        wait_until(lambda: ("factory.session.answer", allowed) in recorded(toy_scenario), "the answer")
        screen.keys(":Factory session open", "Enter")
        screen.until("- Read src/broken.py")
        screen.keep(f"{tool}-transcript")
        screen.keys(":only", "Enter", ":Factory ci log", "Enter")
        screen.until("Failed check to read the log of")
        screen.keys("1", "Enter")
        screen.until("1 failed in 0.01s")
        screen.keep(f"{tool}-log")
        screen.keys("/broken.py", "Enter", "gF")
        screen.until("src/broken.py CI failed")
        assert screen.cursor()[0] == 2, "gF opens the file at the line"
        screen.keys(":only | checkhealth factory", "Enter")
        screen.until("Programs it runs")
        screen.keep(f"{tool}-health")
