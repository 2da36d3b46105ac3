"""A Claude process that outlives the hub: a FIFO as its stdin, files as its stdout and stderr.

The FIFO is opened for reading and writing by the process itself, so it never sees an end when a hub dies. The next hub
opens the same FIFO, finds the process by pid and start time, and reads the out file on from the offset it has stored.
A folder, and with it the process, belongs to one hub at a time: a lock file says to which.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import signal
import subprocess
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

from factory_ls.claude import process
from factory_ls.claude.launch import LaunchSpec, argv, environment, write_mcp_config
from factory_ls.claude.tail import Watch, watch
from factory_ls.claude.wire import Decoder, Line
from factory_ls.model.errors import ErrorKind, FactoryError

_PIPE_SIZE = 1 << 20
"""A message that fits is written whole or not at all, even by a hub that is killed: no torn line reaches the child."""
_SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)
_READ = 1 << 18
_READ_AT_ONCE = 1 << 16
"""Just written, so in memory: read without the detour over a thread, which takes longer than the reading."""


class Child:
    """Made by `start` or `attach`. `pid` and `pid_started` are what to keep for the next `attach`."""

    pid: int
    pid_started: str | None
    returncode: int | None = None
    """Negative for a signal; None while it runs, and for ever when another hub had started it."""
    stopped = False
    """It was ended by `stop`, not by itself."""

    def __init__(self, folder: Path, lock: int) -> None:
        """Use `start` or `attach`."""
        self.folder = folder
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._exited = asyncio.Event()
        self._waiter: asyncio.Task[None] | None = None
        self._watch: Watch | None = None
        self._queue: deque[tuple[memoryview, asyncio.Future[None]]] = deque()
        self._stdin = -1
        self._detached = False

    @classmethod
    async def start(cls, spec: LaunchSpec, folder: Path) -> Self:
        """Starts a process in `folder` (made 0700). What an earlier one wrote there stays: out only grows.

        FactoryError: notInstalled, notFound (no such cwd), busy (another hub holds the folder).
        """
        lock = await asyncio.to_thread(_take, folder)
        spawning = asyncio.create_task(asyncio.to_thread(_spawn, spec, folder))
        try:
            started = await asyncio.shield(spawning)
        except BaseException as error:
            try:
                if isinstance(error, asyncio.CancelledError):  # the thread goes on: let nothing be left behind
                    unwanted = await spawning
                    unwanted.kill()
                    await asyncio.to_thread(unwanted.wait)
            finally:
                os.close(lock)
            raise
        child = cls(folder, lock)
        child.pid = started.pid
        child.pid_started = process.start_time(started.pid)
        child._open(started)
        return child

    @classmethod
    async def attach(cls, folder: Path, pid: int, pid_started: str | None) -> Self:
        """Takes over the process a former hub started. If it is gone, what it wrote can still be read.

        FactoryError: busy (another hub holds the folder), notFound (no such folder).
        """
        if not await asyncio.to_thread(folder.is_dir):
            raise FactoryError(ErrorKind.NOT_FOUND, f"{folder} does not exist", "Start the session anew.")
        child = cls(folder, await asyncio.to_thread(_take, folder))
        child.pid, child.pid_started = pid, pid_started
        child._open(None)
        return child

    @property
    def running(self) -> bool:
        return not self._exited.is_set()

    @property
    def out_size(self) -> int:
        """Bytes the process has written so far: the offset of what it writes next."""
        return (self.folder / "out").stat().st_size

    async def send(self, line: bytes) -> None:
        """Writes one line (from `wire`). Returns when it is written; cancelling does not take it back.

        FactoryError: notFound when the process has ended.
        """
        if not self.running:
            raise FactoryError(ErrorKind.NOT_FOUND, "The Claude process has ended", "Resume the session.")
        written: asyncio.Future[None] = self._loop.create_future()
        self._queue.append((memoryview(line), written))
        if len(self._queue) == 1:
            self._write()
        await asyncio.shield(written)

    async def batches(self, offset: int = 0) -> AsyncIterator[list[Line]]:
        """What the process writes from `offset` on, in batches as they come; ends when it has ended and all is read.

        A batch is never empty. Its last line's `end` is the offset to store with it and to go on from.
        """
        out = await asyncio.to_thread(os.open, self.folder / "out", os.O_RDONLY)
        decoder = Decoder(offset)
        self._watch = found = watch(self.folder / "out")
        try:
            while not self._detached:
                ended = not self.running
                size = os.fstat(out).st_size - offset
                if size <= 0:
                    if ended:
                        break
                    await found.changed()
                    continue
                if size <= _READ_AT_ONCE:
                    data, lines = _read(out, size, offset, decoder)
                else:
                    data, lines = await asyncio.to_thread(_read, out, _READ, offset, decoder)
                offset += data
                if lines:
                    found.found()
                    yield lines
            if not self._detached and (lines := decoder.finish()):
                yield lines
        finally:
            found.close()
            os.close(out)

    async def wait(self) -> int | None:
        """Waits for the end of the process; its return code, None when another hub had started it."""
        await self._exited.wait()
        return self.returncode

    async def stop(self, grace: float = 5.0) -> None:
        """Ends the process and everything its tools left running: asks first, kills after `grace` seconds.

        Does nothing after `detach`.
        """
        if self._detached:
            return
        self.stopped = self.stopped or self.running
        if self.running:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._exited.wait(), grace)
        if self.running:
            self._signal(signal.SIGKILL)
            await self._exited.wait()
        await self.reap(grace=min(grace, 1.0))

    async def reap(self, grace: float = 1.0) -> int:
        """Ends tool processes that outlived the Claude process, and says how many. Call it when that has ended."""
        orphans = await asyncio.to_thread(process.marked, self.folder)
        left = orphans
        for number in (signal.SIGTERM, signal.SIGKILL):
            process.end(left, number)
            deadline = self._loop.time() + grace
            while left and self._loop.time() < deadline:
                await asyncio.sleep(0.02)
                left = await asyncio.to_thread(process.marked, self.folder)
        return len(orphans)

    async def stderr_tail(self, limit: int = 4000) -> str:
        """The end of what the process wrote to stderr, without control characters."""

        def read() -> str:
            with (self.folder / "err").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - limit))
                text = file.read().decode("utf-8", "replace")
            return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()

        try:
            return await asyncio.to_thread(read)
        except FileNotFoundError:
            return ""

    async def detach(self) -> None:
        """Lets go without ending the process, so that another hub can attach. `batches` ends."""
        self._detached = True
        if self._waiter:
            self._waiter.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._waiter
        self._close()
        if self._watch:
            self._watch.wake()

    def _open(self, started: "subprocess.Popen[bytes] | None") -> None:
        if started is None and not process.is_running(self.pid, self.pid_started):
            self._ended(None)
            return
        # For reading too: an open for writing alone fails when the process has just ended, and a write would raise.
        self._stdin = os.open(self.folder / "in", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._waiter = asyncio.create_task(self._wait(started), name=f"claude {self.pid}")

    async def _wait(self, started: "subprocess.Popen[bytes] | None") -> None:
        await self._until_exit()
        self._ended(await asyncio.to_thread(started.wait) if started else None)

    async def _until_exit(self) -> None:
        if hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):  # gone, or a kernel without it
                descriptor = os.pidfd_open(self.pid)
                exited = asyncio.Event()
                self._loop.add_reader(descriptor, exited.set)
                try:
                    # Between the check and the open the pid may have changed hands: look once more.
                    if process.is_running(self.pid, self.pid_started):
                        await exited.wait()
                finally:
                    self._loop.remove_reader(descriptor)
                    os.close(descriptor)
                return
        # Another's child, and no pidfd: the system tells us nothing.
        while await asyncio.to_thread(process.is_running, self.pid, self.pid_started):  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    def _ended(self, code: int | None) -> None:
        self.returncode = code
        self._exited.set()
        self._close()
        if self._watch:
            self._watch.wake()

    def _close(self) -> None:
        while self._queue:
            _, written = self._queue.popleft()
            if not written.done():
                error = FactoryError(ErrorKind.NOT_FOUND, "The Claude process has ended", "Resume the session.")
                written.set_exception(error)
        if self._stdin >= 0:
            self._loop.remove_writer(self._stdin)
            os.close(self._stdin)
            self._stdin = -1
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _signal(self, number: signal.Signals) -> None:
        if process.is_running(self.pid, self.pid_started):
            process.end([self.pid], number)

    def _write(self) -> None:
        while self._queue:
            data, written = self._queue[0]
            try:
                count = os.write(self._stdin, data)
            except BlockingIOError:
                self._loop.add_writer(self._stdin, self._write)
                return
            self._queue[0] = (data[count:], written)
            if count == len(data):
                self._queue.popleft()
                if not written.done():
                    written.set_result(None)
        self._loop.remove_writer(self._stdin)


def _read(descriptor: int, size: int, offset: int, decoder: Decoder) -> tuple[int, list[Line]]:
    data = os.pread(descriptor, size, offset)
    return len(data), decoder.feed(data)


def _take(folder: Path) -> int:
    """The folder's lock, held while the descriptor is open."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise
        message = f"Another hub drives the session in {folder}"
        raise FactoryError(ErrorKind.BUSY, message, "Stop the other hub: factory-ls hub stop.") from None
    return lock


