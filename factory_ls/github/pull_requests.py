"""Pull requests: observed many at once, found by branch, opened."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from factory_ls.github import queries, reduce, talk
from factory_ls.github.answer import clean
from factory_ls.github.gh import Gh
from factory_ls.model.clock import from_iso, iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.pull_request import Check, CiStatus, PullRequest

_BATCH = 100
"""Pull requests in one query: 35,000 nodes of the 500,000 that GitHub allows."""


class Ref(NamedTuple):
    """Which pull request."""

    host: str
    owner: str
    repo: str
    number: int


Bases = dict[str, tuple[Check, ...]]
"""Commits at the tip of base branches, and the checks that fail on them, read to the end."""


class Observed(NamedTuple):
    """Every ref asked for is in one of the two: a lost repository, or a host that is down, hides no other."""

    pull_requests: dict[Ref, PullRequest]
    errors: dict[Ref, FactoryError]


async def observe(gh: Gh, refs: Iterable[Ref], known: Mapping[Ref, PullRequest] | None = None) -> Observed:
    """All of `refs`, one query a host (and 100 of them); further queries only for lists longer than a page.

    `known` is what was observed last: older pages of comments that are in it are not read again.
    """
    by_host: dict[str, list[Ref]] = {}
    for ref in dict.fromkeys(refs):
        by_host.setdefault(ref.host, []).append(ref)
    parts = await asyncio.gather(
        *(_observe_some(gh, host, part, known or {}) for host, several in by_host.items() for part in _parts(several))
    )
    found, errors = Observed({}, {})
    for part in parts:
        found |= part.pull_requests
        errors |= part.errors
    return Observed(found, errors)


async def get(gh: Gh, ref: Ref) -> PullRequest:
    observed = await observe(gh, [ref])
    if ref in observed.errors:
        raise observed.errors[ref]
    return observed.pull_requests[ref]


async def find(
    gh: Gh, host: str, owner: str, repo: str, branch: str, head_owner: str, created_after: str | None = None
) -> PullRequest | None:
    """The pull request of `branch` as it is in `head_owner`'s repository, created no earlier than
    `created_after` (ISO 8601).

    A branch's name alone proves nothing: forks use the same names, and names are used again. An open one is preferred,
    then the newest.
    """
    variables: dict[str, Any] = {"owner": owner, "repo": repo, "branch": branch, "after": None}
    matching: list[dict[str, Any]] = []
    while True:
        data = await gh.graphql(host, queries.load("find"), variables)
        page = (data.get("repository") or {}).get("pullRequests") or {}
        nodes = [node for node in page.get("nodes") or [] if node]
        recent = [node for node in nodes if not created_after or _not_before(node["createdAt"], created_after)]
        matching += [node for node in recent if _head_owner(node).casefold() == head_owner.casefold()]
        # Newest first: a page with one that is too old is the last that matters.
        if len(recent) < len(nodes) or not (page.get("pageInfo") or {}).get("hasNextPage"):
            break
        variables["after"] = page["pageInfo"]["endCursor"]
    if not matching:
        return None
    best = max(matching, key=lambda node: (node["state"] == "OPEN", node["createdAt"], node["number"]))
    return await get(gh, Ref(host, owner, repo, best["number"]))


async def create(
    gh: Gh,
    host: str,
    owner: str,
    repo: str,
    *,
    branch: str,
    base: str,
    title: str,
    body: str = "",
    draft: bool = False,
    head_owner: str | None = None,
) -> PullRequest:
    """Opens a pull request of `branch`, which is already pushed; when there is an open one, that one.

    An attempt that fails half-way may have opened it all the same, so it is looked for before an error is raised.
    """
    head_owner = head_owner or owner
    try:
        data = await gh.graphql(host, queries.load("repository_id"), {"owner": owner, "repo": repo})
        variables = {
            "repository": data["repository"]["id"],
            "head": branch if head_owner == owner else f"{head_owner}:{branch}",
            "base": base,
            "title": title,
            "body": body,
            "draft": draft,
        }
        data = await gh.graphql(host, queries.load("create"), variables)
        return await _complete(gh, host, data["createPullRequest"]["pullRequest"], None, {}, checks_failed=False)
    except FactoryError as error:
        if error.kind not in {ErrorKind.INVALID, ErrorKind.NETWORK, ErrorKind.TIMEOUT, ErrorKind.CORRUPT}:
            raise
        existing = await _find_open(gh, host, owner, repo, branch, head_owner)
        if existing:
            return existing
        if error.kind is ErrorKind.INVALID:
            error.hint = error.hint or f"Is `{clean(branch)}` pushed, and ahead of `{clean(base)}`?"
        raise


async def _find_open(gh: Gh, host: str, owner: str, repo: str, branch: str, head_owner: str) -> PullRequest | None:
    try:
        existing = await find(gh, host, owner, repo, branch, head_owner)
    except FactoryError:
        return None
    return existing if existing and existing.state not in {"MERGED", "CLOSED"} else None


async def _observe_some(gh: Gh, host: str, refs: Sequence[Ref], known: Mapping[Ref, PullRequest]) -> Observed:
    variables: dict[str, Any] = {}
    for i, ref in enumerate(refs):
        variables |= {f"o{i}": ref.owner, f"r{i}": ref.repo, f"n{i}": ref.number}
    try:
        data, by_alias = await gh.graphql_partial(host, queries.batch(len(refs)), variables)
    except FactoryError as error:
        return Observed({}, dict.fromkeys(refs, error))
    found, errors = Observed({}, {})
    bases: Bases = {}
    for i, ref in enumerate(refs):
        node = (data.get(f"p{i}") or {}).get("pullRequest")
        try:
            if not node:
                raise by_alias.get(f"p{i}") or _nothing(ref)
            found[ref] = await _complete(gh, host, node, known.get(ref), bases, checks_failed=f"p{i}" in by_alias)
        except FactoryError as error:
            errors[ref] = error
    return Observed(found, errors)


async def _complete(
    gh: Gh, host: str, node: dict[str, Any], known: PullRequest | None, bases: Bases, *, checks_failed: bool
) -> PullRequest:
    """The Struct, after reading the pages that did not fit into the batched query."""
    rollup = node.get("statusCheckRollup")
    # GitHub says null for a commit without checks; with an error beside it, null only says that nothing was read.
    contexts = None if rollup is None and checks_failed else (rollup or {}).get("contexts")
    checks = None
    if rollup is not None or not checks_failed:
        checks = reduce.reduce_checks(await _all_checks(gh, host, node["id"], contexts, "more_checks", _own_checks))
    said = await talk.read(gh, host, node, known)
    ci_status, observation = reduce.ci(checks)
    head = node.get("headRepository") or {}
    return PullRequest(
        number=node["number"],
        url=node["url"],
        title=node.get("title") or "",
        state=reduce.state(node),
        is_draft=bool(node.get("isDraft")),
        ci_status=ci_status,
        ci_observation=observation,
        review_decision=node.get("reviewDecision") or None,
        merge_state=reduce.merge_state(node),
        head_sha=node["headRefOid"],
        head_branch=node.get("headRefName") or "",
        head_repository=head.get("nameWithOwner"),
        is_fork=bool(node.get("isCrossRepository")),
        maintainer_can_modify=bool(node.get("maintainerCanModify")),
        base_branch=node.get("baseRefName") or "",
        author=reduce.login(node.get("author")),
        checks=checks or (),
        threads=said.threads,
        reviews=said.reviews,
        comments=said.comments,
        labels=reduce.labels(node),
        base_failing=await _failing_on_base(gh, host, node, bases, needed=ci_status is CiStatus.FAILURE),
        updated_at=node.get("updatedAt"),
        threads_read_at=said.read_at,
        synced_at=iso(),
    )


async def _failing_on_base(gh: Gh, host: str, node: dict[str, Any], bases: Bases, *, needed: bool) -> tuple[Check, ...]:
    """Checks that fail on the tip of the base branch.

    Those beyond the first page matter only to what fails itself (`needed`), and are read once for all who share a tip.
    """
    tip, page = reduce.base_checks(node)
    if page is None or not needed:
        return reduce.failing((page or {}).get("nodes") or ())
    if tip not in bases:
        query = "more_base_checks"
        bases[tip] = reduce.failing(
            await _all_checks(gh, host, node["id"], page, query, lambda one: reduce.base_checks(one)[1])
        )
    return bases[tip]


def _own_checks(node: reduce.Node) -> reduce.Node | None:
    return (node.get("statusCheckRollup") or {}).get("contexts")


async def _all_checks(
    gh: Gh,
    host: str,
    node_id: str,
    page: reduce.Node | None,
    query: str,
    where: Callable[[reduce.Node], reduce.Node | None],
) -> list[dict[str, Any]]:
    """Every check of a rollup: `page` first, then what follows it, found by `where` in what `query` answers."""
    nodes: list[dict[str, Any]] = []
    while page:
        nodes += [node for node in page.get("nodes") or [] if node]
        info = page.get("pageInfo") or {}
        if not info.get("hasNextPage"):
            break
        data = await gh.graphql(host, queries.load(query), {"id": node_id, "after": info["endCursor"]})
        page = where(data.get("node") or {})
    return nodes


def _parts(refs: list[Ref]) -> list[list[Ref]]:
    return [refs[start : start + _BATCH] for start in range(0, len(refs), _BATCH)]


def _head_owner(node: dict[str, Any]) -> str:
    return str((node.get("headRepositoryOwner") or {}).get("login") or "")


def _not_before(created: str, earliest: str) -> bool:
    return from_iso(created) >= from_iso(earliest).replace(microsecond=0)


def _nothing(ref: Ref) -> FactoryError:
    return FactoryError(
        ErrorKind.NOT_FOUND,
        f"{ref.host} has no pull request {ref.owner}/{ref.repo}#{ref.number}.",
        "Check the number, and that the login may see the repository.",
    )
