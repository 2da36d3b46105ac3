"""Tools that word a place in a way of their own: `at line 12 of file a.f`, `File = a.f, Line = 12`, `in "a.yml" (12:5)`."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import external, plausible, tidy
from factory_ls.ci.places import find_place
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_GRADE = re.compile(r"\b(?P<sev>fatal|error|warning|note|info)\b", re.IGNORECASE)
_QUIET = re.compile(r"^\s*[✓✔√]|^\W*(?:INFO|DEBUG|TRACE|info|debug|trace|at |from |see |See |note:|\+|>|\d+ lines?\b)")


def _worded(match: re.Match[str], here: Here) -> Found | None:
    """The word `file` beside the line's number tells that it is a place; what is wrong stands before, behind or above."""
    if _QUIET.match(here.text) or not plausible(tidy(match["path"])):
        return None
    earlier = find_place(match["before"])
    if earlier and not earlier.before.strip() and earlier.after.startswith(":"):
        return None  # what is told is of that place, and refers to this one
    before = re.sub(r"[\s,(]*\b(?:at|on|in|near|of|defined|used|declared)?\W*$", "", match["before"]).strip(" *#:")
    after = match["after"].strip(" *.:;,)]")
    graded = _GRADE.search(before)
    message = after if len(after) > 3 else before
    if graded and len(after) <= 3 and (rest := before[graded.end() :].strip(" :!")):
        message = rest
    message = message if len(message) > 15 else f"{before} {after}".strip()
    if not graded or len(message) < 8:
        for text, _ in here.above(1):
            if told := re.match(r"\W*(?P<sev>Error|Warning|Fatal|ERROR|WARNING)\b(?::|--)? ?(?P<msg>.*)", text):
                return here.located(
                    match, message=told["msg"], severity=severity_of(told["sev"]), tool=here.tool_for(match["path"])
                )
    if not graded and not re.search(
        r"^[A-Z]{2,5}-\d+|error|invalid|missing|undefined|unused|expect|never|mismatch|cannot|unknown|illegal|nonportable|dummy|used",
        f"{before} {after}",
        re.IGNORECASE,
    ):
        return None
    return here.located(
        match, message=message or before, severity=severity_of(graded["sev"] if graded else None), tool=here.tool_for(match["path"])
    )  # fmt: skip


def _named(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, message=match["msg"], tool=here.tool_for(match["path"]))


_CONFIGURED = re.compile(r"/|\.(?:json[5c]?|ya?ml|toml|xml|ini|cfg|conf|properties|env|html?|css|[mc]?[jt]sx?|py|md)$")


def _configured(match: re.Match[str], here: Here) -> Found | None:
    """`Failed to parse a.toml: what is wrong (at line 12, column 5)`."""
    path = tidy(match["path"])
    if _QUIET.match(here.text) or not plausible(path) or external(match["path"]) or not _CONFIGURED.search(path):
        return None
    return here.located(match, message=match["msg"].strip(" :-") or match["before"], tool=here.tool_for(match["path"]))


def _grave(match: re.Match[str], here: Here) -> Found | None:
    """`a.sh: syntax error at line 9: ...`, `error: a.sh: unclosed parentheses, opened in line 2`."""
    wrong = r"(?i:error|unclosed|unterminated|unbalanced|unexpected|unmatched|invalid|missing|undefined|unknown|duplicate|malformed|illegal)\b"
    if _QUIET.match(here.text) or external(match["path"]) or not re.search(wrong, match["msg"]):
        return None
    return here.located(match, message=match["msg"], tool=here.tool_for(match["path"]))


def _snakemake(match: re.Match[str], here: Here) -> Found | None:
    told = next((text.strip() for text, _ in here.below(1)), "")
    return here.located(match, message=f"{match['msg']}: {told}".rstrip(": "), tool=here.tool_for(match["path"]))


def _nextflow(match: re.Match[str], here: Here) -> Found | None:
    """`- file : /w/main.nf`, `- cause: what is wrong @ line 12, column 5.`"""
    for text, _ in here.above(3):
        if headed := re.match(r"\s*-? ?file ?: (?P<path>\S+)$", text):
            return here.found(match["msg"], headed["path"], match["line"], column=match["col"], tool="nextflow")
    return None


def _headed_by_file(match: re.Match[str], here: Here) -> Found | None:
    """miniwdl, HTMLHint: `main.wdl`, findings indented below."""
    for text, _ in here.above(200):
        if headed := re.fullmatch(r"\s*(?P<path>[^\s:]+\.\w+):?", text):
            tool = tool_of(headed["path"], None, "", here.step.command)
            return here.found(match["msg"], headed["path"], match["line"], column=match["col"], tool=tool)
        if not text.startswith(("  ", "\t")):
            return None
    return None


