"""Findings below a heading that names their file, with a line's number and nothing of the file themselves.

    + tests/cart.robot
    W: 2, 0: No suite documentation (RequireSuiteDocumentation)

Here are those whose findings look like no other's; eslint's form, which many copy, has a family of its own.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_LETTERS = {"E": Severity.ERROR, "F": Severity.ERROR, "W": Severity.WARNING}
_CHECKING = re.compile(
    r"(?:\+ |File:? |In (?:file )?|(?:Checking|Linting|Analyzing|Processing|Parsing)(?: file)? )?[\"'`]?(?P<path>[^\s\"'`]*[\w)])[\"'`]?(?:\.\.\.|[.:])?$"
)


def _heading(here: Here, item: str, limit: int = 200) -> str | None:
    """The nearest line above that names a file and no more. Only other items of the list lie between."""
    for text, _ in here.above(limit):
        if not text.strip() or re.match(item, text):
            continue
        headed = _CHECKING.match(text.strip())
        return headed["path"] if headed and plausible(tidy(headed["path"])) else None
    return None


def _module(here: Here) -> str | None:
    """pylint of old: `************* Module shop.cart` above its findings and the code they show."""
    for text, _ in here.above(400):
        if headed := re.match(r"\*{5,} Module (?P<name>[\w.]+)$", text):
            return headed["name"].replace(".", "/") + ".py"
        if not re.match(r"[CRWEFI]: *\d+, *\d+: |\s", text):
            break
    return None


def _lettered(match: re.Match[str], here: Here) -> Found | None:
    """nagelfar: `a.tcl: 7: E message`; rflint: `W: 2, 0: message (Rule)`."""
    groups = match.groupdict()
    path = groups.get("path") or _module(here) or _heading(here, r"[EWI]: \d+, \d+: |\s{2,}")
    if path is None:
        return None
    found = here.found(
        match["msg"], path, match["line"], column=groups.get("col"), code=groups.get("code"), tool=tool_of(path, None, "", here.step.command)
    )  # fmt: skip
    found.severity = _LETTERS.get(match["sev"], Severity.INFO)
    return found


def _plain(match: re.Match[str], here: Here) -> Found | None:
    path = _heading(here, r"\s+line \d+, col \d+: ")
    if path is None:
        return None
    tool = tool_of(path, None, match["msg"], here.step.command)
    return here.found(match["msg"], path, match["line"], column=match["col"], tool=tool)


def _snakemake(match: re.Match[str], here: Here) -> list[Found]:
    """`Lints for rule align (line 15, Snakefile):`, and the lints with their advice below."""
    findings = []
    for text, line in here.below(200):
        if not text.strip():
            break
        if told := re.match(r"    \* (?P<msg>.*?)(?: in line (?P<line>\d+))?:$", text):
            number = told["line"] or match["line"]
            findings.append(
                here.found(told["msg"].rstrip(".:"), match["path"] or match["rule"], number, severity=Severity.WARNING, tool="snakemake", at=line)
            )  # fmt: skip
    return findings


def _prisma(match: re.Match[str], here: Here) -> list[Found]:
    """`schema.prisma ✖`, then an object's name and place, then what is wrong with it."""
    findings, place = [], None
    for text, line in here.below(2000):
        if headed := re.match(r"  \S+ (?P<line>\d+):(?P<col>\d+)$", text):
            place = headed
        elif place and (
            told := re.match(r"    (?P<sev>error|warning) (?P<msg>.*?) (?P<code>[a-z]+(?:-[a-z]+)+)$", text)
        ):
            findings.append(
                here.found(
                    told["msg"], match["path"], place["line"], column=place["col"], code=told["code"], severity=severity_of(told["sev"]), at=line, tool="prisma-lint"
                )
            )  # fmt: skip
        else:
            break
    return findings


def _slower(match: re.Match[str], here: Here) -> list[Found] | None:
    """fasterer: a file's name, `Using x is slower than y. Occurred at lines: 4, 12.` below it."""
    path = _heading(here, r".* Occurred at lines: ")
    if path is None:
        return None
    return [here.found(match["msg"], path, number, tool="fasterer") for number in re.findall(r"\d+", match["lines"])]


def _alike(match: re.Match[str], here: Here) -> Found | None:
    """flay: `1) IDENTICAL code found in :defn (mass*2 = 148)`, the places below."""
    found = None
    for text, line in here.below(40):
        at = re.match(r"\s+(?:[A-Z]: ?)?(?P<path>\S+?):(?P<line>\d+)(?: \(.*\))?$", text)
        if not at:
            break
        here.claim(line)
        place = here.found(match["msg"], at["path"], at["line"], tool="flay")
        if found is None:
            found = place
        else:
            found.related.append(here.relate(place))
    return found


