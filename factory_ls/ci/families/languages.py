"""Swift, Haskell, OCaml, Perl, Lua, Julia, R, Elm, Zig and others: test reports and layouts of their own."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _ocaml(match: re.Match[str], here: Here) -> Found | None:
    """`File "bin/a.ml", line 3, characters 5-9:`, the code, `Error: message` (or `Warning 26 [unused-var]: message`)."""
    moscow = None
    for text, line in here.below(12):
        if text.startswith("! "):
            moscow = (text[2:].strip(), line)  # Moscow ML: code, a caret, and last what is wrong
            continue
        if moscow:
            break
        if told := re.match(
            r"(?P<sev>Error|Warning|Alert|FAIL)(?: (?P<num>\d+))?(?: \((?:warning|alert) [^)]*?\[?(?P<inner>[\w-]+)\]?\))?(?: \[(?P<code>[\w-]+)\])?(?: \w+)?(?:: ?|(?<=FAIL) )(?P<msg>.*)",
            text,
        ):
            here.claim(line)
            found = here.found(
                told["msg"],
                match["path"],
                match["line"],
                severity=severity_of(told["sev"].replace("Alert", "Warning")),
                code=told["code"] or told["inner"],
                last=line,
            )
            found.column = int(match["col"]) + 1 if match["col"] else None
            found.tool = "ocaml"
            return found
        if re.match(r"diff --git |--- \S+\.(?:ml|t|expected|md)\b", text):
            # dune: a test's output is not what is expected
            found = here.found("Output differs from what is expected", match["path"], match["line"], tool="dune")
            for header, header_line in here.below(6):
                if header.startswith("@@ "):
                    break
                here.claim(header_line)
            return found
        if text.startswith("File "):
            return None
    if moscow:
        return here.found(moscow[0], match["path"], match["line"], tool="sml", last=moscow[1])
    if match["path"].rsplit("/", 1)[-1].startswith("dune") and re.match(r"\d+ \| ", next(here.below(1), ("",))[0]):
        found = here.found("An action of this rule failed", match["path"], match["line"], tool="dune")
        found.fallback = True
        return found
    return None


def _ghc(match: re.Match[str], here: Here) -> Found | None:
    message = match["msg"].strip()
    if not message:
        for text, _ in here.below(2):
            if text.strip():
                message = text.strip(" •")
                break
    found = here.located(match, message=message, severity=severity_of(match["sev"]), tool="ghc")
    if found:
        codes = re.findall(r"\[(GHC-\d+|-W[\w-]+)", match["codes"] or "")
        found.code = codes[0] if codes else None
    return found


def _perl_test(match: re.Match[str], here: Here) -> Found | None:
    name, message, last = match["name"], [], here.line
    for text, line in here.below(10):
        if one := re.match(r"\s*#\s+at (?P<path>\S+) line (?P<line>\d+)\.?$", text):
            last = line
            place_ = one
            for below, at in Here(line, text, here.peel, here.step, here.memory).below(4):
                if not re.match(r"\s*#\s+(?:got|expected|'|\S+ =)", below):
                    break
                message.append(below.strip(" #"))
                last = at
            here.claim(last)
            return here.found(
                " ".join([name, *message]), place_["path"], place_["line"], tool="perl", test=name, last=last
            )
        if not text.lstrip().startswith("#"):
            break
    return None


def _elm(match: re.Match[str], here: Here) -> Found | None:
    message, row = "", None
    for text, line in here.below(25):
        if numbered := re.match(r"(?P<line>\d+)\|>? ?", text):
            row = row or numbered["line"]
            for below, _ in Here(line, text, here.peel, here.step, here.memory).below(2):
                if re.match(r"\s+\^", below):
                    row = numbered["line"]
        elif text.strip() and not message:
            message = text.strip()
        if row and not text.strip():
            break
    return here.found(f"{match['kind'].strip().capitalize()}: {message}", match["path"], row, tool="elm")


def _julia(match: re.Match[str], here: Here) -> Found:
    message, last = [], here.line
    for text, line in here.below(6):
        if not text.startswith("  "):
            break
        message.append(text.strip())
        last = line
    here.claim(last)
    return here.found(" ".join(message[:3]) or "Test failed", match["path"], match["line"], tool="julia", last=last)


def _testthat(match: re.Match[str], here: Here) -> Found:
    message = next((text.strip() for text, _ in here.below(3) if text.strip()), match["test"])
    found = here.found(
        message, match["path"], match["line"], column=match["col"], tool="testthat", test=match["test"].strip(" ─-")
    )
    if match["kind"] == "Warning":
        found.severity = Severity.WARNING
    return found


def _message_below(match: re.Match[str], here: Here) -> Found | None:
    """`In src/a.cr:3:5`, code, caret, `Error: message` (Crystal)."""
    for text, line in here.below(12):
        if told := re.match(r"(?P<sev>Error|Warning): (?P<msg>.*)", text):
            here.claim(line)
            return here.found(
                told["msg"],
                match["path"],
                match["line"],
                column=match["col"],
                severity=severity_of(told["sev"]),
                tool="crystal",
                last=line,
            )
    return None


def _gfortran(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(8):
        if told := re.match(
            r"(?P<sev>Fatal Error|Error|Warning): (?P<msg>.*?)(?: at \(1\))?(?: \[(?P<code>-W[\w=-]+)\])?$", text
        ):
            here.claim(line)
            return here.found(
                told["msg"],
                match["path"],
                match["line"],
                column=match["col"],
                severity=severity_of(told["sev"]),
                code=told["code"],
                tool="gfortran",
                last=line,
            )
    return None


def _perl(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """Why a `BEGIN` failed stands on the line above, often with the same place."""
    if match["msg"].startswith("BEGIN failed--"):
        place_of = f" at {match['path']} line {match['line']}"
        if any(place_of in text for text, _ in here.above(1)):
            return []
    return here.located(match, tool="perl")


def _swift_test(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, tool="swift test", severity=Severity.ERROR)


def _awk(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """gawk: the line of code, then a line with the same place, a caret and what is wrong."""
    message = match["msg"].strip()
    if message.startswith("^ "):
        return here.located(match, message=message[2:], tool="awk")
    for text, _ in here.below(1):
        if re.match(r"\w*awk: \S+?:\d+:\s+\^ ", text):
            return []
    graded = re.match(r"(?P<sev>fatal|error|warning): (?P<msg>.*)", message)
    if not graded:
        return None
    return here.located(match, message=graded["msg"], severity=severity_of(graded["sev"]), tool="awk")


def _xcpretty(match: re.Match[str], here: Here) -> Found | None:
    """xcpretty's list of failures: `  testAdds, XCTAssertEqual failed: …`, the place on the next line."""
    for text, _ in here.above(1):
        if told := re.match(r"\s+(?P<test>[\w()]+), (?P<msg>\S.*)", text):
            return here.located(match, message=told["msg"], tool="swift test")
    return None


