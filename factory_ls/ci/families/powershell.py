"""PowerShell: what it throws, in the old layout and the new, and Pester."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample


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


FAMILY = Family(
    name="powershell",
    about="PowerShell's errors and Pester's tests",
    names=("pester",),
    rules=(
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
