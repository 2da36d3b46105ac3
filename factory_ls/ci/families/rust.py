"""cargo test and nextest (panics), cargo's short messages, rustfmt."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re
from collections.abc import Callable

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_BACKTRACE = re.compile(r"\s+at (?P<path>\S+?):(?P<line>\d+)(?::\d+)?$")


def _panic(match: re.Match[str], here: Here) -> Found | None:
    """`thread 'x' panicked at src/a.rs:3:5:` and the message below, or the older form with the message first."""
    message, last = match.groupdict().get("msg") or "", here.line
    frames = []
    for count, (text, line) in enumerate(here.below(80)):
        if count == 0 and not message:
            message, last = text.strip(), line
            continue
        if count < 5 and re.match(r"\s*(?:left|right): ", text):
            message, last = f"{message} {text.strip()}", line
        elif framed := _BACKTRACE.match(text):
            frames.append(Frame(framed["path"], int(framed["line"])))
            last = line
        elif count > 3 and not text.startswith(" ") and not text.startswith("stack backtrace"):
            break
    here.claim(last)
    told_apart = any(text.startswith("Test executable failed") for text, _ in here.above(6))
    if (told_apart or "/rustdoctest" in match["path"]) and (documented := _documented(here)):
        return documented(message)
    source = here.memory.get("insta")
    if isinstance(source, tuple) and message.startswith("snapshot assertion for"):
        return here.found(message, *source, test=_thread(match), tool="insta")
    found = here.found(
        message or "panicked",
        match["path"],
        match["line"],
        column=match["col"],
        test=_thread(match),
    )
    if found.external and frames:
        place(found, frames, innermost_last=False)
    return found


def _thread(match: re.Match[str]) -> str | None:
    """A test runs in a thread of its name."""
    return match["thread"] if match["thread"] != "main" else None


def _snapshot(match: re.Match[str], here: Here) -> list[Found]:
    """insta's `Source: tests/a.rs:20`: the panic that follows is in insta."""
    here.memory["insta"] = (match["path"], match["line"])
    return []


def _documented(here: Here) -> Callable[[str], Found] | None:
    """A doc test ran in a file of its own: `---- src/lib.rs - add (line 5) stdout ----` says where it is written."""
    for text, _ in here.above(60):
        if headed := re.match(r"---- (?P<test>(?P<path>\S+\.(?:rs|md)) - .*\(line (?P<line>\d+)\)) stdout ----", text):
            path, number, test = headed["path"], headed["line"], headed["test"]
            return lambda message: here.found(message, path, number, test=test, tool="cargo-test")
        if text.startswith("failures:"):
            break
    return None


