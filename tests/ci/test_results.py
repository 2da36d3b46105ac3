"""Result files: SARIF and JUnit XML as tools really write them, and as an attacker might."""

# ruff: noqa: E501 (the tools' own lines)

import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.files import FileIndex
from factory_ls.ci.merge import Source as Named
from factory_ls.ci.merge import merge
from factory_ls.ci.reading import read
from factory_ls.ci.results import kind_of
from factory_ls.ci.sources import Source, open_log
from factory_ls.cli.diagnose import diagnose as command
from factory_ls.model.errors import FactoryError
from factory_ls.model.problem import Report

PYTEST_XML = """<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="2" skipped="1" tests="4" time="0.3" hostname="vm"><testcase classname="tests.test_money.TestMoney" name="test_adds" time="0.001"><failure message="TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'">tests/test_money.py:5: in test_adds
    assert add(1, None) == 2
src/money.py:2: in add
    return a + b
E   TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'</failure></testcase><testcase classname="tests.test_money" name="test_plain" time="0.001"><failure message="AssertionError: assert {'a': 1} == {'a': 2}&#10;  &#10;  Differing items:">def test_plain():
        x = {"a": 1}
>       assert x == {"a": 2}
E       AssertionError: assert {'a': 1} == {'a': 2}

tests/test_money.py:8: AssertionError</failure></testcase><testcase classname="tests.test_money" name="test_ok" time="0.001" /><testcase classname="tests.test_money" name="test_later"><skipped type="pytest.skip" message="later">tests/test_money.py:20: later</skipped></testcase></testsuite></testsuites>"""

PYTEST_LOG = b"""\
=================================== FAILURES ===================================
______________________________ TestMoney.test_adds _____________________________
tests/test_money.py:5: in test_adds
    assert add(1, None) == 2
src/money.py:2: in add
    return a + b
E   TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'
__________________________________ test_plain __________________________________
tests/test_money.py:8: in test_plain
    assert x == {"a": 2}
E   AssertionError: assert {'a': 1} == {'a': 2}
=========================== short test summary info ============================
FAILED tests/test_money.py::TestMoney::test_adds - TypeError: unsupported ope...
FAILED tests/test_money.py::test_plain - AssertionError: assert {'a': 1} == {...
"""

SUREFIRE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.acme.CalcTest" time="0.05" tests="4" errors="1" skipped="1" failures="1">
  <properties><property name="java.version" value="17"/></properties>
  <testcase name="adds" classname="com.acme.CalcTest" time="0.01">
    <failure message="expected: &lt;3&gt; but was: &lt;4&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[org.opentest4j.AssertionFailedError: expected: <3> but was: <4>
	at org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)
	at com.acme.CalcTest.adds(CalcTest.java:12)
	at java.base/java.lang.reflect.Method.invoke(Method.java:566)
]]></failure>
    <rerunFailure message="again" type="x"><stackTrace>a.java:1</stackTrace></rerunFailure>
    <system-out>src/a.c:1:1: error: printed</system-out>
  </testcase>
  <testcase name="flaky" classname="com.acme.CalcTest"><flakyFailure message="once" type="x">at com.acme.CalcTest.flaky(CalcTest.java:20)</flakyFailure></testcase>
  <testcase name="boom" classname="com.acme.CalcTest"><error type="java.lang.NullPointerException">java.lang.NullPointerException
	at com.acme.Calc.boom(Calc.java:7)
	at com.acme.CalcTest.boom(CalcTest.java:15)
</error></testcase>
</testsuite>"""

JEST = """<testsuites name="jest tests" tests="1" failures="1">
  <testsuite name="math" failures="1" tests="1"><testcase classname="math adds" name="math adds" time="0.003">
      <failure>Error: expect(received).toBe(expected) // Object.is equality

Expected: 3
    at Object.toBe (/home/runner/work/app/app/src/math.test.js:5:21)
    at Promise.then.completed (/home/runner/work/app/app/node_modules/jest-circus/build/utils.js:298:28)</failure>
  </testcase></testsuite></testsuites>"""

GOTESTSUM = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1"><testsuite tests="2" failures="1" name="example.com/app/calc">
  <testcase classname="example.com/app/calc" name="TestAdd" time="0.000">
    <failure message="Failed" type="">=== RUN   TestAdd&#xA;    calc_test.go:8: got 4, want 3&#xA;--- FAIL: TestAdd (0.00s)&#xA;</failure>
  </testcase></testsuite></testsuites>"""

PHPUNIT = r"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="Unit" tests="1"><testsuite name="Tests\CalcTest" file="/app/tests/CalcTest.php" tests="1" failures="1">
<testcase name="testAdds" file="/app/tests/CalcTest.php" line="9" class="Tests\CalcTest" classname="Tests.CalcTest">
<failure type="PHPUnit\Framework\ExpectationFailedException">Tests\CalcTest::testAdds
Failed asserting that 4 is identical to 3.

