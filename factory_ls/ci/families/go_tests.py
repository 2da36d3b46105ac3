"""go test, gotestsum and what running Go prints: failed tests (package paths joined), panics, races, -json."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import json
import re
from typing import Any

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample
from factory_ls.ci.window import Line

_LOGGED = re.compile(r"\s+(?:\S+: )?(?P<path>[\w./\\:-]+\.go):(?P<line>\d+): ?(?P<msg>.*)")
_TESTIFY = re.compile(r"\s+Error Trace:\s+(?P<path>\S+\.go):(?P<line>\d+)")
_PACKAGE = re.compile(r"(?:FAIL|ok|---)\s+(?P<package>[\w.-]+(?:/[\w.~-]+?)+)(?:\.(?:Test|Fuzz|Example)\S*)?\s")
_FRAME = re.compile(r"(?:\s+|(?=/|[A-Za-z]:\\))(?P<path>(?:[A-Za-z]:)?[^\s:]+\.go):(?P<line>\d+)(?: \+0x[0-9a-f]+)?")


def _failed(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`--- FAIL: TestX (0.00s)`: what it logged is below, or above when the test streamed its output (-v)."""
    test = match["test"]
    indent = len(match["indent"])
    logged: list[tuple[re.Match[str], Line]] = []
    for text, line in here.below(400):
        own = len(text) - len(text.lstrip())
        if text.strip() and (own <= indent or text.lstrip().startswith("--- ")):
            break
        if matched := _LOGGED.match(text):
            logged.append((matched, line))
    child = any(
        text.lstrip().startswith(f"--- FAIL: {test}/") and len(text) - len(text.lstrip()) > indent
        for text, _ in here.below(2000 if not logged else 1)
        if text.startswith(" ")
    )
    if not logged and not child:
        logged = _streamed(test, here)
    package = _package(here)
    raced = logged and all(matched["path"].startswith("testing.go") for matched, _ in logged)
    found: list[Found] = []
    for matched, line in _failing(logged, here):
        message = _whole(matched["msg"], line, here)
        path = _joined(package, matched["path"])
        found.append(here.found(message, path, matched["line"], test=test, at=line, tool="go test"))
    if not found and any(text.lstrip().startswith(("panic: ", "fatal error: ")) for text, _ in here.below(3)):
        return []
    if not found:
        told = child or here.memory.get("go panic") or (raced and here.memory.get("go race"))
        return None if told else here.found(f"{test} failed", test=test, tool="go test")
    return found


def _streamed(test: str, here: Here) -> list[tuple[re.Match[str], Line]]:
    """With -v a test's output stands between its `=== RUN` and its `--- FAIL`, other tests' in between."""
    logged: list[tuple[re.Match[str], Line]] = []
    held: list[tuple[re.Match[str], Line]] = []
    for text, line in here.above(2000):
        if marked := re.match(r"\s*=== (?P<what>RUN|CONT|NAME|PAUSE)\s+(?P<test>\S+)$", text):
            if marked["test"] == test:
                logged = held + logged
            held = []
            if marked["test"] == test and marked["what"] == "RUN":
                break
        elif matched := _LOGGED.match(text):
            held.insert(0, (matched, line))
        elif (ended := re.match(r"\s*--- (?:PASS|FAIL|SKIP): (?P<test>\S+)", text)) and not test.startswith(
            ended["test"] + "/"
        ):
            held = []
    return logged


def _testify(line: Line, here: Here) -> str | None:
    message = None
    for count, (text, _) in enumerate(Here(line, line.text, here.peel, here.step, here.memory).below(12)):
        if matched := re.match(r"\s+Error:\s+(?P<msg>.*)", text):
            return matched["msg"].strip()
        if count == 0 and text.strip() and not text.strip().startswith("Error Trace"):
            message = text.strip()
            break
    return message


def _package(here: Here) -> str | None:
    for text, _ in here.below(2000):
        if matched := _PACKAGE.match(text):
            return matched["package"]
    return None


def _joined(package: str | None, path: str) -> str:
    """A test prints its file's name only; the package's import path ends in its folder."""
    if not package or "/" in path or "\\" in path:
        return path
    parts = package.split("/")
    if package == ".":
        return path
    if parts[0].startswith(("cmd", "pkg", "internal")) or (len(parts) == 1 and "." not in parts[0]):
        return "/".join([*parts, path])
    if "." in parts[0]:
        parts = parts[3:] if len(parts) > 2 else []
        if parts and re.fullmatch(r"v\d+", parts[0]):
            parts = parts[1:]
    else:
        parts = parts[1:]
    return "/".join([*parts, path])


def _panic(match: re.Match[str], here: Here) -> Found | None:
    """The first goroutine is the one that panicked. A timeout tells all: the first with a frame of ours."""
    frames: list[Frame] = []
    last = here.line
    started = False
    for text, line in here.below(400):
        if text.startswith("goroutine "):
            if any(frame.usable for frame in frames):
                break
            started, frames = True, []
        if started and (matched := _FRAME.match(text)):
            frame = Frame(matched["path"], int(matched["line"]))
            if (
                not frame.path.startswith("_testmain.go")
                and "/src/runtime/" not in frame.path
                and "/src/testing/" not in frame.path
            ):
                frames.append(frame)
            last = line
        elif re.match(r"(?:FAIL|exit status|ok)\s", text):
            break
    if not started:
        return None
    here.claim(last)
    here.memory["go panic"] = True
    return place(here.found(match[0].strip(), tool="go"), frames, innermost_last=False)


