"""What editors say of the ratchet: its proof where a problem is, its rules when asked to explain."""

from types import SimpleNamespace
from typing import Any, cast

from factory_ls.lsp import hover, running
from factory_ls.model.ratchet import Proof, Ratchet, RatchetState, TraceStep
from factory_ls.model.workspace import Workspace

PROOF = Proof(command="make *test*", red=2, green=0, seconds=3.21, commit="c0ffee" * 6, cost_usd=0.123)
SHOWN = "make *test*: exit 2 before, exit 0 after (3.2 s, $0.12, commit c0ffeec0ff)"
RATCHET = Ratchet(enabled=True, state=RatchetState.CI_RUNNING, reason="Waiting for test to finish.", proof=PROOF)


def test_the_proof_is_part_of_the_hover() -> None:
    application = SimpleNamespace(workspace=lambda _: SimpleNamespace(ratchet=RATCHET))
    said = hover._ratchet(cast("Any", application), "w")
    assert [text.replace("\\", "") for text in said] == ["Ratchet: Waiting for test to finish.", f"Proof: {SHOWN}"]
    assert "make \\*test\\*" in said[1]


def test_a_command_that_could_not_be_run_says_so() -> None:
    proof = Proof(command="x", red=None, green=None, seconds=0.0, note="no command known")
    assert hover.proved(proof) == "x: not run here (0.0 s, $0.00, no command known)"


async def test_explaining_gives_the_proof_and_the_rules_in_order() -> None:
    steps = (TraceStep(rule="merged", saw="not merged", said="go on"), TraceStep(rule="x", saw="a\nb", said="Wait."))
    workspace = cast("Workspace", SimpleNamespace(id="w", name="n", pr=None, ratchet=RATCHET))
    shown: list[str] = []

    async def application() -> Any:
        return SimpleNamespace(workspace=lambda _: workspace)

    async def execute(command: str, arguments: Any, _: Any) -> Ratchet:
        assert (command, arguments) == ("factory.ratchet.explain", {"workspace": "w"})
        return Ratchet(trace=steps)

    session = SimpleNamespace(application=application, execute=execute, show_message=lambda _, text: shown.append(text))
    answer = await running.explain(cast("Any", session), {"workspace": "w"}, cast("Any", None))
    assert answer["text"].splitlines() == [
        "n",
        "ratchet: Waiting for test to finish.",
        f"proof: {SHOWN}",
        "- merged: not merged. go on",
        "- x: a b. Wait.",
    ]
    assert shown == [answer["text"]]
