"""Replying to a review thread in any editor: the reply is written in a file and sent when it is saved, once confirmed.

LSP has no input box. This is what `git commit` does with its message.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from factory_ls.lsp.client import real_path_of
from factory_ls.lsp.log_documents import private_file
from factory_ls.lsp.ports import Report
from factory_ls.lsp.reviews import find_thread
from factory_ls.model.errors import FactoryError
from factory_ls.model.pull_request import ReviewThread
from factory_ls.model.text import clean

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

MARK = "<!-- Write your reply above this line and save. What follows is not sent. -->"
SEND, KEEP = "Send the reply", "Keep writing"


class Replies:
    """Files in which this user writes replies, and where each is to go."""

    def __init__(self) -> None:
        self.drafts: dict[str, tuple[str, str]] = {}
        """Real path → workspace, thread."""


async def write_reply(session: "Session", arguments: Mapping[str, Any], _: Report) -> dict[str, Any]:
    """`factory.pr.writeReply {workspace, problem}` → `{path}`: opens a file to write the reply in."""
    workspace = str(arguments.get("workspace") or "")
    thread = find_thread(await session.application(), workspace, str(arguments.get("problem") or ""))
    path = await asyncio.to_thread(private_file, "reply.md", _draft(thread))
    session.replies.drafts[str(await asyncio.to_thread(path.resolve))] = (workspace, thread.id)
    if session.client.can("window", "showDocument"):
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        await session.window_show_document_async(
            types.ShowDocumentParams(uri=path.as_uri(), take_focus=True, selection=start)
        )
    else:
        session.show_message(types.MessageType.Info, f"Write the reply in {path} and save it")
    return {"path": str(path)}


def saved(session: "Session", uri: str) -> None:
    """A document was saved: if it is a reply, the user is asked whether to send it."""
    path = real_path_of(uri)
    if path is not None and path in session.replies.drafts:
        session.spawn(_send(session, path))


async def _send(session: "Session", path: str) -> None:
    text = await asyncio.to_thread(Path(path).read_text, encoding="utf-8", errors="replace")
    body = text.partition(MARK)[0].strip()
    if not body or await session.ask(f"Send this reply?\n\n{body[:500]}", SEND, KEEP) != SEND:
        return
    if (target := session.replies.drafts.pop(path, None)) is None:
        return  # sent by a save that was confirmed first
    workspace, thread = target
    try:
        arguments = {"workspace": workspace, "thread": thread, "body": body}
        await session.execute("factory.pr.reply", arguments, lambda *_: None)
    except FactoryError as error:
        session.replies.drafts[path] = target
        session.show_message(types.MessageType.Error, str(error))
        return
    session.show_message(types.MessageType.Info, "The reply was sent.")


def _draft(thread: ReviewThread) -> str:
    quoted = "\n".join(
        f"{comment.author or 'somebody'} wrote:\n" + "\n".join(f"> {line}" for line in clean(comment.body).split("\n"))
        for comment in thread.comments
    )
    return f"\n{MARK}\n\n{thread.path}\n\n{quoted}\n"
