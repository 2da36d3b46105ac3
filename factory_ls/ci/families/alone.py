"""What the lines around a place tell of it, whoever prints it. A place on a line of its own: what is wrong stands above
or below."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import external, tidy
from factory_ls.ci.places import Place, find_place
from factory_ls.ci.rules import Found, Here, severity_of
from factory_ls.ci.window import Line

LOGGED = re.compile(
    r"^\W*(?:INFO|DEBUG|TRACE|VERBOSE|info|debug|trace|verbose)\b|\b(?:DEBUG|TRACE)\b|^\s*(?:\+{1,3} |\$ |> |>> |✓|✔|√|ok \d|PASS|---|===)|^\s*\[\d+/\d+\]|^\s*#"
)
NOT_SOURCE = re.compile(
    r"\.(?:log|lock|tmp|out|o|obj|pyc|class|jar|zip|gz|png|jpg|svg|map|snap|exe|dll|lib|pdb|dylib|so|a|bin|7z|bz2|war|com|net|org|io)$",
    re.IGNORECASE,
)
_FRAMED = re.compile(r"\s*>?\s*\d+\s*(?:[|│┃┆]|:(?!\d))|\s*[|│┃]|\s*\^|\s*[~^-]*\^|\s{2,}v$")
_TRACED = re.compile(
    r"(?i:stack|trace|call(?:ed|er)s?\b|import(?:ed|s)\b|required\b|included\b|referenced|note\b|see\b|running|compiling|loading|got\b|passed|\bok\b|frame|info\b|debug\b)"
)
_GRADED = re.compile(r"\W*(?:\w+ )?(?P<sev>(?i:error|warning|fatal))\b")


def alone(match: re.Match[str], here: Here) -> Found | None:
    """A place on a line of its own, below what is wrong with it: over a frame of code, or behind a colon."""
    path = tidy(match["path"])
    if NOT_SOURCE.search(path) or external(match["path"]) or not re.search(r"\.\w+$", path):
        return None
    framed = False
    for count, (text, _) in enumerate(here.below(2)):
        framed = framed or bool(_FRAMED.match(text))
        if (text.strip() and not framed) or (count and not framed):
            break
    told, line, near = _told_above(here)
    if framed and not near:
        told, line = _told_below(here) or (told, line)
    elif not framed and here.text.rstrip().endswith(":") and not here.text.startswith(" "):
        return _announcing(match, here)
    elif not framed and match["col"] and not here.text.startswith(" ") and (named := _named_below(match, here)):
        return named
    if line is None:
        if not (blamed := _blamed_above(here)):
            return None
        told, line, near, framed = *blamed, True, True
    graded = _GRADED.match(told)
    coded = near and re.match(r"\[\w+\] \S", told) and not here.text.startswith(" ")
    announced = coded or (near and told.endswith(":") and len(told) > 8 and here.text.startswith((" ", "\t")))
    if not (framed or announced or (graded and near)) or _TRACED.match(told) or LOGGED.match(told):
        return None
    if find_place(told) or not re.search(r"[A-Za-z]{2}.* ", told):
        return None
    message = told.rstrip(":")
    if graded and told[graded.end() :].lstrip().startswith(":"):
        message = told[graded.end() :].lstrip(" :")
    found = here.located(match, message=message, severity=severity_of(graded["sev"] if graded else None))
    if found:
        found.log_line = min(line.number, here.line.number)
        found.tool = tool_of(found.path, None, found.message, here.step.command)
    return found


def _named_below(match: re.Match[str], here: Here) -> Found | None:
    """`a.rb:4:5`, and below it a message that begins with its kind: `Dependency violation: …`."""
    for text, line in here.below(1):
        if re.match(r"[A-Z][a-z]+(?: [a-z]+){0,2} (?:violation|error|warning|offense): \S", text):
            here.claim(line)
            return here.located(match, message=text.strip(), tool=tool_of(tidy(match["path"]), None, text, None))
        if told := re.match(r"\s+\[(?P<sev>Error|Warning|Information|Hint)\]\s+(?P<code>[\w-]+)\s+(?P<msg>\S.*)", text):
            here.claim(line)
            return here.located(
                match,
                message=told["msg"],
                code=told["code"],
                severity=severity_of(told["sev"]),
                tool=tool_of(tidy(match["path"]), None, told["msg"], None),
            )
    return None


def _announcing(match: re.Match[str], here: Here) -> Found | None:
    """`a.idr:4:5:`, and what is wrong on the lines below. doctest's names of tests stand below a rule."""
    if any(re.match(r"={30,}$", text) for text, _ in here.above(1)):
        return None
    for text, line in here.below(1):
        told = text.strip()
        if (
            re.match(r"[A-Z][A-Z ]+:", told)
            or not re.search(r"[A-Za-z]{2}.* ", told)
            or ((other := find_place(told)) and tidy(other.path) != tidy(match["path"]))
            or _TRACED.match(told)
            or LOGGED.match(told)
        ):
            return None
        graded = _GRADED.match(told)
        here.claim(line)
        found = here.located(match, message=told, severity=severity_of(graded["sev"] if graded else None))
        if found:
            found.tool = tool_of(found.path, None, found.message, here.step.command)
        return found
    return None


def _told_above(here: Here) -> tuple[str, Line | None, bool]:
    """What stands above, its line, and whether no empty line is between."""
    for count, (text, line) in enumerate(here.above(3)):
        if text.strip():
            return (text.strip(), None if _FRAMED.match(text) else line, count == 0)
    return "", None, False


def _blamed_above(here: Here) -> tuple[str, Line] | None:
    """What stands above a frame of code: `Error: what`, `12│ code`, and the place at last (Dhall)."""
    for text, line in here.above(8):
        if text.strip() and not _FRAMED.match(text):
            return (text.strip(), line) if re.match(r"(?:Error|Warning): \S", text) else None
    return None


def _told_below(here: Here) -> tuple[str, Line] | None:
    """What stands below the frame of code."""
    for text, line in here.below(12):
        if text.strip() and not _FRAMED.match(text) and not re.match(r"-+\^", text):
            return text.strip(), line
    return None


def listed(here: Here) -> bool:
    """Whether the list that this item is of stands below a sentence, and not below a problem that it explains."""
    for text, _ in here.above(200):
        if not re.match(r"\s*[-•] ", text):
            return text.rstrip().endswith(":") and find_place(text) is None
    return False


def continues(place: Place, here: Here) -> bool:
    """`a.c:3:5:    expected int`, indented below the problem at the same place."""
    for text, _ in here.above(1):
        above = find_place(text)
        return above is not None and (above.path, above.line, above.column) == (place.path, place.line, place.column)
    return False


def unnamed(match: re.Match[str], here: Here) -> Found | None:
    """`sudoers.d/app:12:24: syntax error`: a file without an extension."""
    if external(match["path"]) or re.search(r"\.\w+$", match["path"]):
        return None
    found = here.found(
        match["msg"], match["path"], match["line"], column=match["col"], severity=severity_of(match["sev"].split()[-1])
    )
    found.tool = tool_of(found.path, None, found.message, here.step.command)
    return found