def _purescript(match: re.Match[str], here: Here) -> Found | None:
    """Below `Error found:`, `Warning 1 of 2:` or `Error at …` itself; what is wrong stands one or two lines below."""
    warned = any(re.match(r"\s*(?:\[\d+/\d+ )?Warning\b", text) for text, _ in here.above(4))
    for count, (text, line) in enumerate(here.below(8)):
        if text.strip() and (count or match.groupdict().get("told")):
            severity = Severity.WARNING if warned else Severity.ERROR
            return here.found(
                text.strip(),
                match["path"],
                match["line"],
                column=match["col"],
                severity=severity,
                tool="purescript",
                last=line,
            )
    return None


def _ocaml_raised(match: re.Match[str], here: Here) -> Found | None:
    """`Fatal error: exception X`, and where it was raised and called from, innermost first."""
    frames: list[Frame] = []
    last = here.line
    for text, line in here.below(100):
        if not (
            frame := re.match(
                r"(?:Re-)?(?:[Rr]aised|Called) .*in file \"(?P<path>[^\"]+)\".*, lines? (?P<line>\d+)", text
            )
        ):
            break
        if "/" in frame["path"]:  # the standard library's have none
            frames.append(Frame(frame["path"], int(frame["line"])))
        last = line
    if not frames:
        return None
    here.claim(last)
    return place(here.found(f"exception {match['msg']}", last=last, tool="ocaml"), frames, innermost_last=False)