def _panic_end(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.above(60):
        if began := re.match(r"\s*thread '(?P<thread>[^']*)' panicked at '(?P<msg>.*)", text):
            return here.found(
                began["msg"], match["path"], match["line"], column=match["col"], test=began["thread"], at=line
            )
    return None


def _nextest(match: re.Match[str], here: Here) -> Found:
    """Told of when a test fails, and again in the summary."""
    found = here.found(f"{match['test']} failed", test=f"{match['crate']} {match['test']}", tool="nextest")
    found.summary = True
    return found


def _quoted(_: re.Match[str], here: Here) -> list[Found]:
    """What a compiler should have said and what it said, in trybuild's frames."""
    for text, line in here.below(200):
        if re.match(r"┈{4,}$", text):
            here.claim(line)
            break
    return []


def _formatted(match: re.Match[str], here: Here) -> Found:
    return here.found(
        f"Not formatted: {match[0].strip()}", match["path"], match["line"], tool="rustfmt", last=here.paragraph(8)
    )


def _failures(_: re.Match[str], here: Here) -> list[Found]:
    """The names under `failures:`: with `--nocapture` and `-q` they are told of nowhere else."""
    found = []
    for text, line in here.below(2000):
        named = re.match(r"    (?P<test>[\w:]+)$", text)
        if not named:
            break
        one = here.found(f"{named['test']} failed", test=named["test"], tool="cargo-test", at=line)
        one.summary = True
        found.append(one)
    return found


def _returned(match: re.Match[str], here: Here) -> Found | None:
    """A test that returned an error, or did not panic: `Error: "…"` under its `---- name stdout ----` line."""
    for text, line in here.below(3):
        if told := re.match(r"Error: (?P<msg>.*)", text):
            return here.found(told["msg"], test=match["test"], tool="cargo-test", at=line)
        if told := re.match(
            r"note: (?P<msg>test did not panic as expected)(?: at (?P<path>\S+?):(?P<line>\d+):(?P<col>\d+))?", text
        ):
            path, number = told["path"] or "", told["line"]
            return here.found(
                told["msg"], path, number, column=told["col"], test=match["test"], tool="cargo-test", at=line
            )
    return None


def _marked(match: re.Match[str], here: Here) -> Found:
    """`test tests::adds ... FAILED`: which tests failed. A panic of another one was expected."""
    found = here.found(f"{match['test']} failed", test=match["test"], tool="cargo-test")
    found.summary = True
    return found


def _semver(match: re.Match[str], here: Here) -> Found | None:
    """cargo-semver-checks: `--- failure lint: what ---`, `Failed in:`, an item a line."""
    for text, _ in here.above(300):
        if failed := re.match(r"--- (?P<grade>failure|warning) (?P<code>\w+): (?P<msg>.*?) ---$", text):
            severity = Severity.ERROR if failed["grade"] == "failure" else Severity.WARNING
            return here.located(match, code=failed["code"], message=f"{failed['msg']}: {match['msg']}", severity=severity, tool="cargo-semver-checks")  # fmt: skip
        if text.strip().startswith(("error", "warning", "---")):
            return None
    return None


FAMILY = Family(
    name="rust",
    about="cargo test, nextest, short messages, rustfmt",
    names=("cargo-test", "nextest", "rustfmt"),
    rules=(
        Rule(
            ".rs:",
            r"\s+(?P<msg>.* (?:previously )?in (?:file )?(?P<path>\S+\.rs):(?P<line>\d+))$",
            _semver,
            scan=r"in (?:file )?[^ \n]+\.rs:[0-9]+(?m:$)",
        ),
        Rule(
            " panicked at ",
            r"\s*thread '(?P<thread>[^']*)' (?:\(\d+\) )?panicked at (?P<path>[^\s':,][^':,]*?):(?P<line>\d+):(?P<col>\d+):?$",
            _panic,
            tool="cargo-test",
        ),
        Rule(
            " panicked at ",
            r"\s*thread '(?P<thread>[^']*)' (?:\(\d+\) )?panicked at '(?P<msg>.*)', (?P<path>[^\s':,]+):(?P<line>\d+)(?::(?P<col>\d+))?$",
            _panic,
            tool="cargo-test",
        ),
        # The old form with a message of several lines: the place is on the last.
        Rule(
            "', ",
            r".*', (?P<path>[^\s':,]+\.rs):(?P<line>\d+):(?P<col>\d+)$",
            _panic_end,
            tool="cargo-test",
            scan=r"', [^ \n]+\.rs:[0-9]+:[0-9]+",
        ),
        Rule(
            (" FAIL [", " TIMEOUT [", " SIGABRT [", " SIGSEGV ["),
            r"\s+(?P<how>FAIL|TIMEOUT|SIG[A-Z]+) \[\s*[\d.]+s\] (?:\(\s*\d+/\d+\) )?(?P<crate>\S+) (?P<test>\S+)$",
            _nextest,
        ),
        Rule(
            "...",
            r"test (?P<path>\S+\.rs) (?:\[should .*\] )?\.\.\. (?P<msg>mismatch|error)$",
            tool="trybuild",
            scan=r"\.rs (?:\[[^]\n]*\] )?\.\.\. ",
        ),
        Rule("┈┈┈┈", r"┈{4,}$", _quoted),
        Rule("Source: ", r"Source: (?P<path>\S+\.rs):(?P<line>\d+)$", _snapshot),
        Rule("failures:", r"failures:$", _failures),
        Rule(" stdout ----", r"---- (?P<test>[\w:]+) stdout ----$", _returned),
        Rule("... FAILED", r"test (?P<test>\S+)(?: - should panic)? \.\.\. FAILED$", _marked),
        Rule("Diff in ", r"Diff in (?P<path>\S.*?)(?: at line |:)(?P<line>\d+):?$", _formatted),
        Rule(
            (": error[", ": error: ", ": warning: "),
            r"(?P<path>[^\s:]+\.rs):(?P<line>\d+):(?P<col>\d+): (?P<sev>error|warning)(?:\[(?P<code>\w+)\])?: (?P<msg>.+)",
            tool="rustc",
        ),
        Rule(
            (
                "error: no matching package",
                "error: failed to select a version",
                "error: linking with",
                "error: could not find `Cargo.toml`",
                "error: rustc ",
            ),
            r"error: (?P<msg>(?:no matching package|failed to select a version|linking with|could not find `Cargo\.toml`|rustc \S+ is not supported by).*)",
            lambda match, here: here.found(match["msg"], tool="cargo"),
        ),
        Rule(
            "error: failed to parse manifest at",
            r"error: failed to parse manifest at `(?P<path>[^`]+)`(?P<msg>)",
            tool="cargo",
        ),
    ),
    samples=(
        sample(
            """
---- tests::adds stdout ----
thread 'tests::adds' panicked at src/lib.rs:14:9:
assertion `left == right` failed
  left: 3
 right: 4
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    tests::adds

test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
""",
            "src/lib.rs:14:9 error",
        ),
        sample(
            """
---- src/lib.rs - add (line 5) stdout ----
Test executable failed (exit status: 101).

stderr:

thread 'main' panicked at /tmp/rustdoctestAbC/doctest_bundle_2021.rs:7:1:
assertion `left == right` failed
  left: 3
 right: 4
""",
            "src/lib.rs:5 error",
            title="a doc test",
        ),
        sample(
            """
        FAIL [   0.004s] (1/2) demo tests::adds
  stderr ───

    thread 'tests::adds' (4711) panicked at src/lib.rs:12:9:
    assertion failed: x
────────────
     Summary [   0.010s] 2 tests run: 1 passed, 1 failed, 0 skipped
        FAIL [   0.004s] demo tests::adds
""",
            "src/lib.rs:12:9 error",
            title="nextest",
        ),
        sample(
            "test tests/ui/bad.rs ... mismatch\n\nEXPECTED:\n┈┈┈┈┈┈\nerror: old\n --> tests/ui/bad.rs:4:1\n┈┈┈┈┈┈\n\nACTUAL OUTPUT:\n┈┈┈┈┈┈\nerror: new\n --> tests/ui/bad.rs:4:1\n┈┈┈┈┈┈",
            "tests/ui/bad.rs error",
            title="trybuild",
        ),
        sample("thread 'tests::old' panicked at 'no', src/old.rs:3:5", "src/old.rs:3:5 error"),
        sample(
            "Diff in /home/runner/work/r/r/src/main.rs:5:\n fn main() {\n-  let x=1;\n+    let x = 1;\n }",
            "src/main.rs:5 error",
        ),
        sample("src/main.rs:2:18: error[E0308]: mismatched types", "src/main.rs:2:18 error E0308"),
    ),
)
