"""`factory-ls mcp install`: what it writes, and that Claude reads it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import factory_ls
from factory_ls.mcp.install import added, entry
from factory_ls.model.errors import FactoryError
from tests.tools import require

ROOT = str(Path(factory_ls.__file__).parents[1])
JSON = st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.dictionaries(st.text(), inner))


@given(st.dictionaries(st.text().filter(lambda name: name != "mcpServers"), JSON), st.dictionaries(st.text(), JSON))
def test_everything_else_stays(config: dict[str, Any], servers: dict[str, Any]) -> None:
    before = json.dumps({**config, "mcpServers": servers})
    once = added(before, ["factory-ls"])
    assert json.loads(once) == {**config, "mcpServers": {**servers, "factory": entry(["factory-ls"])}}
    assert added(once, ["factory-ls"]) == once


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"mcpServers": []}', "[" * 100_000])
def test_what_cannot_be_read_is_not_written(text: str) -> None:
    with pytest.raises(FactoryError):
        added(text, ["factory-ls"])


def install(tmp_path: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "factory_ls", "mcp", "install", *words],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path / "home"), "PYTHONPATH": ROOT, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_project_gets_its_file_and_sees_it(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"other": {"command": "x"}}}')
    (tmp_path / ".mcp.json").chmod(0o640)
    done = install(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("added to .mcp.json:\n")
    assert '"command": "factory-ls"' in done.stdout
    written = json.loads((tmp_path / ".mcp.json").read_text())
    assert written["mcpServers"]["factory"] == {"type": "stdio", "command": "factory-ls", "args": ["mcp"]}
    assert written["mcpServers"]["other"] == {"command": "x"}
    assert (tmp_path / ".mcp.json").stat().st_mode & 0o777 == 0o640
    assert install(tmp_path).stdout.startswith("is already in")


def test_a_broken_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text("{broken")
    done = install(tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"]["kind"] == "invalid"
    assert (tmp_path / ".mcp.json").read_text() == "{broken"


def test_printing_writes_nothing(tmp_path: Path) -> None:
    done = install(tmp_path, "--print")
    assert json.loads(done.stdout)["mcpServers"]["factory"]["args"][-1] == "mcp"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.claude
@pytest.mark.parametrize("scope", ["--user", "."])
def test_claude_finds_what_was_installed(tmp_path: Path, scope: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "factory-ls").write_text(f'#!/bin/sh\nexec {sys.executable} -m factory_ls "$@"\n')
    (tmp_path / "factory-ls").chmod(0o755)
    environ = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home),
        "PYTHONPATH": ROOT,
        "BASE_DIR": str(home / "factory"),
        "BACKEND_PORT": "0",
        "XDG_RUNTIME_DIR": str(home),
        "FACTORY_HUB_IDLE_SECONDS": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    assert install(tmp_path, scope, **environ).returncode == 0
    program = str(require("claude") / "bin" / "claude")
    shown = subprocess.run(
        [program, "mcp", "get", "factory"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "Type: stdio" in shown.stdout
    assert "Args:" in shown.stdout
    assert "mcp" in shown.stdout
    assert ("User config" if scope == "--user" else "Project config") in shown.stdout
