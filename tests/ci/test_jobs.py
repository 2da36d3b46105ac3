"""Job logs as runners write them: what wraps a tool's lines, what only looks like a problem, what was tried again."""

# ruff: noqa: E501, RUF001 (the tools' own lines)

from typing import NamedTuple

import pytest

from factory_ls.ci.diagnose import diagnose


class Job(NamedTuple):
    """`output` is what a failed step printed; `expected` the errors' places, and nothing else may be an error."""

    title: str
    output: str
    expected: tuple[str, ...]


def job(title: str, output: str, *expected: str) -> Job:
    return Job(title, output.strip("\n"), expected)


JOBS = [
    job(
        "a time of its own in front of each line",
        """
May 27 04:04:44 04:04:44.495 [ERROR] Tests run: 1, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 2.512 s <<< FAILURE! -- in org.acme.docs.DocsITCase
May 27 04:04:44 04:04:44.495 [ERROR] org.acme.docs.DocsITCase.upToDate(Path) -- Time elapsed: 2.485 s <<< FAILURE!
May 27 04:04:44 java.lang.AssertionError:
May 27 04:04:44 [`rest.yml` is out of date.]
May 27 04:04:44 \tat org.acme.docs.DocsITCase.upToDate(DocsITCase.java:46)
May 27 04:04:44 \tat java.base/java.lang.reflect.Method.invoke(Method.java:568)
May 27 04:04:44
May 27 04:04:45 04:04:45.887 [ERROR] Failures:
May 27 04:04:45 04:04:45.887 [ERROR]   DocsITCase.upToDate:46
May 27 04:04:45 04:04:45.888 [INFO] Reactor Summary for Acme 1.0:
""",
        "DocsITCase.java:46",
    ),
    job(
        "xUnit's lines between those of dotnet test",
        """
  Failed Acme.Tests.SymbolTests.Checks(symbol: "../../../etc/passwd") [< 1 ms]
  Error Message:
   Expected exception message to match "traversal*".
  Stack Trace:
     at FluentAssertions.Execution.XUnit2TestFramework.Throw(String message)
   at Acme.Tests.SymbolTests.Checks(String symbol) in /home/runner/work/a/a/Acme.Tests/SymbolTests.cs:line 201
[xUnit.net 00:00:00.77]     Acme.Tests.HistoryTests.Throws(symbol: "   ") [FAIL]
[xUnit.net 00:00:00.77]       Assert.Throws() Failure: Exception type was not an exact match
[xUnit.net 00:00:00.77]       Stack Trace:
[xUnit.net 00:00:00.78]         /home/runner/work/a/a/Acme.Tests/HistoryTests.cs(380,0): at Acme.Tests.HistoryTests.Throws(String symbol)
[xUnit.net 00:00:00.78]         ----- Inner Stack Trace -----
[xUnit.net 00:00:00.78]         /home/runner/work/a/a/Acme/DataParser.cs(42,0): at Acme.DataParser.Parse(String json)
""",
        "Acme.Tests/SymbolTests.cs:201",
        "Acme.Tests/HistoryTests.cs:380",
    ),
    job(
        "an error in a library's macro",
        """
In file included from /opt/esp/idf/components/freertos/include/event_groups.h:39,
                 from /__w/pet/pet/main/sx1262.cpp:12:
/opt/esp/idf/components/freertos/include/event_groups.h:545:5: error: 'xTimerPend' was not declared in this scope
  545 |     xTimerPend( callback )
      |     ^~~~~~~~~~
/__w/pet/pet/main/sx1262.cpp:475:9: note: in expansion of macro 'xEventGroupSetBitsFromISR'
  475 |         xEventGroupSetBitsFromISR(self->event_group_);
      |         ^~~~~~~~~~~~~~~~~~~~~~~~~
""",
        "main/sx1262.cpp:475",
    ),
    job(
        "what a test printed, behind a package's name",
        """
@acme/api:test: stderr | src/auth.test.ts > auth > rejects bad tokens
@acme/api:test: Error: invalid token
@acme/api:test:     at verify (/home/runner/work/acme/acme/apps/api/src/auth.ts:12:11)
@acme/api:test:
@acme/api:test:  FAIL  src/user.test.ts > users > creates a user
@acme/api:test: AssertionError: expected 201 to be 200 // Object.is equality
@acme/api:test:
@acme/api:test:  ❯ src/user.test.ts:22:24
@acme/api:test:      22|     expect(res.status).toBe(200);
@acme/api:test:        |                        ^
@acme/api:test:
web:build: Failed to compile.
web:build:
web:build: ./src/app/page.tsx:31:18
web:build: Type error: Property 'titel' does not exist on type 'Post'. Did you mean 'title'?
""",
        "src/user.test.ts:22",
        "src/app/page.tsx:31",
    ),
    job(
        "two packages that print at once",
        """
packages/ui test$ vitest run
packages/api test$ vitest run
packages/ui test:  FAIL  src/button.test.ts > renders
packages/api test: src/db.ts(7,3): error TS2322: Type 'string' is not assignable to type 'number'.
packages/ui test: AssertionError: expected 'a' to be 'b' // Object.is equality
packages/api test:  FAIL  src/db.test.ts > connects
packages/ui test:  ❯ src/button.test.ts:9:18
packages/api test: Error: connect ECONNREFUSED 127.0.0.1:5432
packages/ui test: ⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯
packages/api test:  ❯ src/db.test.ts:14:5
packages/api test: ⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯
packages/api test: Failed
""",
        "src/button.test.ts:9",
        "src/db.ts:7",
        "src/db.test.ts:14",
    ),
    job(
        "a test that passed when run again",
        """
[ERROR] Tests run: 2, Failures: 1, Errors: 1, Skipped: 0, Flakes: 1, Time elapsed: 1.4 s <<< FAILURE! -- in com.acme.FlakyIT
[ERROR] com.acme.FlakyIT.sometimes -- Time elapsed: 0.1 s <<< FAILURE!
org.opentest4j.AssertionFailedError: expected: <1> but was: <2>
	at com.acme.FlakyIT.sometimes(FlakyIT.java:19)

[ERROR] com.acme.FlakyIT.always -- Time elapsed: 0.02 s <<< ERROR!
java.lang.IllegalStateException: closed
	at com.acme.FlakyIT.always(FlakyIT.java:27)

[ERROR] Errors:
[ERROR] com.acme.FlakyIT.always
[ERROR]   Run 1: FlakyIT.always:27 » IllegalState closed
[ERROR]   Run 2: FlakyIT.always:27 » IllegalState closed
[INFO]
[WARNING] Flakes:
[WARNING] com.acme.FlakyIT.sometimes
[ERROR]   Run 1: FlakyIT.sometimes:19 expected: <1> but was: <2>
[INFO]   Run 2: PASS
[INFO]
[ERROR] Tests run: 2, Failures: 0, Errors: 1, Skipped: 0, Flakes: 1
""",
        "com/acme/FlakyIT.java:27",
    ),
    job(
        "a framework's own file among the places of a PHP test",
        """
There was 1 failure:

1) App\\Tests\\OrderControllerTest::testShow
Failed asserting that the Response status code is 200.
HTTP/1.1 500 Internal Server Error

/var/www/html/vendor/symfony/framework-bundle/Test/BrowserKitAssertionsTrait.php:161
/var/www/html/tests/OrderControllerTest.php:18

FAILURES!
""",
        "/var/www/html/tests/OrderControllerTest.php:18",
    ),
    job(
        "pending examples, a failing hook and a view",
        """
An error occurred in an `after(:suite)` hook.
Failure/Error: Redis.current.flushdb

Redis::CannotConnectError:
  Connection refused
# ./spec/support/redis.rb:9:in `block (2 levels) in <top (required)>'

Pending: (Failures listed here are expected and do not affect your suite's status)

  1) Refunds works with partial amounts
     # not implemented
     Failure/Error: expect(refund.amount).to eq 5

       expected: 5
     # ./spec/models/refund_spec.rb:20:in `block (2 levels) in <top (required)>'

Failures:

  1) Events GET #index should be successful
     Failure/Error: <%= event.user.name %>

     ActionView::Template::Error:
       undefined method `name' for nil:NilClass
     # ./app/views/events/_event_row.html.erb:8:in `_app_views_events__event_row_html_erb__18_15'
     # ./spec/requests/events_spec.rb:45:in `block (4 levels) in <top (required)>'

Finished in 1 minute 44.61 seconds (files took 8.25 seconds to load)
""",
        "spec/support/redis.rb:9",
        "app/views/events/_event_row.html.erb:8",
    ),
    job(
        "a dependency's frame between those of the application",
        """
  1) test GET / (ShopWeb.PageControllerTest)
     test/shop_web/page_controller_test.exs:4
     ** (KeyError) key :title not found in: %{flash: %{}}
     code: conn = get(conn, ~p"/")
     stacktrace:
       (phoenix 1.7.14) lib/phoenix/endpoint.ex:9: Foo.bar/1
       (shop 0.3.0) lib/shop_web/page_html/home.html.heex:3: ShopWeb.PageHTML.home/1
       test/shop_web/page_controller_test.exs:5: (test)

""",
        "lib/shop_web/page_html/home.html.heex:3",
    ),
    job(
        "a Dart test that does not compile",
        """
00:05 +1 -1: /home/runner/work/m/m/test/widget_test.dart: Counter increments [E]
  Test failed. See exception logs above.
  The test description was: Counter increments

00:07 +1 -2: loading /home/runner/work/m/m/test/broken_test.dart [E]
  Failed to load "/home/runner/work/m/m/test/broken_test.dart":
  test/broken_test.dart:6:3: Error: Method not found: 'bar'.
    bar();
    ^^^
00:08 +1 -3: loading /home/runner/work/m/m/test/gone_test.dart [E]
  Failed to load "/home/runner/work/m/m/test/gone_test.dart": Does not exist.
""",
        "test/broken_test.dart:6",
        "test/gone_test.dart",
    ),
    job(
        "what the .NET SDK says of a project",
        """
C:\\Program Files\\dotnet\\sdk\\8.0.404\\Sdks\\Microsoft.NET.Sdk\\targets\\Microsoft.NET.TargetFrameworkInference.targets(166,5): error NETSDK1045: The current .NET SDK does not support targeting .NET 9.0. [D:\\a\\acme\\acme\\src\\Acme.Api\\Acme.Api.csproj::TargetFramework=net9.0]
CSC : error CS5001: Program does not contain a static 'Main' method [D:\\a\\acme\\acme\\tools\\Gen\\Gen.csproj]
C:\\Users\\runneradmin\\.nuget\\packages\\grpc.tools\\2.66.0\\build\\Tools.targets(290,5): error MSB6006: "protoc.exe" exited with code 1. [D:\\a\\acme\\acme\\src\\Acme.Proto\\Acme.Proto.csproj]
""",
        "src/Acme.Api/Acme.Api.csproj",
        "tools/Gen/Gen.csproj",
    ),
    job(
        "a module that webpack did not find, for another tool",
        """
Error: Webpack Compilation Error
./cypress/e2e/login.cy.ts
Module not found: Error: Can't resolve '../support/users' in '/home/runner/work/web/web/cypress/e2e'
resolve '../support/users' in '/home/runner/work/web/web/cypress/e2e'
  using description file: /home/runner/work/web/web/package.json (relative path: ./cypress/e2e)
 @ ./cypress/e2e/login.cy.ts 3:0-42
""",
        "cypress/e2e/login.cy.ts:3",
    ),
    job(
        "code behind a compiler's word for a warning",
        """
[warn] -- [E198] Unused Symbol Warning: /home/runner/work/lib/lib/core/src/Io.scala:3:14
[warn] 3 |import scala.util.Try
[warn]   |                  ^^^
[warn]   |                  unused import
[error] -- [E007] Type Mismatch Error: /home/runner/work/lib/lib/core/src/Money.scala:12:19
[error] 12 |  def total: Int = "x"
[error]    |                   ^^^
[error]    |                   Found:    ("x" : String)
""",
        "core/src/Money.scala:12",
    ),
    job(
        "a contract's test with its trace, told again in the end",
        """
Ran 3 tests for test/Token.t.sol:TokenTest
[PASS] testMint() (gas: 51231)
[FAIL: assertion failed: 10 != 11] testTransfer() (gas: 61231)
Logs:
  Error: a == b not satisfied [uint]
Traces:
    └─ ← [Revert] assertion failed: 10 != 11

Backtrace:
  at TokenTest.testTransfer (test/Token.t.sol:33:9)

Suite result: FAILED. 1 passed; 1 failed; 0 skipped; finished in 3.21ms

Failing tests:
Encountered 1 failing test in test/Token.t.sol:TokenTest
[FAIL: assertion failed: 10 != 11] testTransfer() (gas: 61231)

Encountered a total of 1 failing tests, 1 tests succeeded
Diff in src/Vault.sol:
12     |-contract Vault{
12     |+contract Vault {
""",
        "test/Token.t.sol:33",
        "src/Vault.sol:12",
    ),
    job(
        "a sketch by its name",
        """
/home/runner/work/lib/lib/examples/Blink/Blink.ino: In function 'void setup()':
Blink:4:3: error: 'pinMod' was not declared in this scope
   pinMod(LED_BUILTIN, OUTPUT);
   ^~~~~~
exit status 1
""",
        "examples/Blink/Blink.ino:4",
    ),
    job(
        "an action that cannot be loaded",
        """
##[error]/home/runner/work/acme/acme/./.github/actions/setup/action.yml (Line: 14, Col: 12): Unrecognized named-value: 'secrets'. Located at position 1 within expression: secrets.NPM_TOKEN
##[error]GitHub.DistributedTask.ObjectTemplating.TemplateValidationException: The template is not valid. /home/runner/work/acme/acme/./.github/actions/setup/action.yml (Line: 14, Col: 12): Unrecognized named-value: 'secrets'. Located at position 1 within expression: secrets.NPM_TOKEN
   at GitHub.DistributedTask.ObjectTemplating.TemplateValidationErrors.Check()
##[error]Failed to load /home/runner/work/acme/acme/./.github/actions/setup/action.yml
""",
        ".github/actions/setup/action.yml:14",
    ),
    job(
        "the stack of an action, which is nobody's to mend",
        """
RequestError [HttpError]: Resource not accessible by integration
    at /home/runner/work/_actions/actions/github-script/v7/dist/index.js:9537:21
    at async main (/home/runner/work/_actions/actions/github-script/v7/dist/index.js:35728:20) {
  status: 403,
##[error]Unhandled error: HttpError: Resource not accessible by integration
""",
    ),
    job(
        "what a check of the repository's own prints",
        """
> node scripts/boundary-scan.mjs

Boundary violations:
packages/core/src/runtime/index.ts:14 imports packages/core/src/dom/host.ts (runtime -> dom)
packages/core/src/runtime/track.ts:3 imports packages/core/src/dom/host.ts (runtime -> dom)
""",
        "packages/core/src/runtime/index.ts:14",
        "packages/core/src/runtime/track.ts:3",
    ),
    job(
        "remarks beside what a tool told",
        """
src/app/main.ts:12 uses the old API, see docs/migration.md
src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.
""",
        "src/a.ts:3",
    ),
    job(
        "Swift's tests with arguments, and a module of CMake's",
        """
✘ Test maps(_:) recorded an issue with 1 argument diagnostic → "Connection closed by 192.0.2.1" at StartupTests.swift:61:9: Expectation failed: (status → .failed) == .retryable
CMake Error at C:/Program Files/CMake/share/cmake-3.31/Modules/CMakeTestHIPCompiler.cmake:73 (message):
  The HIP compiler

    "C:/build/lib/llvm/bin/clang++.exe"

  is not able to compile a simple test program.

Call Stack (most recent call first):
  test/CMakeLists.txt:31 (enable_language)

""",
        "StartupTests.swift:61",
        "test/CMakeLists.txt:31",
    ),
    job(
        "frames of a framework before those of the application, as Pest tells them",
        """
   FAILED  Tests\\Feature\\CartTest > it totals                    QueryException
  SQLSTATE[HY000]: General error: 1 no such table: carts (Connection: sqlite, SQL: select * from "carts")

  at vendor/laravel/framework/src/Illuminate/Database/Connection.php:825
    821▕                     $this->getName(), $query, $this->prepareBindings($bindings), $e
  ➜ 825▕             throw new QueryException(

      +16 vendor frames
  17  app/Models/Cart.php:22
  18  tests/Feature/CartTest.php:14


  Tests:    1 failed, 2 passed (5 assertions)
""",
        "app/Models/Cart.php:22",
    ),
    job(
        "a warning by the runner's word only",
        """
##[warning]/Users/runner/work/ios/ios/App/FeedView.swift:31:9: 'onChange(of:perform:)' was deprecated in iOS 17.0
##[error]/Users/runner/work/ios/ios/App/FeedModel.swift:12:20: cannot find type 'Post' in scope
""",
        "App/FeedModel.swift:12",
    ),
]


@pytest.mark.parametrize("case", JOBS, ids=lambda case: case.title)
def test_job(case: Job) -> None:
    lines = ["##[group]Run ./ci.sh", "\x1b[36;1m./ci.sh\x1b[0m", "shell: /usr/bin/bash -e {0}", "##[endgroup]"]
    lines += [*case.output.split("\n"), "##[error]Process completed with exit code 1.", "Post job cleanup."]
    report = diagnose("".join(f"2026-01-02T03:04:05.1234567Z {line}\n" for line in lines).encode())
    errors = [problem for problem in report.problems if problem.severity == "error"]
    got = [f"{problem.path}:{problem.line}" if problem.line else problem.path for problem in errors]
    assert sorted(got) == sorted(case.expected)
