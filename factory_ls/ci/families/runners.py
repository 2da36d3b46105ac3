"""JavaScript's test runners: jest, vitest, playwright, mocha, bun, deno.

What only prints stacks (most of mocha, karma, jasmine, cypress) is read by `stacks`; `tap` reads TAP and node:test.
"""

# ruff: noqa: RUF001, RUF002 (the tools' own lines and their patterns)

import re
from collections.abc import Iterable

from factory_ls.ci.families.stacks import ERROR, frame
from factory_ls.ci.frames import Frame, place
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample
from factory_ls.ci.window import Line

_SUITE = re.compile(r"\s*FAIL\s+(?:\|?[\w@/ -]+\|? +)?(?P<path>[^\s>]+\.[cm]?[jt]sx?)\b")


def _blocks_frames(lines: Iterable[tuple[str, Line]]) -> tuple[list[Frame], str, Line | None, Line | None]:
    frames: list[Frame] = []
    message, told, last = "", None, None
    for text, line in lines:
        last = line
        if one := frame(text):
            frames.append(one)
        elif not message and text.strip() and not re.match(r"\s*(?:\d+ ?[|│]|Retry #|[─━-]{4})", text):
            message, told = text.strip(), line
    return frames, message, told, last


_PARSED = re.compile(r"\s*(?:\w*Error: )(?P<path>\S+\.[cm]?[jt]sx?): (?P<msg>.*?) ?\((?P<line>\d+):(?P<col>\d+)\)")


