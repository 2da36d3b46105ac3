"""Test frameworks of C and C++: googletest, Catch2, doctest, Boost.Test, CppUnit, cmocka, Check, QtTest, Unity; CTest."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample


def _gtest(match: re.Match[str], here: Here) -> Found | None:
    """`a_test.cc:12: Failure`, then what was expected."""
    message: list[str] = [match["msg"].strip()] if match.groupdict().get("msg") else []
    last, test = here.line, None
    for printed, line in here.below(30):
        text = re.sub(r"^\d+: ", "", printed)  # ctest -V
        if named := re.match(r"\[  FAILED  \] (?P<test>[\w./]+)", text):
            test = named["test"]
            break
        if re.match(r"\[|\S+:\d+: Failure|\S+\(\d+\): error: ", text) or (not text.strip() and message):
            break
        if text.strip():
            message.append(text.strip())
            last = line
    here.claim(last)
    return here.found(
        " ".join(message[:6]) or "Failure", match["path"], match["line"], tool="gtest", test=test, last=last
    )


def _qt(match: re.Match[str], here: Here) -> Found | None:
    """`FAIL!  : TestCart::adds() Compared values are not the same`, then `   Loc: [tst_cart.cpp(33)]`."""
    for text, line in here.above(8):
        if told := re.match(r"(?:FAIL!|XPASS) +: (?P<test>\S+\(.*?\)) ?(?P<msg>.*)", text):
            return here.found(told["msg"], match["path"], match["line"], test=told["test"], tool="qttest", at=line)
    return None


_EXPECTATION = re.compile(
    r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+)[:(](?P<line>\d+)\)?: (?:tried expectation #\d+: )?EXPECT_CALL\(.*\.\.\.$"
)


def _thrown(match: re.Match[str], here: Here) -> Found | None:
    """`unknown file: Failure`, then the exception that a test of googletest threw, or the call that no mock expected."""
    message = match["msg"]
    for text, line in here.below(2):
        if not message and text.strip():
            here.claim(line)
            message = text.strip()
    if not message:
        return None
    test = next((t.split()[-1] for t, _ in here.above(200) if t.startswith("[ RUN  ")), None)
    found = None
    for text, line in here.below(80) if message.startswith("Unexpected mock function call") else ():
        if text.startswith("[") or text.endswith(": Failure"):
            break
        here.claim(line)
        if tried := _EXPECTATION.match(text):
            place = here.found(message, tried["path"], tried["line"], tool="gtest", test=test)
            if found is None:
                found = place
            else:
                found.related.append(here.relate(place))
    return found or here.found(message, tool="gtest", test=test)


def _mocked(match: re.Match[str], here: Here) -> Found | list[Found]:
    """gMock's warnings; a call that is of no interest is none, and what gMock tells of is none either."""
    lines = list(here.below(5))
    if lines and lines[0][0].startswith("Uninteresting mock function call"):
        for text, line in lines[:4]:
            if not re.match(r"\s|\S+:\d+:$|\S+\(\d+\):$|Uninteresting", text):
                break
            here.claim(line)
        return []
    if match["what"] == "WARNING" and lines:
        told = re.match(r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+)[:(](?P<line>\d+)\)?: (?P<msg>\S.*)", lines[0][0])
        if told:
            here.claim(lines[0][1])
            return here.found(
                told["msg"], told["path"], told["line"], tool="gmock", severity=Severity.WARNING, last=lines[0][1]
            )
    return []


_TOLD = re.compile(r".*(?:: Failure$|: FAILED:|\): error: |: ERROR: |Assertion .* failed|: error: |: failed: )")


def _ctest(match: re.Match[str], here: Here) -> Found | list[Found]:
    """A test in CTest's list of those that failed, unless its own output told of what."""
    name = match["test"]
    own = re.compile(r"\s*\d+/\d+ Test\s+#\d+: " + re.escape(name) + r" \.*")
    above: list[str] = []
    for text, _ in here.above(3000):
        if re.match(r"\s*Start\s+\d+: " + re.escape(name) + "$", text):
            break
        if own.match(text):
            # Its output stands below this line, or above it (-V).
            if any(_TOLD.match(told) for told in above):
                return []
            above.clear()
            continue
        if re.match(r"\s*(?:\d+/\d+ Test\s+#\d+:|Start\s+\d+:)", text):
            above.clear()
        above.append(text)
    if any(_TOLD.match(text) for text in above):
        return []
    return here.found(f"{name} ({match['how']})", tool="ctest", test=name)


