"""`factory-ls workspace`: listed, put away, brought back."""

import sys
from typing import Any

import click

from factory_ls.cli.output import errors_as_json, print_json
from factory_ls.cli.sizes import human
from factory_ls.hub.client import call


@click.group()
def workspace() -> None:
    """Workspaces: list, archive, restore. Starts the hub if need be."""


@workspace.command("list")
@click.option("--archived", is_flag=True, help="Also those that were put away.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_(archived: bool, as_json: bool) -> None:
    """One line each: name, status, branch, what it takes on disk, folder."""
    with errors_as_json():
        found = call("factory.workspace.list", {"archived": archived, "disk": True})
    if as_json:
        print_json(found)
        return
    for one in found:
        columns = (one["name"], one["status"].lower(), one["branch"], human(one["diskBytes"]), one["path"])
        click.echo("\t".join(columns))


@workspace.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Stop what runs in it, and mind no open editor.")
@click.option("--json", "as_json", is_flag=True, help="Print the workspace as JSON.")
def archive(name: str, force: bool, as_json: bool) -> None:
    """Commit what is not committed and remove the worktree of NAME (an id, a name or a path)."""
    _do("factory.workspace.archive", {"workspace": name, "force": force}, as_json=as_json)


@workspace.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the workspace as JSON.")
def restore(name: str, as_json: bool) -> None:
    """Make the worktree of the archived workspace NAME (an id or a name) again, with all that was kept."""
    _do("factory.workspace.restore", {"workspace": name}, as_json=as_json)


def _do(command: str, arguments: dict[str, Any], *, as_json: bool) -> None:
    def progress(message: str, _: float | None) -> None:
        if sys.stderr.isatty():
            click.echo(message, err=True)

    with errors_as_json():
        made = call(command, arguments, progress=progress)
    if as_json:
        print_json(made)
        return
    click.echo(f"{made['name']}: {made['status'].lower()}, branch {made['branch']}, {made['path']}")
    for warning in made["warnings"]:
        click.echo(warning)
