"""What webpack, and what is built on it, says of a module: the file on one line, what is wrong on the next."""

# ruff: noqa: RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Found, Here, severity_of


def told(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    for text, line in here.below(4):
        if text.startswith("[tsl] "):
            return []  # ts-loader tells the place itself
        if text.strip() and not re.match(r"\.{1,2}/\S+$", text):
            here.claim(line)
            found = here.located(match, message=text.strip(), severity=severity_of(match["sev"]), tool="webpack")
            if found and (named := re.match(r"(?P<line>\d+):(?P<col>\d+)\s+(?P<msg>.*)", text.strip())):
                found.line, found.column, found.message = int(named["line"]), int(named["col"]), named["msg"]
            elif found and found.line is None:
                _framed(found, here)
                _imported(found, match["path"], here)
            return found
    return None


def _framed(found: Found, here: Here) -> None:
    """rspack: the place is in the code frame, `╭─[2:10]`, what is wrong in the line above it."""
    for text, line in here.below(10):
        if named := re.match(r"\s*(?:╰─▶ +)?×\s+(?:Error:\s+x )?(?P<msg>.*[^:])$", text):
            found.message = named["msg"]
        if framed := re.match(r"[\s│]*[╭┌,]─?-?\[(?:[^\]]+:)?(?P<line>\d+):(?P<col>\d+)\]", text):
            found.line, found.column = int(framed["line"]), int(framed["col"])
            here.claim(line)
            return


def _imported(found: Found, path: str, here: Here) -> None:
    """webpack 4 and 5: ` @ ./src/index.js 3:0-20` says where in the file."""
    for text, _ in here.below(12):
        if at := re.match(r" @ (?P<path>\S+) (?P<line>\d+):(?P<col>\d+)", text):
            if found.line is None and at["path"] == path:
                found.line, found.column = int(at["line"]), int(at["col"])
            return
        if text.startswith(("ERROR in", "WARNING in")):
            return


def under(match: re.Match[str], here: Here) -> Found | None:
    """`Module not found: …` where only the file is above: Cypress, Storybook, Next.js, webpack 3."""
    for text, _ in here.above(2):
        if named := re.match(r"(?P<path>\.{1,2}/[^\s:!]+\.\w+)(?: (?P<line>\d+):(?P<col>\d+)(?:-\S+)?)?$", text):
            found = here.found(match["msg"], named["path"], named["line"], column=named["col"], tool="webpack")
            _imported(found, named["path"], here)
            return found
        if text.strip():
            break
    return None


def unprepared(match: re.Match[str], here: Here) -> Found | None:
    """Cypress could not bundle a spec, which it names above `The error was:`; a place below is read for itself."""
    below = [(text, line) for text, line in here.below(12) if text.strip() and not text.startswith("This occurred")]
    if not below or any(re.search(r"\w:\d+:\d+\b|\(\d+:\d+\)|^\s*\.{1,2}/[^\s:]+\.\w+", text) for text, _ in below):
        return None
    for text, _ in here.above(4):
        if named := re.match(r"\s+(?:> )?(?P<path>[\w.-]+[/\\]\S+\.\w+)$", text):
            message = " ".join(text.strip() for text, _ in below[:2])
            here.claim(below[0][1])
            return here.found(message, named["path"], at=below[0][1], tool="cypress")
    return None


def metro(match: re.Match[str], here: Here) -> Found:
    """React Native's bundler: the line is in the code frame, below where it looked."""
    found = here.found(match["msg"], match["path"], tool="metro")
    for text, line in here.below(20):
        if framed := re.match(r"\s*> (?P<line>\d+) \|", text):
            here.claim(line)
            return here.found(match["msg"], match["path"], framed["line"], tool="metro", last=line)
    return found
