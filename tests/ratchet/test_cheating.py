"""Cheating is named, honest work is not: one sample a language and way."""

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_ls.ratchet.cheating import Finding, find_cheating
from factory_ls.ratchet.diff import parse_diff


def diff(path: str, before: str | None, after: str | None) -> str:
    """As git prints it."""
    lines = difflib.unified_diff(
        (before or "").strip("\n").split("\n") if before is not None else [],
        (after or "").strip("\n").split("\n") if after is not None else [],
        f"a/{path}" if before is not None else "/dev/null",
        f"b/{path}" if after is not None else "/dev/null",
        lineterm="",
    )
    mode = "new file mode 100644\n" if before is None else "deleted file mode 100644\n" if after is None else ""
    return f"diff --git a/{path} b/{path}\n{mode}" + "\n".join(lines) + "\n"


def found(path: str, before: str | None, after: str | None) -> list[str]:
    return [finding.what for finding in find_cheating(diff(path, before, after))]


PY = """
def test_a():
    assert add(1, 2) == 3

def test_b():
    assert add(2, 2) == 4
"""

CHEATS = [
    ("tests/test_x.py", PY, None, "deletes a file with 2 tests"),
    ("tests/test_x.py", PY, PY[: PY.index("def test_b")], "deletes a test: test_b"),
    ("tests/test_x.py", PY, PY.replace("def test_b", "@pytest.mark.skip\ndef test_b"), "skips a test"),
    ("tests/test_x.py", PY, PY.replace("    assert add(2", "    pytest.skip('x')\n    assert add(2"), "skips a test"),
    (
        "tests/test_x.py",
        PY,
        PY.replace("def test_b", "# def test_b").replace("    assert add(2", "#    assert add(2"),
        "deletes a test: test_b",
    ),
    ("tests/test_x.py", PY, PY.replace("add(2, 2) == 4", "add(2, 2)"), "loosens an assertion"),
    ("tests/test_x.py", PY, PY.replace("add(2, 2) == 4", "True"), "asserts what cannot fail"),
    ("tests/test_x.py", PY, PY.replace("assert add(2, 2) == 4", "add(2, 2)"), "removes an assertion"),
    (
        "tests/test_x.py",
        "    with pytest.raises(KeyError):",
        "    with pytest.raises(Exception):",
        "loosens an assertion",
    ),
    ("tests/test_x.py", "assert x == approx(1, rel=0.01)", "assert x == approx(1, rel=0.5)", "widens a tolerance"),
    ("src/a.py", "x = f(y)", "x = f(y)  # type: ignore[arg-type]", "silences a checker"),
    ("src/a.py", "import os", "import os  # noqa: F401", "silences a checker"),
    ("src/a.py", "def f():", "def f():  # pragma: no cover", "silences a checker"),
    (
        "web/a.test.ts",
        "it('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});",
        "it.skip('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});",
        "skips a test",
    ),
    ("web/a.test.ts", "  expect(add(1, 2)).toBe(3);", "  expect(add(1, 2)).toBeDefined();", "loosens an assertion"),
    (
        "web/a.test.ts",
        "  expect(f).toHaveBeenCalledWith(1);",
        "  expect(f).toHaveBeenCalled();",
        "loosens an assertion",
    ),
    ("web/a.test.ts", "it('a', f);\nit('b', g);", "it.only('a', f);\nit('b', g);", "skips a test"),
    ("web/a.test.ts", "it('a', f);\nit('b', g);", "it('a', f);", "deletes a test"),
    ("web/a.ts", "const a = b;", "// @ts-expect-error\nconst a = b;", "silences a checker"),
    ("web/a.ts", "const a = b;", "const a = b; // eslint-disable-line no-var", "silences a checker"),
    ("web/a.test.ts", "it('a', f, 5000);", "jest.setTimeout(60000);\nit('a', f, 5000);", "sets a longer time"),
    (
        "a_test.go",
        "func TestA(t *testing.T) {\n\tf()\n}",
        'func TestA(t *testing.T) {\n\tt.Skip("x")\n\tf()\n}',
        "skips a test",
    ),
    (
        "a_test.go",
        "func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) {}",
        "func TestA(t *testing.T) {}",
        "deletes a test: TestB",
    ),
    ("a.go", "x := f()", "x := f() //nolint:errcheck", "silences a checker"),
    (
        "src/lib.rs",
        "#[test]\nfn works() {\n    assert_eq!(f(), 1);\n}",
        "#[test]\n#[ignore]\nfn works() {\n    assert_eq!(f(), 1);\n}",
        "skips a test",
    ),
    ("src/lib.rs", "    assert_eq!(f(), 1);", "    assert!(f() > 0);", "loosens an assertion"),
    ("src/lib.rs", "fn f() {}", "#[allow(dead_code)]\nfn f() {}", "silences a checker"),
    (
        "src/test/java/ATest.java",
        "    @Test\n    void a() {}",
        "    @Disabled\n    @Test\n    void a() {}",
        "skips a test",
    ),
    (
        "src/test/java/ATest.java",
        "    assertEquals(3, add(1, 2));",
        "    assertNotNull(add(1, 2));",
        "loosens an assertion",
    ),
    ("src/main/java/A.java", "class A {}", '@SuppressWarnings("unchecked")\nclass A {}', "silences a checker"),
    (
        "spec/a_spec.rb",
        "it 'adds' do\n  expect(add).to eq(3)\nend",
        "xit 'adds' do\n  expect(add).to eq(3)\nend",
        "skips a test",
    ),
    ("lib/a.rb", "x = 1", "x = 1 # rubocop:disable Lint/UselessAssignment", "silences a checker"),
    (
        "test/a_test.cc",
        "TEST(A, B) {\n  EXPECT_EQ(f(), 1);\n}",
        "TEST(A, DISABLED_B) {\n  EXPECT_EQ(f(), 1);\n}",
        "skips a test",
    ),
    ("src/a.cc", "int x;", "int x;  // NOLINT", "silences a checker"),
    ("tests/ATests.cs", "    [Fact]\n    void A() {}", '    [Fact(Skip = "x")]\n    void A() {}', "skips a test"),
    (".github/workflows/ci.yml", "run: pytest", "run: pytest || true", "edits what CI checks"),
    (".gitlab-ci.yml", "script: make", "script: 'true'", "edits what CI checks"),
    ("factory-factory.json", '{"checks": {"test": "pytest"}}', '{"checks": {"test": "true"}}', "edits what CI checks"),
    ("pyproject.toml", "fail_under = 90", "fail_under = 70", "lowers a coverage limit"),
    ("pyproject.toml", "[tool.coverage.report]\nfail_under = 90", "[tool.coverage.report]", "removes a coverage limit"),
    ("jest.config.js", "  branches: 80,", "  branches: 50,", "lowers a coverage limit"),
    ("pytest.ini", "[pytest]\ntimeout = 10", "[pytest]\ntimeout = 600", "raises a timeout"),
    ("pytest.ini", "[pytest]\ntimeout = 10", "[pytest]\ntimeout = 0", "raises a timeout"),
    ("Makefile", "test:\n\tgo test -timeout 30s ./...", "test:\n\tgo test -timeout 5m ./...", "raises a timeout"),
    ("tests/test_x.py", "wait(job, timeout=1.5)", "wait(job, timeout=30)", "raises a timeout"),
    ("tsconfig.json", '    "strict": true,', '    "strict": false,', "weakens a checker's configuration"),
    (".eslintrc.json", '    "no-var": "error"', '    "no-var": "off"', "weakens a checker's configuration"),
    (
        "pyproject.toml",
        "addopts = '-q'",
        "addopts = '-q --deselect tests/test_x.py::test_a'",
        "weakens a checker's configuration",
    ),
    ("package.json", '"test": "jest"', '"test": "jest --passWithNoTests"', "weakens a checker's configuration"),
]


