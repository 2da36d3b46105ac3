"""Where a repository's GitHub workflows have the step that failed, and the folder the step ran in. Pure.

The step's name, command and folder are looked for line by line, by indentation: a reader of all of YAML would say no
more, and a workflow that it refuses (an expression out of place, a tab) was run by GitHub all the same. A workflow in
JSON, which is YAML, reads the same way as long as it has lines.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

FOLDER = ".github/workflows/"
_KEY = re.compile(r"""(?P<indent>[ ]*(?:-[ ]+)?)["']?(?P<key>[\w.-]+)["']?[ ]*:(?:[ ]+(?P<value>.*)|$)""")
_EXPRESSION = re.compile(r"\\?\$\\\{\\\{.*?\\\}\\\}|\$\{\{.*?\}\}")
_MATRIX = re.compile(r" \(.*\)$")


class Step(NamedTuple):
    """`line` is 1-based: the step's command or name, else its job, else the first."""

    path: str
    line: int
    directory: str | None
    """Relative to the repository's root; None for the root itself, or where an expression says it."""


class _Key(NamedTuple):
    line: int
    indent: int
    name: str
    value: str


class Workflows:
    """`texts`: path → text, of all files in `.github/workflows/`."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._files = {path: _File(text) for path, text in sorted(texts.items())}

    def find(self, workflow: str | None, job: str, command: str | None, step: str | None = None) -> Step | None:
        """The step of `job` in the workflow called `workflow` that runs `command` or is named `step`.

        None when there is no such workflow. `job` is its name as GitHub shows it: with the matrix in brackets, and
        behind the caller's for a reusable workflow.
        """
        named = {p: f for p, f in self._files.items() if workflow in (f.name, p)} if workflow else self._files
        best: tuple[int, Step] | None = None
        for path, file in named.items():
            score, line, directory = file.find(job, command, step)
            if best is None or score > best[0]:
                best = score, Step(path, line, directory)
        return best[1] if best and (best[0] or workflow) else None

    def directory(self, command: str) -> str | None:
        """The folder in which every step with this command runs; None where that is the root or they differ."""
        found = {directory for file in self._files.values() for directory in file.directories(command)}
        return found.pop() if len(found) == 1 else None


class _File:
    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._keys = [
            _Key(number, len(matched["indent"]), matched["key"], _plain(matched["value"] or ""))
            for number, line in enumerate(self._lines)
            if (matched := _KEY.match(line)) and not line.lstrip().startswith("#")
        ]
        top = min((key.indent for key in self._keys), default=0)
        self._top = [key for key in self._keys if key.indent == top]
        self.name = next((key.value for key in self._top if key.name == "name"), None)

    def find(self, job: str, command: str | None, step: str | None) -> tuple[int, int, str | None]:
        """How much was found (job 1, step 2 more), the 1-based line, the folder."""
        jobs = list(self._jobs())
        ours = [block for name, block in jobs if _is(job, name, self._value(block, "name"))]
        found: tuple[int, int, str | None] = (0, 1, None)
        for block in ours or [block for _, block in jobs]:
            at = self._step(block, command, step)
            if at is not None:
                return 2 + bool(ours), at + 1, self._directory(block, at)
            if ours and not found[0]:
                found = 1, block.start + 1, None
        return found

    def directories(self, command: str) -> Iterator[str | None]:
        for _, block in self._jobs():
            if (at := self._step(block, command, None)) is not None:
                yield self._directory(block, at)

    def _jobs(self) -> Iterator[tuple[str, range]]:
        jobs = next((key for key in self._top if key.name == "jobs"), None)
        if jobs is None:
            return
        children = self._children(range(jobs.line, self._end(jobs)))
        for child in children:
            yield child.name, range(child.line, self._end(child))

    def _end(self, key: _Key) -> int:
        """The line after the block that `key` opens."""
        return next((k.line for k in self._keys if k.line > key.line and k.indent <= key.indent), len(self._lines))

    def _children(self, block: range) -> list[_Key]:
        inside = [key for key in self._keys if block.start < key.line < block.stop]
        return [key for key in inside if key.indent == inside[0].indent]

    def _value(self, block: range, name: str) -> str | None:
        return next((key.value for key in self._children(block) if key.name == name), None)

    def _step(self, block: range, command: str | None, name: str | None) -> int | None:
        """The line in `block` on which the command begins, else which has the step's name."""
        first = next((folded for line in (command or "").splitlines() if (folded := _folded(line))), None)
        wanted = [(text, key) for text, key in ((first, "run"), (first, "uses"), (name, "name")) if text]
        for text, key in wanted:
            for line in block:
                matched = _KEY.match(self._lines[line])
                if matched and matched["key"] == key:
                    if _fits(text, _folded(_plain(matched["value"] or ""))):
                        return line
                elif key == "run" and _fits(text, _folded(self._lines[line])):
                    return line
        return None

    def _directory(self, block: range, at: int) -> str | None:
        """`working-directory` of the step around line `at`, else the job's or the workflow's default."""
        items = [n for n in block if self._lines[n].lstrip().startswith(("- ", "{"))]
        start = max((n for n in items if n <= at), default=block.start)
        indent = len(self._lines[start]) - len(self._lines[start].lstrip())
        following = (n for n in items if n > at and len(self._lines[n]) - len(self._lines[n].lstrip()) <= indent)
        stop = next(following, block.stop)
        ways = [key for key in self._keys if key.name == "working-directory"]
        own = [key for key in ways if start <= key.line < stop]
        first_item = items[0] if items else block.stop
        of_job = [key for key in ways if block.start < key.line < first_item]
        jobs = next(key.line for key in self._top if key.name == "jobs")
        of_all = [key for key in ways if key.line < jobs]
        chosen = next((keys[0].value for keys in (own, of_job, of_all) if keys), "")
        chosen = chosen.removeprefix("./").strip("/")
        return chosen if chosen not in ("", ".") and "${{" not in chosen else None


def _is(shown: str, key: str, name: str | None) -> bool:
    """Whether GitHub would call a job so: `test`, `test (3.11, ubuntu)`, `Test on ubuntu`, `caller / test`."""
    caller = shown.partition(" / ")[0]
    candidates = {shown, _MATRIX.sub("", shown), caller, _MATRIX.sub("", caller)}
    if key in candidates and name is None:
        return True
    if name is None:
        return False
    pattern = re.compile(_EXPRESSION.sub(".*", re.escape(name)))
    return any(pattern.fullmatch(candidate) for candidate in candidates)


def _fits(wanted: str, there: str) -> bool:
    """Whether the workflow's text is what the log shows, where expressions have been filled in."""
    if wanted == there:
        return True
    if "${{" not in there or len(_EXPRESSION.sub("", there).strip()) < 3:
        return False
    return re.fullmatch(_EXPRESSION.sub(".*", re.escape(there)), wanted) is not None


def _folded(line: str) -> str:
    return " ".join(line.split())


def _plain(value: str) -> str:
    """A scalar without its quotes, comment, and the comma that JSON has behind it."""
    value = value.strip().removesuffix(",").rstrip()
    if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
        return value[1:-1].replace('\\"', '"') if value[0] == '"' else value[1:-1].replace("''", "'")
    return re.sub(r"\s+#.*$", "", value)


def is_workflow(path: str) -> bool:
    return path.startswith(FOLDER) and path.endswith((".yml", ".yaml")) and path.count("/") == FOLDER.count("/")
