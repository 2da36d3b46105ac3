"""`factory-ls demo`: the main job on a throw-away repository, with no account and no network."""

import asyncio
import shlex
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from factory_ls.demo.scene import Programs, Scene, too_long
from factory_ls.demo.story import Story, Told, stop_hub
from factory_ls.model.errors import FactoryError


@click.command()
@click.option("--keep", is_flag=True, help="Leave everything in place and say how to open it in an editor.")
@click.option("--stand-ins", is_flag=True, help="Use the stand-ins even where the real gh and claude are installed.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to play (default: a new temporary folder).")
@click.option("--svg", type=click.Path(path_type=Path), help="Also draw what was printed into this file.")
def demo(*, keep: bool, stand_ins: bool, folder: Path | None, svg: Path | None) -> None:
    """Plays the main job on a throw-away repository: a failing check in the buffer, to Claude, and back to green.

    Nothing leaves this machine and no account is needed. GitHub is a stand-in that really runs the repository's
    checks; the model's edits are scripted for this repository.
    """
    console = Console(highlight=False, record=svg is not None, width=110 if svg else None)
    place = folder or Path(tempfile.mkdtemp(prefix="factory-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    if any(place.iterdir()):
        raise click.UsageError(f"{place} is not empty.")
    if error := too_long(place.resolve()):
        raise click.UsageError(str(error))
    programs = Programs(gh=None, claude=None) if stand_ins else Programs.found()
    try:
        asyncio.run(_play(place, programs, console, keep=keep))
    except FactoryError as error:
        console.print(f"[red]The demo did not come to its end:[/] {escape(str(error))}")
        console.print(f"Everything is still in {place}; the hub's log is in {place / 'factory/logs'}.")
        sys.exit(1)
    if svg:
        console.save_svg(str(svg), title="factory-ls demo")
    if not keep:
        shutil.rmtree(place, ignore_errors=True)


async def _play(place: Path, programs: Programs, console: Console, *, keep: bool) -> None:
    console.print(f"gh: {_which(programs.gh)}   claude: {_which(programs.claude)}")
    console.print(
        "GitHub and the model are stand-ins on this machine; the model's edits are scripted for this repository.\n"
    )
    started = time.monotonic()
    async with Scene(place, programs=programs) as scene:
        story = Story(scene, console)
        try:
            told = await story.tell()
            _summary(told, time.monotonic() - started, console)
            if keep:
                await _stay(scene, story, console)
        finally:
            await stop_hub(scene)


def _which(program: str | None) -> str:
    return "the real one" if program else "a stand-in that speaks its protocol"


def _summary(told: Told, seconds: float, console: Console) -> None:
    table = Table(title="What happened", title_justify="left", show_edge=False)
    table.add_column("step")
    table.add_column("seconds", justify="right")
    for title, took in told.steps:
        table.add_row(title, f"{took:.1f}")
    table.add_row("all", f"{seconds:.1f}", style="bold")
    console.print()
    console.print(table)
    ratchet = told.ratchet
    console.print(
        f"\n{ratchet['attempts']} attempt, {told.tokens} tokens (${ratchet['spentUsd']:.4f}), "
        f"{told.requests} requests to GitHub."
    )


async def _stay(scene: Scene, story: Story, console: Console) -> None:
    """Keeps the stand-ins up so that the workspace can be looked at in a real editor, until Ctrl-C."""
    environ = scene.folder / "environment"
    environ.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in scene.environ.items()))
    console.print(f"\nKept in {scene.folder}. In another terminal:")
    console.print(f"   . {shlex.quote(str(environ))}")
    console.print(
        f"   code {shlex.quote(str(story.file.parents[1]))}     # VS Code, with the extension of editors/vscode"
    )
    console.print(f"   nvim {shlex.quote(str(story.file))}     # Neovim, with the plugin of editors/neovim")
    console.print("Break something, commit and push: the checks run again.")
    if sys.stdin.isatty():
        console.print("Ctrl-C ends the stand-ins and the hub.")
        await asyncio.Event().wait()
