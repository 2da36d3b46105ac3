"""Ways to weaken checks that were thought up against the reader of diffs, by what they are told as; and honest ones."""

import pytest

from factory_ls.ratchet.cheating import find_cheating
from tests.ratchet.test_cheating import PY, diff

PY_TEST, JS_TEST = "tests/test_x.py", "web/a.test.ts"
JAVA_TEST, RUBY_TEST = "src/test/java/ATest.java", "spec/a_spec.rb"
SECOND = "    assert add(2, 2) == 4"
JS = "it('a', () => {\n  expect(x).toBe(1);\n});"
GO = "func TestA(t *testing.T) {\n\tf()\n}"
RUST = "#[test]\nfn a() {\n    assert_eq!(f(), 1);\n}"
LINT = '"lint": "eslint --max-warnings 0 ."'

SKIPPED = [
    (PY_TEST, "class TestA(unittest.TestCase):", "@unittest.skip('x')\nclass TestA(unittest.TestCase):"),
    (PY_TEST, PY, PY.replace("def test_b", "@unittest.skipIf(True, 'x')\ndef test_b")),
    (PY_TEST, "x = 1", "pytestmark = pytest.mark.skip\nx = 1"),
    ("conftest.py", None, "collect_ignore = ['x']"),
    (JS_TEST, JS, JS.replace("it(", "xit(")),
    (JS_TEST, JS, JS.replace("it(", "it.skip(")),
    (JS_TEST, "describe('a', () => {", "describe.skip('a', () => {"),
    (JS_TEST, "describe('a', () => {", "xdescribe('a', () => {"),
    (JS_TEST, "test('a', f);", "test.fixme('a', f);"),
    (JS_TEST, JS, JS.replace("'a',", "'a', { skip: true },")),
    (JS_TEST, JS, JS.replace("  expect", "  this.skip();\n  expect")),
    (JS_TEST, JS, JS.replace("  expect", "  t.skip();\n  expect")),
    ("a_test.go", GO, GO.replace("\tf()", "\tt.SkipNow()\n\tf()")),
    ("a_test.go", "package a", "//go:build ignore\n\npackage a"),
    ("src/lib.rs", RUST, '#[ignore = "slow"]\n' + RUST),
    ("src/lib.rs", RUST, "#[cfg(never)]\n" + RUST),
    ("src/lib.rs", "#[cfg(test)]\nmod tests {", "#[cfg(any())]\nmod tests {"),
    (JAVA_TEST, "    @Test\n    void a() {}", "    @Test @Disabled\n    void a() {}"),
    (JAVA_TEST, "    @Test\n    void a() {}", "    @Test(enabled = false)\n    void a() {}"),
    (JAVA_TEST, "    @Test\n    void a() {}", '    @DisabledIf("x")\n    @Test\n    void a() {}'),
    (JAVA_TEST, "    void a() {", "    void a() {\n        assumeTrue(false);"),
    (RUBY_TEST, "it 'adds' do", "it 'adds', skip: true do"),
    ("test/a_test.rb", "  test 'x' do", "  test 'x' do\n    skip"),
    ("tests/ATests.cs", "    [Test]\n    void A() {}", '    [Test, Ignore("x")]\n    void A() {}'),
    ("tests/ATest.php", "    public function testA()", "    /** @group skip */\n    public function testA()"),
    ("tests/ATests.swift", "  func testA() {", "  func testA() throws {\n    throw XCTSkip()"),
    ("test/a_test.exs", '  test "x" do', '  @tag :skip\n  test "x" do'),
    ("test/a_test.dart", "  test('x', () {", "  test('x', skip: true, () {"),
    ("test/a_test.cc", "TEST(A, B) {", "TEST(A, B) {\n  GTEST_SKIP();"),
    ("test/a_test.cc", "TEST(A, B) {}", "#if 0\nTEST(A, B) {}\n#endif"),
    ("tests/a.bats", '@test "x" {', '@test "x" {\n  skip'),
]
NOT_RUN = [
    (PY_TEST, PY, PY.replace(SECOND, f"    return\n{SECOND}"), "keeps a test from running"),
    (PY_TEST, PY, PY.replace(SECOND, f"    if False:\n    {SECOND}"), "keeps a test from running"),
    ("a_test.go", GO, GO.replace("\tf()", "\treturn\n\tf()"), "keeps a test from running"),
    ("tests/run.mjs", "process.exit(failed ? 1 : 0)", "process.exit(0)", "keeps a test from running"),
    (
        PY_TEST,
        PY,
        PY.replace(SECOND, f"    try:\n    {SECOND}\n    except Exception:\n        pass"),
        "takes no notice of failures",
    ),
    (PY_TEST, "f()", "with contextlib.suppress(AssertionError):\n    f()", "takes no notice of failures"),
    (JS_TEST, "  await f();", "  await f().catch(() => {});", "takes no notice of failures"),
    (PY_TEST, PY, PY.replace("def test_b", "def check_b"), "deletes a test: test_b"),
    (PY_TEST, "class TestA:\n    pass", "class XTestA:\n    pass", "deletes a test: TestA"),
    ("a_test.go", GO, GO.replace("TestA", "testA"), "deletes a test: TestA"),
    ("src/lib.rs", RUST, RUST.removeprefix("#[test]\n"), "deletes a test"),
    (JAVA_TEST, "    @Test\n    void a() {}", "    void a() {}", "deletes a test"),
    ("tests/a.bats", '@test "x" {\n  true\n}', None, "deletes a file with tests"),
    ("conftest.py", None, "def pytest_collection_modifyitems(items):\n    return", "changes which tests are run"),
    ("tests/conftest.py", "def f(items):", "def f(items):\n    items[:] = []", "changes which tests are run"),
    ("conftest.py", None, "def pytest_sessionfinish(session):\n    return", "changes which tests are run"),
    ("src/lib.rs", RUST, RUST.replace("fn", "#[should_panic]\nfn"), "lets a test fail"),
    (".gitignore", "dist", "dist\ntests/test_x.py", "keeps a test out of the repository"),
    (".gitattributes", "* text", "* text\n*.py -diff", "hides changes"),
]
SAYS_LESS = [
    (PY_TEST, "assert f() == 3", "assert f() is not None", "loosens"),
    (PY_TEST, "assert f() == 3", "assert f() in (3, -1)", "loosens"),
    (PY_TEST, "self.assertEqual(a, 3)", "self.assertTrue(a)", "loosens"),
    (PY_TEST, "assert f() == 3", "assert f() == f()", "cannot fail"),
    (PY_TEST, "assert f() == 3", "assert (f() == 3, 'x')", "cannot fail"),
    (PY_TEST, "assert f() == 3", "assert f() == 3 or True", "cannot fail"),
    (PY_TEST, "assert f() == 3", "assert True", "cannot fail"),
    (PY_TEST, "assert f() == 3", f"assert True{' ' * 3000}", "cannot fail"),
    (JS_TEST, "  expect(x).toBe(1);", "  expect(x).toBe(x);", "cannot fail"),
    (JS_TEST, "  expect(x).toBe(1);", "  expect(x).toEqual(expect.anything());", "loosens"),
    (JS_TEST, "  expect(x).toBe(1);", "  // expect(x).toBe(1);", "removes an assertion"),
    (JS_TEST, "  assert.equal(x, 1);", "  assert.ok(x);", "loosens"),
    ("a_test.go", "\trequire.Equal(t, 1, x)", "\trequire.NotNil(t, x)", "loosens"),
    ("a_test.go", '\t\tt.Errorf("x")', '\t\tt.Logf("x")', "removes an assertion"),
    (JAVA_TEST, "assertThat(x).isEqualTo(3);", "assertThat(x).isNotNull();", "loosens"),
    (RUBY_TEST, "  expect(a).to eq(3)", "  expect(a).to be_truthy", "loosens"),
    (RUBY_TEST, "  expect(a).to eq(3)", "  expect(a).not_to be_nil", "loosens"),
    ("tests/ATests.cs", "    Assert.Equal(3, x);", "    Assert.NotNull(x);", "loosens"),
    ("tests/ATests.swift", "  XCTAssertEqual(x, 3)", "  XCTAssertNotNil(x)", "loosens"),
    ("test/a_test.dart", "  expect(x, 3);", "  expect(x, isNotNull);", "loosens"),
    (PY_TEST, "isclose(x, 1, rel_tol=1e-9)", "isclose(x, 1, rel_tol=1e-1)", "widens a tolerance"),
    (PY_TEST, "assertAlmostEqual(a, b, places=7)", "assertAlmostEqual(a, b, places=1)", "widens a tolerance"),
    (JS_TEST, "  expect(x).toBeCloseTo(1, 5)", "  expect(x).toBeCloseTo(1, 0)", "widens a tolerance"),
    (PY_TEST, "@pytest.mark.parametrize('a', [1, 2])", "@pytest.mark.parametrize('a', [1])", "fewer cases"),
    ("tests/A.cs", "    [InlineData(1)]\n    [InlineData(2)]", "    [InlineData(1)]", "fewer cases"),
    ("web/__snapshots__/a.test.ts.snap", "exports[`a 1`] = `3`;", "exports[`a 1`] = `4`;", "writes anew"),
    ("testdata/a.golden", "3", "4", "writes anew"),
    ("tests/expected/a.txt", "3", "4", "writes anew"),
    ("src/a.py", "def f():", "def f():\n    if 'pytest' in sys.modules:\n        return 1", "otherwise under test"),
    ("src/a.js", "f();", "if (process.env.NODE_ENV === 'test') return 1;\nf();", "otherwise under test"),
    ("src/a.py", "x = 1", "x = 1 if os.environ.get('CI') else 2", "otherwise under test"),
]
CONFIGURED = [
    ("pytest.ini", "[pytest]", "[pytest]\npython_files = foo_*.py", "weakens"),
    ("pytest.ini", "testpaths = tests", "testpaths = tests/unit", "checks less"),
    ("pyproject.toml", "filterwarnings = ['error']", "filterwarnings = ['ignore']", "weakens"),
    ("pyproject.toml", 'select = ["E", "F"]', 'select = ["E"]', "checks less"),
    ("pyproject.toml", 'ignore = ["E501"]', 'ignore = ["E501", "F401"]', "checks less"),
    ("pyproject.toml", 'ignore = [\n  "E501",\n]', 'ignore = [\n  "E501",\n  "F401",\n]', "checks less"),
    ("pyproject.toml", "fail_under = 90", "fail_under = 0", "lowers a coverage limit"),
    ("setup.cfg", "addopts = --cov-fail-under=90", "addopts = -q", "coverage limit"),
    ("jest.config.ts", "coverageThreshold: { global: { lines: 90 } },", "verbose: true,", "coverageThreshold"),
    ("jest.config.js", "testMatch: ['**/*.test.ts'],", "testMatch: ['**/a.test.ts'],", "checks less"),
    ("vitest.config.ts", "test: {", "test: {\n    passWithNoTests: true,", "weakens"),
    ("vitest.config.ts", "test: {", "test: {\n    retry: 3,", "retry"),
    ("eslint.config.js", "rules: {", 'ignores: ["src/**"],\nrules: {', "weakens"),
    ("eslint.config.js", '"no-var": "error",', "", "less strict"),
    (".eslintrc.json", '"rules": {', '"rules": {\n  "no-var": 0', "weakens"),
    (".eslintignore", None, "src/", "checks less"),
    (".rubocop_todo.yml", "A/B:", "A/B:\nC/D:", "checks less"),
    (".rubocop.yml", "A/B:\n  Enabled: true", "A/B:\n  Enabled: false", "weakens"),
    ("tsconfig.json", '"exclude": ["dist"]', '"exclude": ["dist", "src/a.ts"]', "checks less"),
    ("tsconfig.json", '"noEmitOnError": true,', "", "less strict"),
    (".golangci.yml", "linters:\n  enable:\n    - errcheck", "linters:\n  enable:", "checks less"),
    ("Cargo.toml", 'all = "deny"', 'all = "allow"', "weakens"),
    ("pom.xml", "<configuration>", "<configuration>\n<skipTests>true</skipTests>", "weakens"),
    ("build.gradle", "test {", "test {\n  exclude '**/ATest*'", "weakens"),
    ("a.csproj", "<PropertyGroup>", "<PropertyGroup>\n<NoWarn>CS0168</NoWarn>", "weakens"),
    ("CMakeLists.txt", "add_compile_options(-Wall -Werror)", "add_compile_options(-Wall)", "without -Werror"),
    ("CMakeLists.txt", "add_test(NAME a COMMAND a)", "#add_test(NAME a COMMAND a)", "less strict"),
]
COMMANDS = [
    ("package.json", '"test": "jest"', '"test": "jest || true"', "weakens"),
    ("package.json", '"test": "jest"', '"test": "jest; true"', "weakens"),
    ("package.json", '"test": "jest"', '"test": "echo ok"', "no longer runs jest"),
    ("package.json", '"test": "jest",\n"a": "b"', '"a": "b"', "no longer runs jest"),
    ("package.json", '"test": "jest"', '"test": "jest a.test.ts"', "runs only a part"),
    ("package.json", LINT, LINT.replace("--max-warnings 0 ", ""), "without --max-warnings"),
    ("package.json", LINT, LINT.replace("0", "100"), "lets more warnings pass"),
    ("Makefile", "test:\n\tpytest", "test:\n\t-pytest", "no notice of failures"),
    ("Makefile", "test:\n\tpytest", "test:\n\tpytest || :", "weakens"),
    ("Makefile", "test:\n\tpytest", "test:\n\t@echo ok", "no longer runs pytest"),
    ("tox.ini", "commands = pytest", "commands = - pytest", "no notice of failures"),
    ("noxfile.py", 'session.run("pytest")', 'session.run("pytest", success_codes=[0, 1])', "weakens"),
    ("scripts/test.sh", "pytest", "pytest || true", "no notice of failures"),
    ("scripts/test.sh", "set -e\npytest", "pytest", "without set -e"),
    ("scripts/test.sh", "cd src\npytest", "exit 0\ncd src\npytest", "ends before what follows"),
]
FORMS = [(*case, "skips a test") for case in SKIPPED] + NOT_RUN + SAYS_LESS + CONFIGURED + COMMANDS


