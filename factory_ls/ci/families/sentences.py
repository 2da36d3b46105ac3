"""Checkers that tell of a file in a sentence of their own, or that print its findings below such a sentence.

Error formatting src/a.py: Syntax Error @ 2:1.        byacc: w - line 6 of "g.y", $5 references beyond …
pr.yml: yaml: unmarshal errors:                        error: Expected `;`
  line 6: field x not found                            at a.blp line 5 column 1:
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import external, plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_LETTERS = {"e": Severity.ERROR, "E": Severity.ERROR, "w": Severity.WARNING, "W": Severity.WARNING}


def _unmarshal(match: re.Match[str], here: Here) -> list[Found]:
    """Go's YAML reader: `a.yml: yaml: unmarshal errors:`, then `  line 6: message` for each."""
    found: list[Found] = []
    for text, line in here.below(200):
        told = re.match(r"\s+line (?P<line>\d+): (?P<msg>.+)", text)
        if not told:
            break
        here.claim(line)
        found.append(
            here.found(told["msg"], match["path"], told["line"], at=line, last=line, tool=here.tool_for(match["path"]))
        )
    return found


def _lettered(match: re.Match[str], here: Here) -> Found | None:
    severity = _LETTERS.get(match["letter"], Severity.INFO)
    return here.located(match, severity=severity, tool=here.tool_for(match["path"]))


def _placed_below(match: re.Match[str], here: Here) -> Found | None:
    """`at a.blp line 5 column 1:` below `error: what is wrong`."""
    for text, line in here.above(1):
        if told := re.match(r"(?P<sev>(?i:error|warning|fatal)): (?P<msg>\S.*)", text):
            found = here.located(
                match, message=told["msg"], severity=severity_of(told["sev"]), tool=here.tool_for(match["path"])
            )
            if found:
                found.log_line = line.number
            return found
    return None


def _xdoctest(match: re.Match[str], here: Here) -> Found | None:
    """What was expected and what came stands some lines below, between headings."""
    told: dict[str, str] = {}
    heading, last = "", here.line
    for text, line in here.below(60):
        if headed := re.match(r"(?P<name>Expected|Got|Repr Difference|DOCTEST \w+.*?):?$", text):
            heading = headed["name"]
        elif heading in ("Expected", "Got") and text.strip():
            told.setdefault(heading, text.strip())
            last = line
        elif re.match(r"\w*Error: |\w*Exception: ", text.strip()):
            told.setdefault("raised", text.strip())
        elif heading == "DOCTEST REPRODUCTION":
            break
    here.claim(last)
    wanted = f"Expected {told['Expected']}, got {told.get('Got', 'nothing')}" if "Expected" in told else ""
    return here.located(match, message=told.get("raised") or wanted or "Failed example", tool="xdoctest")


def _undocumented(match: re.Match[str], here: Here) -> Found | None:
    """docstr-coverage: `File: "a.py"`, then a line for each thing without a docstring."""
    missing = []
    for text, line in here.below(400):
        if not (item := re.match(r" - (No .*docstring.*)", text)):
            break
        missing.append(item[1])
        here.claim(line)
    if not missing or external(match["path"]):
        return None
    return here.found("; ".join(missing), match["path"], tool="docstr-coverage")


_ROW = re.compile(r"\s*(?P<code>\w+)\s*\| (?P<sev>Error|Warning)\s*\|\s*(?P<line>\d+)(?:-\d+)?\s*\| (?P<msg>\S.*)")


def _table(match: re.Match[str], here: Here) -> list[Found] | None:
    """vsg: `File:  a.vhd` between two rules, and a table of what is wrong in it."""
    found: list[Found] = []
    for text, line in here.below(4000):
        if row := _ROW.match(text):
            found.append(
                here.found(
                    row["msg"], match["path"], row["line"], code=row["code"], severity=severity_of(row["sev"]), tool="vsg", at=line, last=line
                )
            )  # fmt: skip
            here.claim(line)
        elif re.match(r"File: ", text) or (line.number - here.line.number > 20 and not found):
            break
    return found or None


def _validation(match: re.Match[str], here: Here) -> Found | None:
    """jsonschema: `===[ValidationError]===(a.json)===`, a blank line, the message."""
    message = next((text.strip() for text, _ in here.below(3) if text.strip()), match["name"])
    return here.located(match, message=message, code=match["name"], tool="jsonschema")


