"""The work a pull request has, as items whose keys stay the same as long as the work does."""

import hashlib
import re
from enum import StrEnum
from typing import NamedTuple

from factory_ls.model.pull_request import (
    Check,
    CiStatus,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
)
from factory_ls.ratchet.limits import Limits, ReviewMode

_OPINIONS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
_SWITCH = re.compile(r"^[ \t]*/?autofix[ \t]+(on|off)[ \t]*$", re.IGNORECASE | re.MULTILINE)


class Work(StrEnum):
    """Kinds of work, in the order in which one fixer does them."""

    CONFLICT = "conflict"
    CI = "ci"
    REVIEW = "review"


class Item(NamedTuple):
    """`key` is new exactly when there is something new to do."""

    work: Work
    key: str
    said: str


def conflict_items(pr: PullRequest) -> list[Item]:
    if pr.merge_state == "DIRTY":
        return [Item(Work.CONFLICT, f"conflict@{pr.head_sha}", f"it conflicts with {pr.base_branch}")]
    if pr.merge_state == "BEHIND":
        return [Item(Work.CONFLICT, f"behind@{pr.head_sha}", f"{pr.base_branch} must be merged into it")]
    return []


def failed_checks(pr: PullRequest) -> tuple[Check, ...]:
    return tuple(check for check in pr.checks if check.outcome is CiStatus.FAILURE)


def ci_item(pr: PullRequest, check: Check) -> Item:
    """The same check failing in a new run, or in a new attempt of a run, is news."""
    run = f"{check.run_id}.{check.attempt or 1}" if check.run_id else check.id
    return Item(Work.CI, f"ci:{check.workflow or ''}/{check.name}@{pr.head_sha}#{run}", f"{check.name} failed")


def review_items(pr: PullRequest, viewer: str | None, limits: Limits) -> list[Item]:
    """Reviews and unresolved threads of people (and listed bots) who may ask for changes."""
    threads = [item for thread in pr.threads if (item := _thread_item(thread, viewer, limits))]
    latest: dict[str, Review] = {}
    for review in pr.reviews:  # a later comment does not take an opinion back, a later opinion does
        if review.state in _OPINIONS and _counts(review.author, review.association, viewer, limits):
            latest[review.author or ""] = review
    wanted = [review for review in latest.values() if review.state == "CHANGES_REQUESTED"]
    if limits.review_mode is ReviewMode.ALL_REVIEW_FEEDBACK:
        wanted += [
            review
            for review in pr.reviews
            if review.state == "COMMENTED"
            and review.body.strip()
            and _counts(review.author, review.association, viewer, limits)
        ]
    asked = [Item(Work.REVIEW, f"review:{r.id}:{_digest(r.body)}", f"{r.author} asks for changes") for r in wanted]
    return asked + threads


def opted_out(pr: PullRequest, limits: Limits, viewer: str | None) -> str | None:
    """Why to leave this pull request alone: its label, or `autofix off` as the last word of somebody trusted."""
    if limits.opt_out_label in pr.labels:
        return f"the label “{limits.opt_out_label}” is set"
    by = None
    for comment in pr.comments:
        if comment.author != viewer and not _trusted(comment.author, comment.association, limits):
            continue
        for word in _SWITCH.findall(comment.body):
            by = comment.author if word.lower() == "off" else None
    return f"{by} wrote “autofix off”" if by else None


def _thread_item(thread: ReviewThread, viewer: str | None, limits: Limits) -> Item | None:
    """An unresolved thread whose last word is not the user's own. An edited comment is a new one."""
    if thread.is_resolved or not thread.comments or _is(thread.comments[-1].author, viewer):
        return None
    asking = [c for c in thread.comments if _counts(c.author, c.association, viewer, limits)]
    if not asking:
        return None
    last: ReviewComment = asking[-1]
    key = f"thread:{thread.id}:{last.id}:{_digest(last.body)}"
    return Item(Work.REVIEW, key, f"{last.author} waits for an answer at {thread.path}")


def _counts(author: str | None, association: str, viewer: str | None, limits: Limits) -> bool:
    return not _is(author, viewer) and _trusted(author, association, limits)


def _trusted(author: str | None, association: str, limits: Limits) -> bool:
    if association in limits.trusted_associations:
        return True
    # A listed name may leave out `[bot]`; one that has it is never a person's who took the same name.
    return author is not None and not {author, author.removesuffix("[bot]")}.isdisjoint(limits.trusted_bots)


def _is(author: str | None, viewer: str | None) -> bool:
    return viewer is not None and author is not None and author.casefold() == viewer.casefold()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
