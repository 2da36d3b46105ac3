"""`factory-ls hub`: the hub in the foreground, and what can be asked of a running one."""

import os

import click

from factory_ls.cli.output import errors_as_json, print_json
from factory_ls.hub import client, rendezvous
from factory_ls.model.errors import ErrorKind, FactoryError


@click.group(invoke_without_command=True)
@click.pass_context
def hub(context: click.Context) -> None:
    """Run the hub in the foreground, until Ctrl-C or until it has been idle for a minute.

    Editors and commands start it in the background by themselves.
    """
    if context.invoked_subcommand is not None:
        return
    from factory_ls.hub.daemon import run  # noqa: PLC0415 - the subcommands need none of it

    with errors_as_json():
        try:
            place = rendezvous.locate(os.environ)
            lock = rendezvous.claim(place.lock)
            if lock is None:
                raise FactoryError(
                    ErrorKind.CONFLICT, "a hub is already running", "`factory-ls hub status` tells which."
                )
            listener = rendezvous.listen(place, lock)
        except OSError as error:
            hint = "`factory-ls doctor` tells what is in its way."
            raise FactoryError(ErrorKind.DENIED, f"no hub can run here: {error}", hint) from error
    os.umask(0o077)
    run(os.environ, lock, listener)


@hub.command()
@click.option("--json", "as_json", is_flag=True, help="Print the HubStatus object.")
def status(as_json: bool) -> None:
    """Which hub runs, and for how many editors and sessions. Exits 1 when none does."""
    with errors_as_json():
        found = client.call("factory.hub.status", start=False)
    if as_json:
        print_json(found)
        return
    click.echo(f"process {found['pid']}, version {found['version']}, since {found['startedAt']}")
    click.echo(f"{found['editors']} editors, {found['sessions']} sessions, MCP at {found['mcpUrl'] or '(not yet)'}")
    for budget in found["githubBudget"]:
        click.echo(f"{budget['host']}: {budget['remaining']} of {budget['limit']} left until {budget['resetAt']}")


@hub.command()
def stop() -> None:
    """End the hub. Claude sessions go on; the next hub finds them again."""
    with errors_as_json():
        click.echo("The hub has ended." if client.stop() else "No hub was running.")


@hub.command()
def restart() -> None:
    """End the hub and start another, of this version."""
    with errors_as_json():
        client.stop()
        found = client.call("factory.hub.status")
    click.echo(f"The hub runs as process {found['pid']}, version {found['version']}.")
