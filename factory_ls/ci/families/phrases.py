"""A place in a phrase of its own, what is wrong on a line near it: compilers of small languages, checkers of
configuration, verifiers, tools that tell of copies.

    ('conf/default.vcl' Line 12 Pos 5)        Starting at line 24 of /w/A.java        #24: FILE: a.c:210:
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re
from collections.abc import Callable

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of
from factory_ls.ci.window import Line

_NO_WORDS = re.compile(r"[^A-Za-z]*$")


def _told(
    here: Here,
    match: re.Match[str],
    message: str,
    severity: str | None,
    at: Line | None = None,
    default: Severity = Severity.ERROR,
) -> Found | None:
    graded = severity_of(severity or match.groupdict().get("sev"), default)
    found = here.located(match, message=message, severity=graded, tool=here.tool)
    if found:
        if found.tool == "phrases":
            found.tool = tool_of(tidy(match["path"]), found.code, message, here.step.command)
        if at:
            found.log_line = min(found.log_line, at.number)
    return found


def above(
    pattern: str, limit: int = 3, default: Severity = Severity.ERROR
) -> Callable[[re.Match[str], Here], Found | None]:
    """The nearest of `limit` lines above that `pattern` fits says what is wrong, in its group `msg`."""
    wanted = re.compile(pattern)

    def read(match: re.Match[str], here: Here) -> Found | None:
        for text, line in here.above(limit):
            if told := wanted.match(text):
                return _told(here, match, told["msg"].strip(), told.groupdict().get("sev"), line, default)
        return None

    return read


def below(pattern: str, limit: int = 3) -> Callable[[re.Match[str], Here], Found | None]:
    """The nearest of `limit` lines below that `pattern` fits says what is wrong, in its group `msg`."""
    wanted = re.compile(pattern)

    def read(match: re.Match[str], here: Here) -> Found | None:
        for text, _ in here.below(limit):
            if told := wanted.match(text):
                found = _told(here, match, told["msg"].strip(), told.groupdict().get("sev"))
                if found:
                    found.code = told.groupdict().get("code") or found.code
                return found
        return None

    return read


def under(header: str, limit: int = 200, within: str = r"") -> Callable[[re.Match[str], Here], Found | None]:
    """The path is in a header above; lines between fit `within` (default: any)."""
    heading, between = re.compile(header), re.compile(within)

    def read(match: re.Match[str], here: Here) -> Found | None:
        for text, _ in here.above(limit):
            if headed := heading.match(text):
                return here.found(
                    match["msg"],
                    headed["path"],
                    match.groupdict().get("line"),
                    column=match.groupdict().get("col"),
                    severity=severity_of(match.groupdict().get("sev")),
                    code=match.groupdict().get("code"),
                )
            if text.strip() and not between.match(text):
                return None
        return None

    return read


def _copies(match: re.Match[str], here: Here) -> Found | list[Found]:
    """One problem a group of copies, at the first; the others are related."""
    first = here.memory.get("copies")
    if match["first"] or not isinstance(first, Found):
        found = here.found("Duplicated code", match["path"], match["line"])
        found.end_line = int(match["eline"]) if match.groupdict().get("eline") else None
        here.memory["copies"] = found
        return found
    first.related.append(here.relate(here.found("Duplicated code", match["path"], match["line"])))
    return []


def _cpd(match: re.Match[str], here: Here) -> Found | list[Found]:
    previous = next((text for text, _ in here.above(1)), "")
    if headed := re.search(r"(?P<msg>Found a .*duplication)", previous):
        found = here.found(headed["msg"], match["path"], match["line"])
        here.memory["copies"] = found
        return found
    first = here.memory.get("copies")
    if isinstance(first, Found):
        first.related.append(here.relate(here.found("Duplicated code", match["path"], match["line"])))
    return []


def _verified(match: re.Match[str], here: Here) -> Found | None:
    """Kani: a check that failed, its description and its place below each other."""
    pairs: dict[str, str] = {
        pair[1]: pair[2]
        for text, _ in here.above(2)
        if (pair := re.match(r"\s+- (Status|Description): \"?(.*?)\"?$", text))
    }
    if pairs.get("Status") != "FAILURE":
        return None
    return here.located(match, message=pairs.get("Description", "verification failed"))


def _toml(match: re.Match[str], here: Here) -> Found | None:
    """uv, maturin: the file in the lines above, a code frame below and under it what was expected."""
    told = next((t.strip() for t, _ in here.below(8) if t.strip() and not re.match(r"\s*\d*\s*\||\s*\^", t)), match[0])
    for text, line in here.above(4):
        if headed := re.search(r"[`'\" ](?P<path>[^`'\" ]+\.toml)\b", text):
            found = here.found(told, headed["path"], match["line"], column=match["col"], tool="toml", at=line)
            found.log_line = line.number
            return found
    return None


def _haproxy(text: str) -> str:
    return "warning" if "[WARNING]" in text else "error"


def _docsig(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(20):
        if headed := re.match(r"(?P<path>[^\s:]+\.pyi?):(?P<line>\d+)(?: in \S+)?$", text):
            return here.found(match["msg"], headed["path"], headed["line"], code=match["code"])
        if not re.match(r"\s|-+$", text):
            return None
    return None


def _first_frame(match: re.Match[str], here: Here) -> Found | None:
    """Dr. Memory: the first frame that is of a file of the repository."""
    for text, line in here.below(30):
        if framed := re.match(r"# *\d+ \S+.*\[(?P<path>[^\]:]*(?::[\\/][^\]:]*)?):(?P<line>\d+)\]$", text):
            found = here.found(match["msg"], framed["path"], framed["line"], last=line)
            if not found.external and not re.search(r"drmemory_package|/glibc|/sysdeps", framed["path"]):
                return found
        elif not text.strip():
            return None
    return None


def _of_class(match: re.Match[str], here: Here) -> Found | None:
    """forbidden-apis: `in com.acme.Cart (Cart.java:42)` below what is forbidden."""
    for text, line in here.above(1):
        if text.startswith("Forbidden "):
            package = match["class"].replace(".", "/").rpartition("/")[0]
            return here.found(
                text, f"{package}/{match['file']}".lstrip("/"), match["line"], tool="forbiddenapis", at=line
            )
    return None


_LEVEL = r"(?P<sev>ERROR|WARNING|CHECK|Error|Warning|error|warning)"

FAMILY = Family(
    name="phrases",
    about="a place in a phrase of its own, what is wrong on a line near it",
    names=("checkpatch", "cpd", "phpcpd", "stubtest", "kani", "cbmc", "docsig", "varnish", "pkl"),
    rules=(
        Rule("TOML parse error at line ", r".*?TOML parse error at line (?P<line>\d+), column (?P<col>\d+)$", _toml),
        Rule(
            "(from line ",
            r"\s*\^* ?\(from line (?P<line>\d+) of (?P<path>[^)]+)\)$",
            above(r"ERROR: (?P<msg>.*)"),
            tool="pip",
        ),
        Rule(
            "[line ",
            r"\s+\[line\s+(?P<line>\d+)\]: (?P<msg>.*)",
            under(r".*contains parsing errors: '(?P<path>[^']+)'$", within=r"\s+\[line"),
            tool="configparser",
        ),
        Rule(
            "] Error in file '",
            r"\[ (?P<sev>ERROR|WARN) \] Error in file '(?P<path>[^']+)' on line (?P<line>\d+): (?P<msg>.*)",
            tool="robot",
        ),
        Rule(
            ":",
            r"(?P<path>(?:[A-Za-z]:)?[^\s:]+\.(?:[cm]?[jt]sx?|vue|svelte|hbs|g[jt]s)): (?P<msg>\S.*) \((?P<line>\d+):(?P<col>\d+)\)$",
            tool="babel",
            scan=r"\.[a-z]+: [^\n]*\([0-9]+:[0-9]+\)(?m:$)",
        ),
        Rule(
            "At ",
            r"At (?P<path>[^\s:]+\.clj[cs]?):(?P<line>\d+):$",
            below(r"(?P<msg>Consider using:.*)", 1),
            tool="kibit",
        ),
        Rule(
            ") Analyze",
            r"\d+ \(\w+\) (?P<path>\S+):(?P<line>\d+) (?P<code>[A-Z][\w.]+) \(\d:(?P<sev>\w+)\) Analyze$",
            below(r"(?P<msg>[A-Z].*)", 1),
            tool="klocwork",
        ),
        Rule(
            "* Source: ",
            r"\* Source:\s+(?P<path>\S.*?)\((?:≈)?(?P<line>\d+)\)$",
            above(r"Problem: (?P<msg>.*)", 30, Severity.WARNING),
            tool="gendarme",
        ),
        Rule(
            "Error #",
            r"Error #\d+: (?P<msg>(?:[A-Z]{4,} )+.*)",
            _first_frame,
            tool="drmemory",
        ),
        Rule(
            ": FILE: ",
            r"#\d+: FILE: (?P<path>\S+):(?P<line>\d+):$",
            above(_LEVEL + r":(?:[A-Z_]+:)? (?P<msg>.*)", 1),
            tool="checkpatch",
        ),
        Rule(
            "' Line ",
            r"\('(?P<path>[^']+)' Line (?P<line>\d+) Pos (?P<col>\d+)\)",
            above(r"(?P<msg>[A-Z'].*\S)", 1),
            tool="varnish",
        ),
        Rule(
            "(file:///",
            r"at \S+ \((?P<path>file:///\S+), line (?P<line>\d+)\)$",
            above(r"(?P<msg>[A-Z][^|]*[A-Za-z]{2} .*)", 8),
            tool="pkl",
        ),
        Rule(
            "Unable to parse at line ",
            r"\s*>> (?P<msg>Unable to parse at line (?P<line>\d+).*)",
            under(r"\s*(?:\[?ERROR\]?|KO)\s+in (?P<path>\S+)$"),
            tool="symfony",
        ),
        Rule(
            ("** Error", "** Warning", "** Fatal", "** Note", "** Failure"),
            r"\s*(?:# )?\*\* (?P<sev>Error|Warning|Fatal|Note|Failure)(?: \(\w+\))?: (?P<path>[^\s:()]+)\((?P<line>\d+)\): (?:\((?P<code>\w+-\d+)\) )?(?P<msg>.*)",
            tool="modelsim",
        ),
        Rule(
            ("** Error", "** Warning", "** Fatal", "** Note", "** Failure"),
            r"\s*(?:# )?\*\* (?P<sev>Error|Warning|Fatal|Note|Failure)(?: \(\w+\))?: \((?P<code>\w+-\d+)\) (?P<path>[^\s:()]+)\((?P<line>\d+)\): (?P<msg>.*)",
            tool="modelsim",
        ),
        Rule(
            "Stub: in file ",
            r"Stub: in file (?P<path>\S+?)(?::(?P<line>\d+))?$",
            above(r"error: (?P<msg>.*)", 2),
            tool="stubtest",
        ),
        Rule(
            "  in ",
            r"\s+in (?P<class>[\w.$]+) \((?P<file>\w+\.(?:java|kt|scala|groovy)):(?P<line>\d+)\)$",
            _of_class,
            scan=r"  in [a-zA-Z0-9_.$]+ \([A-Za-z0-9_]+\.[a-z]+:[0-9]+\)(?m:$)",
        ),
        Rule("Starting at line ", r"Starting at line (?P<line>\d+) of (?P<path>\S.*)", _cpd, tool="cpd"),
        Rule(
            " lines)",
            r"\s+(?P<first>- )(?P<path>\S+):(?P<line>\d+)-(?P<eline>\d+) \(\d+ lines\)$",
            _copies,
            tool="phpcpd",
        ),
        Rule(": duplicate of ", r"(?P<path>[^\s:]+):(?P<line>\d+)-\d+: (?P<msg>duplicate of .*)", tool="dupl"),
        Rule(
            "- Location: ",
            r"\s+- Location: (?P<path>\S+):(?P<line>\d+):(?P<col>\d+) in function ",
            _verified,
            tool="kani",
        ),
        Rule(
            ": FAILURE",
            r"\[\S+\] line (?P<line>\d+) (?P<msg>.*): FAILURE$",
            under(r"(?P<path>\S+\.\w+) function \S+$", within=r"\[\S+\] "),
            tool="cbmc",
        ),
        Rule(
            " (C ",
            r"L (?P<line>\d+) \(C (?P<col>\d+)(?:-\d+)?\): (?:(?P<code>\w{3,6}): )?(?P<msg>.*)",
            under(r"=+ (?P<path>\S.*\.m) =+$", within=r"L \d+ \(C "),
            tool="mlint",
        ),
        Rule(
            " SIG",
            r"\s+(?P<code>SIG\d+): (?P<msg>.*)",
            _docsig,
            tool="docsig",
            scan=r" SIG[0-9]+: ",
        ),
        Rule(
            ") [Line ",
            r".*?\((?P<path>[^()\s]+)\)(?: \[Line (?P<line>\d+)(?:, Column (?P<col>\d+))?\])$",
            below(r"\s+(?P<msg>\S.*)", 1),
            tool="nunjucks",
        ),
        Rule(
            "*** At command",
            r"\*\*\* At command \"[^\"]*\" \(line (?P<line>\d+) of \"~*(?P<path>[^\"]+)\"\)",
            above(r"\*\*\* (?P<msg>[A-Z][a-z].*)", 20),
            tool="isabelle",
        ),
        Rule(
            " parsing [",
            r".*? parsing \[(?P<path>[^\]:]+):(?P<line>\d+)\] ?: (?P<msg>.*)",
            lambda match, here: _told(here, match, match["msg"], _haproxy(match[0])),
            tool="haproxy",
        ),
        Rule(
            "Error validating data ",
            r"(?P<msg>Error validating data '(?P<path>[^']+)' with schema .*)",
            tool="yamale",
        ),
        Rule(
            ".go:",
            r"\s*\d+ \w+ \S+ (?P<path>\S+\.go):(?P<line>\d+):(?P<col>\d+)$",
            lambda match, here: here.located(match, message=f"too complex: {match[0].strip()}"),
            tool="gocyclo",
            scan=r"\.go:[0-9]+:[0-9]+(?m:$)",
        ),
    ),
    samples=(
        sample(
            "WARNING: line over 80 characters\n#24: FILE: net/foo.c:210:\n+\tx",
            "net/foo.c:210 warning",
            title="checkpatch",
        ),
        sample(
            "Expected an action, 'if', '{' or '}'\n('conf/default.vcl' Line 12 Pos 5)\n    foo;\n----###-",
            "conf/default.vcl:12:5 error",
            title="varnish",
        ),
        sample(
            "– Pkl Error –\nCannot find property `foo`.\n\n12 | bar = foo\n           ^^^\nat config#bar (file:///w/config.pkl, line 12)",
            "/w/config.pkl:12 error",
            title="pkl",
        ),
        sample(
            "Found a 12 line (110 tokens) duplication in the following files: \nStarting at line 24 of src/A.java\nStarting at line 40 of src/B.java",
            "src/A.java:24 error",
            title="cpd: the copies are related",
        ),
        sample(
            'Check 1: a.1\n\t - Status: FAILURE\n\t - Description: "overflow"\n\t - Location: src/lib.rs:12:5 in function add\n\nCheck 2: a.2\n\t - Status: SUCCESS\n\t - Description: "x"\n\t - Location: src/lib.rs:20:5 in function add',
            "src/lib.rs:12:5 error",
            title="kani",
        ),
    ),
)