def _undocumented(_: re.Match[str], here: Here) -> list[Found]:
    """YARD: `Undocumented Objects:`, a name and its place a line."""
    findings: list[Found] = []
    for text, line in here.below(2000):
        told = re.match(r"\s*(?P<name>\S+)\s+\((?P<path>[^\s()]+):(?P<line>\d+)\)$", text)
        if told:
            findings.append(
                here.found(f"Undocumented: {told['name']}", told["path"], told["line"], severity=Severity.WARNING, tool="yard", at=line, last=line)
            )  # fmt: skip
        elif text.strip() or findings:
            break
    return findings


def _formatted(_: re.Match[str], here: Here) -> list[Found]:
    """oxfmt: `README.md (66ms)` a file, between two empty lines, above what is to be done about them."""
    findings: list[Found] = []
    for text, line in here.above(2000):
        if listed := re.match(r"(?P<path>\S+) \([\d.]+m?s\)$", text):
            findings.append(
                here.found("Not formatted: " + listed["path"], listed["path"], tool="oxfmt", at=line, last=line)
            )
        elif text.strip():
            break
    return findings


def _shader(match: re.Match[str], here: Here) -> Found | None:
    """glslang names its file above, and in a finding the number of the text among those compiled."""
    path = _heading(here, r"(?:ERROR|WARNING): ")
    if path is None:
        return None
    return here.found(match["msg"], path, match["line"], severity=severity_of(match["sev"]), tool="glslang")


def _sorry(match: re.Match[str], here: Here) -> Found | None:
    """Raku: what is wrong below its heading, and where: `at lib/Cart.rakumod:4`, `total used at line 12`."""
    told: list[str] = []
    for text, line in here.below(8):
        if at := re.match(r"at (?P<path>\S.*?):(?P<line>\d+)$|.* used at lines? (?P<used>\d+)", text):
            message = " ".join([*told, text.strip()] if at["used"] else told)
            return here.found(message, at["path"] or match["path"], at["line"] or at["used"], tool="raku", last=line)
        told.append(text.strip())
    return None


def _validated(match: re.Match[str], here: Here) -> list[Found]:
    """arm-ttk: a template, `[-] Template Should Not Contain Blanks (21 ms)`, then each place where it fails to."""
    findings: list[Found] = []
    code = None
    for text, line in here.below(2000):
        if ruled := re.match(r" {1,8}\[(?P<mark>.)\] (?P<rule>\S.*?)(?: \([\d.,]+ m?s\))?\s*$", text):
            code = ruled["rule"] if ruled["mark"] == "-" else None
        elif text[:1].strip():
            break
        elif code and text.strip():
            at = re.search(r"(?:found on |\b)[Ll]ine: ?(?P<line>\d+)", text)
            findings.append(
                here.found(
                    text.strip(), match["path"], at and at["line"], code=code, at=line, last=line, tool="arm-ttk"
                )
            )
    return findings


