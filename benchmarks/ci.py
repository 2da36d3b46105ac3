"""MB/s of the extractor over real logs, beside the limit, the naive ways and what people use.

    python -m benchmarks.ci [--logs FOLDER] [--megabytes 100] [--json FILE] [--report] [--no-hub]

One core, processor time. Programs that are not installed are left out, and it is said. Exits 1 when a figure that must
hold does not, unless `--report`. The hub's figure is that of `benchmarks.hub_log`.
"""

import argparse
import asyncio
import json
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks import hub_log
from benchmarks.corpus import LOGS, corpus
from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.rules import Rule
from factory_ls.ci.tools import FAMILIES

NAIVE_MEGABYTES = 0.25
SMALL_MEGABYTES = 10
"""What slow programs are given."""
PATIENCE_SECONDS = 60
ERRORFORMAT = r"%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %m,%f(%l\,%c):\ %m,%f:%l:\ %m"
OURS = "factory-ls diagnose"
NAIVE = "re: every pattern on every line"
GREP = "grep -P: every pattern on every line"
LIMIT = "ripgrep: lines with one of the literals"


class Limit(NamedTuple):
    """A figure, what it must be and what it should be: at least, or `most`."""

    name: str
    figure: float
    must: float
    aim: float
    most: bool = False

    def holds(self, limit: float) -> bool:
        return self.figure <= limit if self.most else self.figure >= limit

    @property
    def verdict(self) -> str:
        return "" if self.holds(self.aim) else " (aim missed)" if self.holds(self.must) else " FAILED"


def seconds(run: Callable[[], object]) -> float:
    """Processor time, of programs run too: the machine may be busy with other things."""
    before = _spent()
    run()
    return _spent() - before


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def rules() -> list[Rule]:
    return [rule for family in FAMILIES for rule in family.rules]


def naive(data: bytes) -> int:
    """Every pattern at the start of every line. The lines have columns and a time in front, which spares `re` work."""
    patterns = [re.compile(rule.pattern) for rule in rules()]
    return sum(
        1 for line in data.decode("utf-8", "replace").splitlines() for pattern in patterns if pattern.match(line)
    )


def literals() -> list[str]:
    return sorted({hint for rule in rules() for hint in rule.hints if not rule.scan})


def perl() -> list[str]:
    """The patterns as PCRE knows them, behind the time that lines begin with."""
    return [rf"^(?:\d{{4}}-\d\d-\d\dT[\d:.]+Z )?(?:{rule.pattern})" for rule in rules()]


def measure(data: bytes) -> dict[str, float]:
    """MB/s by name."""
    megabytes = len(data) / 1e6
    figures = {OURS: megabytes / min(seconds(lambda: diagnose(data)) for _ in range(2))}
    sample = data[: int(NAIVE_MEGABYTES * 1_000_000)]
    figures[NAIVE] = NAIVE_MEGABYTES / min(seconds(lambda: naive(sample)) for _ in range(3))
    with tempfile.TemporaryDirectory() as name:
        figures |= _programs(Path(name), data)
    return figures


def _programs(folder: Path, data: bytes) -> dict[str, float]:
    log, small, hints = (folder / name for name in ("log", "small", "hints"))
    log.write_bytes(data)
    small.write_bytes(data[: SMALL_MEGABYTES * 1_000_000])
    hints.write_text("".join(f"{hint}\n" for hint in literals()))
    script = ["-c", f"set errorformat={ERRORFORMAT}", "-c", f"cgetfile {small}", "-c", "qa!"]
    count = ["--count", "--threads", "1", "--text", "--fixed-strings", "--file", str(hints)]
    runs = {
        LIMIT: ("rg", [[*count, str(log)]], log),
        GREP: ("grep", [["-aPc", "--", pattern, str(small)] for pattern in perl()], small),
        "Vim :cgetfile, one errorformat": ("vim", [["-u", "NONE", "-es", *script]], small),
    }
    figures: dict[str, float] = {}
    for name, (program, commands, file) in runs.items():
        if found := shutil.which(program):
            took = seconds(lambda found=found, commands=commands: [_run([found, *one]) for one in commands])  # type: ignore[misc]
            figures[name] = file.stat().st_size / 1e6 / took
        else:
            print(f"{program} is not installed: `{name}` is not measured")
    return figures


def _run(command: list[str]) -> None:
    """Its errors are not shown: grep tells of lines that it gives up on."""
    null = subprocess.DEVNULL
    subprocess.run(command, check=False, stdin=null, stdout=null, stderr=null, timeout=PATIENCE_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=Path, default=LOGS, help="a folder of CI logs")
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--report", action="store_true", help="exit 0 whatever the figures are")
    parser.add_argument("--no-hub", action="store_true", help="leave out the hub's figure, which takes a minute")
    arguments = parser.parse_args()
    diagnose(corpus(arguments.logs, 1_000_000))  # patterns are compiled when first needed
    data = corpus(arguments.logs, arguments.megabytes * 1_000_000)
    figures = measure(data)
    ours = figures[OURS]
    for name, speed in figures.items():
        print(f"{name:42} {speed:9.2f} MB/s   ours is {ours / speed:8.3f} x")
    limits = [Limit("times the naive way", ours / figures[NAIVE], 30, 30)]
    if LIMIT in figures:
        limits.append(Limit("times ripgrep", ours / figures[LIMIT], 0.02, 0.1))
    limits.append(
        Limit(
            "seconds for a log of 10 MB",
            min(seconds(lambda: diagnose(data[:10_000_000])) for _ in range(3)),
            0.3,
            0.2,
            most=True,
        )
    )
    if not arguments.no_hub:
        told = asyncio.run(hub_log.measure(data))
        print("commands in a hub that reads such a log:", told)
        limits.append(Limit("ms at p99 in a hub that reads it", told["p99_ms"], hub_log.MUST, 10, most=True))
    for limit in limits:
        print(f"{limit.name:42} {limit.figure:9.3f}   must {limit.must}, aim {limit.aim}{limit.verdict}")
    if arguments.json:
        told_limits = [limit._asdict() | {"ok": limit.holds(limit.must)} for limit in limits]
        report = {"megabytes_per_second": figures, "limits": told_limits}
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return int(not arguments.report and not all(limit.holds(limit.must) for limit in limits))


if __name__ == "__main__":
    raise SystemExit(main())
