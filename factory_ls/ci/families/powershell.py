"""PowerShell: what it throws, in the old layout and the new, and Pester."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of


def _powershell(match: re.Match[str], here: Here) -> Found | None:
    message = ""
    for text, _ in here.above(3):
        if text.strip():
            message = text.strip()
            break
    return here.found(
        message or match[0],
        match["path"],
        match["line"],
        column=match["col"],
        tool="powershell",
        last=here.paragraph(6),
    )


def _framed_powershell(match: re.Match[str], here: Here) -> Found | None:
    """`Exception: build.ps1:12`, `Line |`, the line with its number, and what is wrong behind bars."""
    located = next(
        (
            m
            for text, _ in here.above(1)
            if (m := re.match(r"(?:(?P<code>[\w-]+): )?(?P<path>\S.*\.psm?1):(?P<line>\d+)$", text))
        ),
        None,
    )
    if located is None:
        return None
    message: list[str] = []
    last = here.line
    for text, line in here.below(12):
        if not (framed := re.match(r"\s*(?P<number>\d*) \| (?P<text>.*)", text)):
            break
        last = line
        if not framed["number"] and not re.fullmatch(r"[\s~]*", framed["text"]):
            message.append(framed["text"].strip())
    here.claim(last)
    return here.found(
        " ".join(message) or located[0],
        located["path"],
        located["line"],
        code=located["code"],
        tool="powershell",
        last=last,
    )


def _pester(match: re.Match[str], here: Here) -> Found | None:
    message: list[str] = []
    last = here.line
    for text, line in here.below(12):
        last = line
        if located := re.match(r"\s+at .*?,? ?(?P<path>(?:[A-Za-z]:)?[^\s:,]+\.ps1):(?P<line>\d+)$", text):
            here.claim(last)
            return here.found(" ".join(message), located["path"], located["line"], tool="pester", test=match["test"])
        if not text.strip() or re.match(r"\s*\[[-+!]\] ", text):
            break
        message.append(text.strip())
    return None


def _wrapped(match: re.Match[str], here: Here) -> Found | None:
    """PSScriptAnalyzer's table: a name too long for its column goes on below itself."""
    path, at = match["path"], match.start("path")
    for text, _ in here.below(3):
        if text[:at].strip() or path.endswith(("ps1", "psm1", "psd1")):
            break
        path += (text[at:].split(" ", 1) or [""])[0]
    return here.found(
        match["msg"],
        path,
        match["line"],
        severity=severity_of(match["sev"].replace("Parse", "")),
        code=match["code"],
        tool="PSScriptAnalyzer",
    )


def _unparsed(match: re.Match[str], here: Here) -> Found | None:
    """`Parse error in file a.ps1:  message at line 4 column 25.`, wrapped at the console's width."""
    told = match[0] + "".join(text for text, _ in here.below(1))
    at = re.search(r" at line (\d+) column (\d+)", told)
    return here.found(
        match["msg"], match["path"], at[1] if at else None, column=at[2] if at else None, tool="PSScriptAnalyzer"
    )


FAMILY = Family(
    name="powershell",
    about="PowerShell's errors and Pester's tests",
    names=("pester",),
    rules=(
        Rule(
            "PS",
            r"(?P<code>PS\w+)\s+(?P<sev>Warning|Error|Information)\s+(?P<path>\S+)\s+(?P<line>\d+)\s+(?P<msg>\S.*)",
            _wrapped,
            scan=r"PS[A-Za-z]+ +(?:Warning|Error|Information) +[^ \n]+ +[0-9]",
        ),
        Rule(
            "Parse error in file ",
            r".*Parse error in file (?P<path>(?:[A-Za-z]:)?[^:]+):\s+(?P<msg>.*?)(?: at line.*)?$",
            _unparsed,
        ),
        Rule("Line |", r"Line \|$", _framed_powershell),
        Rule("At ", r"At (?P<path>(?:[A-Za-z]:)?[^:]+\.psm?1):(?P<line>\d+) char:(?P<col>\d+)$", _powershell),
        Rule("[-] ", r"\s*\[-\] (?P<test>.*?) [\d.]+m?s(?: \(.*\))?$", _pester),
    ),
    samples=(
        sample(
            """
Exception: /w/build.ps1:12
Line |
  12 |  throw "no dist"
     |  ~~~~~~~~~~~~~~~
     | no dist
""",
            "/w/build.ps1:12 error",
        ),
        sample(
            "Get-Item : Cannot find path 'D:\\w\\dist' because it does not exist.\nAt D:\\w\\pack.ps1:4 char:1\n+ Get-Item dist",
            "D:/w/pack.ps1:4:1 error",
        ),
    ),
)
