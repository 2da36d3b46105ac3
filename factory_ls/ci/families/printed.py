"""What tests printed: blocks that a test runner marks as such. Whatever they hold, it is no problem of the step's."""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_VITEST = re.compile(r" ?(?:[✓✔❯×] \S|→ |FAIL |RUN |↓ |Test Files? |⎯{4})|\s+[✓×] |(?:stderr|stdout) \| ")


def _console(_: re.Match[str], here: Here) -> list[Found]:
    """jest's `  console.log`: what is indented more."""
    own = len(here.text) - len(here.text.lstrip())
    last = here.line
    for text, line in here.below(500):
        if text.strip() and len(text) - len(text.lstrip()) <= own:
            break
        last = line
    here.claim(last)
    return []


def _stream(match: re.Match[str], here: Here) -> list[Found]:
    """vitest's `stderr | file > test`, up to an empty line, or to one of vitest's own.

    What a build tool put in front of the first line is in front of the empty one too.
    """
    lead = match["lead"].rstrip()
    last = here.line
    for text, line in here.below(500):
        body = text[len(lead) :]
        if not text.startswith(lead) or not body.strip() or _VITEST.match(body):
            break
        last = line
    here.claim(last)
    return []


def _indented(_: re.Match[str], here: Here) -> list[Found]:
    """gradle's `CartTest > adds() STANDARD_OUT`: indented up to what gradle says next."""
    last = here.line
    for text, line in here.below(5000):
        if text.strip() and not text.startswith("    "):
            break
        last = line
    here.claim(last)
    return []


def _passed(_: re.Match[str], here: Here) -> list[Found]:
    """.NET's `  Standard Output Messages:` of a test that passed: indented, up to the next test."""
    last = here.line
    for text, line in here.below(2000):
        if text[:1].strip() or re.match(r"  (?:Passed|Failed|Skipped) \S", text):
            break
        last = line
    here.claim(last)
    return []


def _logged(match: re.Match[str], here: Here) -> list[Found] | None:
    """Further lines of what a Go test logged are indented below `    a_test.go:40: output:`; they are the test's to tell."""
    for text, _ in here.above(200):
        if re.match(r"\s+\w+\.go:\d+: ", text):
            return [] if len(match[0]) - len(match[0].lstrip()) >= len(text) - len(text.lstrip()) + 4 else None
        if not text.startswith("        "):
            break
    return None


FAMILY = Family(
    name="printed",
    about="what tests printed, which is no problem",
    always=True,
    rules=(
        Rule("console.", r"\s{2,}console\.(?:log|error|warn|info|debug|trace|dir)$", _console),
        Rule(("stderr | ", "stdout | "), r"(?P<lead>.*?)\b(?:stderr|stdout) \| \S+\.[cm]?[jt]sx?(?: > .*)?$", _stream),
        Rule((" STANDARD_OUT", " STANDARD_ERR"), r"\S.* (?:STANDARD_OUT|STANDARD_ERR(?:OR)?)$", _indented),
        Rule(
            ("Standard Output Messages:", "Standard Error Messages:"),
            r"\s+Standard (?:Output|Error) Messages:$",
            _passed,
        ),
        Rule(".go:", r" {8,}\S*\.go:\d+:\d+: .*", _logged, scan=r" {8}[^ \n]*\.go:[0-9]+:[0-9]+: "),
    ),
    samples=(
        sample(
            """
CartTest > reads() STANDARD_OUT
    /tmp/junit123/Bad.java:3: error: ';' expected
        int x

    Exception in thread "pool-1" java.lang.RuntimeException: boom
        at com.acme.Pool.run(Pool.java:19)

CartTest > reads() PASSED
""",
            title="gradle",
        ),
        sample(
            """
  Passed A.Tests.Compiles [31 ms]
  Standard Output Messages:
 Program.cs(3,5): error CS1002: ; expected

  Failed A.Tests.Totals [12 ms]
  Error Message:
   System.InvalidOperationException : Sequence contains no elements
  Stack Trace:
     at A.Tests.Totals() in /home/runner/work/a/a/tests/Totals.cs:line 22
  Standard Output Messages:
 src/x.cs(1,1): error CS0001: printed

Test Run Failed.
""",
            "tests/Totals.cs:22 error",
            title=".NET",
        ),
        sample(
            """
=== RUN   TestCompile
    compile_test.go:40: output:
        # example
        ./bad.go:3:5: undefined: x
        ./bad.go:4:2: "fmt" imported and not used
--- PASS: TestCompile (0.31s)
""",
            title="go test -v",
        ),
        sample(
            """
packages/core test: stderr | src/log.test.ts > logs
packages/core test: Error: expected in log
packages/core test:     at log (/home/runner/work/m/m/packages/core/src/log.ts:3:9)
packages/core test:  ✓ src/log.test.ts (2 tests) 4ms
packages/core test:  FAIL  src/parse.test.ts > parse > throws on eof
packages/core test: AssertionError: expected [Function] to throw error including 'eof' but got 'x'
packages/core test:  ❯ src/parse.test.ts:31:22
""",
            "src/parse.test.ts:31 error",
            title="vitest behind pnpm's names",
        ),
        sample(
            """
npx playwright test
[WebServer] Error: ECONNREFUSED
[WebServer]     at db (/home/runner/work/shop/shop/src/lib/db.ts:14:9)

  1) [chromium] › tests/cart.spec.ts:9:5 › adds to cart ──────────

    Error: page.click: Test timeout of 30000ms exceeded.

      10 |   await page.goto('/');
    > 11 |   await page.click('text=Add');
         |              ^
        at /home/runner/work/shop/shop/tests/cart.spec.ts:11:14

  1 failed
""",
            "tests/cart.spec.ts:11 error",
            title="a server's stack under playwright",
        ),
    ),
)