@pytest.mark.parametrize(("path", "before", "after", "what"), FORMS)
def test_it_is_named(path: str, before: str | None, after: str | None, what: str) -> None:
    findings = find_cheating(diff(path, before, after))
    assert any(what in finding.what for finding in findings), findings
    assert {finding.path for finding in findings} == {path}


HONEST = [
    (PY_TEST, SECOND, f"{SECOND}\n    assert add(0, 2) == 2\n    assert add(-2, 2) == 0"),
    (PY_TEST, PY, PY.replace("(1, 2) == 3", "(1, 2) == 3\n    assert add(3, 4) == 7")),
    (PY_TEST, "    x = f()", "    if not x:\n        return\n    x = f()"),
    (PY_TEST, "    f()", "    try:\n        f()\n    except Exception as error:\n        assert 'x' in str(error)"),
    (PY_TEST, "@pytest.mark.parametrize('a', [1])", "@pytest.mark.parametrize('a', [1, 2])"),
    (PY_TEST, "assert a == 1", "assert (a, b) == (1, 'x')"),
    (RUBY_TEST, "  x = f", "  return if y\n  x = f"),
    (JS_TEST, JS, JS.replace("expect(x).toBe(1);", "expect(x).toBe(1);\n  expect(y).toBe(2);")),
    (JS_TEST, "const a = f();", "const a = list.skip(1);"),
    ("web/__snapshots__/new.test.ts.snap", None, "exports[`a 1`] = `3`;"),
    ("conftest.py", "import pytest", "import pytest\n\n\ndef pytest_configure(config):\n    config.x = 1"),
    ("src/lib.rs", "mod a;", "mod a;\n#[test]\n#[should_panic]\nfn refuses() {\n    f(0);\n}"),
    ("src/main/java/A.java", "class A {", "@IgnoreExtraProperties\nclass A {"),
    ("src/a.ts", "f();", "if (process.env.NODE_ENV === 'production') f();"),
    ("src/a.py", "x = 1", 'x = os.environ.get("CI_TOKEN")'),
    ("src/a.py", "x = 1", "env = {'GITHUB_ACTIONS': 'true'}"),
    ("src/a.ts", '  run("Stopping", f);', '  report("Stopping", f);'),
    ("src/a.ts", '  context("Stopping", f);', '  f("Stopping");'),
    (".gitignore", "dist", "dist\nbuild/"),
    ("pyproject.toml", "dependencies = [\n  'a',\n]", "dependencies = [\n  'a',\n  'b',\n]"),
    ("pyproject.toml", 'select = ["E"]', 'select = ["E", "F"]'),
    ("pyproject.toml", 'ignore = [\n  "E501",\n  "F401",\n]', 'ignore = [\n  "E501",\n]'),
    ("package.json", '"jest": "^29.0.0"', '"jest": "^30.0.0"'),
    ("package.json", '"jest": "^29.0.0",\n"a": "1"', '"a": "1"'),
    ("package.json", '"test": "jest"', '"test": "jest --ci"'),
    ("tsconfig.json", '"target": "es2020"', '"target": "es2022"'),
    ("tsconfig.json", '"strict": false', '"strict": true'),
    ("Makefile", "test:\n\tpytest -q", "test:\n\tpython -m pytest -q"),
    ("Makefile", "clean:\n\trm -r build", "clean:\n\t-rm -r build"),
    ("scripts/build.sh", "set -e\nfind .", "set -euo pipefail\ngrep x file || true\nfind ."),
    ("scripts/build.sh", "a", "if done; then\n  exit 0\nfi\na"),
    ("CMakeLists.txt", "add_library(a a.cc)", "add_library(a a.cc b.cc)"),
    ("Cargo.toml", 'exclude = ["a"]', 'exclude = ["a", "b"]'),
]


