"""What an editor has open: text kept in step edit by edit, and the problems' places with it."""

from typing import TYPE_CHECKING

from lsprotocol import types

from factory_ls.ci.place.columns import Encoding
from factory_ls.lsp import replies
from factory_ls.lsp.client import real_path_of
from factory_ls.lsp.ports import FileProblems, Placer
from factory_ls.lsp.text import Text

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session


class Document:
    """An open file. `placer` follows every edit once the file has problems."""

    def __init__(self, uri: str, path: str, version: int, text: Text) -> None:
        self.uri = uri
        self.path = path
        self.version = version
        self.text = text
        self.changes = 0
        """Counts edits: tells whether the text is still the one a thread was given."""
        self.file: FileProblems | None = None
        self.placer: Placer | None = None

    def apply(self, change: types.TextDocumentContentChangeEvent) -> None:
        self.changes += 1
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = change.range.start, change.range.end
            edit = self.text.edit((start.line, start.character), (end.line, end.character), change.text)
            if self.placer is not None:
                self.placer.edit(edit.start, edit.end, edit.lines)
        else:
            self.text = Text(change.text, self.text.encoding)
            if self.placer is not None:
                self.placer.replace(change.text)


class Documents:
    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._by_uri: dict[str, Document] = {}
        self._by_path: dict[str, Document] = {}

    def open(self, uri: str, version: int, text: str) -> Document | None:
        """None for what is no file."""
        if (path := real_path_of(uri)) is None:
            return None
        document = Document(uri, path, version, Text(text, self._encoding))
        self._by_uri[uri] = self._by_path[path] = document
        return document

    def close(self, uri: str) -> Document | None:
        document = self._by_uri.pop(uri, None)
        if document is not None and self._by_path.get(document.path) is document:
            del self._by_path[document.path]
        return document

    def by_uri(self, uri: str) -> Document | None:
        return self._by_uri.get(uri)

    def by_path(self, path: str) -> Document | None:
        return self._by_path.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(self._by_path)


def did_open(session: "Session", params: types.DidOpenTextDocumentParams) -> None:
    item = params.text_document
    if document := session.documents.open(item.uri, item.version, item.text):
        session.diagnostics.mark(document.path)


def did_change(session: "Session", params: types.DidChangeTextDocumentParams) -> None:
    document = session.documents.by_uri(params.text_document.uri)
    if document is None:
        return
    for change in params.content_changes:
        document.apply(change)
    document.version = params.text_document.version
    session.diagnostics.mark(document.path)


def did_close(session: "Session", params: types.DidCloseTextDocumentParams) -> None:
    if document := session.documents.close(params.text_document.uri):
        session.diagnostics.closed(document.path)


def did_save(session: "Session", params: types.DidSaveTextDocumentParams) -> None:
    """The text is known from its edits; but a reply to a reviewer is sent when it is saved, and that the user edits
    matters to a fixer which works in the same files."""
    replies.saved(session, params.text_document.uri)
    if document := session.documents.by_uri(params.text_document.uri):
        session.spawn(_saved(session, document.path))


async def _saved(session: "Session", path: str) -> None:
    await (await session.application()).user_saved(path)
