"""Reports in XML that a tool printed instead of writing them to a file: Checkstyle's format, which many speak."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re
from html import unescape

from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of

_ELEMENT = re.compile(
    r"<(?P<kind>file|error|violation|Issue)\b(?P<attributes>(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)"
)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TOOLS = {"eslint": "eslint", "shellcheck": "shellcheck", "com.puppycrawl": "checkstyle", "detekt": "detekt", "ktlint": "ktlint", "swiftlint": "swiftlint"}  # fmt: skip


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)}


def _checkstyle(_: re.Match[str], here: Here) -> list[Found] | None:
    """A line may hold a file, an error, or the whole report."""
    found: list[Found] = []
    memory = here.memory
    for element in _ELEMENT.finditer(here.text):
        values = _attributes(element["attributes"])
        if element["kind"] == "file":
            memory["checkstyle"] = values.get("name", "")
            continue
        path = values.get("file") if element["kind"] == "Issue" else memory.get("checkstyle")
        message = values.get("message")
        if not isinstance(path, str) or not path or message is None:
            continue
        source = values.get("source", "") or values.get("rule", "") or values.get("typeid", "")
        one = here.found(
            message,
            path,
            values["line"] if values.get("line", "").isdigit() else None,
            column=values["column"] if values.get("column", "").isdigit() else None,
            severity=severity_of(values.get("severity") or ("warning" if element["kind"] == "Issue" else None)),
            code=source.rsplit(".", 1)[-1].removesuffix("Check") or None,
            tool=next((tool for start, tool in _TOOLS.items() if source.lower().startswith(start)), "checkstyle"),
        )
        found.append(one)
    return found or None


FAMILY = Family(
    name="xml-reports",
    about="Checkstyle's XML, as printed by many tools",
    rules=(
        Rule(
            ("<file", "<error", "<Issue "),
            r".*<(?:file|error|Issue)\s+[\w:-]+\s*=",
            _checkstyle,
            scan=r"<(?:file|error|Issue)[ \t]+[A-Za-z]+ *= *[\"']",
        ),
    ),
    samples=(
        sample(
            "<checkstyle version='4.3'>\n<file name='deploy.sh' >\n<error line='3' column='6' severity='info' message='Double quote &#39;x&#39;.' source='ShellCheck.SC2086' />\n</file>\n</checkstyle>",
            "deploy.sh:3:6 info SC2086",
            title="shellcheck -f checkstyle",
        ),
    ),
)
