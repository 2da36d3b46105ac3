"""What surrounds C and C++: CMake, MSVC's tools, Bazel, cppcheck, cpplint, sanitizers, gtest, Catch2, Boost, Unity, CTest."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_ADDRESS = re.compile(
    r"\s*(?:#\d+ (?:0x[0-9a-f]+ in )?.*? (?P<path>/[^\s:()]+):(?P<line>\d+)(?::(?P<col>\d+))?(?: \(.*\))?$|==\d+==\s+(?:at|by) 0x[0-9A-F]+: .* \((?P<file>[^\s:()]+):(?P<at>\d+)\))"
)


def _cmake(match: re.Match[str], here: Here) -> Found:
    message, last = "", here.line
    for text, line in here.below(14):
        if text.strip() and not text.startswith(" "):
            break
        if text.strip():
            message, last = f"{message} {text.strip()}".strip(), line
        elif message and not message.endswith(":"):
            break
    severity = Severity.WARNING if "Warning" in match["sev"] or "Deprecation" in match["sev"] else Severity.ERROR
    return here.found(message or match[0], match["path"], match["line"], severity=severity, tool="cmake", last=last)


def _gtest(match: re.Match[str], here: Here) -> Found | None:
    """`a_test.cc:12: Failure`, then what was expected."""
    message: list[str] = [match["msg"].strip()] if match.groupdict().get("msg") else []
    last, test = here.line, None
    for text, line in here.below(30):
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


def _thrown(_: re.Match[str], here: Here) -> Found | None:
    """`unknown file: Failure`, then the exception that a test of googletest threw."""
    for text, line in here.below(2):
        if text.strip():
            here.claim(line)
            test = next((t.split()[-1] for t, _ in here.above(200) if t.startswith("[ RUN  ")), None)
            return here.found(text.strip(), tool="gtest", test=test, at=line)
    return None


_TOLD = re.compile(r".*(?:: Failure$|: FAILED:|\): error: |: ERROR: |Assertion .* failed|: error: |: failed: )")


def _ctest(match: re.Match[str], here: Here) -> Found | list[Found]:
    """A test in CTest's list of those that failed, unless its own output told of what."""
    name = match["test"]
    own = re.compile(r"\s*\d+/\d+ Test\s+#\d+: " + re.escape(name) + r" \.*")
    above: list[str] = []
    for text, _ in here.above(3000):
        if own.match(text):
            break
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


def _sanitizer(match: re.Match[str], here: Here) -> Found | None:
    frames: list[Frame] = []
    last = here.line
    for text, line in here.below(60):
        if one := _ADDRESS.match(text):
            frames.append(
                Frame(one["path"] or one["file"], int(one["line"] or one["at"]), "", int(one["col"] or 0) or None)
            )
        elif frames and not re.match(r"\s*#\d+ |==\d+==", text):
            break
        last = line
    usable = [frame for frame in frames if frame.usable]
    if not usable:
        return None
    here.claim(last)
    found = here.found(match["msg"], last=last, tool=match["tool"].lower() if match["tool"] else "valgrind")
    return place(found, frames, innermost_last=False)


