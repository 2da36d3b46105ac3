"""Test runners of which few logs tell, each with a layout of its own."""

# ruff: noqa: E501, RUF001, RUF002 (the tools' own lines and their patterns)

import re
from collections.abc import Iterator

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample


def _said(here: Here, limit: int, stop: str) -> Iterator[str]:
    """What stands below, without white space, up to a line `stop` fits."""
    for text, _ in here.below(limit):
        if re.match(stop, text):
            return
        if text.strip():
            yield text.strip()


def _expected(match: re.Match[str], here: Here) -> Found | None:
    """The place is in the heading, what was expected below it."""
    said = list(_said(here, 6, r"\S.*\(\S+:\d+\)$|$"))
    return here.located(match, message=" ".join(said[:4]) or match["test"])


def _utest(match: re.Match[str], here: Here) -> Found | None:
    frames = []
    for text, _ in here.below(40):
        if framed := re.match(r"\s+(?P<function>[\w.$]+)\((?P<path>\w+\.scala):(?P<line>\d+)\)$", text):
            if not framed["function"].startswith("utest."):
                frames.append(Frame(framed["path"], int(framed["line"]), framed["function"]))
        elif not text.startswith("  "):
            break
    test = next((m[1] for text, _ in here.above(1) if (m := re.match(r"\s*X (\S+)", text))), None)
    found = here.found(match["msg"], tool="utest", test=test)
    return place(found, frames, innermost_last=False) if frames else None


def _ginkgo(_: re.Match[str], here: Here) -> Found | None:
    """Ginkgo before 2: the last place before the rule is where the expectation is, what it says above it."""
    located, last, said, test = None, here.line, "", None
    for text, line in here.below(80):
        if re.match(r"-{20,}|• ", text):
            break
        if at := re.match(r"\s+(?P<path>(?:[A-Za-z]:)?[^\s:]+\.go):(?P<line>\d+)$|(?P<outer>\S+\.go):\d+$", text):
            located, last = (at if at["path"] else located), line
        elif named := re.match(r"\s+(?P<test>.*) \[(?:It|Measurement)\]$", text):
            test = named["test"]
        elif text.startswith("  ") and test and len(said) < 200:
            said = f"{said} {text.strip()}".strip()
    if located is None:
        return None
    here.claim(last)
    return here.found(said or "failed", located["path"], located["line"], tool="ginkgo", test=test, last=last)


