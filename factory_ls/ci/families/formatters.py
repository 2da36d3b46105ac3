"""Formatters and checkers that name a file and no line."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.eslint import header_above
from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample


def _unformatted(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, message=match.groupdict().get("msg") or "Not formatted: " + match["path"])
    if found:
        found.gates = True
        found.tool = tool_of(found.path, None, "", here.step.command) if here.tool == "formatters" else here.tool
    return found


def _hunk(match: re.Match[str], here: Here) -> Found | None:
    """`Diff in a.lua:`, then rows with the line's number before a bar."""
    line = match["line"]
    for text, _ in here.below(40):
        if changed := re.match(r"\s*(?P<line>\d+)\s+\|-", text):
            line = line or changed["line"]
            break
    return here.found(
        "Not formatted: " + match["path"],
        match["path"],
        line,
        tool="forge" if match["path"].endswith("sol") else "stylua",
    )


def _syntax(match: re.Match[str], here: Here) -> Found:
    """`error: could not format file a.lua: error parsing: `, `- unexpected token … (1:7 to 1:8)`."""
    message, line, column = match["msg"], None, None
    for text, _ in here.below(2):
        if one := re.match(r"\s*- (?P<msg>.*?\((?P<line>\d+):(?P<col>\d+)\D.*)", text):
            message, line, column = one["msg"], one["line"], one["col"]
            break
    return here.found(message, match["path"], line, column=column, tool="stylua")


def _dprint(match: re.Match[str], here: Here) -> Found | None:
    """`from a.ts:`, then `12| -old` and `12| +new`."""
    for text, _ in here.below(2):
        if changed := re.match(r"\s*(?P<line>\d+)\s*\| [-+]", text):
            return here.found("Not formatted: " + match["path"], match["path"], changed["line"], tool="dprint")
        return None
    return None


def _schema(match: re.Match[str], here: Here) -> Found:
    where = (match.groupdict().get("where") or "").strip(".")
    return here.found(f"{where}: {match['msg']}".lstrip(": "), match["path"], tool=here.tool)


def _unparsed(match: re.Match[str], here: Here) -> Found:
    """Below, what its reader raised, perhaps with a place."""
    for text, line in here.below(8):
        if told := re.match(r"\s+\w+(?:Error|Exception)\w*: (?P<msg>.*)", text):
            at = re.search(r"\bline (?P<line>\d+),? col(?:umn)? (?P<col>\d+)", told["msg"])
            here.claim(line)
            return here.found(
                told["msg"], match["path"], at and at["line"], column=at and at["col"], tool=here.tool, last=line
            )
        if not text.startswith("  "):
            break
    return _schema(match, here)


def _includes(match: re.Match[str], here: Here) -> Found | None:
    """include-what-you-use; nothing may follow, and then nothing is wrong."""
    told = next((text.strip() for text, _ in here.below(1)), "")
    return here.found(f"{match['msg']}: {told}", match["path"], tool="iwyu") if told else None


def _forge(match: re.Match[str], here: Here) -> Found | None:
    """`[FAIL: message] testA() (gas: 1)`: the suite's file is above; traces, and perhaps the line, are below."""
    suite = path = again = None
    for text, _ in here.above(400):
        if headed := re.match(
            r"(?:Ran|Running) \d+ tests? for (?P<path>\S+?):(?P<suite>\w+)|Encountered .* in (?P<path_>\S+?):(?P<suite_>\w+)",
            text,
        ):
            path, suite, again = headed["path"] or headed["path_"], headed["suite"] or headed["suite_"], headed["path_"]
            break
    if path is None:
        return None
    found = here.found(match["msg"] or match["test"], path, tool="forge", test=f"{suite}.{match['test']}")
    last = here.line
    for text, line in here.below(400):
        if re.match(r"\[(?:PASS|FAIL)|Suite result|Encountered |Ran \d+ test", text):
            break
        at = re.match(r"\s+at \S+ \((?P<path>[^\s():]+\.sol):(?P<line>\d+):(?P<col>\d+)\)", text)
        if at and not found.line:
            found = here.found(found.message, at["path"], at["line"], column=at["col"], tool="forge", test=found.test)
        last = line
    here.claim(last)
    found.summary = bool(again) and not found.line
    return found


