"""Problems in the order in which a reader should meet them, folded. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from factory_ls.model.problem import Placement, Problem, Severity

_SEVERITY = {severity: rank for rank, severity in enumerate(Severity)}
A_RULE_AT_A_TIME = 3
"""So many problems of one rule before other rules have their turn."""


class Folded(NamedTuple):
    """The same thing said about several places of one file."""

    problem: Problem
    """The first of them."""
    lines: tuple[int, ...]
    """Of all of them, in order, each once."""
    times: int


def fold(problems: Sequence[Problem]) -> list[Folded]:
    groups: dict[tuple[object, ...], list[Problem]] = defaultdict(list)
    for problem in problems:
        key = (problem.path, problem.tool, problem.code, problem.message, problem.severity, problem.test)
        groups[key].append(problem)
    return [
        Folded(group[0], tuple(sorted({p.line for p in group if p.line is not None})), len(group))
        for group in groups.values()
    ]


def rank(folded: Sequence[Folded]) -> list[Folded]:
    """Errors first; what the buffer no longer has last; then a few of each rule, in the order in which CI said them.

    Forty times the same lint rule must not hide the one type error behind them.
    """
    seen: Counter[tuple[str, str | None, Severity]] = Counter()
    keyed = []
    for order, item in enumerate(folded):
        problem = item.problem
        rule = (problem.tool, problem.code, problem.severity)
        turn = 0 if problem.test else seen[rule] // A_RULE_AT_A_TIME
        seen[rule] += 1
        gone = problem.placement is Placement.GONE
        keyed.append(((_SEVERITY[problem.severity], gone, turn, order), item))
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]
