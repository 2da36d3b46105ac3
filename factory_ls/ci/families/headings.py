"""A heading that says what is wrong or in which file, and below it the places: scanners of templates, test runners.

S3 Bucket Without Versioning, Severity: MEDIUM, Results: 2
    [1]: modules/s3/main.tf:12
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _kics(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(300):
        if headed := re.match(r"(?P<msg>\S.*), Severity: (?P<sev>\w+), Results: \d+", text):
            return here.located(match, message=headed["msg"], severity=severity_of(headed["sev"]), tool="kics")
        if re.match(r"Results Summary", text):
            return None
    return None


def _cfn_nag(match: re.Match[str], here: Here) -> list[Found] | None:
    """`| WARN W35`, the lines' numbers, what is wrong; the file's name heads all of it."""
    numbers: list[str] = []
    message, last = "", here.line
    for text, line in here.below(12):
        body = text.strip(" |")
        if not text.startswith("|"):
            break
        if listed := re.match(r"Line Numbers: \[(.*)\]", body):
            numbers = re.findall(r"\d+", listed[1])
        elif body and not re.match(r"Resource(?:s)?: ", body):
            message = body
        last = line
    for text, _ in here.above(600):
        if re.match(r"[^\s|]+\.\w+$", text) and plausible(tidy(text)):
            here.claim(last)
            severity = Severity.WARNING if match["sev"] == "WARN" else Severity.ERROR
            return [
                here.found(message, text, number, severity=severity, code=match["code"], tool="cfn_nag")
                for number in numbers
            ]
    return None


def _cfn_lint(match: re.Match[str], here: Here) -> Found | None:
    """cfn-lint --format pretty: the template's name, `12:5:   E3012  message` below it."""
    for text, _ in here.above(400):
        if re.match(r"\S+\.(?:ya?ml|json|template)$", text):
            severity = {"W": Severity.WARNING, "I": Severity.INFO}.get(match["code"][0], Severity.ERROR)
            return here.found(
                match["msg"], text, match["line"], column=match["col"], code=match["code"], severity=severity, tool="cfn-lint"
            )  # fmt: skip
        if not re.match(r"\d+:\d+:\s", text):
            return None
    return None


def _parseable(match: re.Match[str], here: Here) -> Found | None:
    severity = {"W": Severity.WARNING, "I": Severity.INFO}.get(match["code"][0], Severity.ERROR)
    return here.located(match, severity=severity, tool="cfn-lint")


