"""Finding the few lines worth a look: a few passes over the bytes for every hint of every rule at once.

google-re2 does a pass at about 700 MB/s on one core where `re` does 25 (measured on real logs, CPython 3.11), however
many literals there are; its automaton is built while it runs, so there is no start-up cost. Expressions multiply its
states with those of whatever else it looks for, until they do not fit into its memory and it is a hundred times slower:
so they have passes of their own, one for those that run on through any text (words of logs in random order take a
twelfth of the time that they take with the expressions dealt out to two passes as they come).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import re2  # type: ignore[import-untyped]

# A word also begins behind a colour code whose ESC was lost.
_AT_WORD = rb"(?:\b|\[[0-9;]*[mK])"
# What runs on through any text, to the end of a word or line: while one of these runs, others begin.
_RUNS_ON = re.compile(r"\.[*+]|\[\^[^\]]*\][*+{]")
_MARKS_MISREAD = ("cp1252", "cp437")


class Prefilter:
    """Finds lines, and for a line what of these is in it.

    `hints` are literal strings, `leads` are literals at the start of a word, `expressions` are regular expressions in
    RE2's dialect.
    """

    def __init__(self, hints: Iterable[str], leads: Iterable[str] = (), expressions: Iterable[str] = ()) -> None:
        literals: dict[str, list[bytes]] = {hint: [hint.encode(), *_misread(hint)] for hint in hints}
        shortest = _without_covered({literal for known in literals.values() for literal in known})
        parts = [re.escape(literal) for literal in sorted(shortest)]
        closed: list[str] = []
        running: list[str] = []
        for expression in expressions:
            (running if _RUNS_ON.search(expression) else closed).append(expression)
        named = {hint: b"|".join(re.escape(literal) for literal in known) for hint, known in literals.items()}
        for lead in leads:
            named[at_word(lead)] = pattern = _AT_WORD + re.escape(lead.encode())
            if not any(literal in lead.encode() for literal in shortest):
                parts.append(pattern)
        named |= {expression: expression.encode() for expression in closed}
        self.names = [*named, *running]
        self._first_running = len(named)
        self._sets = [_set(list(named.values())), _set([expression.encode() for expression in running])]
        passes = [parts, *([expression.encode() for expression in group] for group in (closed, running))]
        # The rest of the line goes with the match, so that each line is found once a pass.
        self._patterns = [re2.compile(b"(?:" + b"|".join(one) + b")[^\n]*", _options()) for one in passes if one]

    def ends(self, data: bytes, start: int, stop: int) -> list[int]:
        """Where each line of `data[start:stop]` that holds a hint ends, in order.

        One pass after the other: beside each other they would put each other's automaton out of the processor's cache.
        """
        return sorted({match.end() for pattern in self._patterns for match in pattern.finditer(data, start, stop)})

    def present(self, line: bytes) -> tuple[int, ...]:
        """Which hints and expressions a line holds, as indices into `names`."""
        found, running = (known.Match(line) or () for known in self._sets)
        return (*found, *(self._first_running + index for index in running))


def _set(patterns: list[bytes]) -> Any:
    known = re2.Set.SearchSet(_options())
    for pattern in patterns:
        known.Add(pattern)
    known.Compile()
    return known


def at_word(lead: str) -> str:
    """The name of a lead, which a hint may read like."""
    return f"^{lead}"


def linear(pattern: str) -> Any:
    """`pattern` (JavaScript's dialect) for text, matched in time linear in the text; None where that cannot be."""
    try:
        return re2.compile(
            pattern.replace("(?<", "(?P<") if "(?<=" not in pattern and "(?<!" not in pattern else pattern
        )
    except re2.error:
        return None


def _without_covered(literals: set[bytes]) -> list[bytes]:
    """Those that hold no other: a line with one of the rest has one of these."""
    kept: list[bytes] = []
    beginning: dict[bytes, list[bytes]] = {}  # of what is kept, by its first byte or two
    for literal in sorted(literals, key=len):
        pieces = {literal[at : at + width] for at in range(len(literal)) for width in (1, 2)}
        if not any(short in literal for piece in pieces for short in beginning.get(piece, ())):
            kept.append(literal)
            beginning.setdefault(literal[:2], []).append(literal)
    return kept


def _misread(hint: str) -> Iterator[bytes]:
    for encoding in _MARKS_MISREAD:
        wrong = hint.encode().decode(encoding, "replace")
        if "\ufffd" not in wrong:
            yield wrong.encode()


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 64 << 20
    options.log_errors = False
    options.never_nl = True  # an expression with `[^ ]` would go on into the next line
    return options