/app/tests/CalcTest.php:12</failure></testcase></testsuite></testsuite></testsuites>"""

RUFF_XML = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ruff" tests="1" failures="1"><testsuite name="src/a.py" tests="1" failures="1" package="org.ruff">
  <testcase name="org.ruff.F401" classname="src/a" line="1" column="8">
    <failure message="`os` imported but unused">line 1, col 8, `os` imported but unused</failure>
  </testcase></testsuite></testsuites>"""

DECLARED = """<testsuites><testsuite name="unit" file="spec/a_spec.rb"><testcase name="works" file="./spec/a_spec.rb" line="7">
<failure message="no frames"/></testcase></testsuite><testsuite name="s"><testcase name="nowhere"><failure message="lost"/></testcase></testsuite></testsuites>"""

SARIF = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "CodeQL",
                    "rules": [
                        {"id": "py/sql", "defaultConfiguration": {"level": "error"}},
                        {"id": "py/x", "messageStrings": {"default": {"text": "Unused {0}"}}},
                    ],
                }
            },
            "artifacts": [{"location": {"uri": "src/b.py"}}],
            "results": [
                {
                    "ruleId": "py/sql",
                    "ruleIndex": 0,
                    "message": {"text": "This query depends on [a value](1)."},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "src/a%20b.py", "uriBaseId": "%SRCROOT%"},
                                "region": {"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 9},
                            }
                        }
                    ],
                    "relatedLocations": [
                        {
                            "message": {"text": "value"},
                            "physicalLocation": {
                                "artifactLocation": {"uri": "src/c.py"},
                                "region": {"startLine": 9},
                            },
                        }
                    ],
                },
                {
                    "rule": {"id": "py/x", "index": 1},
                    "message": {"id": "default", "arguments": ["name"]},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 7}}}
                    ],
                },
                {"kind": "pass", "message": {"text": "fine"}},
                {"level": "error", "message": {"text": "accepted"}, "suppressions": [{"kind": "inSource"}]},
                {"level": "error", "message": {"text": "No place."}},
                {"level": "note", "message": {"text": "odd"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": 3}}}, 4]},
            ],
        },
        7,
    ],
}  # fmt: skip

RESULTS = [
    pytest.param(PYTEST_XML, ["src/money.py:2 error pytest TypeError", "tests/test_money.py:8 error pytest AssertionError"], id="pytest"),
    pytest.param(SUREFIRE, ["com/acme/CalcTest.java:12 error junit AssertionFailedError", "com/acme/Calc.java:7 error junit NullPointerException"], id="surefire"),
    pytest.param(JEST, ["src/math.test.js:5 error jest Error"], id="jest"),
    pytest.param(GOTESTSUM, ["calc_test.go:8 error junit None"], id="gotestsum"),
    pytest.param(PHPUNIT, ["tests/CalcTest.php:12 error junit ExpectationFailedException"], id="phpunit"),
    pytest.param(RUFF_XML, ["src/a.py:1 error ruff F401"], id="ruff"),
    pytest.param(DECLARED, ["spec/a_spec.rb:7 error junit None", "- lost"], id="declared"),
    pytest.param(json.dumps(SARIF), ["src/a b.py:3 error codeql py/sql", "src/b.py:7 warning codeql py/x", "- No place."], id="sarif"),
]  # fmt: skip


def told(text: str | bytes, files: FileIndex | None = None) -> Report:
    data = text.encode() if isinstance(text, str) else text
    report = read(Source(None, iter([data[:100], data[100:]]), "file", True), files=files)
    assert report is not None
    return report


@pytest.mark.parametrize(("text", "expected"), RESULTS)
def test_what_a_tool_wrote_is_read(text: str, expected: list[str]) -> None:
    report = told(text)
    got = [f"{p.path}:{p.line} {p.severity} {p.tool} {p.code}" for p in report.problems]
    assert got + [f"- {failure.message}" for failure in report.failures] == expected


def test_messages_and_ranges_of_sarif() -> None:
    first, second = told(json.dumps(SARIF)).problems
    assert first.message == "This query depends on a value."
    assert (first.column, first.end_line, first.end_column) == (5, 4, 9)
    assert [(related.path, related.line) for related in first.related] == [("src/c.py", 9)]
    assert second.message == "Unused name"


def test_messages_of_tests_say_what_went_wrong() -> None:
    assert told(GOTESTSUM).problems[0].message == "got 4, want 3"
    assert told(PHPUNIT).problems[0].message == "Failed asserting that 4 is identical to 3."
    assert told(PYTEST_XML).problems[1].message == "AssertionError: assert {'a': 1} == {'a': 2}"


def test_frames_are_the_repositorys() -> None:
    files = FileIndex(["app/src/main/java/com/acme/Calc.java", "app/src/test/java/com/acme/CalcTest.java", "lib/calc/calc_test.go", "calc/calc_test.go"])  # fmt: skip
    assert [p.path for p in told(SUREFIRE, files).problems] == [
        "app/src/test/java/com/acme/CalcTest.java",
        "app/src/main/java/com/acme/Calc.java",
    ]
    # Two files of one name: the package tells which.
    assert [p.path for p in told(GOTESTSUM, files).problems] == ["calc/calc_test.go"]


