"""The server for one editor in this very process: where no background hub can or may be."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from factory_ls.hub import logs, rendezvous
from factory_ls.hub.service import Service
from factory_ls.lsp.connection import serve as serve_connection
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.settings import resolve

log = logging.getLogger(__name__)


def serve(environ: Mapping[str, str], reason: str) -> int:
    """Serve stdin and stdout until the editor leaves. The editor is told `reason`. Returns the exit code."""
    return asyncio.run(_serve(environ, reason))


async def _serve(environ: Mapping[str, str], reason: str) -> int:
    loop = asyncio.get_running_loop()
    serving = asyncio.current_task()
    assert serving is not None  # noqa: S101 - this is one
    loop.add_signal_handler(signal.SIGTERM, serving.cancel)
    service = Service(environ)
    # Two processes must not work on one database: two ratchets would push to one branch.
    lock = None
    with contextlib.suppress(OSError):  # a folder that cannot be written is the store's to complain of
        lock = rendezvous.claim(rendezvous.lock_path(environ))
        if lock is None:
            service.opening.obstacle = FactoryError(
                ErrorKind.BUSY,
                "another factory-ls works with this database",
                "Unset FACTORY_NO_HUB to share its hub, or give this one its own DATABASE_PATH.",
            )
        else:
            rendezvous.note_alone(lock)
    logs.configure(resolve(environ).settings, "in-process")
    notice = f"factory-ls serves this window only ({reason}): its sessions and ratchets end with it."
    try:
        reader, writer = await _stdio()
        service.editors = 1
        code = await serve_connection(reader, writer, service, notice)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM
    finally:
        await service.close()
        if lock is not None:
            os.close(lock)
    return code


async def _stdio() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """stdin and stdout as streams. Pipes and sockets, which is what editors give; and files, for a look by hand."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    protocol: Any = asyncio.streams.FlowControlMixin
    transport, flow = await loop.connect_write_pipe(protocol, sys.stdout)
    return reader, asyncio.StreamWriter(transport, flow, None, loop)
