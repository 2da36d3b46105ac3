"""In place of `factory_ls.mcp.asgi`: holds the port and answers nothing."""

from typing import Any


async def start(application: Any, tokens: Any, listener: Any, *, path: str, origins: Any, metrics: Any = None) -> Any:
    async def close() -> None:
        listener.close()

    return close
