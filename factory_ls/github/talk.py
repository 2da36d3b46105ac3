"""What people said on a pull request: threads, reviews, comments, labels. Read newest first, and only once.

The observing query has the newest page of each list. Older pages are asked for until one meets what the last
observation knew; everything is read anew once an hour, and threads (which may be resolved at any age) when the pull
request has changed. So ten thousand comments cost their hundred pages once, not with every poll.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from factory_ls.github import queries, reduce
from factory_ls.github.gh import Gh
from factory_ls.model.clock import from_iso, iso
from factory_ls.model.pull_request import PullRequest, Review, ReviewComment, ReviewThread

ANEW = timedelta(hours=1)
THREADS_ANEW = timedelta(minutes=5)
KEPT = 300
"""Comments, reviews and resolved threads that are kept, the newest; unresolved threads all are."""

Said = TypeVar("Said", Review, ReviewComment, ReviewThread)
Node = dict[str, Any]


class Talk(NamedTuple):
    threads: tuple[ReviewThread, ...]
    reviews: tuple[Review, ...]
    comments: tuple[ReviewComment, ...]
    read_at: str
    """When everything was last read anew."""


async def read(gh: Gh, host: str, node: Node, known: PullRequest | None) -> Talk:
    """`node` is the pull request of the observing query, `known` what was last observed of it."""
    now = iso()
    age = from_iso(now) - from_iso(known.threads_read_at) if known and known.threads_read_at else ANEW
    changed = known is None or known.updated_at is None or known.updated_at != node.get("updatedAt")
    anew = age >= ANEW
    threads_anew = anew or (changed and age >= THREADS_ANEW)
    old = None if anew else known
    old_threads = () if threads_anew or known is None else known.threads

    async def thread(each: Node) -> ReviewThread:
        before = next((t.comments for t in old.threads if t.id == each["id"]), ()) if old else ()
        said = await _older(
            gh, host, each["id"], each.get("comments"), "more_comments", "comments", reduce.comment, before
        )
        return reduce.thread(each, said)

    nodes = await _older(
        gh, host, node["id"], node.get("reviewThreads"), "more_threads", "reviewThreads", _Raw, old_threads
    )
    threads = [each if isinstance(each, ReviewThread) else await thread(each.node) for each in nodes]
    reviews = await _older(
        gh, host, node["id"], node.get("reviews"), "more_reviews", "reviews", reduce.review, old.reviews if old else ()
    )
    comments = await _older(
        gh,
        host,
        node["id"],
        node.get("comments"),
        "more_top_comments",
        "comments",
        reduce.comment,
        old.comments if old else (),
    )
    return Talk(
        threads=_bounded(threads, lambda t: not t.is_resolved),
        reviews=_bounded(reviews, lambda r: r.state in ("APPROVED", "CHANGES_REQUESTED")),
        comments=_bounded(comments, lambda c: "autofix" in c.body.lower()),
        read_at=now if threads_anew or known is None else known.threads_read_at,
    )


class _Raw:
    """A thread as it came, whose own comments are still to be read."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.id: str = node["id"]


async def _older(
    gh: Gh,
    host: str,
    node_id: str,
    page: Node | None,
    query: str,
    name: str,
    build: Callable[[Node], Any],
    known: Sequence[Any],
) -> list[Any]:
    """All of a list, oldest first: `page` is its newest part; what is `known` is taken once a page meets it."""
    ids = {each.id for each in known}
    found: list[Any] = []
    while page:
        some = [build(node) for node in page.get("nodes") or [] if node]
        found[:0] = some
        info = page.get("pageInfo") or {}
        if not info.get("hasPreviousPage"):
            return found
        if any(each.id in ids for each in some):
            break
        data = await gh.graphql(host, queries.load(query), {"id": node_id, "before": info["startCursor"]})
        page = (data.get("node") or {}).get(name)
    seen = {each.id for each in found}
    return [*(each for each in known if each.id not in seen), *found]


def _bounded(items: Sequence[Said], matters: Callable[[Said], bool]) -> tuple[Said, ...]:
    """The newest, and of the older ones those that decide something."""
    return tuple(item for i, item in enumerate(items) if i >= len(items) - KEPT or matters(item))
