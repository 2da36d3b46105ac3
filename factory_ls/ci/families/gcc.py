"""gcc, clang, clang-tidy and compilers that print like them; make; the linker."""

# ruff: noqa: E501, S108 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import external
from factory_ls.ci.rules import Family, Found, Here, Rule, sample
from factory_ls.model.problem import Related, Severity

_EXT = r"(?:c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|h\+\+|inl|inc|ipp|tpp|tcc|m|mm|cu|cuh|cl|hip|S|s|asm|metal|ino|pde|ixx|cppm|def|i|ii|l|y|ll|yy|lex|td|proto)"
_SHAPE = (
    r"(?:.{0,160}?[\s:(\[\"'])??(?P<path>(?:[A-Za-z]:)?[^\s:\"'()<>|*?]{0,300}[^\s:\"'()<>|*?./]\."
    + _EXT
    + r"):(?P<line>\d+)(?::(?P<col>\d+))?: "
    r"(?P<sev>fatal error|[Ee]rror|[Ww]arning|note|remark|internal compiler error): (?P<msg>.*?)(?: \[(?P<code>-?[-\w,.=+:#]+)\])?$"
)
_NOTE = re.compile(_SHAPE)
_INCLUDED = re.compile(r"(?:In file included from|\s+from) (?P<path>[^\s:]+):(?P<line>\d+)")
_REQUIRED = re.compile(
    r"(?P<path>[^\s:]+):(?P<line>\d+):\d+:\s+(?:required from|note: in instantiation of .* requested here)"
)


def _diagnostic(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    previous = here.memory.get("gcc")
    if match["sev"] == "note" and isinstance(previous, Found) and here.line.number - previous.log_line < 200:
        if len(previous.related) < 12:
            previous.related.append(Related(path=match["path"], line=int(match["line"]), message=match["msg"]))
        return []
    code = match["code"]
    severity = Severity.ERROR if "error" in match["sev"] else None
    found = here.located(match) if severity is None else here.located(match, severity=Severity.ERROR)
    if found is None:
        return None
    if severity:
        found.severity = severity
    if code:
        found.code = code.split(",")[0]
    found.tool = (
        "clang-tidy" if code and re.match(r"[a-z]+[\w.-]*-[\w.,-]+", code) and not code.startswith("-") else "gcc"
    )
    if found.tool == "gcc" and here.step.command and "clang" in here.step.command:
        found.tool = "clang"
    if found.external:
        _include(found, here)
    here.memory["gcc"] = found
    return found


def _include(found: Found, here: Here) -> None:
    """A diagnostic in a library's header belongs to the repository's line that led there."""
    candidates = [text for text, _ in here.below(40) if "requested here" in text or "required from" in text]
    for text in [*candidates, *(text for text, _ in here.above(30))]:
        led = _INCLUDED.match(text) or _REQUIRED.match(text)
        if led and not external(led["path"]):
            own = here.found(found.message, led["path"], led["line"])
            found.path, found.printed, found.line, found.column, found.external = (
                own.path,
                own.printed,
                own.line,
                None,
                False,
            )
            return


def _linker(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, severity=Severity.ERROR) or here.found(match["msg"])


FAMILY = Family(
    name="gcc",
    about="C and C++ compilers, clang-tidy, make, linkers",
    names=("clang", "clang-tidy", "g++", "ld", "make"),
    rules=(
        Rule(
            (
                ": error: ",
                ": warning: ",
                ": note: ",
                ": fatal error: ",
                ": Error: ",
                ": Warning: ",
                ": remark: ",
                "compiler error: ",
            ),
            _SHAPE,
            _diagnostic,
        ),
        Rule(
            ("undefined reference to", "multiple definition of"),
            r"(?:\S*ld(?:\.\w+)?(?:\.exe)?: )?(?P<path>(?:[A-Za-z]:)?[^\s:()]+\."
            + _EXT
            + r"):(?:(?P<line>\d+)|\([^)]*\)): (?P<msg>(?:undefined reference to|multiple definition of).*)",
            _linker,
            tool="ld",
        ),
        Rule(" *** ", r"(?P<path>[^\s:]*(?:[Mm]akefile\S*|\.mk|\.mak)):(?P<line>\d+): \*\*\* (?P<msg>.+)", tool="make"),
    ),
    samples=(
        sample(
            """
src/main.c: In function 'main':
src/main.c:5:9: error: 'x' undeclared (first use in this function)
    5 |     int y = x;
      |             ^
src/main.c:5:9: note: each undeclared identifier is reported only once for each function it appears in
src/util.cpp:10:14: warning: unused variable 'n' [-Wunused-variable]
make: *** [Makefile:4: main.o] Error 1
""",
            "src/main.c:5:9 error",
            "src/util.cpp:10:14 warning -Wunused-variable",
        ),
        sample(
            "/tmp/s/sandbox/1/execroot/_main/include/a.h:14:1: error: included header x.h is not used directly [misc-include-cleaner,-warnings-as-errors]",
            "include/a.h:14:1 error misc-include-cleaner",
        ),
        sample(
            "/usr/bin/ld: main.o: in function `main':\nmain.c:(.text+0x5): undefined reference to `gone'\ncollect2: error: ld returned 1 exit status",
            "main.c error",
        ),
        sample("Makefile:4: *** missing separator.  Stop.", "Makefile:4 error"),
    ),
)
