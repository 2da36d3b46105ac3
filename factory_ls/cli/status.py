"""`factory-ls status`: what the factory has in hand."""

from typing import Any

import click

from factory_ls.cli.output import errors_as_json, print_json
from factory_ls.cli.sizes import human
from factory_ls.hub.client import call


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print {hub, workspaces} as JSON.")
def status(as_json: bool) -> None:
    """Workspaces with their sessions, pull requests and ratchets, and the GitHub budget. Starts the hub if need be."""
    with errors_as_json():
        workspaces = call("factory.workspace.list", {"disk": True})
        hub = call("factory.hub.status")
    if as_json:
        print_json({"hub": hub, "workspaces": workspaces})
        return
    from rich.console import Console  # noqa: PLC0415 - 60 ms that --json need not pay
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    if not workspaces:
        console.print('No workspaces yet. Make one: factory-ls call factory.workspace.create \'{"repoPath": "…"}\'')
    else:
        table = Table(box=None, pad_edge=False)
        for heading in ("workspace", "status", "pull request", "CI", "ratchet", "sessions", "dev server", "disk"):
            table.add_column(heading)
        for workspace in workspaces:
            table.add_row(*(Text(cell) for cell in _cells(workspace)))
        console.print(table)
        for workspace in workspaces:
            for warning in workspace["warnings"]:
                console.print(Text(f"! {workspace['name']}: {warning}"), soft_wrap=True)
    for budget in hub["githubBudget"]:
        left = f"GitHub {budget['host']}: {budget['remaining']} of {budget['limit']} left until {budget['resetAt']}"
        left += f", {budget['cost']} a look" if budget.get("cost") else ""
        console.print(Text(left))


def _cells(workspace: dict[str, Any]) -> tuple[str, ...]:
    pr, ratchet = workspace["pr"], workspace["ratchet"]
    sessions = [one["status"].lower() for one in workspace["sessions"]]
    return (
        workspace["name"],
        workspace["status"].lower(),
        f"#{pr['number']} {pr['state'].lower()}" if pr else "-",
        pr["ciStatus"].lower() if pr else "-",
        f"{ratchet['state'].lower()}: {ratchet['reason']}" if ratchet["enabled"] else "off",
        ", ".join(sessions) or "-",
        run["url"] if (run := workspace.get("run")) and run["running"] else "-",
        human(workspace["diskBytes"]),
    )
