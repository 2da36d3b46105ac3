"""The ratchet on failing checks, end to end. Behaviours by number: `tests/e2e/test_ratchet_behaviours.py`."""

import pytest

from factory_ls.demo.scene import Scene
from tests.e2e.ratchet_stage import Model, staged


async def test_a_failing_check_is_fixed_proved_and_pushed_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.model.script = model = Model()
    async with staged(scene, monkeypatch) as stage:
        pull = await stage.pull()
        red = pull.head_sha
        workspace = await stage.workspace()
        seen = await stage.ready(workspace)

        assert pull.head_sha != red
        assert stage.jobs(pull.head_sha)["test"].conclusion == "SUCCESS"
        assert seen.proof
        assert (seen.proof.command, seen.proof.red, seen.proof.green) == ("bash check.sh", 1, 0)
        assert seen.proof.commit == pull.head_sha
        assert "Factory-Proof: bash check.sh: exit 1 before, exit 0 after" in await stage.message(pull.head_sha)
        assert len(stage.fixers(workspace)) == 1
        assert "the value is bad" in model.prompts[0]
        trace = (await stage.command("ratchet.explain", workspace=workspace))["trace"]
        assert trace[-1]["rule"] == "clean"
