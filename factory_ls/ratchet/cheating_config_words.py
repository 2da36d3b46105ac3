"""What configures tests, linters and CI, and how it is weakened there. Data for `cheating_config`."""

import re

from factory_ls.ratchet.cheating_words import any_of

CI_PATH = any_of(
    r"^\.github/(?!ISSUE_TEMPLATE|dependabot|FUNDING|labeler|release).*\.(?:ya?ml|json|sh|py|[cm]?[jt]s)$",
    r"^\.(?:circleci|buildkite|woodpecker|gitlab/ci|azuredevops|azure-pipelines|husky)/|(?:^|/)action\.ya?ml$",
    r"^(?:\.gitlab-ci|\.travis|azure-pipelines|bitbucket-pipelines|appveyor|\.appveyor|\.drone|\.?codecov"
    r"|\.cirrus|cloudbuild|buildspec|\.pre-commit-config|\.?lefthook)\.ya?ml$|^sonar-project\.properties$",
    r"(?:^|/)Jenkinsfile$",
)
"""Configuration that says what is checked."""

OWN_PATH = re.compile(r"^factory-factory\.json$")
"""Names the command that proves a fix."""

CONFIG_PATH = any_of(
    r"(?:^|/)(?:pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|noxfile\.py|\.coveragerc|mypy\.ini|\.?ruff\.toml|\.flake8"
    r"|\.pylintrc|pyrightconfig\.json|package\.json|tsconfig[^/]*\.json|biome\.jsonc?|\.?eslint[^/]*|\.nycrc[^/]*|\.c8rc[^/]*"
    r"|(?:jest|vitest|vite|karma|playwright|cypress)\.config\.[cm]?[jt]s|\.mocharc[^/]*|Makefile|[^/]*\.mk|justfile"
    r"|Taskfile\.ya?ml|Rakefile|\.golangci\.ya?ml|clippy\.toml|Cargo\.toml|deny\.toml|build\.gradle(?:\.kts)?|pom\.xml"
    r"|[^/]*\.(?:cs|fs|vb)proj|Directory\.Build\.props|\.rubocop\.yml|\.simplecov|(?:spec|test)_helper\.rb|composer\.json"
    r"|phpunit[^/]*|phpstan[^/]*|\.swiftlint\.yml|\.clang-tidy|CMakeLists\.txt|BUILD(?:\.bazel)?|audit-ci\.json)$",
)

COMMAND_PATH = any_of(
    r"(?:^|/)(?:Makefile|[^/]*\.mk|justfile|Taskfile\.ya?ml|package\.json|composer\.json|tox\.ini|noxfile\.py|Rakefile)$",
    r"\.(?:sh|bash|ps1)$",
)
"""Where the commands stand that run the checks."""

IGNORE_PATH = any_of(
    r"(?:^|/)\.(?:eslint|prettier|stylelint|semgrep|trivy|markdownlint|docker|golangci|biome|secret-scan)ignore$",
    r"(?:^|/)(?:\.rubocop_todo\.yml|phpstan-baseline\.neon|psalm-baseline\.xml|(?:detekt|lint)-baseline\.xml|\.snyk"
    r"|\.secrets\.baseline|\.mypy-baseline\.txt|\.betterer\.results)$",
)
"""Each line of such a file is something that is no longer checked."""

LOOSENED = any_of(
    r"\|\|\s*(?:true|:|exit\s+0|echo)(?!\w)|\bcontinue-on-error\b|\bset\s+\+e\b|--pass-?[wW]ith-?[nN]o-?[tT]ests|--no-verify",
    r";\s*(?:true|:|exit\s+0)\s*[\"']?,?\s*$|\b(?:ignore_outcome|ignoreFailures|testFailureIgnore|passWithNoTests"
    r"|dangerouslyIgnoreUnhandledErrors|skipTests|skipLibCheck|maven\.test\.skip)\b[\"']?\s*[=:>]?\s*[\"']?[Tt]rue",
    r"\bfailOnViolation\s*=\s*false|<TreatWarningsAsErrors>\s*false|<NoWarn>|\bsuccess_codes\s*=",
    r"""["']?\b(?:strict\w*|no(?:Implicit|Unused|Unchecked|Fallthrough|EmitOn)\w+|disallow_\w+|warn_\w+|check_untyped_defs"""
    r"""|xfail_strict|failOnWarning)["']?\s*[:=]\s*(?:false|False)\b""",
    r"\bignore_errors\s*=\s*[Tt]rue|\bfollow_imports\s*=\s*[\"']?skip|\bignore_missing_imports\s*=\s*[Tt]rue",
    r"""["'](?!default["'])[\w@/-]+["']\s*:\s*(?:\[\s*)?["'](?:off|warn)["']|["'](?:no-[\w-]+|[\w@]+/[\w/-]+)["']\s*:\s*0\b""",
    r"--(?:ignore|deselect|exclude|skip)[= ]\S|-k\s+[\"']?not\b|\b(?:testPath|coveragePath)IgnorePatterns\b",
    r"^\s*[\"']?(?:extend-)?(?:ignores?|per-file-ignores|exclude|disable|omit|ignorePatterns|norecursedirs)[\"']?\s*[=:]",
    r"^\s*(?:python_(?:files|classes|functions)|testMatch|testRegex|collect_ignore)\b\s*[=:]|\bfilterwarnings\b.*\bignore\b",
    r"\b(?:WILL_FAIL|DISABLED)\s+(?:TRUE|ON|1)\b|\bflaky\s*=\s*True\b|\btags\s*=.*[\"']manual[\"']",
    r"^\s*(?:test|doctest|bench)\s*=\s*false\b|^\s*[\w-]+\s*=\s*(?:\{\s*level\s*=\s*)?[\"']allow[\"']",
    r"^\s*(?:-\s+)?[\"']?if[\"']?:\s*[\"']?(?:false|\$\{\{\s*false)",
    r"^\s*Enabled:\s*false\b|^\s*enabled\s*=\s*false\b|^\s*exclude\s+['\"]",
)
"""Fewer rules, fewer files, failures that do not count."""

