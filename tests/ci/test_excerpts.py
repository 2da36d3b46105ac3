"""Excerpts in the shape tools print, each with what must be read from it and nothing else.

`excerpts/*.txt` hold `=== name`, the output, `---`, and `path:line severity` a line (`*` for a file as a whole).
"""

import re
from pathlib import Path

import pytest

from factory_ls.ci.diagnose import diagnose

FILES = sorted((Path(__file__).parent / "excerpts").glob("*.txt"))


def read(output: str) -> list[str]:
    problems = diagnose(output.encode()).problems
    return sorted({f"{problem.path}:{problem.line or '*'} {problem.severity}" for problem in problems})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_excerpts(file: Path) -> None:
    wrong = {}
    for block in re.split(r"(?m)^=== ", file.read_text())[1:]:
        name, _, rest = block.partition("\n")
        output, _, expected = f"\n{rest}".rpartition("\n---\n")
        if (got := read(output[1:] + "\n")) != expected.split("\n")[:-1]:
            wrong[name] = got
    assert wrong == {}


def test_an_expression_does_not_go_on_into_the_next_line() -> None:
    for words in (b"lint :: foo\nbar.c(3)", b"[ERROR] http://x\ny | z", b"error a-b: x\ny.js", b"', a\nb.rs:1:2"):
        assert diagnose(words + b"\na.c:3:5: error: bad\n").problems[0].path == "a.c"
