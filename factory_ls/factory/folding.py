"""A workspace's reports and review threads folded into one list of problems, by file. Pure but for links followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from factory_ls.ci.merge import Source, merge
from factory_ls.factory.reviewing import thread_problems
from factory_ls.model.events import CheckReport, ProblemsDismissed
from factory_ls.model.problem import Failure, Problem, Report, Severity
from factory_ls.model.pull_request import PullRequest

PUSHED = "fix pushed, waiting for CI: "
RERUN = "running again, waiting for CI: "


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the fold depends on."""

    reports: tuple[CheckReport, ...]
    head: str
    reviews: tuple[tuple[str, Problem], ...]
    dismissed: frozenset[str]

    @classmethod
    def of(
        cls, reports: tuple[CheckReport, ...] | None, pr: PullRequest | None, dismissed: ProblemsDismissed | None
    ) -> Self:
        head = pr.head_sha if pr else ""
        return cls(
            reports or (),
            head,
            tuple(thread_problems(pr)),
            frozenset(dismissed.problems if dismissed and dismissed.head == head else ()),
        )


@dataclass(frozen=True, eq=False, slots=True)
class Folded:
    inputs: Inputs
    files: Mapping[str, tuple[tuple[str, Problem], ...]]
    """Path in the commit → (commit, problem at its lines in that commit)."""
    elsewhere: tuple[Problem, ...]
    """Problems of files outside the worktree."""
    fresh: tuple[Problem, ...]
    """What the head's failed checks say, also what the user dismissed."""
    failures: tuple[Failure, ...]
    dropped: int
    """Problems beyond what was kept of a log."""


def fold(inputs: Inputs, loaded: Mapping[str, Report], root: Path) -> Folded:
    """`loaded`: report key → report. `root`: the worktree's real path."""
    here = [report for report in inputs.reports if report.key in loaded]
    fresh = [report for report in here if not report.waiting]
    merged = merge([(Source(report.check), loaded[report.key]) for report in fresh])
    commits = {report.check: report.sha for report in fresh}
    found = [(commits.get(problem.check or "", inputs.head), problem) for problem in merged.problems]
    for report in here:
        if report.waiting:
            prefix = RERUN if report.sha == inputs.head else PUSHED
            found += [(report.sha, _waiting(problem, prefix)) for problem in loaded[report.key].problems]
    found += inputs.reviews
    files: dict[str, list[tuple[str, Problem]]] = {}
    elsewhere: list[Problem] = []
    inside: dict[str, bool] = {}
    for commit, problem in found:
        if problem.id in inputs.dismissed:
            continue
        path = problem.path
        if path not in inside:
            inside[path] = is_inside(root, path)
        if inside[path]:
            files.setdefault(path, []).append((commit, problem))
        elif not problem.waiting:
            elsewhere.append(problem)
    return Folded(
        inputs,
        {path: tuple(entries) for path, entries in files.items()},
        tuple(elsewhere),
        merged.problems,
        merged.failures,
        merged.dropped,
    )


def _waiting(problem: Problem, prefix: str) -> Problem:
    return msgspec.structs.replace(problem, severity=Severity.HINT, message=prefix + problem.message, waiting=True)


def is_inside(root: Path, path: str) -> bool:
    """Whether a path from a log names a file in the worktree, links followed: nothing else is ever opened."""
    if not path or path.startswith(("/", "~")) or "\0" in path:
        return False
    try:
        target = (root / path).resolve()
        return target.is_relative_to(root) and ".git" not in target.relative_to(root).parts
    except (OSError, ValueError, RuntimeError):
        return False
