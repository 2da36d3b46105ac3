"""A document kept in step by edits equals the text they make, in every position encoding."""

from hypothesis import given
from hypothesis import strategies as st

from factory_ls.lsp.text import Text, split_lines

texts = st.text(alphabet="ab \r\n\u2028\fé€😀", max_size=14)
encodings = st.sampled_from(["utf-8", "utf-16", "utf-32"])
UNIT = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def units(text: str, encoding: str) -> int:
    codec, size = UNIT[encoding]
    return len(text.encode(codec)) // size


@given(texts, texts, encodings, st.data())
def test_an_edit_does_what_it_says(old: str, new: str, encoding: str, data: st.DataObject) -> None:
    text = Text(old, encoding)
    lines = split_lines(old)

    def somewhere() -> tuple[int, int]:
        number = data.draw(st.integers(0, len(lines) - 1))
        return number, data.draw(st.integers(0, len(lines[number].rstrip("\r\n"))))

    start, end = sorted([somewhere(), somewhere()])
    first, last = (sum(map(len, lines[:line])) + index for line, index in (start, end))

    def as_sent(position: tuple[int, int]) -> tuple[int, int]:
        line, index = position
        return line, units(lines[line][:index], encoding)

    text.edit(as_sent(start), as_sent(end), new)
    assert str(text) == old[:first] + new + old[last:]
    assert text.lines == split_lines(str(text))


@given(texts, texts, st.tuples(*[st.integers(0, 10**9)] * 4))
def test_positions_beyond_the_text_are_clamped(old: str, new: str, positions: tuple[int, int, int, int]) -> None:
    text = Text(old, "utf-16")
    text.edit(positions[:2], positions[2:], new)
    assert text.lines == split_lines(str(text))


def test_only_line_ends_end_lines() -> None:
    assert split_lines("a\rb\r\nc\nd\fe\u2028f") == ["a\r", "b\r\n", "c\n", "d\fe\u2028f"]
    assert split_lines("a\n") == ["a\n", ""]
