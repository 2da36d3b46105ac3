"""Compilers and checkers of which few logs tell, each with a layout of its own."""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.eslint import header_above
from factory_ls.ci.families.phrases import above, below, under
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _languagetool(match: re.Match[str], here: Here) -> Found | None:
    message = next(
        (m["msg"] for text, _ in here.below(1) if (m := re.match(r"Message: (?P<msg>.*)", text))), match["code"]
    )
    for text, _ in here.above(4000):
        if headed := re.match(r"Working on (?P<path>\S.*?)\.\.\.$", text):
            return here.found(
                message, headed["path"], match["line"], column=match["col"], code=match["code"], tool="languagetool"
            )
    return None


def _imported(match: re.Match[str], here: Here) -> Found | None:
    """import-linter: below what is not allowed, chains of modules with the lines of their imports."""
    for text, line in here.above(40):
        if text.rstrip().endswith(":") and " is not allowed to import " in text:
            path = f"{match['module'].replace('.', '/')}.py"
            return here.found(f"{text.strip(' :')}: {match['msg']}", path, match["line"], tool="import-linter", at=line)
    return None


def _quoted(match: re.Match[str], here: Here) -> Found | None:
    """lit-analyzer: below the file what is wrong, its line of code, a mark, the rule."""
    message = next((text.strip() for text, _ in here.above(1)), "")
    below_it = [text.strip() for text, _ in here.below(2)]
    path = header_above(here)
    if path is None or not message or len(below_it) < 2 or not re.fullmatch(r"\^+", below_it[0]):
        return None
    return here.found(message, path, match["line"], code=below_it[1] or None, tool="lit-analyzer")


def _opam(match: re.Match[str], here: Here) -> list[Found]:
    """`acme.opam: Errors.`, then `error 23: what` and `warning 25: what` a line."""
    found = []
    for text, line in here.below(40):
        if not (told := re.match(r"\s+(?P<sev>error|warning)\s+(?P<code>\d+): (?P<msg>.*)", text)):
            break
        at = re.search(r" at line (\d+), column (\d+)", told["msg"])
        one = here.found(told["msg"], match["path"], at[1] if at else None, at=line, last=line, code=told["code"])
        one.severity, one.tool = severity_of(told["sev"]), "opam"
        found.append(one)
        here.claim(line)
    return found


def _checkmake(match: re.Match[str], here: Here) -> Found | None:
    if not any(re.match(r"\s*RULE\s+DESCRIPTION\s+FILE NAME\s+LINE NUMBER", text) for text, _ in here.above(60)):
        return None
    rest = []
    for text, _ in here.below(6):
        if not re.match(r"\s{12,}\S", text):
            break
        rest.append(text.strip())
    return here.located(match, message=" ".join([match["msg"].strip(), *rest]), tool="checkmake")


def _bibclean(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, severity=Severity.ERROR if match["mark"] == "??" else Severity.WARNING, tool="bibclean")


