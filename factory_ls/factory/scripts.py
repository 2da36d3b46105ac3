"""The repository's own scripts (`factory-factory.json`): setup when a workspace is made, cleanup when it goes."""

import asyncio
import logging
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
    async def setup(self, worktree: Path, on_line: Callable[[str], None]) -> tuple[str, ...]:
        """Runs `scripts.setup`. A failure leaves the workspace usable: it comes back as warnings."""
        try:
            script = (await read_repository_file(worktree)).scripts.setup
        except FactoryError as error:
            return (str(error),)
        return await _run("setup", script, worktree, on_line) if script else ()

    async def cleanup(self, worktree: Path, on_line: Callable[[str], None]) -> None:
        """Runs `scripts.cleanup`. Its failure stops nothing."""
        try:
            script = (await read_repository_file(worktree)).scripts.cleanup
        except FactoryError as error:
            log.warning("no cleanup: %s", error)
            return
        for warning in await _run("cleanup", script, worktree, on_line) if script else ():
            log.warning("%s", warning)


async def _run(name: str, script: str, worktree: Path, on_line: Callable[[str], None]) -> tuple[str, ...]:
    outcome = await run_shell(script, worktree, limit=LIMIT_SECONDS, on_line=on_line)
    if outcome.ok:
        return ()
    how = f"took over {LIMIT_SECONDS:.0f} s" if outcome.timed_out else f"ended with exit code {outcome.code}"
    return (f"The {name} script {how}: {outcome.output[-2000:].strip()}",)
