"""Processes by what they are, not by number alone: a pid may be another process by now."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

MARKER = "FACTORY_LS_SESSION_FOLDER"
"""Set for a Claude process and inherited by every tool it runs: how orphans are told from strangers."""

_LINUX = sys.platform.startswith("linux")


def start_time(pid: int) -> str | None:
    """When `pid` was started, as the system says it, made unique over reboots; None when it does not run."""
    if _LINUX:
        try:
            # The name may hold spaces and brackets; fields are counted behind its last bracket (proc(5)).
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else f"{_boot()}-{fields[19]}"
    listed = _ps("-o", "lstart=,stat=", "-p", str(pid)).strip()
    started, _, state = listed.rpartition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def is_running(pid: int, started: str | None) -> bool:
    return started is not None and start_time(pid) == started


def resident_bytes(pid: int) -> int:
    """Memory the process holds; 0 when it does not run."""
    if not _LINUX:
        return int(_ps("-o", "rss=", "-p", str(pid)).strip() or 0) * 1024
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def marked(folder: Path, *, below: bool = False) -> list[int]:
    """Pids of the processes that carry `folder` as their MARKER, this process excepted. `below`: or a folder in it."""
    wanted = f"{MARKER}={folder}"
    inside = f"{wanted}/" if below else None

    def carries(variables: Iterable[str]) -> bool:
        return any(one == wanted or (inside is not None and one.startswith(inside)) for one in variables)

    if not _LINUX:
        lines = (line.strip().partition(" ") for line in _ps("-Axww", "-E", "-o", "pid=,command=").splitlines())
        return [int(pid) for pid, _, rest in lines if carries(rest.split(" ")) and int(pid) != os.getpid()]
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # gone, or another user's
            environ = os.fsdecode((entry / "environ").read_bytes())
            if wanted in environ and carries(environ.split("\0")) and start_time(int(entry.name)):
                found.append(int(entry.name))
    return found


def end(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]


def _ps(*arguments: str) -> str:
    environ = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(["ps", *arguments], env=environ, capture_output=True, text=True, check=False).stdout
