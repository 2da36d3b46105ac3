"""Reading in bounded memory: line numbers, line ends, encodings, and lines of any length."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.window import AHEAD, BACK, FRESH, LONGEST, windows

ERROR = b"src/a.c:3:5: error: broken"


def whole(data: bytes) -> list[tuple[str, int]]:
    return [(problem.path, problem.log_line or 0) for problem in diagnose(data).problems]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n"])
def test_line_ends_do_not_change_numbers(end: bytes) -> None:
    assert whole(end.join([b"one", b"two", ERROR, b"four"])) == [("src/a.c", 3)]


def test_a_lone_carriage_return_ends_a_line_but_is_not_counted() -> None:
    assert whole(b"10%\r20%\r30%\r" + ERROR + b"\r\nnext\n") == [("src/a.c", 1)]
    assert whole(b"\r" * 3 + b"\n" + ERROR) == [("src/a.c", 2)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_encodings(encoding: str) -> None:
    text = "first line, long enough to be told apart\n" + ERROR.decode() + " «é»\n"
    assert whole(text.encode(encoding)) == [("src/a.c", 2)]


def test_invalid_utf8_and_nul_are_survived() -> None:
    assert whole(b"\xff\xfe\xfa garbage \x00\n\x80\x80" + b"\n" + ERROR + b" \xff\x00\n") == [("src/a.c", 3)]


def test_a_line_of_64_mb_does_not_hide_what_follows() -> None:
    def log() -> Iterator[bytes]:
        yield b"start\n"
        for _ in range(64):
            yield b"x" * (1 << 20)
        yield b"\n" + ERROR + b"\n"

    tracemalloc.start()
    report = diagnose(log())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(problem.path, problem.log_line) for problem in report.problems] == [("src/a.c", 3)]
    assert report.stats.bytes == 64 * (1 << 20) + len(ERROR) + 8
    assert peak < 40 << 20


def test_problems_at_the_seams_of_windows_are_read_once() -> None:
    line = b"src/f%07d.c:3:5: error: broken\n" + b"." * 4000 + b"\n"
    count = (FRESH * 3 + AHEAD + BACK) // len(line % 0)
    data = b"".join(line % number for number in range(count))
    report = diagnose(data, limit=count + 1)
    assert [problem.log_line for problem in report.problems] == list(range(1, 2 * count, 2))


@given(
    st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", b"\x1b[31m", b"word ", b"x" * 40]), max_size=60),
    st.integers(min_value=1, max_value=7),
)
def test_any_cut_into_chunks_gives_the_same_lines(parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    chunks = [data[at : at + size] for at in range(0, len(data), size)]

    def lines(source: list[bytes]) -> list[bytes]:
        return b"".join(window.data[window.fresh : window.stop] for window in windows(source)).split(b"\n")

    assert lines(chunks) == lines([data])


def test_long_lines_are_cut_without_losing_bytes() -> None:
    data = b"a" * (LONGEST * 2 + 10) + b"\n" + b"b" * 10 + b"\n" + b"c" * (LONGEST + 1)
    (window,) = windows([data])
    assert window.data.replace(b"\n", b"") == data.replace(b"\n", b"")
    assert window.number(window.data.index(b"b")) == 2
    assert window.number(window.data.index(b"c")) == 3
