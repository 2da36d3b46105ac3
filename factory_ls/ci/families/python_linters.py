"""flake8, pylint, pyright, black, isort, bandit, codespell, pydocstyle, vulture and their kin."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_PREFIXES = {"DEP": "deptry", "FURB": "refurb", "DOC": "pydoclint", "NB": "nbqa"}
_PYLINT = {
    "E": Severity.ERROR,
    "F": Severity.ERROR,
    "W": Severity.WARNING,
    "C": Severity.INFO,
    "R": Severity.INFO,
    "I": Severity.INFO,
}


def _coded(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match)
    if found:
        found.tool = tool_of(found.path, found.code, found.message, here.step.command)
        if found.code and (own := _PREFIXES.get(re.sub(r"\d+$", "", found.code))):
            found.tool = own
        elif found.path.endswith(".rst"):
            found.tool = "doc8"
        elif found.tool == "ruff" or _like_ruff(found, here):
            found.tool = "ruff"
        elif found.tool not in (
            "ruff",
            "pycodestyle",
            "pyflakes",
            "nbqa",
            "doc8",
            "deptry",
            "pydoclint",
            "refurb",
            "pylint",
        ):
            found.tool = "flake8"
    return found


def _like_ruff(found: Found, here: Here) -> bool:
    """ruff's and flake8's concise lines differ in style only: ruff starts pyflakes' messages with a capital."""
    styled = bool(found.code and re.match(r"[FEW]\d", found.code))
    if styled and found.code != "E999":
        here.memory["ruff style"] = found.message[:1].isupper() or found.message.startswith("`")
    return bool(here.memory.get("ruff style"))


def _pylint(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, severity=_PYLINT[match["code"][0]], tool="pylint")
    if found:
        found.gates = True
        if col := match.groupdict().get("col"):
            found.column = int(col) + 1  # pylint counts columns from 0
    return found


def _pyright(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, tool="basedpyright" if "basedpyright" in (here.step.command or "") else "pyright")
    if found:
        for text, _ in here.below(12) if not found.code else ():
            if not text.startswith("  ") or re.match(r"\s+\S+:\d+:\d+ - ", text):
                break
            if coded := re.search(r"\((?P<code>report\w+)\)$", text):
                found.code = coded["code"]
                break
    return found


def _isort(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, tool="isort")


def _bandit(match: re.Match[str], here: Here) -> Found | None:
    severity = Severity.WARNING
    for text, line in here.below(6):
        if graded := re.match(r"\s+Severity: (\w+)", text):
            severity = severity_of(graded[1], Severity.WARNING)
        if located := re.match(r"\s+Location: (?P<path>\S+?):(?P<line>\d+)(?::(?P<col>\d+))?", text):
            here.claim(line)
            found = here.found(
                match["msg"],
                located["path"],
                located["line"],
                column=located["col"],
                severity=severity,
                code=match["code"],
                tool="bandit",
            )
            found.gates = True
            return found
    return None