def _catch(match: re.Match[str], here: Here) -> Found:
    """`a_test.cpp:12: FAILED:`, the assertion, its expansion."""
    message: list[str] = []
    last = here.line
    for text, line in here.below(20):
        if re.match(r"={20}|\.{20}|-{20}|\S+:\d+: ", text):
            break
        if text.strip():
            message.append(text.strip())
            last = line
        elif len(message) > 2:
            break
    here.claim(last)
    return here.found(" ".join(message[:5]) or "FAILED", match["path"], match["line"], tool="catch2", last=last)


def _doctest(match: re.Match[str], here: Here) -> Found:
    message = match["msg"] or match["fatal"]
    return here.found(message, match["path"], match["line"], tool="doctest", last=here.paragraph(4))


def _checkpoint(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """Boost knows no place of an exception; the checkpoint before it is the nearest."""
    for text, _ in here.above(2):
        if told := re.match(r"unknown location\(0\): (?:fatal )?error: (?P<msg>.*)", text):
            return here.located(match, message=told["msg"], tool="boost")
    return []


def _cmocka(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(3):
        if told := re.match(r"\[  ERROR   \] --- (?P<msg>.*)", text):
            return here.located(match, message=told["msg"], tool="cmocka")
    return here.located(match, tool="cmocka")


def _cppunit(match: re.Match[str], here: Here) -> Found | None:
    message = " ".join(text.strip() for text, _ in here.below(4) if text.strip())
    return here.located(match, message=message or "failed", tool="cppunit")


FAMILY = Family(
    name="cxx-tests",
    about="test frameworks of C and C++, CTest",
    names=("gtest", "catch2", "doctest", "boost", "cppunit", "cmocka", "check", "qttest", "unity", "ctest"),
    rules=(
        Rule("Loc: [", r"\s+Loc: \[(?P<path>.+)\((?P<line>\d+)\)\]$", _qt),
        Rule(
            ("unknown file: Failure", "unknown file: error: "),
            r"unknown file: (?:Failure$|error: (?P<msg>(?:C\+\+|SEH|Unexpected|Unknown) .*))",
            _thrown,
        ),
        Rule("GMOCK ", r"GMOCK (?P<what>WARNING|INFO):$", _mocked),
        Rule(
            (": EXPECT_CALL(", ": Mock function call matches ", ": tried expectation #", ": pre-requisite #"),
            r"[^\s()]+[:(]\d+\)?: (?:(?:tried expectation #\d+: |Mock function call matches )?EXPECT_CALL\(.*(?:\.\.\.| invoked)|pre-requisite #\d+)$",
            lambda match, here: [],
        ),
        Rule(
            (": Skipped", "atal failure:"),
            r"[^\s()]+[:(]\d+\)?: (?:Skipped|(?:Non-f|F)atal failure:)$",
            lambda match, here: [],
        ),
        Rule(
            ("(Failed)", "(Not Run)", "(Timeout)", "(SEGFAULT)", "(Subprocess aborted)", "(Exit code", "(ILLEGAL)"),
            r"\s+\d+ - (?P<test>\S+) \((?P<how>Failed|Not Run|Timeout|SEGFAULT|Subprocess aborted|ILLEGAL|Exit code .*)\)",
            _ctest,
        ),
        Rule(
            ": failed: ",
            r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+\.\w+):(?P<line>\d+): failed: (?P<msg>.*)",
            tool="catch2",
        ),
        Rule(
            (": Failure", "): error: "),
            r"(?:\d+: )?(?P<path>(?:[A-Za-z]:)?[^\s:()]+)(?::(?P<line>\d+): Failure$)",
            _gtest,
        ),
        # googletest on Windows
        Rule(
            "): error: ",
            r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+)\((?P<line>\d+)\): error: (?P<msg>(?:Value of|Expected|Failed|Which|C\+\+ exception).*)",
            _gtest,
        ),
        Rule(
            ("): error: in", "): warning: in", "): fatal error: in"),
            r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+)\((?P<line>\d+)\): (?P<sev>error|warning|fatal error): (?P<msg>in \".*\": .*)",
            tool="boost",
        ),
        Rule(
            ("): Entering test ", "): Leaving test ", "): info: check "),
            r"\S+\(\d+\): (?:(?:Entering|Leaving) test (?:module|suite|case)|info: check) .*",
            lambda _, __: [],
        ),
        Rule(
            "): last checkpoint: ",
            r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+)\((?P<line>\d+)\): last checkpoint: .*",
            _checkpoint,
        ),
        Rule(
            (" FAIL ", " TIMEOUT "),
            r"\s*\d+/\d+ (?P<test>\S.*?) +(?P<how>FAIL|TIMEOUT) +[\d.]+s(?: +(?P<msg>.*))?$",
            lambda match, here: here.found(
                f"{match['test']}: {match['msg'] or match['how']}", test=match["test"], tool="meson"
            ),
            scan=r"[0-9]+/[0-9]+ .* (?:FAIL|TIMEOUT) +[0-9.]+s",
        ),
        Rule(
            "[   LINE   ] --- ",
            r"\[   LINE   \] --- (?P<path>[^\s:]+):(?P<line>\d+): (?:error: )?(?P<msg>.*)",
            _cmocka,
        ),
        Rule(
            ":P:",
            r"[^\s:]+\.\w+:\d+:P:[^:]*:[^:]*:\d+: .*",
            lambda _, __: [],
        ),
        Rule((":PASS", ":IGNORE"), r"[^\s:]+\.\w+:\d+:\w+:(?:PASS|IGNORE)\b.*", lambda _, __: []),
        Rule(
            (":F:", ":E:"),
            r"(?P<path>[^\s:]+\.\w+):(?P<line>\d+):[FE]:(?P<test>[^:]*:[^:]*):\d+: (?P<msg>.*)",
            tool="check",
        ),
        Rule(
            ": Assertion `",
            r"(?:\S+: )?(?P<path>[^\s:]+\.\w+):(?P<line>\d+): (?P<msg>.*Assertion `.*' failed\.?)",
            tool="assert",
        ),
        Rule(
            ") line: ",
            r"\d+\) test: (?P<test>\S+) \([FE]\) line: (?P<line>\d+) (?P<path>\S+)$",
            _cppunit,
            scan=r"\) test: [^ ]+ \([FE]\) line: ",
        ),
        Rule(": FAILED:", r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+)(?::|\()(?P<line>\d+)\)?: FAILED:?$", _catch),
        Rule(
            (": ERROR: ", ": FATAL ERROR: "),
            r"(?P<path>[^\s:()]+)[:(](?P<line>\d+)\)?: (?:ERROR: (?P<msg>(?:CHECK|REQUIRE|test case|WARN).*)|FATAL ERROR: (?P<fatal>.*))",
            _doctest,
        ),
        Rule(":FAIL", r"(?P<path>[^\s:]+\.\w+):(?P<line>\d+):(?P<test>\w+):FAIL:? ?(?P<msg>.*)", tool="unity"),
    ),
    samples=(
        sample(
            "[ RUN      ] CartTest.Adds\nunknown file: Failure\n\nUnexpected mock function call - returning default value.\n    Function call: add(1, 0)\n          Returns: false\nGoogle Mock tried the following 2 expectations, but none matched:\n\ntests/cart_test.cc:12: tried expectation #0: EXPECT_CALL(cart, add(0, _))...\n  Expected arg #0: is equal to 0\n           Actual: 1\ntests/cart_test.cc:14: tried expectation #1: EXPECT_CALL(cart, add(2, _))...\n  Expected arg #0: is equal to 2\n[  FAILED  ] CartTest.Adds (0 ms)",
            "tests/cart_test.cc:12 error",
            title="gMock",
        ),
        sample(
            "\nGMOCK WARNING:\ntests/cart_test.cc:12: Actions ran out in EXPECT_CALL(cart, add(_, _))...\nCalled 2 times, but only 1 WillOnce() is specified.\n\nGMOCK WARNING:\nUninteresting mock function call - taking default action specified at:\ntests/cart_test.cc:20:\n    Function call: add(2, 2)\n\ntests/cart_test.cc:30: EXPECT_CALL(cart, add(0, _)) invoked\ntests/cart_test.cc:40: Skipped\nnot on this system\n",
            "tests/cart_test.cc:12 warning",
            title="gMock's warnings",
        ),
        sample(
            "===============================================================================\ntests/cart.cpp:9:\n  Scenario: an empty cart\n      When: it is summed\n\ntests/cart.cpp:12: ERROR: CHECK( sum == 4 ) is NOT correct!\n  values: CHECK( 3 == 4 )\n\ntests/cart.cpp:14: MESSAGE: reached\n\ntests/cart.cpp:15: SUCCESS: CHECK( 1 == 1 ) is correct!\n",
            "tests/cart.cpp:12 error",
            title="doctest",
        ),
        sample(
            "[ RUN      ] Cart.Total\n/w/test/cart_test.cc:12: Failure\nExpected equality of these values:\n  cart.total()\n    Which is: 20\n  30\n[  FAILED  ] Cart.Total (0 ms)",
            "/w/test/cart_test.cc:12 error",
            title="gtest",
        ),
        sample(
            "test/cart.cpp:9: FAILED:\n  REQUIRE( cart.total() == 30 )\nwith expansion:\n  20 == 30\n\n===============================================================================",
            "test/cart.cpp:9 error",
            title="Catch2",
        ),
    ),
)