FAMILY = Family(
    name="minor",
    about="compilers and checkers with a layout of their own",
    names=(
        "bibclean",
        "languagetool",
        "nagelfar",
        "opam",
        "checkmake",
        "chicken",
        "ballerina",
        "delphi",
        "autohotkey",
        "nsis",
    ),
    rules=(
        Rule(
            ("[ ERROR ]", "[ WARN ]", "[ WARN  ]"),
            r"\[ (?P<sev>ERROR|WARN) +\] +(?:\w[\w ]*: )?(?P<path>[^\s:]+):(?P<line>\d+):(?P<col>\d+)$",
            below(r"\s+(?P<msg>\S.*)", 1),
            tool="stencil",
        ),
        Rule(
            "(l.",
            r"\s*(?:- +)?(?P<msg>(?P<module>\w+(?:\.\w+)+) -> \w+(?:\.\w+)+) \(l\.(?P<line>\d+)(?:, l\.\d+)*\)$",
            _imported,
        ),
        Rule("sed: file ", r"sed: file (?P<path>\S+) line (?P<line>\d+): (?P<msg>.*)", tool="sed"),
        Rule(
            "checkRd: ",
            r"checkRd: \(-?\d\) (?P<path>\S+\.Rd):(?P<line>\d+)(?:-\d+)?: (?P<msg>.*)",
            lambda match, here: here.located(match, severity=Severity.WARNING, tool="R CMD check"),
        ),
        Rule(
            "/R/",
            r"\s+\((?P<path>\S*/R/[^\s:()]+\.[rR]):(?P<line>\d+)(?:-\d+)?\)$",
            above(r"(?P<msg>[\w.]+: .*)", 2, Severity.INFO),
            tool="R CMD check",
        ),
        Rule("arse error in ", r"(?:error: )?(?P<msg>parse error) in (?P<path>\S+\.m):$", tool="octave"),
        Rule(
            " at ",
            r"(?P<name>[\w.]+) at (?P<path>[^\s:]+\.pyi?):(?P<line>\d+)(?:-\d+)?$",
            lambda match, here: here.located(match, message=f"unused import: {match['name']}", tool="unimport"),
            scan=r"(?m:(?:^|Z )[A-Za-z0-9_.]+ at [^ :\n]+\.pyi?:[0-9]+(?:-[0-9]+)?$)",
        ),
        Rule(
            "While constructing a mapping from ",
            r"\[(?P<sev>WARNING|ERROR)\]: (?P<msg>While constructing a mapping from (?P<path>[^,]+), line (?P<line>\d+), column (?P<col>\d+), .*)",
            tool="ansible",
        ),
        Rule(
            "❌ ",
            r"❌ +(?P<msg>.*?)(?: +\[\d+ occurrences?\])?$",
            under(r">>  File: (?P<path>\S+)$", 60),
            tool="datree",
        ),
        Rule(
            ".elm:",
            r"-- (?P<kind>[A-Z][A-Z -]+) -+ (?P<path>\S+\.elm):(?P<line>\d+):(?P<col>\d+)$",
            below(r"(?:(?P<code>[A-Z]\w+\.[\w.]+): )?(?P<msg>\S.*)", 3),
            tool="elm",
            scan=r"- [^ \n]+\.elm:[0-9]+:[0-9]+(?m:$)",
        ),
        Rule(
            ": DAR",
            r"(?P<path>[^\s:]+\.py):(?P<test>[\w.]+):(?P<line>\d+): (?P<code>DAR\d+): (?P<msg>.*)",
            tool="darglint",
        ),
        Rule(
            ".rb:",
            r"\s+(?P<msg>\S+)\s{2,}(?P<path>\S+\.rb):(?P<line>\d+)-(?P<eline>\d+) \(\d+\)$",
            lambda match, here: here.located(match, message=f"might not be called: {match['msg']}"),
            tool="debride",
            scan=r"\.rb:[0-9]+-[0-9]+ \([0-9]+\)",
        ),
        Rule(" : L", r" - (?P<path>\S+) : L(?P<line>\d+)$", above(r"(?P<msg>[EW]\d{3} .*)", 1), tool="bashate"),
        Rule(
            ("⨯ error ", "⚠ warning "),
            r"[⨯⚠] (?P<sev>error|warning) (?P<path>\S+\.json) (?P<code>[\w-]+)$",
            below(r"\s+(?P<msg>\S.*)", 1),
            tool="sherif",
        ),
        Rule(
            ": in ",
            r"\s+(?P<path>[^\s:]+):(?P<line>\d+):(?P<col>\d+): in \S+$",
            below(r"Error(?: in \S+)?: (?P<msg>.*)", 1),
            tool="starlark",
            scan=r":[0-9]+:[0-9]+: in [^ \n]+(?m:$)",
        ),
        Rule(
            "yaml: line ",
            r"(?:.*\b)?yaml: line (?P<line>\d+): (?P<msg>.*)",
            under(r".*?(?P<path>[^\s:\"'`=]+\.ya?ml)[\"'`]?:?$", limit=2),
            tool="yaml",
        ),
        Rule(
            ":  ",
            r"\s{4}(?P<line>\d+):  \S",
            _quoted,
            scan=r"    [0-9]+:  [A-Za-z<]",
        ),
        Rule(
            "lineNumber: ",
            r"(?:.*?Exception)?; systemId: (?P<path>[^;]+); lineNumber: (?P<line>\d+); columnNumber: (?P<col>\d+); (?P<msg>.*)",
            tool="xml",
        ),
        Rule(
            "[in template ",
            r"\s+- (?P<msg>Failed at: .*?)\s+\[in template \"(?P<path>[^\"]+)\" at line (?P<line>\d+), column (?P<col>\d+)\]",
            tool="freemarker",
        ),
        Rule(
            "yntax error near line ",
            r"\s+(?P<msg>Syntax error near line (?P<line>\d+))$",
            under(r"\s*Error reading \w+: (?P<path>\S+) - "),
            tool="dbt",
        ),
        Rule(
            '", line ',
            r"(?P<mark>\?\?|%%) \"(?P<path>[^\"]+)\", line (?P<line>\d+): (?P<msg>.*)",
            _bibclean,
            scan=r"(?:\?\?|%%) \"[^\"\n]+\", line",
        ),
        Rule(", Rule ID: ", r"\d+\.\) Line (?P<line>\d+), column (?P<col>\d+), Rule ID: (?P<code>\S+)", _languagetool),
        Rule(
            "ine ",
            r"Line +(?P<line>\d+): (?P<sev>[EWN]) (?P<msg>.*)",
            under(r"Checking file (?P<path>\S.*)$", within=r"Line +\d+: [EWN] "),
            tool="nagelfar",
            scan=r"Line +[0-9]+: [EWN] ",
        ),
        Rule((".opam: Errors.", ".opam: Warnings."), r"(?P<path>\S+\.opam): (?:Errors|Warnings)\.$", _opam),
        Rule(
            "akefile",
            r"\s+(?P<code>\w+)\s{2,}(?P<msg>\S.*?)\s{2,}(?P<path>\S*(?:[Mm]akefile\S*|\.mk))\s+(?P<line>\d+)$",
            _checkmake,
            scan=r"(?:akefile|\.mk) +[0-9]+ *(?m:$)",
        ),
        Rule(
            "(line ",
            r"\s+\(line (?P<line>\d+)\) in file (?P<path>\S+)$",
            above(r"(?P<msg>Syntax error: .*)", 1),
            tool="chicken",
            scan=r"\(line [0-9]+\) in file ",
        ),
        Rule(
            ":(",
            r"(?P<sev>ERROR|WARNING|HINT) \[(?P<path>[^\]:]+):\((?P<line>\d+):(?P<col>\d+)[^)]*\)\] (?P<msg>.*)",
            tool="ballerina",
            scan=r"(?:ERROR|WARNING|HINT) \[[^\]\n]+:\([0-9]",
        ),
        Rule(
            "[dcc",
            r"\[dcc\w* (?P<sev>Warning|Error|Hint|Fatal Error)\] (?P<path>[^(]+)\((?P<line>\d+)\): (?:(?P<code>[A-Z]\d+) )?(?P<msg>.*)",
            tool="delphi",
        ),
        Rule(
            "in #include file ",
            r"(?P<sev>Error|Warning) at line (?P<line>\d+) in #include file \"(?P<path>[^\"]+)\"",
            below(r"(?:Error|Warning): +(?P<msg>.*)", 4),
            tool="autohotkey",
        ),
        Rule(
            "Error in script ",
            r"(?P<msg>Error in script \"(?P<path>[^\"]+)\" on line (?P<line>\d+))",
            tool="nsis",
        ),
        Rule(
            "warning ",
            r"(?P<sev>warning) (?P<code>\d{4}): (?P<msg>.*) \((?P<path>[^():]+\.ns[ih]):(?P<line>\d+)\)$",
            tool="nsis",
            scan=r"\.ns[ih]:[0-9]+\)",
        ),
    ),
    samples=(
        sample(
            '?? "refs.bib", line 12: Expected comma\n%% "refs.bib", line 30: Unexpected DOI',
            "refs.bib:12 error",
            "refs.bib:30 warning",
            title="bibclean",
        ),
        sample(
            "Working on docs/a.md...\n1.) Line 5, column 1, Rule ID: EN_A_VS_AN\nMessage: Use an instead.",
            "docs/a.md:5:1 error EN_A_VS_AN",
            title="LanguageTool",
        ),
        sample(
            "Checking file lib/a.tcl\nLine   5: E Wrong number of arguments\nLine  12: W Expr without braces",
            "lib/a.tcl:5 error",
            "lib/a.tcl:12 warning",
            title="nagelfar",
        ),
        sample(
            "[dcc32 Warning] Unit1.pas(30): W1036 Variable 'x' might not have been initialized",
            "Unit1.pas:30 warning W1036",
            title="Delphi",
        ),
    ),
)
