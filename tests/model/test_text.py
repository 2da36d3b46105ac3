import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.model.text import clean, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("\x1bc\x1b(Breset", "reset"),
        ("\x1b]never ended\nnext", "never ended\nnext"),
        ("10%\r100%", "100%"),
        ("dos\r\nline", "dos\nline"),
        ("a\x00b\x08c\x7f", "abc"),
        ("if\u202e admin", "if admin"),
        ("naïve 漢字 🎉", "naïve 漢字 🎉"),
        ("lone \udc80", "lone "),
    ],
)
def test_what_is_left(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(st.sampled_from("ab \x1b[]m;0\x07\\\r\n\t\x9b\x9d\u202eé"), max_size=60) | st.text(max_size=60))
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    cleaned = clean(text)
    assert all(char in "\t\n" or not (char < " " or "\x7f" <= char <= "\x9f") for char in cleaned)
    assert clean(cleaned) == cleaned
    cleaned.encode()


@given(st.text(max_size=300), st.integers(2, 50))
def test_one_line_is_one_line_of_at_most_the_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert "\n" not in line
    assert len(line) <= limit
    assert one_line(line, limit) == line