FAMILY = Family(
    name="listed",
    about="findings below a heading that names their file",
    names=(
        "rflint",
        "raku",
        "arm-ttk",
        "glslang",
        "snakemake",
        "prisma-lint",
        "fasterer",
        "flay",
        "oxfmt",
    ),
    rules=(
        Rule(
            ".tcl: ",
            r"(?P<path>[^\s:]+\.tcl): +(?P<line>\d+): (?P<sev>[EWN]) (?P<msg>\S.*)",
            _lettered,
        ),
        Rule(
            ("E:", "W:", "I:", "C:", "R:", "F:"),
            r"(?P<sev>[CRWEFI]): *(?P<line>\d+), *(?P<col>\d+): (?P<msg>\S.*?)(?: \((?P<code>[\w-]+)\))?$",
            _lettered,
            scan=r"[CRWEFI]: *[0-9]+, *[0-9]+: ",
        ),
        Rule(
            "Lints for ",
            r"Lints for (?:snakefile (?P<path>\S+)|rule \S+ \(line (?P<line>\d+), (?P<rule>\S+)\)):$",
            _snakemake,
        ),
        Rule(".prisma ✖", r"(?P<path>\S+\.prisma) ✖$", _prisma),
        Rule(", col ", r"\s+line (?P<line>\d+), col (?P<col>\d+): (?P<msg>\S.*)", _plain),
        Rule("Occurred at lines: ", r"(?P<msg>\S.*?)\.? Occurred at lines: (?P<lines>[\d, ]+)\.?$", _slower),
        Rule(" code found in ", r"\s*\d+\) (?P<msg>(?:IDENTICAL|Similar) code found in .*)", _alike),
        Rule("Undocumented Objects:", r"\s*Undocumented Objects:$", _undocumented),
        Rule("Format issues found in above ", r"Format issues found in above \d+ files?\.", _formatted),
        Rule(("ERROR: 0:", "WARNING: 0:"), r"(?P<sev>ERROR|WARNING): 0:(?P<line>[1-9]\d*): (?P<msg>.*)", _shader),
        Rule("===SORRY!===", r"===SORRY!=== Error while compiling (?P<path>\S+)$", _sorry),
        Rule("Validating ", r"Validating (?P<path>\S+\.json)(?:\s+\S+)?$", _validated),
    ),
    samples=(
        sample(
            "===SORRY!=== Error while compiling lib/Cart.rakumod\nVariable '$sum' is not declared.\nat lib/Cart.rakumod:4\n------> <BOL>⏏$sum = 42",
            "lib/Cart.rakumod:4 error",
            title="raku",
        ),
        sample(
            "Validating infra\\main.json  deploymentTemplate\n    [+] Secure String Parameters Cannot Have Default (3 ms)\n    [-] Template Should Not Contain Blanks (21 ms)\n        Empty property:  [] found on line: 28 Index:1331\n\n    [-] Variables Must Be Referenced (80 ms)\n        Unreferenced variable: zone",
            "infra/main.json:28 error",
            "infra/main.json error",
            title="arm-ttk",
        ),
        sample(
            "+ tests/cart.robot\nW: 2, 0: No suite documentation (RequireSuiteDocumentation)\nE: 9, 4: No testcase documentation (RequireTestDocumentation)",
            "tests/cart.robot:2 warning RequireSuiteDocumentation",
            "tests/cart.robot:9:4 error RequireTestDocumentation",
            title="rflint",
        ),
        sample(
            '************* Module shop.cart\nC: 15, 0: Invalid constant name "log" (invalid-name)\nC: 74, 0: Exactly one space required before assignment\n    total= 4\n         ^ (bad-whitespace)\nW:132, 0: Trailing whitespace (trailing-whitespace)',
            "shop/cart.py:15 info invalid-name",
            "shop/cart.py:74 info",
            "shop/cart.py:132 warning trailing-whitespace",
            title="pylint 1",
        ),
        sample(
            "shaders/sky.frag\nERROR: 0:14: 'fog' : undeclared identifier \nERROR: 1 compilation errors.  No code generated.",
            "shaders/sky.frag:14 error",
            title="glslang",
        ),
        sample(
            'Lints for snakefile /w/Snakefile:\n    * Absolute path "/data" in line 3:\n      Do not define absolute paths.\n\nLints for rule align (line 9, /w/Snakefile):\n    * No log directive defined:\n      Without a log directive, all output goes to the terminal.',
            "/w/Snakefile:3 warning",
            "/w/Snakefile:9 warning",
            title="snakemake --lint",
        ),
        sample(
            'db/schema.prisma ✖\n  Cart 3:1\n    error Model name must be mapped to "cart". model-name-mapping-snake-case\n  Cart.total 5:3\n    error Field must be mapped. field-name-mapping-snake-case\n',
            "db/schema.prisma:3:1 error model-name-mapping-snake-case",
            "db/schema.prisma:5:3 error field-name-mapping-snake-case",
            title="prisma-lint",
        ),
        sample(
            "lib/cart.rb\nUsing each_with_index is slower than while loop. Occurred at lines: 4, 12.\n\n1 files inspected, 2 offense detected",
            "lib/cart.rb:4 error",
            "lib/cart.rb:12 error",
            title="fasterer",
        ),
        sample(
            "1) IDENTICAL code found in :defn (mass*2 = 148)\n  lib/cart.rb:5\n  lib/order.rb:7\n\n2) Similar code found in :iter (mass = 40)\n  lib/user.rb:3\n  lib/item.rb:9",
            "lib/cart.rb:5 error",
            "lib/user.rb:3 error",
            title="flay",
        ),
        sample(
            " 65.53% documented\n\nUndocumented Objects:\nCart                (lib/cart.rb:1)\nCart::Item#price    (lib/item.rb:9)",
            "lib/cart.rb:1 warning",
            "lib/item.rb:9 warning",
            title="yard stats --list-undoc",
        ),
        sample(
            "Checking formatting...\n\nREADME.md (66ms)\nsrc/cart.ts (2ms)\n\nFormat issues found in above 2 files. Run without `--check` to fix.",
            "README.md error",
            "src/cart.ts error",
            title="oxfmt",
        ),
        sample(
            "web/index.html:\n\tline 3, col 5: Id redefinition of [ top ].",
            "web/index.html:3:5 error",
            title="htmlhint",
        ),
        sample("Reading the list\nLine 3: E major\nERROR: 0:4: no such chapter", title="no file"),
    ),
)
