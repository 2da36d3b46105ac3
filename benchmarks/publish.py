"""CPU seconds that our LSP layer takes to publish N problems of one file: `python -m benchmarks.publish N`.

From `Problem`s to framed bytes, through the session as an editor's connection has it; the placer, which stock pygls has
no counterpart of, is left out by the file not being open.
"""

import asyncio
import sys
import time
from typing import Any

from factory_ls.lsp.session import Session
from factory_ls.lsp.wire import Sender
from factory_ls.model.problem import Placement, Problem


class Null:
    """A transport to nowhere."""

    def __init__(self) -> None:
        self.transport = self
        self.bytes = 0

    def write(self, data: bytes) -> None:
        self.bytes += len(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        raise AssertionError


class Board:
    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self._problems = problems

    def workspace_of(self, _path: str) -> str:
        return "w"

    async def placed(self, _path: str) -> tuple[Problem, ...]:
        return self._problems


class Application:
    def __init__(self, count: int) -> None:
        self.problems = Board(tuple(_problem(line) for line in range(1, count + 1)))


def _problem(line: int) -> Problem:
    return Problem(
        id=f"p{line}", path="a.py", line=line, column=5, end_column=13, tool="ruff", code="F821",
        message=f"Undefined name `name{line}`", url="https://github.com/o/r/actions/runs/1/job/2",
        placement=Placement.EXACT,
    )  # fmt: skip


async def seconds(count: int) -> float:
    null = Null()
    host: Any = None
    everything = {"settings": {"factory": {"diagnostics": {"maxPerFile": count}}}}
    params = {"rootUri": "file:///w", "capabilities": {}, "initializationOptions": everything}
    session = Session(host, Sender(null), params)
    application: Any = Application(count)
    started = time.process_time()
    await session.diagnostics.refresh(application, "/w/a.py")
    taken = time.process_time() - started
    assert null.bytes > 100 * count
    return taken


if __name__ == "__main__":
    print(min(asyncio.run(seconds(int(sys.argv[1]))) for _ in range(5)))