def _goconvey(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(1):
        if headed := re.match(r"\s*\* (?P<path>\S+\.go)\s*$", text):
            message = " ".join(list(_said(here, 3, r"\s*$"))[:2])
            return here.found(message, headed["path"], match["line"], tool="goconvey")
    return None


def _pfunit(match: re.Match[str], here: Here) -> Found | None:
    if not any(text.strip().startswith("Location:") for text, _ in here.above(1)):
        return None
    return here.located(match, message=next(_said(here, 1, r"\s*$"), "failed"), tool="pfunit")


def _rackunit(match: re.Match[str], here: Here) -> Found | None:
    above = [text for text, _ in here.above(8)]
    for at, text in enumerate(above):
        if text in ("FAILURE", "ERROR"):
            test = above[at + 1] if at + 1 < len(above) and not above[at + 1].startswith("---") else None
            said = [line for line in _said(here, 8, r"-{10,}") if line.startswith(("actual", "expected", "message"))]
            message = " ".join(said) or "failed"
            return here.found(message, match["path"], match["line"], column=match["col"], tool="rackunit", test=test)
    return None


def _above_cross(match: re.Match[str], here: Here) -> Found | None:
    """InSpec: `×  title`, what was expected, `./controls/a.rb:12`."""
    said: list[str] = []
    for text, _ in here.above(6):
        if told := re.match(r"\s*×\s+(?P<test>.*)", text):
            return here.located(match, message=" ".join([*reversed(said)]) or told["test"], tool="inspec")
        said.append(text.strip())
    return None


def _tap_at(match: re.Match[str], here: Here) -> Found | None:
    """node-tap's own report: ` FAIL  test/cart.js`, ` ✖ should be equal`, what differs, `  at: test/cart.js:12:5`."""
    told = None
    for text, _ in here.above(60):
        if told is None and (marked := re.match(r"\s*✖ (?P<msg>.*)", text)):
            told = marked["msg"]
        elif told is not None:
            return here.located(match, message=told, tool="tap") if re.match(r"\s*FAIL\s+\S", text) else None
    return None


def _vader(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(4):
        if told := re.search(r"\(X\) (?P<msg>.*)", text):
            return here.located(match, message=told["msg"], tool="vader")
    return None


def _raised(match: re.Match[str], here: Here) -> Found | None:
    """Alcotest: what was expected, then where it was raised and called from, innermost first."""
    prefix = r"\s*(?:│\s*)?"
    frames = []
    for text in [here.text, *(text for text, _ in here.below(30))]:
        framed = re.match(
            prefix + r"(?:Re-)?(?:[Rr]aised|Called) .*in file \"(?P<path>[^\"]+)\".*, lines? (?P<line>\d+)", text
        )
        if not framed:
            break
        if not framed["path"].startswith(("src/alcotest", "stdlib")):
            frames.append(Frame(framed["path"], int(framed["line"])))
    told, test = [], None
    for text, _ in here.above(12):
        line = re.sub(prefix, "", text, count=1)
        if failed := re.match(r"(?:> )?\[?FAIL\]? (?P<test>.*)", line):
            test = failed["test"].strip()
            break
        if line.strip():
            told.append(line.strip())
    if test is None or not frames:
        return None
    found = here.found(" ".join(reversed(told)) or "failed", tool="alcotest", test=test)
    return place(found, frames, innermost_last=False)


FAMILY = Family(
    name="test-tools",
    about="test runners with a layout of their own",
    names=(
        "midje",
        "utest",
        "ginkgo",
        "goconvey",
        "pfunit",
        "rackunit",
        "inspec",
        "vader",
        "tinytest",
        "alcotest",
        "helm unittest",
    ),
    rules=(
        Rule(" at: ", r"\s+at: (?P<path>[^\s:]+\.[cm]?[jt]sx?):(?P<line>\d+):(?P<col>\d+)$", _tap_at),
        Rule('" at (', r"FAIL \"(?P<test>.*)\" at \((?P<path>[^():]+):(?P<line>\d+)\)$", _expected, tool="midje"),
        Rule("utest.", r"\s*utest\.\w+: (?P<msg>.*)", _utest),
        Rule("• Failure", r"• Failure(?: in Spec \w+.*)? \[[\d.]+ seconds\]", _ginkgo),
        Rule("Line ", r"\s*Line (?P<line>\d+):$", _goconvey, scan=r"Line [0-9]+:(?m:$)"),
        Rule(
            "[",
            r"\s*\[(?P<path>[^\s:\[\]]+\.(?:pf|[fF]\d*)):(?P<line>\d+)\]$",
            _pfunit,
            scan=r"\.(?:pf|[fF][0-9]+):[0-9]+\](?m:$)",
        ),
        Rule("location:", r"location:\s+(?P<path>[^\s:]+\.rkt):(?P<line>\d+):(?P<col>\d+)$", _rackunit),
        Rule("./", r"\s+(?P<path>\./\S+\.rb):(?P<line>\d+)$", _above_cross, scan=r"  \./[^ \n]+\.rb:[0-9]+(?m:$)"),
        Rule(".vader:", r"\s+> (?P<path>\S+\.vader):(?P<line>\d+)$", _vader),
        Rule(
            "FAILED[",
            r"-+ FAILED\[(?P<code>\w+)\]: (?P<path>\S+\.[rR])<(?P<line>\d+)--\d+>$",
            lambda match, here: here.located(
                match, message=" ".join(list(_said(here, 3, r"-{5}"))) or "failed", tool="tinytest"
            ),
        ),
        Rule("aised at ", r"\s*(?:│\s*)?Raised at .* in file \"", _raised),
        Rule(
            "FAIL  ",
            r"\s*FAIL  (?P<msg>\S.*?)\t(?P<path>\S+\.ya?ml)$",
            tool="helm unittest",
        ),
    ),
    samples=(
        sample(
            'FAIL "adds items" at (cart_test.clj:12)\nExpected:\n2\nActual:\n1\n',
            "cart_test.clj:12 error",
            title="midje",
        ),
        sample(
            "• Failure [0.001 seconds]\nCart\n/w/cart/cart_test.go:8\n  adds items [It]\n  /w/cart/cart_test.go:10\n\n  Expected\n      <int>: 1\n\n  /w/cart/cart_test.go:12\n------------------------------",
            "/w/cart/cart_test.go:12 error",
            title="ginkgo 1",
        ),
        sample(
            "adds\nFAILURE\nname:       check-equal?\nlocation:   test/cart.rkt:12:2\nactual:     1\nexpected:   2\n--------------------",
            "test/cart.rkt:12:2 error",
            title="rackunit",
        ),
    ),
)