def _origin(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """Ansible since 2.19: `[ERROR]: what`, then `Origin: /w/site.yml:12:7`."""
    for text, _ in here.below(120):
        if text == "...ignoring":
            return []
        if re.match(r"(?:PLAY|TASK|RUNNING HANDLER) ", text):
            break
    for text, line in here.above(6):
        if told := re.match(
            r"(?:fatal: .*?=> |\[?(?P<sev>ERROR|WARNING|DEPRECATION WARNING)\]?!?:? )(?P<msg>\S.*)", text
        ):
            found = here.located(match, message=told["msg"], severity=severity_of(told["sev"]), tool="ansible")
            if found:
                found.log_line = line.number
                _caused(found, here)
            return found
    return None


_CAUSE = re.compile(r"Origin: (?P<path>(?:[A-Za-z]:)?[^\s:]+)(?::(?P<line>\d+)(?::(?P<col>\d+))?)?$")


def _caused(found: Found, here: Here) -> None:
    """Below `<<< caused by >>>` stands a nearer place: that of the last cause is where it is wrong."""
    caused = False
    for text, line in here.below(80):
        if text == "<<< caused by >>>":
            caused = True
        elif caused and (nearer := _CAUSE.match(text)):
            found.related.append(here.relate(found))
            cause = here.found(found.message, nearer["path"], nearer["line"], column=nearer["col"])
            found.path, found.printed, found.line, found.column = cause.path, cause.printed, cause.line, cause.column
            caused = False
            here.claim(line)
        elif re.match(r"fatal: |PLAY |TASK |\[", text):
            break


def _ward(match: re.Match[str], here: Here) -> Found | None:
    test = next((m["name"] for t, _ in here.above(3) if (m := re.match(r"\S+ \w+:\d+: ?(?P<name>.*)", t))), None)
    return here.found("assertion failed", match["path"], match["line"], tool="ward", test=test)


def _bash_unit(match: re.Match[str], here: Here) -> Found | None:
    """`Running test_add ... FAILURE`, what was expected, then the frames."""
    lines: list[str] = []
    for text, _ in here.above(20):
        if "FAILURE" in text and "Running" in text:
            told = next((line.strip() for line in reversed(lines) if line.strip()), "failed")
            return here.located(match, message=told, tool="bash_unit")
        if re.match(r"\S+:\d+:\w+\(\)$", text):
            return None
        lines.append(text)
    return None


def _steps(match: re.Match[str], here: Here) -> Found | None:
    """CodeceptJS: the step that failed is the first below `Scenario Steps:`; what is wrong stands above."""
    if not any(re.match(r"\s*Scenario Steps:", text) for text, _ in here.above(1)):
        return None
    told: list[str] = []
    name = None
    for text, _ in here.above(40):
        if headed := re.match(r"\s*\d+\) (?P<name>.*)", text):
            name = headed["name"]
            break
        told.append(text.strip())
    words = [line for line in reversed(told) if line and not re.match(r"at |Error$|Scenario Steps|\S+:$", line)]
    message = words[0] if words else "failed"
    return _named(here.found(message, match["path"], match["line"], column=match["col"], tool="codeceptjs"), name)


def _named(found: Found, name: str | None) -> Found:
    found.test = name
    return found


def _undefined(match: re.Match[str], here: Here) -> Found | None:
    """cucumber-js: a scenario whose steps nobody defined has no place but its own."""
    for text, _ in here.below(40):
        if re.match(r"\s*[✖×✗] ", text) or re.match(r"\d+\) Scenario", text):
            return None
        if told := re.match(r"\s+(?P<msg>(?:Undefined|Ambiguous|Multiple step definitions|Pending)\b.*)", text):
            return _named(here.found(told["msg"], match["path"], match["line"], tool="cucumber"), match["name"])
    return None


def _psalm(match: re.Match[str], here: Here) -> Found | None:
    """psalm --output-format=by-issue-level: `ERROR: UndefinedClass`, the place, what is wrong."""
    for above, line in here.above(1):
        if told := re.match(r"(?P<sev>ERROR|INFO): (?P<code>\w+)$", above):
            message = next((text for text, _ in here.below(1)), told["code"])
            return here.found(
                message,
                match["path"],
                match["line"],
                column=match["col"],
                severity=severity_of(told["sev"]),
                code=told["code"],
                tool="psalm",
                at=line,
            )
    return None


FAMILY = Family(
    name="headings",
    about="a heading, and below it the places",
    names=("kics", "cfn_nag", "cfn-lint", "ward", "bash_unit", "codeceptjs", "ansible"),
    rules=(
        Rule(
            "at ",
            r"at (?P<path>(?:[A-Za-z]:)?[^\s:]+\.php):(?P<line>\d+):(?P<col>\d+)$",
            _psalm,
            scan=r"at [^ \n]+\.php:[0-9]+:[0-9]+(?m:$)",
        ),
        Rule(
            "]: ",
            r"\s*\[\d+\]: (?P<path>[^\s:]+):(?P<line>\d+)$",
            _kics,
            scan=r"\[[0-9]+\]: [^ :\n]+:[0-9]+(?m:$)",
        ),
        Rule(("| WARN W", "| FAIL F"), r"\| (?P<sev>WARN|FAIL) (?P<code>[WF]\d+)$", _cfn_nag),
        Rule(
            ":",
            r"(?P<line>\d+):(?P<col>\d+):\s+(?P<code>[EWI]\d{4})\s+(?P<msg>\S.*)",
            _cfn_lint,
            scan=r"[0-9]:[0-9]+: +[EWI][0-9]{4} ",
        ),
        Rule(
            ":",
            r"(?P<path>[^\s:]+\.(?:ya?ml|json|template)):(?P<line>\d+):(?P<col>\d+):(?P<eline>\d+):(?P<ecol>\d+):(?P<code>[EWI]\d{4}):(?P<msg>.*)",
            _parseable,
            scan=r":[EWI][0-9]{4}:",
        ),
        Rule("Origin: ", r"Origin: (?P<path>(?:[A-Za-z]:)?[^\s:]+):(?P<line>\d+)(?::(?P<col>\d+))?$", _origin),
        Rule("Failure at ", r"\s*Failure at (?P<path>\S+):(?P<line>\d+)$", _ward),
        Rule(
            "()",
            r"(?P<path>[^\s:]+):(?P<line>\d+):(?P<test>\w+)\(\)$",
            _bash_unit,
            scan=r":[0-9]+:[a-z0-9_]+\(\)(?m:$)",
        ),
        Rule(
            "# Failure message: ",
            r"# Failure message: (?P<path>[^\s:]+):(?P<line>\d+): (?P<msg>.*)",
            tool="busted",
        ),
        Rule(
            " at Test.",
            r"\s+- .* at Test\.\S+ \((?P<path>[^\s:()]+):(?P<line>\d+):(?P<col>\d+)\)$",
            _steps,
        ),
        Rule(
            ") Scenario",
            r"\d+\) Scenario(?: Outline)?: (?P<name>.*?) # (?P<path>\S+\.feature):(?P<line>\d+)$",
            _undefined,
        ),
    ),
    samples=(
        sample(
            "S3 Bucket Without Versioning, Severity: MEDIUM, Results: 2\nDescription: x\n\n\t[1]: path/main.tf:12\n\n\t\t012: resource\n\n\t[2]: path/b.tf:3\n",
            "path/main.tf:12 warning",
            "path/b.tf:3 warning",
            title="kics",
        ),
        sample(
            'template.yaml\n------------\n| WARN W35\n|\n| Resource: ["Bucket"]\n| Line Numbers: [12, 20]\n|\n| S3 Bucket should have access logging\n------------\n',
            "template.yaml:12 warning W35",
            "template.yaml:20 warning W35",
            title="cfn_nag",
        ),
        sample(
            "[ERROR]: couldn't resolve module/action 'foo'.\nOrigin: /w/site.yml:12:7\n\n10   tasks:",
            "/w/site.yml:12:7 error",
            title="ansible 2.19",
        ),
        sample(
            "Running test_add ... FAILURE\n expected [1] but was [2]\ntests/test_cart.sh:12:test_add()",
            "tests/test_cart.sh:12 error",
            title="bash_unit",
        ),
    ),
)
