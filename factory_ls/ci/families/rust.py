"""cargo test and nextest (panics), cargo's short messages, rustfmt."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample

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
    thread = match["thread"]
    here.claim(last)
    found = here.found(
        message or "panicked",
        match["path"],
        match["line"],
        column=match["col"],
        test=thread if thread != "main" else None,
    )
    if found.external and frames:
        place(found, frames, innermost_last=False)
    return found


def _formatted(match: re.Match[str], here: Here) -> Found:
    return here.found(
        f"Not formatted: {match[0].strip()}", match["path"], match["line"], tool="rustfmt", last=here.paragraph(8)
    )


def _marked(match: re.Match[str], here: Here) -> Found:
    """`test tests::adds ... FAILED`: which tests failed. A panic of another one was expected."""
    found = here.found(f"{match['test']} failed", test=match["test"], tool="cargo-test")
    found.summary = True
    return found


FAMILY = Family(
    name="rust",
    about="cargo test, nextest, short messages, rustfmt",
    names=("cargo-test", "nextest", "rustfmt"),
    rules=(
        Rule(
            " panicked at ",
            r"\s*thread '(?P<thread>[^']*)' (?:\(\d+\) )?panicked at (?P<path>[^\s':,][^':,]*?):(?P<line>\d+):(?P<col>\d+):?$",
            _panic,
            tool="cargo-test",
        ),
        Rule(
            " panicked at ",
            r"\s*thread '(?P<thread>[^']*)' panicked at '(?P<msg>.*)', (?P<path>[^\s':,]+):(?P<line>\d+):(?P<col>\d+)",
            _panic,
            tool="cargo-test",
        ),
        Rule("... FAILED", r"test (?P<test>\S+)(?: - should panic)? \.\.\. FAILED$", _marked),
        Rule("Diff in ", r"Diff in (?P<path>\S.*?)(?: at line |:)(?P<line>\d+):?$", _formatted),
        Rule(
            (": error[", ": error: ", ": warning: "),
            r"(?P<path>[^\s:]+\.rs):(?P<line>\d+):(?P<col>\d+): (?P<sev>error|warning)(?:\[(?P<code>\w+)\])?: (?P<msg>.+)",
            tool="rustc",
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
        sample("thread 'tests::old' panicked at 'no', src/old.rs:3:5", "src/old.rs:3:5 error"),
        sample(
            "Diff in /home/runner/work/r/r/src/main.rs:5:\n fn main() {\n-  let x=1;\n+    let x = 1;\n }",
            "src/main.rs:5 error",
        ),
        sample("src/main.rs:2:18: error[E0308]: mismatched types", "src/main.rs:2:18 error E0308"),
    ),
)
