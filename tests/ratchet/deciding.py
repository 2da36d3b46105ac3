"""Short ways to decide, and memories that some history has left."""

from typing import Any

import msgspec

from factory_ls.model.ratchet import Proof
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.decide import Decision, decide
from factory_ls.ratchet.limits import Limits
from factory_ls.ratchet.memory import Memory, Outcome
from factory_ls.ratchet.observation import Observation
from factory_ls.ratchet.rules import Action
from tests.ratchet.build import at, seen

LIMITS = Limits()
PROOF = Proof(command="pytest", red=1, green=0, seconds=1.0)


def look(observation: Observation, memory: Memory = Memory(), **limits: Any) -> Decision:  # noqa: B008 — frozen
    return decide(observation, memory, msgspec.structs.replace(LIMITS, **limits))


def sent(observation: Observation = seen(), **limits: Any) -> Memory:  # noqa: B008
    """The memory after a fixer was dispatched for `observation`."""
    decision = look(observation, **limits)
    assert decision.action is Action.DISPATCH, decision.reason
    return decision.dispatched("fixer", observation.at)


def unmergeable(observation: Observation) -> Memory:
    """The memory after the base branch could not be merged without a fixer."""
    decision = look(observation)
    assert decision.action is Action.MERGE, decision.reason
    return remember.base_not_merged(remember.merging(decision.memory, decision.items[0]), "main conflicts with it")


def done(memory: Memory | None = None) -> Memory:
    return remember.settled(memory or sent(), Outcome.COMPLETED)


def fixed(head: str = "head2") -> Memory:
    """The memory after a fixer proved its fix and pushed it as `head`."""
    memory = remember.proved(sent(), PROOF, commit=head, at=at(5), urls={"sig assert 1 == 2": "https://ci/1"})
    return remember.settled(memory, Outcome.COMPLETED)
