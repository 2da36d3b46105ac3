"""pytest: every `--tb` style, collection errors, fixtures, xdist, doctests, and the short summary."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.paths import tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample
from factory_ls.ci.window import Line

_HEADER = re.compile(r"_{3,} (?P<name>\S.*?) _{3,}$")
_SECTION = re.compile(r"={3,} ?(?P<name>.+?) ?={3,}$")
_FRAME = re.compile(
    r"(?P<path>(?:[A-Za-z]:)?[^\s:\"'][^:\"]*?\.(?:pyx?|pyi|txt|rst|md|feature|ya?ml|ipynb|robot|cfg|toml)):(?P<line>\d{1,8}):(?P<rest>.*)"
)
_NATIVE = re.compile(r"\s*(?:E\s+)?File \"(?P<path>[^\"]+)\", line (?P<line>\d+)(?:, in (?P<function>.+))?")
_OWN_SECTION = re.compile(
    r"(?:short test summary|warnings summary|in \d+\.\d+s|FAILURES|ERRORS|PASSES|coverage|Hypothesis)"
)
_GROUPED = re.compile(r"^\s*(?:[|+]\s|\+-\+-)[-|+ ]*")
_CHAINED = re.compile(r"(?:E\s+)?(?:The above exception was the direct cause|During handling of the above exception)")
# A missing fixture: `file /w/test_a.py, line 14`.
_WHERE = re.compile(r"file (?P<path>\S.*?), line (?P<line>\d{1,8})(?P<rest>)$")
_CAPTURED = re.compile(r"-{3,} ?Captured .+ -{3,}|-{3,} ?(?:live log|generated) ?.*-{3,}")
_ERROR = re.compile(r"E {2,}(?P<text>\S.*)")
# pytest-bdd: `… Line 8 in scenario "Unknown" in the feature "/w/cart.feature"`
_SAID = re.compile(r"\b[Ll]ine (?P<line>\d{1,8})\b.*\b(?:feature|file) \"(?P<path>[^\"]+\.\w+)\"")
_COLLECTING = re.compile(r"ERROR collecting (?P<path>.+)")
_SETUP = re.compile(r"ERROR at (?:setup|teardown) of (?P<test>.+)")
_ENDED = re.compile(r"(?:FAILED|ERROR) \S+.*$|!{3,} .* !{3,}$|##\[|(?:\S+ )?\d+ (?:failed|passed|error)")
_NAMED = re.compile(
    r"(?:E\s+)?(?:[\w.]+\.)?(?P<name>\w*(?:Error|Exception|Failed|Failure|Exit|Warning|Interrupt|Timeout))\b"
)


def _block(match: re.Match[str], here: Here) -> Found | None:
    """One failure: from its `____ name ____` line to the next one or the end of the section.

    Of chained exceptions the last one counts: its frames, its message. An exception group stands behind `|`.
    """
    name = match["name"]
    frames: list[Frame] = []
    earlier: list[Frame] = []
    message = first = ""
    told: Line | None = None
    last = here.line
    captured = False
    rest = ""
    for text, line in here.below(3000):
        if (
            _HEADER.match(text)
            or (_SECTION.match(text) and not captured)
            or (_ENDED.match(text) and line.number - last.number < 3)
        ):
            break
        if _SECTION.match(text) and _OWN_SECTION.search(text):
            break
        last = line
        if _CAPTURED.match(text):
            captured = True
        if captured:
            continue
        own = _GROUPED.sub("", text)
        if _CHAINED.match(own):
            earlier, frames, message, told = frames, [], "", None
        elif (frame := _FRAME.match(own)) or (frame := _WHERE.match(own)):
            frames.append(Frame(frame["path"], int(frame["line"]), frame["rest"].strip().removeprefix("in ")))
            rest = frame["rest"].strip() or rest
        elif own.strip() == "???" and frames:
            frames.pop()  # no source: a compiled module of another project
        elif native := _NATIVE.match(own):
            frames.append(Frame(native["path"], int(native["line"]), native["function"] or ""))
        elif (error := _ERROR.match(own)) and (not message or _is_syntax_error(error["text"])):
            message, told = error["text"], line
        elif not message and re.match(r"(?:[\w.]+\.)?\w*(?:Error|Exception|Group|Failed)\b(?::|$)", own):
            message, told = own, line  # --tb=native
        elif not first and own.strip():
            first = own.strip()
    collecting, setup = _COLLECTING.match(name), _SETUP.match(name)
    if not frames and not message:
        if not collecting or not first:
            return None
        message = first
    here.claim(last)
    found = here.found(message or rest or name, at=told, tool="pytest", code=_code(message, rest))
    # The innermost frame last; those of an exception that led to this one count where this one has none of ours.
    place(found, [*earlier, *frames], innermost_last=True)
    if not frames and not earlier and (said := _SAID.search(message)):
        found.path, found.printed, found.line = tidy(said["path"]), said["path"], int(said["line"])
    if collecting and not found.path:
        found = here.found(found.message, collecting["path"], at=told, tool="pytest", code=found.code)
    elif not collecting:
        found.test = setup["test"] if setup else name
    here.memory["pytest"] = True
    return found


def _is_syntax_error(text: str) -> bool:
    return text.startswith(("SyntaxError: ", "IndentationError: ", "TabError: "))


def _code(message: str, rest: str) -> str | None:
    named = _NAMED.match(message) or _NAMED.match(rest)
    return named["name"] if named else None


def _conftest(match: re.Match[str], here: Here) -> Found | None:
    """`ImportError while loading conftest '/x/conftest.py'.` with short frames and `E` lines below."""
    frames = [Frame(match["path"], 0)]
    message, told, last = match[0], here.line, here.line
    for text, line in here.below(120):
        if frame := _FRAME.match(text):
            frames.append(Frame(frame["path"], int(frame["line"]), frame["rest"].strip()))
        elif native := _NATIVE.match(text):
            frames.append(Frame(native["path"], int(native["line"]), native["function"] or ""))
        elif error := _ERROR.match(text):
            if told is here.line:
                message, told = error["text"], line
        elif not text.startswith((" ", "\t")):
            break
        last = line
    here.claim(last)
    found = here.found(message, at=told, tool="pytest", code=_code(message, ""))
    return place(found, frames, innermost_last=True)


def _summary(match: re.Match[str], here: Here) -> Found | list[Found]:
    """`FAILED path::test - message`: a place only when nothing better was printed."""
    test = match["test"]
    path = match["path"]
    line = None
    if (numbered := re.match(r"(.+):(\d+)$", path)) is not None:
        path, line = numbered[1], numbered[2]
    message = match["msg"] or (f"{test.strip(':')} failed" if test else match[0])
    found = here.found(message, path, line, tool="pytest", test=f"{path}{test}" if test else None)
    found.code = _code(match["msg"] or "", "")
    found.summary = True
    # With -v a test's line was printed as it ran, and again at the end with what was wrong.
    previous = here.memory.get(key := f"pytest {id(here.step)} {found.test}")
    if found.test and isinstance(previous, Found):
        if match["msg"]:
            previous.message, previous.code = found.message, found.code
        return []
    here.memory[key] = found
    return found


def _coverage(match: re.Match[str], here: Here) -> Found | list[Found]:
    """Told by coverage and again by its plugin."""
    if here.memory.get("coverage") is here.step:
        return []
    here.memory["coverage"] = here.step
    return here.found(match["msg"], tool="coverage")


_LINE = re.compile(
    r"(?P<path>(?:[A-Za-z]:)?[^\s:]+\.py):(?P<line>\d+): (?P<msg>(?:[A-Z_a-z][\w.]*\.)?[A-Z]\w+(?::.*|$)|assert\b.*|Failed: .*)"
)
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[\\/]")


def _lines_below(_: re.Match[str], here: Here) -> list[Found] | None:
    """`--tb=line`: a line a failure, since pytest 8 with what the test printed before it."""
    found: list[Found] = []
    last = here.line
    captured = False
    for text, line in here.below(5000):
        if _HEADER.match(text) or (_SECTION.match(text) and (not captured or _OWN_SECTION.search(text))):
            break
        captured = captured or bool(_CAPTURED.match(text))
        matched = _LINE.match(text)
        if matched and (not captured or _ABSOLUTE.match(matched["path"])):
            captured, last = False, line
            code = _code(matched["msg"], "")
            found.append(
                here.found(matched["msg"], matched["path"], matched["line"], tool="pytest", code=code, at=line)
            )
        elif not found and line.number - here.line.number > 200:
            break
    found = [one for one in found if not one.external]
    if found:
        here.claim(last)
    return found or None


def _usage(match: re.Match[str], here: Here) -> Found:
    """`ERROR: usage: pytest …`, and below it what was wrong with the command."""
    for text, line in here.below(6):
        if re.match(r"\S+: error: ", text):
            return here.found(text, at=line)
    return here.found(match[0])


def _timeout(_: re.Match[str], here: Here) -> Found | None:
    """pytest-timeout's thread method ends the process after it told every stack, innermost frame last."""
    frames: list[Frame] = []
    last = here.line
    for text, line in here.below(400):
        if re.match(r"\++ Timeout \++$", text):
            last = line
            break
        if native := _NATIVE.match(text):
            frames.append(Frame(native["path"], int(native["line"]), native["function"] or ""))
        last = line
    here.claim(last)
    return place(here.found("Timeout"), frames, innermost_last=True) if frames else None


