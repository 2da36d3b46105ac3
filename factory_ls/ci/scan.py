"""One pass over a log: candidate lines → rules → findings."""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re
from collections.abc import Container, Iterator, Sequence

from factory_ls.ci.here import Found, Here
from factory_ls.ci.prefilter import Prefilter
from factory_ls.ci.rules import Family, Rule
from factory_ls.ci.structure import MARKS, Structure
from factory_ls.ci.window import Line, Window

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
    re.compile(r"\d{1,5}: (?=\S)"),  # ctest -V
    re.compile(r"\d{1,4}\.\d{1,3} (?=\S)"),  # the end of a BuildKit step's output, told again
    re.compile(
        r"(?:remote|stderr|stdout|npm ERR!|npm error|Error output|E|e|\$|>|-|\*|=>|==>|•|●|✖|✗|×|✘|❌|⚠\ufe0f?|!)[:>]?\s+"
    ),
    re.compile(r"[\w. -]{3,40}\.{3,}(?:Failed|Passed)?\s*"),
)
_PEELABLE = re.compile("|".join(f"(?:{peel.pattern})" for peel in _PEELS))
# A shell telling what it runs.
_TRACED = re.compile(r"\+{1,4} (?!-)\S|\$ \S|\[command\]")


class Scanner:
    """Holds the rules. `start` begins a pass over one log; there may be many."""

    def __init__(self, families: Sequence[Family], tools: Container[str] | None = None, *, fast: bool = True) -> None:
        chosen = [f for f in families if tools is None or f.name in tools or any(name in tools for name in f.names)]
        self._rules: list[tuple[Rule, str]] = [(rule, family.name) for family in chosen for rule in family.rules]
        hints = {hint for rule, _ in self._rules for hint in rule.hints if not rule.scan}
        expressions = {rule.scan for rule, _ in self._rules if rule.scan}
        self.prefilter = Prefilter(sorted(hints | set(MARKS)), sorted(expressions), fast=fast)
        self._telling: dict[str, list[int]] = {}
        for index, (rule, _) in enumerate(self._rules):
            for name in (rule.scan,) if rule.scan else rule.hints:
                self._telling.setdefault(name, []).append(index)
        self._chosen: dict[tuple[int, ...], list[tuple[Rule, str]]] = {}

    def start(self) -> "Pass":
        return Pass(self)

    def rules_for(self, raw: bytes) -> list[tuple[Rule, str]]:
        """The rules, in order, one of whose hints is in the line."""
        present = self.prefilter.present(raw)
        if present is None:
            return self._rules
        rules = self._chosen.get(present)
        if rules is None:
            names = self.prefilter.names
            indices = sorted({index for one in present for index in self._telling.get(names[one], ())})
            rules = self._chosen[present] = [self._rules[index] for index in indices]
        return rules


class Pass:
    """The state of one pass over one log."""

    def __init__(self, scanner: Scanner) -> None:
        self.structure = Structure()
        self.lines = 0
        self.bytes = 0
        self._scanner = scanner
        self._memory: dict[str, object] = {}
        self._claimed = -1
        self._whole = False

    def over(self, window: Window) -> Iterator[Found]:
        """Findings of the window's fresh part, in the order of the log.

        How their steps ended is known once the last window was read and `finish` was called.
        """
        structure = self.structure
        for position in self._scanner.prefilter.positions(window.data, window.fresh, window.stop):
            line = window.line_at(position)
            level, text = line.level, line.text
            if level or text.startswith(MARKS[1:]):
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
            rules = self._scanner.rules_for(window.data[line.start : line.end])
            if rules:
                yield from self._try(line, text, rules)
        self.lines = window.number(window.stop) - (
            0 if not window.last else int(window.data.endswith(b"\n") or not window.data)
        )

    def finish(self) -> None:
        self.structure.finish(self._whole)

    def _try(self, line: Line, text: str, rules: list[tuple[Rule, str]]) -> Sequence[Found]:
        found = self._match(line, text, None, rules)
        if found is not None:
            return found
        if not _PEELABLE.match(text):
            return ()
        for peel in _PEELS:
            peeled = peel.match(text)
            if peeled and peeled.end() < len(text):
                found = self._match(line, text[peeled.end() :], peel, rules)
                if found is not None:
                    return found
        return ()

    def _match(
        self, line: Line, text: str, peel: re.Pattern[str] | None, rules: list[tuple[Rule, str]]
    ) -> Sequence[Found] | None:
        here: Here | None = None
        for rule, family in rules:
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
