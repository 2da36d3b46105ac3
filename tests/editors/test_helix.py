"""Helix, set up as docs/editors.md tells, with no code of ours: on the screen of a terminal."""

import os
import re
from pathlib import Path

import pytest

from tests.editors.factory import DIVISION, UNUSED, Factory
from tests.editors.scenario import artifacts, wait_until
from tests.editors.terminal import terminal
from tests.tools import require

pytestmark = pytest.mark.editor
GUIDE = Path(__file__).parents[2] / "docs" / "editors.md"


def test_diagnostics_and_a_code_action(real: Factory, tmp_path: Path) -> None:
    toml = re.search(r"## Helix.*?```toml\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert toml
    settings = tmp_path / "config" / "helix" / "languages.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(toml[1].replace('"factory-ls"', f'"{real.program(tmp_path)}"'))
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **real.env, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    command = [str(require("helix") / "hx"), real.file]
    with terminal(command, env=env, cwd=real.project, artifacts=artifacts(tmp_path)) as screen:
        screen.until("● 2")
        screen.keys("]", "d")
        assert "● 3 import math" in re.sub(" +", " ", screen.until(UNUSED))
        screen.keys("]", "d")
        screen.until(DIVISION)
        screen.keep("helix-diagnostics")
        screen.keys("g", "g", "O", "# one more", "Escape")
        screen.until(" NOR ")  # a key right after Escape would be one with Alt
        screen.keys("]", "d")
        screen.until(UNUSED)  # it moved along
        wait_until(lambda: "● 4 import math" in re.sub(" +", " ", screen.screen()), "a line further down")
        screen.keys("Space", "a")
        screen.until("Fix with Claude")
        screen.keep("helix-code-action")
        screen.keys("Enter")
        wait_until(lambda: bool(real.sessions("fix")), "a Claude session")
