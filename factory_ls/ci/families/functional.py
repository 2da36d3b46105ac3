"""Test reports and layouts of Haskell, Erlang, Clojure, Julia, Zig, Crystal, D, Agda and R."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_JULIA_OWN = re.compile(r"(?:^|/)(?:share/julia|\.julia|juliaup|stdlib)/|^\./\w+\.jl$")
_ZIG_OWN = re.compile(r"(?:^|/)lib/(?:std|compiler|zig)/")


def _haskell(match: re.Match[str], here: Here) -> Found | None:
    """hspec: the place alone, below it `1) what fails` and why. tasty: `name: FAIL`, the place, why."""
    message: list[str] = []
    test, last = None, here.line
    for text, line in here.below(8):
        if named := re.match(r"\s+(?:\d+\)|✗ \d+) (?P<test>\S.*)", text):
            if message:
                break
            test = named["test"]
        elif not text.strip() or re.match(r"\s+(?:To rerun|Use -p)", text):
            if message or not test:
                break
        elif len(message) < 3:
            message.append(text.strip())
        last = line
    if test is None:
        failed = next((m for text, _ in here.above(3) if (m := re.match(r"\s*(?P<test>\S.*?): +FAIL", text))), None)
        if failed is None:
            return None
        test = failed["test"]
    here.claim(last)
    return here.found(
        " ".join(message) or test, match["path"], match["line"], column=match["col"], tool="haskell", test=test, last=last
    )  # fmt: skip


def _call_stack(_: re.Match[str], here: Here) -> Found | None:
    """GHC: an error's `CallStack (from HasCallStack):` names where it was raised."""
    frames, last = [], here.line
    for text, line in here.below(20):
        one = re.match(r"\s+\S+, called at (?P<path>\S+\.l?hs):(?P<line>\d+):(?P<col>\d+) in ", text)
        if not one:
            break
        if not one["path"].startswith("libraries/"):
            frames.append(Frame(one["path"], int(one["line"]), "", int(one["col"])))
        last = line
    if not frames:
        return None
    message: list[str] = []
    for text, _line in here.above(3):
        if not text.strip() or text.strip().startswith("uncaught exception") or re.match(r"\s+\d+\) ", text):
            break
        message.insert(0, text.strip())
    here.claim(last)
    found = here.found(" ".join(message) or "error called", last=last, tool="haskell")
    return place(found, frames, innermost_last=False)


def _rebar(match: re.Match[str], here: Here) -> list[Found] | None:
    """rebar3: `┌─ src/a.erl:`, `12 │ code`, `│ ╰── what is wrong`."""
    found: list[Found] = []
    row, last = None, here.line
    for text, line in here.below(200):
        if told := re.match(r"\s*│.*?╰──\s*(?P<warning>Warning: )?(?P<msg>\S.*)", text):
            severity = Severity.WARNING if told["warning"] else Severity.ERROR
            found.append(
                here.found(told["msg"], match["path"], row, severity=severity, tool="erlang", at=line, last=line)
            )
        elif numbered := re.match(r"\s*(?P<line>\d+) │", text):
            row = numbered["line"]
        elif text.strip() and not re.match(r"\s*│", text):
            break
        last = line
    here.claim(last)
    return found or None


def _eunit(match: re.Match[str], here: Here) -> Found | None:
    message, test = "", None
    if "%%" in here.text:
        for text, _ in here.above(10):
            if failed := re.match(r"\s+\d+\) (?P<test>\S.*)", text):
                test = failed["test"]
                break
            message = f"{text.strip()} {message}".strip()
        if test is None:
            return None
    else:
        for text, _ in here.above(3):
            if failed := re.match(r"(?P<test>.*?)\.\.\..*\*failed\*", text):
                test = failed["test"]
                break
        for text, _line in here.below(12):
            if told := re.match(r"\*\*(?P<msg>\w+:.*)", text):
                message = told["msg"]
                break
        if test is None or not message:
            return None
    return here.found(message, match["path"], match["line"], tool="eunit", test=test)


def _dialyzer(match: re.Match[str], here: Here) -> Found | None:
    path = None
    for text, _ in here.above(200):
        if not text.startswith("Line "):
            path = text.strip()
            break
    if path is None or not re.fullmatch(r"\S+\.(?:[eh]rl|exs?)", path):
        return None
    found = here.found(
        match["msg"], path, match["line"], column=match["col"], severity=Severity.WARNING, tool="dialyzer"
    )
    found.gates = True
    return found


