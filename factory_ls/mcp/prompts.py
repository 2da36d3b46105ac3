"""MCP prompts: the files of `prompts/`, filled with what is known of the workspace."""

from typing import Any, cast

from factory_ls.factory.prompt_commands import KNOWN, RenderedPrompt
from factory_ls.factory.prompts import PromptInfo
from factory_ls.mcp.tool import Call
from factory_ls.model.text import clean

MAX_VALUE = 50_000


async def listed(call: Call) -> list[dict[str, Any]]:
    """As `prompts/list` shows them: what the factory knows by itself need not be given."""
    found = cast("list[PromptInfo]", await call.execute("factory.prompt.list"))
    workspace = {"name": "workspace", "description": "Id, name or path. Leave out for the current one."}
    return [
        {
            "name": prompt.name,
            "description": prompt.description,
            "arguments": [
                workspace,
                *({"name": name, "required": False} for name in prompt.arguments if name not in KNOWN),
            ],
        }
        for prompt in found
    ]


async def rendered(name: str, arguments: dict[str, str], call: Call) -> RenderedPrompt:
    """Raises FactoryError: `notFound` for an unknown prompt, and what `Call.workspace` raises."""
    workspace = call.workspace(arguments.get("workspace"))
    values = {key: value[:MAX_VALUE] for key, value in arguments.items() if key != "workspace"}
    answer = await call.execute("factory.prompt.render", workspace=workspace.id, name=name, values=values)
    prompt = cast("RenderedPrompt", answer)
    return RenderedPrompt(name=prompt.name, description=prompt.description, text=clean(prompt.text))
