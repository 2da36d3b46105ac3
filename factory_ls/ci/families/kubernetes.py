"""What checks Kubernetes manifests, Helm charts and compose files: most tell of a file, few of a line."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of


def _chart(here: Here, path: str) -> str:
    """A chart's file as the repository knows it: `helm lint` prints it without the chart's folder."""
    for text, _ in here.above(60):
        if linted := re.match(r"==> Linting (?P<folder>\S+)", text):
            folder = linted["folder"].strip("./")
            name = folder.rsplit("/", 1)[-1]
            if path.startswith(f"{name}/"):
                path = path.removeprefix(f"{name}/")
            return f"{folder}/{path}" if folder else path
    return path


def _template(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, tool="helm")
    if found:
        found.path = found.printed = _chart(here, found.path)
    return found


def _linted(match: re.Match[str], here: Here) -> Found | None:
    if not any(text.startswith("==> Linting ") for text, _ in here.above(60)):
        return None
    found = here.located(match, tool="helm", severity=severity_of(match["sev"]))
    if found:
        found.path = found.printed = _chart(here, found.path)
    return found


def _score(match: re.Match[str], here: Here) -> list[Found] | None:
    """kube-score: `    path=a.yaml`, then `    [CRITICAL] what`, `        · why`."""
    found: list[Found] = []
    last = here.line
    for text, line in here.below(200):
        if graded := re.match(r"\s+\[(?P<sev>CRITICAL|WARNING)\] (?P<msg>.*)", text):
            one = here.found(
                graded["msg"], match["path"], severity=severity_of(graded["sev"]), tool="kube-score", at=line, last=line
            )
            found.append(one)
        elif why := re.match(r"\s+· (?P<why>.*)", text):
            if found and why["why"] not in found[-1].message:
                found[-1].message += f": {why['why']}"
        elif not text.startswith(" ") or "path=" in text:
            break
        last = line
    here.claim(last)
    return found or None


def _policy(match: re.Match[str], here: Here) -> Found | None:
    """`data.a.test_b: FAIL (1ms)`, then `  a_test.rego:12:` and the expression."""
    for text, _ in here.above(4):
        if failed := re.match(r"(?P<test>data\.\S+): (?P<how>FAIL|ERROR)\b", text):
            told = next((one.strip() for one, _ in here.below(1)), "")
            return here.located(match, message=f"{failed['test']}: {told}")
    return None


FAMILY = Family(
    name="kubernetes",
    about="helm, kubeconform, kubeval, kube-linter, kube-score, conftest, docker compose",
    names=("helm", "kubeconform", "kubeval", "kube-linter", "kube-score", "conftest", "compose"),
    rules=(
        Rule(".rego:", r"\s+(?P<path>\S+\.rego):(?P<line>\d+):$", _policy, tool="opa"),
        Rule(
            "template: ",
            r".*?template: (?P<path>[\w.-]+/(?:templates|charts)/[^\s:]+):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<msg>.*)",
            _template,
        ),
        Rule(
            "yaml: ",
            r"(?!.*:\d+:\d+)(?:.*?[\s(\"'])?(?P<path>[^\s:\"'()]+\.(?:ya?ml|tpl|json|md|markdown|toml))[\"')]*: .*?yaml: (?:unmarshal errors: *)?line (?P<line>\d+): (?P<msg>.*)",
            _template,
            scan=r"yaml: (?:unmarshal errors: *)?line [0-9]",
        ),
        Rule(
            ("[INFO] ", "[WARNING] ", "[ERROR] "),
            r"\[(?P<sev>INFO|WARNING|ERROR)\] (?P<path>(?:templates/)?[\w./-]+\.(?:ya?ml|tpl|txt|json)): (?P<msg>.*)",
            _linted,
        ),
        Rule(
            " is invalid: ",
            r"(?P<path>\S+\.(?:ya?ml|json)) - (?:\S+ \S+ )?is invalid: (?P<msg>.*)",
            tool="kubeconform",
        ),
        Rule(
            (" failed validation: ", " - error"),
            r"(?P<path>\S+\.(?:ya?ml|json)) - (?:\S+ \S+ )?(?:failed validation: |error: |error while )(?P<msg>(?:.*? line (?P<line>\d+): )?.*)",
            tool="kubeconform",
        ),
        Rule(
            ("WARN - ", "ERR  - "),
            r"(?P<sev>WARN|ERR)\s+- (?P<path>\S+\.(?:ya?ml|json))(?P<msg> contains an invalid .*|: .*)",
            lambda match, here: (
                here.located(match, message=match["msg"].strip(" :"), tool="kubeval")
                if "contains an" not in match["msg"]
                else here.found(match["msg"].strip(), match["path"], tool="kubeval")
            ),
        ),
        Rule(
            "(check: ",
            r"(?P<path>\S+\.(?:ya?ml|json)): \(object: [^)]*\) (?P<msg>.*?) \(check: (?P<code>[\w-]+).*",
            tool="kube-linter",
        ),
        Rule("path=", r"\s+path=(?P<path>\S+\.(?:ya?ml|json))$", _score),
        Rule(
            ("FAIL - ", "WARN - "),
            r"(?P<sev>FAIL|WARN) - (?P<path>\S+\.\w+|Dockerfile\S*) - (?P<code>[\w.-]+) - (?P<msg>.*)",
            tool="conftest",
        ),
        Rule(
            ("validating ", "parsing "),
            r"(?:.*\s)?(?:validating|parsing) (?P<path>\S+\.ya?ml): (?P<msg>(?!.*line \d)(?!.*\(\d+:\d+\)$).+)",
            tool="compose",
        ),
    ),
    samples=(
        sample(
            '==> Linting charts/web\n[INFO] Chart.yaml: icon is recommended\n[ERROR] templates/: template: web/templates/a.yaml:12:20: executing "web/templates/a.yaml" at <.Values.x.y>: nil pointer evaluating interface {}.y',
            "charts/web/Chart.yaml info",
            "charts/web/templates/a.yaml:12:20 error",
            title="helm lint",
        ),
        sample(
            "k8s/a.yaml - Deployment web is invalid: problem validating schema: expected integer, but got string\nk8s/b.yaml - Service web is valid",
            "k8s/a.yaml error",
            title="kubeconform",
        ),
        sample(
            "k8s/a.yaml: (object: <no namespace>/web apps/v1, Kind=Deployment) container has no limits (check: unset-cpu-requirements, remediation: Set it.)",
            "k8s/a.yaml error unset-cpu-requirements",
            title="kube-linter",
        ),
        sample(
            "FAIL - k8s/a.yaml - main - Containers must not run as root",
            "k8s/a.yaml error main",
            title="conftest",
        ),
        sample(
            "parsing /w/docker-compose.yml: yaml: line 12: mapping values are not allowed in this context",
            "/w/docker-compose.yml:12 error",
            title="docker compose",
        ),
    ),
)
