"""Steps that failed and were meant to be let (`continue-on-error`): what they tell of is no reason for a red check.

The runner writes the same into the log for them as for any failed step. Two things tell them apart: the workflow, and
the job as GitHub's API gives it, where a tolerated step's `conclusion` is `success`.
https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error
https://docs.github.com/rest/actions/workflow-jobs#get-a-job-for-a-workflow-run
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from factory_ls.ci.structure import Step
from factory_ls.ci.workflow import Workflows

Tolerated: TypeAlias = Callable[[Step], bool]
_SECONDS = len("2026-01-02T03:04:05")


class ApiStep(msgspec.Struct):
    conclusion: str | None = None
    started_at: str | None = None
    completed_at: str | None = None


class ApiJob(msgspec.Struct):
    """A job as `GET /repos/OWNER/REPO/actions/jobs/ID` gives it."""

    steps: list[ApiStep] = []


def tolerated(workflows: Workflows | None = None, job: ApiJob | None = None) -> Tolerated:
    """Whether a failed step was tolerated, as far as either source tells."""

    def tolerates(step: Step) -> bool:
        if job is not None and job.steps:
            told = by_time(job, step.ended)
            if told is not None:
                return told
        return workflows is not None and step.command is not None and workflows.tolerates(step.command)

    return tolerates


def by_time(job: ApiJob, at: str) -> bool | None:
    """Whether what failed at `at` was tolerated. Times are whole seconds, so several steps may have run then: they must
    agree. None where none did."""
    second = at[:_SECONDS]
    then = [
        step.conclusion == "success"
        for step in job.steps
        if step.started_at and step.completed_at and step.conclusion != "skipped"
        and step.started_at[:_SECONDS] <= second <= step.completed_at[:_SECONDS]
    ]  # fmt: skip
    return all(then) if then else None
