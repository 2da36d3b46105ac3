"""What a failed check said, and running it again."""

import msgspec

from factory_ls.github.gh import SECONDS_LARGE, Gh
from factory_ls.github.paths import repository, segment
from factory_ls.model.annotation import Annotation
from factory_ls.model.errors import ErrorKind, FactoryError

_PAGE = 100
_MOST_PAGES = 50
"""Far above what GitHub keeps for one check run; an endless list must end all the same."""


class _Wire(msgspec.Struct):
    path: str
    start_line: int
    end_line: int
    annotation_level: str | None
    message: str | None = None
    title: str | None = None
    raw_details: str | None = None
    start_column: int | None = None
    end_column: int | None = None


async def annotations(gh: Gh, host: str, owner: str, repo: str, check_id: str | int) -> list[Annotation]:
    """All annotations of a check run, in GitHub's order. They do not change once the check is complete."""
    found: list[Annotation] = []
    for page in range(1, _MOST_PAGES + 1):
        path = f"{repository(owner, repo)}/check-runs/{segment(check_id)}/annotations?per_page={_PAGE}&page={page}"
        answer = await gh.rest(host, path)
        some = answer.json(list[_Wire])
        found += [
            Annotation(
                path=each.path,
                start_line=each.start_line,
                end_line=each.end_line,
                start_column=each.start_column,
                end_column=each.end_column,
                level=each.annotation_level or "notice",
                message=each.message or "",
                title=each.title,
                raw_details=each.raw_details,
            )
            for each in some
        ]
        if not answer.next_page:
            break
    return found


async def job_log(gh: Gh, host: str, owner: str, repo: str, job_id: str | int) -> bytes:
    """The log of an Actions job as GitHub keeps it: UTF-8, a time stamp a line. It exists once the job has ended.

    A job's id is its check run's id, and a re-run gets a new one, so the answer may be kept for ever.
    """
    path = f"{repository(owner, repo)}/actions/jobs/{segment(job_id)}/logs"
    try:
        return (await gh.rest(host, path, seconds=SECONDS_LARGE, text=True)).body
    except FactoryError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            error.hint = "A log exists once its job has ended, and is deleted after the repository's retention time."
        raise


class Artifact(msgspec.Struct):
    """What a run uploaded. `size_in_bytes` is the zip's; times are GitHub's, whole seconds."""

    id: int
    name: str
    size_in_bytes: int
    expired: bool
    created_at: str | None = None


class _Artifacts(msgspec.Struct):
    artifacts: list[Artifact]


async def artifacts(gh: Gh, host: str, owner: str, repo: str, run_id: int) -> list[Artifact]:
    """The first hundred artifacts of a run, of all its attempts."""
    path = f"{repository(owner, repo)}/actions/runs/{segment(run_id)}/artifacts?per_page={_PAGE}"
    return (await gh.rest(host, path)).json(_Artifacts).artifacts


async def artifact_zip(gh: Gh, host: str, owner: str, repo: str, artifact_id: int) -> bytes:
    """An artifact as the zip that GitHub keeps."""
    path = f"{repository(owner, repo)}/actions/artifacts/{segment(artifact_id)}/zip"
    return (await gh.rest(host, path, seconds=SECONDS_LARGE, text=True)).body


async def rerun_failed(gh: Gh, host: str, owner: str, repo: str, run_id: int) -> None:
    """Starts the failed jobs of a workflow run, and those that depend on them, once more."""
    path = f"{repository(owner, repo)}/actions/runs/{segment(run_id)}/rerun-failed-jobs"
    await gh.rest(host, path, method="POST")