RETRIES = re.compile(r"\b(?:retry|retries|reruns|flaky_retries|--reruns)\b[\"']?\s*[:= ]\s*[\"']?[1-9]")
"""Something that fails is tried again until it passes."""

STRICT = any_of(
    r"-Werror\b|-Wall\b|-Wextra\b|-race\b|--strict(?:-\w+)*\b|--max-warnings\b|--error-on-warnings\b|-D\s*warnings\b|--locked\b"
    r"|-W\s*error\b|--fail-on-\w+|--cov-fail-under\b|--check\b|\bcoverageThreshold\b|\badd_test\s*\(",
    r"""["']?\b(?:strict\w*|no(?:Implicit|Unused|Unchecked|Fallthrough|EmitOn)\w+|disallow_\w+|warn_\w+|check_untyped_defs"""
    r"""|xfail_strict|TreatWarningsAsErrors|failOnWarning)["']?\s*[:=>]\s*(?:true|True)\b""",
    r"""["'](?:no-[\w-]+|[\w@]+/[\w/-]+|[a-z]+(?:-[a-z]+)+)["']\s*:\s*(?:\[\s*)?["']error["']""",
    r"^\s*set\s+-\w*e|^\s*[\"']?on[\"']?:.*\b(?:push|pull_request)\b|^\s+[\"']?pull_request[\"']?:",
)
"""Makes checks strict: weaker without it."""

WIDER = re.compile(
    r"^(?:(?:extend-)?(?:ignores?|exclude[ds]?|skip)|per-file-ignores|omit|disabled?(?:_rules)?|ignorePatterns|norecursedirs"
    r"|deselect|allow(?:list)?|\w*IgnorePatterns|exclusions)$",
    re.IGNORECASE,
)
NARROWER = re.compile(
    r"^(?:(?:extend-)?(?:select|enabled?)|include|testpaths|python_(?:files|classes|functions)|testMatch|testRegex"
    r"|collectCoverageFrom|source|rules)$"
)
"""Keys of lists: of what is not checked, and of what is."""

ALLOWED = re.compile(r"\bmax[-_]?warnings\b|\bmax[-_]?(?:complexity|line[-_]length)\b", re.IGNORECASE)
"""Numbers of what may be wrong."""

RUNNER = re.compile(
    r"\b(pytest|py\.test|unittest|tox|nox|jest|vitest|mocha|ava|karma|playwright\s+test|cypress\s+run|node\s+--test"
    r"|go\s+(?:test|vet)|golangci-lint|staticcheck|cargo\s+(?:test|clippy|fmt|nextest)|ctest|rspec|rubocop|minitest|phpunit"
    r"|phpstan|psalm|mypy|pyright|ruff|flake8|pylint|black|isort|eslint|tsc|prettier|biome|stylelint|bandit|semgrep"
    r"|(?:gradlew?|mvnw?)\s+[\w:-]*(?:test|check|verify)|dotnet\s+test|mix\s+(?:test|credo|format)|swift\s+test"
    r"|(?:flutter|dart)\s+(?:test|analyze)|shellcheck|hadolint|bats)(?![\w.=/-])"
)
"""Programs that check; their names as commands have them."""
SWALLOWING = re.compile(
    r"\|\|\s*(?:true|:|exit\s+0|echo)(?!\w)|;\s*(?:true|:|exit\s+0)\s*[\"']?,?\s*$|^\t@?-|^(?:commands\s*=)?\s*-\s+\w"
)
COVERAGE = re.compile(
    r"fail[-_]under|cov\w*[-_]?(?:threshold|limit|min\w*)|minimum_coverage|min_coverage|<minimum>"
    r"|\b(?:statements|branches|functions|lines|minimum|threshold)\b[\"']?\s*[:=]",
    re.IGNORECASE,
)
