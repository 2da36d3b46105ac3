"""`--format sarif`: SARIF 2.1.0, one run a tool. https://docs.oasis-open.org/sarif/sarif/v2.1.0/"""

from typing import Any
from urllib.parse import quote

import msgspec

from factory_ls.model.problem import Problem, Report, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.HINT: "note"}


def render(report: Report) -> str:
    tools: dict[str, list[Problem]] = {}
    for problem in report.problems:
        tools.setdefault(problem.tool, []).append(problem)
    runs: list[dict[str, Any]] = [_run(tool, problems) for tool, problems in tools.items()]
    if not runs:
        runs = [{"tool": {"driver": {"name": "factory-ls"}}, "results": []}]
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


def _run(tool: str, problems: list[Problem]) -> dict[str, Any]:
    rules = list(dict.fromkeys(problem.code for problem in problems if problem.code))
    return {
        "tool": {"driver": {"name": tool, "rules": [{"id": rule} for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, rules) for problem in problems],
    }


def _result(problem: Problem, rules: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "level": _LEVELS[problem.severity],
        "message": {"text": problem.message or problem.tool},
        "locations": [_location(problem)],
        "partialFingerprints": {"signature/v1": problem.signature or problem.id},
    }
    if problem.code:
        result |= {"ruleId": problem.code, "ruleIndex": rules.index(problem.code)}
    if problem.related:
        result["relatedLocations"] = [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(related.path)},
                    "region": {"startLine": related.line or 1},
                },
                "message": {"text": related.message},
            }
            for related in problem.related
        ]
    return result


def _location(problem: Problem) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(problem.path)}}
    if problem.line:
        region = {"startLine": problem.line, "startColumn": problem.column}
        region |= {"endLine": problem.end_line, "endColumn": problem.end_column}
        physical["region"] = {name: value for name, value in region.items() if value}
    return {"physicalLocation": physical}
