""".NET: Roslyn and MSBuild diagnostics, test failures, exceptions."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_FRAME = re.compile(r"\s*at (?P<function>.+?) in (?P<path>.+?):(?:line )?(?P<line>\d+)\s*$")
_XUNIT = re.compile(
    r"\s*(?:\[xUnit\.net [\d:.]+\]\s+)?(?P<path>(?:[A-Za-z]:)?[^\s(]+\.(?:cs|fs|vb))\((?P<line>\d+),\d+\): at (?P<function>.+)"
)


def _built(match: re.Match[str], here: Here) -> Found | None:
    """`A.targets(166,5): error NETSDK1045: message [A.csproj]`: what the SDK's own files say is of the project."""
    found = here.located(match)
    if found is not None and found.external and match["project"]:
        own = here.found(found.message, match["project"], severity=found.severity, code=found.code)
        own.fallback = "exited with code" in own.message  # another program told what is wrong
        return own
    return found


def _test(match: re.Match[str], here: Here) -> Found | None:
    frames: list[Frame] = []
    message, told, last, section = "", here.line, here.line, ""
    for text, line in here.below(120):
        stripped = text.strip()
        if stripped.startswith("[xUnit.net "):  # another test's, told by xUnit itself
            if frames:
                break
            continue
        if re.match(r"\s*(?:Failed|Passed|Skipped) \S+ ?(?:\[|\()|Test Run |Total tests|Failed!|Results File", text):
            break
        if stripped in ("Error Message:", "Stack Trace:", "Standard Output Messages:", "Standard Error Messages:"):
            section = stripped
        elif one := _FRAME.match(text):
            frames.append(Frame(one["path"], int(one["line"]), one["function"]))
        elif section == "Error Message:" and stripped:
            message, told = (
                (message, told) if len(message) > 200 else (f"{message} {stripped}".strip(), told if message else line)
            )
        last = line
    if not message and not frames:
        return None
    here.claim(last)
    found = here.found(message or match[0], at=told, last=last, tool="dotnet test", test=match["test"])
    return place(found, frames, innermost_last=False)


def _thrown(match: re.Match[str], here: Here) -> Found | None:
    frames, last = [], here.line
    for text, line in here.below(60):
        if one := _FRAME.match(text):
            frames.append(Frame(one["path"], int(one["line"]), one["function"]))
        elif not re.match(r"\s*(?:at |---|--- End)", text):
            break
        last = line
    if not frames:
        return None
    here.claim(last)
    found = here.found(match["msg"], last=last, code=match["name"].rsplit(".", 1)[-1])
    found.stray = True
    return place(found, frames, innermost_last=False)


def _mono(match: re.Match[str], here: Here) -> Found | None:
    """Mono and Unity: `System.NullReferenceException: …`, then `  at Cart.Total () [0x00001] in /w/Cart.cs:30`."""
    frames, last = [Frame(match["path"], int(match["line"]))], here.line
    for text, line in here.below(60):
        if one := _FRAME.match(text):
            frames.append(Frame(one["path"], int(one["line"]), one["function"]))
        elif not re.match(r"\s*(?:at |---)", text):
            break
        last = line
    for text, line in here.above(1):
        if told := re.match(r"\s*(?P<msg>(?P<name>[\w.]*(?:Exception|Error))(?:: .*)?)$", text):
            here.claim(last)
            found = here.found(told["msg"], at=line, last=last, code=told["name"].rsplit(".", 1)[-1])
            found.stray = True
            return place(found, frames, innermost_last=False)
    return None


def _listed(match: re.Match[str], here: Here) -> Found | None:
    """NUnit's console and Microsoft.Testing.Platform: `1) Failed : A.Adds`, `failed A.Adds (5ms)`, message, frames."""
    frames: list[Frame] = []
    message, last = "", here.line
    for text, line in here.below(60):
        if one := _FRAME.match(text):
            frames.append(Frame(one["path"], int(one["line"]), one["function"]))
        elif not text.strip() or re.match(r"(?:\d+\) |(?:failed|passed|skipped) \S|Test run summary)", text):
            break
        elif not frames and len(message) < 200:
            message = f"{message} {text.strip()}".strip()
        last = line
    if not frames:
        return None
    here.claim(last)
    found = here.found(message or match[0].strip(), last=last, tool="dotnet test", test=match["test"])
    return place(found, frames, innermost_last=False)


def _expecto(match: re.Match[str], here: Here) -> Found | None:
    """Expecto: `[12:30:45 ERR] name failed in 00:00:00.01.`, the message, `  /w/A.fs(14,1): at …`."""
    message, last = "", here.line
    for text, line in here.below(30):
        last = line
        if one := _XUNIT.match(text):
            here.claim(last)
            return here.found(
                message or match[0], one["path"], one["line"], tool="expecto", test=match["test"], last=last
            )
        if not text.strip():
            break
        message = f"{message} {text.strip()}".strip()[:300]
    return None