def _json_failed(_: re.Match[str], here: Here) -> list[Found] | None:
    """`go test -json`: a test's output comes as events before the one that says it failed."""
    event = _event(here.text)
    if event is None or not (test := event.get("Test")):
        return None
    package = event.get("Package")
    logged: list[tuple[re.Match[str], Line]] = []
    for text, line in here.above(4000):
        past = _event(text) if f'"{test}"' in text else None
        if past is None or (past.get("Test"), past.get("Package")) != (test, package):
            continue
        if past.get("Action") == "run":
            break
        if past.get("Action") == "fail":  # of a subtest
            continue
        if matched := _LOGGED.match(str(past.get("Output", "")).rstrip("\n")):
            logged.insert(0, (matched, line))
    found = []
    for matched, line in _failing(logged, here):
        path = _joined(package, matched["path"])
        one = here.found(matched["msg"] or "failed", path, matched["line"], test=test, at=line, tool="go test")
        found.append(one)
    child = any(f'"Test":"{test}/' in text and '"Action":"fail"' in text for text, _ in here.above(200))
    return found or ([] if child else [here.found(f"{test} failed", test=test, tool="go test")])


def _event(text: str) -> dict[str, Any] | None:
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _built(_: re.Match[str], here: Here) -> Found | None:
    """`go test -json` since 1.24: the compiler's lines are events too."""
    event = _event(here.text)
    matched = event and re.match(
        r"(?P<path>\S+\.go):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<msg>.*)", str(event.get("Output", ""))
    )
    return here.located(matched, tool="go") if matched else None


def _package_failed(match: re.Match[str], here: Here) -> Found | list[Found]:
    """`FAIL⇥package⇥0.002s` where no test was said to have failed: its process ended badly."""
    for text, _ in here.above(300):
        if re.match(r"\s*(?:--- FAIL|panic: |fatal error: |=== FAIL|\S+\.go:\d+|WARNING: DATA RACE)|.*timed out", text):
            return []
        if re.match(r"(?:ok|FAIL|\?)\s*\t", text):
            break
    reason = next((t for t, _ in here.above(3) if t.startswith(("exit status", "signal: "))), "failed")
    return here.found(f"{match['package']}: {reason}", tool="go test")


def _ginkgo(match: re.Match[str], here: Here) -> Found | None:
    """`[FAILED] Expected …`, then `In [It] at: /w/a_test.go:28 @ …`."""
    said: list[str] = []
    for text, _ in here.above(60):
        told = re.match(r"\s*\[(?:FAILED|PANICKED|TIMEDOUT)\]\s*(?P<msg>.*)", text)
        said.insert(0, told["msg"] if told else text.strip())
        if told:
            return here.located(match, message=" ".join(said).strip(), tool="ginkgo")
    return None


def _race(match: re.Match[str], here: Here) -> Found | None:
    """`WARNING: DATA RACE`, the stack of each access, up to `====`."""
    frames: list[Frame] = []
    last = here.line
    for text, line in here.below(200):
        if text.startswith("======"):
            break
        if matched := _FRAME.match(text):
            frames.append(Frame(matched["path"], int(matched["line"])))
        last = line
    here.claim(last)
    here.memory["go race"] = True
    return place(here.found("DATA RACE", tool="go", last=last), frames, innermost_last=False)


def _listed(match: re.Match[str], here: Here) -> list[Found]:
    """gotestsum's `=== FAIL: cart TestTotal (0.00s)`, then what the test logged, up to an empty line."""
    found = []
    last = here.line
    logged: list[tuple[re.Match[str], Line]] = []
    for text, line in here.below(400):
        if text.startswith(("===", "DONE ", "--- FAIL")):
            break
        if matched := _LOGGED.match(text):
            logged.append((matched, line))
        last = line
    for matched, line in _failing(logged, here):
        message = _whole(matched["msg"], line, here)
        path = _joined(match["package"], matched["path"])
        found.append(here.found(message, path, matched["line"], test=match["test"], at=line, tool="go test"))
    here.claim(last)
    return found or [here.found(f"{match['test']} failed", test=match["test"], tool="go test")]


_WRONG = re.compile(
    r"expect|want|got|fail|error|unexpected|should|mismatch|!=|not |diff|invalid|missing|timeout|panic|assert",
    re.IGNORECASE,
)


def _failing(logged: list[tuple[re.Match[str], Line]], here: Here) -> list[tuple[re.Match[str], Line]]:
    """The last thing a failing test logs is what failed it; t.Error may have been called more than once."""
    logged = [(matched, line) for matched, line in logged if not matched["path"].startswith("testing.go")]
    wrong = [(m, line) for m, line in logged if line.level or not m["msg"].strip() or _WRONG.search(m["msg"])]
    return wrong or logged[-1:]


