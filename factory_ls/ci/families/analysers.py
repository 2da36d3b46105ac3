"""Checkers and simulators whose reports have a shape of their own: Coverity, Questa and ModelSim, DocFX, Keil, jscpd.

A file as a heading with findings below, a finding with its place some lines on, or words of their own around a place.
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.phrases import above, below, under
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _coverity(match: re.Match[str], here: Here) -> Found | None:
    """A defect, then the events that lead to it, each with a place, up to an empty line."""
    last = here.line
    for text, line in here.below(60):
        if not re.match(r"\S+:\d+(?::\d+)?: (?!CID \d)", text):
            break
        last = line
    here.claim(last)
    return here.located(match, message=match["msg"], tool="coverity")


_STARRED = re.compile(r"\*\* (?P<sev>Error|Warning|Fatal|Failure|Note)(?: \([\w ]+\))?: (?P<msg>.*)")


def _starred(match: re.Match[str], here: Here) -> Found | None:
    """`** Error: message`, the place on a line below: behind the files it was included by, or at the end of `Time: …`."""
    told = _STARRED.match(here.text)
    at = here.line
    if told is None:
        for text, line in here.above(20):
            told, at = _STARRED.match(text), line
            if told or not text.startswith(("** ", "   ")):
                break
    if told is None:
        return None
    found = here.located(
        match, message=match.groupdict().get("msg") or told["msg"], severity=severity_of(told["sev"]), tool="questa"
    )
    if found:
        found.log_line = at.number
    return found


def _automoc(match: re.Match[str], here: Here) -> Found | None:
    """`AutoMoc error`, a line, `"SRC:/main.cpp"`, what is wrong."""
    path = ""
    for text, _ in here.below(4):
        if quoted := re.match(r"\s*\"(?:\w+:/)?(?P<path>[^\"]+\.\w+)\"$", text):
            path = quoted["path"]
        elif path and text.strip():
            return here.found(text.strip(), path, tool="cmake")
    return None


def _yaml(match: re.Match[str], here: Here) -> Found | None:
    """terrascan: `file: main.tf` and `line: 1` at the end of a list of names and values in YAML."""
    pairs: dict[str, str] = {}
    for text, _ in here.above(14):
        pair = re.match(r"\s+(?P<first>- )?(?P<key>[a-z_]+): +(?P<value>.*)$", text)
        if pair is None:
            break
        pairs.setdefault(pair["key"], pair["value"].strip("\"' "))
        if pair["first"]:
            break
    told = pairs.get("description") or pairs.get("message")
    if not told or "file" not in pairs or not (pairs.get("rule_id") or pairs.get("severity")):
        return None
    code, severity = pairs.get("rule_id"), severity_of(pairs.get("severity"))
    return here.found(told, pairs["file"], match["line"], severity=severity, code=code, tool="terrascan")


FAMILY = Family(
    name="analysers",
    about="reports with a shape of their own",
    names=(
        "coverity",
        "questa",
        "modelsim",
        "docfx",
        "rflint",
        "keil",
        "rails_best_practices",
        "checkpatch",
        "jscpd",
        "tekton-lint",
        "phplint",
        "xtext",
    ),
    rules=(
        Rule(
            ("*** WARNING ", "*** ERROR "),
            r"\*\*\* (?P<sev>WARNING|ERROR) #?(?P<code>[AC]\d+) IN LINE (?P<line>\d+) OF (?P<path>(?:[A-Za-z]:)?[^:]+): (?P<msg>.*)",
            tool="keil",
        ),
        Rule(
            ("*** WARNING ", "*** ERROR "),
            r"\*\*\* (?P<sev>WARNING|ERROR) #?(?P<code>[AC]\d+) IN \d+ \((?P<path>[^,()]+), LINE (?P<line>\d+)\): (?P<msg>.*)",
            tool="keil",
        ),
        Rule(
            '", ',
            r"\"(?P<path>[^\"]+\.\w+)\", (?:At end of source: (?P<sev>error|warning|remark) #?(?P<code>[\w-]+)|(?:fatal|catastrophic) error \((?P<fatal>\w+:\d+)\)): (?P<msg>.*)",
            scan=r"\", At end of source: |\", (?:fatal|catastrophic) error \(",
            tool="cc",
        ),
        Rule(
            " - ",
            r"(?P<path>(?:[\w./-]+/)?(?:app|lib|config|db)/[\w./-]+\.(?:rb|erb|haml|slim|rake)):(?P<line>\d+)(?:,\d+)* - (?P<msg>[a-z].* .*)$",
            scan=r"\.(?:rb|erb|haml|slim|rake):[0-9,]+ - [a-z]",
            tool="rails_best_practices",
        ),
        Rule(
            ": CID ",
            r"(?P<path>(?:[A-Za-z]:)?[^:]+):(?P<line>\d+)(?::(?P<col>\d+))?: CID \d+ \(#\d+ of \d+\): (?P<msg>.*?)(?:: Unclassified.*)?$",
            _coverity,
        ),
        Rule(
            "** at ",
            r"\*\* at (?P<path>[^\s(]+)\((?P<line>\d+)\): (?:\((?P<code>[\w-]+)\) )?(?P<msg>.*)",
            _starred,
        ),
        Rule(" Time: ", r"\s+Time: .* File: (?P<path>\S+) Line: (?P<line>\d+)$", _starred),
        Rule(
            ("Warning:[", "Error:["),
            r"(?:\[[\d :.-]+\])?(?P<sev>Warning|Error):(?:\[[^\]]*\])+\((?P<path>[^()#]+)(?:#L(?P<line>\d+))?\)(?P<msg>.+)",
            tool="docfx",
        ),
        Rule(
            ("error", "warning"),
            r"(?P<sev>error|warning)\s+\((?P<line>\d+),(?P<col>\d+),\d+,\d+\): (?P<msg>.*)",
            under(r"(?P<path>\S+\.ya?ml):$", within=r"(?:error|warning) "),
            scan=r"(?:error|warning) +\([0-9]+,[0-9]+,[0-9]+,[0-9]+\): ",
            tool="tekton-lint",
        ),
        Rule(
            " lines, ",
            r" ?- (?P<path>\S+) \[(?P<line>\d+):(?P<col>\d+) - \d+:\d+\] \((?P<msg>\d+ lines, \d+ tokens)\)",
            scan=r"\] \([0-9]+ lines, [0-9]+ tokens",
            tool="jscpd",
            severity=Severity.WARNING,
        ),
        Rule("=> Diff for ", r"=+> (?P<msg>Diff for (?P<path>\S+)) <=+$", tool="snakefmt"),
        Rule("Invalid file format ", r"(?P<msg>Invalid file format) (?P<path>\S+\.hcl)$", tool="terragrunt"),
        Rule(("AutoMoc error", "AutoUic error", "AutoGen error"), r"Auto(?:Moc|Uic|Gen) error$", _automoc),
        Rule(
            "File: ",
            r"File: (?P<path>[^\s:]+\.\w+):(?P<line>\d+):(?P<col>\d+)(?:-\d+(?::\d+)?)?$",
            below(r"\s*[×x✖] (?P<msg>.*)", 2),
            tool="rspack",
            scan=r"File: [^ :\n]+:[0-9]+:[0-9]",
        ),
        Rule(
            ".php:",
            r"\s*\d+\. (?P<path>\S+\.php):(?P<line>\d+)$",
            below(r"\s+(?P<msg>[A-Za-z].*)", 6),
            tool="phplint",
            scan=r"[0-9]\. [^ :\n]+\.php:[0-9]+",
        ),
        Rule("line: ", r"\s+line: (?P<line>\d+)$", _yaml, scan=r"  line: [0-9]+(?m:$)"),
        Rule(
            "ASSERT",
            r".*?\b(?P<msg>ASSERT(?: failure)?(?: in [^\"]+)?: \".*\"),? (?:in )?file (?P<path>\S+), line (?P<line>\d+)",
            tool="qt",
            scan=r"ASSERT[^\n]*file [^ \n]+, line [0-9]",
        ),
        Rule(
            " of ",
            r"(?P<sev>Error|Warning)\b.* (?:on|at|near) line (?P<line>\d+)(?: column (?P<col>\d+))? of (?P<path>[^\s:]+):$",
            below(r"\s+(?P<msg>\S.*)", 1),
            tool="saxon",
            scan=r"(?:on|at|near) line [0-9]+ (?:column [0-9]+ )?of [^ :\n]+:(?m:$)",
        ),
        Rule(
            'Error in script "',
            r"Error in script \"(?P<path>[^\"]+)\" on line (?P<line>\d+)",
            above(r"(?P<msg>[A-Z!].*)", 1),
            tool="nsis",
        ),
        Rule(
            (") : error: ", ") : warning: "),
            r"\"(?P<path>[A-Za-z]:[^\"]+)\"\((?P<line>\d+),(?P<col>\d+)\) : (?P<sev>error|warning): (?P<msg>.*)",
            tool="autoit",
        ),
        Rule(
            "[DOT",
            r"\[(?P<code>DOT\w+)\]\[(?P<sev>WARN|ERROR|FATAL|INFO)\] ?(?P<msg>.*?) ?file:(?P<path>/[^\s:]+):(?P<line>\d+):(?P<col>\d+)",
            tool="dita-ot",
        ),
        Rule(
            " line : ",
            r"(?P<sev>WARNING|ERROR): ?(?P<msg>.*) \((?:file:)?(?P<path>\S+) line : (?P<line>\d+) column : (?P<col>\d+)\)",
            tool="xtext",
        ),
    ),
    samples=(
        sample(
            "/w/tekton/task.yml:\nwarning (20,14,20,20): Invalid image: 'ubuntu'.\nerror   (29,17,29,31): This volume is not defined.",
            "/w/tekton/task.yml:20:14 warning",
            "/w/tekton/task.yml:29:17 error",
            title="tekton-lint",
        ),
        sample(
            "Clone found (javascript):\n - src/list.js [119:5 - 126:20] (7 lines, 82 tokens)\n   src/list.js [66:5 - 73:18]",
            "src/list.js:119:5 warning",
            title="jscpd",
        ),
        sample("spec:\n  - file: a.yml\n    line: 12\n", title="YAML without a finding"),
        sample(
            "*** WARNING C280 IN LINE 13 OF src\\a.c: 'again': unreferenced local variable\n*** ERROR #A45 IN 28 (src\\b.a51, LINE 28): UNDEFINED SYMBOL",
            "src/a.c:13 warning C280",
            "src/b.a51:28 error A45",
            title="Keil",
        ),
        sample(
            '"src/a.c", At end of source: remark #96-D: a translation unit must contain at least one declaration',
            "src/a.c info 96-D",
            title="Green Hills",
        ),
        sample(
            "app/models/a.rb:7,12 - replace instance variable with local variable",
            "app/models/a.rb:7 error",
            title="rails_best_practices",
        ),
        sample(
            "src/boot.c:32:5: CID 4411 (#1 of 1): Infinite loop (INFINITE_LOOP): Unclassified, Unspecified, Undecided, owner is Unassigned.\nsrc/boot.c:32:5: loop_top: Top of the loop.\nsrc/boot.c:43:5: loop_bottom: Bottom of the loop.\n",
            "src/boot.c:32:5 error",
            title="Coverity",
        ),
        sample(
            "# ** Error (suppressible): ** while parsing file included at rtl/tb.sv(2)\n# ** while parsing file included at rtl/arb.sv(5)\n# ** at rtl/mux.sv(24): (vlog-7033) Variable 'sel' is driven twice. See rtl/mux.sv(26).\n# ** Warning: (vsim-8315) /w/rtl/ping.sv(26): No condition is true.\n# ** Error: Simulation ran too long.\n#    Time: 0 us  Scope: top.u_tb File: /w/tb.sv Line: 312\n",
            "rtl/mux.sv:24 error vlog-7033",
            "/w/rtl/ping.sv:26 warning",
            "/w/tb.sv:312 error",
            title="Questa",
        ),
        sample(
            "[17-12-20 12:30:17.018]Warning:[BuildCore.Build Document](guide/words.md#L63)Invalid file link:(~/gone.md).",
            "guide/words.md:63 warning",
            title="DocFX",
        ),
    ),
)
