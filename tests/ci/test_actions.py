"""Pieces of job logs, shaped like ones that were seen in public, each with what must be read from it and no error more.

`=== name`, the piece, `---`, and a line for each problem: `path:line severity`, `*` for a file as a whole, `|` between
places that are all right, `~` before what may be told and need not. `@run` and `@use` stand for the header the runner
prints of a step, `@exit` and `@post` for how steps and jobs end; each line gets a time unless the name ends in `raw`.
"""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from factory_ls.ci.diagnose import diagnose

POST = (
    "Post job cleanup.",
    "[command]/usr/bin/git version",
    "git version 2.43.0",
    '[command]/usr/bin/git submodule foreach --recursive sh -c "git config --local --unset-all"',
    "Cleaning up orphan processes",
)


class Place(NamedTuple):
    path: str
    line: int | None


class Case(NamedTuple):
    name: str
    log: str
    errors: list[list[Place]]
    others: list[list[Place]]


def expanded(line: str) -> tuple[str, ...]:
    word, _, rest = line.partition(" ")
    if word == "@run":
        return (f"##[group]Run {rest}", f"\x1b[36;1m{rest}\x1b[0m", "shell: /usr/bin/bash -e {0}", "##[endgroup]")
    if word == "@use":
        return (f"##[group]Run {rest}", "with:", "  fetch-depth: 1", "##[endgroup]")
    if word == "@exit":
        return (f"##[error]Process completed with exit code {rest}.",)
    return POST if line == "@post" else (line,)


def places(text: str) -> list[Place]:
    return [
        Place(path, None if line == "*" else int(line))
        for path, _, line in (one.rpartition(":") for one in text.split("|"))
    ]


def cases() -> Iterator[Case]:
    for file in sorted((Path(__file__).parent / "actions").glob("*.txt")):
        for block in re.split(r"(?m)^=== (?=[\w-]+(?: raw)?$)", file.read_text())[1:]:
            name, _, rest = block.partition("\n")
            body, _, expected = f"\n{rest}".rpartition("\n---\n")
            lines = [one for line in body[1:].split("\n") for one in expanded(line)]
            if not name.endswith(" raw"):
                lines = [
                    f"2026-01-02T03:{n // 60 % 60:02}:{n % 60:02}.1234567Z {line}"
                    for n, line in zip(count(), lines, strict=False)
                ]
            told = [line.rpartition(" ") for line in expected.split("\n") if line]
            errors = [places(where) for where, _, severity in told if severity == "error" and where[0] != "~"]
            others = [
                places(where.lstrip("~")) for where, _, severity in told if severity != "error" or where[0] == "~"
            ]
            yield Case(name.split()[0], "\n".join(lines) + "\n", errors, others)


def same(one: str, other: str) -> bool:
    return one == other or one.endswith("/" + other) or other.endswith("/" + one)


def fits(alternatives: list[Place], path: str, line: int | None) -> bool:
    return any(same(place.path, path) and (line or None) == place.line for place in alternatives)


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_a_piece_of_a_job_log(case: Case) -> None:
    told = [(p.path, p.line) for p in diagnose(case.log.encode()).problems if p.severity == "error"]
    missing = list(case.errors)
    for path, line in told:
        if found := next((one for one in missing if fits(one, path, line)), None):
            missing.remove(found)
    wrong = [one for one in told if not any(fits(other, *one) for other in (*case.errors, *case.others))]
    assert (missing, wrong) == ([], [])
