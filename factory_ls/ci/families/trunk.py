"""trunk: each finding below its file's place, with the linter's name in front of the code."""

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_GRADES = {"high": Severity.ERROR, "medium": Severity.WARNING, "low": Severity.INFO}


def _graded(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(100):
        if headed := re.match(r"(?P<path>[^\s:]+):\d+(?::\d+)?$", text):
            found = here.found(
                match["msg"], headed["path"], match["line"], column=match["col"], code=match["code"],
                severity=_GRADES[match["sev"]], tool=match["code"].split("/")[0],
            )  # fmt: skip
            found.gates = True
            return found
        if not re.match(r"\s+\d+:\d+\s", text):
            return None
    return None


FAMILY = Family(
    name="trunk",
    about="findings of the linters that trunk runs",
    rules=(
        Rule(
            ("  high  ", "  medium  ", "  low  "),
            r"\s+(?P<line>\d+):(?P<col>\d+)\s+(?P<sev>high|medium|low)\s+(?P<msg>\S.*?)\s{2,}(?P<code>[\w.-]+/\S+)$",
            _graded,
            tool="trunk",
        ),
    ),
    samples=(
        sample(
            '.github/workflows/ci.yml:12:9\n 12:9  high  "runs-on" is required  actionlint/syntax-check\n',
            ".github/workflows/ci.yml:12:9 error actionlint/syntax-check",
            title="trunk",
        ),
    ),
)
