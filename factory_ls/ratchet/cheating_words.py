"""How tests, assertions, skips and ignore comments are written, by language. Data for `cheating`."""

import re


def any_of(*patterns: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), flags)


TEST_PATH = any_of(
    r"(?:^|/)(?:tests?|__tests__|specs?|testing|e2e|cypress|src/(?:test|androidTest|integrationTest))/",
    r"(?:^|/)(?:test_[^/]*|conftest)\.py$",
    r"_(?:test|spec|tests)\.(?:py|go|rs|cc|cpp|cxx|c|rb|dart|exs|ml|hs)$",
    r"\.(?:test|spec|cy)\.[cm]?[jt]sx?$",
    r"Tests?\.(?:java|kt|cs|php|scala|swift|groovy)$|Spec\.(?:scala|kt|groovy|hs)$",
)

COLLECTED = any_of(
    r"(?:^|/)(?:test_[^/]*|[^/]*_test|tests?)\.py$",
    r"_(?:test|spec)\.(?:go|rb|dart|exs|cc|cpp|c)$|(?:^|/)test_[^/]*\.(?:rb|c|cc|cpp|ml)$",
    r"\.(?:test|spec|cy)\.[cm]?[jt]sx?$|(?:^|/)__tests__/[^/]*\.[cm]?[jt]sx?$|\.bats$",
    r"(?:Tests?|Spec|IT)\.(?:java|kt|cs|php|scala|swift|groovy|hs)$",
)
"""File names by which test runners find tests when nobody tells them otherwise."""

EXPECTED_PATH = any_of(
    r"(?:^|/)__(?:image_)?snapshots__/|\.(?:snap|ambr|golden|approved\.\w+|verified\.\w+)$",
    r"(?:^|/)(?:tests?|spec|testdata)/(?:.*/)?(?:snapshots|golden|goldens|expected)/|(?:^|/)snapshots/[^/]*\.snap$",
)
"""What tests compare with. Written anew it agrees with anything."""

PROSE_PATH = re.compile(r"(?<!CMakeLists)\.(?:md|mdx|rst|txt|adoc|org|html?)$")

