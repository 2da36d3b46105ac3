"""One pass over a log: candidate lines → rules → findings."""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from factory_ls.ci.here import Found, Here
from factory_ls.ci.leads import leads
from factory_ls.ci.prefilter import Prefilter, at_word
from factory_ls.ci.rules import Family, Rule
from factory_ls.ci.structure import MARKS, MOVES, Step, Structure
from factory_ls.ci.window import Line, Window
from factory_ls.model.problem import Severity

# What build tools put in front of another tool's line, tried when no rule knows the line as it is. The same prefix
# is then taken off the lines around it.
_PEELS = (
    re.compile(r"\[(?:ERROR|WARNING|WARN|INFO|FATAL|error|warning|warn|info)\]\s?"),  # maven, sbt
    re.compile(r"\s*\[[\w@./: #+-]{1,60}\]:?\s"),  # ant, concurrently, gotestsum
    re.compile(r"\s*[│┃║|]\s?"),
    re.compile(r"[@\w./-]{1,60}(?:#|:)[\w:-]{1,40}: "),  # turbo, nx: package:task:
    re.compile(r"@[\w.-]{1,40}/[\w.-]{1,60}: "),  # lerna
    re.compile(r"[@\w./-]{1,80} [\w:-]{1,40}: "),  # pnpm -r: package task:
    re.compile(r"[\w.+*-]{1,60}\s*\| "),  # docker compose
    re.compile(r"\s*\+[\w.-]{1,60}(?: \*\w+\*)? \| "),  # earthly: +target
    re.compile(r"\s*\d{1,4}(?::\d+)?>\s*"),  # msbuild
    re.compile(r"(?:Error|Warning|Notice): (?=\S+[:(]\d|\s+\d+:\d+)"),  # log copied from GitHub's page
    re.compile(r"(?:error|warning|info)\s+-?\s*(?=\S+[:(]\d)"),
    re.compile(r"[\w.-]{2,40}> "),  # lerna, bazel
    re.compile(r"\d{1,5}: (?=\s*\S|$)"),  # ctest -V
    re.compile(r"\d{1,4}\.\d{1,3} (?=\S)"),  # the end of a BuildKit step's output, told again
    re.compile(
        r"(?:▸\s+[❌⚠]\ufe0f?\s+|(?:remote|stderr|stdout|npm ERR!|npm error|Error output|E|e|\$|>|-|\*|=>|==>|•|●|▸|===>|✖|✗|×|✘|❌|⚠\ufe0f?|!)[:>]?\s+)"
    ),
    re.compile(r"\s*▸ ?(?:\s*(?:❌|⚠\ufe0f?|✗|✖)\s+)?"),  # xcpretty
    re.compile(r"[\w. -]{3,40}\.{3,}(?:Failed|Passed)?\s*"),
    re.compile(r"\s{2,12}> (?=\S)"),  # nix, the end of a builder's log
    re.compile(r"# (?=File \"|\*\* |\S+:\d+[:,]|\d* *\||Error|Warning| )"),  # opam, vsim
)
# Those that name who printed the line: of several at once, each goes on where another came in between.
_NAMED = frozenset(
    peel
    for peel in _PEELS
    if peel.match("[web] x")
    or peel.match("a/web:b: x")
    or peel.match("@a/b: x")
    or peel.match("a/web build: x")
    or peel.match("web | x")
)
_PEELABLE = re.compile("|".join(f"({peel.pattern})" for peel in _PEELS))
# Under a file's name MegaLinter prints what a linter says, four columns in.
_ITEM = re.compile(r"(?:[❌✅⚠]\ufe0f? )?\[(?:ERROR|WARNING|SUCCESS)\] \S")
_INDENTED = re.compile(r" {4}(?=.)")
# What a line begins with that says nothing about what follows.
_STAMP = re.compile(rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (?!\d\d[OE])")
_DECLINED: list[Found] = []
_NONE: list[tuple[Rule, str]] = []
_MARKED = re.compile(rb"##\[|Post job cleanup|Cleaning up orphan")
LONGEST_KEPT = 512
MOST_KEPT = 20_000
"""Lines of which it is remembered which rules may read them."""
# Commands by which a tool, or a problem matcher, says that a line is no error.
_MILD = {"warning": Severity.WARNING, "notice": Severity.INFO}
# A shell telling what it runs.
_TRACED = re.compile(r"\+{1,4} (?!-)\S|\$ \S|\[command\]")


class Scanner:
    """Holds the rules. `start` begins a pass over one log; there may be many."""

    def __init__(self, families: Sequence[Family], tools: Container[str] | None = None) -> None:
        chosen = [
            f
            for f in families
            if tools is None or f.always or f.name in tools or any(name in tools for name in f.names)
        ]
        self._rules: list[tuple[Rule, str]] = [(rule, family.name) for family in chosen for rule in family.rules]
        hints, leading, expressions = {*MARKS, *MOVES}, set[str](), set[str]()
        self._telling: dict[str, list[int]] = {}
        for index, (rule, _) in enumerate(self._rules):
            names: Iterable[str]
            if rule.scan:
                expressions.add(rule.scan)
                names = (rule.scan,)
            elif first := _rare(rule):
                leading |= first
                names = map(at_word, first)
            else:
                hints.update(rule.hints)
                names = rule.hints
            for name in names:
                self._telling.setdefault(name, []).append(index)
        self.prefilter = Prefilter(sorted(hints), sorted(leading), sorted(expressions))
        self._chosen: dict[tuple[int, ...], list[tuple[Rule, str]]] = {}

    def start(self, tolerated: Callable[[Step], bool] | None = None) -> "Pass":
        return Pass(self, tolerated)

    def rules_for(self, raw: bytes) -> list[tuple[Rule, str]]:
        """The rules, in order, one of whose hints is in the line."""
        present = self.prefilter.present(raw)
        if not present:  # an expression ran over the line's end, or RE2 had too little memory
            return self._rules
        rules = self._chosen.get(present)
        if rules is None:
            names = self.prefilter.names
            indices = sorted({index for one in present for index in self._telling.get(names[one], ())})
            rules = self._chosen[present] = [self._rules[index] for index in indices]
        return rules


def _within(line: Line) -> bool:
    above: Line | None = line
    for _ in range(400):
        above = line.window.previous(above) if above else None
        if above is None:
            return False
        if above.text and not above.text.startswith("    "):
            return _ITEM.match(above.text) is not None
    return False


def _rare(rule: Rule) -> frozenset[str]:
    """What the rule's lines begin with, where that is a better hint than its hints."""
    found = leads(rule.pattern)
    shortest = min(map(len, rule.hints))
    return found if all(len(one) >= shortest and one.isascii() and one[0].isalnum() for one in found) else frozenset()


class Pass:
    """The state of one pass over one log."""

    def __init__(self, scanner: Scanner, tolerated: Callable[[Step], bool] | None) -> None:
        self.structure = Structure(tolerated)
        self.lines = 0
        self.bytes = 0
        self._scanner = scanner
        self._memory: dict[str, object] = {}
        self._claimed = -1
        self._others: set[int] = set()
        self._whole = False
        self._columns = b"\t"
        self._seen: dict[bytes, list[tuple[Rule, str]]] = {}

    def over(self, window: Window) -> Iterator[Found]:
        """Findings of the window's fresh part, in the order of the log.

        How their steps ended is known once the last window was read and `finish` was called.
        """
        data, seen = window.data, self._seen
        for end in self._scanner.prefilter.ends(data, window.fresh, window.stop):
            start = data.rfind(b"\n", 0, end) + 1
            raw = data[start:end]
            # Logs repeat themselves. What no rule read once, none will, unless what matters is in front of it.
            known = raw.removeprefix(self._columns)
            if stamp := _STAMP.match(known):
                known = known[stamp.end() :]
            rules = seen.get(known)
            if rules is _NONE or (
                window.offset + start <= self._claimed
                and not _MARKED.search(raw)
                and window.offset + start not in self._others
            ):
                continue
            if rules is None:
                rules = self._scanner.rules_for(raw)
                if len(known) <= LONGEST_KEPT:
                    if len(seen) >= MOST_KEPT:
                        seen.clear()
                    seen[known] = rules
            findings = self._line(window.line_ending(end), raw, rules)
            if findings is not None:
                yield from findings
            elif known in seen:
                seen[known] = _NONE
        self.lines = window.number(window.stop) - (0 if not window.last else int(data.endswith(b"\n") or not data))

    def finish(self) -> None:
        self.structure.finish(self._whole)

    def _line(self, line: Line, raw: bytes, rules: list[tuple[Rule, str]]) -> Sequence[Found] | None:
        """What is found on a line; None if a line with this text never tells anything."""
        structure, clean = self.structure, line.clean
        level, text = clean.level, clean.text
        if clean.job is not None and not raw.startswith(self._columns):
            self._columns = (clean.head.rpartition("\t")[0] + "\t").encode()
        marked = text.startswith(MARKS[3:]) or level in ("error", "group", "section")
        if marked:
            structure.feed(line)
            if text.startswith("Cleaning up orphan"):
                self._whole = True
                return ()
        else:
            structure.enter(line)
        if level in ("echo", "command", "group", "endgroup", "debug", "section"):
            return () if marked else None
        if not text or _TRACED.match(text):
            return () if marked else None
        if " directory " in text and structure.moved(text):
            return ()
        if (line.position <= self._claimed and line.position not in self._others) or structure.echoing(line):
            return ()
        found = self._try(line, text, rules) if rules else None
        return () if found is None and marked else found

    def _try(self, line: Line, text: str, rules: list[tuple[Rule, str]]) -> Sequence[Found] | None:
        found = self._match(line, text, None, rules)
        if found in (None, _DECLINED) and text.startswith("    ") and "item" in self._memory and _within(line):
            return self._match(line, text[4:], _INDENTED, rules)
        if (found is not None and found is not _DECLINED) or not (peelable := _PEELABLE.match(text)):
            return found
        for peel in _PEELS[(peelable.lastindex or 1) - 1 :]:
            peeled = peel.match(text)
            if peeled and peeled.end() < len(text):
                label = peeled[0] if peel in _NAMED else ""
                again = self._match(line, text[peeled.end() :], peel, rules, label)
                if again is not None:
                    found = again
                    if again is not _DECLINED:
                        break
        return found

    def _match(
        self, line: Line, text: str, peel: re.Pattern[str] | None, rules: list[tuple[Rule, str]], label: str = ""
    ) -> Sequence[Found] | None:
        """What the first rule that reads the line tells; `_DECLINED` where patterns fit but none reads it; else None."""
        here: Here | None = None
        declined = False
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
                here = Here(line, text, peel, self.structure.step, self._memory, label)
            here.tool = rule.tool or family
            declined = declined or not (rule.alone or rule.read is None)
            found = rule.found(matched, here)
            if here.claimed > self._claimed:
                self._others = {*(at for at in self._others if at > line.position), *here.others}
                self._claimed = here.claimed
            if found is not None:
                told = [found] if isinstance(found, Found) else found
                return told if line.level not in _MILD else [_milder(one, line) for one in told]
        return _DECLINED if declined else None


def _milder(found: Found, line: Line) -> Found:
    """`##[warning]a.swift:3:5: message`: no more than a warning, where the message itself says nothing else."""
    if found.log_line == line.number and found.severity is Severity.ERROR and "error" not in line.text.lower():
        found.severity = _MILD[line.level]
    return found
