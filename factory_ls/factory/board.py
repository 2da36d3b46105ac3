"""The board of problems: what CI says of each file of each workspace, and where that stands in the text of now."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from factory_ls.ci.merge import Source, merge
from factory_ls.ci.place.placer import Placer
from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.reports import Reports
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.model.errors import FactoryError
from factory_ls.model.events import CheckReport
from factory_ls.model.problem import Failure, Placement, Problem, Severity
from factory_ls.model.workspace import WorkspaceStatus

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 8_000_000
"""Larger files are not placed in: no editor shows them well either."""

WAITING = "fix pushed, waiting for CI: "


@dataclass(frozen=True, eq=False, slots=True)
class FileProblems:
    """A file's problems at their lines in `base`, the file's text at the checked commit (null: not known).

    The same object is returned as long as neither changed.
    """

    workspace_id: str
    path: str
    base: str | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Merged:
    """A workspace's reports folded into one list: by file, and what has no file in the worktree."""

    reports: tuple[CheckReport, ...]
    head: str
    files: Mapping[str, tuple[Problem, ...]]
    older: Mapping[str, tuple[tuple[str, Problem], ...]]
    """Path → (commit, problem) of what waits for CI: its lines are those of an earlier commit."""
    elsewhere: tuple[Problem, ...]
    failures: tuple[Failure, ...]


