"""What a rule reads below its line ends with the step, though lines of a raw log do not say which step they are of."""

from factory_ls.ci.diagnose import diagnose

LOG = r"""##[group]Run bats -r tests
shell: /usr/bin/bash -e {0}
env:
  CI: true
##[endgroup]
1..2
ok 1 prints help
not ok 2 lists
##[error]Process completed with exit code 1.
##[group]Run Invoke-Pester -CI
shell: pwsh -command ". '{0}'"
env:
  CI: true
##[endgroup]
[-] Get-Thing.returns one 31ms (28ms|3ms)
 Expected 1, but got 2.
 at $r | Should -Be 1, D:\a\mod\mod\tests\Get-Thing.Tests.ps1:14
##[error]Process completed with exit code 1.
##[group]Run shellcheck scripts/*.sh
shell: /usr/bin/bash -e {0}
##[endgroup]

In scripts/deploy.sh line 30:
if [ $x == 1 ]
^-- SC1009 (info): The mentioned syntax error was in this if expression.
     ^-- SC1073 (error): Couldn't parse this test expression. Fix to allow more checks.

##[error]Process completed with exit code 1.
"""


def test_no_rule_reads_the_next_step() -> None:
    report = diagnose("".join(f"2026-01-02T03:04:05.1234567Z {line}\n" for line in LOG.splitlines()).encode())
    assert {(one.path, one.line) for one in report.problems if one.path} == {
        ("tests/Get-Thing.Tests.ps1", 14),
        ("scripts/deploy.sh", 30),
    }


def test_an_annotation_may_be_indented() -> None:
    report = diagnose(
        b"2026-01-02T03:04:05.1234567Z   ##[error]internal/store.go:41:2: ineffectual assignment to err (ineffassign)\n"
    )
    assert [(one.path, one.line, one.tool) for one in report.problems] == [("internal/store.go", 41, "golangci-lint")]
