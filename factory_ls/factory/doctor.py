"""What the factory needs and whether it is there: one finding each, with the next step. Changes nothing."""

import asyncio
import os
import re
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from factory_ls.claude import installation
from factory_ls.git.runner import Git
from factory_ls.github.gh import Gh
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.hub import Finding
from factory_ls.model.hub import FindingStatus as Status
from factory_ls.model.settings import VARIABLES, Resolved, Settings
from factory_ls.model.text import one_line
from factory_ls.model.wire import Wire
from factory_ls.store.errors import explain
from factory_ls.store.migrations import check, version


class SettingLine(Wire, frozen=True, kw_only=True):
    name: str
    """The environment variable, or the field's name where there is none."""
    value: Any
    source: str


class Diagnosis(Wire, frozen=True, kw_only=True):
    ok: bool
    findings: tuple[Finding, ...]
    settings: tuple[SettingLine, ...]


async def examine(resolved: Resolved, environ: Mapping[str, str] = os.environ) -> Diagnosis:
    settings = resolved.settings
    gh = Gh(settings.gh, environ)
    host = environ.get("GH_HOST") or "github.com"
    folders = {"base folder": settings.base_dir, "worktrees": settings.worktree_base_dir, "logs": settings.logs_dir}
    findings = await asyncio.gather(
        _tried("git", _git(settings, environ)),
        _tried("gh", _gh(gh)),
        _tried("GitHub login", _login(gh, host)),
        _tried("claude", _claude(settings, environ)),
        _tried("Claude login", _claude_login(settings, environ)),
        _tried("Claude's API", _claude_api(environ)),
        _tried("database", _threaded(_database, settings.database_path)),
        *(_tried(name, _threaded(_folder, path)) for name, path in folders.items()),
        _tried("hub", _threaded(_hub, settings.hub_file)),
    )
    complaints = [
        Finding(name="settings", status=Status.WARNING, message=complaint, hint="Correct or remove it.")
        for complaint in resolved.complaints
    ]
    found = (*findings, *complaints)
    return Diagnosis(
        ok=all(finding.status is not Status.MISSING for finding in found),
        findings=found,
        settings=tuple(
            SettingLine(name=VARIABLES.get(name, name), value=_plain(getattr(settings, name)), source=source)
            for name, source in resolved.sources.items()
        ),
    )


Said = tuple[Status, str, str]

_PASSING = (ErrorKind.NETWORK, ErrorKind.TIMEOUT, ErrorKind.RATE_LIMITED, ErrorKind.BUSY)
"""What goes by itself: a doctor must not call a train's wireless an illness."""


async def _tried(name: str, looking: Awaitable[Said]) -> Finding:
    try:
        status, message, hint = await looking
    except FactoryError as error:
        status = Status.WARNING if error.kind in _PASSING else Status.MISSING
        message, hint = error.message, error.hint
    return Finding(name=name, status=status, message=one_line(message, 300), hint=one_line(hint, 300))


async def _threaded(look: Callable[[Path], Said], path: Path) -> Said:
    return await asyncio.to_thread(look, path)


async def _git(settings: Settings, environ: Mapping[str, str]) -> Said:
    output = (await Git(settings.git, environ).run(Path("/"), "--version", timeout=10)).decode("utf-8", "replace")
    if not (found := re.match(r"git version (\S+)", output)):
        raise FactoryError(
            ErrorKind.NOT_INSTALLED, f"`{settings.git} --version` does not answer as git does.", "Check FACTORY_GIT."
        )
    return Status.OK, f"version {found[1]}", ""


async def _gh(gh: Gh) -> Said:
    return Status.OK, "version " + ".".join(map(str, await gh.version())), ""


async def _login(gh: Gh, host: str) -> Said:
    return Status.OK, f"logged in at {host} as {await gh.login(host)}", ""


async def _claude(settings: Settings, environ: Mapping[str, str]) -> Said:
    found = await installation.version(settings.claude, environ)
    if installation.too_old(found):
        oldest = ".".join(map(str, installation.OLDEST))
        return Status.WARNING, f"version {found} is too old: {oldest} is needed", installation.UPDATE
    return Status.OK, f"version {found}", ""


async def _claude_login(settings: Settings, environ: Mapping[str, str]) -> Said:
    how = await installation.login(settings.claude, environ)
    return Status.OK, f"logged in: {how}" if how else "it does not say whether it is logged in", ""


async def _claude_api(environ: Mapping[str, str]) -> Said:
    host = await installation.reach(environ)
    return Status.OK, f"{host} can be reached" if host else "a cloud's own, not tried", ""


def _database(path: Path) -> Said:
    if not path.exists():
        return Status.OK, f"{path} will be made at first use", ""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)) as connection:
            check(connection, path)
            return Status.OK, f"{path}, schema {version(connection)}", ""
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _folder(path: Path) -> Said:
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    if not existing.is_dir():
        return Status.MISSING, f"{existing} is a file", "Move it away, or set BASE_DIR to another folder."
    if not os.access(existing, os.W_OK | os.X_OK):
        return Status.MISSING, f"{existing} cannot be written", "Change its owner or mode, or set BASE_DIR."
    if existing != path:
        return Status.OK, f"{path} will be made at first use", ""
    if path.stat().st_mode & 0o077:
        return Status.WARNING, f"{path} is open to other users", f"chmod 700 {path}"
    return Status.OK, str(path), ""


class _HubFile(msgspec.Struct, rename="camel"):
    pid: int
    socket: str
    mcp_url: str | None = None


def _hub(path: Path) -> Said:
    waiting = Status.OK, "not running; it starts when an editor or a command needs it", ""
    try:
        hub = msgspec.json.decode(path.read_bytes(), type=_HubFile)
    except FileNotFoundError:
        return waiting
    except (OSError, msgspec.MsgspecError) as error:
        return Status.WARNING, f"{path} cannot be read: {error}", "`factory-ls hub restart` writes it anew."
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(hub.socket)
        except TimeoutError:
            return Status.WARNING, f"process {hub.pid} does not answer", "`factory-ls hub restart`"
        except OSError:
            return waiting  # its file outlived it
    return Status.OK, f"process {hub.pid}, MCP at {hub.mcp_url or '(not yet)'}", ""


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else msgspec.to_builtins(value)
