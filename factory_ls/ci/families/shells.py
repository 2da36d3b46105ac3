"""PowerShell's own errors, shell test runners, and languages whose tools print a framed report: FSharpLint, dockerfilelint, SBCL."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of


def _powershell(match: re.Match[str], here: Here) -> Found | None:
    """PowerShell 7: `Get-Item: /w/a.ps1:12`, `Line |`, the code, `     | what is wrong`."""
    message: list[str] = []
    marked, last = False, here.line
    for count, (text, line) in enumerate(here.below(12)):
        if count == 0 and not re.match(r"Line \|$", text.rstrip()):
            return None
        row = re.match(r"\s*(?:\d+|Line)?\s*\|(?P<rest>.*)", text)
        if not row:
            break
        if marked:
            message.append(row["rest"].strip())
        marked = marked or bool(re.match(r"\s*~+\s*$", row["rest"]))
        last = line
    if not message:
        return None
    here.claim(last)
    return here.located(match, message=" ".join(message), tool="powershell")


def _shellspec(match: re.Match[str], here: Here) -> Found | None:
    """`1.1) The output should equal 4`, what was expected, `# spec/a_spec.sh:12`."""
    for text, line in here.below(30):
        if re.match(r"\s+\d+\.\d+\) ", text):
            return None
        if one := re.match(r"\s+# (?P<path>\S+):(?P<line>\d+)(?:-\d+)?$", text):
            here.claim(line)
            return here.found(match["msg"], one["path"], one["line"], tool="shellspec", last=line)
    return None


def _fsharp(match: re.Match[str], here: Here) -> Found | None:
    """FSharpLint: `===== Linting a.fs =====`, what is wrong, `Error on line 12 starting at column 5`."""
    message = next((text.strip() for text, _ in here.above(1)), "")
    for text, _ in here.above(400):
        if headed := re.match(r"=+ Linting (?P<path>\S.*?) =+$", text):
            return here.found(message or match[0], headed["path"], match["line"], column=match["col"], severity=severity_of(match["sev"]), tool="fsharplint")  # fmt: skip
    return None


def _docker(match: re.Match[str], here: Here) -> list[Found]:
    """dockerfilelint: `File:   Dockerfile`, then `Line 3: RUN …` and a table of what is wrong there."""
    found: list[Found] = []
    number, last = None, here.line
    for text, line in here.below(400):
        if re.match(r"File:\s+\S", text):
            break
        if headed := re.match(r"Line (?P<line>\d+):", text):
            number = headed["line"]
        elif number and (row := re.match(r"\s*\d+\s{2,}(?P<kind>\w[\w ]*?)\s{2,}(?P<msg>\S.*?)(?:\s{2,}.*)?$", text)):
            found.append(here.found(row["msg"], match["path"], number, code=row["kind"], tool="dockerfilelint", at=line, last=line))  # fmt: skip
            last = line
    here.claim(last)
    return found


def _lisp(match: re.Match[str], here: Here) -> Found | None:
    """SBCL: `; file: /w/a.lisp`, the form, `; caught WARNING:`, `;   what is wrong`; it gives no line."""
    message = next((text.strip(" ;") for text, _ in here.below(1)), "")
    for text, _ in here.above(60):
        if headed := re.match(r"; (?:file: |compiling file \")(?P<path>[^\s\"]+)", text):
            return here.found(message, headed["path"], severity=severity_of(match["sev"].replace("STYLE-", "")), tool="sbcl")  # fmt: skip
    return None


FAMILY = Family(
    name="shells",
    about="PowerShell's errors, shellspec, FSharpLint, dockerfilelint, SBCL",
    names=("powershell", "shellspec", "fsharplint", "dockerfilelint", "sbcl"),
    rules=(
        Rule(".ps1:", r"(?P<code>[\w-]+): (?P<path>\S.*\.psm?1):(?P<line>\d+)$", _powershell),
        Rule(
            ".", r"\s+\d+\.\d+\) (?P<msg>\S.*)", _shellspec, scan=r"  [0-9]+\.[0-9]+\) [A-Z]",
        ),
        Rule(
            " on line ",
            r"(?P<sev>Error|Warning) on line (?P<line>\d+) starting at column (?P<col>\d+)$",
            _fsharp,
        ),
        Rule("File: ", r"File:\s+(?P<path>\S*[Dd]ockerfile\S*)$", _docker),
        Rule("; caught ", r"; caught (?P<sev>(?:STYLE-)?WARNING|ERROR):$", _lisp),
    ),
    samples=(
        sample(
            "ParserError: /w/build.ps1:12\nLine |\n  12 |  if ($x {\n     |         ~\n     | Missing closing ')' after expression.\n",
            "/w/build.ps1:12 error ParserError",
            title="PowerShell 7",
        ),
        sample(
            "  1) cart adds\n     When call total 1 2\n\n     1.1) The output should equal 4\n\n            expected: 4\n\n          # spec/cart_spec.sh:12\n",
            "spec/cart_spec.sh:12 error",
            title="shellspec",
        ),
    ),
)  # fmt: skip
