"""Dart and Flutter: `analyze`, `test`."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.paths import tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of


def _dart_test(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`00:01 +0 -1: name [E]`, the message, `  test/a_test.dart 5:3  main.<fn>`."""
    frames: list[Frame] = []
    message: list[str] = []
    last = here.line
    for text, line in here.below(60):
        if re.match(r"\d\d:\d\d \+\d+", text):
            break
        if one := re.match(r"\s+(?P<path>\S+\.dart) (?P<line>\d+):(?P<col>\d+)\s", text + " "):
            frames.append(Frame(one["path"], int(one["line"]), "", int(one["col"])))
        elif text.strip() and len(message) < 4 and not re.match(r"\s+(?:package|dart):", text):
            message.append(text.strip())
        last = line
    if not message:
        return None
    if message[0].startswith("Test failed. See exception logs above"):
        return []
    loading = re.match(r"loading (?P<path>\S+\.dart)$", match["test"])
    if loading and any(re.match(r"\S+\.dart:\d+:\d+: ", part) for part in message):
        return []  # what the compiler said is below
    here.claim(last)
    found = here.found(" ".join(message), last=last, tool="dart test", test=match["test"])
    if loading:
        found.path = found.printed = tidy(loading["path"])
    return place(found, frames, innermost_last=False)


def _flutter(match: re.Match[str], here: Here) -> Found | None:
    frames: list[Frame] = []
    message: list[str] = []
    last, test = here.line, None
    for text, line in here.below(120):
        if one := re.match(r"#\d+\s+\S.* \((?:file://)?(?P<path>\S+?\.dart):(?P<line>\d+)(?::(?P<col>\d+))?\)", text):
            frames.append(Frame(one["path"], int(one["line"]), "", int(one["col"] or 0) or None))
        elif named := re.match(r"The test description was:$", text.strip()):
            test = named[0]
        elif test and text.strip() and test.startswith("The test description"):
            test = text.strip()
        elif not frames and text.strip() and len(message) < 4 and "When the exception was thrown" not in text:
            message.append(text.strip())
        if re.match(r"[═]{20,}", text):
            last = line
            break
        last = line
    if not frames:
        return None
    here.claim(last)
    found = here.found(" ".join(message), last=last, tool="flutter test", test=test)
    return place(found, frames, innermost_last=False)


def _analyzer(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, severity=severity_of(match["sev"]), tool="dart")


FAMILY = Family(
    name="dart",
    about="Dart and Flutter",
    names=(
        "dart",
        "flutter",
    ),
    rules=(
        Rule(
            (" • ", " - "),
            r"\s*(?P<sev>error|warning|info|hint|lint)\s+[•-]\s+(?P<msg>.*?)\s+(?:[•-]|at)\s+(?P<path>\S+\.dart):(?P<line>\d+):(?P<col>\d+)\s+[•-]\s+(?P<code>\w+)",
            _analyzer,
            scan=r"(?:error|warning|info|hint|lint) +(?:-|\xe2\x80\xa2) ",
        ),
        Rule(
            ".dart:",
            r"\s*(?P<sev>error|warning|info|hint|lint)\s+[•-]\s+(?P<path>\S+\.dart):(?P<line>\d+):(?P<col>\d+)\s+[•-]\s+(?P<msg>.*?)(?:\s+[•-]\s+(?P<code>\w+))?$",
            _analyzer,
        ),
        Rule(
            ".dart:",
            r"\s*(?P<path>\S+\.dart):(?P<line>\d+):(?P<col>\d+) • (?P<msg>.*?) • (?P<code>\w+)(?: • (?P<sev>\w+))?$",
            _analyzer,
        ),
        Rule(
            ".dart|",
            r"(?P<sev>ERROR|WARNING|INFO)\|\w+\|(?P<code>\w+)\|(?P<path>[^|]+\.dart)\|(?P<line>\d+)\|(?P<col>\d+)\|\d+\|(?P<msg>.*)",
            _analyzer,
        ),
        Rule(" [E]", r"\d\d:\d\d \+\d+(?: ~\d+)? -\d+: (?P<test>.*?) \[E\]$", _dart_test),
        Rule("EXCEPTION CAUGHT BY FLUTTER TEST", r"[═ ]*╡?[═ ]*EXCEPTION CAUGHT BY FLUTTER TEST FRAMEWORK", _flutter),
    ),
    samples=(
        sample(
            "  error • Undefined name 'x' • lib/a.dart:3:5 • undefined_identifier\n   info • Unused import • lib/b.dart:1:8 • unused_import",
            "lib/a.dart:3:5 error undefined_identifier",
            "lib/b.dart:1:8 info unused_import",
            title="dart analyze",
        ),
        sample(
            "00:01 +0 -1: adds [E]\n  Expected: <4>\n    Actual: <3>\n\n  package:matcher expect\n  test/a_test.dart 5:3  main.<fn>\n\n00:01 +0 -1: Some tests failed.",
            "test/a_test.dart:5:3 error",
            title="dart test",
        ),
    ),
)
