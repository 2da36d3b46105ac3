"""How tests, assertions, skips and ignore comments are written, by language. Data for `cheating`."""

import re


def _any(*patterns: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), flags)


TEST_PATH = _any(
    r"(?:^|/)(?:tests?|__tests__|specs?|testing|e2e|cypress|src/(?:test|androidTest|integrationTest))/",
    r"(?:^|/)(?:test_[^/]*|conftest)\.py$",
    r"_(?:test|spec|tests)\.(?:py|go|rs|cc|cpp|cxx|c|rb|dart|exs|ml|hs)$",
    r"\.(?:test|spec|cy)\.[cm]?[jt]sx?$",
    r"Tests?\.(?:java|kt|cs|php|scala|swift|groovy)$|Spec\.(?:scala|kt|groovy|hs)$",
)

PROSE_PATH = re.compile(r"\.(?:md|mdx|rst|txt|adoc|org|html?)$")

CI_PATH = _any(
    r"^\.github/(?!ISSUE_TEMPLATE|dependabot|FUNDING|labeler|release).*\.(?:ya?ml|json|sh|py|js)$",
    r"^\.(?:circleci|buildkite|woodpecker|gitlab/ci|azuredevops|azure-pipelines)/",
    r"^(?:\.gitlab-ci|\.travis|azure-pipelines|bitbucket-pipelines|appveyor|\.appveyor|\.drone|codecov|\.codecov"
    r"|\.cirrus|cloudbuild|buildspec|\.pre-commit-config)\.ya?ml$",
    r"(?:^|/)Jenkinsfile$|^factory-factory\.json$",
)
"""Configuration that says what is checked; `factory-factory.json` names the command that proves a fix."""

CONFIG_PATH = _any(
    r"(?:^|/)(?:pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|noxfile\.py|\.coveragerc|mypy\.ini|\.?ruff\.toml|\.flake8"
    r"|\.pylintrc|package\.json|tsconfig[^/]*\.json|biome\.jsonc?|\.?eslint[^/]*|\.nycrc[^/]*|\.c8rc[^/]*"
    r"|(?:jest|vitest|vite|karma|playwright|cypress)\.config\.[cm]?[jt]s|\.mocharc[^/]*|Makefile|justfile|Taskfile\.ya?ml"
    r"|\.golangci\.ya?ml|clippy\.toml|Cargo\.toml|build\.gradle(?:\.kts)?|pom\.xml|\.rubocop\.yml|\.simplecov|phpunit[^/]*"
    r"|phpstan[^/]*|\.swiftlint\.yml|\.clang-tidy|CMakeLists\.txt)$",
)

TEST_DEFINITIONS = _any(
    r"^\s*(?:async\s+)?def\s+(test\w*)\s*\(",  # Python, Ruby
    r"^\s*class\s+(Test\w*)\s*[(:]",  # Python
    # JavaScript, Ruby, Dart
    r"""^\s*[xf]?(?:it|test|describe|specify|context|scenario)(?:\.\w+|\.each\([^)]*\))*[\s(]+(["'`].*?["'`])""",
    r"^func\s+((?:Test|Fuzz|Example)\w*)\s*\(",  # Go
    r"^\s*(#\[(?:\w+::)?(?:test|rstest|wasm_bindgen_test)\b)",  # Rust
    r"^\s*(@(?:Test|ParameterizedTest|RepeatedTest|Property)\b)",  # Java, Kotlin, Scala, Swift
    r"^\s*(\[(?:Fact|Theory|Test|TestCase|TestMethod)\b)",  # C#
    r"^\s*(?:public\s+)?function\s+(test\w*)\s*\(",  # PHP
    r"^\s*func\s+(test\w*)\s*\(\s*\)",  # Swift
    r"^\s*((?:TEST|TEST_F|TEST_P|TYPED_TEST|TEST_CASE|BOOST_AUTO_TEST_CASE)\s*\([^)]*\))",  # C++
)
"""A line that defines a test; the group that matched is its name, or the mark above it."""

SKIPS = _any(
    r"@?pytest\.mark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|importorskip)\s*\(",
    r"@(?:unittest\.)?(?:skip|skipIf|skipUnless|expectedFailure)\b|\.skipTest\s*\(|\braise\s+(?:unittest\.)?SkipTest\b",
    r"(?<![\w.])(?:it|test|describe|context|suite|specify)\.(?:skip|todo|only|fails|failing|skipIf|fixme)\s*[.(`]",
    r"^\s*(?:xit|xtest|xdescribe|xcontext|xspecify|fit|fdescribe)[\s(]+[\"'`]",
    r"\b[tb]\.Skip(?:f|Now)?\s*\(",
    r"^\s*#\[ignore\b",
    r"^\s*@(?:Disabled|Ignore)\b",
    r"^\s*\[Ignore\b|\b(?:Fact|Theory)\s*\(\s*Skip\s*=|\bAssert\.(?:Ignore|Inconclusive)\b",
    r"\bmarkTest(?:Skipped|Incomplete)\s*\(|\bXCTSkip\b|\bGTEST_SKIP\b|\bTEST\w*\s*\([^)]*\bDISABLED_",
    r"""^\s*(?:skip|pending)(?:\s*$|[\s(]+["'])""",
    r"\bcollect_ignore(?:_glob)?\b|__test__\s*=\s*False",
)

