"""Where forwarders and the hub meet: a lock beside the database, a socket in a folder private to the user.

Standard library only, and little of it: every editor window pays for these imports.

The lock decides who is the hub. It lies beside the database, so that two processes with different runtime folders
still agree, and whoever holds it is the hub for as long as it lives; the kernel drops it however the hub ends. Its
content is the path of the holder's socket. A socket file proves nothing: without the lock held it is left over.
"""

import contextlib
import fcntl
import os
import socket
import stat
import struct
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from factory_ls.model.paths import database_path

BACKLOG = 128
_ALONE = b"\0alone"
# sockaddr_un.sun_path, with its NUL: 108 bytes on Linux (unix(7)), 104 on macOS (sys/un.h).
LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103


class Rendezvous(NamedTuple):
    socket: Path
    lock: Path


def locate(environ: Mapping[str, str]) -> Rendezvous:
    """The meeting place for the database that `environ` names; makes the folders. OSError: there can be none here."""
    lock = lock_path(environ)
    name = sha256(os.fsencode(lock)).hexdigest()[:16] + ".sock"
    return Rendezvous(_runtime_folder(environ, len(name)) / name, lock)


def lock_path(environ: Mapping[str, str]) -> Path:
    """The lock of the database that `environ` names; makes its folder."""
    database = database_path(environ)
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = database.resolve()
    return database.with_name(database.name + ".lock")


def _runtime_folder(environ: Mapping[str, str], name_length: int) -> Path:
    choices = [Path(tempfile.gettempdir()) / f"factory-ls-{os.geteuid()}"]
    if given := environ.get("XDG_RUNTIME_DIR"):
        choices.insert(0, Path(given) / "factory-ls")
    problem = OSError("no folder for the hub's socket")
    for folder in choices:
        if len(os.fsencode(folder)) + 1 + name_length > LONGEST_SOCKET_PATH:
            problem = OSError(f"{folder} is too long a path for a socket")
            continue
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            _require_private(folder)
        except OSError as error:
            problem = error
        else:
            return folder
    raise problem


def _require_private(folder: Path) -> None:
    """In a shared temporary folder somebody else may have made ours first."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(f"{folder} is not a folder private to this user")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder} is not writable")


def claim(lock: Path) -> int | None:
    """Take the lock. Returns its descriptor, to be kept open for life and handed on by inheritance; None: taken."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def listen(place: Rendezvous, lock: int) -> socket.socket:
    """Bind the socket and note it in the lock file. Only for the lock's holder: what lies there is left over."""
    with contextlib.suppress(FileNotFoundError):
        place.socket.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(place.socket))
        place.socket.chmod(0o600)
        listener.listen(BACKLOG)
        os.ftruncate(lock, 0)
        os.pwrite(lock, os.fsencode(place.socket), 0)
    except OSError:
        listener.close()
        raise
    return listener


def dial(place: Rendezvous, timeout: float) -> socket.socket | None:
    """A connection to the hub, or None when nobody listens. `timeout` in seconds holds for the whole connection."""
    return _dial(place.socket, timeout) or _dial(_noted(place.lock), timeout)


def note_alone(lock: int) -> None:
    """Note in the lock file that its holder serves one window only and cannot be dialled."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, _ALONE, 0)


def held_alone(place: Rendezvous) -> bool:
    """Whether the holder of the lock said so. Only of meaning while the lock is held."""
    with contextlib.suppress(OSError):
        return place.lock.read_bytes() == _ALONE
    return False


def _noted(lock: Path) -> Path | None:
    """The socket the lock's holder listens at: another one than ours when its runtime folder differs."""
    try:
        content = lock.read_bytes()
    except OSError:
        return None
    return Path(os.fsdecode(content)) if content and content != _ALONE else None


def _dial(path: Path | None, timeout: float) -> socket.socket | None:
    if path is None:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        connection.connect(str(path))
        require_same_user(connection)
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    except OSError:
        connection.close()
        raise
    return connection


def require_same_user(connection: socket.socket) -> None:
    """PermissionError unless the process at the other end runs as this user."""
    uid = peer_uid(connection)
    if uid != os.geteuid():
        raise PermissionError(f"the process at the other end of the socket belongs to user {uid}")


def peer_uid(connection: socket.socket) -> int:
    if sys.platform == "linux":
        # struct ucred {pid, uid, gid}: unix(7)
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[1])
    # struct xucred {cr_version, cr_uid, …}, level SOL_LOCAL (0), LOCAL_PEERCRED (1), which getpeereid(3) reads too
    return int(struct.unpack_from("Ii", connection.getsockopt(0, 1, 76))[1])
