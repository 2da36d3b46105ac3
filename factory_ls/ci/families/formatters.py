"""Formatters and checkers that name a file and no line."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.eslint import header_above
from factory_ls.ci.rules import Family, Found, Here, Rule, sample


def _unformatted(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, message=match.groupdict().get("msg") or "Not formatted: " + match["path"])
    if found:
        found.gates = True
        found.tool = here.tool
    return found


def _hunk(match: re.Match[str], here: Here) -> Found | None:
    """`Diff in a.lua:`, then rows with the line's number before a bar."""
    line = match["line"]
    for text, _ in here.below(40):
        if changed := re.match(r"\s*(?P<line>\d+)\s+\|-", text):
            line = line or changed["line"]
            break
    return here.found("Not formatted: " + match["path"], match["path"], line, tool="stylua")


def _schema(match: re.Match[str], here: Here) -> Found:
    return here.found(f"{match['where'].strip('.')}: {match['msg']}".lstrip(": "), match["path"], tool=here.tool)


def _forge(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(200):
        if headed := re.match(
            r"(?:Encountered \d+ failing tests? in|Ran \d+ tests? for) (?P<path>\S+\.sol):(?P<suite>\w+)", text
        ):
            found = here.found(match["msg"], headed["path"], tool="forge", test=f"{headed['suite']}.{match['test']}")
            return found
    return None


def _package(match: re.Match[str], here: Here) -> Found | None:
    path = header_above(here)
    if path is None or not path.endswith("package.json"):
        return None
    return here.found(match["msg"], path, code=match["code"], tool="npmPkgJsonLint")


FAMILY = Family(
    name="formatters",
    about="formatters and checkers that name a file and no line",
    names=("csharpier", "stylua", "ls-lint", "taplo", "check-jsonschema", "forge", "npmPkgJsonLint"),
    rules=(
        Rule(
            "Was not formatted",
            r"(?:Error|Warn) (?P<path>\S+\.\w+) - Was not formatted\.",
            _unformatted,
            tool="csharpier",
        ),
        Rule("Changed ", r"Changed (?P<path>\S+\.dart)$", _unformatted, tool="dart format"),
        Rule("Diff in ", r"Diff in (?P<path>\S+\.luau?)(?::(?P<line>\d+))?:$", _hunk),
        Rule(
            ' path="',
            r"(?:.*\s)?(?P<sev>ERROR|WARN)\s+\S+:?\s*(?P<msg>.*?) path=\"(?P<path>[^\"]+)\"",
            _unformatted,
            tool="taplo",
        ),
        Rule(
            "failed for `",
            r"(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?(?P<path>\S+) (?P<msg>failed for `[^`]*` rules: .*)",
            _unformatted,
            tool="ls-lint",
        ),
        Rule("::$", r"\s+(?P<path>\S+?)::\$(?P<where>\S*): (?P<msg>.*)", _schema, tool="check-jsonschema"),
        Rule("[FAIL", r"\[FAIL(?:[:.] (?:Reason: )?(?P<msg>.*?))?\] (?P<test>\w+\(.*?\))", _forge),
        Rule("✖ ", r"✖ (?P<code>[\w-]+) - node: \S+ - (?P<msg>.*)", _package),
        Rule(
            (".ml", ".hs", ".nix", ".tf", ".go", ".py"),
            r"(?P<path>\S+\.\w+):? (?:is not formatted|would be reformatted|not formatted|needs formatting|is not properly formatted)\b",
            _unformatted,
            tool="",
            scan=r" (?:is not formatted|not formatted|needs formatting|is not properly formatted)",
        ),
    ),
    samples=(
        sample(
            "Error ./src/Cart.cs - Was not formatted.\n  ----- Expected: Around Line 3 -----",
            "src/Cart.cs error",
            title="csharpier",
        ),
        sample(
            "Changed lib/cart.dart\nFormatted 5 files (1 changed) in 0.32 seconds.",
            "lib/cart.dart error",
            title="dart format",
        ),
        sample("Diff in src/cart.lua:\n1    |-local x=1\n   1 |+local x = 1", "src/cart.lua:1 error", title="stylua"),
        sample(
            "Schema validation errors were encountered.\n  .github/workflows/ci.yml::$.jobs.build: 'runs-on' is a required property",
            ".github/workflows/ci.yml error",
            title="check-jsonschema",
        ),
        sample(
            "Encountered 1 failing test in test/Cart.t.sol:CartTest\n[FAIL: assertion failed: 20 != 30] testAdds() (gas: 1234)",
            "test/Cart.t.sol error",
            title="forge",
        ),
    ),
)
