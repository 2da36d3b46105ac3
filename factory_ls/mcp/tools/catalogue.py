"""Every tool, in the order in which they are shown."""

from factory_ls.mcp.tool import Tool
from factory_ls.mcp.tools import logs, problems, pull_requests, workspaces

TOOLS: dict[str, Tool] = {
    tool.name: tool for tool in (*workspaces.TOOLS, *pull_requests.TOOLS, *problems.TOOLS, *logs.TOOLS)
}
