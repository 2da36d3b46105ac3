"""Every tool, in the order in which they are shown."""

from factory_ls.mcp.tool import Tool
from factory_ls.mcp.tools import fixes, logs, problems, pull_requests, ratchet, reviews, sessions, workspaces

_GROUPS = (workspaces, pull_requests, problems, logs, reviews, ratchet, fixes, sessions)
TOOLS: dict[str, Tool] = {tool.name: tool for group in _GROUPS for tool in group.TOOLS}
