"""`factory-ls diagnose`: CI logs → problems. Needs no hub, no network and no login."""

import importlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from factory_ls.ci.files import FileIndex
from factory_ls.ci.merge import Source, merge
from factory_ls.ci.problem_matchers import Matcher, load
from factory_ls.ci.reading import read
from factory_ls.ci.sources import open_bytes, open_log
from factory_ls.ci.tolerance import ApiJob, tolerated
from factory_ls.ci.tools import FAMILIES
from factory_ls.ci.workflow import Workflows, is_workflow
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Severity

FORMATS = ("text", "json", "sarif", "github", "quickfix")
_IGNORED = frozenset({".git", "node_modules", ".venv", "__pycache__", ".tox", "target", "dist"})
_MOST_FILES = 200_000
_MOST_READ = 100
_BIGGEST_READ = 256 << 10


@click.command()
@click.argument("logs", nargs=-1, metavar="[FILE…|-]")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The repository: paths are resolved to its files.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--tool", "tools", multiple=True, metavar="NAME", help="Only this tool's problems; may be repeated.")
@click.option("--list-tools", is_flag=True, help="Print the tools whose output is understood, and end.")
@click.option(
    "--job",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The job as `gh api repos/OWNER/REPO/actions/jobs/ID` prints it: steps that were let fail are then known.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Keep at most so many problems, errors first.",
)
def diagnose(
    logs: tuple[str, ...],
    root: Path | None,
    format_: str,
    tools: tuple[str, ...],
    list_tools: bool,
    limit: int,
    job: Path | None,
) -> None:
    """Find the problems in CI logs.

    FILE is a raw job log, the output of `gh run view --log` or `--log-failed`, a run's log zip, its unpacked folder,
    any program's output, or a result file (SARIF, JUnit XML) or an artifact with such; `-` (or nothing, when piped to)
    is standard input.

    Exits with 0 when no error was found, 1 when some was, 2 for bad usage or unreadable input.
    """
    if list_tools:
        click.echo(_listed(), nl=False)
        return
    if not logs:
        if sys.stdin.isatty():
            raise click.UsageError("Give a log file, or `-` for standard input.")
        logs = ("-",)
    known = _known_tools()
    if unknown := sorted(set(tools) - known):
        raise click.UsageError(
            f"Unknown tool {', '.join(unknown)}. `factory-ls diagnose --list-tools` lists the known ones."
        )
    try:
        text, failed = _run(logs, root, format_, tools, limit, _job(job))
    except FactoryError as error:
        click.echo(f"factory-ls diagnose: {error}", err=True)
        raise SystemExit(2) from None
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    raise SystemExit(1 if failed else 0)


def _run(
    logs: tuple[str, ...], root: Path | None, format_: str, tools: tuple[str, ...], limit: int, job: ApiJob | None
) -> tuple[str, bool]:
    started = time.perf_counter()
    names = list(_files(root)) if root else []
    files = FileIndex(names) if root else None
    matchers = _matchers(root, names) if root else []
    workflows = Workflows(_workflows(root, names)) if root else None
    reports = []
    for log in logs:
        sources = open_bytes(sys.stdin.buffer) if log == "-" else open_log(Path(log))
        for source in sources:
            try:
                report = read(
                    source,
                    files=files,
                    tools=frozenset(tools) if tools else None,
                    limit=limit,
                    matchers=matchers,
                    directory=workflows.directory if workflows else None,
                    tolerated=tolerated(workflows, job),
                )
            except FactoryError as error:
                if not source.result:
                    raise
                click.echo(f"factory-ls diagnose: {error}", err=True)
                continue
            if report is None:
                continue
            reports.append((Source(source.job or ""), report))
    report = reports[0][1] if len(reports) == 1 else merge(reports)
    stats = msgspec.structs.replace(report.stats, seconds=round(time.perf_counter() - started, 6))
    report = msgspec.structs.replace(report, stats=stats)
    rendered = importlib.import_module(f"factory_ls.ci.formats.{format_}").render(report)
    failed = bool(report.failures) or any(problem.severity is Severity.ERROR for problem in report.problems)
    return rendered, failed


def _job(path: Path | None) -> ApiJob | None:
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=ApiJob)
    except (OSError, msgspec.MsgspecError) as error:
        raise FactoryError(
            ErrorKind.INVALID, f"{path} is no job: {error}.", "Ask GitHub's API for it again."
        ) from error


def _files(root: Path) -> Iterator[str]:
    """The files below `root`, as git would list them but without asking it: no symlinked folder is entered."""
    count = 0
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if name not in _IGNORED]
        for name in files:
            yield Path(folder, name).relative_to(root).as_posix()
            count += 1
            if count >= _MOST_FILES:
                return


def _matchers(root: Path, names: list[str]) -> list[Matcher]:
    """The problem matchers that the repository keeps in `.github`."""
    found: list[Matcher] = []
    for name in [name for name in names if name.startswith(".github/") and name.endswith(".json")][:_MOST_READ]:
        path = root / name
        if path.is_symlink() or path.stat().st_size > _BIGGEST_READ:
            continue
        text = path.read_bytes()
        if b'"problemMatcher"' in text:
            try:
                found += load(text)
            except FactoryError as error:
                click.echo(f"factory-ls diagnose: {name}: {error}", err=True)
    return found


def _workflows(root: Path, names: list[str]) -> dict[str, str]:
    """They tell in which folder a step ran, which logs do not."""
    found = {}
    for name in [name for name in names if is_workflow(name)][:_MOST_READ]:
        path = root / name
        if not path.is_symlink() and path.stat().st_size <= _BIGGEST_READ:
            found[name] = path.read_text(encoding="utf-8", errors="replace")
    return found


def _known_tools() -> set[str]:
    return {name for family in FAMILIES if not family.always for name in (family.name, *family.names)}


def _listed() -> str:
    width = max(len(family.name) for family in FAMILIES)
    lines = []
    for family in FAMILIES:
        if family.always:
            continue
        also = f" (also: {', '.join(family.names)})" if family.names else ""
        lines.append(f"{family.name:{width}}  {family.about}{also}\n")
    return "".join(lines)


if __name__ == "__main__":
    diagnose()