FAMILY = Family(
    name="languages",
    about="Swift, Haskell, OCaml, Perl, Elm, Julia, R, Crystal, Fortran, Nix, PureScript",
    names=(
        "swift",
        "xctest",
        "swiftlint",
        "ghc",
        "hlint",
        "ocaml",
        "perl",
        "elm",
        "julia",
        "r",
        "crystal",
        "gfortran",
        "purescript",
    ),
    rules=(
        Rule(
            "awk: ",
            r"\w*awk: (?P<path>\S+?):(?P<line>\d+):\s(?P<msg>.*)",
            _awk,
        ),
        Rule(
            "awk: ",
            r"[gmn]?awk: (?P<path>[^\s:]+):(?P<line>\d+): (?:\(FILENAME=.*?\) )?(?:(?P<sev>fatal|warning|error): )?(?P<msg>[A-Za-z].*)",
            tool="awk",
        ),
        Rule(
            "   FAILED ", r"\s+FAILED\s+\d+/\d+\s+(?P<test>\S+) \(.*?\) at (?P<path>\S+\.el):(?P<line>\d+)$", tool="ert"
        ),
        Rule(
            ": error: ",
            r"(?P<path>\S.*?\.(?:swift|mm?)):(?P<line>\d+): error: (?P<test>-\[[^\]]+\]|[\w.]+\.\w+) : (?P<msg>.*)",
            _swift_test,
        ),
        Rule(
            ("recorded an issue at ", "recorded an issue with "),
            r".*?Test (?P<test>.*?) recorded an issue(?: with \d+ argument.*?)? at (?P<path>\S+?\.swift):(?P<line>\d+):(?P<col>\d+): (?P<msg>.*)",
            _swift_test,
        ),
        Rule("✖ ", r"\s*✖ (?P<test>\w+), (?P<msg>.*) \((?P<path>\S+\.swift):(?P<line>\d+)\)$", _swift_test),
        Rule(".swift:", r"\s+(?P<path>\S+\.swift):(?P<line>\d+)$", _xcpretty),
        Rule(
            "(Severity: ",
            r"(?P<path>[^\s:]+): (?P<msg>.*?) at line (?P<line>\d+), column (?P<col>\d+)\.  .*\(Severity: \d\)",
            tool="perlcritic",
            severity=Severity.WARNING,
        ),
        Rule("Fatal error: exception ", r"Fatal error: exception (?P<msg>.*)", _ocaml_raised),
        Rule("Fatal error", r"(?P<path>\S+\.swift):(?P<line>\d+): (?P<msg>Fatal error.*)", _swift_test),
        Rule(
            'File "',
            r"File \"(?P<path>[^\"]+)\", lines? (?P<line>\d+)(?:-\d+)?, characters (?P<col>\d+)-(?P<ecol>\d+):?$",
            _ocaml,
        ),
        Rule(
            ".hs:",
            r"(?P<path>\S+\.l?hs):\(?(?P<line>\d+)[:,](?P<col>\d+)\)?(?:-\(?[\d,]+\)?)?: (?P<sev>error|warning):?(?P<codes>(?: \[[^\]]*\],?)*)(?P<msg>.*)",
            _ghc,
        ),
        Rule(
            "Failed test",
            r"\s*#\s+Failed (?:\(TODO\) )?test (?:'(?P<name>[^']*)'|(?P<name_>))?",
            lambda match, here: _perl_test(match, here) if match["name"] else None,
        ),
        Rule("-- ", r"-- (?P<kind>[A-Z][A-Z ]+[A-Z]) -+ (?P<path>\S+\.elm)$", _elm),
        Rule(
            (": Test Failed at ", ": Error During Test at ", "Test Failed at "),
            r"(?:.*: )?(?:Test Failed|Error During Test) at (?P<path>\S+?):(?P<line>\d+)$",
            _julia,
        ),
        Rule(
            ("Failure (", "Error (", "Warning (", "Failure ('", "Error ('"),
            r"[─\- ]*(?:\d+\. )?(?P<kind>Failure|Error|Warning) \('?(?P<path>[\w./-]+\.[rR]):(?P<line>\d+)(?::(?P<col>\d+))?'?\): (?P<test>.*)",
            _testthat,
        ),
        Rule("In ", r"In (?P<path>\S+\.cr):(?P<line>\d+):(?P<col>\d+)$", _message_below),
        Rule(
            ":",
            r"(?P<path>\S+\.[fF](?:\d\d|or|pp|tn)?):(?P<line>\d+)(?:[.:](?P<col>\d+))?:$",
            _gfortran,
            scan=r"\.[fF][0-9a-z]*:[0-9]+(?:[.:][0-9]+)?:",
        ),
        Rule(
            "at ",
            r"\s*(?P<told>(?:Error|Warning) )?at (?P<path>\S+\.purs)(?::| line )(?P<line>\d+)(?::|, column )(?P<col>\d+) - ",
            _purescript,
            scan=r"at [^ \n]+\.purs(?::| line )[0-9]",
        ),
        Rule(
            "sol#",
            r"(?=\S)(?!.*\s-\s)(?P<msg>.*?\((?P<path>[\w./-]+\.sol)#(?P<line>\d+)(?:-(?P<eline>\d+))?\).*)",
            tool="slither",
        ),
        Rule(
            " at ",
            r"(?:.*?: )?(?P<msg>.{2,400}?) at (?P<path>[\w./-]+\.(?:p[lm]|t|PL|cgi)) line (?P<line>\d+)(?:, near .*|\.|, <.*| during global destruction\.)?$",
            _perl,
        ),
    ),
    samples=(
        sample(
            '/w/Tests/AppTests/CartTests.swift:9: error: -[AppTests.CartTests testTotal] : XCTAssertEqual failed: ("20") is not equal to ("30")',
            "/w/Tests/AppTests/CartTests.swift:9 error",
            title="XCTest",
        ),
        sample("src/A.hs:3:5: error: [GHC-88464]\n    Variable not in scope: foo", "src/A.hs:3:5 error GHC-88464"),
        sample(
            'File "bin/a.ml", line 3, characters 10-13:\n3 | let () = foo 1\n              ^^^\nError: Unbound value foo',
            "bin/a.ml:3:11 error",
        ),
        sample(
            "#   Failed test 'adds'\n#   at t/a.t line 5.\n#          got: '3'\n#     expected: '4'",
            "t/a.t:5 error",
            title="prove",
        ),
        sample(
            'Global symbol "$x" requires explicit package name at lib/A.pm line 3.', "lib/A.pm:3 error", title="perl"
        ),
        sample(
            '-- TYPE MISMATCH ------------------------------- src/Main.elm\n\nThe 1st argument is not what I expect:\n\n12|     add "a"\n            ^^^\n',
            "src/Main.elm:12 error",
            title="elm",
        ),
        sample(
            "Main: Test Failed at /w/test/runtests.jl:5\n  Expression: f(1) == 2\n   Evaluated: 1 == 2",
            "/w/test/runtests.jl:5 error",
            title="julia",
        ),
        sample(
            "── Failure ('test-a.R:5:3'): adds ──────────\n`x` not equal to 2.", "test-a.R:5:3 error", title="testthat"
        ),
    ),
)
