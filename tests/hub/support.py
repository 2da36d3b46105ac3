"""The real program with a fake application behind it, in an environment of its own."""

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

REPOSITORY = Path(__file__).parents[2]
FAKES = Path(__file__).parent / "fakes"
PROGRAM = (sys.executable, "-m", "factory_ls")
PATIENCE = 60.0
"""Seconds any state may take to come about on a busy machine."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A scrubbed environment whose every folder is below `folder`."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "BASE_DIR": str(folder / "base"),
        "BACKEND_PORT": "0",
        "PYTHONPATH": f"{FAKES}{os.pathsep}{REPOSITORY}",
        "FACTORY_HUB_IDLE_SECONDS": "30",
        **more,
    }


async def run(*arguments: str, env: dict[str, str], stdin: bytes = b"") -> tuple[int, str, str]:
    """The program's exit code, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(stdin), PATIENCE)
    return process.returncode or 0, out.decode(), err.decode()


async def call(env: dict[str, str], command: str, **arguments: Any) -> Any:
    code, out, err = await run("call", command, json.dumps(arguments), env=env)
    assert code == 0, err
    return json.loads(out)


async def until(condition: Callable[[], Any]) -> Any:
    """What `condition` returns once it is true."""
    async with asyncio.timeout(PATIENCE):
        while not (value := condition()):
            await asyncio.sleep(0.01)
        return value


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class Editor:
    """A bare JSON-RPC client on the program's stdio, for what no well-behaved client would send."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.received: list[dict[str, Any]] = []
        self._ids = itertools.count(1)
        self._arrived = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, env: dict[str, str], *arguments: str) -> Self:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, *arguments, env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return cls(process)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(asyncio.IncompleteReadError):  # cut off by a kill
            while header := await self.process.stdout.readline():
                length = int(header.removeprefix(b"Content-Length: "))
                await self.process.stdout.readline()
                self.received.append(json.loads(await self.process.stdout.readexactly(length)))
                self._arrived.set()

    def raw(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def notify(self, method: str, params: Any = None) -> None:
        self.send(method=method, params=params)

    async def until(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first message received, now or later, for which `condition` holds."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in self.received:
                    if condition(message):
                        return message
                self._arrived.clear()
                await self._arrived.wait()

    async def notification(self, method: str) -> Any:
        return (await self.until(lambda message: message.get("method") == method))["params"]

    async def request(self, method: str, params: Any = None) -> dict[str, Any]:
        """The whole response."""
        number = next(self._ids)
        self.send(id=number, method=method, params=params)
        return await self.until(lambda message: message.get("id") == number and "method" not in message)

    async def initialize(self, capabilities: Any = None, **params: Any) -> dict[str, Any]:
        initialize = {"processId": None, "rootUri": None, "capabilities": capabilities or {}, **params}
        answer = await self.request("initialize", initialize)
        self.notify("initialized", {})
        return dict(answer["result"])

    async def execute(self, command: str, **arguments: Any) -> dict[str, Any]:
        return await self.request("workspace/executeCommand", {"command": command, "arguments": [arguments]})

    async def leave(self) -> int:
        await self.request("shutdown")
        self.notify("exit")
        return await self.ended()

    async def ended(self) -> int:
        """The exit code, once the process has ended by itself."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE)
