"""Scanners with reports of their own: semgrep, trivy, tfsec, link checkers."""

# ruff: noqa: E501, RUF001, RUF002 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_RANGE = re.compile(r"\s*(?:via )?(?P<path>[^\s:]+\.\w+|\S*Dockerfile\S*?):(?P<line>\d+)(?:-(?P<eline>\d+))?\s*$")


def _semgrep(match: re.Match[str], here: Here) -> list[Found] | None:
    """A file, `❯❯❱ rule`, what is wrong, `12┆ code`; the same rule may name several lines."""
    path = None
    for text, _ in here.above(400):
        stripped = text.strip()
        if stripped and " " not in stripped and "┆" not in text and plausible(tidy(stripped)):
            path = stripped
            break
    if path is None:
        return None
    severity = {"❯❯❱": Severity.ERROR, "❯❱": Severity.WARNING}.get(match["mark"], Severity.INFO)
    message: list[str] = []
    lines: list[str] = []
    last, apart = here.line, True
    for text, line in here.below(60):
        if numbered := re.match(r"\s+(?P<line>\d+)┆", text):
            if apart:
                lines.append(numbered["line"])
            apart = False
        elif re.match(r"\s+⋮┆-{3,}", text):
            apart = True
        elif re.match(r"\s*❯*❱ |\s*[│┌└]", text) or (lines and text.strip()):
            break
        elif text.strip() and not lines and not re.match(r"\s+(?:Details:|▶▶┆|❯❯┆|❰❰ )", text):
            message.append(text.strip())
        last = line
    if not lines:
        return None
    here.claim(last)
    found = []
    for number in lines:
        one = here.found(
            " ".join(message) or match["code"],
            path,
            number,
            severity=severity,
            code=match["code"],
            tool="semgrep",
            last=last,
        )
        one.gates = True
        found.append(one)
    return found


def _scanned(match: re.Match[str], here: Here) -> Found | None:
    """trivy and tfsec: `AVD-AWS-0086 (HIGH): what`, some prose, a rule, ` main.tf:12-15`."""
    code = match.groupdict().get("code")
    for text, line in here.below(40):
        if located := _RANGE.match(text):
            here.claim(line)
            found = here.found(
                match["msg"],
                located["path"],
                located["line"],
                severity=severity_of(match["sev"]),
                code=code,
                tool="trivy" if code else "tfsec",
            )
            found.end_line = int(located["eline"]) if located["eline"] else None
            found.gates = True
            return found
        if re.match(r"(?:[A-Z]+-)+\d+ \(|Result #\d", text):
            break
    if code is None:
        return None
    # Of the file as a whole, which heads the list.
    for text, _ in here.above(600):
        if headed := re.match(r"(?P<path>\S+\.\w+|\S*Dockerfile\S*) \(\w[\w-]*\)$", text):
            found = here.found(
                match["msg"], headed["path"], severity=severity_of(match["sev"]), code=code, tool="trivy"
            )
            found.gates = True
            return found
    return None


def _underlined(match: re.Match[str], here: Here) -> Found | None:
    """trivy before it told codes: `HIGH: what`, a line of `═`, some prose, a rule, ` Dockerfile:12`."""
    if not any(text.startswith("════") for text, _ in here.below(1)):
        return None
    for text, line in here.below(40):
        if located := _RANGE.match(text):
            here.claim(line)
            found = here.found(
                match["msg"], located["path"], located["line"], severity=severity_of(match["sev"]), tool="trivy"
            )
            found.gates = True
            return found
    return None


def _ranged(match: re.Match[str], here: Here) -> Found | None:
    """tfsec before 0.40: `[AWS002][ERROR] what`, and the place on the next line."""
    for text, line in here.below(1):
        if located := _RANGE.match(text):
            here.claim(line)
            return here.found(
                match["msg"],
                located["path"],
                located["line"],
                severity=severity_of(match["sev"]),
                code=match["code"],
                tool="tfsec",
            )
    return None