def _spawn(spec: LaunchSpec, folder: Path) -> "subprocess.Popen[bytes]":
    if spec.mcp:
        write_mcp_config(spec.mcp, folder)
    fifo = folder / "in"
    fifo.unlink(missing_ok=True)  # what an earlier process left unread must not reach this one
    os.mkfifo(fifo, 0o600)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    with contextlib.ExitStack() as files:

        def opened(path: Path, flags: int) -> int:
            descriptor = os.open(path, flags, 0o600)
            files.callback(os.close, descriptor)
            return descriptor

        stdin = opened(fifo, os.O_RDWR | os.O_CLOEXEC)
        if _SET_PIPE_SIZE:
            with contextlib.suppress(OSError):  # beyond the user's share: the default is 64 KiB
                fcntl.fcntl(stdin, _SET_PIPE_SIZE, _PIPE_SIZE)
        out = opened(folder / "out", append)
        if size := os.fstat(out).st_size:
            with (folder / "out").open("rb") as written:
                written.seek(size - 1)
                if written.read(1) != b"\n":  # a process was killed in mid-line
                    os.write(out, b"\n")
        err = opened(folder / "err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC)
        try:
            return subprocess.Popen(
                argv(spec, folder),
                cwd=spec.cwd,
                env=environment(spec, folder),
                stdin=stdin,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except NotADirectoryError:
            error = FactoryError(ErrorKind.NOT_FOUND, f"{spec.cwd} is not a folder", "Choose the workspace again.")
        except FileNotFoundError as missing:
            if str(missing.filename) == str(spec.cwd):
                error = FactoryError(ErrorKind.NOT_FOUND, f"{spec.cwd} does not exist", "Retry the workspace's setup.")
            else:
                hint = "Install Claude Code (npm install -g @anthropic-ai/claude-code) or set FACTORY_CLAUDE to it."
                error = FactoryError(ErrorKind.NOT_INSTALLED, f"{spec.program} was not found", hint)
        except PermissionError:
            hint = "Set FACTORY_CLAUDE to the claude program."
            error = FactoryError(ErrorKind.NOT_INSTALLED, f"{spec.program} may not be run", hint)
        raise error
