"""What people wait for in editors: `python -m benchmarks.editors [--json FILE] [--rounds N]`.

VS Code (code-server in Chromium) and Neovim against the real server on the demo's stage, and against
`tests/editors/toy_server.py` for 500 workspaces and 10,000 events. Beside each figure of VS Code stands what a stock
"hello" extension takes for the like without any server (`benchmarks/hello_vscode`), in the same run. Needs the recipes
of `tests/editors`. Exits 1 when the extension takes 100 ms or more to activate: what the extension host itself
measures, loading the code and the call of `activate`, in the quickest round. A machine that does other things too makes
a round slower, never quicker.
"""

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.editors.factory import Factory, factory
from tests.editors.scenario import Scenario, toy
from tests.editors.test_neovim import command_of, environment
from tests.editors.vscode import Window, code_server, window

HERE = Path(__file__).parent
WORKSPACES, EVENTS = 500, 10_000
ACTIVATION_MS = 100
ACTIVATION = "VS Code: activation of the extension (quickest round)"
OPEN_LUA = HERE / "open_file.lua"

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata><Identity Language="en-US" Id="hello" Version="0.0.1" Publisher="factory-ls"/></Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>
"""
TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension=".json" ContentType="application/json"/><Default Extension=".js" ContentType="text/javascript"/>
  <Default Extension=".svg" ContentType="image/svg+xml"/><Default Extension=".vsixmanifest" ContentType="text/xml"/>
</Types>
"""


class Figure(NamedTuple):
    name: str
    ms: float
    """Milliseconds, the median of the rounds."""
    stock_ms: float | None
    """The same with the hello extension; null where there is no like of it."""


def hello(folder: Path) -> Path:
    """The yardstick as a .vsix."""
    path = folder / "hello.vsix"
    with zipfile.ZipFile(path, "w") as vsix:
        vsix.writestr("extension.vsixmanifest", MANIFEST)
        vsix.writestr("[Content_Types].xml", TYPES)
        for name in ("package.json", "extension.js"):
            vsix.write(HERE / "hello_vscode" / name, f"extension/{name}")
        vsix.write(HERE.parent / "editors" / "vscode" / "media" / "factory.svg", "extension/icon.svg")
    return path


@contextmanager
def vscode(scenario: Scenario, *, vsix: Path | None, extra: Mapping[str, str] | None = None) -> Iterator[Window]:
    """A window on the scenario's project, with our extension or the one given."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        env = {**scenario.env, **(extra or {}), "FACTORY_LS": str(scenario.program(folder))}
        with code_server(folder, env, vsix=vsix) as address, window(address, folder) as opened:
            opened.open(scenario.project, scenario.file)
            opened("squiggle")
            yield opened


def median(opened: Window, rounds: int, step: str, *arguments: object) -> float:
    return statistics.median(float(opened(step, *arguments)) for _ in range(rounds))


def activation(opened: Window, scenario: Scenario, name: str) -> float:
    """In a window of its own, after the round before."""
    opened.open(scenario.project, scenario.file)
    opened("squiggle")
    return float(opened("activation", name))


def opening(real: Factory, stock: Path, rounds: int) -> Iterator[Figure]:
    with vscode(real, vsix=None) as ours, vscode(real, vsix=stock) as yardstick:
        activations = [
            [activation(one, real, name) for _ in range(rounds)]
            for one, name in ((ours, "Factory"), (yardstick, "hello"))
        ]
        yield Figure(ACTIVATION, *map(min, activations))
        times = [median(one, rounds, "timeToSquiggle", real.file) for one in (ours, yardstick)]
        yield Figure("VS Code: file opened → diagnostics on screen", *times)


def lists(folder: Path, stock: Path, rounds: int) -> Iterator[Figure]:
    many = {"TOY_WORKSPACES": str(WORKSPACES), "TOY_EVENTS": str(EVENTS)}
    with (
        toy(folder) as scenario,
        vscode(scenario, vsix=None, extra=many) as ours,
        vscode(scenario, vsix=stock) as yardstick,
    ):
        rows = ours("timeToRow", "View: Show Factory", "toy")
        times = rows, yardstick("timeToRow", "View: Show Hello", "hello-1")
        yield Figure(f"VS Code: the view opened → rows of {WORKSPACES} workspaces", *times)
        change = median(ours, rounds, "timeToChange")
        yield Figure(f"VS Code: one of {WORKSPACES} workspaces changes → its row does", change, None)
        page = yardstick("timeToText", "Hello: Page", "the end")
        times = ours("timeToItems", EVENTS // 4 * 3)  # four events of the toy server make three items
        yield Figure(f"VS Code: transcript of {EVENTS} events → its end on screen", times["end"], page)
        yield Figure("VS Code: … from when the panel's page runs", times["ownEnd"], None)
        yield Figure("VS Code: … until all of it can be scrolled to", times["ownAll"], None)


def neovim(real: Factory, folder: Path, rounds: int) -> Figure:
    env = environment(folder, {**real.env, "FACTORY_LS": str(real.program(folder))})
    file = str(real.project / real.file)
    command = command_of("neovim", "--headless", "-l", str(OPEN_LUA), file, str(rounds))
    ran = subprocess.run(command, env=env, cwd=real.project, capture_output=True, text=True, check=True, timeout=300)
    times = json.loads(ran.stdout.splitlines()[-1])
    return Figure("Neovim: file opened → diagnostics", statistics.median(times["ours"]), times["stock"])


def measure(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        stock = hello(folder)
        with factory() as real:
            yield neovim(real, folder, rounds)
            yield from opening(real, stock, rounds)
        yield from lists(folder / "toy", stock, rounds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{platform.platform()}, {shutil.which('chromium') or 'chromium'}; milliseconds, medians of {options.rounds}")
    print(f"{'':<66} {'factory':>9} {'hello':>9}")
    figures = []
    for figure in measure(options.rounds):
        figures.append(figure)
        stock = "" if figure.stock_ms is None else f"{figure.stock_ms:.0f}"
        print(f"{figure.name:<66} {figure.ms:>9.0f} {stock:>9}", flush=True)
    if options.json:
        options.json.write_text(json.dumps([figure._asdict() for figure in figures], indent=2) + "\n")
    took = next(figure.ms for figure in figures if figure.name == ACTIVATION)
    if took >= ACTIVATION_MS:
        print(f"activation took {took:.0f} ms: {ACTIVATION_MS} is too many", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