def _clojure(match: re.Match[str], here: Here) -> Found | list[Found]:
    """`FAIL in (adds) (a_test.clj:9)`; of an error the place is where it was thrown, and frames follow."""
    message: list[str] = []
    frames: list[Frame] = []
    last = here.line
    if match["path"].endswith((".clj", ".cljc", ".cljs")):
        frames.append(Frame(match["path"], int(match["line"])))
    for text, line in here.below(80):
        if not text.strip() or re.match(r"(?:FAIL|ERROR) in |Ran \d+ tests", text):
            break
        if one := re.match(
            r"\s+(?:at )?(?!clojure\.|nrepl\.|leiningen\.)\S+ \((?P<path>\S+\.clj[cs]?):(?P<line>\d+)\)$", text
        ):
            frames.append(Frame(one["path"], int(one["line"])))
        elif text.lstrip().startswith("actual:") or (
            not frames[1:] and not re.match(r"\s+(?:at )?\S+ \(\S+:\d+\)", text)
        ):
            message.append(text.strip())
        last = line
        if text.lstrip().startswith("actual:") and match["kind"] == "FAIL":
            break
    here.claim(last)
    if not frames:
        return []
    found = here.found(" ".join(message)[:400] or match[0], last=last, tool="clojure", test=match["test"])
    return place(found, frames, innermost_last=False)


def _clojure_compile(match: re.Match[str], here: Here) -> Found | None:
    message = next((text.strip() for text, _ in here.below(2) if text.strip()), match["kind"])
    return here.located(match, message=message, tool="clojure")


