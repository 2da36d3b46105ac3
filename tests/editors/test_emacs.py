"""A bare LSP client: Emacs' Eglot, set up as README tells, with no code of ours."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.editors.factory import DIVISION, UNUSED, Factory
from tests.editors.scenario import wait_until
from tests.tools import require

pytestmark = pytest.mark.editor
STORY = Path(__file__).parent / "emacs" / "story.el"


def test_diagnostics_and_a_code_action(real: Factory, tmp_path: Path) -> None:
    emacs = str(require("emacs") / "emacs")
    file = str(real.project / real.file)
    ran = subprocess.run(
        [emacs, "-q", "--batch", "--load", str(STORY), "--", str(real.program(tmp_path)), file],
        env=dict(real.env), cwd=real.project, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert seen["first"] == [3, 13]
    assert seen["moved"] == [5, 15]
    assert any(UNUSED in text for text in seen["texts"])
    assert any(DIVISION in text for text in seen["texts"])
    assert "Re-run failed jobs" in seen["titles"]
    wait_until(lambda: bool(real.sessions("fix")), "a Claude session")
