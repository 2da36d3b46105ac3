"""Docker builds, Terraform, Ansible, Helm, shells and what checks their files."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _buildkit(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`Dockerfile:17`, a rule, lines with `>>>` before the failing one, a rule, `ERROR: …`."""
    ruled, told, last, message = False, here.line, here.line, ""
    marked = None
    for text, line in here.below(40):
        if re.match(r"-{10,}$", text):
            ruled = True
        elif marked is None and (pointed := re.match(r"\s*(?P<line>\d+) \| >>> ", text)):
            marked = pointed["line"]
        elif ruled and re.match(r"(?:\S+: )?(?:ERROR|error|WARNING): ", text):
            message, told, last = re.sub(r"^(?:ERROR|error): ", "", text), line, line
            break
        if not ruled:
            return None
        last = line
    if not message:
        # `docker build --check`: `WARN: Rule - link`, what is wrong, the place.
        above = [text for text, _ in here.above(2)]
        if ruled and len(above) == 2 and (warned := re.match(r"(?P<sev>WARN\w*|ERROR): (?P<code>\w+) - ", above[1])):
            return here.located(
                match, message=above[0].strip(), code=warned["code"], severity=severity_of(warned["sev"]), tool="docker"
            )
        return None
    here.claim(last)
    if any(isinstance(one, Found) and one.line and one.step is here.step for one in [here.memory.get("compiler")]):
        return []
    message = re.sub(r"^failed to (?:build: )?(?:failed to )?solve: ", "", message.removeprefix("failed to build: "))
    found = here.found(message, match["path"], match["line"] or marked, at=told, tool="docker")
    found.excerpt = here.found("", at=here.line, last=last).excerpt
    return found


