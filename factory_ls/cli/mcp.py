"""`factory-ls mcp`: stdio to the hub, which speaks MCP; and the lines clients need to start it."""

import json
import os
import shutil
import sys
from pathlib import Path

import click

from factory_ls import __version__
from factory_ls.cli.output import errors_as_json, print_json
from factory_ls.hub.starting import NoHubError
from factory_ls.model.errors import ErrorKind, FactoryError


@click.group(invoke_without_command=True)
@click.pass_context
def mcp(context: click.Context) -> None:
    """MCP on stdio. The workspace is found from the current folder.

    In a project's .mcp.json: {"mcpServers": {"factory": {"command": "factory-ls", "args": ["mcp"]}}}
    """
    if context.invoked_subcommand is not None:
        return
    from factory_ls.hub.bridge import Bridge  # noqa: PLC0415 - `install` needs none of it

    hello = {"kind": "mcp", "version": __version__, "folder": str(Path.cwd())}
    with errors_as_json():
        try:
            code = Bridge(json.dumps(hello).encode() + b"\n", os.environ).run()
        except NoHubError as error:
            raise FactoryError(ErrorKind(error.kind), str(error), error.hint) from error
    sys.stderr.flush()
    os._exit(code)  # the thread that reads stdin is blocked in it


@mcp.command()
@click.option("--user", is_flag=True, help="For every folder: in Claude's own configuration of the user.")
@click.option("--print", "only_print", is_flag=True, help="Print the lines for any client; write nothing.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
def install(folder: Path, user: bool, only_print: bool) -> None:
    """Add the factory to FOLDER's .mcp.json, or with --user to the user's Claude configuration, and show it."""
    from factory_ls.mcp import install as installing  # noqa: PLC0415 - only here

    # What is in a repository is read on other machines too: there the name alone must do.
    command = _command() if user or only_print else ["factory-ls"]
    if only_print:
        print_json({"mcpServers": {installing.NAME: installing.entry(command)}})
        return
    path = _user_file() if user else folder / ".mcp.json"
    with errors_as_json():
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = installing.added(before, command)
        if after != before:
            installing.write(path, after, private=user)
    click.echo(f"{'added to' if after != before else 'is already in'} {path}:")
    print_json({"mcpServers": {installing.NAME: installing.entry(command)}})


def _command() -> list[str]:
    """This very factory-ls: by its path, since clients that a desktop starts have another PATH."""
    script = shutil.which(sys.argv[0])
    if script and Path(script).name == "factory-ls":
        return [str(Path(script).absolute())]
    return [sys.executable, "-m", "factory_ls"]


def _user_file() -> Path:
    folder = os.environ.get("CLAUDE_CONFIG_DIR")
    return (Path(folder) if folder else Path.home()) / ".claude.json"
