"""Every family's samples: they are its documentation, and they hold."""

from itertools import chain

import pytest

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.rules import Family, Sample
from factory_ls.ci.tools import FAMILIES
from factory_ls.model.problem import Report

CASES = {
    family.name: [pytest.param(family, sample, id=f"{family.name}-{n}") for n, sample in enumerate(family.samples)]
    for family in FAMILIES
}
# A difference counts only where a step failed, which a bare output does not tell: test_structure.py has it.
IN_A_LOG = [case for name, cases in CASES.items() if name != "diff" for case in cases]


def told(report: Report) -> list[str]:
    """A report in the words of `Sample.expected`."""
    lines = []
    for problem in report.problems:
        place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part is not None)
        lines.append(" ".join(filter(None, (place, str(problem.severity), problem.code))))
    return lines + [f"- {failure.tool}" for failure in report.failures]


def matches(expected: str, got: str) -> bool:
    """`expected` may leave out the column and the code."""
    if expected == got:
        return True
    want, have = expected.split(" "), got.split(" ")
    if want[0] == "-" or have[0] == "-":
        return False
    place_fits = have[0] == want[0] or (have[0].rsplit(":", 1)[0] == want[0] and want[0].count(":") >= 1)
    return place_fits and have[1] == want[1] and (len(want) == 2 or want[2:] == have[2:])


@pytest.mark.parametrize(("family", "sample"), list(chain.from_iterable(CASES.values())))
def test_sample_is_read_as_it_says(family: Family, sample: Sample) -> None:
    got = told(diagnose(sample.output.encode()))
    assert len(got) == len(sample.expected), got
    for want, have in zip(sorted(sample.expected), sorted(got), strict=True):
        assert matches(want, have), got


@pytest.mark.parametrize(("family", "sample"), IN_A_LOG)
def test_sample_is_read_the_same_in_an_actions_log(family: Family, sample: Sample) -> None:
    lines = [
        "##[group]Run make check",
        "make check",
        "shell: /usr/bin/bash -e {0}",
        "##[endgroup]",
        *sample.output.split("\n"),
    ]
    lines.append("##[error]Process completed with exit code 1.")
    log = "".join(f"build\tCheck\t2026-01-02T03:04:05.1234567Z {line}\r\n" for line in lines)
    got = diagnose(log.encode())
    bare = diagnose(sample.output.encode())
    for here, there in zip(got.problems, bare.problems, strict=True):
        assert (here.path, here.line, here.message, here.test) == (there.path, there.line, there.message, there.test)
        # A finding of a tool that fails its step whatever it calls it is an error where the step failed.
        assert here.severity in {there.severity, "error"}
        assert here.command == "make check"
    # A failed step that told of no error is a failure itself.
    told_an_error = bare.failures or any(problem.severity == "error" for problem in got.problems)
    assert len(got.failures) == (len(bare.failures) if told_an_error else 1)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_family_is_documented(family: Family) -> None:
    assert family.about
    assert family.samples
    assert all(rule.hints for rule in family.rules)