FAMILY = Family(
    name="pytest",
    about="failures, errors, collection errors, summary",
    rules=(
        Rule(("= FAILURES =", "= ERRORS ="), r"=+ (?:FAILURES|ERRORS) =+$", _lines_below),
        # The name of a test that passed may look like anything.
        Rule(
            (" PASSED", " SKIPPED", " XFAIL"),
            r"\S+\.py::.+ (?:PASSED|SKIPPED|XFAIL)(?: \(.*\))?(?: +\[ *\d+%\])?$",
            lambda _, __: [],
        ),
        Rule("___ ", r"_{3,} (?P<name>\S.*?) _{3,}$", _block),
        Rule("while loading conftest", r"(?:\w+\.)*\w+ while loading conftest '(?P<path>[^']+)'", _conftest),
        Rule(
            ("FAILED ", "ERROR "),
            r"(?:FAILED|ERROR) (?P<path>(?![A-Z][a-z]+ [a-z]+ )[^\s:][^:]*?\.(?:py|txt|rst|md|feature|ipynb|ya?ml)(?::\d+)?)(?P<test>::.+?)??(?: - (?P<msg>.*))?$",
            _summary,
        ),
        Rule(
            (" FAILED", " ERROR"),
            r"(?:\[gw\d+\] (?:\[ *\d+%\] )?)?(?P<path>[^\s:]+\.py)(?P<test>::\S.*?) (?:FAILED|ERROR)(?P<msg>)(?: +\[ *\d+%\])?$",
            _summary,
        ),
        Rule(
            "[gw", r"\[gw\d+\] \[ *\d+%\] (?:FAILED|ERROR) (?P<path>[^\s:]+\.py)(?P<test>::\S.*?)(?P<msg>) *$", _summary
        ),
        Rule(
            ("ERROR: file or directory not found", "INTERNALERROR> "),
            r"(?:ERROR: file or directory not found: .*|INTERNALERROR> (?P<msg>\w+(?:\.\w+)*(?:Error|Exception)\b.*))",
            lambda match, here: here.found(match["msg"] or match[0]),
        ),
        Rule("ERROR: usage: ", r"ERROR: usage: .*", _usage),
        Rule("+ Timeout +", r"(?:.* )?\++ Timeout \++$", _timeout),
        Rule(
            ("Coverage failure: total of", "FAIL Required test coverage of", "RESULT: FAILED (minimum"),
            r"(?:ERROR: |-+ )?(?P<msg>Coverage failure: total of .*|FAIL Required test coverage of .*|RESULT: FAILED \(minimum.*?\)).*",
            _coverage,
        ),
    ),
    samples=(
        sample(
            """
=================================== FAILURES ===================================
_________________________________ test_greets __________________________________

    def test_greets():
>       assert greet("Ann") == "Hello Ann"
E       AssertionError: assert 'Hello, Ann' == 'Hello Ann'
E         - Hello Ann
E         + Hello, Ann

tests/test_app.py:6: AssertionError
----------------------------- Captured stdout call -----------------------------
lib/other.py:1: error: printed by the test
=========================== short test summary info ============================
FAILED tests/test_app.py::test_greets - AssertionError: assert 'Hello, Ann' ==...
========================= 1 failed, 3 passed in 0.12s ==========================
""",
            "tests/test_app.py:6 error AssertionError",
            title="long style; the summary is the same failure",
        ),
        sample(
            """
=================================== FAILURES ===================================
______________________________ TestMoney.test_adds _____________________________
tests/test_money.py:12: in test_adds
    total = add(1, None)
src/money.py:4: in add
    return a + b
E   TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'
=========================== short test summary info ============================
FAILED tests/test_money.py::TestMoney::test_adds - TypeError: unsupported ope...
""",
            "src/money.py:4 error TypeError",
            title="short style: the innermost frame in the repository",
        ),
        sample(
            """
=================================== FAILURES ===================================
/home/runner/work/r/r/tests/test_a.py:3: AssertionError: assert 1 == 2
/home/runner/work/r/r/tests/test_b.py:9: ValueError: no
=========================== short test summary info ============================
FAILED tests/test_a.py::test_one - assert 1 == 2
FAILED tests/test_b.py::test_two - ValueError: no
""",
            "tests/test_a.py:3 error AssertionError",
            "tests/test_b.py:9 error ValueError",
            title="--tb=line",
        ),
        sample(
            """
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_import.py ____________________
ImportError while importing test module '/w/tests/test_import.py'.
Hint: make sure your test modules/packages have valid Python names.
Traceback:
/usr/lib/python3.11/importlib/__init__.py:126: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
tests/test_import.py:1: in <module>
    import missing
E   ModuleNotFoundError: No module named 'missing'
=========================== short test summary info ============================
ERROR tests/test_import.py
!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
""",
            "tests/test_import.py:1 error ModuleNotFoundError",
            title="collection",
        ),
        sample(
            """
ImportError while loading conftest '/home/runner/work/r/r/conftest.py'.
conftest.py:6: in <module>
    from api import app
api.py:10: in <module>
    from prometheus_client import Counter
E   ModuleNotFoundError: No module named 'prometheus_client'
""",
            "api.py:10 error ModuleNotFoundError",
        ),
        sample(
            """
FAILED tests/test_a.py::test_one - assert 1 == 2
ERROR tests/test_b.py::test_two - RuntimeError: fixture
""",
            "tests/test_a.py error",
            "tests/test_b.py error RuntimeError",
            title="--tb=no: all that is known is the file",
        ),
    ),
)
