"""gcc, clang, clang-tidy and compilers that print like them; make; the linker."""

# ruff: noqa: E501, S108 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import external
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.model.problem import Related, Severity

_EXT = r"(?:c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|h\+\+|inl|inc|ipp|tpp|tcc|m|mm|cu|cuh|cl|hip|S|s|asm|metal|ino|pde|ixx|cppm|def|i|ii|l|y|ll|yy|lex|td|proto)"
_SHAPE = (
    r"(?:.{0,160}?[\s:(\[\"'])??(?P<path>(?:[A-Za-z]:)?[^\s:\"'()<>|*?]{0,300}[^\s:\"'()<>|*?./]\."
    + _EXT
    + r")(?::(?P<line>\d+)(?::(?P<col>\d+))?| \+(?P<vline>\d+)(?::(?P<vcol>\d+))?): "
    r"(?P<sev>fatal error|[Ee]rror|[Ww]arning|note|remark|internal compiler error): (?P<msg>.*?)(?: \[(?P<code>-?[-\w,.=+:#]+)\])?$"
)
_NOTE = re.compile(_SHAPE)
_INCLUDED = re.compile(r"(?:In file included from|\s+from) (?P<path>[^\s:]+):(?P<line>\d+)")
_REQUIRED = re.compile(
    r"(?P<path>[^\s:]+):(?P<line>\d+):\d+:\s+(?:required from|note: in (?:instantiation of .* requested here|expansion of macro))"
)


