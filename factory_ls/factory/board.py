"""The board of problems: what CI and reviewers say of each file of each workspace, and where that stands now."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from pathlib import Path
from typing import TypeVar

import msgspec

from factory_ls.ci.place.placer import Placer
from factory_ls.factory.folding import FAILURE, Folded, Inputs, counted, fold
from factory_ls.factory.journal import Change, Journal
from factory_ls.factory.reports import Reports
from factory_ls.factory.reviewing import SOURCE, suggestions, thread_of
from factory_ls.factory.texts import MAX_FILE_BYTES, Texts
from factory_ls.factory.trees import Tree, Trees
from factory_ls.model.problem import About, Failure, Placement, Problem
from factory_ls.model.workspace import WorkspaceStatus

T = TypeVar("T")

KEPT_FILES = 1_000
"""Files whose problems are kept placed."""

Entry = tuple[str, Problem]
"""A commit, and a problem at its lines in it."""


@dataclass(frozen=True, eq=False, slots=True)
class FileProblems:
    """A file's problems at their lines in `base`, the file's text at the checked commit (null: not known).

    The same object is returned as long as nothing of it changed. A problem that comes with a placement was carried
    here from an earlier commit: `edited` lines stay so, `gone` ones are gone.
    """

    workspace_id: str
    path: str
    base: str | None
    problems: tuple[Problem, ...]
    unplaced: tuple[Problem, ...] = ()
    """Their commit's text is not here, so that nothing is known of their lines: listed, placed nowhere."""


@dataclass(frozen=True, eq=False, slots=True)
class _Here:
    """A fold in today's tree: by path relative to the worktree."""

    folded: Folded
    tree: Tree
    files: Mapping[str, tuple[Entry, ...]]
    gone: tuple[Problem, ...]
    """Problems of files that are no more."""


@dataclass(frozen=True, eq=False, slots=True)
class _Known:
    here: _Here
    texts: tuple[str | None, ...]
    file: FileProblems


@dataclass(frozen=True, eq=False, slots=True)
class _OnDisk:
    file: FileProblems
    stamp: tuple[int, int, int]
    placed: tuple[Problem, ...]


