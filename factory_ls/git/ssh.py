"""What a host is called behind the user's ssh configuration."""

import asyncio
import os
import re
from collections.abc import Mapping

from factory_ls.process import end, start

_SECONDS = 5.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


async def host_name(host: str, environment: Mapping[str, str] | None = None) -> str:
    """The real name of `host`, which may be an alias (`Host work` with `HostName ghe.example.com`): what `ssh -G` says,
    which connects to nobody. `host` itself when ssh cannot be asked."""
    if not _NAME.fullmatch(host):
        return host
    try:
        process = await start(
            "ssh", "-G", "--", host, env=dict(os.environ if environment is None else environment),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return host
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        return host
    finally:
        await end(process)
    found = re.search(rb"^hostname (\S+)$", output, re.MULTILINE)
    name = found[1].decode("ascii", "replace").lower() if found else host
    return name if _NAME.fullmatch(name) else host
