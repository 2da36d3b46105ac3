"""The forms a log comes in on disk: a file, a run's zip, that zip unpacked; artifacts too. Each as named pieces of bytes.

A run's zip holds one `<n>_<job>.txt` a job and, in a folder a job, one file a step. The steps' text is in the job's
file too, so the folders are read only where it is missing.
https://docs.github.com/rest/actions/workflow-runs#download-workflow-run-logs
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, NamedTuple

from factory_ls.model.errors import ErrorKind, FactoryError

CHUNK = 1 << 20
MAX_UNPACKED = 4 << 30
"""Bytes read out of one zip, whatever its headers claim: a zip bomb ends here."""
MAX_FILES = 10_000
_TEXT = (".txt", ".log", ".out", ".err")
SUFFIXES = (".sarif", ".sarif.json", ".xml")
"""Of files that may hold results (`results.py`)."""
_NUMBERED = re.compile(r"^-?\d+_(?P<name>.+?)\.txt$")


class Source(NamedTuple):
    """`job` is None where the log itself names its jobs or has none. `result`: by its name it is no log but perhaps a
    result file (SARIF, JUnit XML)."""

    job: str | None
    chunks: Iterator[bytes]
    name: str = "-"
    result: bool = False


def open_log(path: Path) -> Iterator[Source]:
    """The logs in `path`: a folder, a zip, or one file."""
    try:
        if path.is_dir():
            yield from _folder(path)
            return
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                file.seek(0)
                yield from _zip(file, str(path))
            else:
                file.seek(0)
                yield Source(None, read(file), str(path))
    except OSError as error:
        raise FactoryError(
            ErrorKind.NOT_FOUND,
            f"Cannot read {path}: {error.strerror or error}.",
            "Give the path of a log file, a run's log zip or its folder.",
        ) from error


def open_bytes(file: BinaryIO, name: str = "-") -> Iterator[Source]:
    """The logs in a stream that cannot be rewound, such as stdin."""
    head = file.read(CHUNK)
    if head.startswith(b"PK\x03\x04"):
        yield from _zip(io.BytesIO(head + file.read()), name)
    else:
        yield Source(None, _prepended(head, file))


def read(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _prepended(head: bytes, file: IO[bytes]) -> Iterator[bytes]:
    if head:
        yield head
        yield from read(file)


def _job(name: str) -> str | None:
    matched = _NUMBERED.match(name)
    return matched["name"] if matched else None


def _wanted(names: list[str]) -> list[tuple[str, str | None]]:
    """(name, job) of the files to read: the jobs' own, or their steps' where those are missing, and result files."""
    results: list[tuple[str, str | None]] = [(name, None) for name in sorted(names, key=_natural) if _is_result(name)]
    texts = [name for name in names if name.lower().endswith(_TEXT)]
    top = {_job(PurePosixPath(name).name): name for name in texts if "/" not in name and _job(name)}
    if not top:
        return [(name, _job_of_step(name)) for name in sorted(texts, key=_natural)] + results
    inside = [name for name in texts if "/" in name and PurePosixPath(name).parts[0] not in top]
    chosen: list[tuple[str, str | None]] = [(name, job) for job, name in top.items()]
    return (
        sorted(chosen + [(name, PurePosixPath(name).parts[0]) for name in inside], key=lambda item: _natural(item[0]))
        + results
    )


def _is_result(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _job_of_step(name: str) -> str | None:
    parts = PurePosixPath(name).parts
    return parts[-2] if len(parts) > 1 else None


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def _folder(path: Path) -> Iterator[Source]:
    names = [
        file.relative_to(path).as_posix() for file in sorted(path.rglob("*")) if file.is_file() and not file.is_symlink()
    ][:MAX_FILES]  # fmt: skip
    wanted = _wanted(names)
    if not wanted:
        raise FactoryError(
            ErrorKind.NOT_FOUND,
            f"There is no log in {path}.",
            "A run's unpacked log folder holds .txt files, an artifact's .xml or .sarif.",
        )
    for name, job in wanted:
        with (path / name).open("rb") as file:
            yield Source(job, read(file), name, _is_result(name))


def _zip(file: IO[bytes], name: str) -> Iterator[Source]:
    budget = [MAX_UNPACKED]
    try:
        with zipfile.ZipFile(file) as archive:
            wanted = _wanted(archive.namelist()[:MAX_FILES])
            if not wanted:
                raise FactoryError(
                    ErrorKind.INVALID, f"There is no log in the zip {name}.", "Download the run's logs again."
                )
            for member, job in wanted:
                with archive.open(member) as opened:
                    yield Source(job, _limited(opened, budget, name), member, _is_result(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise FactoryError(
            ErrorKind.CORRUPT, f"The zip {name} cannot be read: {error}.", "Download the run's logs again."
        ) from error


def _limited(file: IO[bytes], budget: list[int], name: str) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK):
            budget[0] -= len(chunk)
            if budget[0] < 0:
                raise FactoryError(
                    ErrorKind.INVALID,
                    f"The zip {name} unpacks to more than {MAX_UNPACKED >> 30} GiB.",
                    "It is not a log.",
                )
            yield chunk
    except (zipfile.BadZipFile, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise FactoryError(
            ErrorKind.CORRUPT, f"The zip {name} is damaged: {error}.", "Download the run's logs again."
        ) from error