class ProblemBoard:
    def __init__(self, journal: Journal, git: Git, reports: Reports) -> None:
        self._journal = journal
        self._git = git
        self._reports = reports
        self._merged: dict[str, _Merged] = {}
        self._bases: dict[tuple[str, str], str | None] = {}
        self._files: dict[str, FileProblems] = {}
        self._live: dict[str, dict[int, tuple[Problem, ...]]] = {}
        journal.subscribe(self._forget)

    # -- which file, which workspace

    def workspace_of(self, path: str) -> str | None:
        """The workspace whose worktree holds `path`; null for a file of no workspace."""
        real = _real(path)
        best = None
        for workspace in self._journal.state.workspaces.values():
            if workspace.status is WorkspaceStatus.READY and real.is_relative_to(_real(workspace.path)):
                best = workspace if best is None or len(workspace.path) > len(best.path) else best
        return best.id if best else None

    def files(self, workspace_id: str) -> tuple[str, ...]:
        """Absolute paths of the files that problems speak of."""
        root = self._journal.state.workspaces[workspace_id].path
        merged = self._merge(workspace_id)
        return tuple(f"{root}/{path}" for path in dict.fromkeys([*merged.files, *merged.older]))

    # -- positions

    async def for_file(self, path: str) -> FileProblems | None:
        workspace_id = self.workspace_of(path)
        if workspace_id is None:
            return None
        workspace = self._journal.state.workspaces[workspace_id]
        relative = _real(path).relative_to(_real(workspace.path)).as_posix()
        merged = self._merge(workspace_id)
        problems, older = merged.files.get(relative, ()), merged.older.get(relative, ())
        if not problems and not older:
            self._files.pop(path, None)
            return None
        base = await self._base(workspace.path, merged.head, relative)
        moved = [await self._carry(workspace.path, relative, commit, base, problem) for commit, problem in older]
        everything = (*problems, *(problem for problem in moved if problem is not None))
        known = self._files.get(path)
        if known is None or known.base != base or known.problems != everything:
            known = self._files[path] = FileProblems(workspace_id, path, base, everything)
        return known

    async def placed(self, path: str) -> tuple[Problem, ...]:
        """The file's problems in the text of now: an open buffer's if an editor has one, else the file on disk."""
        if live := self._live.get(str(_real(path))):
            return next(reversed(live.values()))
        found = await self.for_file(path)
        if found is None:
            return ()
        text = await asyncio.to_thread(_read, path)
        if text is None:
            return tuple(msgspec.structs.replace(p, placement=Placement.GONE) for p in found.problems)
        return tuple(await asyncio.to_thread(lambda: Placer(found.base, text).place(found.problems)))

    def set_live(self, editor: int, path: str, placed: tuple[Problem, ...] | None) -> None:
        """What an editor shows for its buffer of the file; null when it was closed."""
        key = str(_real(path))
        editors = self._live.setdefault(key, {})
        editors.pop(editor, None)
        if placed is not None:
            editors[editor] = placed
        if not editors:
            del self._live[key]

    def open_files(self, workspace_id: str) -> tuple[str, ...]:
        """Real paths of the workspace's files that some editor has open."""
        root = _real(self._journal.state.workspaces[workspace_id].path)
        return tuple(path for path in self._live if Path(path).is_relative_to(root))

    async def everything(self, workspace_id: str) -> tuple[list[Problem], list[Failure]]:
        """All problems of a workspace where they stand now, those without a file in it last, and the failures."""
        problems: list[Problem] = []
        for path in self.files(workspace_id):
            problems += await self.placed(path)
        merged = self._merge(workspace_id)
        troubles = self._reports.troubles.get(workspace_id, {})
        failures = [
            *merged.failures,
            *(Failure(tool="github", message=f"{check}: {error}", job=check) for check, error in troubles.items()),
        ]
        return [*problems, *merged.elsewhere], failures

    def reported(self, workspace_id: str) -> tuple[tuple[Problem, ...], tuple[Failure, ...]]:
        """Problems and failures of the head's failed checks, at their lines in the checked commit."""
        merged = self._merge(workspace_id)
        inside = (problem for problems in merged.files.values() for problem in problems)
        return (*inside, *merged.elsewhere), merged.failures

    # -- folding

    def _merge(self, workspace_id: str) -> _Merged:
        state = self._journal.state
        reports = state.reports.get(workspace_id, ())
        pr = state.pull_requests.get(workspace_id)
        head = pr.head_sha if pr else ""
        known = self._merged.get(workspace_id)
        if known is None or known.reports != reports or known.head != head:
            known = self._merged[workspace_id] = self._fold(workspace_id, reports, head)
        return known

    def _fold(self, workspace_id: str, reports: tuple[CheckReport, ...], head: str) -> _Merged:
        root = _real(self._journal.state.workspaces[workspace_id].path)
        loaded = self._reports.loaded
        fresh = merge([(Source(r.check), loaded[r.key]) for r in reports if not r.waiting and r.key in loaded])
        files: dict[str, list[Problem]] = {}
        older: dict[str, list[tuple[str, Problem]]] = {}
        elsewhere: list[Problem] = []
        for problem in fresh.problems:
            (files.setdefault(problem.path, []) if _inside(root, problem.path) else elsewhere).append(problem)
        for report in reports:
            if report.waiting and report.key in loaded:
                for problem in loaded[report.key].problems:
                    if _inside(root, problem.path):
                        older.setdefault(problem.path, []).append((report.sha, _as_hint(problem)))
        return _Merged(
            reports,
            head,
            {path: tuple(items) for path, items in files.items()},
            {path: tuple(items) for path, items in older.items()},
            tuple(elsewhere),
            fresh.failures,
        )

    def _forget(self, change: Change) -> None:
        for workspace_id in change.workspaces:
            workspace = self._journal.state.workspaces.get(workspace_id)
            if workspace is None or workspace.status is WorkspaceStatus.ARCHIVED:
                self._merged.pop(workspace_id, None)
        if len(self._bases) > 2000:
            self._bases.clear()

    async def _carry(self, root: str, path: str, commit: str, base: str | None, problem: Problem) -> Problem | None:
        """A problem of an earlier commit at its line in the current one; null when that line is gone or changed."""
        earlier = await self._base(root, commit, path)
        if earlier is None or base is None:
            return None
        [placed] = Placer(earlier, base).place([problem])
        return placed if placed.placement in (Placement.EXACT, Placement.MOVED, Placement.EDITED) else None

    async def _base(self, root: str, commit: str, path: str) -> str | None:
        key = (commit, f"{root}/{path}")
        if key not in self._bases:
            try:
                body = await repository.blob(self._git, Path(root), commit, path)
            except FactoryError as error:
                # Not kept: the commit may be fetched by the next poll.
                log.info("%s at %s: %s", path, commit[:12], error)
                return None
            self._bases[key] = None if body is None or len(body) > MAX_FILE_BYTES else body.decode("utf-8", "replace")
        return self._bases[key]


def _as_hint(problem: Problem) -> Problem:
    return msgspec.structs.replace(problem, severity=Severity.HINT, message=WAITING + problem.message)


def _real(path: str) -> Path:
    return Path(path).resolve()


def _inside(root: Path, path: str) -> bool:
    """Whether a path from a log names a file in the worktree, links followed: nothing else is ever opened."""
    if not path or path.startswith(("/", "~")) or "\0" in path:
        return False
    try:
        target = (root / path).resolve()
        return target.is_relative_to(root) and ".git" not in target.relative_to(root).parts
    except (OSError, ValueError, RuntimeError):
        return False


def _read(path: str) -> str | None:
    """The file's text, undecodable bytes replaced; null when there is none or it is too large."""
    try:
        with Path(path).open("rb") as file:
            body = file.read(MAX_FILE_BYTES + 1)
    except OSError:
        return None
    return None if len(body) > MAX_FILE_BYTES else body.decode("utf-8", "replace")
