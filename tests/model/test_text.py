import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.model import text as module
from factory_ls.model.text import clean, clean_file, one_line


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


@given(st.lists(st.text(st.sampled_from("ab \x1b[31m;\r\t\x9b\u202eé漢"), max_size=30), max_size=30))
def test_a_file_is_cleaned_in_pieces_as_it_would_be_at_once(lines: list[str]) -> None:
    text = "\n".join(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", 40)
        assert clean_file(text.encode()) == clean(text)


@given(st.text(st.sampled_from("aé漢🎉"), max_size=200))
def test_no_character_is_cut_where_a_line_is_longer_than_a_piece(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", 5)
        patch.setattr(module, "LONGEST_PIECE", 10)
        assert clean_file(text.encode()) == text


def test_a_file_need_not_be_utf8() -> None:
    assert clean_file(b"a\xff\x80\x80\x80\x80b\n") == "a\ufffd\ufffd\ufffd\ufffd\ufffdb\n"
