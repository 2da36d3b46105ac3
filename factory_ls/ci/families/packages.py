"""Checkers of dependencies that name a manifest or a lock file, and tables of vulnerabilities found in one."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_SOURCE = re.compile(r"(?:[^\s:|│]*/)?[\w.-]+\.(?:json|lock|ya?ml|toml|txt|mod|sum|xml|gradle|lockfile|csproj|exs)$")


def _counted(match: re.Match[str], here: Here) -> Found | None:
    """trivy: a file's name, a rule, `Total: 3 (HIGH: 2, CRITICAL: 1)`, a table."""
    if match["count"] == "0":
        return None
    for text, line in here.above(4):
        headed = re.match(r"(?P<path>\S+) \((?!secrets\))[\w. -]+\)$", text.strip())
        if headed and plausible(tidy(headed["path"])):
            found = here.found(f"{match['count']} vulnerabilities", headed["path"], tool="trivy", at=line)
            found.gates = True
            return found
    return None


def _sources(_: re.Match[str], here: Here) -> list[Found] | None:
    """osv-scanner: a table whose last column is the file that brings the package in."""
    found: dict[str, Found] = {}
    last = here.line
    for text, line in here.below(2000):
        cells = [cell.strip() for cell in re.split(r"[│|]", text.strip().strip("│|"))]
        if len(cells) < 4:
            if found and not re.match(r"[\s├└╰+─┼┴=-]+", text):
                break
            continue
        last = line
        source = next((cell for cell in reversed(cells) if _SOURCE.match(cell)), None)
        if source and source not in found:
            found[source] = here.found(
                f"{cells[0]} {cells[-3]} {cells[-2]}", source, tool="osv-scanner", at=line, last=line
            )
            found[source].gates = True
    here.claim(last)
    return list(found.values()) or None


def _machete(match: re.Match[str], here: Here) -> Found | None:
    names: list[str] = []
    last = here.line
    for text, line in here.below(200):
        if not re.match(r"\s+[\w-]+$", text):
            break
        names.append(text.strip())
        last = line
    if not names:
        return None
    here.claim(last)
    return here.found(f"Unused dependencies: {', '.join(names)}", match["path"], tool="cargo-machete", last=last)


def _pom(match: re.Match[str], here: Here) -> Found | None:
    """maven: `The project … (/w/pom.xml) has 1 error`, then each `message @ line 12, column 17`."""
    for text, _ in here.above(60):
        if headed := re.match(r"(?:\[ERROR\])?\s+The project .* \((?P<path>\S+)\) has \d+ error", text):
            return here.found(match["msg"], headed["path"], match["line"], column=match["col"], tool="maven")
        if not re.match(r"(?:\[ERROR\])?(?:\s|$)", text):
            break
    return None


FAMILY = Family(
    name="packages",
    about="checkers of dependencies and tables of vulnerabilities",
    names=("osv-scanner", "cargo-machete", "maven"),
    rules=(
        Rule("Total: ", r"Total: (?P<count>\d+) \((?:UNKNOWN|LOW|MEDIUM|HIGH|CRITICAL): \d+", _counted),
        Rule("OSV URL", r"\s*[│|]\s*OSV URL\s*[│|].*[│|]\s*SOURCE\s*[│|]", _sources),
        Rule("Cargo.toml:", r"\s*\S+ -- (?P<path>\S*Cargo\.toml):$", _machete),
        Rule(
            " @ line ",
            r"(?:\[ERROR\])?\s+(?P<msg>\S.*?):? @(?: \S+,)? line (?P<line>\d+), column (?P<col>\d+)(?: -> .*)?$",
            _pom,
        ),
    ),
    samples=(
        sample(
            "package-lock.json (npm)\n=======================\nTotal: 1 (UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 1, CRITICAL: 0)\n",
            "package-lock.json error",
            title="trivy",
        ),
        sample("go.mod (gomod)\n==============\nTotal: 0 (HIGH: 0, CRITICAL: 0)\n", title="none"),
        sample(
            "[ERROR] The build could not read 1 project -> [Help 1]\n[ERROR]   \n[ERROR]   The project shop:app:1.0 (/home/runner/work/shop/shop/pom.xml) has 1 error\n[ERROR]     'dependencies.dependency.version' for a:b:jar is missing. @ line 12, column 17\n",
            "pom.xml:12:17 error",
            title="maven",
        ),
    ),
)  # fmt: skip
