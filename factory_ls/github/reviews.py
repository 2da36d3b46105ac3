"""Review threads: answered and resolved."""

from factory_ls.github import queries, reduce
from factory_ls.github.gh import SECONDS_LOOKUP, Gh
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.pull_request import ReviewComment


async def reply(gh: Gh, host: str, thread_id: str, body: str) -> ReviewComment:
    """Adds a comment to a thread and returns it."""
    data = await gh.graphql(host, queries.load("reply"), {"thread": thread_id, "body": body}, seconds=SECONDS_LOOKUP)
    node = (data.get("addPullRequestReviewThreadReply") or {}).get("comment")
    if not node:
        raise FactoryError(ErrorKind.DENIED, f"{host} took no reply to the thread.", "Is the conversation locked?")
    return reduce.comment(node)


async def resolve(gh: Gh, host: str, thread_id: str) -> None:
    """Marks a thread as resolved; one that is resolved already stays so."""
    await gh.graphql(host, queries.load("resolve"), {"thread": thread_id}, seconds=SECONDS_LOOKUP)
