"""A document kept in step by edits equals the text they make, in every position encoding."""

from hypothesis import given
from hypothesis import strategies as st

from factory_ls.ci.place.columns import Encoding, to_units
from factory_ls.lsp.text import Text

texts = st.text(alphabet="ab \n\u2028\fé€😀", max_size=14)
encodings: st.SearchStrategy[Encoding] = st.sampled_from(["utf-8", "utf-16", "utf-32"])


@given(texts, texts, encodings, st.data())
def test_an_edit_does_what_it_says(old: str, new: str, encoding: Encoding, data: st.DataObject) -> None:
    text = Text(old, encoding)
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(old))] * 2)))

    def as_sent(offset: int) -> tuple[int, int]:
        line = old[:offset].rpartition("\n")[2]
        return old.count("\n", 0, offset), to_units(line, len(line), encoding)

    before = list(text.lines)
    edit = text.edit(as_sent(first), as_sent(last), new)
    assert str(text) == old[:first] + new + old[last:]
    assert text.lines == [*before[: edit.start], *edit.lines, *before[edit.end :]]


@given(texts, texts, st.tuples(*[st.integers(-3, 10**9)] * 4))
def test_positions_beyond_the_text_are_clamped(old: str, new: str, positions: tuple[int, int, int, int]) -> None:
    text = Text(old, "utf-16")
    text.edit(positions[:2], positions[2:], new)
    assert new.partition("\n")[0] in str(text)


def test_every_line_end_ends_a_line_and_nothing_else_does() -> None:
    assert Text("a\rb\r\nc\nd\fe\u2028f", "utf-16").lines == ["a", "b", "c", "d\fe\u2028f"]