def _terraform(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`Error: summary`, empty line, `  on main.tf line 3, in resource "x" "y":`."""
    for count, (text, line) in enumerate(here.below(4)):
        if located := re.match(r"\s*(?:│\s*)?(?:with .*)?on (?P<path>\S+) line (?P<line>\d+)(?:, in .*)?:?$", text):
            here.claim(line)
            summary = match["msg"].strip()
            code = re.search(r" \((?P<code>[a-z]\w+)\)$", summary)
            found = here.found(
                summary, located["path"], located["line"], severity=severity_of(match["sev"]), last=here.paragraph(10)
            )
            found.tool = "tflint" if code else "terraform"
            found.code = code["code"] if code else None
            return found
        if count > 2 and text.strip(" │") and not text.strip(" │").startswith("with "):
            return None
    return None


def _on_line(match: re.Match[str], here: Here) -> Found | None:
    """Terraform's place without an `Error:` right above (older layouts)."""
    for text, line in here.above(6):
        if told := re.match(r"\s*(?:[│╷] *)?(?:[A-Z]+ +)?(?P<sev>Error|Warning)[:!]? (?P<msg>.*)", text):
            return here.found(
                told["msg"], match["path"], match["line"], severity=severity_of(told["sev"]), at=line, tool="terraform"
            )
    return None


def _shellcheck(match: re.Match[str], here: Here) -> list[Found] | None:
    """`In deploy.sh line 3:`, the line, and carets with codes: several findings in one."""
    found, last = [], here.line
    for count, (text, line) in enumerate(here.below(12)):
        if not count and not text.strip():
            continue  # an empty line is wrong
        if not text.strip() or text.startswith("In "):
            break
        last = line
        if told := re.match(r"\s*\^-*\^? (?P<code>SC\d+)(?: \((?P<sev>\w+)\))?: (?P<msg>.*)", text):
            one = here.found(
                told["msg"],
                match["path"],
                match["line"],
                severity=severity_of(told["sev"]),
                code=told["code"],
                tool="shellcheck",
                at=line,
            )
            one.column = len(text) - len(text.lstrip()) + 1
            one.gates = True
            found.append(one)
    if found:
        here.claim(last)
        for one in found:
            one.excerpt = here.found("", last=last).excerpt
    return found or None


def _ansible(match: re.Match[str], here: Here) -> Found | None:
    message = "not valid"
    for text, _ in here.above(8):
        if told := re.match(r"(?:ERROR! |.*\bmsg: |fatal: .*?\"msg\": \")(?P<msg>.*)", text):
            message = told["msg"]
            break
    return here.found(message, match["path"], match["line"], column=match["col"], tool="ansible")


def _ansible_lint(match: re.Match[str], here: Here) -> Found | None:
    """`rule[part]: message` on a line of its own, the place on the next."""
    for text, line in here.below(2):
        if located := re.match(
            r"(?P<path>[^\s:]+\.ya?ml|[^\s:]+/[^\s:]+):(?P<line>\d+)(?::(?P<col>\d+))?(?: .*)?$", text
        ):
            here.claim(line)
            severity = Severity.WARNING if "(warning)" in match["msg"] else Severity.ERROR
            return here.found(
                match["msg"],
                located["path"],
                located["line"],
                column=located["col"],
                severity=severity,
                code=match["code"],
                tool="ansible-lint",
            )
    return None


def _ansible_task(match: re.Match[str], here: Here) -> Found | None:
    """The place of a rule without a part: `no-changed-when: message` on the line above."""
    for text, line in here.above(1):
        if told := re.match(r"(?P<code>[a-z][a-z-]*(?:\[[^\]]+\])?): (?P<msg>.*)", text):
            found = here.located(match, message=told["msg"], code=told["code"], tool="ansible-lint")
            if found:
                found.log_line = line.number
                found.severity = Severity.WARNING if told["msg"].endswith("(warning)") else Severity.ERROR
            return found
    return None


def _checkov(match: re.Match[str], here: Here) -> Found | None:
    failed = False
    for text, line in here.below(8):
        if re.match(r"\s*(?:FAILED|PASSED) for", text):
            failed = "FAILED" in text
        if located := re.match(r"\s*File: (?P<path>/?\S+?):(?P<line>\d+)(?:-(?P<end>\d+))?", text):
            here.claim(line)
            if not failed:
                return None
            path = located["path"].lstrip("/")
            return here.found(match["msg"], path, located["line"], code=match["code"], tool="checkov")
    return None


def _bats(match: re.Match[str], here: Here) -> Found | None:
    message, last = "", here.line
    for count, (text, line) in enumerate(here.below(4)):
        if count == 0:
            message, last = text.strip(" #"), line
    here.claim(last)
    test = next((m[1] for m in (re.match(r"\s*(?:✗ |not ok \d+ )(.*)", text) for text, _ in here.above(3)) if m), None)
    return here.found(message, match["path"], match["line"], tool="bats", test=test)


def _cfn(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(1):
        if located := re.match(r"(?P<path>\S+):(?P<line>\d+):(?P<col>\d+)$", text):
            here.claim(line)
            severity = {"W": Severity.WARNING, "I": Severity.INFO}.get(match["code"][0], Severity.ERROR)
            return here.found(
                match["msg"],
                located["path"],
                located["line"],
                column=located["col"],
                severity=severity,
                code=match["code"],
                tool="cfn-lint",
            )
    return None


def _scenario(match: re.Match[str], here: Here) -> Found | None:
    """behave and cucumber: the list of failed scenarios at the end. What failed in each is above, at its step."""
    name = match["name"].strip()
    if not any(re.match(r"(?:Failing|Errored|Failed) [Ss]cenarios", text) for text, _ in here.above(60)):
        return None
    found = here.found(f"Scenario failed: {name}", match["path"], match["line"], tool="cucumber", test=name)
    found.summary = True
    return found


def _tcl(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.above(60):
        if re.match(r"    while executing", text):
            for message, at in Here(line, text, here.peel, here.step, here.memory).above(1):
                return here.found(message, match["path"], match["line"], at=at, last=here.line, tool="tcl")
    return None


def _helm(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, tool="helm")


FAMILY = Family(
    name="infra",
    about="docker build, Terraform, tflint, Ansible, checkov, Helm, shellcheck, hadolint, bats",
    names=(
        "docker",
        "terraform",
        "tflint",
        "ansible",
        "ansible-lint",
        "checkov",
        "helm",
        "shellcheck",
        "hadolint",
        "bats",
        "puppet",
        "cfn-lint",
        "cucumber",
        "behave",
        "tcl",
    ),
    rules=(
        Rule(
            ("ockerfile", "ontainerfile"),
            r"(?P<path>[\w./-]*(?:[Dd]ocker|[Cc]ontainer)file[\w.-]*)(?::(?P<line>\d+))?$",
            _buildkit,
        ),
        Rule(
            ("ockerfile", "-:"),
            r"(?P<path>[\w./-]*(?:[Dd]ocker|[Cc]ontainer)file[\w.-]*|-):(?P<line>\d+) (?P<code>(?:DL|SC)\d{4}) (?:(?P<sev>error|warning|info|style): )?(?P<msg>.*)",
            tool="hadolint",
        ),
        Rule(
            "ockerfile",
            r"(?P<path>[\w./-]*[Dd]ockerfile[\w.-]*):(?P<line>\d+):(?P<col>\d+) (?P<msg>(?:unexpected|invalid|missing) .*)",
            tool="hadolint",
        ),
        Rule(("Error: ", "Warning: "), r"\s*(?P<sev>Error|Warning): (?:\[\w+\] )?(?P<msg>.*)", _terraform),
        Rule(
            "on ",
            r"\s*on (?P<path>\S+\.(?:tf|tfvars|hcl|tofu)(?:\.json)?) line (?P<line>\d+)",
            _on_line,
            scan=r" on [^ \n]+ line [0-9]",
        ),
        Rule(
            "In ",
            r"(?:(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?\[\w+ *\]\s+)?\[?In (?P<path>\S.*?) line (?P<line>\d+):$",
            _shellcheck,
        ),
        Rule(
            "The error appears to be in '",
            r".*The error appears to (?:be|have been) in '(?P<path>[^']+)': line (?P<line>\d+), column (?P<col>\d+)",
            _ansible,
        ),
        Rule("]: ", r"(?P<code>[a-z][a-z-]*(?:\[[\w-]+\])): (?P<msg>.*)", _ansible_lint),
        Rule(
            "(warning)",
            r"(?P<path>[^\s:]+):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<code>[a-z][\w-]+(?:\[[^\]]+\])?): (?P<msg>.*) \((?P<sev>warning)\)$",
            tool="ansible-lint",
        ),
        Rule(
            (".yml:", ".yaml:"),
            r"(?P<path>[^\s:]+\.ya?ml):(?P<line>\d+)(?::(?P<col>\d+))? (?:Task/Handler|Play|Block)\b.*",
            _ansible_task,
            scan=r"\.ya?ml:[0-9:]+ (?:Task|Play|Block)",
        ),
        Rule("Check: CKV", r"Check: (?P<code>CKV\w+): \"?(?P<msg>.*?)\"?$", _checkov),
        Rule(
            "in test file ",
            r"\s*#?\s*\(?(?:from function .* )?in test file (?P<path>[^,]+), line (?P<line>\d+)\)",
            _bats,
        ),
        Rule(
            (".yaml:", ".tpl:", ".yml:"),
            r".*?\((?P<path>[\w.-]+/(?:templates|charts)/\S+?):(?P<line>\d+)(?::(?P<col>\d+))?\): (?P<msg>.*)",
            _helm,
        ),
        Rule(
            "YAML parse error on ", r".*?YAML parse error on (?P<path>\S+?): (?P<msg>.*line (?P<line>\d+): .*)", _helm
        ),
        Rule(tuple("EWI"), r"(?P<code>[EWI]\d{4}) (?P<msg>.*)", _cfn, scan=r"(?m:^|[ \t])[EWI][0-9]{4} "),
        Rule(
            ".feature:",
            r"\s*(?:cucumber |behave )?(?P<path>\S+\.feature):(?P<line>\d+)\s+(?:# )?(?:Scenario(?: Outline)?: )?(?P<name>.*)",
            _scenario,
        ),
        Rule('(file "', r"\s+\(file \"(?P<path>[^\"]+)\" line (?P<line>\d+)\)", _tcl),
        Rule(
            (" - ERROR: ", " - WARNING: "),
            r"(?P<path>\S+\.pp) - (?P<sev>ERROR|WARNING): (?P<msg>.*?) on line (?P<line>\d+)(?: col(?:umn)? (?P<col>\d+))?",
            tool="puppet-lint",
        ),
        Rule(
            "(file: ",
            r"(?P<sev>Error|Warning): (?P<msg>.*?) \(file: (?P<path>[^,)]+), line: (?P<line>\d+)(?:, column: (?P<col>\d+))?\)",
            tool="puppet",
        ),
    ),
    samples=(
        sample(
            """
#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2
------
 > [3/3] RUN make:
------
Dockerfile:4
--------------------
   2 |     WORKDIR /app
   3 |     COPY . .
   4 | >>> RUN make
--------------------
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2
""",
            "Dockerfile:4 error",
            title="BuildKit",
        ),
        sample(
            "Dockerfile:3 DL3008 warning: Pin versions in apt get install",
            "Dockerfile:3 warning DL3008",
            title="hadolint",
        ),
        sample(
            '╷\n│ Error: Unsupported argument\n│ \n│   on main.tf line 3, in resource "null_resource" "a":\n│    3:   colour = "red"\n╵',
            "main.tf:3 error",
            title="terraform",
        ),
        sample(
            "In deploy.sh line 3:\necho $1\n     ^-- SC2086 (info): Double quote to prevent globbing.\n",
            "deploy.sh:3:6 info SC2086",
            title="shellcheck",
        ),
        sample(
            "yaml[line-length]: Line too long (170 > 160 characters)\nroles/web/tasks/main.yml:12\n",
            "roles/web/tasks/main.yml:12 error yaml[line-length]",
            title="ansible-lint",
        ),
        sample(
            'Check: CKV_AWS_20: "S3 Bucket has an ACL defined"\n\tFAILED for resource: aws_s3_bucket.b\n\tFile: /main.tf:3-8',
            "main.tf:3 error CKV_AWS_20",
            title="checkov",
        ),
        sample(
            " ✗ adds\n   (in test file test/a.bats, line 3)\n     `[ 1 -eq 2 ]' failed",
            "test/a.bats:3 error",
            title="bats",
        ),
    ),
)