def _lychee(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(200):
        if headed := re.match(r"(?:### Errors in |Errors in )?\[?(?P<path>[^\s\[\]]+\.\w+)\]?:?$", text):
            return here.found(f"{match['link']}: {match['msg']}", headed["path"], match["line"], tool="lychee")
        if text.strip() and not re.match(r"\s*(?:\* )?\[", text):
            return None
    return None


def _snyk(match: re.Match[str], here: Here) -> Found | None:
    """snyk code: ` ✗ [High] SQL Injection`, then `   Path: src/db.js, line 12`."""
    for text, _ in here.above(4):
        if told := re.match(r"\s*✗ \[(?P<sev>\w+)\] (?P<msg>.*\S)", text):
            return here.located(match, message=told["msg"], severity=severity_of(told["sev"]), tool="snyk")
    return None


def _link(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(400):
        if headed := re.match(r"FILE: (?P<path>\S+)$", text):
            return here.found(f"Dead link: {match['msg']}", headed["path"], tool="markdown-link-check")
    return None


FAMILY = Family(
    name="security",
    about="semgrep, trivy, tfsec, link checkers",
    names=("semgrep", "trivy", "tfsec", "lychee", "markdown-link-check"),
    rules=(
        Rule("❱ ", r"\s*(?P<mark>❯*❱) (?P<code>[\w.-]+\.[\w.-]+|\w[\w-]+)\s*$", _semgrep),
        Rule(
            (" (CRITICAL): ", " (HIGH): ", " (MEDIUM): ", " (LOW): ", " (UNKNOWN): "),
            r"(?P<code>[A-Z][A-Z0-9-]*\d+) \((?P<sev>CRITICAL|HIGH|MEDIUM|LOW|UNKNOWN)\): (?P<msg>.*)",
            _scanned,
        ),
        Rule(
            ("CRITICAL: ", "HIGH: ", "MEDIUM: ", "LOW: "),
            r"(?P<sev>CRITICAL|HIGH|MEDIUM|LOW): (?P<msg>[A-Z].*)",
            _underlined,
        ),
        Rule(
            "][",
            r"\s*\[(?P<code>[A-Z]{3}\d{3})\]\[(?P<sev>ERROR|WARNING|INFO)\] (?P<msg>.*)",
            _ranged,
            scan=r"\[[A-Z]+[0-9]+\]\[",
        ),
        Rule("Result #", r"\s*Result #\d+ (?P<sev>CRITICAL|HIGH|MEDIUM|LOW) (?P<msg>.*\S)", _scanned),
        Rule(
            "] ",
            r"\s*(?:(?:\* )?\[(?P<status>ERROR|TIMEOUT|[45]\d\d|ERR)|R)\] <?(?P<link>\S+?)>?(?: \(at (?P<line>\d+):\d+\))? \| (?P<msg>.*)",
            _lychee,
            scan=r"(?:\[(?:ERROR|TIMEOUT|ERR|[45][0-9][0-9])|\]R)\] [^ \n]+ (?:\(|\|)",
        ),
        Rule(
            "#",
            r"\s+#\d+: (?P<path>[^\s:]+\.go):(?P<line>\d+):(?P<col>\d+): (?P<msg>\S+ .*)",
            tool="govulncheck",
            scan=r"#[0-9]+: [^ :\n]+\.go:[0-9]",
        ),
        Rule(
            ", line ",
            r"\s+Path: (?P<path>[^\s,]+), line (?P<line>\d+)\s*$",
            _snyk,
            scan=r"Path: [^ ,\n]+, line [0-9]",
        ),
        Rule("→ Status: ", r"\s*\[✖\] (?P<msg>\S+ → Status: .*)", _link),
    ),
    samples=(
        sample(
            "    src/cart.py\n   ❯❯❱ python.lang.security.audit.exec-detected\n          Detected the use of exec().\n          Details: https://sg.run/x\n\n           12┆ exec(x)\n",
            "src/cart.py:12 error python.lang.security.audit.exec-detected",
            title="semgrep",
        ),
        sample(
            "main.tf (terraform)\n===================\nTests: 1 (SUCCESSES: 0, FAILURES: 1)\n\nAVD-AWS-0086 (HIGH): No public access block\n════════\nS3 buckets should block public ACLs.\n────────\n main.tf:12-15\n────────\n",
            "main.tf:12 error AVD-AWS-0086",
            title="trivy",
        ),
        sample(
            "Issues found in 1 input. Find details below.\n\n[README.md]:\n   [404] https://example.com/gone | Rejected status code: Not Found\n",
            "README.md error",
            title="lychee",
        ),
    ),
)
