"""Reports of jobs and annotations in one."""

from factory_ls.ci.annotations import from_annotations
from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.merge import Source, merge
from factory_ls.model.annotation import Annotation

LOG = b"""\
2026-01-02T03:04:05.1234567Z ##[group]Run make lint
2026-01-02T03:04:05.1234567Z make lint
2026-01-02T03:04:05.1234567Z shell: /usr/bin/bash -e {0}
2026-01-02T03:04:05.1234567Z ##[endgroup]
2026-01-02T03:04:05.1234567Z src/a.py:3:5: F401 `os` imported but unused
2026-01-02T03:04:05.1234567Z ##[error]Process completed with exit code 1.
"""


def test_an_annotation_and_the_log_are_one_problem_with_both_jobs() -> None:
    noted = from_annotations(
        "lint (3.13)",
        "https://example.com/job",
        [
            Annotation(
                path="src/a.py",
                start_line=3,
                message="src/a.py:3:5: F401 `os` imported but unused",
                title="Ruff (F401)",
            ),
            Annotation(path=".github", start_line=6, message="Process completed with exit code 1."),
            Annotation(path="../../etc/passwd", start_line=1, message="no"),
            Annotation(path="/etc/passwd", start_line=1, message="no"),
        ],
    )
    assert [(problem.path, problem.tool, problem.code) for problem in noted] == [("src/a.py", "ruff", "F401")]
    report = merge([(Source("lint (3.13)"), noted), (Source("lint (3.12)"), diagnose(LOG))])
    (problem,) = report.problems
    assert problem.command == "make lint"
    assert problem.jobs == ("lint (3.13)", "lint (3.12)")


def test_lines_out_of_range_never_raise() -> None:
    problems = from_annotations(
        "c", None, [Annotation(path="a.py", start_line=line, message="m") for line in (0, -1, 10**20)]
    )
    assert len(problems) == 3
