"""Re-placing 1,000 problems in a 20,000-line file after one keystroke: `python -m benchmarks.place [--json FILE]`.

Each figure is the time from the edit to the placed problems, in milliseconds, of 200 keystrokes on one core: the
median, the 99th percentile and the worst. The bar is 5 ms.
"""

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from factory_ls.ci.place.placer import Placer
from factory_ls.model.problem import Problem

LINES, PROBLEMS, KEYSTROKES, BAR_MS = 20_000, 1_000, 200, 5.0


def source() -> list[str]:
    """Like a program: a third of the lines are blank lines, braces or returns that occur thousands of times."""
    lines = []
    for number in range(LINES // 6):
        lines += [
            f"def function_{number}(value):",
            f"    result = value + {number}",
            "    if result:",
            "        return 0",
        ]
        lines += ["    return result", ""]
    return lines[:LINES] + ["end"] * (LINES - len(lines))


def problems() -> list[Problem]:
    step = LINES // PROBLEMS
    return [
        Problem(id=str(line), path="a.py", line=line, column=5, end_line=line, end_column=9, tool="ruff", message="m")
        for line in range(1, LINES, step)
    ]


def keystrokes_in_one_line(lines: list[str], now: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    for number in range(KEYSTROKES):
        yield 5, 6, [now[5] + "x" * number]


def new_lines_at_the_top(lines: list[str], now: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    """The dearest for the problems: every one of them moves each time."""
    for _ in range(KEYSTROKES):
        yield 0, 0, [""]


def keystrokes_all_over(lines: list[str], now: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    chooser = random.Random(1)  # noqa: S311 - a repeatable choice of lines
    for number in range(KEYSTROKES):
        line = chooser.randrange(LINES)
        yield line, line + 1, [f"{lines[line]}  # {number}"]


CASES: dict[str, tuple[Callable[[list[str]], list[str]], Callable[..., Iterator[tuple[int, int, list[str]]]]]] = {
    "typing in one line": (lambda lines: lines, keystrokes_in_one_line),
    "a new line at the top": (lambda lines: lines, new_lines_at_the_top),
    "typing all over the file": (lambda lines: lines, keystrokes_all_over),
    "the whole file reindented": (lambda lines: ["    " + line for line in lines], keystrokes_in_one_line),
    "every tenth line changed": (
        lambda lines: [line + "!" if number % 10 == 0 else line for number, line in enumerate(lines)],
        new_lines_at_the_top,
    ),
    "halves of the file swapped": (lambda lines: lines[LINES // 2 :] + lines[: LINES // 2], new_lines_at_the_top),
}


def measure(
    before: Callable[[list[str]], list[str]], keys: Callable[..., Iterator[tuple[int, int, list[str]]]]
) -> dict[str, float]:
    base = source()
    now = before(base)
    asked = problems()
    started = time.perf_counter()
    placer = Placer("\n".join(base), "\n".join(now))
    placer.place(asked)
    opened = time.perf_counter() - started
    gc.collect()
    times = []
    for start, end, lines in keys(base, now):
        started = time.perf_counter()
        placer.edit(start, end, lines)
        placer.place(asked)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return {
        "openedMs": opened * 1000,
        "medianMs": statistics.median(times),
        "p99Ms": times[int(len(times) * 0.99) - 1],
        "worstMs": times[-1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    arguments = parser.parse_args()
    results = {name: measure(*case) for name, case in CASES.items()}
    print(
        f"{'1,000 problems, 20,000 lines':<30}{'open':>10}{'median':>10}{'p99':>10}{'worst':>10}   ms; bar {BAR_MS:g}"
    )
    for name, figures in results.items():
        print(f"{name:<30}" + "".join(f"{figures[key]:>10.2f}" for key in ("openedMs", "medianMs", "p99Ms", "worstMs")))
    if arguments.json:
        arguments.json.write_text(json.dumps({"barMs": BAR_MS, "cases": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
