"""Findings told as records: a name and a value a line. Secrets scanners, brakeman, regal and others.

Finding:  api_key = "REDACTED"
RuleID:   generic-api-key
File:     config/prod.env
Line:     12
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.ci.window import Line

_PAIR = re.compile(r"\s*[-*•]?\s*(?P<key>[A-Z][A-Za-z]*(?: ?[A-Z]?[A-Za-z]+)?)\s*:\s+(?P<value>\S.*)$")
_PLACE = re.compile(r"(?P<path>(?:[A-Za-z]:)?[^\s:]+)(?::(?P<line>\d+)(?::(?P<col>\d+))?)?$")
_MESSAGES = ("message", "title", "description", "issue", "problem", "text", "summary", "secrettype", "detectortype", "ruleid", "rule", "check", "category", "warningtype", "heading")  # fmt: skip
_GRAVE = re.compile(
    r"\w .*(?i:error|warn|missing|invalid|unsafe|insecure|vulnerab|secret|leak|confidence|violation|fail|injection)"
)
_RULES = ("ruleid", "rule", "check", "code", "secrettype", "detectortype", "warningtype")
_SEVERITIES = ("severity", "level")


def _pairs(here: Here) -> tuple[dict[str, str], Line, Line]:
    """The record around this line: its pairs by lower-case name, and its first and last lines."""
    pairs: dict[str, str] = {}
    first = last = here.line

    def take(text: str) -> bool:
        if pair := _PAIR.match(text):
            pairs.setdefault(pair["key"].lower().replace(" ", ""), pair["value"].strip())
        return bool(text.strip()) and (bool(pair) or text.startswith((" ", "\t")))

    take(here.text)
    for text, line in here.above(12):
        if not take(text):
            # A heading right above says what the record is of.
            if _GRAVE.search(text):
                pairs.setdefault("heading", text.strip())
            break
        first = line
    for text, line in here.below(10):
        if not take(text):
            break
        last = line
    return pairs, first, last


def _announced(here: Here) -> str:
    """What an `ERROR` some lines above says, where the place is told on its own: gatsby."""
    lines: list[str] = []
    for text, _ in here.above(25):
        if re.match(r"[\s─]*(?:ERROR|Error|error|✖|×|WARN(?:ING)?)\b", text):
            return next((line for line in reversed(lines) if line), text.strip())
        lines.append(text.strip())
    return ""


def _record(match: re.Match[str], here: Here) -> Found | None:
    pairs, first, last = _pairs(here)
    place = _PLACE.match(match["value"].strip())
    if not place or not plausible(tidy(place["path"])):
        return None
    number = place["line"] or pairs.get("line") or pairs.get("linenumber") or pairs.get("startline") or ""
    told = next((pairs[name] for name in _MESSAGES if pairs.get(name)), "") or (place["line"] and _announced(here))
    numbered = re.match(r"\d+", number)
    if not numbered or not told:
        return None
    here.claim(last)
    severity = next((pairs[name] for name in _SEVERITIES if pairs.get(name)), None)
    found = here.found(
        told,
        place["path"],
        numbered[0],
        column=place["col"],
        code=next((pairs[name] for name in _RULES if pairs.get(name)), None),
        severity=severity_of(severity or ("warning" if "confidence" in pairs else None)),
        at=first,
        last=last,
        tool=_tool(pairs),
    )
    found.log_line = here.line.number
    found.gates = True
    return found


def _tool(pairs: dict[str, str]) -> str:
    for key, tool in (("ruleid", "gitleaks"), ("detectortype", "trufflehog"), ("secrettype", "detect-secrets")):
        if key in pairs:
            return tool
    if "confidence" in pairs and ("check" in pairs or "warningtype" in pairs):
        return "brakeman"
    return "regal" if "styra.com/regal" in pairs.get("documentation", "") else ""


_YAML = re.compile(r"(?P<indent>\s*(?:- )?)(?P<key>[a-z_]+): (?P<value>\S.*)$")


def _yaml(match: re.Match[str], here: Here) -> Found | None:
    """A report in YAML: the keys beside the line's number, and the file's name there or further out."""
    indent, pairs, path = len(match["indent"]), dict[str, str](), ""
    above, below = [text for text, _ in here.above(60)], [text for text, _ in here.below(12)]
    for lines in (below, above if not match["indent"].endswith("- ") else []):
        for text in lines:
            pair = _YAML.match(text)
            if text.strip() and len(text) - len(text.lstrip(" ")) < indent - 2:
                break
            if pair and len(pair["indent"]) == indent:
                if lines is below and pair["indent"].endswith("- "):
                    break
                pairs.setdefault(pair["key"], pair["value"].strip(" '\""))
                if pair["indent"].endswith("- "):
                    break
    for text in above:
        pair = _YAML.match(text)
        if pair and len(pair["indent"]) < indent and pair["key"] in ("filename", "filepath", "file", "path"):
            path = pair["value"].strip(" '\"")
            break
    path = next((pairs[key] for key in ("filename", "filepath", "file") if key in pairs), path)
    told = next((pairs[key] for key in ("issue_text", "message", "description", "details") if key in pairs), "")
    if not told or not plausible(tidy(path)):
        return None
    severity = severity_of(pairs.get("issue_severity") or pairs.get("severity"))
    code = pairs.get("test_id") or pairs.get("rule_id") or pairs.get("code")
    return here.found(told, path, match["line"], severity=severity, code=code)


FAMILY = Family(
    name="records",
    about="findings told as records of names and values",
    names=("trufflehog", "detect-secrets", "brakeman", "regal"),
    rules=(
        Rule(
            ("File", "Location", "Path", "Filename", "ScriptName"),
            r"\s*[-*•]?\s*(?:File|Location|Path|Filename|File path|ScriptName)\s*:\s+(?:\S+ \((?=/))?(?P<value>[^\s()]+)\)?$",
            _record,
            scan=r"(?m:(?:File|Location|Path|Filename|File path|ScriptName) *:[ \t]+[^ \n]+(?: \(/[^ \n]+\))?[ \t]*$)",
        ),
        Rule(
            "line",
            r"(?P<indent>\s*(?:- )?)(?:line_number|start_line_no|line): ['\"]?(?P<line>\d+)['\"]?$",
            _yaml,
            scan=r"(?:line_number|start_line_no|  line): ['\"]?[0-9]+['\"]?(?m:$)",
        ),
    ),
    samples=(
        sample(
            "Confidence: High\nCategory: SQL Injection\nCheck: SQL\nMessage: Possible SQL injection\nFile: app/models/user.rb\nLine: 9\n",
            "app/models/user.rb:9 warning SQL",
            title="brakeman",
        ),
        sample(
            "ERROR: Potential secrets about to be committed to git repo!\n\nSecret Type: Secret Keyword\nLocation:    config/prod.env:12\n",
            "config/prod.env:12 error Secret Keyword",
            title="detect-secrets",
        ),
        sample("Name: shop\nFile: dist/shop.js\nSize: 12 kB\n", title="no finding"),
    ),
)
