"""Whether there is a Claude command line, and which."""

import asyncio
import os
import re
from collections.abc import Mapping

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.process import end, start

SECONDS = 10.0
_HINT = "Install it (`npm install -g @anthropic-ai/claude-code`) or set FACTORY_CLAUDE to its path."


async def version(program: str = "claude", environ: Mapping[str, str] = os.environ) -> str:
    """What `claude --version` says, as `2.1.330`. Raises FactoryError: notInstalled, timeout."""
    try:
        process = await start(
            program,
            "--version",
            env=dict(environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FactoryError(ErrorKind.NOT_INSTALLED, f"{program!a} cannot be run: {reason}.", _HINT) from None
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        raise FactoryError(
            ErrorKind.TIMEOUT, f"`{program} --version` took longer than {SECONDS:g} s.", "Run it in a terminal."
        ) from None
    finally:
        await end(process)
    found = re.match(rb"(\d+\.\d+\.\d+)\b", output)
    if process.returncode or not found:
        raise FactoryError(
            ErrorKind.NOT_INSTALLED, f"`{program} --version` does not answer as the Claude command line does.", _HINT
        )
    return found[1].decode()
