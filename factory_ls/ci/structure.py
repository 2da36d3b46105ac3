"""Which job and step a line belongs to, which command the step ran, and how the step ended.

The runner marks this in the log: `##[group]Run …` opens a step and echoes its script up to `##[endgroup]`;
`##[error]Process completed with exit code N.` ends a failed one. An error printed by a step that passed did not fail
anything.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.text import ECHO, clean
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
_EXITED = re.compile(r"Process completed with exit code")
_COMPLAINS = re.compile(
    r"error|fatal|cannot|can't|could not|couldn't|failed|failure|not found|no such|denied|refused|timed out|unable|exception|invalid|missing",
    re.IGNORECASE,
)
_CLOSERS = ("Post job cleanup.", "Cleaning up orphan processes", "Complete job name:", "Evaluate and set job outputs")
MARKS = ("##[", "##vso[", "Post job cleanup.", "Cleaning up orphan processes")


class Step:
    """A step of a job. `failed` is None while or where the log does not tell.

    `last_words` is the line that says most of why it failed, for a step none of whose output is understood.
    """

    __slots__ = ("_command", "closed", "errors", "exited", "header", "is_run", "job", "last_words", "name", "title")

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
        self.last_words: Line | None = None

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
    """Fed with every line that has one of MARKS, and with the first line of interest after a change of job."""

    def __init__(self) -> None:
        self.step = Step(None, None)
        self.steps: list[Step] = []
        self.echoing = False

    def enter(self, line: Line) -> None:
        """Notice a new job or step from the columns of `gh run view`."""
        clean = line.clean
        if clean.job is not None and (clean.job != self.step.job or clean.step != self.step.name):
            self._open(clean.job, clean.step, closes=clean.job == self.step.job)

    def feed(self, line: Line) -> None:
        self.enter(line)
        level, text = line.level, line.text
        if level == "group":
            if text.startswith("Run ") and not self.echoing:
                self._run(line)
        elif level == "endgroup":
            self.echoing = False
        elif level == "error":
            self.step.errors += 1
            if _ENDED_BADLY.search(text):
                self.step.exited = True
            if self.step.last_words is None:
                self.step.last_words = _last_words(line) if _EXITED.match(text) else line
        elif level == "section":
            if text.startswith("Starting:"):
                self._open(self.step.job, text.removeprefix("Starting:").strip(), closes=True)
            elif text.startswith("Finishing:"):
                self.step.closed = True
        elif text.startswith(_CLOSERS):
            self._open(self.step.job, self.step.name if line.clean.job is not None else "Post", closes=True)

    def _open(self, job: str | None, name: str | None, *, closes: bool) -> None:
        if closes:
            self.step.closed = True
        self.step = Step(job, name)
        self.steps.append(self.step)
        self.echoing = False

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
        if not (_SETTINGS.search(header) or ECHO in header or first.text.strip() == title or not header.strip()):
            return
        named = line.clean.job is not None
        self._open(line.clean.job or self.step.job, line.clean.step if named else f"Run {title}", closes=True)
        self.step.is_run = b"shell: " in header or ECHO in header
        self.step.title = title
        self.step.header = header
        self.echoing = True

    def finish(self, whole: bool) -> None:
        """The log ends here; `whole` when the runner said that the job ended."""
        if whole:
            self.step.closed = True
