"""Logs to measure with."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "ci-logs" / "logs"
LOGS = SHARED if SHARED.is_dir() else ROOT / "tests/ci/corpus/outputs"
"""A folder of CI logs: `../shared/ci-logs/logs` beside the repository, else the tests' corpus."""


def corpus(folder: Path, size: int) -> bytes:
    """The folder's logs one after the other, repeated to `size` bytes."""
    logs = b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    return (logs * (size // len(logs) + 1))[:size]