def _noted(match: re.Match[str], here: Here) -> Found | None:
    """ECL: `;;; Style warning:`, `;;;   in file a.lisp, position 37`, `;;;   at (CAR 3)`, `;;;   ! message`."""
    severity = next((severity_of(t.split()[-1].rstrip(":")) for t, _ in here.above(1) if t.endswith(":")), None)
    if severity is None:
        return None
    message = ""
    for text, line in here.below(8):
        own = re.match(r";;; +(?P<mark>! )?(?P<msg>.*)", text)
        if not own or (message and not text.startswith(";;; ")) or text.rstrip().endswith("arning:"):
            break
        if own["mark"] or message:
            message = f"{message} {own['msg']}".strip()
            here.claim(line)
    return here.located(match, message=message or match[0], severity=severity, tool="ecl")


def _linked(match: re.Match[str], here: Here) -> Found | None:
    url = next((m[1] for text, _ in here.above(3) if (m := re.match(r"URL\s+[`'](.*)'$", text))), "")
    for text, line in here.below(6):
        if told := re.match(r"Result\s+(?P<sev>Error|Warning):? (?P<msg>.*)", text):
            found = here.located(
                match, message=f"{url}: {told['msg']}", severity=severity_of(told["sev"]), tool="linkchecker"
            )
            here.claim(line)
            return found
        if not text.strip():
            break
    return None


