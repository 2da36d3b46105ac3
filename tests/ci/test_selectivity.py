"""Rules cost nothing where their literals are not: few lines are looked at, however many rules there are."""

from collections import Counter

from factory_ls.ci.rules import Family, Rule
from factory_ls.ci.scan import Scanner
from factory_ls.ci.tools import FAMILIES

# What jobs that pass print most of: installing, compiling, passing tests, progress. No line of it is a problem.
QUIET = """\
Collecting google-cloud-secret-manager==2.23.3 (from -r requirements.txt)
  Downloading numpy-2.1.0-cp311-cp311-manylinux_2_17_x86_64.whl (16.3 MB)
Requirement already satisfied: pip in /opt/hostedtoolcache/Python/3.11.9/x64/lib/python3.11/site-packages (24.0)
Successfully installed attrs-24.2.0 certifi-2024.8.30 charset-normalizer-3.3.2 idna-3.10
Get:12 http://azure.archive.ubuntu.com/ubuntu jammy-updates/main amd64 Packages [2003 kB]
Setting up libssl-dev:amd64 (3.0.2-0ubuntu1.18) ...
Unpacking ripgrep (13.0.0-2ubuntu0.1) over (13.0.0-2) ...
added 1042 packages, and audited 1043 packages in 21s
npm warn deprecated glob@7.2.3: Glob versions prior to v9 are no longer supported
> app@1.0.0 test
tests/test_orders.py::TestOrders::test_total PASSED                      [ 12%]
tests/test_orders.py ......................................              [ 45%]
  ✓ returns an empty list when nothing was found (3 ms)
  ✔ should reject a request without a token (12.345ms)
ok 17 - handles a missing header
--- PASS: TestServer (0.03s)
ok  \texample.com/app/server\t0.412s
test parser::tests::empty_input ... ok
   Compiling serde_derive v1.0.210
   Compiling proc-macro2 v1.0.86 (/home/runner/.cargo/registry/src/proc-macro2-1.0.86)
[ 42%] Building CXX object src/CMakeFiles/core.dir/engine/window.cc.o
[123/456] Linking CXX static library libcore.a
> Task :app:compileDebugKotlin UP-TO-DATE
[INFO] Tests run: 12, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.4 s -- in com.acme.CalcTest
[INFO] Downloaded from central: https://repo.maven.apache.org/maven2/org/apache/apache-18.pom (16 kB at 1.2 MB/s)
#12 sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1 32B / 32B done
#14 CACHED
 * [new branch]      main       -> origin/main
remote: Counting objects: 100% (1042/1042), done.
Cache restored from key: Linux-pip-3.11-0a1b2c3d
Temporarily overriding HOME='/home/runner/work/_temp/9a3' before making global git config changes
src/engine/window.py                      120      4    97%
TOTAL                                    4512    101    98%
::debug::isExplicit: false
Transforming (1024) node_modules/react/index.js
dist/assets/index-4f4fb700.js   142.10 kB │ gzip: 45.61 kB
Passed!  - Failed:     0, Passed:    42, Skipped:     0, Total:    42, Duration: 1 s
Finished in 1.23 seconds (files took 0.4 seconds to load)
12 examples, 0 failures
""".splitlines()


def test_few_lines_of_a_job_that_passes_are_looked_at() -> None:
    prefilter = Scanner(FAMILIES).prefilter
    told = Counter[str]()
    for line in QUIET:
        told.update(
            prefilter.names[index] for index in prefilter.present(f"2026-01-02T03:04:05.1234567Z {line}".encode())
        )
    looked = list(prefilter.ends(data := "\n".join(QUIET).encode(), 0, len(data)))
    assert len(looked) <= len(QUIET) * 0.35, told.most_common()


def test_a_rule_more_is_no_line_more() -> None:
    more = Family("more", "", tuple(Rule(f"zq{n}x", rf"zq{n}x (?P<path>\S+):(?P<line>\d+)") for n in range(1000)))
    data = "\n".join(QUIET).encode()
    few, many = Scanner(FAMILIES).prefilter, Scanner((*FAMILIES, more)).prefilter
    assert list(few.ends(data, 0, len(data))) == list(many.ends(data, 0, len(data)))


def test_what_a_pattern_begins_with_is_looked_for_at_words() -> None:
    prefilter = Scanner((Family("k", "", (Rule("e: ", r"(?P<sev>[ew]): (?P<path>\S+)"),)),)).prefilter
    assert prefilter.present(b"2026-01-02T03:04:05.1234567Z e: a.kt")
    assert prefilter.present(b"[31me: a.kt")
    assert not prefilter.present(b"Complete job name: lint")
