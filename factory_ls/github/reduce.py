"""From GitHub's words to ours: which run of a check counts, what checks and a pull request amount to. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from factory_ls.model.pull_request import (
    Check,
    CheckKind,
    CiObservation,
    CiStatus,
    PullRequestState,
    Review,
    ReviewComment,
    ReviewThread,
)

_FAILED = frozenset({"FAILURE", "ERROR", "ACTION_REQUIRED", "TIMED_OUT", "CANCELLED", "STARTUP_FAILURE"})
_PENDING = frozenset({"PENDING", "EXPECTED", "QUEUED", "IN_PROGRESS", "WAITING", "REQUESTED"})
_PASSED = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})

_BODY = 20_000
"""Characters of a comment that are kept; GitHub's own limit is 65,536."""
_ACTIONS_APP = "github-actions"
_ACTIONS_URL = re.compile(r"/actions/runs/(\d+)(?:/attempts/\d+)?/job/(\d+)")

Node = Mapping[str, Any]


def outcome(word: str | None) -> CiStatus:
    """What GitHub's status, conclusion or state says, in any case. STALE and new words are UNKNOWN, never pending."""
    upper = (word or "").upper()
    if upper in _FAILED:
        return CiStatus.FAILURE
    if upper in _PENDING:
        return CiStatus.PENDING
    return CiStatus.SUCCESS if upper in _PASSED else CiStatus.UNKNOWN


def reduce_checks(nodes: Iterable[Node | None]) -> tuple[Check, ...]:
    """The latest run of each (workflow, name), from the nodes of a `StatusCheckRollup`, sorted by workflow and name.

    Latest is the highest workflow run id, then the newest start (a run that has not started is newest of all), then
    the highest check run id. Checks of other apps than Actions have no workflow: their app keeps them apart.
    """
    latest: dict[tuple[str, str, str], tuple[tuple[int, str, int], Check]] = {}
    for node in nodes:
        if not node:
            continue
        scope, check, order = _status(node) if "context" in node else _check_run(node)
        key = (check.kind, scope, check.name)
        if key not in latest or order >= latest[key][0]:
            latest[key] = (order, check)
    return tuple(sorted((check for _, check in latest.values()), key=lambda c: (c.workflow or "", c.name, c.kind)))


def ci(checks: tuple[Check, ...] | None) -> tuple[CiStatus, CiObservation]:
    """None: they could not be read. Empty: none exist, which is not the same as running.

    GitHub reports none in the first seconds after a push, before it has started any: whoever concludes from
    NO_CHECKS must look twice.
    """
    if checks is None:
        return CiStatus.UNKNOWN, CiObservation.NOT_FETCHED
    if not checks:
        return CiStatus.UNKNOWN, CiObservation.NO_CHECKS
    outcomes = {check.outcome for check in checks}
    if CiStatus.FAILURE in outcomes:
        return CiStatus.FAILURE, CiObservation.CHECKS_FAILED
    if CiStatus.PENDING in outcomes:
        return CiStatus.PENDING, CiObservation.CHECKS_PENDING
    if CiStatus.SUCCESS in outcomes:
        return CiStatus.SUCCESS, CiObservation.CHECKS_PASSED
    return CiStatus.UNKNOWN, CiObservation.CHECKS_UNKNOWN


def state(node: Node) -> PullRequestState:
    """MERGED > CLOSED > DRAFT > APPROVED or CHANGES_REQUESTED > OPEN. `review_decision` is kept beside it, so that a
    draft hides no review."""
    word, decision = str(node.get("state", "")).upper(), str(node.get("reviewDecision") or "").upper()
    if word in {"MERGED", "CLOSED"}:
        return PullRequestState(word)
    if node.get("isDraft"):
        return PullRequestState.DRAFT
    return PullRequestState(decision) if decision in {"APPROVED", "CHANGES_REQUESTED"} else PullRequestState.OPEN


def merge_state(node: Node) -> str | None:
    """`mergeStateStatus`, but DIRTY whenever there is a conflict: a draft's own state would hide it."""
    if str(node.get("mergeable", "")).upper() == "CONFLICTING":
        return "DIRTY"
    word = node.get("mergeStateStatus")
    return str(word).upper() if word else None