def _prospector(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`a (src/a.py):` or `src/a.py:`, then places, each with its message below."""
    message = next((text.strip() for text, _ in here.below(1)), "") or match["code"]
    for text, _ in here.above(400):
        if headed := re.match(r"(?:\S+ \()?(?P<path>[^\s:()]+\.\w+)(?::(?P<line>\d+)(?::\d+)?)?\)?:$", text):
            if headed["line"]:
                return []  # the heading has the place, and was read
            column = match["col"] if match["col"].isdigit() else None
            return here.found(
                message, headed["path"], match["line"], column=column, code=match["code"], tool=match["tool"]
            )
        if text.strip() and not text.startswith("    "):
            return None
    return None


def _unit(match: re.Match[str], here: Here) -> Found | list[Found]:
    """promtool's tests of rules: `  FAILED:` below, and what was expected."""
    for text, _ in here.below(1):
        if text.strip() == "FAILED:":
            told = next((one.strip(" ,") for one, line in here.below(2) if line.number > here.line.number + 1), "")
            return here.found(f"Unit tests failed: {told}", match["path"])
    return []


def _literal(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(1):
        here.claim(line)
        return here.located(match, message=text.strip(), tool="criterion")
    return None


def _failing(match: re.Match[str], here: Here) -> Found | None:
    """A file and why it failed, perhaps with a place in it: `Syntax Error @ 2:1.`, `invalid syntax (…, line 1)`."""
    path = match["path"]
    if external(path) or not plausible(tidy(path)):
        return None
    message = match["msg"].strip(" :.") or match[0]
    at = re.search(r"(?:@ |\b[Ll]ine:? )(?P<line>\d+)(?:[:,] ?(?:col(?:umn)? )?(?P<col>\d+))?", message)
    found = here.found(message, path, at["line"] if at else None, column=at["col"] if at else None)
    found.severity = severity_of(match.groupdict().get("sev"))
    found.tool = here.tool_for(path)
    return found


def _unlike(match: re.Match[str], here: Here) -> Found | None:
    path = match["path"]
    if external(path) or not plausible(tidy(path)):
        return None
    return here.found(f"Not formatted: {path}", path, tool=here.tool_for(path))


FAMILY = Family(
    name="sentences",
    about="files told of in a sentence, findings below it",
    names=("fixit", "xdoctest", "docstr-coverage", "vsg", "byacc", "ecl"),
    rules=(
        Rule(
            "yaml: unmarshal errors:",
            r"(?:.*[\s\"'(])?(?P<path>[^\s:\"'()]+\.\w+)[\"')]*: (?:.*: )?yaml: unmarshal errors:$",
            _unmarshal,
        ),
        Rule(
            " <- wrt source file",
            r"\s*File \"(?P<path>[^\"]+)\", line (?P<line>\d+),? <- wrt source file$",
            _xdoctest,
        ),
        # mypy: `mypy.ini: [mypy]: Unrecognized option: x = 1`
        Rule(
            ": [",
            r"(?P<path>[^\s:]+\.(?:ini|cfg|toml)): \[[\w.*:\" -]+\]: (?P<msg>[A-Z\w].*)",
            severity=Severity.WARNING,
            tool="mypy",
            scan=r"\.(?:ini|cfg|toml): \[[^\]\n]+\]: ",
        ),
        Rule('File: "', r"File: \"(?P<path>[^\"]+)\"$", _undocumented),
        Rule("File:  ", r"File:  (?P<path>\S+\.vhdl?)$", _table),
        Rule("]===(", r"={3}\[(?P<name>\w*Error)\]={3}\((?P<path>[^()]+)\)={3}$", _validation),
        Rule(";;;   in file ", r";;;   in file (?P<path>[^,]+), position \d+$", _noted),
        # byacc: w - line 6 of "g.y", message
        Rule(
            " - line ",
            r"\S*yacc: (?P<letter>[ewf]) - line (?P<line>\d+) of \"(?P<path>[^\"]+)\",? (?P<msg>.+)",
            _lettered,
            scan=r"yacc: [a-z] - line [0-9]",
        ),
        # i18nspector's and lintian's tags, of a file: `E: de.po: duplicate-message-definition msgid x`
        Rule(
            ": ",
            r"(?P<letter>[EWIP]): (?P<path>[^\s:]+\.(?:pot?|g?mo|spec|desktop|metainfo\.xml|service)): (?P<msg>[a-z][\w-]+-[\w-]+.*)",
            _lettered,
            scan=r"[EWIP]: [^ :\n]+\.(?:pot?|g?mo|spec|desktop|metainfo\.xml|service): [a-z]",
        ),
        Rule(
            "at ",
            r"at (?P<path>\S+\.\w+) line (?P<line>\d+) column (?P<col>\d+):$",
            _placed_below,
            scan=r"at [^ \n]+ line [0-9]+ column [0-9]+:",
        ),
        # fixit: src/a.py@18:8 UseFstring: message
        Rule(
            "@",
            r"(?P<path>[^\s:@]+\.pyi?)@(?P<line>\d+):(?P<col>\d+) (?P<code>[A-Z]\w+): (?P<msg>.+)",
            tool="fixit",
            scan=r"\.pyi?@[0-9]+:[0-9]+ ",
        ),
        Rule(
            (
                ": EXCEPTION: ",
                "Error formatting ",
                "Error processing ",
                "Error sorting ",
                "annot parse ",
                " file, ignoring it",
            ),
            r"(?:(?P<sev>ERROR|WARNING)(?::\w+)?: ?)?(?:Error (?:formatting|processing|sorting) |[Cc]annot parse (?:for target version [^:]+: )?|(?:Error: )?[Ff]ailed to parse |)(?P<path>(?:[A-Za-z]:)?[^\s:]+\.\w+)(?P<msg>: (?:EXCEPTION: )?\S.*| file, ignoring it\.?)$",
            _failing,
            scan=r": EXCEPTION: |Error (?:formatting|processing|sorting) [^ \n]+:|annot parse [^ \n]+\.[a-z]+: | file, ignoring it",
        ),
        Rule(
            ("ould ", " failed formatting check"),
            r"(?:\[.{1,3}\] |\W{0,4} ?)?(?:(?P<would>[Ww]ould (?:have )?(?:fix|reindent|reformat|format|rewrite|sort)(?:ed|ted)? )|(?=\S+ failed f))(?P<path>[^\s:]*[^\s:.]\.\w+)(?: failed formatting check\.?)?$",
            _unlike,
            scan=r"ould (?:have )?[a-z]+ [^ \n:]+\.[A-Za-z0-9]+[ \t]*(?m:$)| failed formatting check",
        ),
        Rule(
            'In file "',
            r"(?:\[ERROR\] )?In file \"(?P<path>[^\"]+)\":\s+(?P<msg>\w+: L(?P<line>\d+): .*)",
            tool="snakefmt",
        ),
        Rule(
            "env",
            r"(?P<path>(?:\S*/)?\.env[\w.-]*):(?P<line>\d+) (?P<code>\d{3}) (?P<msg>[A-Z].*)",
            tool="dotenv-linter",
            scan=r"\.env[a-zA-Z.]*:[0-9]+ [0-9]{3} ",
        ),
        # Pages of the manual have a digit for an extension.
        Rule(
            ("mandoc: ", "roff:", "tbl:", "eqn:", "grotty:"),
            r"(?:mandoc|[tng]roff|tbl|eqn|grotty|preconv): ?(?:\S+: )?(?P<path>[^\s:]+\.(?:[1-9]\w{0,3}|man|ms|me|mm|mdoc|tr|roff)):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<sev>ERROR|WARNING|STYLE|BASE|UNSUPP|error|warning)(?: \[.*\])?: (?P<msg>.*)",
            tool="mandoc",
            scan=r"(?:mandoc|[tng]roff|tbl|eqn|grotty): ?[^ \n]+:[0-9]+[: ]",
        ),
        Rule(
            "FAIL: ",
            r"FAIL: (?P<path>[^\s:]+\.\w+) \((?:File size changed from \d+ to \d+|Difference at byte \d+)\)$",
            _unlike,
        ),
        Rule("File: ", r"File: (?P<path>\S+\.vhdl?) (?P<msg>ERROR \(\d+ rules checked\) .*)", tool="vsg"),
        Rule(
            "File ",
            r"File (?P<path>[^\s:]+\.\w+): (?P<sev>error|warning): (?P<msg>\S.*)",
            _failing,
            scan=r"File [^ :\n]+: (?:error|warning): ",
        ),
        # LinkChecker: a record of a link, its parent's place, and what came of it
        Rule(
            "Parent URL ",
            r"Parent URL\s+(?P<path>\S+), line (?P<line>\d+), col (?P<col>\d+)$",
            _linked,
        ),
        # prospector: the message stands below
        Rule(
            ": ",
            r"\s+L(?P<line>\d+):(?P<col>\d+|-) \S+: (?P<tool>[a-z][\w-]*) - (?P<code>[\w-]+)$",
            _prospector,
            scan=r"(?m:^|[ \t])L[0-9]+:[0-9-]+ [^ \n]+: [a-z]",
        ),
        # dash, of a script without an extension; what it was given with -c has no place
        Rule(
            (": Syntax error: ", ": Bad substitution"),
            r"(?!(?:/\S*/)?(?:da|ba|a)?sh: )(?P<path>[\w./+-]+): (?P<line>\d+): (?P<msg>Syntax error: .+|Bad substitution)$",
            lambda match, here: here.found(match["msg"], match["path"], match["line"], tool="shell"),
            scan=r": [0-9]+: (?:Syntax error: |Bad substitution)",
        ),
        # CHICKEN: the place is told below
        Rule("In file `", r"  In file `(?P<path>[^`']+):(?P<line>\d+)',$", _placed_below),
        Rule("Unit Testing:  ", r"Unit Testing:  (?P<path>\S+)$", _unit, tool="promtool"),
        # Criterion's TAP
        Rule(
            ": |",
            r"\s+- (?P<path>[^\s:]+\.\w+):(?P<line>\d+): \|[+-]?$",
            _literal,
            scan=r"- [^ :\n]+:[0-9]+: \|",
        ),
        Rule(
            "unexpected signal after ",
            r"not ok \d*\s*- (?P<test>\S+) (?P<msg>unexpected signal after) (?P<path>\S+):(?P<line>\d+)$",
            tool="criterion",
        ),
        # A zone's file is named as its domain is.
        Rule(
            "dns_",
            r"(?:zone \S+: )?dns_\w+: (?P<path>[^\s:]+):(?P<line>\d+): (?P<msg>.*)",
            lambda match, here: here.found(match["msg"], match["path"], match["line"], tool="named-checkzone"),
            scan=r"(?m:^|[ \t])dns_[a-z_]+: [^ :\n]+:[0-9]+: ",
        ),
        Rule(
            ") source: ",
            r".*\(\w+\.c\.\d+\) source: (?P<path>\S+) line: (?P<line>\d+) pos: (?P<col>\d+) (?P<msg>.*)",
            tool="lighttpd",
        ),
        Rule(
            ", on or before line ",
            r".*?(?P<sev>error|warning) during parsing file (?P<path>[^\s,]+), on or before line (?P<line>\d+): (?P<msg>.*)",
            tool="rsyslogd",
        ),
    ),
    samples=(
        sample(
            "Checking pr.yml\n  FAILED:\npr.yml: yaml: unmarshal errors:\n  line 6: field x not found in type rulefmt.Rule\n  line 9: field y not found in type rulefmt.Rule",
            "pr.yml:6 error",
            "pr.yml:9 error",
            title="Go's YAML reader",
        ),
        sample('byacc: w - line 6 of "g.y", $5 references beyond the end of the current rule', "g.y:6 warning"),
        sample(
            "src/a.py@18:8 UseFstring: Do not use printf style formatting. (has autofix)",
            "src/a.py:18:8 error UseFstring",
        ),
        sample(
            "error: Expected `;`\nat a.blp line 5 column 1:\n   5 |}\n     |^", "a.blp:5:1 error", title="blueprint"
        ),
        sample(
            "Error formatting /w/src/b.py: Syntax Error @ 2:1.\nWould format /w/src/a.py",
            "/w/src/b.py:2:1 error",
            "/w/src/a.py error",
            title="ufmt",
        ),
        sample("would have reindented a.html\n1 template would have been reindented.", "a.html error", title="djhtml"),
        sample("bad.sql failed formatting check.\n2 files failed formatting check.", "bad.sql error", title="sqlfmt"),
    ),
)
