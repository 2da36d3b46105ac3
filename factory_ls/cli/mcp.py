"""`factory-ls mcp`: stdio to the hub, which speaks MCP."""

import json
import os
import sys
from pathlib import Path

import click

from factory_ls import __version__
from factory_ls.cli.output import errors_as_json
from factory_ls.hub.forward import pump
from factory_ls.hub.starting import NoHubError, connect
from factory_ls.model.errors import ErrorKind, FactoryError


@click.command()
def mcp() -> None:
    """MCP on stdio. The workspace is found from the current folder.

    In a project's .mcp.json: {"mcpServers": {"factory": {"command": "factory-ls", "args": ["mcp"]}}}
    """
    hello = {"kind": "mcp", "version": __version__, "folder": str(Path.cwd())}
    with errors_as_json():
        try:
            connection = connect(json.dumps(hello).encode() + b"\n", os.environ)
        except NoHubError as error:
            raise FactoryError(ErrorKind(error.kind), str(error), error.hint) from error
    code = pump(connection)
    sys.stderr.flush()
    os._exit(code)  # the thread that reads stdin is blocked in it
