"""Problem matchers that the repository itself registers (`::add-matcher::`, `.github/*matcher*.json`).

The patterns are anyone's, so they run in RE2, whose time is linear in the line: none can hang. Without RE2 they are
not used. https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from factory_ls.ci.here import Found, Here
from factory_ls.ci.prefilter import linear
from factory_ls.ci.rules import Family, Rule
from factory_ls.ci.severities import severity_of
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Severity

MAX_PATTERN = 2000
MAX_LINES = 200
_NAMES = ("file", "line", "column", "severity", "code", "message")


class Pattern(msgspec.Struct, frozen=True, rename={"from_path": "fromPath"}):
    """Numbers are capture groups."""

    regexp: str
    file: int | None = None
    from_path: int | None = None
    line: int | None = None
    column: int | None = None
    severity: int | None = None
    code: int | None = None
    message: int | None = None
    loop: bool = False


class Matcher(msgspec.Struct, frozen=True):
    owner: str
    pattern: list[Pattern]
    severity: str | None = None


class _File(msgspec.Struct, frozen=True, rename={"problem_matcher": "problemMatcher"}):
    problem_matcher: list[Matcher]


def load(text: bytes) -> list[Matcher]:
    """The matchers of a problem matcher file. FactoryError `invalid` when it is none."""
    try:
        return msgspec.json.decode(text, type=_File).problem_matcher
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FactoryError(
            ErrorKind.INVALID, f"Not a problem matcher file: {error}.", "It is a JSON object with `problemMatcher`."
        ) from error


def family(matchers: Iterable[Matcher]) -> Family:
    """Rules for `matchers`. Those with a pattern that RE2 does not know are left out."""
    rules = tuple(_MatcherRule(matcher, compiled) for matcher in matchers if (compiled := _compiled(matcher)))
    return Family(name="problem-matcher", about="the repository's own problem matchers", rules=rules)


def _compiled(matcher: Matcher) -> list[Any] | None:
    if not matcher.pattern or any(len(pattern.regexp) > MAX_PATTERN for pattern in matcher.pattern):
        return None
    compiled = [linear(pattern.regexp) for pattern in matcher.pattern]
    return None if None in compiled else compiled


class _MatcherRule(Rule):
    """The first pattern finds a candidate line; the others must match the lines right below, the last perhaps often."""

    __slots__ = ("_matcher", "_patterns")

    def __init__(self, matcher: Matcher, patterns: list[Any]) -> None:
        super().__init__("", "", self._problems, tool=matcher.owner, scan=_unanchored(matcher.pattern[0].regexp))
        self._matcher = matcher
        self._patterns = patterns

    def match(self, text: str) -> re.Match[str] | None:
        found: re.Match[str] | None = self._patterns[0].search(text)
        return found

    def _problems(self, match: re.Match[str], here: Here) -> list[Found] | None:
        values: dict[str, str] = {}
        patterns = self._matcher.pattern
        _collect(values, patterns[0], match)
        if len(patterns) == 1:
            return self._found(values, here)
        found: list[Found] = []
        index = 1
        for text, line in here.below(MAX_LINES):
            matched = self._patterns[index].search(text)
            if matched is None:
                break
            _collect(values, patterns[index], matched)
            here.claim(line)
            if index < len(patterns) - 1:
                index += 1
                continue
            found += self._found(values, here) or []
            if not patterns[index].loop:
                break
        return found or None

    def _found(self, values: dict[str, str], here: Here) -> list[Found] | None:
        if not values.get("message"):
            return None
        severity = severity_of(values.get("severity"), severity_of(self._matcher.severity, Severity.ERROR))
        number = values.get("line", "")
        column = values.get("column", "")
        return [
            here.found(
                values["message"],
                values.get("file", ""),
                number if number.isdecimal() else None,
                column=column if column.isdecimal() else None,
                severity=severity,
                code=values.get("code"),
            )
        ]


def _collect(values: dict[str, str], pattern: Pattern, match: re.Match[str]) -> None:
    for name in _NAMES:
        group = getattr(pattern, name)
        if group is not None and 0 <= group <= len(match.groups()) and match[group]:
            values[name] = match[group].strip()


def _unanchored(regexp: str) -> str:
    """The pattern for raw lines, which have columns and a time in front."""
    return (
        "(?:" + regexp.removeprefix("^").removesuffix("$").replace("(?<", "(?P<") + ")"
        if "\n" not in regexp
        else r"[^\n]"
    )
