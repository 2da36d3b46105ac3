"""The real command line, on the stage of the demo."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

PROGRAM = (sys.executable, "-m", "factory_ls")
REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds any one command, or any state, may take on a busy machine."""


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def error(self) -> dict[str, Any]:
        """The error object on stderr: it stands on the last line, after what progress there was."""
        assert self.code == 1, self
        assert "Traceback" not in self.err
        error: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return error


async def run(env: Mapping[str, str], *arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> Done:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, env={"PYTHONPATH": str(REPOSITORY), **env}, cwd=cwd,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Done(process.returncode or 0, out.decode(), err.decode())


async def call(env: Mapping[str, str], command: str, **arguments: Any) -> Any:
    """The result of a command that is to succeed."""
    done = await run(env, "call", command, json.dumps(arguments))
    assert done.code == 0, done.err
    return json.loads(done.out)


async def refused(env: Mapping[str, str], command: str, **arguments: Any) -> dict[str, Any]:
    """The error object of a command that is to fail."""
    done = await run(env, "call", command, json.dumps(arguments))
    assert done.out == ""
    return done.error


async def until(env: Mapping[str, str], state: Callable[[Any], Any], command: str, **arguments: Any) -> Any:
    """Asks until `state` holds of the answer. Each question is a process of its own, which is pause enough."""
    async with asyncio.timeout(PATIENCE):
        while not state(answer := await call(env, command, **arguments)):
            pass
    return answer