@pytest.mark.parametrize(("path", "before", "after", "what"), CHEATS)
def test_it_is_named(path: str, before: str, after: str | None, what: str) -> None:
    findings = find_cheating(diff(path, before, after))
    assert [finding for finding in findings if what in finding.what], findings
    assert len(findings) == 1, findings
    assert findings[0].path == path


HONEST = [
    ("src/calc.py", "def add(a, b):\n    return a - b", "def add(a, b):\n    return a + b"),
    ("src/a.py", "import os\nx = 1", "x = 1"),
    ("src/a.py", "x = f(y)  # type: ignore", "x = g(y)  # type: ignore"),
    ("src/a.py", "assert x == 1\nreturn x", "return x"),
    ("src/a.py", "TIMEOUT = 5", "TIMEOUT = 30"),
    ("src/client.py", "retry(timeout=5)", "retry(timeout=10)"),
    ("src/skipper.py", "def f():", "def skip_test(self):\n    self.skip = True"),
    ("tests/test_x.py", PY, PY.replace("test_b", "test_adds_twos")),
    ("tests/test_x.py", PY, "def test_b():\n    assert add(2, 2) == 4\n\ndef test_a():\n    assert add(1, 2) == 3"),
    ("tests/test_x.py", PY, PY + "\ndef test_c():\n    assert add(0, 0) == 0\n"),
    ("tests/test_x.py", "assert add(1, 2) == 3", "assert plus(1, 2) == 3"),
    ("tests/test_x.py", "assert x\nassert y", "assert x == 1\nassert y == 2"),
    ("tests/test_x.py", "from a import assert_ok", "from b import assert_ok"),
    ("tests/test_x.py", "wait(job, timeout=30)", "wait(job, timeout=10)"),
    ("tests/test_x.py", "@pytest.mark.skip(reason='old')\ndef test_a():", "def test_a():"),
    ("tests/test_x.py", "    # we never skip this\n    x = 1", "    # pytest.mark.skip would be wrong\n    x = 2"),
    ("web/a.test.ts", "  expect(add(1, 2)).toBe(3);", "  expect(add(1, 2)).toEqual(3);"),
    ("web/a.ts", "const skip = items.skip(1);", "const only = items.only(1);\nconst limit = page.skip(2);"),
    ("web/a.ts", "// eslint-disable-next-line no-var\nvar a = 1;", "const a = 1;"),
    ("a_test.go", 't.Fatalf("got %d", x)', 't.Fatalf("got %d, want 1", x)'),
    ("src/lib.rs", "    assert_eq!(f(), 1);", "    assert_eq!(f(), 2);"),
    ("pyproject.toml", "fail_under = 80", "fail_under = 85"),
    ("pyproject.toml", 'version = "1.2.3"', 'version = "1.2.4"'),
    ("pyproject.toml", 'dependencies = ["a>=1"]', 'dependencies = ["a>=1", "b>=2"]'),
    ("package.json", '"lodash": "4.17.20"', '"lodash": "4.17.21"'),
    ("src/actions.py", "x = 1", "only = params.context.only"),
    ("package.json", '"a": 1', '"default": "off"'),
    ("tests/test_x.py", 'assert err == ""', "assert not err"),
    ("docs/testing.md", "Run the tests.", "To skip a test use `pytest.mark.skip`; `# noqa` silences ruff."),
    (".github/ISSUE_TEMPLATE/bug.yml", "name: Bug", "name: Bug report"),
    ("tests/data/sample.json", '{"a": 1}', '{"a": 2}'),
    ("tests/helpers.py", "x = 1", None),
]


