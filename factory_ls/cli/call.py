"""`factory-ls call COMMAND [JSON]`: any command of the factory, through the hub."""

import os
import sys
from typing import Any

import click
import msgspec

from factory_ls.cli.output import errors_as_json, print_json
from factory_ls.hub.client import call as run


@click.command()
@click.argument("command")
@click.argument("arguments", required=False, metavar="[JSON]")
def call(command: str, arguments: str | None) -> None:
    """Run COMMAND, such as factory.workspace.list, with one JSON object of arguments, and print its JSON result.

    The hub is started if it does not run. Progress goes to stderr. `-` reads the object from stdin.
    """
    text = sys.stdin.buffer.read() if arguments == "-" else os.fsencode(arguments or "")
    parsed: dict[str, Any] | None = None
    if text:
        try:
            parsed = msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeError) as error:
            raise click.BadParameter(f"not a JSON object: {error}", param_hint="JSON") from error
    with errors_as_json():
        print_json(run(command, parsed, progress=_progress))


def _progress(message: str, percent: float | None) -> None:
    sys.stderr.write(f"{message} ({percent:.0f} %)\n" if percent is not None else f"{message}\n")
