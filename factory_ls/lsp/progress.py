"""Work-done progress of commands, with cancellation.

LSP 3.17, "Work Done Progress": on the client's token when it sent one, else on one we create, where the client can
show it. Nothing is shown before a command's first report: most are done at once.
"""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

Token = int | str


class Progresses:
    """The commands of one editor that run and may be cancelled by their progress token."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._running: dict[Token, asyncio.Task[Any]] = {}

    @contextmanager
    def of_command(self, title: str, token: Token | None) -> Iterator["Progress"]:
        """Progress for the command that the current task runs."""
        progress = Progress(self._session, title)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - handlers run in tasks
        progress.task = task
        if token is not None:
            progress.show_on(token)
        try:
            yield progress
        finally:
            progress.end()

    def add(self, token: Token, task: asyncio.Task[Any]) -> None:
        self._running[token] = task

    def forget(self, token: Token) -> None:
        self._running.pop(token, None)

    def cancel(self, token: Token) -> None:
        if (task := self._running.get(token)) is not None:
            task.cancel()


class Progress:
    task: asyncio.Task[Any]

    def __init__(self, session: "Session", title: str) -> None:
        self._session = session
        self._title = title
        self._token: Token | None = None
        self._creation: asyncio.Task[None] | None = None
        self._begun = False
        self._last: dict[str, Any] = {}

    def show_on(self, token: Token) -> None:
        self._token = token
        self._session.progresses.add(token, self.task)

    def report(self, message: str, percent: float | None = None) -> None:
        self._last = {"message": message}
        if percent is not None:
            self._last["percentage"] = max(0, min(100, round(percent)))
        if self._token is not None:
            self._show()
        elif self._creation is None and self._session.client.can("window", "workDoneProgress"):
            self._creation = self._session.spawn(self._create())

    def end(self) -> None:
        if self._creation is not None:
            self._creation.cancel()
        if self._token is not None:
            self._session.progresses.forget(self._token)
            if self._begun:
                self._send({"kind": "end"})

    async def _create(self) -> None:
        token = str(uuid.uuid4())
        params = types.WorkDoneProgressCreateParams(token)
        try:
            await self._session.protocol.send_request_async(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
        except JsonRpcException:
            return  # the client shows none after all
        self.show_on(token)
        self._show()

    def _show(self) -> None:
        if self._begun:
            self._send({"kind": "report", **self._last})
        else:
            self._begun = True
            self._send({"kind": "begin", "title": self._title, "cancellable": True, **self._last})

    def _send(self, value: dict[str, Any]) -> None:
        self._session.protocol.send_raw(types.PROGRESS, {"token": self._token, "value": value})


def cancel(session: "Session", params: types.WorkDoneProgressCancelParams) -> None:
    """`window/workDoneProgress/cancel`"""
    session.progresses.cancel(params.token)