class ProblemBoard:
    def __init__(self, journal: Journal, reports: Reports, texts: Texts, trees: Trees) -> None:
        self._journal = journal
        self._reports = reports
        self._texts = texts
        self._trees = trees
        self._folds: dict[str, tuple[tuple[object, ...], Folded]] = {}
        self._here: dict[str, _Here] = {}
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._on_disk: OrderedDict[str, _OnDisk] = OrderedDict()
        self._live: dict[str, dict[int, tuple[Problem, ...]]] = {}
        self._roots: dict[str, Path] = {}
        trees.named = self._named
        journal.subscribe(self._forget)

    # -- which file, which workspace

    def workspace_of(self, path: str) -> str | None:
        """The workspace whose worktree holds `path`; null for a file of no workspace."""
        real = Path(_real(path))
        found = [
            (len(root.parts), workspace.id)
            for workspace in self._journal.state.workspaces.values()
            if workspace.status is WorkspaceStatus.READY and real.is_relative_to(root := self._root(workspace.path))
        ]
        return max(found)[1] if found else None

    def files(self, workspace_id: str) -> tuple[str, ...]:
        """Absolute paths of the files that have problems now; none while another branch is checked out."""
        workspace = self._journal.state.workspaces.get(workspace_id)
        if workspace is None or workspace.status is not WorkspaceStatus.READY:
            return ()
        root = self._root(workspace.path)
        return tuple(f"{root}/{path}" for path in self._now(workspace_id).files)

    # -- positions

    async def for_file(self, path: str) -> FileProblems | None:
        workspace_id = self.workspace_of(path)
        if workspace_id is None:
            return None
        workspace = self._journal.state.workspaces[workspace_id]
        relative = Path(_real(path)).relative_to(self._root(workspace.path)).as_posix()
        here = self._now(workspace_id)
        entries = here.files.get(relative)
        if not entries:
            self._known.pop(path, None)
            return None
        head = here.folded.inputs.head
        places = dict.fromkeys([(head, here.tree.before(head, relative)), *((c, p.path) for c, p in entries)])
        texts = tuple([await self._texts.at(workspace, commit, name) for commit, name in places])
        known = self._known.get(path)
        if known and known.here is here and all(a is b for a, b in zip(known.texts, texts, strict=True)):
            self._known.move_to_end(path)
            return known.file
        by_place = dict(zip(places, texts, strict=True))
        carried = await asyncio.to_thread(_carried, relative, entries, by_place)
        if known is None or (known.file.base, known.file.problems, known.file.unplaced) != carried:
            file = FileProblems(workspace_id, path, *carried)
        else:
            file = known.file
        _keep(self._known, path, _Known(here, texts, file))
        return file

    async def placed(self, path: str) -> tuple[Problem, ...]:
        """The file's problems in the text of now: an open buffer's if an editor has one, else the file on disk."""
        if live := self._live.get(_real(path)):
            return next(reversed(live.values()))
        file = await self.for_file(path)
        if file is None:
            self._on_disk.pop(path, None)
            return ()
        known = self._on_disk.get(path)
        stamp = await asyncio.to_thread(_stamp, path)
        if known is None or known.file is not file or known.stamp != stamp:
            known = await asyncio.to_thread(_place_on_disk, path, file, stamp)
            _keep(self._on_disk, path, known)
        return known.placed

    def set_live(self, editor: int, path: str, placed: tuple[Problem, ...] | None) -> None:
        """What an editor shows for its buffer of the file; null when it was closed."""
        key = _real(path)
        editors = self._live.setdefault(key, {})
        editors.pop(editor, None)
        if placed is not None:
            editors[editor] = placed
        if not editors:
            del self._live[key]

    def open_files(self, workspace_id: str) -> tuple[str, ...]:
        """Real paths of the workspace's files that some editor has open."""
        root = self._root(self._journal.state.workspaces[workspace_id].path)
        return tuple(path for path in self._live if Path(path).is_relative_to(root))

    async def everything(self, workspace_id: str, *, shown: bool = False) -> tuple[list[Problem], list[Failure]]:
        """All problems of a workspace where they stand now, those without a file in it last, and the failures.

        `shown`: all that editors show, review threads and failures at their step in the CI configuration too.
        While another branch is checked out: as they were reported, `unplaced`.
        """
        folded = self._fold(workspace_id)
        problems: list[Problem] = []
        if self._trees.of(workspace_id).on_branch:
            for path in self.files(workspace_id):
                problems += await self.placed(path)
            problems += self._now(workspace_id).gone
        else:
            problems += (problem for entries in folded.files.values() for _, problem in entries)
        troubles = self._reports.troubles.get(workspace_id, {})
        failures = [
            *folded.failures,
            *folded.silent,
            *(Failure(tool="github", message=f"{check}: {error}", job=check) for check, error in troubles.items()),
        ]
        if folded.dropped:
            failures.append(counted(folded.dropped))
        listed = (*problems, *folded.elsewhere)
        return [p for p in listed if shown or (p.tool != SOURCE and not p.id.startswith(FAILURE))], failures

    def reported(self, workspace_id: str) -> tuple[tuple[Problem, ...], tuple[Failure, ...]]:
        """Problems and failures of the head's failed checks, at their lines in the checked commit."""
        folded = self._fold(workspace_id)
        return folded.fresh, folded.failures

    def about(self, workspace_id: str, problem: Problem) -> About:
        """What is known of a problem beyond what its log says."""
        state = self._journal.state
        pr = state.pull_requests.get(workspace_id)
        if pr is None:
            return About()
        if problem.tool == SOURCE:
            thread = thread_of(pr.threads, problem.id)
            return About(suggestions=len(suggestions(thread)) if thread else 0)
        on_base = any(
            self._reports.fails_on_base(workspace_id, check, problem)
            for check in pr.base_failing
            if check.name in (problem.check, *problem.jobs)
        )
        outcomes = state.outcomes.get(workspace_id)
        if outcomes is None or problem.check is None:
            return About(on_base=on_base)
        since, both = outcomes.since.get(problem.check), outcomes.both.get(problem.check)
        return About(since=since, flaky=both == pr.head_sha, on_base=on_base)

    # -- folding

    def _fold(self, workspace_id: str) -> Folded:
        state = self._journal.state
        sources = (
            state.reports.get(workspace_id),
            state.pull_requests.get(workspace_id),
            state.dismissed.get(workspace_id),
        )
        known = self._folds.get(workspace_id)
        # Asked at every keystroke: as a rule nothing was replaced since.
        if known and all(map(is_, known[0], sources)):
            return known[1]
        inputs = Inputs.of(*sources)
        if known and known[1].inputs == inputs:
            folded = known[1]
        else:
            said = self._reports.merged(inputs.reports)
            folded = fold(inputs, said, self._reports.loaded, self._root(state.workspaces[workspace_id].path))
        self._folds[workspace_id] = sources, folded
        return folded

    def _now(self, workspace_id: str) -> _Here:
        folded, tree = self._fold(workspace_id), self._trees.of(workspace_id)
        known = self._here.get(workspace_id)
        if known is None or known.folded is not folded or known.tree is not tree:
            known = self._here[workspace_id] = _in_tree(folded, tree)
        return known

    def _named(self, workspace_id: str) -> dict[str, set[str]]:
        folded = self._fold(workspace_id)
        named = {folded.inputs.head: set(folded.files)} if folded.files else {}
        for path, entries in folded.files.items():
            for commit, _ in entries:
                named.setdefault(commit, set()).add(path)
        return named

    def _root(self, path: str) -> Path:
        """Real path of a worktree, which does not change while it is one."""
        if path not in self._roots:
            self._roots[path] = Path(_real(path))
        return self._roots[path]

    def _forget(self, change: Change) -> None:
        for workspace_id in change.workspaces:
            workspace = self._journal.state.workspaces.get(workspace_id)
            if workspace is None or workspace.status is not WorkspaceStatus.READY:
                self._folds.pop(workspace_id, None)
                self._here.pop(workspace_id, None)
                if workspace is not None:
                    self._roots.pop(workspace.path, None)


