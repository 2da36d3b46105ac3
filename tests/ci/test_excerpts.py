"""Excerpts of logs, each with what must be read from it and nothing else. Written before what reads them was.

`excerpts.txt` has shapes of repositories' logs. `excerpts/*.txt` have what tools print: `=== name`, the output, `---`,
and `path:line severity` a line (`*` for a file as a whole).
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from factory_ls.ci.diagnose import diagnose


class Excerpt(NamedTuple):
    name: str
    expected: tuple[str, ...]
    text: str


def excerpts() -> list[Excerpt]:
    text = (Path(__file__).parent / "excerpts.txt").read_text()
    found = []
    for block in re.split(r"(?m)^=== (?=[\w-]+ \|)", text)[1:]:
        head, _, body = block.partition("\n")
        name, _, expected = head.partition(" |")
        found.append(Excerpt(name, tuple(filter(None, map(str.strip, expected.split(";")))), body.rstrip("\n")))
    return found


def same(told: str, expected: str) -> bool:
    """Paths may be printed from a folder above or below."""
    return told == expected or told.endswith("/" + expected) or expected.endswith("/" + told)


@pytest.mark.parametrize("excerpt", excerpts(), ids=lambda excerpt: excerpt.name)
def test_excerpt(excerpt: Excerpt) -> None:
    report = diagnose(excerpt.text.encode())
    told = [f"{p.path}:{p.line} {p.severity}" if p.line else f"{p.path} {p.severity}" for p in report.problems]
    optional = [one[1:] for one in excerpt.expected if one.startswith("~")]
    required = [one for one in excerpt.expected if not one.startswith(("~", "-"))]
    for one in required:
        assert any(same(other, one) for other in told), (one, told)
    extra = [one for one in told if not any(same(one, other) for other in (*required, *optional))]
    assert not extra
    assert bool(report.failures) >= any(one.startswith("-") for one in excerpt.expected)


FILES = sorted((Path(__file__).parent / "excerpts").glob("*.txt"))


def read(output: str) -> list[str]:
    problems = diagnose(output.encode()).problems
    return sorted({f"{problem.path}:{problem.line or '*'} {problem.severity}" for problem in problems})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_short_excerpts(file: Path) -> None:
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


PREFIXES = {
    "act": "[CI/test]   | ",
    "compose": "web-1  | ",
    "turbo": "@acme/web:test: ",
    "lerna": "@acme/web: ",
    "foreman": "03:04:05 web.1  | ",
    "ctest": "12: ",
    "bazel": "(03:04:05) ",
    "earthly": "+test | ",
    "concurrently": "[0] ",
    "loki": "2026-01-02 03:04:05.123 ",
}
SEVERAL_LINES = ("rspec-doc", "stylelint-string", "cargo-nextest", "django-test", "vitest-basic", "go-panic-test")


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
def test_what_runners_put_in_front_of_each_line_changes_nothing(prefix: str) -> None:
    tried = 0
    for file in FILES:
        for block in re.split(r"(?m)^=== ", file.read_text())[1:]:
            name, _, rest = block.partition("\n")
            if name in SEVERAL_LINES:
                output = rest.rpartition("\n---\n")[0]
                assert read("".join(f"{prefix}{line}\n" for line in output.split("\n"))) == read(f"{output}\n"), name
                tried += 1
    assert tried == len(SEVERAL_LINES)