def _knitr(match: re.Match[str], here: Here) -> Found | None:
    told = next((text.lstrip("! ") for text, _ in here.above(4) if text.startswith(("!", "Error"))), match[0])
    return here.located(match, message=told, tool="knitr")


def _closure(match: re.Match[str], here: Here) -> Found | None:
    """gjslint: `----- FILE  :  a.js -----`, then `Line 20, E:0002: message`."""
    for text, _ in here.above(400):
        if headed := re.match(r"-+ FILE\s+:\s+(?P<path>\S+) -+$", text):
            return here.found(match["msg"], headed["path"], match["line"], code=match["code"], tool="gjslint")
        if not text.startswith("Line "):
            return None
    return None


def _jscs(match: re.Match[str], here: Here) -> Found | None:
    """jscs: the line is the one over the arrow."""
    number = None
    for text, line in here.below(12):
        if numbered := re.match(r"\s*(?P<line>\d+) ?\|", text):
            number = numbered["line"]
        elif number and re.match(r"-+\^", text):
            here.claim(line)
            return here.found(match["msg"], match["path"], number, tool="jscs", last=line)
        else:
            return None
    return None


def _above(match: re.Match[str], here: Here) -> Found | None:
    """`  Location: a.md:2:5` below what is wrong there."""
    for text, line in here.above(2):
        if text.strip():
            told = re.sub(r"^\W*(?:\[?(?:[Ee]rror|ERROR)\]?:? )?", "", text.strip())
            if _QUIET.match(text) or not re.search(r"[A-Za-z]{2} ", told):
                return None
            found = here.located(match, message=told, tool=here.tool_for(match["path"]))
            if found:
                found.log_line = line.number
            return found
    return None


def _pairs(match: re.Match[str], here: Here) -> Found | None:
    message = next((text.strip() for text, _ in here.below(2) if text.strip()), match[0].strip())
    return here.located(
        match, message=message, severity=severity_of(match["sev"].replace("CAUTION", "WARNING")), tool=here.tool_for(match["path"])
    )  # fmt: skip


def _headed(match: re.Match[str], here: Here) -> Found | None:
    """VCS and nvc: `Error-[SE] Syntax error` or `** Error: message`, the place some lines below."""
    for count, (text, line) in enumerate(here.above(5)):
        if told := re.match(
            r"\s*(?:\*\* )?(?P<sev>Error|Warning|Fatal|Note|Lint)(?:-\[(?P<code>[\w-]+)\])?:? (?P<msg>.*)", text
        ):
            found = here.located(
                match, message=told["msg"], code=told["code"], severity=severity_of(told["sev"]), tool="verilog"
            )
            if found:
                found.log_line = line.number
                found.tool = here.tool_for(match["path"])
            return found
        if count and not text.startswith(" "):
            return None
    return None


def _below(match: re.Match[str], here: Here) -> Found | None:
    message = " ".join(text.strip() for text, _ in here.below(2))
    return here.located(match, message=message, severity=severity_of(match["sev"]), tool=here.tool_for(match["path"]))


