"""Short ways to say what was observed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from factory_ls.model.problem import Failure, Problem
from factory_ls.model.pull_request import (
    Check,
    CheckKind,
    CiObservation,
    CiStatus,
    PullRequest,
    PullRequestState,
    Review,
    ReviewComment,
    ReviewThread,
)
from factory_ls.model.session import PermissionMode, Session, SessionStatus
from factory_ls.ratchet.observation import Observation

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def check(name: str = "test", outcome: CiStatus = CiStatus.FAILURE, **more: Any) -> Check:
    more.setdefault("run_id", 1)
    if outcome is CiStatus.FAILURE:
        more.setdefault("conclusion", "FAILURE")
    return Check(id=f"id-{name}", kind=CheckKind.CHECK_RUN, name=name, outcome=outcome, **more)


def problem(message: str = "assert 1 == 2", **more: Any) -> Problem:
    more.setdefault("signature", f"sig {message}")
    return Problem(
        **{"id": message, "path": "a.py", "line": 3, "tool": "pytest", "check": "test", "message": message, **more}
    )


def failure(message: str) -> Failure:
    return Failure(tool="runner", message=message)


def pull_request(*checks: Check, **more: Any) -> PullRequest:
    outcomes = {c.outcome for c in checks}
    if CiStatus.FAILURE in outcomes:
        status, seen = CiStatus.FAILURE, CiObservation.CHECKS_FAILED
    elif CiStatus.PENDING in outcomes:
        status, seen = CiStatus.PENDING, CiObservation.CHECKS_PENDING
    elif checks:
        status, seen = CiStatus.SUCCESS, CiObservation.CHECKS_PASSED
    else:
        status, seen = CiStatus.UNKNOWN, CiObservation.NO_CHECKS
    values: dict[str, Any] = {
        "number": 5,
        "url": "https://github.example/o/r/pull/5",
        "state": PullRequestState.OPEN,
        "ci_status": status,
        "ci_observation": seen,
        "merge_state": "CLEAN",
        "head_sha": "head1",
        "base_branch": "main",
        "checks": checks,
    }
    return PullRequest(**{**values, **more})


RED = pull_request(check())
GREEN = pull_request(check(outcome=CiStatus.SUCCESS))
RUNNING = pull_request(check(outcome=CiStatus.PENDING))


def session(name: str = "fixer", status: SessionStatus = SessionStatus.RUNNING, **more: Any) -> Session:
    more.setdefault("workflow", "ratchet/fix-ci")
    more.setdefault("turns", 1)
    return Session(id=name, workspace_id="w", model="sonnet", permissions=PermissionMode.YOLO, status=status, **more)


def yours(status: SessionStatus = SessionStatus.RUNNING) -> Session:
    return session("yours", status, workflow="default")


def seen(pr: PullRequest | None = RED, *sessions: Session, minutes: float = 0, **more: Any) -> Observation:
    values: dict[str, Any] = {
        "at": at(minutes),
        "enabled": True,
        "attached": pr.number if pr else None,
        "pr": pr,
        "viewer": "me",
        "sessions": sessions,
        "problems": (problem(),) if pr and pr.ci_status is CiStatus.FAILURE else (),
    }
    return Observation(**{**values, **more})


def moved(pr: PullRequest, head: str, **more: Any) -> PullRequest:
    return msgspec.structs.replace(pr, head_sha=head, **more)


def comment(body: str = "please", author: str = "ann", association: str = "MEMBER", **more: Any) -> ReviewComment:
    more.setdefault("id", "c1")
    return ReviewComment(author=author, association=association, body=body, **more)


def thread(*comments: ReviewComment, **more: Any) -> ReviewThread:
    more.setdefault("id", "t1")
    return ReviewThread(path="a.py", line=1, comments=comments or (comment(),), **more)


def review(state: str = "CHANGES_REQUESTED", author: str = "ann", association: str = "MEMBER", **more: Any) -> Review:
    more.setdefault("id", f"r-{author}-{state}")
    return Review(author=author, association=association, state=state, **more)
