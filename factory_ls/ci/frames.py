"""Python tracebacks and stack frames: which place of a failure is the repository's."""

import re
from typing import NamedTuple

from factory_ls.ci.here import Found, Here
from factory_ls.ci.paths import external, plausible, tidy
from factory_ls.ci.window import Line
from factory_ls.model.problem import Related


class Frame(NamedTuple):
    path: str
    line: int
    function: str = ""
    column: int | None = None

    @property
    def usable(self) -> bool:
        return self.line < 10_000_000 and not external(self.path) and plausible(tidy(self.path))


_PACKAGES = re.compile(r"(?P<root>.*)[\\/](?:lib(?:64)?[\\/]python\d[\w.]*|Lib)[\\/]site-packages[\\/]")


def _environments(frames: list[Frame]) -> tuple[str, ...]:
    """The folders of scripts beside the packages that the frames are of: theirs is a program's start, not ours."""
    roots = {matched["root"] for frame in frames if (matched := _PACKAGES.match(frame.path))}
    return tuple(f"{root}{folder}" for root in roots for folder in ("/bin/", "\\Scripts\\"))


def place(found: Found, frames: list[Frame], *, innermost_last: bool) -> Found:
    """Put `found` at the innermost frame inside the repository; the others become `related`."""
    ordered = list(reversed(frames)) if innermost_last else list(frames)
    scripts = _environments(frames)
    usable = [frame for frame in ordered if frame.usable and not (scripts and frame.path.startswith(scripts))]
    if not usable:
        return found
    first = usable[0]
    found.path, found.printed, found.line, found.column = tidy(first.path), first.path, first.line or None, first.column
    found.external = False
    seen = {(found.path, found.line)}
    for frame in usable[1:8]:
        path = tidy(frame.path)
        if (path, frame.line) not in seen:
            seen.add((path, frame.line))
            found.related.append(
                Related(path=path, line=frame.line or None, message=frame.function or "called from here")
            )
    return found


_FILE = re.compile(r"[\s|+]*File \"(?P<path>[^\"]+)\", line (?P<line>\d{1,9})(?:, in (?P<function>.+))?")
_RAISED = re.compile(r"[\s|+]*(?P<name>(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?:: (?P<message>.*))?$")
_CHAINED = re.compile(r"[\s|+]*(?:During handling of the above|The above exception was the direct cause)")
_ERRORISH = re.compile(
    r"(?:Error|Exception|Exit|Interrupt|Warning|Failure|Failed|Timeout|Fault|Group|Stop\w*|DoesNotExist|NotFound|Invalid\w*|Abort\w*|\w+)$"
)


_RULED = re.compile(r"={20,}$")


class Traceback(NamedTuple):
    frames: list[Frame]
    name: str
    message: str
    raised: Line
    last: Line


def read_traceback(here: Here, limit: int = 600) -> Traceback | None:
    """The traceback (and those chained to it) below a `Traceback (most recent call last):` line.

    Frames are those of the last traceback, outermost first; when none of them is in the repository, those of the
    nearest one before it that has such a frame.
    """
    blocks: list[list[Frame]] = [[]]
    raised: tuple[str, str, Line] | None = None
    last = here.line
    blank, chained = 0, False
    indent = len(here.text) - len(here.text.lstrip(" |+"))
    for text, line in here.below(limit):
        body = text.strip(" |+\t")
        if raised and _RULED.match(text):
            break  # the next failure's heading
        if not body:
            blank += 1
            if raised and blank > 2:
                break
            continue
        if "Traceback (most recent call last)" in text:
            if raised and not chained and "|" not in text:
                break  # another's
            blocks.append([])
            chained = False
            raised, blank = None, 0
            indent = len(text) - len(text.lstrip(" |+"))
            continue
        if _CHAINED.match(text):
            blank, chained = 0, True
            continue
        matched = _FILE.match(text)
        if matched:
            if raised and not blocks[-1]:
                blocks.append([])
            if raised and blank:
                break
            blocks[-1].append(Frame(matched["path"], int(matched["line"]), matched["function"] or ""))
            last = line
            continue
        if raised:
            if blank:
                break
            # A message of several lines, or the notes of an exception, up to a blank line.
            if line.number - raised[2].number > 20:
                break
            continue
        own = len(text) - len(text.lstrip(" |+"))
        if blocks[-1] and own <= indent and (matched := _RAISED.match(text)) and _ERRORISH.search(matched["name"]):
            raised = (matched["name"], matched["message"] or "", line)
            last = line
            blank = 0
        elif own <= indent and not text.startswith((" ", "\t")) and blocks[-1] and line.number - last.number > 6:
            break
    if raised is None:
        return None
    name, message, at = raised
    scripts = _environments([frame for block in blocks for frame in block])
    for block in reversed(blocks):
        if any(frame.usable and not (scripts and frame.path.startswith(scripts)) for frame in block):
            return Traceback(block, name, message, at, last)
    return Traceback(blocks[-1], name, message, at, last)
