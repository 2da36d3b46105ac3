"""Programs that print nothing but the names of the files they do not like, and a linter that heads each with its place.

A name alone on a line says nothing: it counts in a step that failed, told of nothing else, and ran such a program.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import external, plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_LISTING = re.compile(
    r"(?m)\b(?P<tool>terraform|tofu|terragrunt|packer)(?: -\S+)* fmt\b.*-check|\b(?P<go>gofmt|goimports|gofumpt|shfmt)\b.*? -\w*l|\b(?P<prettier>prettier)\b.*? (?:-l\b|--list-different)"
)
_ENDINGS = {"go": (".go", ".sh", ".bash"), "tool": (".tf", ".tfvars", ".hcl"), "prettier": ()}
_MOST = 200
_GRADES = {"high": Severity.ERROR, "medium": Severity.WARNING, "low": Severity.INFO}


def _listed(_: re.Match[str], here: Here) -> list[Found] | None:
    ran = _LISTING.search(here.step.command or "")
    if ran is None:
        return None
    endings = next(_ENDINGS[kind] for kind in _ENDINGS if ran[kind])
    listed: list[Found] = []
    for text, line in here.above(_MOST):
        if line.level in ("group", "endgroup", "echo"):
            break
        path = text.strip()
        if re.search(r"\s", path) or not re.search(r"\.\w+$", path) or (endings and not path.endswith(endings)):
            continue
        if plausible(tidy(path)) and not external(path):
            found = here.found(f"Not formatted: {path}", path, at=line, last=line, tool=ran[0].split()[0])
            found.fallback = True
            listed.insert(0, found)
    return listed or None


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
    name="lists",
    about="names of files that are not formatted, and nothing else; trunk",
    names=("gofumpt", "goimports", "shfmt", "trunk"),
    rules=(
        Rule("Process completed with exit code", r"Process completed with exit code", _listed),
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