def _diagnostic(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    previous = here.memory.get("gcc")
    if match["sev"] == "note" and isinstance(previous, Found) and here.line.number - previous.log_line < 200:
        if len(previous.related) < 12:
            previous.related.append(
                Related(path=match["path"], line=int(match["line"] or match["vline"]), message=match["msg"])
            )
        return []
    code = match["code"]
    severity = Severity.ERROR if "error" in match["sev"] else None
    found = here.located(match) if severity is None else here.located(match, severity=Severity.ERROR)
    if found is None:
        return None
    if match["vline"]:
        found.line, found.column = int(match["vline"]), int(match["vcol"] or 0) or None
    if severity:
        found.severity = severity
    if code:
        found.code = code.split(",")[0]
    if unit := re.match(r"Failure in TEST\((?P<group>\w+), (?P<name>\w+)\)", match["msg"]):
        found.test = f"{unit['group']}.{unit['name']}"
        found.tool = "cpputest"
        return found
    if code and re.match(r"[a-z]+(?:[A-Z]\w*)+$|-Wclang-format", code):
        found.tool = "clang-format" if code.startswith("-W") else "cppcheck"
        return found
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
    candidates: list[str] = []
    next_told = False
    for text, _ in here.below(40):
        next_told = next_told or ": error: " in text or ": warning: " in text
        if "requested here" in text or "required from" in text or ("expansion of macro" in text and not next_told):
            candidates.append(text)
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


def _sketch(match: re.Match[str], here: Here) -> Found | None:
    """Arduino calls a sketch by its name: `Blink:4:3: error: …` below `/w/Blink/Blink.ino: In function …`."""
    for text, _ in here.above(60):
        if named := re.match(r"(?P<path>\S+\.(?:ino|pde))(?::\d+)*: ", text):
            if not named["path"].endswith((f"/{match['name']}.ino", f"/{match['name']}.pde")):
                return None
            return here.found(
                match["msg"], named["path"], match["line"], column=match["col"], severity=severity_of(match["sev"])
            )
    return None


def _linker(match: re.Match[str], here: Here) -> Found | None:
    severity = Severity.ERROR if match["msg"].startswith(("undefined", "multiple")) else Severity.WARNING
    return here.located(match, severity=severity) or here.found(match["msg"], severity=severity)


_LLD = re.compile(r">>> (?:referenced by|defined at) .*?\((?P<path>[^()]+?):(?P<line>\d+)\)$")
_LLD_SHORT = re.compile(r">>> (?:referenced by|defined at) (?P<path>[^\s:()]+):?(?P<line>\d+)?")


def _lld(match: re.Match[str], here: Here) -> Found | None:
    """`ld.lld: error: undefined symbol: f`, then `>>> referenced by main.c:5 (/w/src/main.c:5)`."""
    places: list[tuple[str, str | None]] = []
    last = here.line
    for text, line in here.below(12):
        if not text.startswith(">>>"):
            break
        if placed := _LLD.match(text) or _LLD_SHORT.match(text):
            places.append((placed["path"], placed["line"]))
        last = line
    here.claim(last)
    # Of a symbol defined twice the second definition is the one too many.
    path, number = places[-1 if "duplicate" in match["msg"] else 0] if places else ("", None)
    if path.endswith((".o", ".a", ".obj", ".lib")):
        path, number = "", None
    return here.found(match["msg"], path, number, last=last)


def _symbols(match: re.Match[str], here: Here) -> list[Found]:
    """Apple's linker names symbols and object files, no source."""
    found = []
    last = here.line
    for text, line in here.below(60):
        if named := re.match(r'\s+"(?P<symbol>.+)", referenced from:$', text):
            found.append(here.found(f"Undefined symbol: {named['symbol']}", at=line))
        elif not text.startswith("  "):
            break
        last = line
    here.claim(last)
    return found or [here.found(match[0])]


def _recipe(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """The line of the rule whose recipe failed: of use where no tool told what is wrong."""
    return here.located(match) if here.memory.keys().isdisjoint(("gcc", "go", "arrow", "js")) else []


def _driver(match: re.Match[str], here: Here) -> Found | list[Found]:
    """`gcc: error: unrecognized option`: no place. What only sums up says nothing."""
    if re.match(r"linker command failed|ld returned \d|unable to execute|.* exited with", match["msg"]):
        return []
    return here.found(match["msg"], tool=match["name"])


FAMILY = Family(
    name="gcc",
    about="C and C++ compilers, clang-tidy, make, linkers",
    names=("clang", "clang-tidy", "g++", "ld", "make"),
    rules=(
        Rule(
            (">:0: error: ", ">:0: fatal error: ", ">: error: "),
            r"<(?P<name>[\w -]+)>(?::\d+)*: (?:fatal )?error: (?P<msg>.*)",
            lambda match, here: here.found(match["msg"]),
        ),
        Rule(
            (": error: ", ": fatal error: "),
            r"(?:\S*/)?(?P<name>(?:[\w-]+-)?(?:gcc|g\+\+|clang|clang\+\+|cc|c\+\+|cc1|cc1plus|ld|collect2)(?:-\d+(?:\.\d+)*)?)(?:\.exe)?: (?:fatal )?error: (?P<msg>.*)",
            _driver,
        ),
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
            (": error: ", ": warning: "),
            r"(?P<name>\w+):(?P<line>\d+):(?P<col>\d+): (?P<sev>error|warning): (?P<msg>.*)$",
            _sketch,
        ),
        Rule(
            ("undefined reference to", "multiple definition of", "is dangerous, better use", "): warning: Using '"),
            r"(?:\S*ld(?:\.\w+)?(?:\.exe)?: )?(?:[^\s:]+\.(?:o|obj|a|lo)(?:\([^)]*\))?:)?(?P<path>(?:[A-Za-z]:)?[^\s:()]+\."
            + _EXT
            + r")(?::(?P<line>\d+)|:?\((?:[^)]*|.{1,400}\+0x[0-9a-f]+)\)): (?:error: |(?P<sev>warning): )?(?P<msg>(?:undefined reference to|multiple definition of|the use of .* is dangerous|Using '.*' in static).*)",
            _linker,
            tool="ld",
        ),
        Rule(
            ("ld.lld: error: ", "lld: error: ", "wasm-ld: error: "),
            r"\S*lld?: error: (?P<msg>(?:undefined|duplicate) .*)",
            _lld,
            tool="ld",
        ),
        Rule("Undefined symbols for architecture", r"Undefined symbols for architecture .*:$", _symbols, tool="ld"),
        Rule(
            ("ld: cannot find ", "ld: symbol(s) not found", ": multiple definition of '", "mold: error: "),
            r"(?P<name>\S*ld(?:\.\w+)?|\S*mold): (?P<msg>(?:error: )?(?:cannot find .*|\S+: multiple definition of .*|(?:duplicate|undefined) .*))$",
            lambda match, here: here.found(match["msg"], tool="ld"),
        ),
        Rule(
            "recipe for target '",
            r"(?P<path>\S+):(?P<line>\d+): (?P<msg>recipe for target '.*' failed)$",
            _recipe,
            tool="make",
        ),
        Rule(
            "*** No rule to make target",
            r"g?make(?:\[\d+\])?: \*\*\* (?P<msg>No rule to make target .*?)\s+Stop\.$",
            lambda match, here: here.found(match["msg"]),
            tool="make",
        ),
        Rule(
            " *** ",
            r"(?P<path>[^\s:]*(?:[Mm]akefile\S*|\.mk|\.mak)|[^\s:]+(?=:\d+: \*\*\* .*Stop\.$)):(?P<line>\d+): \*\*\* (?P<msg>.+)",
            lambda match, here: here.found(match["msg"], match["path"], match["line"], tool="make"),
        ),
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
        sample(
            "ld.lld: error: undefined symbol: f\n>>> referenced by main.c:5 (/home/runner/work/x/x/src/main.c:5)\n>>>               main.o:(main)\nclang: error: linker command failed with exit code 1 (use -v to see invocation)",
            "src/main.c:5 error",
            title="lld",
        ),
        sample(
            'Undefined symbols for architecture arm64:\n  "_f", referenced from:\n      _main in main.o\nld: symbol(s) not found for architecture arm64',
            "- ld",
            title="Apple's linker",
        ),
        sample("gcc: error: unrecognized command-line option '-fno-such'", "- gcc", title="the driver"),
        sample(
            "a.c:3:5: error: no\nMakefile:31: recipe for target 'a.o' failed\nmake: *** [a.o] Error 1",
            "a.c:3:5 error",
            title="a sum of what was told before",
        ),
    ),
)
