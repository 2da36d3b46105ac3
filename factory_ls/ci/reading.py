"""One source - a log, or a result file found beside it - read as what it is."""

from collections.abc import Collection, Sequence

import msgspec

from factory_ls.ci import results
from factory_ls.ci.diagnose import diagnose
from factory_ls.ci.files import FileIndex
from factory_ls.ci.problem_matchers import Matcher
from factory_ls.ci.reporting import Directory
from factory_ls.ci.sources import Source
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Report


def read(
    source: Source,
    *,
    files: FileIndex | None = None,
    tools: Collection[str] | None = None,
    limit: int = 10_000,
    matchers: Sequence[Matcher] = (),
    directory: Directory | None = None,
) -> Report | None:
    """The source's report; None when it is neither a log nor a result file that is understood."""
    head, chunks = results.peeked(source.chunks)
    kind = results.kind_of(head)
    if kind:
        try:
            report = results.read(kind, chunks, files=files, name=source.job, limit=limit)
        except ValueError as error:
            raise FactoryError(
                ErrorKind.INVALID, f"{source.name} cannot be read as {_NAMES[kind]}: {error}.", "Write it once more."
            ) from error
        return report if tools is None else _only(report, tools)
    if source.result:
        return None
    return diagnose(
        chunks, files=files, tools=tools, name=source.job, limit=limit, matchers=matchers, directory=directory
    )


_NAMES = {"sarif": "SARIF", "junit": "JUnit XML"}


def _only(report: Report, tools: Collection[str]) -> Report:
    return msgspec.structs.replace(
        report,
        problems=tuple(problem for problem in report.problems if problem.tool in tools),
        failures=tuple(failure for failure in report.failures if failure.tool in tools),
    )
