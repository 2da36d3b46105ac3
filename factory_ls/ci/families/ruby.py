"""Ruby: rspec, minitest, uncaught exceptions, rubocop."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_FRAME = re.compile(
    r"\s*(?:#|from|at)?\s*(?P<path>(?:\./|/|[A-Za-z]:)?[\w./@+-]+\.(?:rb|rake|ru|gemspec)):(?P<line>\d+)(?::in [`'](?P<function>.*)')?"
)
_COP = {
    "C": Severity.INFO,
    "R": Severity.INFO,
    "W": Severity.WARNING,
    "E": Severity.ERROR,
    "F": Severity.ERROR,
    "I": Severity.INFO,
}


def _rspec(match: re.Match[str], here: Here) -> Found | None:
    """`  1) what fails`, `     Failure/Error: code`, the message, `     # ./spec/a_spec.rb:5:in …`."""
    name = match["name"]
    frames: list[Frame] = []
    message: list[str] = []
    told, last, seen = here.line, here.line, False
    for text, line in here.below(120):
        if re.match(r"\s*\d+\) |Finished in |Failed examples:|\S", text):
            break
        if re.match(r"\s+(?:Failure/Error|Got \d+ failure)", text):
            seen, told = True, line
        elif commented := re.match(r"\s+# (?P<rest>\S.*)", text):
            if one := _FRAME.match(commented["rest"]):
                frames.append(Frame(one["path"], int(one["line"]), one["function"] or ""))
        elif seen and text.strip() and len(message) < 4:
            message.append(text.strip())
        last = line
    if not seen:
        return None
    here.claim(last)
    found = here.found(" ".join(message) or name, at=told, last=last, tool="rspec", test=name)
    return place(found, frames, innermost_last=False)


def _rspec_summary(match: re.Match[str], here: Here) -> Found:
    found = here.found(match["test"], match["path"], match["line"], tool="rspec", test=match["test"])
    found.summary = True
    return found


def _minitest(match: re.Match[str], here: Here) -> Found | None:
    """`Failure:` / `Error:`, `Test#name [file:line]:`, message, frames."""
    message: list[str] = []
    header, told, last = None, here.line, here.line
    frames: list[Frame] = []
    for text, line in here.below(60):
        if header is None:
            header = re.match(r"(?P<test>[\w:#? .-]+?)(?: \[(?P<path>[^\]:]+):(?P<line>\d+)\])?:?$", text.strip())
            if not header:
                return None
            told = line
            continue
        if re.match(r"\s*\d+\) (?:Failure|Error)|(?:bin/)?rails test|\d+ (?:runs|tests)", text):
            break
        if not text.strip():
            if frames or (header["path"] and message):
                break
            continue
        if one := re.match(r"\s+" + _FRAME.pattern, text):
            frames.append(Frame(one["path"], int(one["line"]), one["function"] or ""))
        elif len(message) < 4:
            message.append(text.strip())
        last = line
    if header is None or not message:
        return None
    here.claim(last)
    found = here.found(" ".join(message), at=told, last=last, tool="minitest", test=header["test"])
    if header["path"]:
        frames.insert(0, Frame(header["path"], int(header["line"])))
    return place(found, frames, innermost_last=False)


def _raised(match: re.Match[str], here: Here) -> Found | None:
    """`a.rb:3:in 'f': message (NameError)` and `\\tfrom b.rb:5:in 'g'` lines."""
    frames, last = [Frame(match["path"], int(match["line"]), match["function"] or "")], here.line
    for text, line in here.below(60):
        one = re.match(r"\s+(?:\d+: )?from " + _FRAME.pattern.removeprefix(r"\s*(?:#|from|at)?\s*"), text)
        if not one:
            break
        frames.append(Frame(one["path"], int(one["line"]), one["function"] or ""))
        last = line
    here.claim(last)
    found = here.found(match["msg"], last=last, tool="ruby", code=match["code"])
    found.stray = True
    return place(found, frames, innermost_last=False)


def _cop(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, severity=_COP[match["letter"]], tool="rubocop")
    if found:
        found.gates = True
        found.message = re.sub(r"^\[(?:Corrected|Correctable|Todo)\] ", "", found.message)
        if coded := re.match(r"(?P<code>[A-Z]\w*(?:/[A-Z]\w*)+): (?P<msg>.*)", found.message):
            found.code, found.message = coded["code"], coded["msg"]
    return found


FAMILY = Family(
    name="ruby",
    about="rspec, minitest, exceptions, rubocop",
    names=("rspec", "minitest", "rubocop", "standardrb"),
    rules=(
        Rule(") ", r"\s+\d+\) (?P<name>\S.*)$", _rspec, scan=r" [0-9]+\) "),
        Rule(
            "rspec ", r"rspec (?:'|\")?(?P<path>\./[^\s:'\"\[]+):(?P<line>\d+)(?:'|\")? # (?P<test>.*)$", _rspec_summary
        ),
        Rule(("Failure:", "Error:"), r"\s*(?:\d+\) )?(?:Failure|Error):$", _minitest),
        Rule(
            ("Error)", "Exception)", "unhandled exception", "error (", "Interrupt)", "Errno::", "Exit)"),
            r"(?P<path>[^\s:]+\.(?:rb|rake|ru)|bin/\w+):(?P<line>\d+):(?:in [`'](?P<function>.*?)':)? (?P<msg>unhandled exception|.*(?= \([A-Z][\w:]*\)$))(?: \((?P<code>[A-Z][\w:]*)\))?$",
            _raised,
        ),
        Rule(
            (": C: ", ": W: ", ": E: ", ": F: ", ": R: ", ": I: "),
            r"(?P<path>[^\s:]+):(?P<line>\d+):(?P<col>\d+): (?P<letter>[CRWEFI]): (?P<msg>.*)",
            _cop,
        ),
    ),
    samples=(
        sample(
            """
Failures:

  1) Cart#total sums the prices
     Failure/Error: expect(cart.total).to eq(30)

       expected: 30
            got: 20

       (compared using ==)
     # ./spec/cart_spec.rb:9:in `block (3 levels) in <top (required)>'

Finished in 0.01 seconds
1 example, 1 failure

Failed examples:

rspec ./spec/cart_spec.rb:7 # Cart#total sums the prices
""",
            "spec/cart_spec.rb:9 error",
            title="rspec",
        ),
        sample(
            "  1) Failure:\nCartTest#test_total [test/cart_test.rb:9]:\nExpected: 30\n  Actual: 20\n\n2 runs, 2 assertions, 1 failures",
            "test/cart_test.rb:9 error",
            title="minitest",
        ),
        sample(
            "lib/cart.rb:4:in `total': undefined method `sum' for nil:NilClass (NoMethodError)\n\tfrom bin/run:3:in `<main>'",
            "lib/cart.rb:4 error NoMethodError",
        ),
        sample(
            "lib/cart.rb:3:5: C: [Correctable] Style/StringLiterals: Prefer single-quoted strings",
            "lib/cart.rb:3:5 info Style/StringLiterals",
            title="rubocop",
        ),
    ),
)