@pytest.mark.parametrize(("path", "before", "after"), HONEST)
def test_honest_work_is_left_alone(path: str, before: str | None, after: str | None) -> None:
    assert find_cheating(diff(path, before, after)) == ()


def renamed(old: str, new: str) -> str:
    return f"diff --git a/{old} b/{new}\nsimilarity index 100%\nrename from {old}\nrename to {new}\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tests/test_x.py", "tests/x.py"),
        ("tests/test_x.py", "tests/test_x.py.bak"),
        ("a_test.go", "a.go"),
        ("web/a.test.ts", "web/a.ts"),
        ("src/test/java/ATest.java", "src/main/java/A.java"),
    ],
)
def test_a_test_file_that_is_renamed_away_is_named(old: str, new: str) -> None:
    (finding,) = find_cheating(renamed(old, new))
    assert finding.what == f"renames {old} so that it is not run"


@pytest.mark.parametrize(
    ("old", "new"), [("tests/test_x.py", "tests/unit/test_x.py"), ("web/a.test.ts", "web/b.spec.ts"), ("a.py", "b.py")]
)
def test_a_file_that_is_renamed_is_no_finding(old: str, new: str) -> None:
    assert find_cheating(renamed(old, new)) == ()


def test_tests_that_moved_to_where_nobody_looks_are_deleted_ones() -> None:
    moved = diff("tests/test_x.py", PY, None) + diff("tests/old_x.py", None, PY)
    assert [finding.what for finding in find_cheating(moved)] == ["deletes a file with 2 tests"]


