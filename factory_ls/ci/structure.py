"""Which job and step a line belongs to, which command the step ran, and how the step ended.

The runner marks this in the log: `##[group]Run …` opens a step and echoes its script up to `##[endgroup]`;
`##[error]Process completed with exit code N.` ends a failed one. An error printed by a step that passed did not fail
anything.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.text import ECHOES, clean
from factory_ls.ci.window import Line

_ENDED_BADLY = re.compile(
    r"Process completed with exit code|Step script exited with code|The (?:operation|job) was cancell?ed"
    r"|Executing the custom container implementation failed|The runner has received a shutdown|lost communication with the server|has timed out after"
    r"|has exceeded the maximum execution time|exited with code '?[1-9]|Bash exited with code"
    r"|failed with (?:exit|error) code|exit(?:ed with)? (?:code|status):? [1-9]",
    re.IGNORECASE,
)
_SETTINGS = re.compile(rb"(?:^|[ \n])(?:shell|env|with):")
_LONGEST_SCRIPT = 64 << 10
MOST_STEPS = 5_000
_EXITED = re.compile(r"Process completed with exit code")
_COMPLAINS = re.compile(
    r"error|fatal|cannot|can't|could not|couldn't|failed|failure|not found|no such|denied|refused|timed out|unable|exception|invalid|missing",
    re.IGNORECASE,
)
_CLOSERS = ("Post job cleanup.", "Cleaning up orphan processes", "Complete job name:", "Evaluate and set job outputs")
MARKS = ("##[group]Run ", "##[error]", "##[section]", "Post job cleanup.", "Cleaning up orphan processes")
"""What must be in a line that `Structure.feed` is to see."""


MOVES = ("Entering directory ", "Leaving directory ")
_MOVED = re.compile(r"\S*(?:make|ninja)(?:\[\d+\])?: (Entering|Leaving) directory [`'\"]?(.+?)['\"]?$")
_DEEPEST = 100


class Step:
    """A step of a job. `failed` is None while or where the log does not tell.

    `last_words` is the line, and its number, that says most of why it failed, for a step none of whose output is
    understood.
    """

    __slots__ = (
        "_command",
        "closed",
        "errors",
        "exited",
        "folders",
        "header",
        "is_run",
        "job",
        "last_words",
        "name",
        "title",
        "told",
    )

    def __init__(self, job: str | None, name: str | None) -> None:
        self.job = job
        self.name = name
        self.title = ""
        self.header = b""
        self._command: str | None = None
        self.is_run = False
        self.exited = False
        self.errors = 0
        self.closed = False
        self.last_words: tuple[int, str] | None = None
        self.folders: tuple[str, ...] = ()
        """Those that make has entered and not left, as it printed them."""
        self.told: object | None = None
        """The problem it told of that another step had told of before."""

    @property
    def command(self) -> str | None:
        """The script as the runner echoed it, or the action's name; read when asked for."""
        if self._command is None and self.title:
            script: list[str] = []
            for raw in self.header.split(b"\n"):
                cleaned = clean(raw)
                if cleaned.level == "" and re.match(r"(?:shell|env|with):", cleaned.text):
                    break
                script.append(cleaned.text)
            self._command = "\n".join(script).strip() or self.title
        return self._command

    @property
    def failed(self) -> bool | None:
        if self.exited or (self.errors and not self.is_run):
            return True
        return False if self.closed else None


def _echoed(header: bytes) -> bool:
    return any(colour in header for colour in ECHOES)


def _last_words(line: Line) -> Line:
    """The nearest line above that speaks of an error; else the last line with any text; else `line` itself."""
    last: Line | None = None
    above = line.window.previous(line)
    for _ in range(60):
        if above is None or above.level in ("group", "endgroup", "echo") or above.clean.job != line.clean.job:
            break
        if above.text.strip():
            last = last or above
            if _COMPLAINS.search(above.text):
                return above
        above = line.window.previous(above)
    return last or line


class Structure:
    """Fed with every line that has one of MARKS, and told of the first line of interest after a change of job."""

    def __init__(self) -> None:
        self.step = Step(None, None)
        self._failing: list[Step] = []
        self._echoed_to = -1

    def echoing(self, line: Line) -> bool:
        """Whether the line is of the script that the runner prints before it runs it."""
        return line.position < self._echoed_to

    def enter(self, line: Line) -> None:
        """Notice a new job or step from the columns of `gh run view`."""
        clean = line.clean
        if clean.job is not None and (clean.job != self.step.job or clean.step != self.step.name):
            self._open(clean.job, clean.step, closes=clean.job == self.step.job)

    def feed(self, line: Line) -> None:
        self.enter(line)
        level, text = line.level, line.text
        if level == "group":
            if text.startswith("Run ") and not self.echoing(line):
                self._run(line)
        elif level == "error":
            self.step.errors += 1
            if _ENDED_BADLY.search(text):
                self.step.exited = True
            if self.step.last_words is None:
                said = _last_words(line) if _EXITED.match(text) else line
                self.step.last_words = (said.number, said.text)
        elif level == "section":
            if text.startswith("Starting:"):
                self._open(self.step.job, text.removeprefix("Starting:").strip(), closes=True)
            elif text.startswith("Finishing:"):
                self.step.closed = True
        elif text.startswith(_CLOSERS):
            self._open(self.step.job, self.step.name if line.clean.job is not None else "Post", closes=True)

    def moved(self, text: str) -> bool:
        """Whether make tells that it works in another folder from here on, and takes note of it."""
        matched = _MOVED.match(text)
        if matched is None:
            return False
        folders = self.step.folders
        if matched[1] == "Entering":
            self.step.folders = (*folders[-_DEEPEST:], matched[2])
        elif matched[2] in folders:
            self.step.folders = folders[: len(folders) - 1 - folders[::-1].index(matched[2])]
        return True

    def _open(self, job: str | None, name: str | None, *, closes: bool) -> None:
        if closes:
            self.step.closed = True
        self._keep()
        self.step = Step(job, name)
        self._echoed_to = -1

    def _run(self, line: Line) -> None:
        """`##[group]Run title`, the script, `shell:` and `env:` lines, `##[endgroup]`.

        A program may open a group of that name too: what the runner wrote has settings, a coloured script, or the title
        as its first line.
        """
        title = line.text.removeprefix("Run ").strip()
        end = line.window.data.find(b"##[endgroup]", line.end, line.end + _LONGEST_SCRIPT)
        if end < 0:
            return
        header = line.window.data[line.end + 1 : end]
        first = clean(header.split(b"\n", 1)[0])
        if not (_SETTINGS.search(header) or _echoed(header) or first.text.strip() == title or not header.strip()):
            return
        named = line.clean.job is not None
        self._open(line.clean.job or self.step.job, line.clean.step if named else f"Run {title}", closes=True)
        self.step.is_run = b"shell: " in header or _echoed(header)
        self.step.title = title
        self.step.header = header
        self._echoed_to = line.window.offset + end

    @property
    def failed(self) -> list[Step]:
        """The steps that failed, in the order of the log; the first `MOST_STEPS` of them."""
        return [step for step in (*self._failing, self.step) if step.failed]

    def _keep(self) -> None:
        if (self.step.exited or self.step.errors) and len(self._failing) < MOST_STEPS:
            self._failing.append(self.step)

    def finish(self, whole: bool) -> None:
        """The log ends here; `whole` when the runner said that the job ended."""
        if whole:
            self.step.closed = True
