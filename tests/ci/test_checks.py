"""What checks print in a job that fails because of them, whatever they call it."""

# ruff: noqa: E501 (the tools' own lines)

import pytest

from factory_ls.ci.diagnose import diagnose

CHECKS = {
    "go mod tidy": (
        "diff current/go.mod tidy/go.mod\n--- current/go.mod\n+++ tidy/go.mod\n@@ -5,2 +5,3 @@\n require (\n+\tgithub.com/lib/pq v1.10.9\n )",
        "go.mod",
    ),
    "pmd": (
        "[INFO] PMD Failure: com.acme.C:41 Rule:UnusedPrivateField Priority:3 Avoid unused private fields such as 'x'..",
        "com/acme/C.java:41",
    ),
    "vulture": ("src/app/util.py:9: unused function 'helper' (60% confidence)", "src/app/util.py:9"),
    "tap": (
        "  not ok 1 - should be equal\n    ---\n    compare: ===\n    at:\n      fileName: test/basic.test.ts\n      lineNumber: 8\n      columnNumber: 5\n    ...\n# failed 1 test",
        "test/basic.test.ts:8",
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    output, expected = CHECKS[name]
    lines = ["##[group]Run ./check", "shell: /usr/bin/bash -e {0}", "##[endgroup]", *output.split("\n")]
    lines.append("##[error]Process completed with exit code 1.")
    report = diagnose("".join(f"2026-01-02T03:04:05.1234567Z {line}\n" for line in lines).encode())
    errors = [problem for problem in report.problems if problem.severity == "error"]
    assert [f"{one.path}:{one.line}" if one.line else one.path for one in errors] == [expected]
