"""A workspace's reports and review threads folded into one list of problems, by file. Pure but for links followed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from factory_ls.ci.merge import Source, merge
from factory_ls.ci.signature import signature
from factory_ls.factory.reviewing import thread_problems
from factory_ls.model.events import CheckReport, ProblemsDismissed
from factory_ls.model.problem import Failure, Problem, Report, Severity
from factory_ls.model.pull_request import PullRequest

PUSHED = "fix pushed, waiting for CI: "
RERUN = "running again, waiting for CI: "
FAILURE = "failure:"
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
    silent: tuple[Failure, ...] = ()
    """One for each failed check that tells nothing else."""


class Merged(NamedTuple):
    """What the head's failed checks say, the same problem once for each commit that was checked out."""

    problems: tuple[tuple[str, Problem], ...]
    """Commit → problem at its lines in that commit."""
    failures: tuple[Failure, ...]
    dropped: int
    shown: tuple[tuple[str, Problem], ...] = ()
    """Commit → failure without a place, at its step in the CI configuration."""
    silent: tuple[Failure, ...] = ()
    """One for each failed check that tells nothing else."""


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
    dropped = more + sum(part.dropped for part in parts.values())
    told = [(commit, source.name, report) for commit, some in by_commit.items() for source, report in some]
    silent = tuple(_silent(check, report) for _, check, report in told if _tells_nothing(report))
    shown = tuple(_shown((*failures, *silent), dropped, told))
    return Merged(tuple(problems), failures, dropped, shown, silent)


def _tells_nothing(report: Report) -> bool:
    return not report.failures and not any(one.severity is Severity.ERROR for one in report.problems)


def _silent(check: str, report: Report) -> Failure:
    place = {"path": report.origin.path, "line": report.origin.line} if report.origin else {}
    failure = Failure(tool="github", message=f"{check} failed and tells no more here.", job=check)
    return msgspec.structs.replace(failure, **place)


def failure_id(failure: Failure) -> str:
    """The id under which a failure without a place is shown at its step in the CI configuration."""
    return FAILURE + signature(failure.tool, failure.job or "", None, None, failure.message)


def counted(dropped: int) -> Failure:
    """What is said of problems beyond the limit."""
    return Failure(tool="factory-ls", message=f"{dropped} more problems were counted only.")


def _shown(
    failures: Iterable[Failure], dropped: int, told: Sequence[tuple[str, str, Report]]
) -> Iterator[tuple[str, Problem]]:
    """Failures without a place where an editor can show them, and how many problems were dropped."""
    commits = {check: commit for commit, check, _ in told}
    for failure in failures:
        if failure.path and failure.job in commits:
            yield commits[failure.job], _at_its_step(failure)
    found = next(((commit, report.origin) for commit, _, report in told if report.origin), None)
    if dropped and found is not None and found[1] is not None:
        commit, origin = found
        failure = msgspec.structs.replace(counted(dropped), path=origin.path, line=origin.line)
        yield commit, msgspec.structs.replace(_at_its_step(failure), severity=Severity.INFO)


def _at_its_step(failure: Failure) -> Problem:
    return Problem(
        id=failure_id(failure),
        path=failure.path or "",
        line=failure.line,
        tool=failure.tool,
        message=failure.message,
        job=failure.job,
        step=failure.step,
        log_line=failure.log_line,
        excerpt=failure.excerpt,
        jobs=(failure.job,) if failure.job else (),
        check=failure.job,
        command=failure.command,
        url=failure.url,
    )


def fold(inputs: Inputs, said: Merged, loaded: Mapping[str, Report], root: Path) -> Folded:
    """`loaded`: report key → report. `root`: the worktree's real path."""
    found = [*said.problems, *said.shown]
    for report in inputs.reports:
        if report.waiting and report.key in loaded:
            prefix = RERUN if report.sha == inputs.head else PUSHED
            known = loaded[report.key]
            room = MOST_PROBLEMS - len(found)
            last = [*known.problems[:room], *(_at_its_step(one) for one in known.failures if one.path)]
            found += [(known.commit or report.sha, _waiting(problem, prefix)) for problem in last]
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
        said.silent,
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
