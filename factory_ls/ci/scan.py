"""One pass over a log: candidate lines → rules → findings."""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re
from collections.abc import Container, Iterable, Iterator, Sequence

from factory_ls.ci.here import Found, Here
from factory_ls.ci.prefilter import Prefilter
from factory_ls.ci.rules import Family, Rule
from factory_ls.ci.structure import MARKS, Step, Structure
from factory_ls.ci.window import Line, Window, windows

# What build tools put in front of another tool's line, tried when no rule knows the line as it is. The same prefix
# is then taken off the lines around it.
_PEELS = (
    re.compile(r"\[(?:ERROR|WARNING|WARN|INFO|FATAL|error|warning|warn|info)\]\s?"),  # maven, sbt
    re.compile(r"\s*\[[\w@./: +-]{1,60}\]:?\s"),  # ant, concurrently, gotestsum
    re.compile(r"\s*[│┃║|]\s?"),
    re.compile(r"[@\w./-]{1,60}(?:#|:)[\w:-]{1,40}: "),  # turbo, nx: package:task:
    re.compile(r"[@\w./-]{1,80} [\w:-]{1,40}: "),  # pnpm -r: package task:
    re.compile(r"[\w.-]{1,60}\s*\| "),  # docker compose
    re.compile(r"\s*\d{1,4}(?::\d+)?>\s*"),  # msbuild
    re.compile(r"(?:Error|Warning|Notice): (?=\S+[:(]\d|\s+\d+:\d+)"),  # log copied from GitHub's page
    re.compile(r"(?:error|warning|info)\s+-?\s*(?=\S+[:(]\d)"),
    re.compile(r"[\w.-]{2,40}> "),  # lerna, bazel
    re.compile(
        r"(?:remote|stderr|stdout|npm ERR!|npm error|Error output|E|e|\$|>|-|\*|=>|==>|•|●|✖|✗|×|✘|❌|⚠\ufe0f?|!)[:>]?\s+"
    ),
    re.compile(r"[\w. -]{3,40}\.{3,}(?:Failed|Passed)?\s*"),
)
# A shell telling what it runs.
_TRACED = re.compile(r"\+{1,4} (?!-)\S|\$ \S|\[command\]")


class Scanner:
    """Holds the rules; `scan` may be called for many logs."""

    def __init__(self, families: Sequence[Family], tools: Container[str] | None = None, *, fast: bool = True) -> None:
        chosen = [f for f in families if tools is None or f.name in tools or any(name in tools for name in f.names)]
        self._rules: list[tuple[Rule, str]] = [(rule, family.name) for family in chosen for rule in family.rules]
        hints = {hint for rule, _ in self._rules for hint in rule.hints if not rule.scan}
        expressions = {rule.scan for rule, _ in self._rules if rule.scan}
        self.prefilter = Prefilter(hints | set(MARKS), sorted(expressions), fast=fast)

    def scan(self, chunks: Iterable[bytes]) -> Iterator[Found]:
        """Findings in the order of the log. Their steps' outcome is known when the iteration has ended."""
        pass_ = Pass(self._rules)
        for window in windows(chunks):
            yield from pass_.over(window, self.prefilter)
        yield from pass_.finish()

    def start(self) -> "Pass":
        return Pass(self._rules)


class Pass:
    """The state of one pass over one log."""

    def __init__(self, rules: list[tuple[Rule, str]]) -> None:
        self.structure = Structure()
        self.lines = 0
        self.bytes = 0
        self._rules = rules
        self._memory: dict[str, object] = {}
        self._claimed = -1
        self._whole = False

    def over(self, window: Window, prefilter: Prefilter) -> Iterator[Found]:
        structure = self.structure
        for position in prefilter.positions(window.data, window.fresh, window.stop):
            line = window.line_at(position)
            level, text = line.level, line.text
            if level or text.startswith(MARKS[2:]):
                structure.feed(line)
                if level in ("echo", "command", "group", "endgroup", "debug", "section"):
                    continue
                if level == "" and text.startswith("Cleaning up orphan"):
                    self._whole = True
                    continue
            else:
                structure.enter(line)
            if structure.echoing or line.position <= self._claimed or not text or _TRACED.match(text):
                continue
            yield from self._try(line, text)
        self.lines = window.number(window.stop) - (
            0 if not window.last else int(window.data.endswith(b"\n") or not window.data)
        )

    def finish(self) -> Iterator[Found]:
        self.structure.finish(self._whole)
        return iter(())

    def _try(self, line: Line, text: str) -> Sequence[Found]:
        found = self._match(line, text, None)
        if found is not None:
            return found
        for peel in _PEELS:
            peeled = peel.match(text)
            if peeled and peeled.end() < len(text):
                found = self._match(line, text[peeled.end() :], peel)
                if found is not None:
                    return found
        return ()

    def _match(self, line: Line, text: str, peel: re.Pattern[str] | None) -> Sequence[Found] | None:
        here: Here | None = None
        for rule, family in self._rules:
            for hint in rule.hints:
                if hint in text:
                    break
            else:
                continue
            matched = rule.match(text)
            if matched is None:
                continue
            if here is None:
                here = Here(line, text, peel, self.structure.step, self._memory)
            here.tool = rule.tool or family
            found = rule.found(matched, here)
            self._claimed = max(self._claimed, here.claimed)
            if found is None:
                continue
            return [found] if isinstance(found, Found) else found
        return None


def outcome(step: Step | None) -> bool | None:
    return step.failed if step else None
