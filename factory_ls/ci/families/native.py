"""What surrounds C and C++: CMake, MSVC's tools, Bazel, cppcheck, cpplint, sanitizers; `cxx_tests` has the test frameworks."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.paths import external
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of
from factory_ls.model.problem import Related

_ADDRESS = re.compile(
    r"\s*(?:#\d+ (?:0x[0-9a-f]+ in )?.*? (?P<path>(?:[A-Za-z]:[\\/])?[^\s:()]+(?:/[^\s:()]+|\.\w+)):(?P<line>\d+)(?::(?P<col>\d+))?(?: \(.*\))?$|==\d+==\s+(?:at|by) 0x[0-9A-F]+: .* \((?P<file>[^\s:()]+):(?P<at>\d+)\))"
)

# Of the C library and the sanitizers themselves, wherever they were built.
_RUNTIME = re.compile(
    r"/(?:glibc|compiler-rt|libsanitizer|sysdeps|csu|sanitizer_common|libstdc\+\+-v3)[-/.\d]|_(?:malloc|new_delete|interceptors)\w*\.(?:cc|cpp)$"
)

_NOTED = re.compile(
    r"\s*(?:\d+(?::\d+)?>)?\s*(?P<path>(?:[A-Za-z]:)?[^:()\[\]\s][^:()\[\]]*)\((?P<line>\d+)(?:,(?P<col>\d+))?\)\s?:(?: note: .*)?$"
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
    path, number = match["path"], match["line"]
    if external(path) or "/Modules/" in path:
        # A module of CMake's complains of what the repository asked of it.
        for text, _ in here.below(40):
            called = re.match(r"  (?P<path>[^\s:]+):(?P<line>\d+) \(.*\)$", text)
            if called and not external(called["path"]) and "/Modules/" not in called["path"]:
                path, number = called["path"], called["line"]
                break
    severity = Severity.WARNING if "Warning" in match["sev"] or "Deprecation" in match["sev"] else Severity.ERROR
    return here.found(message or match[0], path, number, severity=severity, tool="cmake", last=last)


def _msvc(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    previous = here.memory.get("msvc")
    if match["sev"] == "note":
        if isinstance(previous, Found):
            previous.related.append(Related(path=match["path"], line=int(match["line"]), message=match["msg"]))
        return []
    found = here.memory["msvc"] = here.located(match, tool="msvc")
    if external(match["path"]):
        # A library's template complains of what the repository made of it.
        for text, _ in here.below(60):
            noted = _NOTED.match(text)
            if noted and not external(noted["path"]):
                return here.located(
                    noted, code=match["code"], severity=severity_of(match["sev"]), message=match["msg"], tool="msvc"
                )
            if not noted and not re.match(r"\s|\d+>\s|$", text):
                break
    return found


def _frame(one: re.Match[str]) -> list[Frame]:
    frame = Frame(one["path"] or one["file"], int(one["line"] or one["at"]), "", int(one["col"] or 0) or None)
    return [] if _RUNTIME.search(frame.path) else [frame]


def _leaks(here: Here) -> list[Found]:
    """LeakSanitizer: a stack a leak. What leaks with another is not told of."""
    leaks: list[Found] = []
    frames: list[Frame] = []
    message, at, last = "", here.line, here.line
    for text, line in here.below(400):
        if re.match(r"(?:Direct leak|SUMMARY:|Indirect leak)", text):
            if any(frame.usable for frame in frames):
                leaks.append(
                    place(here.found(message, at=at, last=last, tool="leaksanitizer"), frames, innermost_last=False)
                )
            direct = text.startswith("Direct")
            message, at, frames = f"LeakSanitizer: {text.partition(' allocated')[0]}" if direct else "", line, []
            if text.startswith("SUMMARY"):
                here.claim(line)
                break
        elif message and (one := _ADDRESS.match(text)):
            frames += _frame(one)
            last = line
    return leaks


def _sanitizer(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    if "detected memory leaks" in match[0] and (leaks := _leaks(here)):
        return leaks
    frames: list[Frame] = []
    last = here.line
    for text, line in here.below(60):
        if one := _ADDRESS.match(text):
            frames += _frame(one)
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
    if re.search(
        r"depends on .* which failed|no such package .* and referenced by|errors were encountered while", message
    ):
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
    about="CMake, MSVC, Bazel, cppcheck, cpplint, sanitizers",
    names=(
        "cmake",
        "msvc",
        "bazel",
        "cppcheck",
        "cpplint",
        "asan",
        "valgrind",
    ),
    rules=(
        Rule(
            "CMake ",
            r"CMake (?P<sev>Error|Warning|Deprecation Warning)(?: \(dev\))? (?:at|in) (?P<path>(?:[A-Za-z]:)?(?:[^:]+?(?=:\d)|[^\s:]+))(?::(?P<line>\d+)(?: \(.*\))?)?:?$",
            _cmake,
        ),
        Rule(
            (
                "): note: ",
                "): error C",
                "): warning C",
                "): fatal error C",
                ") : error C",
                ") : warning C",
                "): error LNK",
            ),
            r"\s*(?:\d+(?::\d+)?>)?(?P<path>(?:[A-Za-z]:)?[^:()\[\]]+)\((?P<line>\d+)(?:,(?P<col>\d+))?\)\s?: (?P<sev>fatal error|error|warning|note)(?: (?P<code>[A-Z]+\d+))?: (?P<msg>.*?)(?: \[[^\]]*proj\])?$",
            _msvc,
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
        Rule(
            " not declared in package ",
            r"(?P<sev>ERROR|WARNING): (?:Skipping '[^']*': )?(?P<msg>no such target '.*' not declared in package '.*' defined by (?P<path>[^\s,)]*BUILD(?:\.bazel)?).*)",
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
            r"""
C:\Program Files\Microsoft Visual Studio\2022\VC\Tools\MSVC\14.42.34433\include\xutility(1433,9): error C2672: 'std::construct_at': no matching overloaded function found [D:\a\app\app\build\src\app.vcxproj]
  (compiling source file '../../src/scene.cpp')
      D:\a\app\app\src\scene.cpp(77,5):
      see reference to function template instantiation 'void std::vector<Node>::push_back(const Node &)' being compiled
""",
            "src/scene.cpp:77 error C2672",
            title="a template of MSVC's",
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
