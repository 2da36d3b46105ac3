"""`factory.ci.openLog`: show a check's log in the editor, at the line a problem was read from."""

import asyncio
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types

from factory_ls.lsp.ports import Report
from factory_ls.model.errors import ErrorKind, FactoryError

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session


async def open_log(session: "Session", arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """`{workspace, check?, problem?}` → `{path, line}`. `line` is 1-based, null when unknown."""
    answer = msgspec.to_builtins(await session.execute("factory.ci.log", arguments, report))
    text = answer.get("text")
    if not isinstance(text, str):
        raise FactoryError(ErrorKind.NOT_FOUND, "there is no log of that check", "It may have expired on GitHub.")
    line = answer.get("line")
    name = str(answer.get("check") or "check")
    path = await asyncio.to_thread(_write, name, text)
    if session.client.can("window", "showDocument"):
        selection = None
        if isinstance(line, int):
            selection = types.Range(types.Position(max(0, line - 1), 0), types.Position(max(0, line - 1), 0))
        shown = types.ShowDocumentParams(uri=path.as_uri(), take_focus=True, selection=selection)
        await session.window_show_document_async(shown)
    else:
        where = f"{path}:{line}" if line else str(path)
        session.show_message(types.MessageType.Info, f"The log of {name} is in {where}")
    return {"path": str(path), "line": line}


def _write(name: str, text: str) -> Path:
    """A file only the user can read, in a folder only the user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="factory-log-"))
    path = folder / (re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.")[:80] + ".log")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)
    return path
