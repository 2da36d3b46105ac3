"""Ruby: rspec, minitest, uncaught exceptions, rubocop."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_FRAME = re.compile(
    r"\s*(?:#|from|at)?\s*(?P<path>(?:\./|/|[A-Za-z]:)?(?:[\w./@+-]+\.(?:rb|rake|ru|gemspec|erb|haml|slim|jbuilder|builder|cr|erl)|[\w./@+-]*\b(?:Rakefile|Gemfile|Guardfile|Fastfile))):(?P<line>\d+)(?::in [`'](?P<function>.*)')?"
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
        elif commented := re.match(r"\s+(?:#|%%) (?P<rest>\S.*)", text):
            if one := _FRAME.match(commented["rest"]):
                frames.append(Frame(one["path"], int(one["line"]), one["function"] or ""))
        elif native := re.match(r"\s+File \"(?P<path>[^\"]+)\", line (?P<line>\d+), in (?P<function>\S+)", text):
            frames.append(Frame(native["path"], int(native["line"]), native["function"]))
        elif seen and not frames and text.strip() and len(message) < 4:
            message.append(text.strip())
        last = line
    if not seen:
        return None
    here.claim(last)
    found = here.found(" ".join(message) or name, at=told, last=last, tool="rspec", test=name)
    place(found, frames, innermost_last=False)
    # More test runners print just this.
    found.tool = {"cr": "crystal", "erl": "eunit", "py": "mamba"}.get(found.path.rsplit(".", 1)[-1], "rspec")
    return found


def _pending(_: re.Match[str], here: Here) -> list[Found]:
    """`Pending: (Failures listed here are expected …)`: up to those that are not."""
    last = here.line
    for text, line in here.below(2000):
        if re.match(r"Failures:|Finished in |Top \d", text):
            break
        last = line
    here.claim(last)
    return []


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
            if not header or not ("#" in header["test"] or header["path"]):
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


def _sorbet(match: re.Match[str], here: Here) -> Found | None:
    """Below, indented: where things come from, are defined, and how to mend it."""
    last = here.line
    for text, line in here.below(60):
        if not text.startswith("  "):
            break
        last = line
    here.claim(last)
    return here.located(match, tool="sorbet")


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


def _loading(match: re.Match[str], here: Here) -> Found | None:
    """rspec could not load a file: `Failure/Error: code`, the exception, `# ./spec/a_spec.rb:1:in …` at the margin."""
    frames: list[Frame] = []
    message: list[str] = []
    last, quiet = here.line, False
    for text, line in here.below(40):
        if re.match(r"(?:Finished in|An error occurred|Run options|Top \d|\d+ examples)", text) or (quiet and frames):
            break
        if one := re.match(r"\s*# (?P<rest>\S.*)", text):
            if framed := _FRAME.match(one["rest"]):
                frames.append(Frame(framed["path"], int(framed["line"]), framed["function"] or ""))
        elif framed := re.match(r"\s+(?P<path>/\S+\.rb):(?P<line>\d+): (?P<msg>syntax error.*)", text):
            frames.insert(0, Frame(framed["path"], int(framed["line"])))
            message.append(framed["msg"])
        elif framed := re.match(_FRAME.pattern.removeprefix(r"\s*(?:#|from|at)?\s*"), text):
            frames.append(Frame(framed["path"], int(framed["line"]), framed["function"] or ""))
        elif text.strip() and not text.startswith("Failure/Error") and len(message) < 3 and not frames:
            message.append(text.strip())
        quiet = not text.strip()
        last = line
    here.claim(last)
    found = here.found(" ".join(message) or match[0], match.groupdict().get("path") or "", last=last, tool="rspec")
    return place(found, frames, innermost_last=False)


def _test_unit(match: re.Match[str], here: Here) -> Found | None:
    """test-unit: `Failure: test_adds(CartTest)`, frames at the margin, code, the message."""
    frames: list[Frame] = []
    message, last = [match["msg"]] if match["msg"] else [], here.line
    for text, line in here.below(60):
        if re.match(r"={20,}|Finished in|(?:Failure|Error): ", text):
            break
        if not text.strip() and frames:
            break
        if (one := re.match(_FRAME.pattern + "$", text)) and not re.match(r" {6}(?: *\d+:|=>)", text):
            frames.append(Frame(one["path"], int(one["line"]), one["function"] or ""))
        elif text.strip() and not re.match(r"\s+(?:=> )?\s*\d+: ", text) and len(message) < 3:
            message.append(text.strip())
        last = line
    if not frames:
        return None
    here.claim(last)
    found = here.found(" ".join(message) or match[0], last=last, tool="test-unit", test=match["test"])
    return place(found, frames, innermost_last=False)


def _under_header(match: re.Match[str], here: Here) -> Found | None:
    """rubocop's simple format below `== a.rb ==`, reek's rows below `a.rb -- 2 warnings:`."""
    for text, _ in here.above(200):
        if headed := re.match(r"== (?P<a>\S+) ==$|(?P<b>\S+\.\w+) -- \d+ warnings?:$", text):
            letter = match.groupdict().get("letter")
            found = here.found(
                re.sub(r"^\[\w+\] ", "", match["msg"]),
                headed["a"] or headed["b"],
                match["line"],
                column=match.groupdict().get("col"),
                severity=_COP[letter] if letter else Severity.WARNING,
                tool="rubocop" if letter else "reek",
                code=match.groupdict().get("code"),
            )
            found.gates = True
            return found
        if text.strip() and not re.match(r"\s+\[\d|[CRWEFI]:", text):
            return None
    return None


def _step(match: re.Match[str], here: Here) -> Found | None:
    """Cucumber: below a step its exception, frames, and `features/a.feature:7:in 'the step'`."""
    frames: list[Frame] = []
    message: list[str] = []
    scenario = None
    for text, _ in here.above(60):
        if scenario := re.match(r"\s+Scenario(?: Outline)?: (?P<name>.*?)(?:\s+# .*)?$", text):
            break
        if message and re.match(r"\s+(?:Given|When|Then|And|But|\*) ", text):
            continue
        if re.match(r"\s+(?:Given|When|Then|And|But|\*) .*", text):
            message.append("")
        elif not any(not part for part in message):
            if one := re.match(r"\s+" + _FRAME.pattern, text):
                frames.insert(0, Frame(one["path"], int(one["line"]), one["function"] or ""))
            elif text.strip():
                message.insert(0, text.strip())
    message = [part for part in message if part]
    if not message:
        return None
    frames.append(Frame(match["path"], int(match["line"])))
    name = scenario["name"].strip() if scenario else match["step"]
    found = here.found(" ".join(message[:3]), tool="cucumber", test=name)
    return place(found, frames, innermost_last=False)


def _cop(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, severity=_COP[match["letter"]], tool="rubocop")
    if found:
        found.gates = True
        found.message = re.sub(r"^\[(?:Corrected|Correctable|Todo)\] ", "", found.message)
        if coded := re.match(r"(?P<code>[A-Z]\w*(?:/[A-Z]\w*)+): (?P<msg>.*)", found.message):
            found.code, found.message = coded["code"], coded["msg"]
    return found


def _gemfile(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(4):
        if told := re.match(r"\[!\] (?P<a>.*)|(?P<b>There was an error (?:parsing|while loading) .*)", text):
            return here.located(match, message=told["a"] or told["b"])
    return None


FAMILY = Family(
    name="ruby",
    about="rspec, minitest, exceptions, rubocop",
    names=("rspec", "minitest", "rubocop", "standardrb"),
    rules=(
        Rule(
            " https://srb.help/",
            r"(?P<path>[^\s:]+\.rbi?):(?P<line>\d+): (?P<msg>.*) https://srb\.help/(?P<code>\d+)$",
            _sorbet,
        ),
        Rule(" #  from ", r" #  from (?P<path>\S+):(?P<line>\d+)$", _gemfile, tool="bundler"),
        Rule("Pending: (Failures listed here", r"Pending: \(Failures listed here", _pending),
        Rule(") ", r"\s+\d+\) (?P<name>\S.*)$", _rspec, scan=r" [0-9]+\) "),
        Rule(
            "rspec ", r"rspec (?:'|\")?(?P<path>\./[^\s:'\"\[]+):(?P<line>\d+)(?:'|\")? # (?P<test>.*)$", _rspec_summary
        ),
        Rule(("Failure:", "Error:"), r"\s*(?:\d+\) )?(?:Failure|Error):$", _minitest),
        Rule(
            ("Error)", "Exception)", "unhandled exception", "error (", "Interrupt)", "Errno::", "Exit)"),
            r"(?P<path>[^\s:]+\.(?:rb|rake|ru)|bin/\w+):(?P<line>\d+):(?:in [`'](?P<function>.*?)':)? (?P<msg>unhandled exception|.*(?= \([A-Z][\w:]*\)$))(?: \((?P<code>[A-Z][\w:]*)\))?$",
            _raised,
            scan=r"\([A-Z][A-Za-z0-9_:]*\)[ \t]*(?m:$)|: unhandled exception",
        ),
        Rule(
            ("An error occurred while loading ", "An error occurred in a"),
            r"An error occurred (?:while loading (?P<path>\S+?)\.$|in an? .*hook)",
            _loading,
        ),
        Rule("rake aborted!", r"rake aborted!$", _loading),
        Rule(
            ("FAIL ", "ERROR "),
            r"\s*(?:FAIL|ERROR)\s+(?P<test>[A-Z][\w:]*#test_\w+)(?P<msg>) \([\d.]+s\)$",
            _test_unit,
            scan=r"(?:FAIL|ERROR) +[A-Z][A-Za-z0-9_:]*#test_",
        ),
        Rule(
            ("Failure: ", "Error: "),
            r"(?:Failure|Error): (?P<test>[\w?! ]+\([\w:]+\)):?(?: (?P<msg>.*))?$",
            _test_unit,
            scan=r"(?:Failure|Error): test[^ \n]*\(",
        ),
        Rule(
            (": ",),
            r"(?P<letter>[CRWEFI]):\s+(?P<line>\d+):\s+(?P<col>\d+): (?P<msg>.*)",
            _under_header,
            scan=r"[CRWEFI]: +[0-9]+: +[0-9]+: ",
        ),
        Rule(
            "]:",
            r"\s+\[(?P<line>\d+)(?:, \d+)*\]:\s?(?P<code>[A-Z]\w+): (?P<msg>.*?)(?: \[http\S+\])?$",
            _under_header,
            scan=r"\[[0-9, ]+\]: ?[A-Z]",
        ),
        Rule(
            ".feature:",
            r"\s+(?P<path>\S+\.feature):(?P<line>\d+):in [`'](?P<step>.*)'$",
            _step,
            scan=r"\.feature:[0-9]+:in ",
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
app/models/cart.rb:12: Method `totl` does not exist on `Cart` https://srb.help/7003
    12 |    totl + 1
            ^^^^
  Did you mean `total`? Use `-a` to autocorrect
    app/models/cart.rb:12: Replace with `total`
    app/models/cart.rb:4: `total` defined here
     4 |  def total
          ^^^^^^^^^
Errors: 1
""",
            "app/models/cart.rb:12 error 7003",
            title="sorbet",
        ),
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
