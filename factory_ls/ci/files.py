"""The repository's real file list: which of its files a printed path means."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from factory_ls.ci.paths import tidy


class Resolved(NamedTuple):
    path: str


class Ambiguous(NamedTuple):
    """More than one file fits; none is better than another."""

    candidates: tuple[str, ...]


class FileIndex:
    """Built once for a list of repository-relative paths with `/`."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files = frozenset(files)
        self._folded: dict[str, str] = {}
        self._named: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._files):
            self._folded.setdefault(path.casefold(), path)
            self._named[path.rsplit("/", 1)[-1].casefold()].append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def resolve(self, printed: str, cwd: str | None = None) -> Resolved | Ambiguous | None:
        """The file `printed` means, or None.

        Tried in order: the path under the working directory `cwd` it was printed in, the path itself, each also with
        another case (Windows, macOS), then the file whose end is the longest end of `printed`, then that under `cwd`.
        A name alone must be unique; never a guess.
        """
        path = tidy(printed)
        # A path that begins at a root says itself where it is.
        below = tidy(f"{cwd}/{path}") if cwd and not printed.startswith(("/", "file:")) and ":" not in path else path
        for candidate in dict.fromkeys((below, path)):
            if candidate in self._files:
                return Resolved(candidate)
            if folded := self._folded.get(candidate.casefold()):
                return Resolved(folded)
        found = self._by_suffix(path)
        if isinstance(found, Ambiguous) and below != path:
            there = self._by_suffix(below)
            return there if isinstance(there, Resolved) and there.path in found.candidates else found
        return found

    def _by_suffix(self, path: str) -> Resolved | Ambiguous | None:
        parts = [part for part in path.casefold().split("/") if part not in ("", ".", "..")]
        if not parts:
            return None
        absolute = path.startswith("/") or path[1:2] == ":"
        best: list[str] = []
        depth = 0
        for candidate in self._named.get(parts[-1], ()):
            theirs = candidate.casefold().split("/")
            common = 0
            while common < min(len(parts), len(theirs)) and parts[-1 - common] == theirs[-1 - common]:
                common += 1
            # A relative path must be wholly the end of the file's path, or the file's path wholly its end: in
            # between, two different files share some folders' names.
            if common < len(parts) and common < len(theirs):
                continue
            if absolute and common < len(theirs):
                continue
            if common > depth:
                best, depth = [candidate], common
            elif common == depth:
                best.append(candidate)
        if not best:
            return None
        return Resolved(best[0]) if len(best) == 1 else Ambiguous(tuple(best))
