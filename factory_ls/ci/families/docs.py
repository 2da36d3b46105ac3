"""Prose and data: Sphinx, MkDocs, LaTeX, vale, typos, cspell, sqlfluff, djlint, editorconfig-checker, markdownlint, actionlint."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.eslint import header_above
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _sphinx(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, severity=severity_of(match["sev"]), tool="sphinx")
    if found and ":docstring of " in match[0]:
        found.line = None  # counted from where the docstring begins
    return found


def _latex(match: re.Match[str], here: Here) -> Found | None:
    """`! Undefined control sequence.`, then `l.3 \\foo`; the file is the last one opened."""
    for text, line in here.below(12):
        if numbered := re.match(r"l\.(?P<line>\d+) ", text):
            path = _tex_file(here)
            here.claim(line)
            return here.found(match["msg"], path, numbered["line"], tool="latex", last=line) if path else None
    return None


def _antora(match: re.Match[str], here: Here) -> Found | None:
    """Antora: `ERROR (asciidoctor): message`, then `    file: modules/a.adoc:12`."""
    for text, line in here.above(1):
        if told := re.match(r".*?(?P<sev>ERROR|WARN|INFO) \(\w+\): (?P<msg>.*)", text):
            return here.found(
                told["msg"], match["path"], match["line"], severity=severity_of(told["sev"]), at=line, last=here.line, tool="antora"
            )  # fmt: skip
    return None


def _tex_file(here: Here) -> str | None:
    """The file TeX is in: the last one opened by `(` and not closed by `)`. Source text in the log may unbalance it."""
    closed, last = 0, None
    for text, _ in here.above(300):
        for bracket in reversed(
            list(re.finditer(r"\((?P<path>\.?/?[\w./-]+\.(?:tex|sty|cls|bib|ltx|def|cfg|fd|clo|aux|toc))?|\)", text))
        ):
            if bracket[0] == ")":
                closed += 1
            elif closed:
                closed -= 1
            elif bracket["path"]:
                return bracket["path"]
            if bracket[0] != ")" and bracket["path"] and bracket["path"].endswith(".tex"):
                last = last or bracket["path"]
    return last


def _tex_warning(match: re.Match[str], here: Here) -> Found | None:
    path = _tex_file(here)
    if path is None:
        return None
    return here.found(match["msg"], path, match["line"], severity=Severity.WARNING, tool="latex")


def _sqlfluff(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(300):
        if header := re.match(r"== \[(?P<path>[^\]]+)\] (?:FAIL|PASS)", text):
            return here.found(
                match["msg"].strip(),
                header["path"],
                match["line"],
                column=match["col"],
                code=match["code"],
                tool="sqlfluff",
            )
    return None


def _editorconfig(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(100):
        if header := re.match(r"(?:.* \[)?(?P<path>[^\s:\[]+):$", text):
            return here.found(match["msg"], header["path"], match.groupdict().get("line"), tool="editorconfig-checker")
        if not re.match(r"\s+\S", text):
            return None
    return None


def _djlint(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(60):
        if header := re.match(r"(?P<path>\S+\.\w+)$", text.strip()):
            return here.found(
                match["msg"], header["path"], match["line"], column=match["col"], code=match["code"], tool="djlint"
            )
    return None


def _actionlint(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, tool="actionlint")
    if found and found.code and found.code.startswith("shellcheck"):
        found.code = "shellcheck"
    return found


def _markdownlint(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, tool="markdownlint", severity=severity_of(match["sev"]))


def _gitleaks(match: re.Match[str], here: Here) -> Found | None:
    path = number = None
    rule, last = match["rule"], here.line
    for text, line in here.below(8):
        if pair := re.match(r"(?P<key>File|Line):\s+(?P<value>\S+)$", text):
            path = pair["value"] if pair["key"] == "File" else path
            number = pair["value"] if pair["key"] == "Line" else number
            last = line
        elif not text.strip():
            break
    if not path:
        return None
    here.claim(last)
    return here.found(
        f"Secret found: {rule}",
        path,
        number if number and number.isdigit() else None,
        code=rule,
        tool="gitleaks",
        last=last,
    )


def _under_file(match: re.Match[str], here: Here) -> Found | None:
    path = header_above(here)
    if not path:
        return None
    return here.found(
        match["msg"],
        path,
        match["line"],
        column=match.groupdict().get("col"),
        code=match.groupdict().get("code"),
        severity=severity_of(match.groupdict().get("sev")),
    )


def _below(match: re.Match[str], here: Here) -> Found:
    """html-proofer: `* At ./_site/a.html:3:`, the message below."""
    message = next((text.strip() for text, _ in here.below(3) if text.strip()), match[0].strip())
    return here.found(message, match["path"], match["line"], tool="html-proofer")


def _in_file(match: re.Match[str], here: Here) -> Found | None:
    """erb_lint, Crystal's ameba and others: the message, then `In file: a.erb:3`."""
    for text, _ in here.above(2):
        if text.strip():
            return here.found(text.strip(), match["path"], match["line"], tool="erb-lint")
    return None


