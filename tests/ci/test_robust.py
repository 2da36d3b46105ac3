"""Nothing in a log raises, and no line takes long."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.tools import FAMILIES

OUTPUTS = Path(__file__).parent / "corpus" / "outputs"
LINES = [line for family in FAMILIES for sample in family.samples for line in sample.output.encode().split(b"\n")]
LINES += [line for path in sorted(OUTPUTS.glob("*.txt")) for line in path.read_bytes().split(b"\n")[:40]]
NUMBERS = st.sampled_from([b"0", b"-1", b"99999999999999999999", b"1e9", b""])


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(LINES), st.integers(0, 200), st.binary(max_size=3), NUMBERS), max_size=25))
def test_any_mixture_of_output_is_survived(parts: list[tuple[bytes, int, bytes, bytes]]) -> None:
    log = b"\n".join(line[:at] + noise + line[at:].replace(b"1", number) for line, at, noise, number in parts)
    report = diagnose(log)
    for problem in report.problems:
        assert problem.path
        assert problem.line is None or 0 < problem.line < 100_000_000
        assert "\x1b" not in problem.message + problem.excerpt + problem.path


@pytest.mark.parametrize(
    "unit", ["a", " ", "\t", "a.c:1:", "(1,", "a/", "../", "error: ", "@@ -1 ", "a: ", "1:1 ", "a(1): ", '"']
)
def test_a_long_line_takes_bounded_time(unit: str) -> None:
    log = ("    at " + unit * (60_000 // len(unit)) + ":1:2: error: x  no-rule\n").encode()
    started = time.process_time()
    diagnose(log)
    assert time.process_time() - started < 1


def test_50_000_problems_keep_the_weightiest() -> None:
    lines = [f"src/f{number}.c:{number}:1: warning: odd" for number in range(1, 3000)] + [
        "src/last.c:1:1: error: broken"
    ]
    report = diagnose("\n".join(lines).encode(), limit=100)
    assert len(report.problems) == 100
    assert report.dropped == 2900
    assert any(problem.path == "src/last.c" for problem in report.problems)
