"""One-line shapes of many tools, old and new, and lines that only look like one: `shapes.txt`."""

from pathlib import Path

import pytest

from factory_ls.ci.diagnose import diagnose

LINES = [
    line
    for line in (Path(__file__).parent / "shapes.txt").read_text().splitlines()
    if line and not line.startswith("# ")
]


@pytest.mark.parametrize("line", LINES)
def test_shape(line: str) -> None:
    text, _, expected = line.rpartition(" =>")
    problems = diagnose(text.encode()).problems
    with_column = [":".join(str(p) for p in (q.path, q.line, q.column) if p) + f" {q.severity}" for q in problems]
    without = [":".join(str(p) for p in (q.path, q.line) if p) + f" {q.severity}" for q in problems]
    assert expected.strip() in ("; ".join(with_column), "; ".join(without))
