"""MB/s of the extractor over real logs, beside the limit, the naive way and what people use.

    python -m benchmarks.ci [--logs FOLDER] [--megabytes 100] [--json FILE]

`--logs` is a folder of CI logs (default: `../shared/ci-logs/logs` beside the repository, else the tests' corpus). One
core, processor time. ripgrep and Vim are measured where they are installed.
"""

import argparse
import json
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.tools import FAMILIES

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "ci-logs" / "logs"
NAIVE_MEGABYTES = 0.25
ERRORFORMAT = r"%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %m,%f(%l\,%c):\ %m,%f:%l:\ %m"


def corpus(folder: Path, size: int) -> bytes:
    logs = b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    return (logs * (size // len(logs) + 1))[:size]


def seconds(run: Callable[[], object]) -> float:
    """Processor time, of programs run too: the machine may be busy with other things."""
    before = _spent()
    run()
    return _spent() - before


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def naive(data: bytes) -> int:
    """Every pattern searched for in every line, which has columns and a time in front."""
    patterns = [re.compile(rule.pattern) for family in FAMILIES for rule in family.rules]
    return sum(
        1 for line in data.decode("utf-8", "replace").splitlines() for pattern in patterns if pattern.match(line)
    )


def literals() -> list[str]:
    return sorted({hint for family in FAMILIES for rule in family.rules for hint in rule.hints if not rule.scan})


def _run(command: list[str]) -> None:
    subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def measure(data: bytes) -> dict[str, float]:
    """MB/s by name. Programs that are not installed are left out."""
    megabytes = len(data) / 1e6
    figures = {"factory-ls diagnose": megabytes / seconds(lambda: diagnose(data))}
    sample = data[: int(NAIVE_MEGABYTES * 1_000_000)]
    figures["every pattern on every line"] = NAIVE_MEGABYTES / seconds(lambda: naive(sample))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        log.write_bytes(data)
        if program := shutil.which("rg"):
            hints = Path(folder, "hints")
            hints.write_text("".join(hint + "\n" for hint in literals()))
            command = [
                program,
                "--count",
                "--threads",
                "1",
                "--text",
                "--fixed-strings",
                "--file",
                str(hints),
                str(log),
            ]
            figures["ripgrep, the same literals"] = megabytes / seconds(lambda: _run(command))
        if program := shutil.which("vim"):
            small = Path(folder, "small")
            small.write_bytes(data[:10_000_000])
            script = ["-c", f"set errorformat={ERRORFORMAT}", "-c", f"cgetfile {small}", "-c", "qa!"]
            figures["Vim :cgetfile"] = 10 / seconds(lambda: _run([program, "-u", "NONE", "-es", *script]))
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=Path, default=SHARED if SHARED.is_dir() else ROOT / "tests/ci/corpus/outputs")
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    diagnose(corpus(arguments.logs, 1_000_000))  # patterns are compiled when first needed
    figures = measure(corpus(arguments.logs, arguments.megabytes * 1_000_000))
    ours = figures["factory-ls diagnose"]
    for name, speed in figures.items():
        print(f"{name:30} {speed:9.1f} MB/s   ours is {ours / speed:8.3f} x")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({name: round(speed, 2) for name, speed in figures.items()}, indent=1) + "\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