def _pydocstyle(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(1):
        if told := re.match(r"\s+(?P<code>D\d{3}): (?P<msg>.*)", text):
            here.claim(line)
            return here.found(told["msg"], match["path"], match["line"], code=told["code"], tool="pydocstyle")
    return None


def _pydoclint(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(200):
        if header := re.match(r"(\S+\.pyi?)$", text):
            return here.found(match["msg"], header[1], match["line"], code=match["code"], tool="pydoclint")
        if not re.match(r"\s+\d+: DOC", text):
            return None
    return None


def _vulture(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, severity=Severity.WARNING, tool="vulture")
    if found:
        found.gates = True
    return found


def _black(match: re.Match[str], here: Here) -> Found:
    return here.found("Not formatted: " + match["path"], match["path"], tool="black")


FAMILY = Family(
    name="python-linters",
    about="flake8, pylint, pyright, black, isort, bandit, codespell, pydocstyle, vulture",
    names=(
        "flake8",
        "pylint",
        "pyright",
        "black",
        "isort",
        "bandit",
        "codespell",
        "pydocstyle",
        "vulture",
        "pycodestyle",
        "pyflakes",
        "ty",
        "pyrefly",
        "pydoclint",
        "autoflake",
    ),
    rules=(
        Rule(
            ".py",
            r"\s*(?P<path>(?:[A-Za-z]:)?[^\s:]+\.pyi?):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<code>[CRWEFI]\d{4}): (?P<msg>.*?)(?: \((?P<symbol>[\w-]+)\))?$",
            _pylint,
            scan=r"\.pyi?:[0-9]+",
        ),
        Rule(
            ".py",
            r"(?P<path>(?:[A-Za-z]:)?[^\s:]+\.pyi?):(?P<line>\d+): \[(?P<code>[CRWEFI]\d{4})(?:\([\w-]+\))?[^\]]*\] (?P<msg>.*)",
            _pylint,
            scan=r"\.pyi?:[0-9]+",
        ),
        # --output-format=msvs
        Rule(
            "): [",
            r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+\.pyi?)\((?P<line>\d+)\): \[(?P<code>[CRWEFI]\d{4})(?:\([\w-]+\))?[^\]]*\] (?P<msg>.*)",
            _pylint,
        ),
        Rule(
            "]: ",
            r"(?P<path>\S+\.py):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<code>B\d{3})\[(?P<sev>[A-Z]+)\]: (?P<msg>.*)",
            tool="bandit",
            scan=r"\.py:[0-9:]+ B[0-9]+\[",
        ),
        Rule(
            ("]: ", "] "),
            r"(?P<path>\S+\.pyi?):(?P<line>\d+):(?P<col>\d+): (?P<sev>error|warning|info)\[(?P<code>[a-z][\w-]*)\]:? (?P<msg>.*)",
            tool="ty",
            scan=r"\.pyi?:[0-9]+:[0-9]+: [a-z]+\[",
        ),
        Rule(
            ("ERROR ", "WARN ", "INFO "),
            r"\s*(?P<sev>ERROR|WARN|INFO) (?P<path>\S+\.pyi?):(?P<line>\d+):(?P<col>\d+)(?:-(?:(?P<eline>\d+):)?(?P<ecol>\d+))?: (?P<msg>.*?)(?: \[(?P<code>[a-z-]+)\])?$",
            tool="pyrefly",
            scan=r"(?:ERROR|WARN|INFO) [^ \n]+\.pyi?:[0-9]+:",
        ),
        Rule(
            ": DOC",
            r"\s+(?P<line>\d+): (?P<code>DOC\d{3}): (?P<msg>.*)",
            _pydoclint,
            scan=r" [0-9]+: DOC[0-9]+: ",
        ),
        Rule(
            "Unused imports/variables detected",
            r"(?P<path>\S.*?\.pyi?): (?P<msg>Unused imports/variables detected)",
            tool="autoflake",
        ),
        Rule(
            (".py", ".ipynb", ".rst", ".md"),
            r"(?P<path>(?:[A-Za-z]:)?[^\s:]+\.(?:pyi?|ipynb|rst|md|txt)):(?:cell_?\d+:)?(?P<line>\d+):(?:(?P<col>\d+):)? \[?(?P<code>[A-Z]{1,5}\d{2,4})\]?:? (?P<msg>.*)",
            _coded,
            scan=r"\.[a-z]+:(?:cell_?[0-9]+:)?[0-9]+:",
        ),
        Rule(
            (" - error: ", " - warning: ", " - information: "),
            r"\s*(?P<path>\S.*?):(?P<line>\d+):(?P<col>\d+) - (?P<sev>error|warning|information): (?P<msg>.*?)(?: \((?P<code>report\w+)\))?$",
            _pyright,
        ),
        Rule(
            " DEP0",
            r"(?P<path>[^\s:]+\.(?:toml|txt|cfg)): (?P<code>DEP\d+) (?P<msg>.*)",
            tool="deptry",
            scan=r": DEP[0-9]+ ",
        ),
        Rule(
            "error: cannot parse: ",
            r"error: (?P<msg>cannot parse): (?P<path>[^\s:]+):(?P<line>\d+):(?P<col>\d+)(?:: .*)?",
            tool="black",
        ),
        Rule("would reformat ", r"would reformat (?P<path>\S.*\.(?:pyi?|ipynb))$", _black),
        Rule(
            "error: cannot format ",
            r"error: cannot format (?P<path>\S[^:]*): (?P<msg>.*?: (?P<line>\d+):(?P<col>\d+): .*)",
            tool="black",
        ),
        Rule("error: cannot format ", r"error: cannot format (?P<path>\S[^:]*): (?P<msg>.*)", tool="black"),
        Rule(
            "Imports are incorrectly sorted",
            r"(?:ERROR: )?(?P<path>\S.*?) (?P<msg>Imports are incorrectly sorted.*)",
            _isort,
        ),
        Rule(">> Issue: ", r">> Issue: \[(?P<code>B\d+)[^\]]*\] (?P<msg>.*)", _bandit),
        Rule(" ==> ", r"(?P<path>\S.*?):(?P<line>\d+): (?P<msg>\S+ ==> .+)", tool="codespell"),
        Rule(
            (" in public ", " in private ", " at module level:"),
            r"(?P<path>\S+\.py):(?P<line>\d+) (?:in (?:public|private|nested)|at module level).*:$",
            _pydocstyle,
        ),
        Rule(
            "% confidence",
            r"(?P<path>\S+\.py):(?P<line>\d+): (?P<msg>(?:unused|unreachable|unsatisfiable).* \(\d+% confidence.*\))",
            _vulture,
        ),
    ),
    samples=(
        sample("./app.py:1:80: E501 line too long (88 > 79 characters)", "app.py:1:80 error E501", title="flake8"),
        sample(
            "app.py:3:0: C0114: Missing module docstring (missing-module-docstring)\napp.py:9:4: E0602: Undefined variable 'x' (undefined-variable)",
            "app.py:3 info C0114",
            "app.py:9:5 error E0602",
            title="pylint",
        ),
        sample(
            '  /w/app.py:3:5 - error: "x" is not defined (reportUndefinedVariable)',
            "/w/app.py:3:5 error reportUndefinedVariable",
            title="pyright",
        ),
        sample(
            "would reformat src/app.py\nOh no! 💥 💔 💥\n1 file would be reformatted.",
            "src/app.py error",
            title="black",
        ),
        sample(
            "error: cannot format a.py: Cannot parse for target version Python 3.12: 3:8: def f(:", "a.py:3:8 error"
        ),
        sample("ERROR: /w/app.py Imports are incorrectly sorted and/or formatted.", "/w/app.py error", title="isort"),
        sample(
            """
>> Issue: [B602:subprocess_popen_with_shell_equals_true] subprocess call with shell=True identified
   Severity: High   Confidence: High
   CWE: CWE-78 (https://cwe.mitre.org/data/definitions/78.html)
   Location: ./run.py:7:4
""",
            "run.py:7:4 error B602",
            title="bandit",
        ),
        sample("./README.md:3: teh ==> the", "README.md:3 error", title="codespell"),
        sample(
            "app.py:1 at module level:\n        D100: Missing docstring in public module",
            "app.py:1 error D100",
            title="pydocstyle",
        ),
        sample(
            "a.py(15): [W0301(unnecessary-semicolon)] Unnecessary semicolon\na.py(3): [E0602(undefined-variable)f] Undefined variable 'x'",
            "a.py:15 warning W0301",
            "a.py:3 error E0602",
            title="pylint, msvs",
        ),
        sample(
            "shop/a.py:10:16: error[invalid-return-type] Return type does not match\nshop/a.py:22:5: warning[undefined-reveal] not imported",
            "shop/a.py:10:16 error invalid-return-type",
            "shop/a.py:22:5 warning undefined-reveal",
            title="ty, concise",
        ),
        sample(
            "ERROR shop/a.py:27:8-22: Cannot find module `gone` [missing-import]",
            "shop/a.py:27:8 error missing-import",
            title="pyrefly",
        ),
        sample("/w/a.py:10: B110[LOW]: Try, Except, Pass detected.", "/w/a.py:10 info B110", title="bandit, custom"),
        sample(
            "a.py\n    1: DOC103: Function `f`: Docstring arguments differ",
            "a.py:1 error DOC103",
            title="pydoclint",
        ),
        sample("./a.py: Unused imports/variables detected", "a.py error", title="autoflake"),
        sample("app.py:3: unused function 'f' (60% confidence)", "app.py:3 warning", title="vulture"),
    ),
)
