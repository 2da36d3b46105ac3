"""A workspace's reports and review threads folded into one list of problems, by file. Pure but for links followed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from factory_ls.ci.merge import Source, merge
from factory_ls.factory.reviewing import thread_problems
from factory_ls.model.events import CheckReport, ProblemsDismissed
from factory_ls.model.problem import Failure, Problem, Report, Severity
from factory_ls.model.pull_request import PullRequest

PUSHED = "fix pushed, waiting for CI: "
RERUN = "running again, waiting for CI: "
MOST_PROBLEMS = 10_000
"""Of one workspace: the weightiest are kept, the others counted."""
_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2, Severity.HINT: 3}


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


class Merged(NamedTuple):
    """What the head's failed checks say, the same problem once for each commit that was checked out."""

    problems: tuple[tuple[str, Problem], ...]
    """Commit → problem at its lines in that commit."""
    failures: tuple[Failure, ...]
    dropped: int


def merged(reports: Iterable[CheckReport], loaded: Mapping[str, Report]) -> Merged:
    """Takes a second for 50,000 problems: not for the event loop."""
    by_commit: dict[str, list[tuple[Source, Report]]] = {}
    for one in reports:
        if not one.waiting and one.key in loaded:
            report = loaded[one.key]
            by_commit.setdefault(report.commit or one.sha, []).append((Source(one.check), report))
    parts = {commit: merge(some) for commit, some in by_commit.items()}
    problems = [(commit, problem) for commit, part in parts.items() for problem in part.problems]
    more = max(0, len(problems) - MOST_PROBLEMS)
    if more:
        weightiest = sorted(range(len(problems)), key=lambda index: (_WEIGHT[problems[index][1].severity], index))
        problems = [problems[index] for index in sorted(weightiest[:MOST_PROBLEMS])]
    failures = merge((Source(""), msgspec.structs.replace(part, problems=())) for part in parts.values()).failures
    return Merged(tuple(problems), failures, more + sum(part.dropped for part in parts.values()))


def fold(inputs: Inputs, said: Merged, loaded: Mapping[str, Report], root: Path) -> Folded:
    """`loaded`: report key → report. `root`: the worktree's real path."""
    found = list(said.problems)
    for report in inputs.reports:
        if report.waiting and report.key in loaded:
            prefix = RERUN if report.sha == inputs.head else PUSHED
            known = loaded[report.key]
            room = MOST_PROBLEMS - len(found)
            found += [(known.commit or report.sha, _waiting(problem, prefix)) for problem in known.problems[:room]]
    found += inputs.reviews
    files: dict[str, list[tuple[str, Problem]]] = {}
    elsewhere: list[Problem] = []
    inside = _Inside(root)
    for commit, problem in found:
        if problem.id in inputs.dismissed:
            continue
        if inside.holds(problem.path):
            files.setdefault(problem.path, []).append((commit, problem))
        elif not problem.waiting:
            elsewhere.append(problem)
    return Folded(
        inputs,
        {path: tuple(entries) for path, entries in files.items()},
        tuple(elsewhere),
        tuple([problem for _, problem in said.problems]),
        said.failures,
        said.dropped,
    )


def _waiting(problem: Problem, prefix: str) -> Problem:
    return msgspec.structs.replace(problem, severity=Severity.HINT, message=prefix + problem.message, waiting=True)


class _Inside:
    """Whether a path from a log names a file in the worktree, links followed: nothing else is ever opened.

    A log can name thousands of files: each folder's links are followed once.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, bool] = {}
        self._folders: dict[str, bool] = {}

    def holds(self, path: str) -> bool:
        if path not in self._known:
            self._known[path] = self._look(path)
        return self._known[path]

    def _look(self, path: str) -> bool:
        if not path or path.startswith(("/", "~")) or "\0" in path:
            return False
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self._resolves(folder or ".")
        if not self._folders[folder] or name in ("", ".", "..", ".git"):
            return False
        return not (self._root / path).is_symlink() or self._resolves(path)

    def _resolves(self, path: str) -> bool:
        try:
            target = (self._root / path).resolve()
            return target.is_relative_to(self._root) and ".git" not in target.relative_to(self._root).parts
        except (OSError, ValueError, RuntimeError):
            return False
