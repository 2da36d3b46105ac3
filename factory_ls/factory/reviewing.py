"""Review threads as problems, and the suggestions reviewers write in them. Pure.

The place of a thread: while it is not outdated GitHub keeps its line in step with the pull request's head; once it is,
only the line in the commit it was written for is known.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from factory_ls.model.problem import Problem, Severity
from factory_ls.model.pull_request import PullRequest, PullRequestState, ReviewThread
from factory_ls.model.text import clean

SOURCE = "review"
PREFIX = "review:"
"""A thread's problem id is this and the thread's id."""

_SUGGESTION = re.compile(
    r"^(?P<fence>`{3,}|~{3,})suggestion[^\n]*\n(?P<text>.*?)^(?P=fence)[`~]*[ \t]*$", re.MULTILINE | re.DOTALL
)


class Suggestion(NamedTuple):
    """Lines to put in place of the thread's lines; none deletes them."""

    comment: str
    lines: tuple[str, ...]


def thread_problems(pr: PullRequest | None) -> Iterator[tuple[str, Problem]]:
    """(commit, problem at its lines in it) of each open thread that has a place in a file."""
    if pr is None or pr.state in (PullRequestState.MERGED, PullRequestState.CLOSED):
        return
    for thread in pr.threads:
        if thread.is_resolved or not thread.comments or thread.side == "LEFT":
            continue
        if thread.line is not None and not thread.is_outdated:
            yield pr.head_sha, _problem(thread, thread.start_line, thread.line)
        elif thread.commit and thread.original_line is not None:
            yield thread.commit, _problem(thread, thread.original_start_line, thread.original_line)


def _problem(thread: ReviewThread, start: int | None, end: int) -> Problem:
    first = thread.comments[0]
    said = "\n\n".join(f"{comment.author or 'somebody'}: {clean(comment.body).strip()}" for comment in thread.comments)
    return Problem(
        id=PREFIX + thread.id,
        path=thread.path,
        line=start or end,
        end_line=end,
        severity=Severity.INFO,
        tool=SOURCE,
        message=said,
        signature=thread.id,
        url=first.url,
    )


def suggestions(thread: ReviewThread) -> tuple[Suggestion, ...]:
    """The suggestion blocks of a thread, in order (GitHub docs, "Suggesting changes": a fence named `suggestion`)."""
    return tuple(
        Suggestion(comment.author or "somebody", _lines(match["text"]))
        for comment in thread.comments
        for match in _SUGGESTION.finditer(comment.body.replace("\r\n", "\n"))
    )


def thread_of(threads: Iterable[ReviewThread], problem_id: str) -> ReviewThread | None:
    return next((thread for thread in threads if PREFIX + thread.id == problem_id), None)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.removesuffix("\n").split("\n")) if text else ()
