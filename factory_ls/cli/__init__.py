"""argv to one of the other rooms: one file a command, each imported when it is asked for."""

import importlib
import logging
import os
import sys
from typing import Any

import click

from factory_ls import __version__

COMMANDS = {
    "hub": ("factory_ls.cli.hub", "The hub in the foreground; its status, stop and restart."),
    "mcp": ("factory_ls.cli.mcp", "MCP on stdio, for .mcp.json and a claude in a terminal."),
    "call": ("factory_ls.cli.call", "Run a command of the factory and print its JSON result."),
    "status": ("factory_ls.cli.status", "Workspaces, sessions, pull requests, ratchets."),
    "workspace": ("factory_ls.cli.workspace", "List, archive and restore workspaces."),
    "diagnose": ("factory_ls.cli.diagnose", "Read a CI log and print the problems in it."),
    "doctor": ("factory_ls.cli.doctor", "Check git, gh, claude, the database and the hub."),
    "demo": ("factory_ls.cli.demo", "See the whole way on a throw-away repository."),
}
"""Command → (module, which has a click command of the same name; its line in the help)."""


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: Any = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table says so
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table alone: help need not import seven commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="factory-ls")
def main() -> None:
    """A software factory in any editor that speaks LSP.

    Without a command this is the language server on stdio: what editors start.
    """


def run() -> None:
    """The command line, by which no traceback reaches a user: a bug is an error object, and its details are logged."""
    try:
        main()
    except Exception:
        from factory_ls.cli.output import FAILED, print_error  # noqa: PLC0415
        from factory_ls.hub import logs  # noqa: PLC0415
        from factory_ls.model.errors import ErrorKind, FactoryError  # noqa: PLC0415
        from factory_ls.model.settings import resolve  # noqa: PLC0415

        file = logs.configure(resolve(os.environ).settings, "cli")
        logging.getLogger(__name__).exception("%s", " ".join(sys.argv[1:2]))
        hint = f"This is a bug in factory-ls; {file} has the details." if file else "This is a bug in factory-ls."
        print_error(FactoryError(ErrorKind.INTERNAL, "the command failed", hint))
        sys.exit(FAILED)