def _in_tree(folded: Folded, tree: Tree) -> _Here:
    files: dict[str, list[Entry]] = {}
    gone: list[Problem] = []
    for path, entries in folded.files.items() if tree.on_branch else ():
        for commit, problem in entries:
            if (now := tree.now(commit, path)) is None:
                gone.append(_gone(problem))
            else:
                files.setdefault(now, []).append((commit, problem))
    return _Here(folded, tree, {path: tuple(entries) for path, entries in files.items()}, tuple(gone))


def _carried(
    path: str, entries: Sequence[Entry], texts: Mapping[tuple[str, str], str | None]
) -> tuple[str | None, tuple[Problem, ...], tuple[Problem, ...]]:
    """The base text, the problems at their lines in it, and those that cannot be compared; all under today's `path`.

    The base is the head's text, or the first that is known. What belongs to a text that is not known cannot be
    compared with it; unless there is no text at all.
    """
    origin = next((place for place, text in texts.items() if text is not None), None)
    base = texts[origin] if origin else None
    groups: dict[tuple[str, str], list[Problem]] = {}
    for commit, problem in entries:
        groups.setdefault((commit, problem.path), []).append(problem)
    placed: dict[int, Problem] = {}
    for place, problems in groups.items():
        text = texts[place]
        if origin is None or (base is not None and text is not None and text == base):
            placed.update((id(problem), problem) for problem in problems)
        elif text is not None and base is not None:
            placed.update(zip(map(id, problems), Placer(text, base).place(problems), strict=True))
    here = [_named(placed[id(problem)], path) for _, problem in entries if id(problem) in placed]
    loose = [_named(problem, path) for _, problem in entries if id(problem) not in placed and not problem.waiting]
    return base, tuple(_once(here) if len(groups) > 1 else here), tuple(loose)


def _named(problem: Problem, path: str) -> Problem:
    return problem if problem.path == path else msgspec.structs.replace(problem, path=path)


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Jobs that had checked out different commits tell of the same failure, which is seen to be one only here."""
    found: dict[tuple[object, ...], Problem] = {}
    for one in problems:
        key: tuple[object, ...] = (one.line, one.tool, one.code, one.test, one.message, one.placement is Placement.GONE)
        if one.line is None or one.tool == SOURCE:
            key = (one.id,)
        if (other := found.get(key)) is None:
            found[key] = one
        else:
            found[key] = msgspec.structs.replace(other, jobs=tuple(dict.fromkeys((*other.jobs, *one.jobs))))
    return list(found.values())


def _place_on_disk(path: str, file: FileProblems, stamp: tuple[int, int, int]) -> _OnDisk:
    text = _read(path)
    if text is None:
        return _OnDisk(file, stamp, tuple(map(_gone, (*file.problems, *file.unplaced))))
    return _OnDisk(file, stamp, (*Placer(file.base, text).place(file.problems), *file.unplaced))


def _gone(problem: Problem) -> Problem:
    return msgspec.structs.replace(
        problem, line=None, column=None, end_line=None, end_column=None, placement=Placement.GONE
    )


def _keep(kept: OrderedDict[str, T], path: str, value: T) -> None:
    kept[path] = value
    kept.move_to_end(path)
    if len(kept) > KEPT_FILES:
        kept.popitem(last=False)


def _real(path: str) -> str:
    """With links followed: a few `lstat`s, cheaper than a thread."""
    return os.path.realpath(path)


def _stamp(path: str) -> tuple[int, int, int]:
    """Changes with every write of the file; zeros when there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _read(path: str) -> str | None:
    """The file's text, undecodable bytes replaced; null when there is none or it is too large."""
    try:
        with Path(path).open("rb") as file:
            body = file.read(MAX_FILE_BYTES + 1)
    except OSError:
        return None
    return None if len(body) > MAX_FILE_BYTES else body.decode("utf-8", "replace")
