"""The repository's own scripts (`factory-factory.json`): setup when a workspace is made, cleanup when it goes."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from factory_ls.factory.process import run_shell
from factory_ls.model.errors import FactoryError
from factory_ls.model.repository_file import FILE_NAME, RepositoryFile, parse

log = logging.getLogger(__name__)

LIMIT_SECONDS = 300.0


async def read_repository_file(worktree: Path) -> RepositoryFile:
    """What the repository says of itself; the defaults when it has no file. Raises `invalid` for a broken one."""
    try:
        text = await asyncio.to_thread((worktree / FILE_NAME).read_bytes)
    except FileNotFoundError:
        return RepositoryFile()
    return parse(text)


class Scripts:
    """`limit` is how many seconds one may take before its whole process tree is ended."""

    def __init__(self, limit: float = LIMIT_SECONDS) -> None:
        self._limit = limit

    async def setup(self, worktree: Path, on_line: Callable[[str], None], kept: Path) -> tuple[str, ...]:
        """Runs `scripts.setup` and keeps the end of its output in the file `kept`. A failure leaves the workspace
        usable: it comes back as warnings."""
        try:
            script = (await read_repository_file(worktree)).scripts.setup
        except FactoryError as error:
            return (str(error),)
        return await self._run("setup", script, worktree, on_line, kept) if script else ()

    async def cleanup(self, worktree: Path, on_line: Callable[[str], None]) -> None:
        """Runs `scripts.cleanup`. Its failure stops nothing."""
        try:
            script = (await read_repository_file(worktree)).scripts.cleanup
        except FactoryError as error:
            log.warning("no cleanup: %s", error)
            return
        for warning in await self._run("cleanup", script, worktree, on_line, None) if script else ():
            log.warning("%s", warning)

    async def _run(
        self, name: str, script: str, worktree: Path, on_line: Callable[[str], None], kept: Path | None
    ) -> tuple[str, ...]:
        try:
            outcome = await run_shell(script, worktree, limit=self._limit, on_line=on_line)
        except OSError as error:
            return (f"The {name} script could not be started: {error}",)
        if kept is not None:
            await asyncio.to_thread(_write, kept, outcome.output)
        if outcome.ok:
            return ()
        how = f"took over {self._limit:.0f} s" if outcome.timed_out else f"ended with exit code {outcome.code}"
        where = f" (all of it: {kept})" if kept is not None else ""
        return (f"The {name} script {how}{where}: {outcome.output[-2000:].strip()}",)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)