def _whole(message: str, line: Line, here: Here) -> str:
    """A logged message with the lines it goes on over, which are indented deeper."""
    if not message.strip():
        return _testify(line, here) or "failed"
    parts = [message.strip()]
    indent = len(line.text) - len(line.text.lstrip())
    for text, _ in Here(line, line.text, here.peel, here.step, here.memory).below(6):
        if len(text) - len(text.lstrip()) <= indent or _LOGGED.match(text) or not text.strip():
            break
        parts.append(text.strip())
    return " ".join(parts)


FAMILY = Family(
    name="go-test",
    about="failed tests, panics, races",
    names=("go test", "gotestsum", "ginkgo"),
    rules=(
        Rule("--- FAIL: ", r"(?P<indent>\s*)(?:=== )?--- FAIL: (?P<test>\S+)(?: \(.*\))?$", _failed),
        Rule("=== FAIL: ", r"=== FAIL: (?P<package>\S+) (?P<test>\S+)(?: \(.*\))?$", _listed),
        Rule(("panic: ", "fatal error: "), r"\s*(?:panic: |fatal error: ).*", _panic),
        Rule(" at: ", r"\s+In \[[^\]]+\] at: (?P<path>\S+\.go):(?P<line>\d+)\b.*", _ginkgo),
        Rule("WARNING: DATA RACE", r"WARNING: DATA RACE$", _race),
        Rule('"Action":"fail"', r"\{.*\}$", _json_failed),
        Rule('"Action":"build-output"', r"\{.*\}$", _built),
        Rule("FAIL\t", r"FAIL\t(?P<package>\S+)\t[\d.]+s$", _package_failed),
        # What a test logs is read when it is known to have failed, at its `--- FAIL` line.
        Rule(".go:", r"\s{4,}[\w.-]+\.go:\d+: |\s*Error Trace:", lambda _, __: [], scan=r"\.go:[0-9]+"),
    ),
    samples=(
        sample(
            """
--- FAIL: TestTotal (0.00s)
    cart_test.go:14: got 20, want 30
FAIL
FAIL	github.com/acme/shop/cart	0.003s
""",
            "cart/cart_test.go:14 error",
            title="the package's path is joined",
        ),
        sample(
            """
=== RUN   TestNames
=== RUN   TestNames/empty
    names_test.go:9: setting up
    names_test.go:11: expected error, got nil
--- FAIL: TestNames (0.00s)
    --- FAIL: TestNames/empty (0.00s)
FAIL
FAIL	example.com/acme/names	0.003s
""",
            "names_test.go:11 error",
            title="-v",
        ),
        sample(
            """
panic: runtime error: index out of range [3] with length 2 [recovered]

goroutine 6 [running]:
testing.tRunner.func1.2({0x50d2a0, 0xc0000180d8})
	/usr/local/go/src/testing/testing.go:1526 +0x24e
example.com/shop.Pick(...)
	/home/runner/work/shop/shop/pick.go:8
example.com/shop.TestPick(0xc000007a00)
	/home/runner/work/shop/shop/pick_test.go:6 +0x1d
FAIL	example.com/shop	0.004s
""",
            "pick.go:8 error",
        ),
        sample(
            """
==================
WARNING: DATA RACE
Read at 0x00c00001c0f8 by goroutine 8:
  example.com/counter.(*Counter).Inc()
      /home/runner/work/counter/counter/counter.go:11 +0x3e

Previous write at 0x00c00001c0f8 by goroutine 7:
  example.com/counter.(*Counter).Inc()
      /home/runner/work/counter/counter/counter.go:11 +0x54
==================
--- FAIL: TestInc (0.00s)
    testing.go:1312: race detected during execution of test
FAIL
""",
            "counter.go:11 error",
            title="a data race",
        ),
        sample(
            """
=== Failed
=== FAIL: cart TestTotal (0.00s)
    cart_test.go:9: got 3
        want 4

DONE 8 tests, 1 failure in 0.532s
""",
            "cart/cart_test.go:9 error",
            title="gotestsum",
        ),
        sample(
            """
{"Action":"run","Package":"example.com/acme/shop/cart","Test":"TestTotal"}
{"Action":"output","Package":"example.com/acme/shop/cart","Test":"TestTotal","Output":"    cart_test.go:9: got 3, want 4\\n"}
{"Action":"fail","Package":"example.com/acme/shop/cart","Test":"TestTotal","Elapsed":0}
""",
            "cart/cart_test.go:9 error",
            title="-json",
        ),
        sample(
            """
=== RUN   TestWing
    wing_test.go:21: want 2, got 3
--- FAIL: TestWing (0.00s)
FAIL birds/wings.TestWing (0.00s)
""",
            "wings/wing_test.go:21 error",
            title="gotestsum names the test behind its package",
        ),
        sample("exit status 3\nFAIL\texample.com/acme/shop/main\t0.002s\nFAIL", "- go test", title="TestMain gave up"),
    ),
)
