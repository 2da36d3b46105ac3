"""`make fuzz`: strange logs for some minutes. `python -m tests.ci.fuzz [MINUTES] [SEED]`

Pieces of real output and of the runner's marks are put together, cut, repeated, coloured and damaged; so are result
files and archives. Each must be read without an exception, in time linear in its size, to paths that stay inside, text
without escape sequences, and the same problems whatever the pieces it comes in. What fails is made small by hypothesis
and printed with its seed.
"""

# ruff: noqa: E501, PT017, PT018, S311 (lines of logs; no pytest test)

import io
import random
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.files import FileIndex
from factory_ls.ci.formats import github, json, quickfix, sarif, text
from factory_ls.ci.merge import Source as Named
from factory_ls.ci.merge import merge
from factory_ls.ci.problem_matchers import Matcher, Pattern
from factory_ls.ci.reading import read
from factory_ls.ci.sources import open_bytes
from factory_ls.ci.tools import FAMILIES
from factory_ls.model.errors import FactoryError
from factory_ls.model.problem import Problem, Report
from tests.ci.test_results import RESULTS

OUTPUTS = Path(__file__).parent / "corpus" / "outputs"
SECONDS = 1.0
"""Processor time for a log of `BIGGEST` bytes. Ten times what the slowest takes."""
BIGGEST = 100_000
SAMPLES = [sample.output.encode() for family in FAMILIES for sample in family.samples]
FILES = [path.read_bytes()[:6000] for path in sorted(OUTPUTS.rglob("*.txt"))]
LINES = sorted({line for output in SAMPLES + FILES for line in output.split(b"\n") if line})
RESULT_FILES = [str(case.values[0]).encode() for case in RESULTS]
MARKS = [
    b"##[group]Run make", b"##[endgroup]", b"##[error]Process completed with exit code 1.", b"##[error]", b"##[group]", b"::error file=a.c,line=1::x",
    b"##[section]Starting: x", b"##[section]Finishing: x", b"Post job cleanup.", b"Cleaning up orphan processes", b"##vso[task.logissue type=error]x",
    b"make[1]: Entering directory '/x'", b"\x1b[36;1mecho\x1b[0m", b"shell: /usr/bin/bash -e {0}", b"::add-matcher::.github/m.json", b"::stop-commands::x",
]  # fmt: skip
STAMP = b"2026-01-02T03:04:05.1234567Z "
HEADS = [b"", STAMP, b"job\tstep\t" + STAMP, b"\xef\xbb\xbf" + STAMP, b"job | " + STAMP, b"[ERROR] ", b"#19 22.32 ", b"pkg: ", "│ ".encode(), b"  ", b"web_1  | ", b"[03:04:05] "]  # fmt: skip
ENDS = [b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\n\n", b""]
NOISE = [
    b"\x00", b"\xff", b"\x1b[31m", b"\x1b]8;;http://x\x07", b"^[[0m", b"\xc2\x9b31m", "\u202e".encode(), "\u200b".encode(), b"\xed\xa0\x80", b"\xf0\x9f\x92\xa9",
    b"../../../../etc/passwd", b"/etc/shadow", b"C:\\Windows\\x", b"\\\\host\\share\\a.c", b"0", b"-1", b"99999999999999999999", b":" * 50, b"(" * 50, b" " * 200,
    b"\t" * 40, b"a/" * 100, b'"', b"'", b"%0A", b"{{", b"\\u001b[31m", "\u00e2\u009d\u00af".encode(), b"1" * 60,
]  # fmt: skip
INDEX = FileIndex(
    ["src/a.c", "src/app.py", "tests/test_app.py", "a/b/c.ts", "lib/x.rb", "deep/a.c", "go.mod", "Dockerfile"]
)
MATCHERS = [
    Matcher(owner="own", pattern=[Pattern(regexp=r"^(\S+?):(\d+): (.*)$", file=1, line=2, message=3)]),
    Matcher(
        owner="bad", pattern=[Pattern(regexp=r"^(a+)+$", message=1), Pattern(regexp=r"(x*)*y", message=1, loop=True)]
    ),
]

piece = st.one_of(
    st.sampled_from(LINES),
    st.sampled_from(LINES),
    st.sampled_from(MARKS),
    st.sampled_from(SAMPLES),
    st.sampled_from(NOISE),
    st.binary(max_size=30),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    line: bytes = draw(piece)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(line)))
        way = draw(st.integers(0, 3))
        if way == 0:
            line = line[:at] + draw(st.sampled_from(NOISE)) + line[at:]
        elif way == 1:
            line = line[:at] + line[at + draw(st.integers(1, 8)) :]
        elif way == 2:
            line = line[at:] + line[:at]
        else:
            line = line[:at] + line[at : at + 20] * draw(st.sampled_from([2, 20, 300]))
    head, end = draw(st.sampled_from(HEADS)), draw(st.sampled_from(ENDS))
    return head + line + end


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    log = b"".join(draw(st.lists(damaged(), max_size=25)))
    log *= draw(st.sampled_from([1, 1, 1, 1, 1, 1, 1, 3, 3, 40]))
    encoding = draw(st.sampled_from(["", "", "", "", "", "utf-16"]))
    return (log.decode("utf-8", "replace").encode(encoding) if encoding else log)[:BIGGEST]


