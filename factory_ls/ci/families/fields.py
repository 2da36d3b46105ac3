"""Findings as fields between colons, in an order of their own: a letter before the line, a code before the file.

tests/cart.robot:W:2:0:RequireSuiteDocumentation:No suite documentation
flake.nix>46:13:W:3:Assignment instead of inherit
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_LETTERS = {"E": Severity.ERROR, "F": Severity.ERROR, "W": Severity.WARNING}


def _lettered(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match)
    if found:
        found.severity = _LETTERS.get(match["letter"], Severity.INFO)
        found.tool = tool_of(found.path, found.code, found.message, here.step.command)
    return found


def _apkbuild(match: re.Match[str], here: Here) -> Found | None:
    """What is serious or important, and certain, is an error."""
    severity = Severity.ERROR if match["sure"] in ("SC", "IC") else Severity.WARNING
    return here.located(match, severity=severity, tool="apkbuild-lint")


FAMILY = Family(
    name="fields",
    about="findings as fields in an order of their own",
    names=("apkbuild-lint", "chktex", "rpmlint"),
    rules=(
        Rule(
            (":E:", ":W:", ":F:", ":I:", ":N:", ":C:"),
            r"(?P<path>(?:[A-Za-z]:)?[^\s:]+\.\w+):(?P<letter>[EWFINC]):(?P<line>\d+):(?P<col>\d+):\s*(?:(?P<code>[\w-]+):\s*)?(?P<msg>\S.*)",
            _lettered,
        ),
        Rule(
            (":E:", ":W:", ":H:", ":I:"),
            r"(?P<path>[^\s:>]+\.\w+)>(?P<line>\d+):(?P<col>\d+):(?P<letter>[EWFINC]):(?P<code>\w+):(?P<msg>\S.*)",
            _lettered,
        ),
        Rule(":[AL", r"(?P<sure>[SIMT][CP]):\[(?P<code>AL\d+)\]:(?P<path>[^\s:]+):(?P<line>\d+):(?P<msg>\S.*)", _apkbuild),
        Rule(
            (".spec: E: ", ".spec: W: "),
            r"(?P<path>[^\s:]+\.spec): (?P<letter>[EW]): (?P<code>[\w-]+) ?(?P<msg>(?:(?:error|warning): line (?P<line>\d+):)?.*)",
            _lettered,
        ),
        Rule(
            ".tex:",
            r"(?P<path>[^\s:]+\.tex):(?P<line>\d+):(?P<col>\d+):(?P<code>\d{1,2}):(?P<msg>\S.*)",
            tool="chktex",
            severity=Severity.WARNING,
        ),
    ),
    samples=(
        sample(
            "tests/cart.robot:W:2:0:RequireSuiteDocumentation:No suite documentation",
            "tests/cart.robot:2 warning RequireSuiteDocumentation",
            title="rflint",
        ),
        sample("flake.nix>46:13:W:3:Assignment instead of inherit", "flake.nix:46:13 warning 3", title="statix"),
        sample(
            "IC:[AL8]:main/shop/APKBUILD:2:trailing whitespace\nSP:[AL5]:main/shop/APKBUILD:9:variable set to empty string: depends=",
            "main/shop/APKBUILD:2 error AL8",
            "main/shop/APKBUILD:9 warning AL5",
            title="apkbuild-lint",
        ),
        sample(
            "shop.spec: E: no-changelogname-tag\nshop.spec: E: specfile-error error: line 31: Unknown tag: %summary",
            "shop.spec error no-changelogname-tag",
            "shop.spec:31 error specfile-error",
            title="rpmlint",
        ),
        sample("paper.tex:5:28:13:Intersentence spacing should perhaps be used.", "paper.tex:5:28 warning 13", title="chktex"),
    ),
)  # fmt: skip
