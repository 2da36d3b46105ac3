"""Texts and edits as hypothesis strategies: few distinct lines, so that duplicates are the rule."""

from typing import NamedTuple

from hypothesis import strategies as st

from factory_ls.model.problem import Problem

LINES = st.sampled_from(
    [
        "",
        "}",
        "    return x",
        "x = 1",
        "x = 1 ",
        "\tx = 1",
        "def f():",
        "def g():",
        "é = 'ü'",
        "x = '😀'",
        "a\x0cb",
        "a\u2028b",
    ]
)
ANY_LINE = st.one_of(LINES, st.text(st.characters(exclude_characters="\r\n\ufeff", exclude_categories=()), max_size=8))
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TEXT_LINES = st.lists(ANY_LINE, min_size=1, max_size=25)


class Edit(NamedTuple):
    kind: str
    start: int
    length: int
    target: int
    lines: list[str]


EDITS = st.lists(
    st.builds(
        Edit,
        st.sampled_from(["insert", "delete", "replace", "move", "copy", "indent", "retype"]),
        st.integers(0, 30),
        st.integers(0, 6),
        st.integers(0, 30),
        st.lists(ANY_LINE, max_size=4),
    ),
    max_size=6,
)


def as_replacements(edit: Edit, now: list[str]) -> list[tuple[int, int, list[str]]]:
    """`edit` as replacements of whole lines (start, end, lines), to be done in order on `now`."""
    start = min(edit.start, len(now) - 1)
    end = min(start + edit.length, len(now))
    block = now[start:end]
    match edit.kind:
        case "insert":
            return [(start, start, edit.lines)]
        case "delete" if len(block) < len(now):
            return [(start, end, [])]
        case "replace" if edit.lines:
            return [(start, end, edit.lines)]
        case "indent":
            return [(start, end, ["    " + line for line in block])]
        case "retype" if block:
            return [(start, start + 1, [block[0] + "z"]), (start, start + 1, [block[0]])]
        case "copy":
            return [(min(edit.target, len(now)),) * 2 + (block,)]
        case "move" if len(block) < len(now):
            return [(start, end, []), (min(edit.target, len(now) - len(block)),) * 2 + (block,)]
    return []


def problem(line: int | None, *, end_line: int | None = None, **fields: object) -> Problem:
    return Problem(id=f"p{line}", path="a.py", line=line, end_line=end_line, tool="t", message="m", **fields)  # type: ignore[arg-type]
