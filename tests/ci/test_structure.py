"""What the runner's marks say about the lines between them."""

from factory_ls.ci.command import failing_steps
from factory_ls.ci.diagnose import diagnose
from factory_ls.model.problem import Report

ERROR = "src/a.c:3:5: error: broken"


def log(*steps: tuple[str, list[str], bool], job: str = "build", end: bool = True) -> bytes:
    """Steps as (command, output, failed)."""
    lines: list[str] = []
    for command, output, failed in steps:
        lines += [
            f"##[group]Run {command}",
            f"\x1b[36;1m{command}\x1b[0m",
            "shell: /usr/bin/bash -e {0}",
            "##[endgroup]",
        ]
        lines += output + (["##[error]Process completed with exit code 1."] if failed else [])
    if end:
        lines += ["Post job cleanup.", "Cleaning up orphan processes"]
    return "".join(f"{job}\tUNKNOWN STEP\t2026-01-02T03:04:05.1234567Z {line}\n" for line in lines).encode()


def places(report: Report) -> list[tuple[str, int | None, str]]:
    return [(problem.path, problem.line, str(problem.severity)) for problem in report.problems]


def test_an_error_of_a_tolerated_step_is_a_warning() -> None:
    report = diagnose(log(("make || true", [ERROR], False), ("make test", ["src/b.c:1:1: error: real"], True)))
    assert places(report) == [("src/a.c", 3, "warning"), ("src/b.c", 1, "error")]


def test_a_log_that_breaks_off_tells_nothing_of_its_last_step() -> None:
    assert places(diagnose(log(("make", [ERROR], False), end=False))) == [("src/a.c", 3, "error")]


def test_an_echoed_script_is_not_output() -> None:
    report = diagnose(log((f"echo '{ERROR}'", ["fine"], False)))
    assert report.problems == ()
    assert report.failures == ()


def test_a_traced_command_is_not_output() -> None:
    assert diagnose(log(("make", [f"+ echo {ERROR}", f"++ grep '{ERROR}'"], True))).problems == ()


def test_a_traceback_a_passing_step_printed_is_nothing() -> None:
    output = ["Traceback (most recent call last):", '  File "a.py", line 3, in f', "    g()", "ValueError: expected"]
    assert diagnose(log(("python a.py || true", output, False))).problems == ()
    assert places(diagnose(log(("python a.py", output, True)))) == [("a.py", 3, "error")]


def test_a_traceback_a_test_printed_is_not_a_failure_of_its_own() -> None:
    output = [
        "Traceback (most recent call last):",
        '  File "app.py", line 3, in f',
        "    g()",
        "ValueError: handled",
        "",
    ]
    output += [
        "=" * 20 + " FAILURES " + "=" * 20,
        "_" * 20 + " test_a " + "_" * 20,
        "",
        "E   assert 1 == 2",
        "",
        "t.py:4: AssertionError",
    ]
    output += ["=" * 20 + " short test summary info " + "=" * 20, "FAILED t.py::test_a - assert 1 == 2"]
    assert places(diagnose(log(("pytest -s", output, True)))) == [("t.py", 4, "error")]


def test_a_difference_is_the_problem_of_a_step_that_told_nothing_else() -> None:
    difference = [
        "diff --git a/gen.py b/gen.py",
        "index 1..2 100644",
        "--- a/gen.py",
        "+++ b/gen.py",
        "@@ -1 +1 @@",
        f"-{ERROR}",
        f"+{ERROR}",
    ]
    assert places(diagnose(log(("git diff --exit-code", difference, True)))) == [("gen.py", None, "error")]
    assert places(diagnose(log(("git diff --exit-code", difference, False)))) == []
    assert places(diagnose(log(("make", [ERROR, *difference], True)))) == [("src/a.c", 3, "error")]


def test_failing_steps_tell_their_commands() -> None:
    steps = failing_steps(log(("make", [], False), ("cd js && npm test", ["no"], True)))
    assert [(step.command, step.job) for step in steps] == [("cd js && npm test", "build")]


def test_a_failed_step_without_a_problem_is_a_failure() -> None:
    report = diagnose(log(("deploy", ["mv: cannot stat 'x': No such file or directory"], True)))
    (failure,) = report.failures
    assert failure.message == "mv: cannot stat 'x': No such file or directory"
    assert failure.command == "deploy"


def test_a_panic_that_a_test_expected_is_not_its_failure() -> None:
    output = [
        "thread 'tests::panics' panicked at src/lib.rs:9:9:",
        "as it should",
        "test tests::panics - should panic ... ok",
    ]
    output += ["thread 'tests::adds' panicked at src/lib.rs:20:9:", "assertion failed", "test tests::adds ... FAILED"]
    assert places(diagnose(log(("cargo test -- --nocapture", output, True)))) == [("src/lib.rs", 20, "error")]


def test_a_job_in_front_of_the_time() -> None:
    report = diagnose(f"CI / Test (py3.11) | 2026-10-07T13:04:19Z {ERROR}\n".encode())
    assert [(problem.job, problem.path, problem.line) for problem in report.problems] == [
        ("CI / Test (py3.11)", "src/a.c", 3)
    ]
