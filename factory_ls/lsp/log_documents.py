"""Logs and transcripts as documents: by address where the editor can ask for one, else as files only the user can read.

`factory-log:/WORKSPACE/CHECK.log` and `factory-session:/SESSION.md` (LSP 3.18, `workspace/textDocumentContent`).
"""

import asyncio
import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import msgspec
from lsprotocol import types

from factory_ls.lsp.greeting import LOG_SCHEME, SESSION_SCHEME
from factory_ls.lsp.ports import Report
from factory_ls.lsp.shapes import FoldingRange
from factory_ls.model.errors import ErrorKind, FactoryError

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

KEPT = 20

_STEP = re.compile(r"(?:\d{4}-\d\d-\d\dT[\d:.]+Z )?(?:##\[group\]Run |##\[section\]Starting: |Post job cleanup\.)")
_GROUP = re.compile(r"(?:\d{4}-\d\d-\d\dT[\d:.]+Z )?##\[(end)?group\]")


class LogDocuments:
    """What this editor was shown, by address: its folds are asked for later."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()

    def keep(self, uri: str, text: str) -> None:
        self._texts[uri] = text
        self._texts.move_to_end(uri)
        while len(self._texts) > KEPT:
            self._texts.popitem(last=False)

    def text(self, uri: str) -> str | None:
        return self._texts.get(uri)

    def transcript(self, session: str) -> str | None:
        """The address under which the session's transcript is shown, if it is."""
        uri = session_uri(session)
        return uri if uri in self._texts else None


async def open_log(session: "Session", arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """`factory.ci.openLog {workspace, check?, problem?}` → `{uri, path, line}`. `line` is 1-based, null when unknown;
    `path` is null where the editor asks for documents by address."""
    answer = msgspec.to_builtins(await session.execute("factory.ci.log", arguments, report))
    text = answer.get("text")
    if not isinstance(text, str):
        raise FactoryError(ErrorKind.NOT_FOUND, "There is no log of that check.", "It may have expired on GitHub.")
    name = str(answer.get("check") or "check")
    workspace = str(arguments.get("workspace") or "")
    uri = f"{LOG_SCHEME}:/{quote(workspace, safe='')}/{quote(name, safe='')}.log"
    return await show(session, uri, name + ".log", text, answer.get("line"))


async def open_transcript(session: "Session", arguments: Mapping[str, Any], _: Report) -> dict[str, Any]:
    """`factory.session.openTranscript {session}` → `{uri, path, line}`"""
    which = str(arguments.get("session") or "")
    return await show(session, session_uri(which), f"{which}.md", await _transcript(session, which), None)


def session_uri(session: str) -> str:
    return f"{SESSION_SCHEME}:/{quote(session, safe='')}.md"


async def show(session: "Session", uri: str | None, name: str, text: str, line: int | None) -> dict[str, Any]:
    """Shows `text` in the editor, by `uri` if there is one and it can ask for it, else as a file called `name`."""
    path = None
    if uri is None or not session.client.can("workspace", "textDocumentContent"):
        path = await asyncio.to_thread(private_file, name, text)
        uri = path.as_uri()
    session.logs.keep(uri, text)
    if not await session.show_document(uri, line):
        where = f"{path or uri}:{line}" if line else str(path or uri)
        session.show_message(types.MessageType.Info, f"{name} is in {where}")
    return {"uri": uri, "path": str(path) if path else None, "line": line}


async def content(session: "Session", params: types.TextDocumentContentParams) -> dict[str, str]:
    """`workspace/textDocumentContent`"""
    parts = urlsplit(params.uri)
    # A check's name may hold slashes, and some editors write those of an address back unquoted.
    first, _, rest = unquote(parts.path).removeprefix("/").partition("/")
    if parts.scheme == LOG_SCHEME and rest:
        arguments = {"workspace": first, "check": rest.removesuffix(".log")}
        answer = msgspec.to_builtins(await session.execute("factory.ci.log", arguments, lambda *_: None))
        text = str(answer.get("text") or "")
    elif parts.scheme == SESSION_SCHEME and first and not rest:
        text = await _transcript(session, first.removesuffix(".md"))
    else:
        raise FactoryError(ErrorKind.NOT_FOUND, f"{params.uri[:200]} is no document of this server")
    session.logs.keep(params.uri, text)
    return {"text": text}


def folds(session: "Session", params: types.FoldingRangeParams) -> list[FoldingRange]:
    """`textDocument/foldingRange`: the steps of a log, and the groups in them."""
    text = session.logs.text(params.text_document.uri)
    return fold(text.split("\n")) if text is not None else []


def fold(lines: list[str]) -> list[FoldingRange]:
    """Steps from one to the next, groups from `##[group]` to `##[endgroup]`; of one line none. 0-based."""
    found: list[FoldingRange] = []
    step: int | None = None
    groups: list[int] = []
    for number, line in enumerate([*lines, "Post job cleanup."]):
        if _STEP.match(line):
            if step is not None and number - 1 > step:
                found.append(FoldingRange(step, number - 1, "region"))
            step = number
        if mark := _GROUP.match(line):
            if not mark[1]:
                groups.append(number)
            elif groups and number > (start := groups.pop()) and start != step:
                found.append(FoldingRange(start, number, "region"))
    return sorted(found, key=lambda one: (one.start_line, -one.end_line))


async def _transcript(session: "Session", which: str) -> str:
    answer = await session.execute("factory.session.document", {"session": which}, lambda *_: None)
    return str(msgspec.to_builtins(answer)["text"])


def private_file(name: str, text: str) -> Path:
    """A file only the user can read, in a folder only the user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="factory-log-"))
    path = folder / (re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.")[-80:] or "document")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)
    return path