def clean(said: str, *, lines: bool = False) -> bool:
    return not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066" for c in said if not (lines and c in "\n\t")
    )


def check(report: Report) -> None:
    for problem in report.problems:
        assert problem.path and problem.message is not None
        assert problem.line is None or 0 < problem.line < 100_000_000, problem
        assert problem.column is None or 0 < problem.column < 100_000_000, problem
        inside(problem)
        assert clean(problem.message, lines=True) and clean(problem.excerpt, lines=True), problem
        assert clean(problem.path) and clean(problem.tool + (problem.code or "") + (problem.test or ""), lines=True), (
            problem
        )
        assert len(problem.message) <= 4000 and len(problem.excerpt) <= 4000
    for failure in report.failures:
        assert clean(failure.message, lines=True) and clean(failure.excerpt, lines=True), failure
    for form in (text, json, sarif, github, quickfix):
        said = form.render(report)
        assert "\x1b" not in said


def inside(problem: Problem) -> None:
    """A path is a file of the repository's, or is not resolved; it never climbs out of a folder it entered."""
    parts = problem.path.split("/")
    seen_name = False
    for part in parts:
        assert not (part == ".." and seen_name), problem
        seen_name = seen_name or part not in ("", ".", "..")


def essence(report: Report) -> list[object]:
    found: list[object] = [
        (p.id, p.path, p.line, p.message, p.severity, p.log_line, p.excerpt) for p in report.problems
    ]
    return found + [(f.tool, f.message, f.log_line) for f in report.failures]


def timed(run: Callable[[], Report], size: int) -> Report:
    started = time.process_time()
    report = run()
    took = time.process_time() - started
    assert took < SECONDS * (0.2 + size / BIGGEST), f"{took:.2f} s for {size} bytes"
    return report


def a_log(log: bytes, size: int) -> None:
    whole = timed(lambda: diagnose(log, files=INDEX, matchers=MATCHERS), len(log))
    check(whole)
    pieces = [log[at : at + size] for at in range(0, len(log), size)]
    assert essence(diagnose(iter(pieces), files=INDEX, matchers=MATCHERS)) == essence(whole)
    check(merge([(Named("a"), whole), (Named("b"), diagnose(log))]))


def a_result_file(noise: list[bytes], result: bytes, at: int, cut: int) -> None:
    data = result[:at] + b"".join(noise) + result[at + cut :]
    for content in (data, archived(data)):
        try:
            for source in open_bytes(io.BytesIO(content)):
                report = read(source, files=INDEX)
                if report is not None:
                    check(report)
        except FactoryError as error:
            assert error.hint


def an_archive(missing: int, flips: list[tuple[int, int]], log: bytes) -> None:
    content = bytearray(archived(log[:20_000]))
    for at, value in flips:
        if at < len(content):
            content[at] = value
    try:
        for source in open_bytes(io.BytesIO(bytes(content[: len(content) - missing]))):
            report = read(source)
            if report is not None:
                check(report)
    except FactoryError as error:
        assert error.hint


def archived(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("0_job.txt", data)
        file.writestr("results/junit.xml", data)
    return buffer.getvalue()


TESTS: list[tuple[Callable[..., None], tuple[st.SearchStrategy[object], ...]]] = [
    (a_log, (logs(), st.integers(1, 5000))),
    (a_log, (logs(), st.integers(1, 200))),
    (
        a_result_file,
        (st.lists(damaged(), max_size=8), st.sampled_from(RESULT_FILES), st.integers(0, 4000), st.integers(0, 200)),
    ),
    (
        an_archive,
        (st.integers(0, 50), st.lists(st.tuples(st.integers(4, 600), st.integers(0, 255)), max_size=6), logs()),
    ),
]


def main(minutes: float, number: int) -> int:
    stop = time.monotonic() + minutes * 60
    checked, cases = 0, 50
    quick = settings(
        max_examples=cases, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    diagnose(b"\n".join(LINES))  # patterns are compiled when first needed
    while time.monotonic() < stop:
        number += 1
        print(f"\rseed {number}, {checked} inputs", end="", flush=True)
        for test, strategies in TESTS:
            seed(number)(quick(given(*strategies)(test)))()
            checked += cases
    print(f"\nnothing found in {checked} inputs")
    return 0


if __name__ == "__main__":
    asked = float(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else 10.0
    raise SystemExit(main(asked, int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)))