def test_a_test_that_moved_and_says_more_is_kept() -> None:
    more = PY.replace("(1, 2) == 3", "(1, 2) == 3\n    assert add(0, 0) == 0")
    first = PY[: PY.index("def test_b")]
    moved = diff("tests/test_x.py", PY, first) + diff("tests/test_y.py", None, more.replace(first, ""))
    assert find_cheating(moved) == ()


def test_a_change_that_git_does_not_show_is_named() -> None:
    name = "tests/test_x.py"
    text = f"diff --git a/{name} b/{name}\nindex 1..2 100644\nBinary files a/{name} and b/{name} differ\n"
    assert [finding.what for finding in find_cheating(text)] == ["hides what it changes: git takes the file for binary"]
    assert find_cheating(text.replace("tests/test_x.py", "tests/a.png")) == ()


WORKFLOW = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("      - run: pytest", "      - run: pytest || true", "weakens"),
        ("      - run: pytest", "      - run: pytest\n        continue-on-error: true", "weakens"),
        ("      - run: pytest", "      - run: echo", "no longer runs pytest"),
        ("    steps:", "    if: false\n    steps:", "weakens"),
        ("on: [push, pull_request]", "on: workflow_dispatch", "less strict"),
        ("timeout-minutes: 5", "timeout-minutes: 60", "raises a timeout"),
        ("on: push", None, "edits what CI checks"),
    ],
)
def test_a_workflow_that_may_be_edited_may_still_not_be_weakened(before: str, after: str | None, what: str) -> None:
    findings = find_cheating(diff(WORKFLOW, before, after), ci_edits=True)
    assert any(what in finding.what for finding in findings), findings


def test_a_workflow_is_repaired_where_that_is_allowed() -> None:
    repair = diff(WORKFLOW, "      - uses: actions/checkout@v0", "      - uses: actions/checkout@v4")
    assert [finding.what for finding in find_cheating(repair)] == ["edits what CI checks"]
    assert find_cheating(repair, ci_edits=True) == ()
    command = diff("factory-factory.json", '{"checks": {"a": "pytest"}}', '{"checks": {"a": "true"}}')
    assert find_cheating(command, ci_edits=True), "what proves a fix is never the fixer's"
