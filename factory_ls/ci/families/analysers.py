"""Checkers and simulators whose reports have a shape of their own: Coverity, Questa and ModelSim, DocFX, rflint, Keil C51,
Green Hills and Diab, rails_best_practices."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of


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


def _under_header(match: re.Match[str], here: Here) -> Found | None:
    """rflint: `+ ./login.robot`, then `W: 25, 100: message (Rule)`."""
    for text, _ in here.above(400):
        if headed := re.match(r"\+ (?P<path>\S.*)$", text):
            severity = severity_of(match["sev"])
            return here.found(
                match["msg"], headed["path"], match["line"], column=match["col"], severity=severity, code=match["code"], tool="rflint"
            )  # fmt: skip
        if not re.match(r"[A-Z]: \d+, \d+: ", text):
            return None
    return None


FAMILY = Family(
    name="analysers",
    about="reports with a shape of their own",
    names=("coverity", "questa", "modelsim", "docfx", "rflint", "keil", "rails_best_practices"),
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
            ("E: ", "W: ", "I: "),
            r"(?P<sev>[EWI]): (?P<line>\d+), (?P<col>\d+): (?P<msg>.*) \((?P<code>\w+(?: \w+)?)\)$",
            _under_header,
            scan=r"(?m:\b[EWI]: [0-9]+, [0-9]+: )",
        ),
    ),
    samples=(
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
        sample(
            "+ ./login.robot\nW: 25, 100: Line is too long (exceeds 100 characters) (LineTooLong)\nE: 40, 0: No keyword documentation (RequireKeywordDocumentation)\n",
            "login.robot:25:100 warning LineTooLong",
            "login.robot:40 error RequireKeywordDocumentation",
            title="rflint",
        ),
    ),
)
