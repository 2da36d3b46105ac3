"""What an editor test needs to know of the server it runs against."""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.editors import toy_server


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A project with a CI problem, and the server that shows it."""

    command: tuple[str, ...]
    """What the editor starts, on stdio."""
    project: Path
    """A Git worktree: the folder the editor opens."""
    file: str
    """Relative path of the file with the problem."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment of the editor, and so of the server."""

    def program(self, folder: Path) -> Path:
        """The command as one executable file, as `FACTORY_LS` and `factory.server.path` want it."""
        path = folder / "server"
        path.write_text(f'#!/bin/sh\nexec {shlex.join(self.command)} "$@"\n')
        path.chmod(0o700)
        return path


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 120) -> None:
    """The limit is for a machine that does ten other things."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def recorded(scenario: Scenario) -> list[tuple[str, dict[str, object]]]:
    """Commands the toy server got, with their argument."""
    path = Path(scenario.env["TOY_RECORD"])
    lines = path.read_text().splitlines() if path.exists() else []
    return [(line["command"], line["arguments"][0]) for line in map(json.loads, lines)]


@contextmanager
def toy(folder: Path) -> Iterator[Scenario]:
    """A server that records what it is sent: for what a client asks, and for answers a real one gives rarely."""
    project = folder / "project"
    (project / "src").mkdir(parents=True)
    (project / "src" / "broken.py").write_text("# A file\n\nassert 1 == 2  # BROKEN\n\n# the end  # REVIEWED\n")
    name = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com")
    for arguments in (
        ("init", "--quiet"),
        (*name, "commit", "--quiet", "--allow-empty", "-m", "One"),
        ("branch", "feature"),
    ):
        subprocess.run(["git", "-C", project, *arguments], check=True)
    yield Scenario(
        command=(sys.executable, str(Path(toy_server.__file__))),
        project=project,
        file="src/broken.py",
        env={"TOY_RECORD": str(folder / "commands.jsonl")},
    )


def artifacts(fallback: Path) -> Path:
    """Where screenshots go: $FACTORY_TEST_ARTIFACTS, else the test's own temporary folder."""
    folder = Path(os.environ.get("FACTORY_TEST_ARTIFACTS") or fallback) / "editors"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