def test_a_class_without_frames_is_its_file() -> None:
    text = '<testsuite name="s"><testcase classname="tests.unit.test_a.TestB" name="test_c"><failure message="no"/></testcase></testsuite>'
    (problem,) = told(text, FileIndex(["tests/unit/test_a.py"])).problems
    assert (problem.path, problem.line) == ("tests/unit/test_a.py", None)


def test_the_log_and_the_result_file_tell_of_one_failure() -> None:
    both = merge([(Named("test"), diagnose(PYTEST_LOG)), (Named("test"), told(PYTEST_XML))])
    assert [(p.path, p.line, p.log_line is not None) for p in both.problems] == [
        ("src/money.py", 2, True),
        ("tests/test_money.py", 8, True),
    ]
    assert both.failures == ()


def test_a_result_file_knows_places_that_the_log_does_not() -> None:
    summary = PYTEST_LOG[PYTEST_LOG.index(b"=========================== short") :]
    both = merge([(Named("test"), diagnose(summary)), (Named("test"), told(PYTEST_XML))])
    assert [(p.path, p.line, p.log_line) for p in both.problems] == [
        ("src/money.py", 2, 2),
        ("tests/test_money.py", 8, 3),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuites name="&b;"/>',
        '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite name="a"><testcase name="&x;"/></testsuite>',
        '<!DOCTYPE t [<!ENTITY % x SYSTEM "http://localhost:1/x"> %x;]><testsuite/>',
    ],
    ids=["billion laughs", "a file", "a parameter"],
)
def test_entities_are_refused(text: str) -> None:
    with pytest.raises(FactoryError, match="declares entities"):
        told(text)


@pytest.mark.parametrize(
    "text",
    [PYTEST_XML[:500], '{"runs": [', '{"runs": 3, "$schema": "sarif"}', "<testsuites><a></b></testsuites>", '{"$schema": "x sarif"}'],
)  # fmt: skip
def test_a_damaged_file_is_an_error_with_its_name(text: str) -> None:
    if '"runs": 3' in text:
        assert told(text).problems == ()
        return
    with pytest.raises(FactoryError, match="file cannot be read as") as caught:
        told(text)
    assert caught.value.hint


def test_json_nested_without_end_is_refused() -> None:
    with pytest.raises(FactoryError):
        told('{"runs": [' + "[" * 200_000)


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("factory_ls.ci.results.MAX_SARIF", 10)
    with pytest.raises(FactoryError, match="more than"):
        told(json.dumps(SARIF))


def test_100_000_failures_are_bounded() -> None:
    case = '<testcase classname="a" name="t%d"><failure message="m%d">a/b.py:%d: no</failure></testcase>'
    text = "<testsuite>" + "".join(case % (n, n, n + 1) for n in range(20_000)) + "</testsuite>"
    started = time.process_time()
    report = read(Source(None, iter([text.encode()]), "x", True), limit=100)
    assert report is not None
    assert len(report.problems) == 100
    assert report.dropped == 19_900
    assert time.process_time() - started < 20


def test_nothing_in_a_result_file_steers_a_terminal() -> None:
    report = told('<testsuite><testcase name="a&#x9b;31m" file="a.py"><failure message="&#x202e;no&#x9b;0m">&#x9b;2J</failure></testcase></testsuite>')  # fmt: skip
    (problem,) = report.problems
    assert all(c.isprintable() for c in problem.message + problem.excerpt + (problem.test or ""))


@pytest.mark.parametrize("head", [b"", b"<html>", b"<project>", b'{"a": 1}', b"[1]", b"plain text <testsuite>"])
def test_other_files_are_none(head: bytes) -> None:
    assert kind_of(head) == ""
    assert read(Source(None, iter([head]), "x.xml", True)) is None


def test_an_artifacts_zip_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "artifact.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("reports/junit.xml", PYTEST_XML)
        file.writestr("reports/pom.xml", "<project/>")
        file.writestr("scan.sarif", json.dumps(SARIF))
        file.writestr("../../evil.xml", RUFF_XML)
        file.writestr("image.png", b"\x89PNG")
    found = [report for source in open_log(path) if (report := read(source)) is not None]
    assert sorted(len(report.problems) for report in found) == [1, 2, 2]
    assert not (tmp_path.parent / "evil.xml").exists()
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as file:
        file.extract("reports/junit.xml", folder)
    result = CliRunner().invoke(command, ["--format", "quickfix", str(folder)])
    assert "src/money.py:2" in result.stdout
    assert result.exit_code == 1


def test_one_damaged_report_of_many_is_told_and_passed_over(tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text(PYTEST_XML[:400])
    (tmp_path / "good.xml").write_text(RUFF_XML)
    result = CliRunner().invoke(command, ["--format", "quickfix", str(tmp_path)])
    assert result.stdout == "src/a.py:1:8: error: ruff: `os` imported but unused [F401]\n"
    assert "bad.xml" in result.stderr


def test_standard_input_may_be_a_result_file() -> None:
    result = CliRunner().invoke(command, ["--format", "quickfix", "-"], input=io.BytesIO(RUFF_XML.encode()))
    assert result.stdout.startswith("src/a.py:1:8: error: ruff")