def _yard(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.above(1):
        if told := re.match(r"\[(?P<sev>warn|error)\]: (?P<msg>.*)", text):
            return here.found(
                told["msg"], match["path"], match["line"], severity=severity_of(told["sev"]), tool="yard", at=line, last=here.line
            )  # fmt: skip
    return None


def _link(match: re.Match[str], here: Here) -> Found:
    return here.found(f"{match['msg']}: {match['link']}", match["path"], tool="htmltest")


def _codenarc(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(200):
        if headed := re.match(r"\s*File: (?P<path>\S+)$", text):
            return here.found(match["msg"], headed["path"], match["line"], code=match["code"], tool="codenarc")
        if not re.match(r"\s+Violation: ", text):
            return None
    return None


_FILE = r"[\"'`(]?(?P<path>(?:file:/+)?(?:[A-Za-z]:)?[^\s:\"'`(),;]+)[\"'`)]?"

FAMILY = Family(
    name="wordings",
    about="places in words of their own",
    rules=(
        Rule(
            "ocation:",
            r"\s+[Ll]ocation: (?P<path>[^\s:]+):(?P<line>\d+)(?::(?P<col>\d+))?$",
            _above,
            scan=r"ocation: [^ \n:]+:[0-9]+",
        ),
        Rule(
            "ine",
            r"(?P<before>.*?)\b[Ll]ine:? (?:number )?#?(?P<line>\d+)(?:,? (?:and )?(?:col(?:umn)?|char(?:acter)?|pos(?:ition)?)\.? (?P<col>\d+))?,? (?:(?:of|in) )?(?:the )?(?:[a-z]{2,8} )?file:?(?:\s+|(?=:/))"
            + _FILE
            + r"(?P<after>.*)$",
            _worded,
            scan=r"ine:? #?[0-9]+[^\n]*file",
        ),
        Rule(
            "ine",
            r"(?P<before>.*?)\b[Ll]ine (?P<line>\d+)(?:,? (?:char|column|col) (?P<col>\d+))? of (?P<path>file:/+\S+)(?P<after>)$",
            _worded,
            scan=r"ine [0-9]+[^\n]* of file:/",
        ),
        Rule(
            "File = ",
            r".*\b(?P<sev>ERROR|WARNING|REMARK|CAUTION|NOTE)\b.*\bFile = (?P<path>[^,]+), Line = (?P<line>\d+)(?:, Column = (?P<col>\d+))?",
            _pairs,
        ),
        Rule(
            " (",
            r"(?:[\w.]+: )?(?P<msg>.*?) in [\"'](?P<path>[^\"']+)[\"'] \((?:line )?(?P<line>\d+)[:,] ?(?:column )?(?P<col>\d+)\)",
            _named,
            scan=r"[\"'] \((?:line )?[0-9]+[:,] ?(?:column )?[0-9]+\)",
        ),
        Rule(
            "rror at \"",
            r"(?P<sev>Error|Warning) at \"(?P<path>[^\"]+)\" \(line (?P<line>\d+), column (?P<col>\d+)\):",
            _below,
        ),
        Rule(
            " of ",
            r"(?P<sev>Error|Warning)\b.* (?:on|at) line (?P<line>\d+),? column (?P<col>\d+) of (?P<path>[^\s:]+):$",
            _below,
            scan=r"line [0-9]+,? column [0-9]+ of [^ \n]+:(?m:$)",
        ),
        Rule(
            " of ",
            r".*?(?P<sev>(?i:error)) \w+ing line (?P<line>\d+),? column (?P<col>\d+) of (?P<path>[^\s:]+): (?P<msg>.*)",
            _named,
            scan=r"ing line [0-9]+,? column [0-9]+ of ",
        ),
        Rule('", ', r"\s+\"(?P<path>[^\"]+)\", (?P<line>\d+)(?::.*)?$", _headed, scan=r"\", [0-9]+"),
        Rule("> ", r"\s+> (?P<path>[^\s:]+):(?P<line>\d+)$", _headed, scan=r" > [^ :\n]+:[0-9]+"),
        Rule(
            (".yaml: ", ".yml: ", ".json: ", ".toml: "),
            r".*?(?P<path>[^\s:\"'()]+\.(?:ya?ml|json|toml)): (?P<msg>\S.*) \((?P<line>\d+):(?P<col>\d+)\)$",
            _named,
            scan=r"(?m:\.(?:ya?ml|json|toml): [^\n]*\([0-9]+:[0-9]+\)[ \t]*$)",
        ),
        Rule(
            "ine ",
            r"(?P<before>.*?(?:pars|invalid|Invalid|INVALID|load|read|syntax|Syntax|malformed|[Ee]rror|ERROR|decod).*?)[\s\"'`(](?P<path>(?:[A-Za-z]:)?[^\s:\"'`()]+\.\w+)[\"'`)]?[:,]? (?P<msg>.*?)[\s,(]*(?:at |on )?line (?P<line>\d+),? (?:and )?col(?:umn)?:? (?P<col>\d+)\)?(?P<after>\.?)$",
            _configured,
            scan=r"ine [0-9]+,? (?:and )?col(?:umn)?:? [0-9]+\)?\.?(?m:$)",
        ),
        Rule(
            "ine ",
            r"(?:\w+: )?\(?(?P<path>(?:[A-Za-z]:)?[^\s:\"'`()]+\.(?:ya?ml|json[5c]?|toml|xml|ini|cfg))\)?: (?P<msg>.*?)[\s,(]*(?:at |on )?line (?P<line>\d+),? (?:and )?col(?:umn)?:? (?P<col>\d+)\)?(?P<before>)(?P<after>(?: \(.*\))?)$",
            _configured,
            scan=r"\.(?:ya?ml|json|toml|xml|ini|cfg)\)?: [^\n]*ine [0-9]+,? (?:and )?col",
        ),
        Rule(
            (" at line ", " on line ", " in line "),
            r"(?:(?P<sev>[Ee]rror|[Ww]arning): )?(?P<path>(?:[A-Za-z]:)?[^\s:\"'`()]+\.\w+): (?P<msg>(?:[\w,'`\"-]+ ){0,8}?(?:at|on|in) line (?P<line>\d+)(?:(?:[:,]| near) .*)?)$",
            _grave,
        ),
        Rule(
            "in file ",
            r"(?P<msg>[A-Z]\w*(?:Error|Exception)) in file (?P<path>[^\s,]+), line (?P<line>\d+):$",
            _snakemake,
        ),
        Rule(" @ line ", r"\s*-? ?cause: (?P<msg>.*?) ?@ line (?P<line>\d+), column (?P<col>\d+)", _nextflow),
        Rule(" Ln ", r"\((?P<path>\S+\.wdl) Ln (?P<line>\d+) Col (?P<col>\d+)\) (?P<msg>.*)", _named),
        Rule(
            ("(Ln ", "line "),
            r"\s+\(?(?:Ln|[Ll]ine) (?P<line>\d+), [Cc]ol(?:umn)? (?P<col>\d+)[):] (?P<msg>\S.*)",
            _headed_by_file,
            scan=r"\(Ln [0-9]|\t *line [0-9]+, col|  line [0-9]+, col",
        ),
        Rule("Quitting from ", r"Quitting from (?:lines )?\S*?(?P<line>\d+)(?:-\d+)?(?: \[.*\])? \((?P<path>\S+)\)", _knitr),
        Rule(", E:", r"Line (?P<line>\d+), (?P<code>E:\d+): (?P<msg>.*)", _closure),
        Rule(" at ", r"(?P<msg>[A-Z].*) at (?P<path>\S+\.[cm]?jsx?) :$", _jscs, scan=r"\.[cm]?jsx? :(?m:$)"),
        Rule("' near line ", r"\s+in file [`'](?P<path>[^`']+)' near line (?P<line>\d+)$", _yard),
        Rule(" --> ", r"\s+(?P<msg>\S.*?) --- (?P<path>\S+\.html?) --> (?P<link>\S+)$", _link, scan=r" --- [^ \n]+ --> "),
        Rule(
            "possible bashism",
            r"(?P<sev>)possible bashism in (?P<path>\S+) line (?P<line>\d+) \((?P<msg>.*)\):?$",
            severity=Severity.WARNING,
            tool="checkbashisms",
        ),
        Rule("jq: error (at ", r"jq: error \(at (?P<path>[^)]+?):(?P<line>\d+)\): (?P<msg>.*)", tool="jq"),
        Rule(
            "Violation: Rule=",
            r"\s+Violation: Rule=(?P<code>\w+) P=\d (?:Line=(?P<line>\d+) )?(?:Msg=\[(?P<msg>.*?)\])?(?: Src=.*)?$",
            _codenarc,
        ),
        Rule(
            "Failed test ",
            r"#\s+Failed test (?P<test>\d+) in (?P<path>\S+) at line (?P<line>\d+)(?: fail #\d+)?(?P<msg>.*)",
            lambda match, here: here.located(match, message=f"Failed test {match['test']}", tool="perl"),
        ),
        Rule("NOK ", r"NOK \d+# (?P<msg>.*) \((?P<path>\S+) at line (?P<line>\d+)\)", tool="perl"),
        Rule(
            ("::", "defined("),
            r".*(?::: +|\bdefined\( ?)(?P<path>[^\s()]+\.\w+)\((?P<line>\d+)\)",
            tool="lint",
            scan=r":: +[^ \n]+\.[a-z]+\([0-9]+\)|defined\( ?[^ \n]+\.[a-z]+\([0-9]+\)",
        ),
        Rule(
            ": missing ",
            r"(?P<path>[^\s:]+\.\w+): (?P<msg>missing (?:licen[cs]e|copyright).*)",
            tool="license",
        ),
        Rule("FAIL: ", r"FAIL: (?P<path>[^\s:]+\.\w+) \(\d+ bytes\)", lambda match, here: here.located(match, message="Not formatted: " + match["path"], tool="uncrustify")),
    ),
    samples=(
        sample(
            "PCC-00004: mismatched IF/ELSE/ENDIF block at line 27 in file src/a.hpp", "src/a.hpp:27 error", title="Pro*C"
        ),
        sample(
            "Warning: Start tag for undeclared element x\nin unnamed entity at line 4 char 8 of file:///w/a.xml",
            "/w/a.xml:4:8 warning",
            title="rxp",
        ),
        sample("cc-1070 cc: WARNING File = linkl.c, Line = 38\n  The variable is unused.", "linkl.c:38 warning", title="Cray"),
        sample(
            'YAMLException: bad indentation of a mapping entry in "/w/a.yml" (12:5)', "/w/a.yml:12:5 error", title="js-yaml"
        ),
        sample(
            "Error-[SE] Syntax error\n  Following verilog source has syntax error :\n  \"rtl/a.sv\", 12: token is 'endmodule'",
            "rtl/a.sv:12 error SE",
            title="VCS",
        ),
        sample("INFO reading line 3 of file app.conf", title="talk"),
    ),
)  # fmt: skip