TEST_DEFINITIONS = any_of(
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

SKIPS = any_of(
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
    r"\b(?:this|t|tc|test|ctx|it|tap|suite)\.skip\s*\(|^\s*(?:it|test|describe)\b.*\bskip\s*:",  # node:test, Dart
    r"^\s*(?:it|describe|context|specify|test)\s+[\"'].*[:,]\s*:?(?:skip|pending)\b",  # RSpec
    r"@(?:Disabled|Ignore)\w*|@Test\s*\([^)]*enabled\s*=\s*false|\bassume(?:True|That|Thing)?\s*\(\s*false\b",  # JVM
    r"^\s*\[\s*(?:\w+(?:\([^)]*\))?\s*,\s*)*(?:Ignore|Explicit)\b|\bSkip\s*=\s*[\"']",  # .NET
    r"^\s*@(?:module)?tag\s+:?(?:skip|pending)\b",  # Elixir
    r"^\s*#\[cfg\((?:any\(\)|never|FALSE|false)\)",  # Rust
)
MARKS = any_of(
    r"^\s*//go:build\s+(?:ignore|never|disabled)|^\s*//\s*\+build\s+(?:ignore|never|disabled)",
    r"@group\s+(?:skip|disabled)\b|^\s*#\s*if\s+(?:0|false)\b",
)
"""Skips that are written as comments."""

PANICS = re.compile(r"^\s*#\[should_panic\b")
"""A test that is to fail: honest on a new one."""

UNREACHED = any_of(
    r"^\s*(?:\}?\s*else\s+)?if\s*\(?\s*(?:False|false|0|not\s+True|!true)\s*\)?\s*(?:[:{]|(?:it|test|expect)\b)",
    r"^\s*(?:while|for)\s*\(?\s*(?:False|false|0)\b",
    r"\b(?:sys\.exit|os\._exit|process\.exit|os\.Exit|System\.exit)\s*\(\s*0?\s*\)|^\s*exit\s*\(\s*0\s*\)",
)
"""What keeps the rest of a test from being run."""
RETURN = re.compile(r"^(\s+)(?:return|break)\b(?!.*\b(?:if|unless)\b)[^=({]*;?\s*$")

SWALLOWED = any_of(
    r"^\s*except\b[^:]*\bAssertionError\b.*:|\bsuppress\s*\([^)]*(?:AssertionError|\bException)\b",
    r"^\s*except\s*(?:\(?\s*(?:Base)?Exception\b[^:]*)?:\s*(?:pass|return|\.\.\.)\s*$",
    r"\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}|\.catch\s*\(\s*\(?\w*\)?\s*=>\s*(?:\{\s*\}|null|undefined)\s*\)",
    r"\brescue\s+(?:nil|Exception|Minitest::Assertion|RSpec::Expectations)\b",
)
CATCH_ALL = re.compile(r"^\s*(?:except\s*(?:\(?\s*(?:Base)?Exception\b[^:]*)?:|\}?\s*catch\s*(?:\([^)]*\))?\s*\{)\s*$")
NOTHING_DONE = re.compile(r"^\s*(?:pass|return|continue|\.\.\.|\}|return;|//.*)\s*$")

HOOKS = any_of(
    r"\bdef\s+pytest_(?:collection_modifyitems|ignore_collect|collect_\w+|pycollect_\w+|runtest_\w+|sessionfinish"
    r"|pyfunc_call|deselected|itemcollected|report_teststatus|exception_interact)\b",
    r"\bitems(?:\[:\]\s*=|\.clear\s*\(|\.remove\s*\()|\.add_marker\s*\(|\bexitstatus\s*=|\bre?p(?:ort)?\.outcome\s*=",
)
"""In files that test runners load by themselves: what changes which tests are run, and how they end."""

UNDER_TEST = any_of(
    r"\b(?:PYTEST_CURRENT_TEST|JEST_WORKER_ID|VITEST_WORKER_ID)\b|[\"']pytest[\"']\s+(?:not\s+)?in\s+sys\.modules",
    r"\bNODE_ENV\b[\"'\]]*\s*[!=]==?\s*[\"']test|\bprocess\.env\.(?:CI|VITEST|GITHUB_ACTIONS)\b|\btesting\.Testing\s*\(|\bcfg!\s*\(\s*test\s*\)",
    r"\b(?:environ(?:\.get)?|getenv|Getenv|ENV)\s*[\[(]\s*[\"'](?:CI|GITHUB_ACTIONS)[\"']|\bRails\.env\.test\?|\brunningUnitTests\b",
)
"""In code that is no test: it behaves otherwise where it is tested."""

CASES = re.compile(
    r"\bparametrize\s*\(|\.each\s*[(`]|@(?:Value|Csv)Source\b|\[(?:TestCase|InlineData|DataRow)\b|#\[case\b"
)

IGNORES = any_of(
    r"#\s*(?:noqa\b|type:\s*ignore|mypy:\s*(?:ignore|disable)|pyright:\s*ignore|pylint:\s*disable|pragma:\s*no\s*cover|nosec"
    r"|ruff:\s*noqa|flake8:\s*noqa|rubocop:(?:disable|todo)|shellcheck\s+disable|checkov:skip|tflint-ignore|:nocov:)",
    r"(?://|/\*|\{/\*|<!--|\*)\s*(?:eslint-disable|@ts-(?:ignore|expect-error|nocheck)|tslint:disable|biome-ignore"
    r"|oxlint-disable|istanbul\s+ignore|c8\s+ignore|v8\s+ignore|NOLINT|nolint|noinspection|swiftlint:disable|nosemgrep"
    r"|phpcs:(?:ignore|disable)|@phpstan-ignore|@psalm-suppress|cppcheck-suppress|\#nosec|stylelint-disable|NOSONAR"
    r"|ktlint-disable|detekt:disable|ignore:\s|prettier-ignore|svelte-ignore|deno-(?:lint|fmt)-ignore|spell-?checker:\s*disable)",
    r"^\s*#!?\[(?:allow|expect)\(|^\s*@(?:file:)?Suppress(?:Warnings)?\b|^\s*\[SuppressMessage\b",
    r"^\s*#pragma\s+(?:warning\s+disable|warning\s*\(\s*disable|(?:GCC|clang)\s+diagnostic\s+ignored)",
)

COMMENT = re.compile(r"^\s*(?:#(?![!\[])|//|/\*|\*|--|<!--)")

ASSERTIONS = any_of(
    r"\b[Aa]ssert\w*\b|\brequire\.\w+\s*\(",
    r"\b(?:EXPECT|ASSERT|REQUIRE|CHECK|BOOST_CHECK|BOOST_REQUIRE)(?:_\w+)?\s*\(",
    r"\bexpect\s*[({]|\.should\b|\bshould(?:Be|Have|Equal|Throw|Contain|Raise)\w*\b|\bXCT(?:Assert|Fail)\w*",
    r"\b[tb]\.(?:Error|Fatal|Fail)(?:f|Now)?\s*\(",
    r"\bpytest\.raises\b|\bexpectException\w*\b|\bmust_\w+|\bwont_\w+|\bverify\s*\(",
)

CANNOT_FAIL = any_of(
    r"\bassert\s*\(?\s*(?:True|1|not\s+False)\s*\)?\s*(?:[,;#].*)?$",
    r"\bassert_?(?:True|that)?!?\s*\(\s*true\b\s*[,)]",
    r"\bassert_?(?:equals?|eq)!?\s*\(\s*(true|\d+)\s*,\s*(?:true|\d+)\s*[,)]",
    r"\bexpect\s*\(\s*(?:true|1|!false)\s*\)",
    r"\b(?:EXPECT|ASSERT)_TRUE\s*\(\s*true\s*\)|\bREQUIRE\s*\(\s*true\s*\)",
    r"\bassert\b.*\bor\s+(?:True|1)\s*$|\bassert\b.*\|\|\s*true\b",
    r"^\s*assert\s*\((?:[^()]|\([^()]*\))*,\s*f?(?:\"[^\"]*\"|'[^']*')\s*\)\s*$|^\s*assert\s+f?(?:\"[^\"]+\"|'[^']+')\s*$",
    r"^\s*assert\s+(?P<one>\S.*?)\s*==\s*(?P=one)\s*(?:,.*)?$|\bassert_?equals?\w*\s*\(\s*(?P<two>[^,()]+(?:\([^()]*\))?)\s*,\s*(?P=two)\s*[,)]",
    r"\bexpect\s*\(\s*(?P<three>[^()]+(?:\([^()]*\))?)\s*\)\s*\.to\w*\s*\(\s*(?P=three)\s*\)",
    flags=re.IGNORECASE,
)

EXACT = any_of(
    r"===?(?!=)|\bassert\s+not\b|\bis\s+(?!not\b)|\b(?:assert\w*(?:equals?|eq|same|is)|assert_(?:eq|equal|same)\w*!?)(?=\W)",
    r"\.to\s+(?:eq|eql|equal|match_array)\b|\bexpect\s*\([^()]+(?:\([^()]*\))?,\s*[^()]+\)\s*;?$",
    r"\bXCTAssertEqual\b|\bAssert\.(?:Equal|Same|AreEqual|StrictEqual|That\s*\(.*(?:EqualTo|Is\.EqualTo))\b",
    r"\.(?:isEqualTo|isSameAs|containsExactly\w*|hasSize|shouldBe|shouldEqual)\b",
    r"(?<!not)\.(?:to(?:Be|Equal|StrictEqual|Match(?:Object|Snapshot|InlineSnapshot)|HaveBeenCalledWith|HaveBeenCalledTimes"
    r"|HaveLength|ThrowError|BeCloseTo)\s*\(|(?:eq|eql|equal|deep\.equal)\s*[( ])",
    r"\b(?:EXPECT|ASSERT)_(?:EQ|STREQ|FLOAT_EQ|DOUBLE_EQ)\s*\(|\b(?:assert|require)\.(?:Equal|Exactly|EqualValues|JSONEq)\w*\s*\(",
    r"\bpytest\.raises\s*\(\s*(?!(?:Base)?Exception\b)|\bassert\w*(?:Raises|Throws)\w*\b(?!\s*\(\s*(?:Base)?Exception\b)",
    flags=re.IGNORECASE,
)
"""Says exactly what is expected. Any other assertion (truthy, not null, contains, at least) says less."""
LOOSE = re.compile(
    r"expect\.(?:any|anything)\b|\b(?:isNot(?:Null|Empty|Nil)|is(?:Null|A)|anything|be_(?:truthy|falsey|nil))\b|assertNot|NotN(?:ull|il)\b",
    re.IGNORECASE,
)
"""Says less however it is written."""
