"""A unified diff, as `git diff` prints it, read into files and blocks of changed lines.

Format: https://git-scm.com/docs/diff-format#generate_patch_text_with_p
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_LONGEST = 2000
"""Characters of a line that are looked at: what is longer was written by a machine."""
_LONG = 300
"""Lines longer than this are looked at with their blanks folded: nothing hides far to the right."""
_CONTEXT = 12
"""Lines before a block that are kept: enough for the name of most lists."""
_BLANKS = re.compile(r"\s{3,}")
_QUOTED = re.compile(r"\\([0-7]{3}|.)")
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


class Line(NamedTuple):
    number: int
    """In the new file; for a removed line, of the line that now stands there."""
    text: str


class Block(NamedTuple):
    """Changed lines without an unchanged one between them."""

    removed: list[Line]
    added: list[Line]
    before: list[str]
    """Unchanged and new lines of the hunk before it, as the new file has them."""
    after: list[str]
    """The unchanged line after it; empty at a hunk's end."""


class FileDiff(NamedTuple):
    path: str
    """New path; the old one of a deleted file."""
    old_path: str
    deleted: bool
    blocks: list[Block]
    binary: bool = False

    def removed(self) -> Iterator[Line]:
        return (line for block in self.blocks for line in block.removed)

    def added(self) -> Iterator[Line]:
        return (line for block in self.blocks for line in block.added)


def parse_diff(text: str) -> list[FileDiff]:
    """Never raises: what is not understood is skipped.

    Hunks are read by their counts, so that no content passes for a header.
    """
    files: list[FileDiff] = []
    lines = iter(text.split("\n"))
    old = new = ""
    deleted = False
    for line in lines:
        if line.startswith("diff --git "):
            old, new = _both(line.removeprefix("diff --git "))
            deleted = False
            files.append(FileDiff(new, old, deleted, []))
        elif line.startswith(("--- ", "rename from ")):
            old = _path(line.removeprefix("--- ").removeprefix("rename from ")) or old
        elif line.startswith(("+++ ", "rename to ")):
            new = _path(line.removeprefix("+++ ").removeprefix("rename to ")) or old
            files = _renamed(files, FileDiff(new, old, deleted or line == "+++ /dev/null", []))
        elif line.startswith("deleted file mode ") and files:
            deleted = True
            files[-1] = files[-1]._replace(deleted=True, path=files[-1].old_path)
        elif line.startswith(("Binary files ", "GIT binary patch")) and files:
            files[-1] = files[-1]._replace(binary=True)
        elif files and (hunk := _HUNK.match(line)):
            files[-1].blocks.extend(_blocks(lines, int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)))
    return files


def _blocks(lines: Iterator[str], old_left: int, number: int, new_left: int) -> Iterator[Block]:
    seen: list[str] = []
    block = Block([], [], [], [])
    while old_left > 0 or new_left > 0:
        line = next(lines, None)
        if line is None:
            break
        mark, text = line[:1], _shortened(line[1:]).rstrip("\r")
        if mark == "+":
            block.added.append(Line(number, text))
            seen.append(text)
            number, new_left = number + 1, new_left - 1
        elif mark == "-":
            block.removed.append(Line(number, text))
            old_left -= 1
        elif mark != "\\":  # `\ No newline at end of file`
            seen.append(text)
            if block.removed or block.added:
                block.after.append(text)
                yield block
            block = Block([], [], seen[-_CONTEXT:], [])
            number, old_left, new_left = number + 1, old_left - 1, new_left - 1
    if block.removed or block.added:
        yield block


def _shortened(text: str) -> str:
    return text if len(text) <= _LONG else _BLANKS.sub("  ", text)[:_LONGEST]


def _renamed(files: list[FileDiff], named: FileDiff) -> list[FileDiff]:
    """The newest file under its proper names, or a new one where no `diff --git` line came before."""
    if files and not files[-1].blocks:
        return [*files[:-1], named]
    return [*files, named]


def _both(names: str) -> tuple[str, str]:
    """The names of `diff --git a/X b/X`; ambiguous with spaces, and then put right by the lines that follow."""
    if names.startswith('"'):
        first, _, second = names[1:].partition('" ')
        return _path(f'"{first}"') or "", _path(second) or ""
    half = len(names) // 2
    return _path(names[:half]) or "", _path(names[half + 1 :]) or ""


def _path(name: str) -> str | None:
    """A name without its `a/` or `b/` and its quotes; None for /dev/null."""
    name = name.split("\t", maxsplit=1)[0]
    if name == "/dev/null":
        return None
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = _unquote(name[1:-1])
    return name[2:] if name[:2] in ("a/", "b/") else name


def _unquote(name: str) -> str:
    def byte(found: re.Match[str]) -> str:
        code = found[1]
        value = int(code, 8) & 255 if len(code) == 3 else _ESCAPES.get(code, ord(code))
        return chr(value) if value < 256 else code

    return _QUOTED.sub(byte, name).encode("latin-1", "replace").decode("utf-8", "replace")
