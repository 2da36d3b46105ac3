"""Importing the `mcp` library when it is first needed, off the loop: it takes half a second."""

import asyncio
import importlib
from types import ModuleType


async def load(name: str) -> ModuleType:
    return await asyncio.to_thread(importlib.import_module, name)