IGNORES = _any(
    r"#\s*(?:noqa\b|type:\s*ignore|mypy:\s*(?:ignore|disable)|pyright:\s*ignore|pylint:\s*disable|pragma:\s*no\s*cover|nosec"
    r"|ruff:\s*noqa|flake8:\s*noqa|rubocop:(?:disable|todo)|shellcheck\s+disable|checkov:skip|tflint-ignore|:nocov:)",
    r"(?://|/\*|\{/\*|<!--|\*)\s*(?:eslint-disable|@ts-(?:ignore|expect-error|nocheck)|tslint:disable|biome-ignore"
    r"|oxlint-disable|istanbul\s+ignore|c8\s+ignore|v8\s+ignore|NOLINT|nolint|noinspection|swiftlint:disable|nosemgrep"
    r"|phpcs:(?:ignore|disable)|@phpstan-ignore|@psalm-suppress|cppcheck-suppress|\#nosec|stylelint-disable|NOSONAR"
    r"|ktlint-disable|detekt:disable|ignore:\s)",
    r"^\s*#!?\[(?:allow|expect)\(|^\s*@(?:file:)?Suppress(?:Warnings)?\b|^\s*\[SuppressMessage\b",
    r"^\s*#pragma\s+(?:warning\s+disable|warning\s*\(\s*disable|(?:GCC|clang)\s+diagnostic\s+ignored)",
)

COMMENT = re.compile(r"^\s*(?:#(?![!\[])|//|/\*|\*|--|<!--)")

ASSERTIONS = _any(
    r"\bassert\w*\b",
    r"\b(?:EXPECT|ASSERT|REQUIRE|CHECK|BOOST_CHECK|BOOST_REQUIRE)(?:_\w+)?\s*\(",
    r"\bexpect\s*[({]|\.should\b|\bshould(?:Be|Have|Equal|Throw|Contain|Raise)\w*\b|\bXCT(?:Assert|Fail)\w*",
    r"\b[tb]\.(?:Error|Fatal|Fail)(?:f|Now)?\s*\(",
    r"\bpytest\.raises\b|\bexpectException\w*\b|\bmust_\w+|\bwont_\w+|\bverify\s*\(",
)

CANNOT_FAIL = _any(
    r"\bassert\s*\(?\s*(?:True|1|not\s+False)\s*\)?\s*(?:[,;#].*)?$",
    r"\bassert_?(?:True|that)?!?\s*\(\s*true\b\s*[,)]",
    r"\bassert_?(?:equals?|eq)!?\s*\(\s*(true|\d+)\s*,\s*(?:true|\d+)\s*[,)]",
    r"\bexpect\s*\(\s*(?:true|1|!false)\s*\)",
    r"\b(?:EXPECT|ASSERT)_TRUE\s*\(\s*true\s*\)|\bREQUIRE\s*\(\s*true\s*\)",
    r"\bassert\b.*\bor\s+(?:True|1)\s*$|\bassert\b.*\|\|\s*true\b",
    flags=re.IGNORECASE,
)

EXACT = _any(
    r"===?(?!=)|\bassert\s+not\b|\bis\s+(?!not\b)|\b(?:assert\w*(?:equals?|eq|same|is)|assert_(?:eq|equal|same)\w*!?)(?=\W)",
    r"(?<!not)\.(?:to(?:Be|Equal|StrictEqual|Match(?:Object|Snapshot|InlineSnapshot)|HaveBeenCalledWith|HaveBeenCalledTimes"
    r"|HaveLength|ThrowError|BeCloseTo)\s*\(|(?:eq|eql|equal|deep\.equal)\s*[( ])",
    r"\b(?:EXPECT|ASSERT)_(?:EQ|STREQ|FLOAT_EQ|DOUBLE_EQ)\s*\(|\b(?:assert|require)\.(?:Equal|Exactly|EqualValues|JSONEq)\w*\s*\(",
    r"\bpytest\.raises\s*\(\s*(?!(?:Base)?Exception\b)|\bassert\w*(?:Raises|Throws)\w*\b(?!\s*\(\s*(?:Base)?Exception\b)",
    flags=re.IGNORECASE,
)
"""Says exactly what is expected. Any other assertion (truthy, not null, contains, at least) says less."""

LOOSENED_CONFIG = _any(
    r"\|\|\s*(?:true|exit\s+0)\b|\bcontinue-on-error\b|\bset\s+\+e\b|--passWithNoTests|--no-verify|\b(?:ignoreFailures|failOnViolation\s*=\s*false)",
    r"""["']?(?:strict\w*|no(?:Implicit|Unused|Unchecked)\w+|disallow_\w+|warn_\w+|check_untyped_defs)["']?\s*[:=]\s*(?:false|False)\b""",
    r"\bignore_errors\s*=\s*[Tt]rue|\bfollow_imports\s*=\s*[\"']?skip|\bignore_missing_imports\s*=\s*[Tt]rue",
    r"""["'](?!default["'])[\w@/-]+["']\s*:\s*(?:\[\s*)?["'](?:off|warn)["']|["'][\w@]+/[\w/-]+["']\s*:\s*0\b""",
    r"--(?:ignore|deselect|exclude|skip)[= ]\S|-k\s+[\"']?not\b|\b(?:testPath|coveragePath)IgnorePatterns\b",
    r"^\s*(?:extend-)?(?:ignore|per-file-ignores|exclude|disable|omit)\s*[=:]",
)
"""In files that configure tests and linters: fewer rules, fewer files, failures that do not count."""