def _jest(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`  ● suite › test`, message, code frame, stack."""
    if match["name"].startswith(("Console", "Validation Warning", "Deprecation Warning")):
        # What tests printed, up to the first failure.
        printed = here.line
        for text, line in here.below(500):
            if re.match(r"\s{0,2}● |\S", text):
                break
            printed = line
        here.claim(printed)
        return []
    block: list[tuple[str, Line]] = []
    for text, line in here.below(300):
        if re.match(
            r"\s*(?:●|Test Suites:|Tests: |FAIL |PASS |Snapshot Summary)|##\[|[A-Z]+ +\S+\.(?:test|spec)\.", text
        ):
            break
        if re.search(r"\berror (?:.*)?TS\d+", text):
            return None  # ts-jest: tsc's rule reads it
        block.append((text, line))
    frames, message, told, last = _blocks_frames(block)
    if not message or last is None:
        return None
    expected = next(
        (t.strip() for t, _ in block if t.strip().startswith(("Expected:", "Expected substring", "Expected pattern"))),
        "",
    )
    received = next((t.strip() for t, _ in block if t.strip().startswith("Received")), "")
    here.claim(last)
    found = here.found(
        " ".join(filter(None, (message, expected, received))), at=told, last=last, tool="jest", test=match["name"]
    )
    named = ERROR.match(message)
    found.code = named["name"] if named else None
    place(found, frames, innermost_last=False)
    syntax = next((matched for matched in (_PARSED.match(text) for text, _ in block) if matched), None)
    if syntax:
        return here.found(
            f"SyntaxError: {syntax['msg']}",
            syntax["path"],
            syntax["line"],
            column=syntax["col"],
            tool="jest",
            at=told,
            last=last,
        )
    if not found.path:
        suite = next((m for m in (_SUITE.match(text) for text, _ in here.above(400)) if m), None)
        from_ = re.search(r" from '(?P<path>[^']+\.[cm]?[jt]sx?)'", message)
        path = from_["path"] if from_ else suite["path"] if suite else ""
        found.path, found.printed = tidy(path), path
    found.test = None if "failed to run" in match["name"] else match["name"]
    return found


def _vitest(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """` FAIL  file > suite > test`, message, ` ❯ file:line:column`, code frame."""
    if any(re.match(r"\s*(?:● |[✓✕√×✔✖] )|\s*\S.*\(\d+ ms\)", text) for text, _ in here.below(6)):
        return None  # jest: its own rule reads each `●`
    frames: list[Frame] = []
    message, told, last = "", here.line, here.line
    for count, (text, line) in enumerate(here.below(200)):
        if re.match(r"\s*⎯{4}|\s*(?:FAIL|Test Files|Tests) ", text):
            if not message and re.match(r"\s*FAIL ", text):
                continue  # several tests failed the same way
            break
        last = line
        if one := frame(text):
            frames.append(one)
        elif framed := re.match(r"\s*[╭┌,]─+\[\s*(?P<path>[^\]:]+):(?P<line>\d+):(?P<col>\d+)", text):
            frames.append(Frame(framed["path"], int(framed["line"]), "", int(framed["col"])))
        elif not message and text.strip() and count < 12:
            message, told = text.strip(), line
    if not message:
        return None
    here.claim(last)
    file, _, test = match["test"].partition(" > ")
    file = file.split(" [")[0].strip()
    found = here.found(message, at=told, last=last, tool="vitest", test=test or None)
    named = ERROR.match(message)
    found.code = named["name"] if named else None
    place(found, frames, innermost_last=False)
    if not found.path:
        if not plausible(tidy(file)):
            return None
        found.path, found.printed = tidy(file), file
    return found


def _unhandled(_: re.Match[str], here: Here) -> Found | None:
    """vitest: an error that no test caught, behind a rule of its own."""
    frames, message, told, last = _blocks_frames(_until_rule(here))
    if not message:
        return None
    if last is not None:
        here.claim(last)
    named = ERROR.match(message)
    found = here.found(message, at=told, last=last, tool="vitest", code=named["name"] if named else None)
    return place(found, frames, innermost_last=False)


def _failing(_: re.Match[str], here: Here) -> list[Found]:
    """mocha's `  2 failing`: what follows is its list."""
    here.memory["mocha"] = here.step
    return []


def _mocha(match: re.Match[str], here: Here) -> Found | None:
    """`  2) cart`, the test's name, a message; without a stack a timeout, or something thrown that is no error."""
    if here.memory.get("mocha") is not here.step:
        return None
    names: list[str] = [match["suite"].strip()]
    said: list[str] = []
    last = here.line
    for text, line in here.below(80):
        if re.match(r"  \d+\) ", text):
            break
        if one := frame(text):
            if one.usable:
                return None  # the stack's own rule reads it
        elif text.startswith("       ") and not said and not names[-1].endswith(":"):
            names.append(text.strip())
        elif text.strip():
            said.append(text.strip())
        last = line
    if not said:
        return None
    here.claim(last)
    file = re.search(r"\((?P<path>(?:/|[A-Za-z]:)\S+\.[cm]?[jt]sx?)\)", said[0])
    test = " ".join(names).rstrip(":")
    return here.found(said[0], file["path"] if file else "", tool="mocha", test=test, last=last)


def _until_rule(here: Here) -> Iterable[tuple[str, Line]]:
    for text, line in here.below(120):
        if re.match(r"\s*⎯{4}|This error originated in|\s*Test Files ", text):
            return
        yield text, line


def _playwright(match: re.Match[str], here: Here) -> Found | None:
    """`  1) [chromium] › tests/a.spec.ts:5:7 › suite › test ───`, error, code frame, `at file:line:column`."""
    block = []
    for text, line in here.below(300):
        if re.match(
            r"\s*\d+\) .*›|\s*\d+ (?:failed|passed|flaky|skipped|did not run)|\s*Retry #\d+|\s*Slow test file|##\[",
            text,
        ):
            break
        block.append((text, line))
    frames, message, told, last = _blocks_frames(block)
    header = Frame(match["path"], int(match["line"]), "", int(match["col"]))
    if last is not None:
        here.claim(last)
    if not message:
        return None
    found = here.found(message, at=told, last=last, tool="playwright", test=match["test"].strip(" ─"))
    place(found, [*frames, header], innermost_last=False)
    here.memory[f"playwright {match['path']}:{match['line']}:{match['col']}"] = found
    return found


def _flaky(_: re.Match[str], here: Here) -> list[Found]:
    """`  1 flaky` and those that failed, and passed when tried again: they failed nothing."""
    for text, line in here.below(500):
        listed = re.match(r"\s+(?:\[[^\]]*\] › )?(?P<place>\S+:\d+:\d+) › ", text)
        if not listed:
            break
        told = here.memory.get(f"playwright {listed['place']}")
        if isinstance(told, Found):
            told.severity = Severity.WARNING
        here.claim(line)
    return []


def _bun(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`(fail) name`: the error and its stack were printed just before."""
    previous = here.memory.pop("js", None)
    if isinstance(previous, Found) and here.line.number - previous.log_line < 120:
        previous.tool, previous.test, previous.stray = "bun", match["name"], False
        if previous.path:
            return []
    found = here.found(f"{match['name']} failed", tool="bun", test=match["name"])
    found.summary = True
    for text, _ in here.above(400):
        if suite := re.match(r"(?P<path>\S+[._](?:test|spec)\.[cm]?[jt]sx?):?$", text):
            found.path, found.printed = tidy(suite["path"]), suite["path"]
            break
    return found


def _deno(match: re.Match[str], here: Here) -> Found | None:
    """`name => ./a_test.ts:3:6`, then `error: AssertionError: …` and the stack, under ERRORS."""
    for text, line in here.below(2):
        if raised := re.match(r"error: (?P<msg>.*)", text):
            inner = Here(line, text, here.peel, here.step, here.memory)
            frames, last = [], line
            for below, at in inner.below(60):
                if one := frame(below):
                    frames.append(one)
                elif frames or not below.strip():
                    if frames:
                        break
                    continue
                last = at
            here.claim(last)
            found = here.found(raised["msg"], at=line, last=last, tool="deno", test=match["test"])
            named = ERROR.match(raised["msg"])
            found.code = named["name"] if named else None
            header = Frame(match["path"], int(match["line"]), "", int(match["col"]))
            return place(found, [*frames, header], innermost_last=False)
    return None


FAMILY = Family(
    name="javascript-tests",
    about="JavaScript's test runners",
    names=("jest", "vitest", "playwright", "bun", "deno-test"),
    rules=(
        Rule("● ", r"\s*● (?P<name>\S.*)$", _jest),
        Rule(" flaky", r"  \d+ flaky$", _flaky),
        Rule(" failing", r"\s+\d+ failing$", _failing),
        Rule(") ", r"  \d+\) (?P<suite>\S.*)$", _mocha, scan=r"(?m:^|[ \t])  [0-9]+\) "),
        Rule(
            "SyntaxError[ @",
            r".*?SyntaxError\[ @(?P<path>\S+) \]: (?P<msg>.*)",
            tool="mocha",
        ),
        Rule("⎯ Un", r"\s*⎯{4,} (?:Unhandled|Uncaught) (?:Rejection|Error|Exception|Source Error) ⎯{4,}$", _unhandled),
        Rule(
            "FAIL ",
            r"\s*FAIL\s+(?:\|[^|]+\| |[\w@/. -]{1,60}?  )?(?P<test>\S+\.[cm]?[jt]sx?\b(?: > .*| \[.*\])?.*)$",
            _vitest,
        ),
        Rule(
            ") ",
            r"\s*\d+\) (?:\[[^\]]*\] › )?(?P<path>[^\s:]+\.[cm]?[jt]sx?):(?P<line>\d+):(?P<col>\d+) › (?P<test>.*)$",
            _playwright,
            scan=r"[0-9]\) .*\.[cm]?[jt]sx?:[0-9]",
        ),
        Rule("(fail) ", r".*\(fail\) (?P<name>.*?)(?: \[[\d.]+ ?m?s\])?$", _bun),
        Rule(" => ", r"(?P<test>\S.*?) => (?:\./|file://)?(?P<path>\S+):(?P<line>\d+):(?P<col>\d+)$", _deno),
    ),
    samples=(
        sample(
            """
FAIL src/sum.test.js
  math
    ✕ adds (3 ms)

  ● math › adds

    expect(received).toBe(expected) // Object.is equality

    Expected: 4
    Received: 3

      3 | test('adds', () => {
    > 4 |   expect(sum(1, 2)).toBe(4);
        |                     ^
      5 | });

      at Object.toBe (src/sum.test.js:4:21)
      at new Promise (<anonymous>)

Test Suites: 1 failed, 1 total
""",
            "src/sum.test.js:4:21 error",
            title="jest",
        ),
        sample(
            """
 FAIL  test/sum.test.ts > math > adds
AssertionError: expected 3 to be 4 // Object.is equality

- Expected
+ Received

- 4
+ 3

 ❯ test/sum.test.ts:6:21
      4| test("adds", () => {
      6|   expect(sum(1, 2)).toBe(4);
       |                     ^

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯
""",
            "test/sum.test.ts:6:21 error AssertionError",
            title="vitest",
        ),
        sample(
            """
error: expect(received).toBe(expected)

Expected: 4
Received: 3

      at <anonymous> (/home/runner/work/a/a/sum.test.ts:5:21)
(fail) math > adds [0.42ms]
""",
            "sum.test.ts:5:21 error",
            title="bun",
        ),
        sample(
            """
  1) [chromium] › tests/login.spec.ts:5:7 › login › shows the form ────────────

    Error: expect(locator).toBeVisible() failed

      6 |   await page.goto('/');
    > 7 |   await expect(page.locator('form')).toBeVisible();
        |                                      ^

        at /home/runner/work/a/a/tests/login.spec.ts:7:38

  1 failed
""",
            "tests/login.spec.ts:7:38 error",
            title="playwright",
        ),
    ),
)
