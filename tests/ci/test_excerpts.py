"""Excerpts of logs in the shapes that repositories' logs have: `excerpts.txt`. Written before what reads them was."""

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