def _xunit(match: re.Match[str], here: Here) -> Found | None:
    """xUnit's own report: `A.Adds [FAIL]`, message, `/w/A.cs(14,0): at A.Adds()`. VSTest repeats it in full."""
    frames: list[Frame] = []
    message, indent = "", len(match["lead"])
    for text, _ in here.below(60):
        body = re.sub(r"^\s*\[xUnit\.net [\d:.]+\]", "", text)
        if not body.strip() or re.search(r"\[(?:FAIL|PASS|SKIP)\]$", body):
            break
        if one := _XUNIT.match(text):
            frames.append(Frame(one["path"], int(one["line"]), one["function"]))
        elif len(body) - len(body.lstrip()) <= indent and not frames:
            break
        elif not frames and len(message) < 200 and body.strip() != "Stack Trace:":
            message = f"{message} {body.strip()}".strip()
    if not frames:
        return None
    found = here.found(message or match[0].strip(), tool="dotnet test", test=match["test"])
    found.summary = True
    return place(found, frames, innermost_last=False)


FAMILY = Family(
    name="dotnet",
    about="C#, F#, VB: build, test, format",
    names=("csharp", "fsharp", "msbuild", "roslyn", "dotnet test", "nuget"),
    rules=(
        Rule(
            ("): error ", "): warning ", "): info ", ") : error ", ") : warning "),
            r"\s*(?:\d+>)?(?P<path>(?:[A-Za-z]:)?[^:()]+?\.(?:cs|vb|fsx?|fsi|razor|cshtml|xaml|axaml|csproj|fsproj|vbproj|targets|props|proj|sln|resx|config|nuspec|cake|vcxproj))\((?P<line>\d+)(?:,(?P<col>\d+))?(?:,(?P<eline>\d+),(?P<ecol>\d+))?\)\s?: (?P<sev>error|warning|info) (?P<code>[A-Z]+\d*|[A-Z][\w-]+): (?P<msg>.*?)(?: \[(?P<project>[^\]]*?proj)(?:::[^\]]*)?\]| \[[^\]]*\])?$",
            _built,
        ),
        Rule(
            ("CSC : ", "VBC : ", "FSC : ", "MSBUILD : ", "EXEC : ", "ILC : ", "ILLink : "),
            r"\s*(?:\d+>)?(?:CSC|VBC|FSC|MSBUILD|EXEC|ILC|ILLink) : (?P<sev>error|warning) (?:(?P<code>[A-Z]+\d+) ?)?: (?P<msg>.*?) \[(?P<path>[^\]]*?proj)(?:::[^\]]*)?\]$",
        ),
        Rule(
            (" : error ", " : warning "),
            r"\s*(?P<path>\S.*?\.(?:csproj|fsproj|vbproj|sln|slnx|props|targets|vcxproj)) : (?P<sev>error|warning) (?P<code>[A-Z]+\d+): (?P<msg>.*?)(?: \[[^\]]*\])?$",
        ),
        Rule(
            ("Failed ", "X "),
            r"\s*(?:X |Failed )(?P<test>[\w.<>`+]+(?:\(.*\))?|\S.*?) \[[<\d].*\]$",
            _test,
            scan=r"(?:Failed|X) [^ \n][^\n]* \[[<0-9]",
        ),
        Rule(" failed in ", r"(?:\[[\d:]+ ERR\] )?(?P<test>\S.*?) failed in \d[\d:.]+\.?$", _expecto),
        Rule(
            " [FAIL]",
            r"(?:\[xUnit\.net [\d:.]+\])?(?P<lead>\s+)(?P<test>\S.*?) \[FAIL\]$",
            _xunit,
        ),
        Rule(
            (") Failed : ", ") Error : ", ") Invalid : ", "failed "),
            r"(?:\d+\) (?:Failed|Error|Invalid) : |failed (?=\S+ \([\d.]+(?:ms|s)))(?P<test>\S+).*$",
            _listed,
            scan=r"[0-9]\) (?:Failed|Error|Invalid) : |failed [A-Z][^ \n]* \([0-9]",
        ),
        Rule("] in ", r"\s+at .*\[0x[0-9a-f]+\] in (?P<path>.+?):(?P<line>\d+)\s*$", _mono),
        Rule("Unhandled exception", r"(?:Unhandled exception\. )(?P<msg>(?P<name>[\w.]+)(?:: .*)?)", _thrown),
    ),
    samples=(
        sample(
            "/home/runner/work/a/a/src/A.cs(3,5): error CS1002: ; expected [/home/runner/work/a/a/src/A.csproj]",
            "src/A.cs:3:5 error CS1002",
        ),
        sample("src/A.csproj : error NU1101: Unable to find package Gone.", "src/A.csproj error NU1101"),
        sample(
            """
  Failed Acme.CalcTests.Adds [12 ms]
  Error Message:
   Assert.Equal() Failure: Values differ
Expected: 4
Actual:   3
  Stack Trace:
     at Acme.CalcTests.Adds() in /home/runner/work/a/a/tests/CalcTests.cs:line 12
   at System.RuntimeMethodHandle.InvokeMethod(Object target)
""",
            "tests/CalcTests.cs:12 error",
        ),
    ),
)
