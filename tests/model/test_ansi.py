from hypothesis import given
from hypothesis import strategies as st

from factory_ls.model.ansi import Style, styles
from factory_ls.model.text import clean


def seen(raw: str) -> list[tuple[str, str]]:
    """(text, look) of what is coloured."""
    cleaned = clean(raw)
    lines = cleaned.split("\n")
    return [(_cut(lines[style.line], style), style.look) for style in styles(raw, cleaned)]


def _cut(line: str, style: Style) -> str:
    units = line.encode("utf-16-le")
    return units[2 * style.start : 2 * style.end].decode("utf-16-le")


def test_a_coloured_log_line() -> None:
    raw = "2026-01-01T00:00:00.0Z \x1b[1m\x1b[31mFAILED\x1b[0m a.py::test_b - \x1b[36;4massert\x1b[24m 1\x1b[0m"
    assert seen(raw) == [("FAILED", "bold red"), ("assert", "underline cyan"), (" 1", "cyan")]


def test_256_colours_true_colours_and_backgrounds() -> None:
    raw = "\x1b[38;5;9ma\x1b[38;5;208mb\x1b[38;5;244mc\x1b[38;2;1;2;300md\x1b[39;48;5;4me\x1b[0mf \x1b[97mg"
    looks = ["brightRed", "#ff8700", "#808080", "#0102ff", "default on-blue", "brightWhite"]
    assert [look for _, look in seen(raw)] == looks


def test_columns_are_utf_16_units_and_a_colour_ends_with_its_line() -> None:
    raw = "💥 \x1b[31mé💥\nplain\n\x1b[32mgreen\x1b[m"
    assert styles(raw, clean(raw)) == ((0, 3, 6, "red"), (2, 0, 5, "green"))


def test_a_redrawn_line_has_the_colour_of_what_was_drawn_last() -> None:
    assert seen("\x1b[31m10%\r\x1b[32m100%\x1b[0m done\n") == [("100%", "green")]


def test_workflow_commands_are_coloured_as_on_github() -> None:
    raw = "##[group]Run make\n2026-01-01T00:00:00.0Z ##[error]Process completed with exit code 2.\nat ##[error] no\n"
    assert seen(raw) == [("##[group]Run make", "bold"), ("##[error]Process completed with exit code 2.", "red")]


pieces = st.sampled_from(
    ["\x1b[31m", "\x1b[0m", "\x1b[1;38;5;", "m", "\r", "\n", "é💥", "text ", "\x9b4m", "\x1b]0;t\x07"]
)


@given(st.lists(pieces | st.text(max_size=5), max_size=30).map("".join))
def test_spans_lie_in_their_lines_in_order_and_never_overlap(raw: str) -> None:
    cleaned = clean(raw)
    lines = cleaned.split("\n")
    before = (0, 0)
    for line, start, end, look in styles(raw, cleaned):
        assert (line, start) >= before
        assert 0 <= start < end <= len(lines[line].encode("utf-16-le", "surrogatepass")) // 2
        assert look
        before = (line, end)
