"""The doctor with programs that are there, that are not, and that lie."""

import json
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from factory_ls.cli.doctor import doctor
from factory_ls.factory.doctor import Diagnosis, examine
from factory_ls.model.hub import Finding
from factory_ls.model.hub import FindingStatus as Status
from factory_ls.model.settings import resolve
from factory_ls.store.store import Store
from tests.tools import cache, require

TOOLS = cache()
"""Before HOME is another."""

CLAUDE = """case "$1" in --version) echo "{} (Claude Code)";; auth) echo '{}';; esac"""
SECRET = "gho_" + "s3cretS3cret" * 3


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A machine where all is well: real git, and programs that answer as gh and claude do."""
    bin_ = tmp_path / "bin"
    viewer = '{"data":{"viewer":{"login":"octocat"}}}'
    answer = f"printf 'HTTP/2.0 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n%s' '{viewer}'"
    program(bin_, "gh", f'case "$1" in --version) echo "gh version 2.102.0 (2026-01-01)";; *) {answer};; esac')
    program(bin_, "claude", CLAUDE.format("2.1.330", '{"loggedIn":true,"authMethod":"claude.ai"}'))
    git = shutil.which("git")
    assert git is not None
    (bin_ / "git").symlink_to(git)
    with socket.create_server(("127.0.0.1", 0)) as api:
        url = f"http://127.0.0.1:{api.getsockname()[1]}"
        yield {
            "HOME": str(tmp_path),
            "PATH": f"{bin_}:/usr/bin:/bin",
            "GH_TOKEN": SECRET,
            "ANTHROPIC_BASE_URL": url,
        }


@pytest.fixture(autouse=True)
def on_that_machine(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", environ["PATH"])
    for name in ("BASE_DIR", "DATABASE_PATH", "FACTORY_GH", "FACTORY_GIT", "FACTORY_CLAUDE", "GH_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "https_proxy", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", environ["ANTHROPIC_BASE_URL"])
    monkeypatch.setenv("FACTORY_TEST_TOOLS", str(TOOLS))
    monkeypatch.setenv("HOME", environ["HOME"])
    monkeypatch.setenv("GH_TOKEN", SECRET)


async def look(environ: dict[str, str], **more: str) -> tuple[Diagnosis, dict[str, Finding]]:
    given = {**environ, **more}
    diagnosis = await examine(resolve(given, checkout=False), given)
    return diagnosis, {finding.name: finding for finding in diagnosis.findings}


async def test_all_is_well_and_nothing_is_made(environ: dict[str, str], tmp_path: Path) -> None:
    diagnosis, found = await look(environ)
    assert diagnosis.ok, diagnosis.findings
    assert found["git"].message.startswith("version 2.")
    assert found["gh"].message == "version 2.102.0"
    assert found["GitHub login"].message == "logged in at github.com as octocat"
    assert found["claude"].message == "version 2.1.330"
    assert not (tmp_path / "factory-factory").exists()


@pytest.mark.parametrize(
    ("name", "variable"), [("git", "FACTORY_GIT"), ("gh", "FACTORY_GH"), ("claude", "FACTORY_CLAUDE")]
)
async def test_a_missing_program_is_named_with_a_hint(environ: dict[str, str], name: str, variable: str) -> None:
    for wrong in ("/nonexistent/program", "/bin/true"):
        diagnosis, found = await look(environ, **{variable: wrong})
        assert not diagnosis.ok
        assert found[name].status is Status.MISSING
        assert found[name].hint


async def test_not_logged_in_is_missing(environ: dict[str, str], tmp_path: Path) -> None:
    script = 'echo "To get started with GitHub CLI, please run:  gh auth login" >&2; exit 4'
    program(tmp_path / "bin", "gh", f'case "$1" in --version) echo "gh version 2.102.0";; *) {script};; esac')
    diagnosis, found = await look(environ)
    assert not diagnosis.ok
    assert found["GitHub login"].status is Status.MISSING
    assert "gh auth login" in found["GitHub login"].hint


async def test_a_claude_that_is_too_old(environ: dict[str, str], tmp_path: Path) -> None:
    program(tmp_path / "bin", "claude", CLAUDE.format("2.1.197", "?"))
    diagnosis, found = await look(environ)
    assert found["claude"].status is Status.WARNING
    assert "2.1.197 is too old: 2.1.330 is needed" in found["claude"].message
    assert "npm install" in found["claude"].hint
    assert found["Claude login"].message == "it does not say whether it is logged in"
    assert diagnosis.ok


async def test_a_claude_that_is_not_logged_in(environ: dict[str, str], tmp_path: Path) -> None:
    program(tmp_path / "bin", "claude", CLAUDE.format("2.1.330", '{"loggedIn":false,"authMethod":"none"}') + "; exit 1")
    diagnosis, found = await look(environ)
    assert not diagnosis.ok
    assert found["Claude login"].status is Status.MISSING
    assert "/login" in found["Claude login"].hint


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}, "127.0.0.1 cannot be reached: "),
        ({"ANTHROPIC_BASE_URL": "https://a.invalid", "HTTPS_PROXY": "127.0.0.1:1"}, "through the proxy 127.0.0.1"),
        ({"ANTHROPIC_BASE_URL": "nonsense://"}, "cannot be read"),
    ],
)
async def test_no_way_to_the_api(environ: dict[str, str], more: dict[str, str], says: str) -> None:
    _, found = await look(environ, **more)
    assert says in found["Claude's API"].message
    assert found["Claude's API"].hint


async def test_an_api_behind_a_proxy_and_one_of_a_cloud(environ: dict[str, str]) -> None:
    proxy = environ["ANTHROPIC_BASE_URL"]
    behind = {"ANTHROPIC_BASE_URL": "https://a.invalid", "HTTPS_PROXY": proxy}
    _, found = await look(environ, **behind)
    assert found["Claude's API"].message == "a.invalid can be reached"
    _, found = await look(environ, **behind, NO_PROXY="b.invalid, .invalid")
    assert found["Claude's API"].status is Status.WARNING
    _, found = await look(environ, CLAUDE_CODE_USE_BEDROCK="1")
    assert found["Claude's API"].message == "a cloud's own, not tried"


@pytest.mark.claude
async def test_the_real_claude_says_whether_it_is_logged_in(environ: dict[str, str]) -> None:
    claude = {"FACTORY_CLAUDE": str(require("claude") / "bin" / "claude"), "DISABLE_AUTOUPDATER": "1"}
    diagnosis, found = await look(environ, **claude)
    assert (found["claude"].message, found["Claude login"].status) == ("version 2.1.330", Status.MISSING)
    assert not diagnosis.ok
    diagnosis, found = await look(environ, **claude, ANTHROPIC_API_KEY="dummy-not-a-key")
    assert found["Claude login"].message == "logged in: api_key"
    assert diagnosis.ok


async def test_the_database_as_it_is(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    store = await Store.open(path)
    await store.close()
    before = path.read_bytes()
    _, found = await look(environ, DATABASE_PATH=str(path))
    assert found["database"].status is Status.OK
    assert "schema" in found["database"].message
    assert path.read_bytes() == before

    path.write_bytes(b"not a database at all" * 500)
    diagnosis, found = await look(environ, DATABASE_PATH=str(path))
    assert not diagnosis.ok
    assert found["database"].hint

    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    _, found = await look(environ, DATABASE_PATH=str(path))
    assert "another program" in found["database"].message


async def test_folders(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    diagnosis, found = await look(environ, BASE_DIR=str(tmp_path / "file"))
    assert not diagnosis.ok
    assert found["base folder"].message.endswith("is a file")
    (tmp_path / "open").mkdir(mode=0o755)
    _, found = await look(environ, BASE_DIR=str(tmp_path / "open"))
    assert found["base folder"].status is Status.WARNING
    assert found["base folder"].hint == f"chmod 700 {tmp_path / 'open'}"


async def test_the_hub(environ: dict[str, str], tmp_path: Path) -> None:
    base = tmp_path / "factory-factory"
    base.mkdir(mode=0o700)
    file, path = base / "hub.json", str(tmp_path / "s")
    file.write_text(json.dumps({"pid": 42, "socket": path, "mcpUrl": "http://127.0.0.1:3001/mcp"}))
    _, found = await look(environ)
    assert found["hub"].message.startswith("not running")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        _, found = await look(environ)
    assert found["hub"].message == "process 42, MCP at http://127.0.0.1:3001/mcp"
    file.write_text("{")
    _, found = await look(environ)
    assert found["hub"].status is Status.WARNING


def test_the_command_prints_lines_or_json_and_no_secret(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = CliRunner()
    lines = runner.invoke(doctor)
    assert lines.exit_code == 0, lines.output
    assert "ok  git: version" in lines.output
    monkeypatch.setenv("BACKEND_PORT", "nope")
    monkeypatch.setenv("DEFAULT_MODEL", "opus")
    printed = runner.invoke(doctor, ["--json"])
    assert printed.exit_code == 0, printed.output
    answer: dict[str, Any] = json.loads(printed.output)
    settings = {line["name"]: (line["value"], line["source"]) for line in answer["settings"]}
    assert settings["DEFAULT_MODEL"] == ("opus", "environment")
    assert settings["BACKEND_PORT"] == (3001, "default")
    assert any("BACKEND_PORT" in finding["message"] for finding in answer["findings"])
    monkeypatch.setenv("FACTORY_CLAUDE", "/nonexistent")
    failed = runner.invoke(doctor)
    assert failed.exit_code == 1
    assert "no  claude:" in failed.output
    assert not any(SECRET in result.output for result in (lines, printed, failed))
