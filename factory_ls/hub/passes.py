"""What lets a Claude that outlives the hub go on talking to the next one: its token's digest, and the port it knows.

One private file a session, `sessions/<id>/mcp-pass.json`, written before the session starts and removed when it ends.
The token itself is in no file of ours but the one its Claude reads.
"""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from factory_ls.mcp.tokens import TokenRecord
from factory_ls.model.wire import Wire

log = logging.getLogger(__name__)

NAME = "mcp-pass.json"


class Pass(Wire, frozen=True, kw_only=True):
    """`port`: of the endpoint on loopback whose URL the session was given."""

    port: int
    tokens: tuple[TokenRecord, ...]


def keep(folder: Path, issued: Pass) -> None:
    """Writes the pass of the session whose folder it is, in one step. OSError: it cannot be kept."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(folder / NAME, msgspec.json.encode(issued))


def write_private(path: Path, content: bytes) -> None:
    """For its owner alone, and whole or not at all. OSError: it cannot be kept."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)


def kept(folders: Iterable[Path]) -> list[Pass]:
    """The passes found in these sessions' folders. One that cannot be read is logged and left out."""
    found = []
    for folder in folders:
        try:
            found.append(msgspec.json.decode((folder / NAME).read_bytes(), type=Pass))
        except FileNotFoundError:
            continue
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("the MCP pass in %s cannot be read: %s", folder, error)
    return found


def forget(folder: Path) -> None:
    (folder / NAME).unlink(missing_ok=True)