def _package(match: re.Match[str], here: Here) -> Found | None:
    path = header_above(here)
    if path is None or not path.endswith("package.json"):
        return None
    severity = Severity.WARNING if match["mark"] == "⚠" else Severity.ERROR
    return here.found(match["msg"], path, code=match["code"], severity=severity, tool="npmPkgJsonLint")


def _knip(match: re.Match[str], here: Here) -> list[Found]:
    """`Unused exports (2)`, then `name  path:line:col` or a path a line."""
    found: list[Found] = []
    last = here.line
    for text, line in here.below(int(match["count"])):
        row = re.match(
            r"(?P<name>\S.*?)?(?:\s{2,}\S+)?(?:^|\s{2,})(?P<path>[^\s:]+\.\w+)(?::(?P<line>\d+):(?P<col>\d+))?\s*$",
            text,
        )
        if not row:
            break
        message = f"{match['kind']}: {row['name'] or row['path']}"
        one = here.found(message, row["path"], row["line"], column=row["col"], tool="knip", at=line, last=line)
        one.gates = True
        found.append(one)
        last = line
    here.claim(last)
    return found


def _told(match: re.Match[str], here: Here) -> Found:
    path = next(match[name] for name in "abcde" if match[name])
    found = here.found(match["msg"], path)
    found.tool = tool_of(found.path, None, "", here.step.command)
    found.severity = Severity.WARNING if here.line.text.startswith(("[WARN", "[warn")) else Severity.ERROR
    found.gates = True
    return found


def _following(match: re.Match[str], here: Here) -> list[Found] | None:
    """`The following files are not formatted:` and the like, then a file a line."""
    found: list[Found] = []
    last = here.line
    for text, line in here.below(300):
        if not text.strip() and not found:
            continue
        row = re.match(r"\s*(?:[*•-]\s+)?(?P<path>[^\s:]+)$", text)
        if not row or not plausible(tidy(row["path"])):
            break
        one = here.found(match["msg"].strip(" :"), row["path"], at=line, last=line)
        one.severity = Severity.WARNING if here.line.text.startswith("[WARN") else Severity.ERROR
        one.tool = tool_of(one.path, None, "", here.step.command)
        one.gates = True
        found.append(one)
        last = line
    here.claim(last)
    return found or None