def thread(node: Node, comments: Sequence[ReviewComment]) -> ReviewThread:
    """The node has at least its newest comments; each of them names the commit the thread was begun at."""
    newest = [each for each in (node.get("comments") or {}).get("nodes") or [] if each]
    commit = (newest[0].get("originalCommit") or {}).get("oid") if newest else None
    return ReviewThread(
        id=node["id"],
        path=node["path"],
        line=node.get("line"),
        original_line=node.get("originalLine"),
        start_line=node.get("startLine"),
        original_start_line=node.get("originalStartLine"),
        side=node.get("diffSide"),
        is_resolved=bool(node.get("isResolved")),
        is_outdated=bool(node.get("isOutdated")),
        commit=commit,
        comments=tuple(comments),
    )


def login(actor: Node | None) -> str | None:
    """As REST and people write it: GraphQL leaves out the `[bot]` that tells an app from a person of the same name."""
    name = (actor or {}).get("login")
    return f"{name}[bot]" if name and (actor or {}).get("__typename") == "Bot" else name


def comment(node: Node) -> ReviewComment:
    """The author is null for a deleted account."""
    return ReviewComment(
        id=node["id"],
        author=login(node.get("author")),
        association=node.get("authorAssociation") or "NONE",
        body=(node.get("body") or "")[:_BODY],
        url=node.get("url"),
        created_at=node.get("createdAt"),
    )


def review(node: Node) -> Review:
    return Review(
        id=node["id"],
        author=login(node.get("author")),
        association=node.get("authorAssociation") or "NONE",
        state=str(node.get("state") or "").upper(),
        body=(node.get("body") or "")[:_BODY],
        url=node.get("url"),
        submitted_at=node.get("submittedAt"),
    )


def failing(nodes: Iterable[Node | None]) -> tuple[Check, ...]:
    """The checks of a rollup that failed, each in its latest run."""
    return tuple(check for check in reduce_checks(nodes) if check.outcome is CiStatus.FAILURE)


def base_checks(node: Node) -> tuple[str, Node | None]:
    """The tip of a pull request's base branch and a page of its checks; none when it has none, or is gone."""
    target = (node.get("baseRef") or {}).get("target") or {}
    return str(target.get("oid") or ""), (target.get("statusCheckRollup") or {}).get("contexts")


def labels(node: Node) -> tuple[str, ...]:
    return tuple(str(each["name"]) for each in (node.get("labels") or {}).get("nodes") or [] if each)


def _check_run(node: Node) -> tuple[str, Check, tuple[int, str, int]]:
    suite = node.get("checkSuite") or {}
    run = suite.get("workflowRun") or {}
    app = (suite.get("app") or {}).get("slug") or ""
    workflow = (run.get("workflow") or {}).get("name")
    url = node.get("detailsUrl")
    # The ids are 32-bit in GitHub's schema and may be null for newer runs; the address always has them.
    in_url = _ACTIONS_URL.search(url or "")
    run_id = run.get("databaseId") or (int(in_url[1]) if in_url else None)
    check_id = node.get("databaseId") or (int(in_url[2]) if in_url else 0)
    completed = str(node.get("status", "")).upper() == "COMPLETED"
    conclusion = str(node.get("conclusion") or "").upper() or None
    check = Check(
        id=str(check_id),
        kind=CheckKind.CHECK_RUN,
        name=node.get("name") or "",
        workflow=workflow,
        outcome=outcome(conclusion if completed else node.get("status")),
        conclusion=conclusion if completed else None,
        url=url,
        run_id=run_id,
        is_actions=app == _ACTIONS_APP,
        started_at=node.get("startedAt"),
        completed_at=node.get("completedAt"),
    )
    return workflow or f"app:{app}", check, (run_id or 0, node.get("startedAt") or "~", check_id)


def _status(node: Node) -> tuple[str, Check, tuple[int, str, int]]:
    word = str(node.get("state") or "").upper()
    result, at = outcome(word), node.get("createdAt")
    check = Check(
        id=node["context"],
        kind=CheckKind.STATUS_CONTEXT,
        name=node["context"],
        outcome=result,
        conclusion=None if result is CiStatus.PENDING else word or None,
        url=node.get("targetUrl"),
        started_at=at,
        completed_at=None if result is CiStatus.PENDING else at,
    )
    return "", check, (0, at or "", 0)