@pytest.mark.parametrize(("path", "before", "after"), HONEST)
def test_honest_work_is_left_alone(path: str, before: str, after: str | None) -> None:
    assert found(path, before, after) == []


def test_a_test_that_moved_to_another_file_is_kept() -> None:
    moved = diff("tests/test_x.py", PY, None) + diff("tests/test_y.py", None, PY)
    assert find_cheating(moved) == ()


def test_a_renamed_workflow_is_an_edited_one() -> None:
    text = (
        "diff --git a/.github/workflows/ci.yml b/old/ci.yml\nsimilarity index 100%\n"
        "rename from .github/workflows/ci.yml\nrename to old/ci.yml\n"
    )
    assert find_cheating(text) == (Finding(path="old/ci.yml", line=None, what="edits what CI checks"),)


def test_a_finding_is_one_clean_line_at_its_place() -> None:
    text = diff("tests/test_x.py", "a\nb\nc", "a\nb\nassert True  # \x1b[31mred\x07\nc")
    assert find_cheating(text)[0] == Finding(
        path="tests/test_x.py", line=3, what="asserts what cannot fail: assert True # red"
    )


def test_content_that_looks_like_a_header_is_content() -> None:
    text = diff("a.sql", "-- a/x.py\n-- old", "++ b/.github/workflows/x.yml\n-- new")
    assert [file.path for file in parse_diff(text)] == ["a.sql"]
    assert find_cheating(text) == ()


def test_quoted_names() -> None:
    name = '"a/tests/test_\\303\\244.py"'
    text = f"diff --git {name} {name}\n--- {name}\n+++ {name}\n@@ -1 +1 @@\n-x\n+assert True"
    assert find_cheating(text)[0].path == "tests/test_ä.py"


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "diff --git a/t b/t",
                "--- a/t",
                "+++ /dev/null",
                "@@ -1,3 +2,9 @@",
                "-x",
                "+assert True",
                " c",
                "\\ No newline",
                'rename from "a',
                "deleted file mode 1",
                "@@ -0,0 +1 @@",
                "é\x00",
            ]
        )
        | st.text()
    )
)
def test_no_text_breaks_it(lines: list[str]) -> None:
    find_cheating("\n".join(lines))
