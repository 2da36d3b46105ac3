"""`factory-ls doctor`: whether everything is there, on one line each."""

import asyncio
import os
import sys

import click
import msgspec

from factory_ls.factory.doctor import Diagnosis, examine
from factory_ls.model.hub import FindingStatus as Status
from factory_ls.model.settings import Source, resolve

_MARKS = {Status.OK: ("ok", "green"), Status.WARNING: ("!", "yellow"), Status.MISSING: ("no", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: ok, findings, settings.")
def doctor(as_json: bool) -> None:
    """Check git, gh, claude, logins, database, folders and hub, and show the settings with where each came from.

    Changes nothing. Exits 1 when something needed is missing.
    """
    diagnosis = asyncio.run(examine(resolve(os.environ)))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(diagnosis), indent=2))
    else:
        _show(diagnosis)
    sys.exit(0 if diagnosis.ok else 1)


def _show(diagnosis: Diagnosis) -> None:
    for finding in diagnosis.findings:
        mark, colour = _MARKS[finding.status]
        click.echo(f"{click.style(f'{mark:>2}', fg=colour)}  {finding.name}: {finding.message}")
        if finding.hint:
            click.echo(f"    → {finding.hint}")
    click.echo("\nSettings that are not the defaults:")
    for setting in diagnosis.settings:
        if setting.source != Source.DEFAULT:
            click.echo(f"    {setting.name} = {setting.value} ({setting.source})")
    click.echo("    (`--json` shows all)")
