"""Failures in the order in which they help, cut to what a prompt may hold."""

from collections.abc import Sequence

from factory_ls.model.problem import Failure, Placement, Problem, Severity
from factory_ls.model.text import clean, one_line

CHARACTERS_A_TOKEN = 4
BUDGET_TOKENS = 2000
_EXCERPT_LINES = 14
_SEVERITIES = tuple(Severity)


def ranked(problems: Sequence[Problem]) -> list[Problem]:
    """Errors before warnings, what stands in today's files before what does not, then in the log's order.

    The same problem (by signature) at several places is told once, at its first.
    """
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.signature or problem.id, problem)
    return sorted(
        first.values(),
        key=lambda p: (
            _SEVERITIES.index(p.severity),
            p.placement is Placement.GONE,
            p.line is None,
            p.log_line if p.log_line is not None else 1 << 40,
        ),
    )


def failures_text(problems: Sequence[Problem], failures: Sequence[Failure] = (), *, tokens: int = BUDGET_TOKENS) -> str:
    """As many failures as fit into `tokens`, numbered: all headings that fit first, then excerpts from the top.

    What was left out is counted in the last line.
    """
    heads = [_heading(p) for p in ranked(problems)] + [_failure_heading(f) for f in failures]
    excerpts = [_excerpt(p.excerpt) for p in ranked(problems)] + [_excerpt(f.excerpt) for f in failures]
    budget = tokens * CHARACTERS_A_TOKEN - 80  # for the last line
    shown = 0
    # Excerpts of the first failures are worth more than headings of the last: keep half of the room for them.
    room = budget // 2 if any(excerpts) else budget
    while shown < len(heads) and (shown == 0 or len(heads[shown]) + 6 <= room):
        room -= len(heads[shown]) + 6
        shown += 1
    left = budget - sum(len(head) + 6 for head in heads[:shown])
    lines: list[str] = []
    for number, (head, excerpt) in enumerate(zip(heads[:shown], excerpts[:shown], strict=True), 1):
        lines.append(f"{number}. {head}")
        if excerpt and len(excerpt) + 1 <= left:
            lines.append(excerpt)
            left -= len(excerpt) + 1
    if rest := len(heads) - shown:
        lines.append(f"… and {rest} more: the tool `list_problems` has them all.")
    return "\n".join(lines) or "(none)"


def _heading(problem: Problem) -> str:
    place = problem.path + "".join(f":{n}" for n in (problem.line, problem.column if problem.line else None) if n)
    rule = f"[{problem.tool}{f' {problem.code}' if problem.code else ''}]"
    test = f" (test {one_line(problem.test, 120)})" if problem.test else ""
    word = "" if problem.severity is Severity.ERROR else f"{problem.severity}: "
    return f"{one_line(place)}: {word}{one_line(problem.message, 300)} {one_line(rule, 80)}{test}"


def _failure_heading(failure: Failure) -> str:
    where = f" (job {one_line(failure.job, 80)})" if failure.job else ""
    return f"{one_line(failure.message, 300)} [{one_line(failure.tool, 40)}]{where}"


def _excerpt(text: str) -> str:
    """Indented, at most some lines: the beginning and the end, which say more than the middle."""
    lines = [line[:200].rstrip() for line in clean(text).strip("\n").split("\n")] if text.strip() else []
    if len(lines) > _EXCERPT_LINES:
        half = _EXCERPT_LINES // 2
        lines = [*lines[:half], "…", *lines[-half:]]
    return "\n".join(f"   | {line}" for line in lines)
