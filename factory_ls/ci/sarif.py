"""SARIF 2.1.0, as code scanners and linters write it. https://docs.oasis-open.org/sarif/sarif/v2.1.0/"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from factory_ls.ci.here import Found
from factory_ls.ci.paths import plausible, tidy
from factory_ls.model.problem import Related, Severity
from factory_ls.model.text import clean

_LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING, "note": Severity.INFO, "none": Severity.HINT}
_FAILING = ("fail", "review", "open")
_MOST_RELATED = 8


def read(data: bytes) -> Iterator[Found]:
    """The results that speak of something wrong. ValueError when it is no SARIF."""
    try:
        document = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    runs = _list(_dict(document), "runs")
    if "runs" not in _dict(document):
        raise ValueError("it has no `runs`")
    for run in map(_dict, runs):
        driver = _dict(_dict(run.get("tool")).get("driver"))
        rules = [_dict(rule) for rule in _list(driver, "rules")]
        by_id = {_text(rule.get("id")): rule for rule in rules}
        tool = clean(_text(driver.get("name"))).strip().lower() or "sarif"
        for result in map(_dict, _list(run, "results")):
            if (found := _found(result, tool, rules, by_id, run)) is not None:
                yield found


def _found(
    result: dict[str, Any],
    tool: str,
    rules: list[dict[str, Any]],
    by_id: dict[str, dict[str, Any]],
    run: dict[str, Any],
) -> Found | None:
    if result.get("kind", "fail") not in _FAILING or result.get("baselineState") == "absent":
        return None
    if any(_dict(one).get("status", "accepted") == "accepted" for one in _list(result, "suppressions")):
        return None
    named = _dict(result.get("rule"))
    index = result.get("ruleIndex", named.get("index"))
    rule = rules[index] if isinstance(index, int) and 0 <= index < len(rules) else {}
    code = _text(result.get("ruleId")) or _text(named.get("id")) or _text(rule.get("id"))
    rule = rule or by_id.get(code) or by_id.get(code.split("/")[0]) or {}
    level = _text(result.get("level")) or _text(_dict(rule.get("defaultConfiguration")).get("level")) or "warning"
    message = _message(_dict(result.get("message")), rule)
    found = Found(tool=tool, message=message[:2000] or code or tool, severity=_LEVELS.get(level, Severity.WARNING))
    found.code = clean(code) or None
    found.excerpt = message[:2000]
    places = [place for one in _list(result, "locations") if (place := _place(_dict(one), run)) is not None]
    if places:
        (found.printed, region), *others = places
        found.path = tidy(found.printed)
        found.line, found.column = _number(region, "startLine"), _number(region, "startColumn")
        found.end_line, found.end_column = _number(region, "endLine"), _number(region, "endColumn")
        found.related = [_related(path, region, "also here") for path, region in others[:_MOST_RELATED]]
    for one in map(_dict, _list(result, "relatedLocations")[:_MOST_RELATED]):
        if place := _place(one, run):
            found.related.append(_related(*place, _text(_dict(one.get("message")).get("text")) or "see also"))
    return found


def _related(path: str, region: dict[str, Any], message: str) -> Related:
    return Related(path=tidy(path), line=_number(region, "startLine"), message=clean(message)[:500])


def _message(message: dict[str, Any], rule: dict[str, Any]) -> str:
    text = _text(message.get("text")) or _text(message.get("markdown"))
    if not text:
        text = _text(_dict(_dict(rule.get("messageStrings")).get(_text(message.get("id")))).get("text"))
        text = text or _text(_dict(rule.get("shortDescription")).get("text"))
    arguments = [_text(one) for one in _list(message, "arguments")]
    text = re.sub(r"\{(\d{1,3})\}", lambda m: arguments[int(m[1])] if int(m[1]) < len(arguments) else m[0], text[:4000])
    # `[text](link)` stands for a link; the numbered ones lead to related locations.
    return clean(re.sub(r"(?<!\\)\[([^\]\n]{1,200})\]\([^()\s]{1,500}\)", r"\1", text)).strip()


def _place(location: dict[str, Any], run: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    physical = _dict(location.get("physicalLocation"))
    artifact = _dict(physical.get("artifactLocation"))
    index, artifacts = artifact.get("index"), _list(run, "artifacts")
    if not artifact.get("uri") and isinstance(index, int) and 0 <= index < len(artifacts):
        artifact = _dict(_dict(artifacts[index]).get("location"))
    path = clean(unquote(_text(artifact.get("uri"))))
    return (path, _dict(physical.get("region"))) if path and plausible(tidy(path)) else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(region: dict[str, Any], name: str) -> int | None:
    value = region.get(name)
    return value if isinstance(value, int) and 0 < value < 100_000_000 else None
