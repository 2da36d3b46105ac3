"""Notifications for richer clients: `factory/stateChanged` and `factory/sessionEvent`."""

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types

from factory_ls.lsp.ports import Application, Change
from factory_ls.model.errors import FactoryError

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

PAGE = 200


class Events:
    """`stateChanged` says what to look at again, first of all everything; `sessionEvent` carries each line of a
    session's stream in order.

    A session that ran before the editor came is followed from its end: its past is in `factory.session.transcript`.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._application: Application | None = None
        self._seen: dict[str, int] = {}
        self._unread: dict[str, None] = {}
        self._reader: asyncio.Task[Any] | None = None
        self._old: set[str] = set()
        self._refreshing: set[str] = set()

    def attach(self, application: Application) -> None:
        self._application = application
        self._old = {session.id for session in application.sessions()} - self._seen.keys()
        self._unread.update(dict.fromkeys(self._old))
        self._read()
        self._say(application.revision, [workspace.id for workspace in application.workspaces()])

    def changed(self, change: Change) -> None:
        self._say(change.revision, sorted(change.workspaces | change.problems))
        self._unread.update(dict.fromkeys(change.sessions))
        self._read()
        for session in change.sessions:
            self._refresh_transcript(session)

    def _refresh_transcript(self, session: str) -> None:
        """A transcript that is shown is read again; one request at a time, as a turn has hundreds of lines."""
        uri = self._session.logs.transcript(session)
        if uri is None or session in self._refreshing:
            return
        if not self._session.client.can("workspace", "textDocumentContent"):
            return
        params = types.TextDocumentContentRefreshParams(uri)
        asked = self._session.protocol.send_request_async(types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH, params)
        self._refreshing.add(session)
        task = self._session.spawn(self._session.refreshed(asked))
        task.add_done_callback(lambda _: self._refreshing.discard(session))

    def _say(self, revision: int, workspaces: list[str]) -> None:
        self._session.protocol.send_raw("factory/stateChanged", {"revision": revision, "workspaces": workspaces})

    def _read(self) -> None:
        if self._unread and (self._reader is None or self._reader.done()):
            self._reader = self._session.spawn(self._read_all())

    async def _read_all(self) -> None:
        while self._unread:
            session = next(iter(self._unread))
            del self._unread[session]
            silent = session in self._old
            try:
                while await self._page(session, silent=silent):
                    pass
            except FactoryError:
                continue  # a session that is gone has nothing more to tell
            self._old.discard(session)

    async def _page(self, session: str, *, silent: bool) -> bool:
        """Send the next page of a session's events. Whether there may be more."""
        after = self._seen.get(session, 0)
        arguments = {"session": session, "after": after, "limit": PAGE}
        answer = await self._session.host.execute("factory.session.transcript", arguments, lambda *_: None)
        transcript = msgspec.to_builtins(answer)
        if not silent:
            for event in transcript["events"]:
                params = {"session": session, "seq": event["seq"], "event": event["event"]}
                self._session.protocol.send_raw("factory/sessionEvent", params)
        self._seen[session] = transcript["next"]
        return len(transcript["events"]) == PAGE