def _bazel(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    message = match["msg"]
    if re.search(r"depends on .* which failed|and referenced by|errors were encountered while", message):
        return []
    found = here.located(match, tool="bazel", severity=severity_of(match["sev"]))
    if found is None:
        return None
    if re.search(
        r"failed: \(Exit \d+\)|failed: .*(?:error executing|Segmentation)|Compiling .* failed|Linking .* failed",
        message,
    ):
        found.summary = True
    if message.endswith("Traceback (most recent call last):"):
        last = here.line
        for text, line in here.below(40):
            last = line
            if re.match(r"(?:Error|fail)\b.*: ?", text):
                found.message = f"{message[: -len('Traceback (most recent call last):')].strip(': ')}: {text}"
                break
        here.claim(last)
    return found


def _dropped(match: re.Match[str], here: Here) -> list[Found]:
    """Starlark's own traceback under a line that told the place."""
    last = here.line
    for text, line in here.below(40):
        if not re.match(r"\s+\S|Error|fail", text):
            break
        last = line
        if re.match(r"(?:Error|fail)\b", text):
            break
    here.claim(last)
    return []


FAMILY = Family(
    name="native",
    about="CMake, MSVC, Bazel, cppcheck, cpplint, sanitizers, gtest, Catch2, doctest, Boost.Test, Unity",
    names=(
        "cmake",
        "msvc",
        "bazel",
        "cppcheck",
        "cpplint",
        "asan",
        "valgrind",
        "gtest",
        "catch2",
        "doctest",
        "boost",
        "unity",
        "ctest",
    ),
    rules=(
        Rule(
            "CMake ",
            r"CMake (?P<sev>Error|Warning|Deprecation Warning)(?: \(dev\))? (?:at|in) (?P<path>[^\s:]+):(?P<line>\d+)(?: \(.*\))?:?$",
            _cmake,
        ),
        Rule(
            ("): error C", "): warning C", "): fatal error C", ") : error C", ") : warning C", "): error LNK"),
            r"\s*(?:\d+(?::\d+)?>)?(?P<path>(?:[A-Za-z]:)?[^:()\[\]]+)\((?P<line>\d+)(?:,(?P<col>\d+))?\)\s?: (?P<sev>fatal error|error|warning) (?P<code>[A-Z]+\d+): (?P<msg>.*?)(?: \[[^\]]*proj\])?$",
            tool="msvc",
        ),
        Rule("unknown file: Failure", r"unknown file: Failure$", _thrown),
        Rule(
            ("(Failed)", "(Not Run)", "(Timeout)", "(SEGFAULT)", "(Subprocess aborted)", "(Exit code", "(ILLEGAL)"),
            r"\s+\d+ - (?P<test>\S+) \((?P<how>Failed|Not Run|Timeout|SEGFAULT|Subprocess aborted|ILLEGAL|Exit code .*)\)",
            _ctest,
        ),
        Rule(
            "CMake Error: ",
            r"CMake Error: (?P<msg>(?!Error: ).*)",
            lambda match, here: here.found(match["msg"], tool="cmake"),
        ),
        Rule(
            (": error LNK", ": fatal error LNK", "LINK : fatal error"),
            r"\s*(?:\d+>)?(?P<file>\S.*?) : (?:fatal )?error (?P<code>LNK\d+): (?P<msg>.*?)(?: \[[^\]]*proj\])?$",
            lambda match, here: here.found(match["msg"], code=match["code"], tool="link"),
        ),
        Rule(
            ": failed: ",
            r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+\.\w+):(?P<line>\d+): failed: (?P<msg>.*)",
            tool="catch2",
        ),
        Rule((": Failure", "): error: "), r"(?P<path>(?:[A-Za-z]:)?[^\s:()]+)(?::(?P<line>\d+): Failure$)", _gtest),
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
            ("error cpplint: ", "] ["),
            r"(?P<path>[^\s:()]+)(?::|\()(?P<line>\d+)\)?: (?:warning|error cpplint): (?:\[(?P<code>[\w+/]+)\] )?(?P<msg>.*?)(?:  \[[\w+/]+\])? \[\d\]$",
            tool="cpplint",
            scan=r"error cpplint: |\] \[[1-5]\]",
        ),
        Rule(
            "ninja: error: ",
            r"ninja: error: (?:(?P<path>[^\s:]+):(?P<line>\d+): )?(?P<msg>.*)",
            lambda match, here: here.found(match["msg"], match["path"] or "", match["line"], tool="ninja"),
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
        Rule("Sanitizer: ", r"(?:=+\d+=+)?\s*(?:ERROR|WARNING): (?P<msg>(?P<tool>\w+Sanitizer): .*)", _sanitizer),
        Rule(
            "==",
            r"==\d+== (?P<tool>)(?P<msg>(?:Invalid (?:read|write|free)|Conditional jump|Use of uninit|.* definitely lost|Process terminating|Mismatched free|Source and dest|Syscall param).*)",
            _sanitizer,
            scan=r"==[0-9]+== (?:Inv|Cond|Use|[0-9,]+ .*def|Proc|Mism|Sour|Sysc)",
        ),
        Rule(
            ": runtime error: ",
            r"(?P<path>[^\s:]+):(?P<line>\d+):(?P<col>\d+): (?P<msg>runtime error: .*)",
            tool="ubsan",
        ),
        Rule(
            "]: (",
            r"\[(?P<path>[^\]:]+):(?P<line>\d+)\](?: -> \[[^\]]*\])*: \((?P<sev>\w+)(?:, \w+)*\) (?P<msg>.*)",
            tool="cppcheck",
        ),
        Rule(
            "]",
            r"(?P<path>[^\s:]+):(?P<line>\d+):  (?P<msg>.*?)  \[(?P<code>[\w+/]+)\] \[\d\]$",
            tool="cpplint",
            scan=r"\] \[[1-5]\]",
        ),
        Rule(
            ("ERROR: ", "WARNING: "),
            r"(?P<sev>ERROR|WARNING): (?P<path>/?\S*?(?:BUILD|WORKSPACE|MODULE|\.bzl|\.bazel)\S*?):(?P<line>\d+):(?P<col>\d+): (?P<msg>.*)",
            _bazel,
        ),
        Rule("An error occurred during the fetch", r"ERROR: (?P<msg>An error occurred during the fetch.*)", _dropped),
    ),
    samples=(
        sample(
            'CMake Error at CMakeLists.txt:5 (find_package):\n  By not providing "FindFoo.cmake" in CMAKE_MODULE_PATH this project has\n  asked CMake to find it.\n\n-- Configuring incomplete, errors occurred!',
            "CMakeLists.txt:5 error",
        ),
        sample(
            r"D:\a\app\app\src\a.cpp(12): error C2065: 'x': undeclared identifier",
            "src/a.cpp:12 error C2065",
            title="MSVC",
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
        sample(
            "==12==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602\n    #0 0x4c in main /home/runner/work/a/a/src/a.c:7:3\n    #1 0x7f in __libc_start_main",
            "src/a.c:7:3 error",
        ),
        sample(
            "src/a.c:5:3: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'",
            "src/a.c:5:3 error",
        ),
        sample("[src/a.c:4]: (warning) Possible null pointer dereference: p", "src/a.c:4 warning", title="cppcheck"),
        sample(
            "src/a.cc:3:  Missing space before {  [whitespace/braces] [5]",
            "src/a.cc:3 error whitespace/braces",
            title="cpplint",
        ),
        sample("ERROR: /w/app/BUILD.bazel:17:11: no such target '//lib:gone'", "/w/app/BUILD.bazel:17:11 error"),
    ),
)