FAMILY = Family(
    name="formatters",
    about="formatters and checkers that name a file and no line",
    names=("csharpier", "stylua", "ls-lint", "taplo", "check-jsonschema", "forge", "npmPkgJsonLint", "dprint"),
    rules=(
        Rule(
            "Was not formatted",
            r"(?:Error|Warn) (?P<path>\S+\.\w+) - Was not formatted\.",
            _unformatted,
            tool="csharpier",
        ),
        Rule(" # reformat", r"(?P<path>\S+) # reformat$", _unformatted, tool="buildifier"),
        Rule(
            (" was not already formatted", ": not formatted", ": Check failed: ", "Rewriting "),
            r"(?:ocamlformat: \"(?P<a>[^\"]+)\" was not already formatted.*|(?P<b>[^\s:]+\.\w+): not formatted|ERROR \S+: Check failed: (?P<c>\S+)|Rewriting (?P<d>[^\s:]+\.pyi?))(?P<e>)$",
            lambda match, here: (
                here.found(f"Not formatted: {path}", path, tool=tool_of(path, None, "", here.step.command))
                if plausible(tidy(path := match["a"] or match["b"] or match["c"] or match["d"]))
                else None
            ),
        ),
        Rule("Changed ", r"Changed (?P<path>\S+\.dart)$", _unformatted, tool="dart format"),
        Rule("Diff in ", r"Diff in (?P<path>\S+\.(?:luau?|sol))(?::(?P<line>\d+))?:$", _hunk),
        Rule("from ", r"\s*from (?P<path>\S+\.\w+):$", _dprint, scan=r"(?m:from [^ \n]+\.[a-z]+:[ \t]*$)"),
        Rule(
            "could not format file ",
            r"error: could not format file (?P<path>\S+): (?P<msg>.*)",
            _syntax,
            tool="stylua",
        ),
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
        Rule("::$", r"\s*(?P<path>\S+?)::\$(?P<where>\S*): (?P<msg>.*)", _schema, tool="check-jsonschema"),
        Rule("[FAIL", r"\[FAIL(?:[:.] (?:Reason: )?(?P<msg>.*?))?\] (?P<test>\w+\(.*?\))", _forge),
        Rule(("✖ ", "⚠ "), r"(?P<mark>[✖⚠]) (?P<code>[\w-]+) - node: \S+ - (?P<msg>.*)", _package),
        Rule(
            "would reformat ",
            r"would reformat (?P<path>\S+\.\w+)$",
            _unformatted,
        ),
        Rule(
            (" should add these lines", " should remove these lines"),
            r"(?P<path>[^\s:]+\.\w+) (?P<msg>should (?:add|remove) these lines):$",
            _includes,
        ),
        Rule(
            ("no license identifier", "no copyright notice"),
            r"(?P<path>[^\s:]+): (?P<msg>no (?:license identifier|copyright notice))$",
            _schema,
            tool="reuse",
        ),
        Rule(
            (" files ", "Files with unapproved"),
            r"(?:\[\w+\] )?(?P<msg>.*\b(?:[Ff]ollowing|[Tt]hese) (?:\d+ )?files .*(?:format|licen[cs]|copyright|header|lint|style|newline|out of date|outdated|up[ -]to[ -]date|regenerat).*|Files with unapproved licenses):$",
            _following,
            scan=r"(?:ollowing|hese) [^\n]*files [^\n]*:|iles with unapproved",
        ),
        Rule(
            ("Unused ", "Unlisted ", "Unresolved ", "Duplicate "),
            r"(?P<kind>(?:Unused|Unlisted|Unresolved|Duplicate) [a-z][\w ]*?) \((?P<count>\d{1,4})\)$",
            _knip,
        ),
        Rule(
            ("error ", "warn ", "info "),
            r"\s*(?P<sev>error|warn|info) (?P<code>[a-z][\w-]+): (?P<path>[^\s:]+\.(?:[cm]?[jt]sx?|vue|svelte|json))(?P<msg> →.*)?$",
            lambda match, here: here.located(match, message=match["code"], tool="depcruise"),
            scan=r"(?:error|warn|info) [a-z][a-z0-9_-]+: [^ :\n]+\.[a-z]+(?m:$| )",
        ),
        Rule(
            (
                " has not been previously formatted",
                "Imports are not sorted in ",
                "issing header in: ",
                "issing license header ",
                "issing copyright header ",
                "' produced changes",
                "Found dead link ",
            ),
            r".*?(?P<msg>File '(?P<a>[^']+)' has not been previously formatted|Imports are not sorted in (?P<b>\S+)|[Mm]issing (?:license |copyright )?header (?:in|for):? (?P<c>\S+)|formatting '(?P<d>[^']+)' produced changes|Found dead link \S+ in file (?P<e>\S+))",
            _told,
        ),
        Rule(
            "Failed to parse ", r"\s+(?P<msg>Failed to parse (?P<path>\S+\.\w+))$", _unparsed, tool="check-jsonschema"
        ),
        Rule(
            (
                " is not formatted",
                " would be reformatted",
                " needs formatting",
                " is not properly formatted",
                " is out of date",
            ),
            r"(?P<path>\S+\.\w+):? (?:is not formatted\b|would be reformatted\b|needs formatting\b|is not properly formatted|is out of date[.!]?$)",
            _unformatted,
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
