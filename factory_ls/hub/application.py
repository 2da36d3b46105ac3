"""The application behind the hub, opened when it is first needed: the one place that imports it.

Importing and opening take longer than everything an editor waits for at start-up, so they happen beside it.
"""

import asyncio
import importlib
import logging
from collections.abc import Mapping
from typing import Any

from factory_ls.lsp.ports import Application, Placer
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.settings import resolve

log = logging.getLogger(__name__)


class Opening:
    """Opens the application once; after a failure, the next who asks tries again."""

    def __init__(self, environ: Mapping[str, str], **wiring: Any) -> None:
        """`wiring` is handed to `Factory.open`."""
        self._environ = environ
        self._wiring = wiring
        self._task: asyncio.Task[Application] | None = None
        self.obstacle: FactoryError | None = None
        """Why it must not be opened at all."""

    @property
    def opened(self) -> Application | None:
        task = self._task
        return task.result() if task and task.done() and not task.cancelled() and not task.exception() else None

    async def application(self) -> Application:
        if self.obstacle is not None:
            raise self.obstacle
        if self._task is None or (self._task.done() and self.opened is None):
            self._task = asyncio.get_running_loop().create_task(self._open())
        return await asyncio.shield(self._task)

    async def _open(self) -> Application:
        try:
            module = await asyncio.to_thread(importlib.import_module, "factory_ls.factory.app")
            resolved = resolve(self._environ)
            for complaint in resolved.complaints:
                log.warning("setting %s", complaint)
            application: Application = await module.Factory.open(resolved.settings, **self._wiring)
        except FactoryError:
            raise
        except Exception as error:
            log.exception("the application could not be opened")
            hint = "`factory-ls doctor` checks what it needs; the log has the details."
            raise FactoryError(ErrorKind.INTERNAL, "factory-ls could not start its work", hint) from error
        return application

    async def close(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})
        if (application := self.opened) is not None:
            await application.close()


def placer(base: str | None, current: str) -> Placer:
    """A placer, imported with the first file that has problems."""
    module: Any = importlib.import_module("factory_ls.ci.place.placer")
    made: Placer = module.Placer(base, current)
    return made