def _luacheck(match: re.Match[str], here: Here) -> Found | None:
    severity = (
        Severity.WARNING
        if (match["code"] or "").startswith("W")
        or re.match(r"unused|accessing|line|shadowing|value|setting|variable|unreachable", match["msg"])
        else Severity.ERROR
    )
    return here.located(match, severity=severity, tool="luacheck")


FAMILY = Family(
    name="docs",
    about="Sphinx, MkDocs, LaTeX, cspell, sqlfluff, djlint, editorconfig-checker, markdownlint, actionlint, gitleaks",
    names=(
        "sphinx",
        "mkdocs",
        "latex",
        "cspell",
        "sqlfluff",
        "djlint",
        "editorconfig-checker",
        "markdownlint-cli",
        "actionlint",
        "gitleaks",
        "erb-lint",
        "luacheck",
    ),
    rules=(
        Rule(
            (": WARNING: ", ": ERROR: ", ": CRITICAL: ", ": SEVERE: "),
            r"(?P<path>(?:[A-Za-z]:)?[^\s:]+\.(?:rst|md|txt|py|ipynb|inc)):(?:docstring of [\w.]+:)?(?P<line>\d+): (?P<sev>WARNING|ERROR|CRITICAL|SEVERE): (?P<msg>.*?)(?: \[(?P<code>[\w.]+)\])?$",
            _sphinx,
        ),
        Rule(
            (": WARNING: ", ": ERROR: "),
            r"(?P<path>(?:[A-Za-z]:)?[^\s:]+\.(?:rst|md|py)):(?:docstring of [\w.]+|None)?:? (?P<sev>WARNING|ERROR): (?P<msg>.*?)(?: \[(?P<code>[\w.]+)\])?$",
            _sphinx,
        ),
        Rule(
            "Doc file '",
            r"(?:\w+ +- +)?(?P<sev>WARNING|ERROR|INFO)\s+-\s+(?P<msg>Doc file '(?P<path>[^']+)'.*)",
            tool="mkdocs",
        ),
        Rule("file: ", r"\s+file: (?P<path>[^\s:]+)(?::(?P<line>\d+))?$", _antora),
        Rule(
            " on input line ",
            r"(?P<msg>(?:(?:LaTeX|Package \w+|Class \w+)(?: Font)? Warning: ).*?) on input line (?P<line>\d+)\.?$",
            _tex_warning,
        ),
        Rule(
            ("Overfull \\", "Underfull \\"),
            r"(?P<msg>(?:Over|Under)full \\[hv]box .*?(?:at lines?|detected at line) (?P<line>\d+).*)",
            _tex_warning,
        ),
        Rule("! ", r"! (?P<msg>[A-Z].*)$", _latex, scan=r"(?m:^|[ \t])! [A-Z]"),
        Rule(
            "Unknown word (",
            r"(?P<path>\S+?):(?P<line>\d+):(?P<col>\d+) - (?P<msg>Unknown word \(.*\).*)",
            tool="cspell",
        ),
        Rule("| P:", r"L:\s*(?P<line>\d+) \| P:\s*(?P<col>\d+) \|\s*(?P<code>\w+) \| (?P<msg>.*)", _sqlfluff),
        Rule(
            "\t",
            r"\s+(?P<line>\d+)(?:-\d+)?: (?P<msg>(?:Wrong|Trailing|Not all|Too long|No final|Unexpected|Tabs|Spaces).*)",
            _editorconfig,
            scan=r"[0-9]: (?:Wrong|Trailing|Not all|Too long|No final)",
        ),
        Rule(
            ("Wrong line endings", "No final newline", "Not all lines have"),
            r"\t(?P<msg>(?:Wrong line endings|No final newline|Not all lines have).*)",
            _editorconfig,
        ),
        Rule(
            tuple("HTDJN"),
            r"(?P<code>[A-Z]\d{3}) (?P<line>\d+):(?P<col>\d+) (?P<msg>.*)",
            _djlint,
            scan=r"[HTDJN][0-9]{3} [0-9]+:[0-9]+ ",
        ),
        Rule(
            (".yml:", ".yaml:"),
            r"(?P<path>\S*\.github[/\\]\S+?\.ya?ml):(?P<line>\d+):(?P<col>\d+): (?P<msg>.*) \[(?P<code>[\w-]+)\]$",
            _actionlint,
        ),
        Rule(
            " MD0",
            r"(?P<path>\S.*?):(?P<line>\d+)(?::(?P<col>\d+))?:? (?:(?P<sev>error|warning) )?(?P<code>MD\d{3}(?:/[\w-]+)*) (?P<msg>.*)",
            _markdownlint,
        ),
        Rule("* At ", r"\s*\* At (?P<path>\S+?):(?P<line>\d+):?$", _below),
        Rule("RuleID:", r"RuleID:\s+(?P<rule>\S+)", _gitleaks),
        Rule("In file: ", r"In file: (?P<path>\S+):(?P<line>\d+)", _in_file),
        Rule(
            ".lua:",
            r"\s*(?P<path>\S+\.lua):(?P<line>\d+):(?P<col>\d+)(?:-\d+)?: (?:\((?P<code>[WE]\d+)\) )?(?P<msg>(?!error|warning).*)",
            _luacheck,
        ),
    ),
    samples=(
        sample(
            "/w/docs/index.rst:12: WARNING: Title underline too short.\n/w/pkg/a.py:docstring of pkg.a.f:3: ERROR: Unexpected indentation.",
            "/w/docs/index.rst:12 warning",
            "/w/pkg/a.py error",
            title="Sphinx",
        ),
        sample(
            "WARNING -  Doc file 'guide.md' contains a link 'gone.md', but the target is not found among documentation files.",
            "guide.md warning",
            title="MkDocs",
        ),
        sample("(./paper.tex\n! Undefined control sequence.\nl.9 \\foo\n", "paper.tex:9 error", title="LaTeX"),
        sample("src/a.ts:3:5 - Unknown word (recieve)", "src/a.ts:3:5 error", title="cspell"),
        sample(
            "== [models/a.sql] FAIL\nL:   3 | P:   5 | LT01 | Expected only single space before naked identifier.",
            "models/a.sql:3:5 error LT01",
            title="sqlfluff",
        ),
        sample(
            '.github/workflows/ci.yml:9:9: property "matrxi" is not defined [expression]',
            ".github/workflows/ci.yml:9:9 error expression",
            title="actionlint",
        ),
        sample(
            "README.md:3:81 MD013/line-length Line length [Expected: 80; Actual: 98]",
            "README.md:3:81 error MD013/line-length",
            title="markdownlint",
        ),
        sample(
            'Finding:     key = "abc"\nSecret:      abc\nRuleID:      generic-api-key\nEntropy:     4.1\nFile:        conf.py\nLine:        3\n',
            "conf.py:3 error generic-api-key",
            title="gitleaks",
        ),
        sample("    src/a.lua:3:5: (W211) unused variable x", "src/a.lua:3:5 warning W211", title="luacheck"),
    ),
)
