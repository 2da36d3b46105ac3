"""go build, vet, modules; golangci-lint, staticcheck and other linters that print like them."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.model.problem import Related, Severity

_LINTER = re.compile(r"(?P<msg>.*?) \((?P<code>[A-Za-z][\w-]*)\)$")


def _source(match: re.Match[str], here: Here) -> Found | None:
    message = match["msg"]
    if re.match(r"\d+:|\s*$|\+0x|\[?(?:INFO|DEBUG)\b", message):
        return None
    found = here.located(match)
    if found is None:
        return None
    word = match["sev"]
    found.severity = severity_of(word) if word else Severity.ERROR
    if linter := _LINTER.match(message):
        found.code, found.message = linter["code"], linter["msg"]
        found.tool = (
            "staticcheck" if re.fullmatch(r"(?:SA|S|ST|QF|U)\d{4}|compile", linter["code"]) else "golangci-lint"
        )
    else:
        found.tool = "go vet" if match["vet"] else "go"
    if found.external:
        return None
    here.memory["go"] = found
    return found


def _other(match: re.Match[str], here: Here) -> list[Found]:
    """`⇥a.go:3:6: other declaration of F`: the line above has the problem."""
    previous = here.memory.get("go")
    if isinstance(previous, Found):
        previous.related.append(Related(path=match["path"], line=int(match["line"]), message=match["msg"]))
    return []


def _friendly(match: re.Match[str], here: Here) -> Found | None:
    """revive's friendly format: how bad, the rule and what is wrong; below it the place."""
    for text, line in here.below(1):
        if one := re.match(r"\s+(?P<path>\S+\.go):(?P<line>\d+):(?P<col>\d+)$", text):
            here.claim(line)
            severity = Severity.WARNING if match["mark"] == "⚠" else Severity.ERROR
            return here.found(match["msg"], one["path"], one["line"], column=one["col"], code=match["code"], severity=severity, tool="revive", last=line)  # fmt: skip
    return None


FAMILY = Family(
    name="go",
    about="build, vet, modules, linters",
    names=("go vet", "golangci-lint", "staticcheck"),
    rules=(
        Rule("revive.run/r#", r"\s*(?P<mark>[✘⚠])\s+\S*revive\.run/r#(?P<code>[\w-]+)\s+(?P<msg>.*)", _friendly),
        Rule(
            ".go:",
            r"\t(?P<path>\S+\.go):(?P<line>\d+):\d+: (?P<msg>(?:other |previous |first ).*)",
            _other,
            scan=r"\.go:[0-9]+",
        ),
        Rule(
            ("go.mod:", "go.work:", "go.sum:"),
            r"(?P<path>\S*go\.(?:mod|work|sum)):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<msg>.*)",
        ),
        Rule(
            ("import cycle not allowed", "found packages "),
            r"(?P<msg>.*: import cycle not allowed.*|found packages \S+ \(.*)",
            lambda match, here: here.found(match["msg"]),
        ),
        Rule(
            "cannot find module providing package",
            r"\t(?P<msg>\S+: cannot find module providing package .*)",
            lambda match, here: here.found(match["msg"]),
        ),
        Rule(
            "go: ",
            r"go: (?P<msg>.*(?:cannot find|no required module|missing go\.sum|updates to go\.(?:mod|sum|work) needed|inconsistent vendoring|unknown revision|404 Not Found|invalid version|requires go >= ).*)",
            lambda match, here: here.found(match["msg"]),
            scan=r"go: .*(?:cannot find|no required|missing go|updates to|inconsistent v|unknown rev|404 Not|invalid ver|requires go)",
        ),
        Rule(
            ".go:",
            r"(?P<vet>vet: )?(?P<path>(?:[A-Za-z]:)?[^\s:\"'()]+\.go):(?P<line>\d+)(?::(?P<col>\d+))?:? +(?:(?P<sev>error|warning|note|info): )?(?P<msg>\S.*)",
            _source,
            scan=r"\.go:[0-9]+",
        ),
    ),
    samples=(
        sample(
            """
# example.com/shop/cart
cart/cart.go:12:9: undefined: total
vet: ./main.go:5:2: result of fmt.Sprintf call not used
""",
            "cart/cart.go:12:9 error",
            "main.go:5:2 error",
        ),
        sample("internal/a.go:3:1: exported func A should have comment (revive)", "internal/a.go:3:1 error revive"),
    ),
)
