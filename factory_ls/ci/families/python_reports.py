"""Python checkers that head their findings with a file, or measure: pyright before 1.1.309, prospector, wemake, xenon, lizard, pyupgrade."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.eslint import header_above
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _headed(match: re.Match[str], here: Here) -> Found | None:
    path = header_above(here)
    if path is None:
        return None
    code = match.groupdict().get("code")
    message = match["msg"]
    if trailing := re.search(r" \((?P<rule>report\w+)\)$", message):
        code, message = trailing["rule"], message[: trailing.start()]
    return here.found(
        message, path, match["line"], column=match["col"], code=code, severity=severity_of(match.groupdict().get("sev")), tool=here.tool
    )  # fmt: skip


def _prospector(match: re.Match[str], here: Here) -> Found | None:
    """A file, `  Line: 12`, `    pylint: no-member / message (col 4)`."""
    line = None
    for text, _ in here.above(400):
        if numbered := re.match(r"\s+Line: (?P<line>\d+)$", text):
            line = line or numbered["line"]
        elif line and re.fullmatch(r"\S+\.\w+", text):
            return here.found(match["msg"], text, line, column=match["col"], code=match["code"], tool=match["name"])
        elif not text.startswith("    "):
            return None
    return None


def _complex(match: re.Match[str], here: Here) -> Found | None:
    """lizard: rows of its table of warnings; its other table has every function."""
    for text, _ in here.above(400):
        if text.startswith("!!!! Warnings"):
            message = f"{match['name']}: {match['lines']} lines, cyclomatic complexity {match['ccn']}"
            return here.located(match, message=message, severity=Severity.WARNING, tool="lizard")
        if not re.match(r"\s*(?:\d+\s+\d+\s|NLOC|[-=]{6,})", text):
            return None
    return None


FAMILY = Family(
    name="python-reports",
    about="pyright before 1.1.309, prospector, wemake, xenon, lizard",
    names=("prospector", "wemake", "xenon", "lizard"),
    rules=(
        Rule(
            (" - error: ", " - warning: ", " - information: "),
            r"\s+(?P<line>\d+):(?P<col>\d+) - (?P<sev>error|warning|information): (?P<msg>.*)",
            _headed,
            tool="pyright",
        ),
        Rule(
            ":",
            r"\s+(?P<line>\d+):(?P<col>\d+)\s{2,}(?P<code>[A-Z]{1,4}\d{2,4}) (?P<msg>.*)",
            _headed,
            tool="flake8",
            scan=r"[0-9]:[0-9]+ +[A-Z]+[0-9]+ ",
        ),
        Rule(
            " / ",
            r"\s{4}(?P<name>[a-z][\w-]*): (?P<code>[\w-]+) / (?P<msg>.*?)(?: \(col (?P<col>\d+)\))?$",
            _prospector,
            scan=r" {4}[a-z][a-z0-9_-]+: [A-Za-z0-9_-]+ / ",
        ),
        Rule(
            "ERROR:xenon:",
            r"ERROR:xenon:(?:block|module) [\"'](?P<path>[^\"':]+)(?::(?P<line>\d+) (?P<name>\S+))?[\"'] (?P<msg>has a rank of \w)",
            tool="xenon",
        ),
        Rule(
            "@",
            r"\s*(?P<lines>\d+)\s+(?P<ccn>\d+)\s+\d+\s+\d+\s+\d+\s+(?P<name>[^\s@]+)@(?P<line>\d+)-\d+@(?P<path>\S+)\s*$",
            _complex,
            scan=r"@[0-9]+-[0-9]+@",
        ),
    ),
    samples=(
        sample(
            '/w/shop/a.py\n  12:5 - error: "x" is not defined (reportUndefinedVariable)\n1 error, 0 warnings',
            "/w/shop/a.py:12:5 error reportUndefinedVariable",
            title="pyright",
        ),
        sample(
            "Messages\n========\n\nshop/a.py\n  Line: 12\n    pylint: no-member / Instance of 'Cart' has no 'x' member (col 4)",
            "shop/a.py:12:4 error no-member",
            title="prospector",
        ),
        sample(
            "  NLOC    CCN   token  PARAM  length  location\n---------------------------\n      40     20    300      2      45 total@12-57@shop/a.py",
            title="lizard: every function",
        ),
    ),
)
