"""Diagnostics: each file's problems, sent when they change and only then.

A file is refreshed when it is opened, edited or closed, and when the board says that its workspace's problems
changed. What was sent is remembered, so that nothing is sent twice and one file's change never
republishes another.
"""

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from lsprotocol import types

from factory_ls.lsp.convert import SEVERITIES, TOP, Look, diagnostic
from factory_ls.lsp.documents import Document
from factory_ls.lsp.ports import Application, Change
from factory_ls.lsp.shapes import Diagnostic
from factory_ls.lsp.text import Text
from factory_ls.model.problem import Placement, Problem

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

_EMPTY = b"[]"
_GONE = Placement.GONE
_ENCODER = msgspec.json.Encoder()


class Shown(NamedTuple):
    """What an editor was given for a file."""

    uri: str
    items: bytes
    """The JSON array: compared whole, which is faster than hashing it and never mistaken."""
    workspace: str
    problems: tuple[Problem, ...]


class Diagnostics:
    def __init__(self, session: "Session") -> None:
        self._session = session
        self._application: Application | None = None
        self._shown: dict[str, Shown] = {}
        self._gone: dict[str, int] = {}
        self._stale: dict[str, None] = {}  # in the order marked: what the user just touched may be far behind
        self._worker: asyncio.Task[Any] | None = None

    # --- what marks files stale

    def attach(self, application: Application) -> None:
        self._application = application
        self._mark_all()

    def mark(self, path: str) -> None:
        self._stale[path] = None
        self._work()

    def closed(self, path: str) -> None:
        if self._application is not None:
            self._application.problems.set_live(self._session.number, path, None)
        self.mark(path)

    def changed(self, change: Change) -> None:
        for workspace in change.problems:
            self._mark_workspace(workspace)
        if change.problems or change.workspaces:
            self._ask_to_pull()

    def settings_changed(self) -> None:
        self._mark_all()

    def folders_changed(self) -> None:
        self._mark_all()

    async def settled(self) -> None:
        """When everything that is marked has been brought up to date."""
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])

    def _mark_all(self) -> None:
        if self._application is None:
            return
        for path in (*self._session.documents.paths(), *self._shown):
            self._stale[path] = None
        for workspace in self._application.workspaces():
            self._mark_workspace(workspace.id)
        self._work()

    def _mark_workspace(self, workspace: str) -> None:
        assert self._application is not None  # noqa: S101 - only attached sessions are told of changes
        board = self._application.problems
        for path in board.files(workspace):
            if path in self._shown or self._uri(path) is not None:
                self._stale[path] = None
        for path, was in self._shown.items():
            if was.workspace == workspace:
                self._stale[path] = None
        for path in self._session.documents.paths():
            if board.workspace_of(path) == workspace:
                self._stale[path] = None
        self._work()

    def close(self) -> None:
        if self._application is not None:
            for path in self._session.documents.paths():
                self._application.problems.set_live(self._session.number, path, None)

    # --- refreshing

    def _work(self) -> None:
        if self._stale and self._application is not None and (self._worker is None or self._worker.done()):
            self._worker = self._session.spawn(self._refresh_stale(self._application))

    async def _refresh_stale(self, application: Application) -> None:
        while self._stale:
            path = next((open_ for open_ in self._session.documents.paths() if open_ in self._stale), None)
            path = path or next(iter(self._stale))
            del self._stale[path]
            await self.refresh(application, path)

    async def refresh(self, application: Application, path: str) -> None:
        """Bring what the editor is shown for one file up to date."""
        document = self._session.documents.by_path(path)
        uri = document.uri if document else self._uri(path)
        problems: tuple[Problem, ...] = ()
        if document is not None:
            problems = await self._place(application, document)
        elif uri is not None:
            problems = await application.problems.placed(path)
        if document is not self._session.documents.by_path(path):
            self.mark(path)  # opened or closed meanwhile
            return
        look = self._session.settings.look
        shown = tuple([one for one in problems if one.placement is not _GONE])
        self._gone[path] = len(problems) - len(shown)
        if look.severities:
            shown = tuple([one for one in shown if look.severity(one)])
        self._publish(application, path, uri, document, shown)

    async def _place(self, application: Application, document: Document) -> tuple[Problem, ...]:
        file = await application.problems.for_file(document.path)
        if file is None:
            document.file = document.placer = None
            application.problems.set_live(self._session.number, document.path, ())
            return ()
        if document.file is not file or document.placer is None:
            changes = document.changes
            placer = await asyncio.to_thread(self._session.host.placer, file.base, str(document.text))
            if document.changes != changes:
                placer.replace(str(document.text))
            document.file, document.placer = file, placer
        placed = (*document.placer.place(file.problems), *file.unplaced)
        application.problems.set_live(self._session.number, document.path, placed)
        return placed

    def _publish(
        self,
        application: Application,
        path: str,
        uri: str | None,
        document: Document | None,
        problems: tuple[Problem, ...],
    ) -> None:
        was = self._shown.get(path)
        if was is not None and was.uri != uri:
            # The editor spells the name otherwise now that it is open, or its folder was removed.
            self._send(was.uri, _EMPTY, None)
            was = None
        if uri is None or (was is None and not problems):
            self._shown.pop(path, None)
            return
        items = encode(problems, path, document.text if document else None, self._session.settings.look)
        if was is None or was.items != items:
            self._send(uri, items, document)
        if problems:
            self._shown[path] = Shown(uri, items, application.problems.workspace_of(path) or "", problems)
        else:
            self._shown.pop(path, None)

    def _send(self, uri: str, items: bytes, document: Document | None) -> None:
        if self._session.client.pulls_diagnostics:
            return
        params: dict[str, Any] = {"uri": uri, "diagnostics": msgspec.Raw(items)}
        if document is not None:
            params["version"] = document.version
        self._session.protocol.send_raw(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def _uri(self, path: str) -> str | None:
        return self._session.client.uri(path)

    # --- what other features and pulling editors read

    def problems(self, path: str) -> tuple[Problem, ...]:
        """What is shown for a file, where it is shown."""
        was = self._shown.get(path)
        return was.problems if was else ()

    def workspace(self, path: str) -> str | None:
        was = self._shown.get(path)
        return was.workspace or None if was else None

    def gone(self, path: str) -> int:
        """How many problems of the file are not shown, their lines being deleted."""
        return self._gone.get(path, 0)

    def paths(self) -> tuple[str, ...]:
        return tuple(self._shown)

    def report(self, path: str, previous: str | None) -> dict[str, Any]:
        """A document's diagnostic report, without its URI."""
        was = self._shown.get(path)
        result = str(hash(was.items)) if was else "none"
        if previous == result:
            return {"kind": "unchanged", "resultId": result}
        document = self._session.documents.by_path(path)
        look = self._session.settings.look
        items = encode(was.problems, path, document.text if document else None, look) if was else _EMPTY
        return {"kind": "full", "resultId": result, "items": msgspec.Raw(items)}

    def _ask_to_pull(self) -> None:
        session = self._session
        if session.client.pulls_diagnostics and session.client.can("workspace", "diagnostics", "refreshSupport"):
            session.spawn(session.refreshed(session.workspace_diagnostic_refresh_async(None)))
        if session.client.can("workspace", "codeLens", "refreshSupport"):
            session.spawn(session.refreshed(session.workspace_code_lens_refresh_async(None)))


def encode(problems: tuple[Problem, ...], path: str, text: Text | None, look: Look) -> bytes:
    """The JSON array of a file's diagnostics, the weightiest when there are too many. `path` is absolute."""
    if not problems:
        return _EMPTY
    root = path.removesuffix(problems[0].path)
    more = len(problems) - look.most
    if more > 0:
        problems = tuple(sorted(problems, key=weight)[: look.most])
    items = [diagnostic(problem, root, text, look) for problem in problems]
    if more > 0:
        said = f"{more} more problems of this file are not shown. `factory.ci.problems` lists them all."
        items.append(Diagnostic(TOP, 3, "ci", said))
    return _ENCODER.encode(items)


def weight(problem: Problem) -> tuple[int, bool, int]:
    """Sorts the worst first; of the same severity, those whose line is known, from the top."""
    return SEVERITIES[problem.severity], problem.placement not in (Placement.EXACT, Placement.MOVED), problem.line or 0
