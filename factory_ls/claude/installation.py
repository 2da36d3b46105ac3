"""Whether there is a Claude command line, which, whether it is logged in, and whether its API can be reached.

Asks nothing of a model and sends no credentials.
"""

import asyncio
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.process import end, start

SECONDS = 10.0
OLDEST = (2, 1, 330)
"""What is tested. 2.1.197, which npm picks on Node 20, does not say which messages it has answered."""
_INSTALL = "Install it (`npm install -g @anthropic-ai/claude-code`) or set FACTORY_CLAUDE to its path."
UPDATE = "`npm install -g @anthropic-ai/claude-code@latest`; on Node 20, npm picks an old one: name the version."
_LOGIN = "Run `claude` in a terminal and log in with /login, or set ANTHROPIC_API_KEY."
_API = "https://api.anthropic.com"
_ELSEWHERE = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
"""Set for a cloud's own API, whose address is the cloud's business."""


class _Login(msgspec.Struct, rename="camel"):
    """What `claude auth status` prints."""

    logged_in: bool
    auth_method: str = ""


async def version(program: str = "claude", environ: Mapping[str, str] = os.environ) -> str:
    """What `claude --version` says, as `2.1.330`. Raises FactoryError: notInstalled, timeout."""
    code, output = await _run(program, "--version", environ=environ)
    found = re.match(rb"(\d+\.\d+\.\d+)\b", output)
    if code or not found:
        raise FactoryError(
            ErrorKind.NOT_INSTALLED, f"`{program} --version` does not answer as the Claude command line does.", _INSTALL
        )
    return found[1].decode()


def too_old(found: str) -> bool:
    """Whether a version is older than what is tested."""
    return tuple(map(int, found.split("."))) < OLDEST


async def login(program: str = "claude", environ: Mapping[str, str] = os.environ) -> str | None:
    """How it is logged in (`api_key`, `claude.ai`, …); null when it does not tell. Raises FactoryError: notLoggedIn,
    notInstalled, timeout."""
    _, output = await _run(program, "auth", "status", environ=environ)
    try:
        told = msgspec.json.decode(output, type=_Login)
    except msgspec.MsgspecError:
        return None  # another version's words
    if not told.logged_in:
        raise FactoryError(ErrorKind.NOT_LOGGED_IN, "Claude is not logged in.", _LOGIN)
    return told.auth_method or "yes"


async def reach(environ: Mapping[str, str] = os.environ) -> str | None:
    """The API's host, once a connection to it, or to the proxy before it, was made; null where that cannot be tried.
    Raises FactoryError: network, invalid."""
    if any(environ.get(name) for name in _ELSEWHERE):
        return None
    address = environ.get("ANTHROPIC_BASE_URL") or _API
    host, port = _place(address)
    proxy = environ.get("HTTPS_PROXY") or environ.get("https_proxy")
    behind = bool(proxy) and address.startswith("https:") and not _excepted(host, environ)
    target = _place(proxy) if behind and proxy else (host, port)
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(*target)
    except (OSError, TimeoutError) as error:
        why = getattr(error, "strerror", None) or "no answer"
        through = f" through the proxy {target[0]}" if behind else ""
        hint = "Check the network, the proxy (HTTPS_PROXY) and ANTHROPIC_BASE_URL."
        raise FactoryError(ErrorKind.NETWORK, f"{host} cannot be reached{through}: {why}.", hint) from None
    writer.close()
    return host


def _excepted(host: str, environ: Mapping[str, str]) -> bool:
    names = (environ.get("NO_PROXY") or environ.get("no_proxy") or "").replace(",", " ").split()
    return any(name == "*" or f".{host}".endswith(f".{name.lstrip('.')}") for name in names)


def _place(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        hint = "Check ANTHROPIC_BASE_URL and HTTPS_PROXY."
        raise FactoryError(ErrorKind.INVALID, "The address of the API, or of a proxy, cannot be read.", hint)
    return host, port or (443 if parts.scheme == "https" else 80)


async def _run(program: str, *arguments: str, environ: Mapping[str, str]) -> tuple[int, bytes]:
    try:
        process = await start(
            program,
            *arguments,
            env=dict(environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FactoryError(ErrorKind.NOT_INSTALLED, f"{program!a} cannot be run: {reason}.", _INSTALL) from None
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        words = " ".join((program, *arguments))
        hint = "Run it in a terminal."
        raise FactoryError(ErrorKind.TIMEOUT, f"`{words}` took longer than {SECONDS:g} s.", hint) from None
    finally:
        await end(process)
    return process.returncode or 0, output