def _julia(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`ERROR: LoadError: message`, `Stacktrace:` with ` @ Main a.jl:12` below each frame."""
    frames: list[Frame] = []
    last, started = here.line, None
    for text, line in here.below(120):
        if one := re.match(r"\s+(?:\[\d+\] .*)?@ (?:[\w.]+ )?(?P<path>\S+?\.jl):(?P<line>\d+)", text):
            if not _JULIA_OWN.search(one["path"]):
                frames.append(Frame(one["path"], int(one["line"])))
        elif begun := re.match(r"in expression starting at (?P<path>\S+):(?P<line>\d+)", text):
            started = started or Frame(begun["path"], int(begun["line"]))
        elif not text.startswith((" ", "Stacktrace", "Closest", "\t")) or (not text.strip() and frames):
            break
        last = line
    if not frames and started is None:
        return None
    here.claim(last)
    if match["msg"].startswith("Some tests did not pass"):
        return []
    found = here.found(match["msg"], last=last, tool="julia")
    return place(found, [*frames, started] if started else frames, innermost_last=False)


def _julia_syntax(match: re.Match[str], here: Here) -> Found:
    message = next((m[1] for text, _ in here.below(6) if (m := re.match(r"#\s+[└─ ]+── (.*)", text))), "ParseError")
    return here.found(message, match["path"], match["line"], column=match["col"], tool="julia")


def _zig(match: re.Match[str], here: Here) -> Found | None:
    """A failed test or a panic, and below it the frames, innermost first, each with its code."""
    frames: list[Frame] = []
    message, last = match.groupdict().get("msg") or "", here.line
    for text, line in here.below(60):
        if one := re.match(r"(?P<path>\S+\.zig):(?P<line>\d+):(?P<col>\d+): 0x[0-9a-f]+ in ", text):
            if not _ZIG_OWN.search(one["path"]):
                frames.append(Frame(one["path"], int(one["line"]), "", int(one["col"])))
        elif re.match(r"\d+/\d+ |\d+ passed|error: |All \d+", text):
            break
        elif text.strip() and not frames and not message:
            message = text.strip()
        last = line
    if not frames:
        return None
    here.claim(last)
    found = here.found(
        message or match[0].strip(), last=last, tool="zig", test=match.groupdict().get("test"), code=match.groupdict().get("code")
    )  # fmt: skip
    return place(found, frames, innermost_last=False)


def _common_test(match: re.Match[str], here: Here) -> Found | None:
    """`%%% a_SUITE ==> total: FAILED`, and below what failed with its line in the suite."""
    message = ""
    for text, line in here.below(12):
        if text.startswith("%%%") and message:
            break
        if told := re.match(r"Failure/Error: (?P<msg>.*)", text):
            message = told["msg"]
        if at := re.match(r"\s+line: (?P<line>\d+)$", text):
            here.claim(line)
            return here.found(
                message or "failed", f"{match['suite']}.erl", at["line"], test=match["test"], tool="rebar3", last=line
            )
    return None


def _gut(match: re.Match[str], here: Here) -> Found | None:
    """Godot's GUT: the script, `* test`, `[Failed]:  message`, `at line 12`."""
    at = next((m for text, _ in here.below(3) if (m := re.match(r"\s+at line (?P<line>\d+)$", text))), None)
    if at is None:
        return None
    test = None
    for text, _ in here.above(200):
        test = test or re.match(r"\* (?P<test>\w+)", text)
        if headed := re.match(r"(?:res://)?(?P<path>\S+\.gd)$", text):
            return here.found(match["msg"], headed["path"], at["line"], test=test and test["test"], tool="gut")
    return None


def _zig_older(match: re.Match[str], here: Here) -> Found | None:
    newer = any(re.match(r"FAIL \(", text) for text, _ in here.below(6))
    return None if newer else _zig(match, here)


def _zig_newer(match: re.Match[str], here: Here) -> Found | None:
    """`1/1 a.test.adds...expected 30, found 20`, then `FAIL (TestExpectedEqual)` and the frames."""
    for text, line in here.above(6):
        if told := re.match(r"\d+/\d+ (?P<test>\S.*?)\.\.\.(?P<msg>.*)", text):
            found = _zig(match, here)
            if found:
                found.test, found.message, found.log_line = (
                    told["test"],
                    told["msg"].strip() or found.message,
                    line.number,
                )
            return found
    return None


def _ameba(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(1):
        if located := re.match(r"(?P<path>\S+\.cr):(?P<line>\d+):(?P<col>\d+)$", text):
            severity = {"W": Severity.WARNING, "E": Severity.ERROR}.get(match["kind"], Severity.INFO)
            found = here.found(
                match["msg"],
                located["path"],
                located["line"],
                column=located["col"],
                severity=severity,
                code=match["code"],
                tool="ameba",
            )
            found.gates = True
            return found
    return None


def _gleam(match: re.Match[str], here: Here) -> Found | None:
    message: list[str] = []
    for text, _line in here.above(20):
        if named := re.match(r"\d+\) (?P<test>[\w.]+): (?P<msg>.*)", text):
            told = " ".join([named["msg"], *message])
            return here.found(told, match["path"], match["line"], tool="gleam", test=named["test"])
        if not text.startswith(" "):
            return None
        message.insert(0, text.strip())
    return None


def _agda(match: re.Match[str], here: Here) -> Found | None:
    message = match["msg"].strip() or " ".join(text.strip() for text, _ in here.below(2) if text.strip())
    if not message:
        return None
    here.claim(here.paragraph())
    return here.found(message, match["path"], match["line"], column=match["col"], tool="agda")


FAMILY = Family(
    name="functional",
    about="Haskell, Erlang, Clojure, Julia, Zig, Crystal, D, Agda, R: tests and layouts of their own",
    names=("hspec", "tasty", "rebar3", "eunit", "dialyzer", "clojure", "julia", "zig", "ameba", "agda", "dmd"),
    rules=(
        Rule(
            "hs:",
            r"\s+(?P<path>\S+\.l?hs):(?P<line>\d+)(?::(?P<col>\d+))?:?\s*$",
            _haskell,
            scan=r"(?m:\.l?hs:[0-9]+(?::[0-9]+)?:?[ \t]*$)",
        ),
        Rule("CallStack (from HasCallStack)", r"\s*CallStack \(from HasCallStack\):$", _call_stack),
        Rule("┌─ ", r"\s*┌─ (?P<path>\S+\.(?:[eh]rl|xrl|yrl|src)):$", _rebar),
        Rule(
            ".erl, line ",
            r"in function \S+ \((?P<path>\S+?\.erl), line (?P<line>\d+)",
            _eunit,
        ),
        Rule("Line ", r"Line (?P<line>\d+)(?: Column (?P<col>\d+))?: (?P<msg>.*)", _dialyzer),
        Rule(
            ("FAIL in ", "ERROR in "),
            r"(?P<kind>FAIL|ERROR) in \(?(?P<test>[^\s()]+)\)? \((?P<path>[^\s()]+\.(?:clj[cs]?|java)):(?P<line>\d+)\)",
            _clojure,
        ),
        Rule(
            " at (",
            r"(?:Exception in thread \"\w+\" )?(?P<kind>Syntax error.*?|Execution error.*?|Unexpected error.*?) at (?:\S+ )?\((?P<path>[^\s()]+\.clj[cs]?):(?P<line>\d+)(?::(?P<col>\d+))?\)\.?$",
            _clojure_compile,
        ),
        Rule("ERROR: ", r"ERROR: (?:LoadError: )*(?P<msg>\S.*)", _julia),
        Rule("# Error @ ", r"# Error @ (?P<path>\S+?):(?P<line>\d+):(?P<col>\d+)", _julia_syntax),
        Rule(
            ": FAILED",
            r"%%% (?P<suite>\w+_SUITE) ==> (?:[\w.]+\.)?(?P<test>\w+): FAILED",
            _common_test,
            scan=r"_SUITE ==> ",
        ),
        Rule("[Failed]: ", r"\s*\[Failed\]:\s+(?P<msg>.*)", _gut),
        Rule("FAIL (", r"FAIL \((?P<code>\w+)\)$", _zig_newer),
        Rule((" FAIL (", "...FAIL ("), r"\d+/\d+ (?P<test>\S.*?)\.\.\. ?FAIL \((?P<code>\w+)\)", _zig),
        Rule(("...expected ", "... expected "), r"\d+/\d+ (?P<test>\S.*?)\.\.\. ?(?P<msg>expected .*)", _zig_older),
        Rule("' failed: ", r"error: '(?P<test>[^']+)' failed: (?P<msg>.*)", _zig),
        Rule(" panic: ", r"thread \d+ panic: (?P<msg>.*)", _zig),
        Rule(
            "] ",
            r"\[(?P<kind>[CWE])\] (?P<code>[A-Z]\w+/\w+): (?P<msg>.*)",
            _ameba,
            scan=r"\[[CWE]\] [A-Z][A-Za-z]+/",
        ),
        Rule("agda:", r"(?P<path>\S+\.l?agda(?:\.md)?):(?P<line>\d+),(?P<col>\d+)(?:-[\d,]+)?:?\s*(?P<msg>.*)$", _agda),
        Rule("location: ", r"\s+location: (?P<path>\S+\.gleam):(?P<line>\d+)$", _gleam),
        Rule(
            ".d(",
            r"(?P<code>[\w.]+(?:Error|Exception|Throwable))@(?P<path>[^\s(]+\.d)\((?P<line>\d+)\): (?P<msg>.*)",
            tool="dmd",
        ),
        Rule(
            (".R:", ".r:"),
            r"(?P<sev>Error|Warning)(?: in .*?)? : (?P<path>(?:[A-Za-z]:)?[^\s:]+\.[rR](?:md)?):(?P<line>\d+):(?P<col>\d+): (?P<msg>.*)",
            tool="r",
        ),
    ),
    samples=(
        sample(
            "Failures:\n\n  test/CartSpec.hs:9:20: \n  1) Cart adds\n       expected: 30\n        but got: 20\n\n  To rerun use: --match x",
            "test/CartSpec.hs:9:20 error",
            title="hspec",
        ),
        sample(
            "   ┌─ src/cart.erl:\n   │\n 12 │     total(X).\n   │     ╰── function total/1 undefined\n",
            "src/cart.erl:12 error",
            title="rebar3",
        ),
        sample(
            "FAIL in (adds-test) (cart_test.clj:9)\nexpected: (= 30 (total))\n  actual: (not (= 30 20))\n",
            "cart_test.clj:9 error",
            title="clojure.test",
        ),
        sample(
            "ERROR: LoadError: UndefVarError: `total` not defined\nStacktrace:\n [1] f()\n   @ Main /w/src/cart.jl:12\nin expression starting at /w/src/cart.jl:15",
            "/w/src/cart.jl:12 error",
            title="julia",
        ),
        sample(
            "1/2 test.adds... FAIL (TestExpectedEqual)\nexpected 30, found 20\n/usr/lib/zig/std/testing.zig:93:17: 0x1030d3f in expectEqual (test)\n/w/src/cart.zig:9:5: 0x1030f1f in test.adds (test)\n    try f();",
            "/w/src/cart.zig:9:5 error TestExpectedEqual",
            title="zig test",
        ),
    ),
)
