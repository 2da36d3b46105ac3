"""Result files among a run's artifacts: fetched only where the log does not tell the place of any error."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from factory_ls.ci.merge import Source, merge
from factory_ls.factory.extracting import extract_apart
from factory_ls.github import checks
from factory_ls.github.checks import Artifact
from factory_ls.github.gh import Gh
from factory_ls.model.errors import FactoryError
from factory_ls.model.problem import Problem, Report, Severity
from factory_ls.model.pull_request import Check

log = logging.getLogger(__name__)

MOST = 3
BIGGEST = 20 << 20
"""Bytes of one artifact. Reports are small; what is larger is a build."""
_LIKE_REPORTS = re.compile(
    r"junit|xunit|surefire|failsafe|nunit|trx|sarif|lint|scan|codeql|(?:test|spec|check)s?|reports?|results?",
    re.IGNORECASE,
)
_UNLIKE = re.compile(
    r"coverage|screenshot|video|trace|dist|build|wheel|binar|docs|site|image|bundle|apk|cache", re.IGNORECASE
)


def useful(found: Sequence[Problem]) -> bool:
    """Whether result files could say more: nothing that was found has a line."""
    return not any(problem.severity is Severity.ERROR and problem.line for problem in found)


async def from_artifacts(gh: Gh, host: str, owner: str, repo: str, check: Check, worktree: Path) -> Report | None:
    """What the result files uploaded while `check` ran say. None where there are none that can be read."""
    if check.run_id is None:
        return None
    reports: list[tuple[Source, Report]] = []
    try:
        for artifact in chosen(await checks.artifacts(gh, host, owner, repo, check.run_id), check):
            body = await checks.artifact_zip(gh, host, owner, repo, artifact.id)
            reports.append((Source(check.name, check.url), await extract_apart(body, worktree)))
    except FactoryError as error:
        # The log was read: what it says is kept, and the artifacts are only more of it.
        log.info("artifacts of check %s were not read: %s", check.name, error)
    return merge(reports) if reports else None


def chosen(artifacts: Sequence[Artifact], check: Check) -> list[Artifact]:
    """Those that look like reports and were made while the check ran, the ones named like it first."""
    words = set(re.findall(r"\w+", check.name.casefold()))
    fitting = [
        artifact
        for artifact in artifacts
        if not artifact.expired
        and artifact.size_in_bytes <= BIGGEST
        and _LIKE_REPORTS.search(artifact.name)
        and not _UNLIKE.search(artifact.name)
        and (check.started_at or "") <= (artifact.created_at or "") <= (check.completed_at or "~")
    ]
    return sorted(fitting, key=lambda one: -len(words & set(re.findall(r"\w+", one.name.casefold()))))[:MOST]
