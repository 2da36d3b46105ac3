"""GraphQL over the stand-in's state, executed by graphql-core against GitHub's schema or our part of it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from factory_ls.demo.github_state import Account, Comment, Job, Pull, Repository, Review, Run, Thread

Value = dict[str, Any]
WEB = "https://github.com"


def own_schema() -> GraphQLSchema:
    return build_schema(files(__package__).joinpath("github_schema.graphql").read_text())


def execute(schema: GraphQLSchema, account: Account, request: Value, open_pull: Callable[..., Pull]) -> Value:
    """The answer's body: `data`, and `errors` with GitHub's `type` where something failed."""
    root = _Root(account, open_pull)
    result = graphql_sync(
        schema,
        request.get("query") or "",
        {name: getattr(root, name) for name in dir(root) if not name.startswith("_")},
        variable_values=request.get("variables") or {},
    )
    # GitHub has `type` beside `message`, where graphql-core would put it one level down.
    errors = [{**error.formatted, **(error.extensions or {})} for error in result.errors or ()]
    return {"data": result.data, **({"errors": errors} if errors else {})}


def _failure(kind: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": kind})


def _connection(nodes: Sequence[Any], shown: Callable[[Any], Value] = dict) -> Callable[..., Value]:
    """Paging in both directions, as every list of GitHub has; a cursor is the number of nodes before its place.

    `shown` makes the answer of a node; only those of the page are made.
    """

    def page(
        _info: object,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        **_: object,
    ) -> Value:
        start, end = int(after or 0), min(int(before or len(nodes)), len(nodes))
        if first is not None:
            end = min(start + first, end)
        if last is not None:
            start = max(end - last, start)
        info = {"hasNextPage": end < len(nodes), "endCursor": str(end)}
        made = [shown(node) for node in nodes[start:end]]
        return {"nodes": made, "pageInfo": info | {"hasPreviousPage": start > 0, "startCursor": str(start)}}

    return page


class _Root:
    """One method a root field. The values they return are dicts whose callables take the field's arguments."""

    def __init__(self, account: Account, open_pull: Callable[..., Pull]) -> None:
        self._account = account
        self._open_pull = open_pull

    def viewer(self, _info: object) -> Value:
        return _user(self._account.login)

    def rateLimit(self, _info: object, **_: object) -> Value:  # noqa: N802 - GitHub's name
        limit, used = self._account.limit["graphql"], self._account.used["graphql"]
        reset = datetime.fromtimestamp(self._account.reset, UTC).isoformat().replace("+00:00", "Z")
        return {"cost": 1, "limit": limit, "remaining": limit - used, "used": used, "resetAt": reset}

    def repository(self, _info: object, owner: str, name: str, **_: object) -> Value:
        found = self._account.repository(owner, name)
        if not found:
            raise _failure("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return _repository(found)

    def node(self, _info: object, id: str) -> Value:  # noqa: A002
        for repository in self._account.repositories:
            for pull in repository.pulls:
                if id == f"PR_{pull.id}":
                    return _pull(repository, pull)
                for thread in pull.threads:
                    if id == f"PRRT_{thread.id}":
                        return _thread(repository, pull, thread)
        raise _failure("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'.")

    def createPullRequest(self, _info: object, input: Value) -> Value:  # noqa: A002, N802
        repository = next((r for r in self._account.repositories if input["repositoryId"] == f"R_{r.id}"), None)
        if not repository:
            raise _failure("NOT_FOUND", "Could not resolve to a node with that id.")
        try:
            pull = self._open_pull(
                repository,
                head=input["headRefName"],
                base=input["baseRefName"],
                title=input["title"],
                body=input.get("body") or "",
                draft=input.get("draft", False),
            )
        except ValueError as error:
            raise _failure("UNPROCESSABLE", str(error)) from None
        return {"pullRequest": _pull(repository, pull)}

    def addPullRequestReviewThreadReply(self, _info: object, input: Value) -> Value:  # noqa: A002, N802
        repository, pull, thread = self._find_thread(input["pullRequestReviewThreadId"])
        thread.comments.append(Comment(input["body"], self._account.login))
        return {"comment": _comment(repository, pull, thread, thread.comments[-1])}

    def resolveReviewThread(self, _info: object, input: Value) -> Value:  # noqa: A002, N802
        repository, pull, thread = self._find_thread(input["threadId"])
        thread.resolved = True
        return {"thread": _thread(repository, pull, thread)}

    def _find_thread(self, node_id: str) -> tuple[Repository, Pull, Thread]:
        for repository in self._account.repositories:
            for pull in repository.pulls:
                for thread in pull.threads:
                    if node_id == f"PRRT_{thread.id}":
                        return repository, pull, thread
        raise _failure("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'.")


def _user(login: str) -> Value:
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {"__typename": kind, "id": f"U_{login}", "login": login.removesuffix("[bot]")}


def _repository(repository: Repository) -> Value:
    def pull_request(_info: object, number: int) -> Value:
        pull = next((each for each in repository.pulls if each.number == number), None)
        if not pull:
            raise _failure("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
        return _pull(repository, pull)

    def pull_requests(
        info: object,
        headRefName: str | None = None,  # noqa: N803 - GitHub's name
        orderBy: Value | None = None,  # noqa: N803
        **page: Any,
    ) -> Value:
        pulls = [pull for pull in repository.pulls if headRefName in {None, pull.head}]
        pulls.sort(key=lambda pull: (pull.created_at, pull.number), reverse=(orderBy or {}).get("direction") == "DESC")
        return _connection(pulls, partial(_pull, repository))(info, **page)

    return {
        "__typename": "Repository",
        "id": f"R_{repository.id}",
        "nameWithOwner": repository.full_name,
        "pullRequest": pull_request,
        "pullRequests": pull_requests,
    }


def _pull(repository: Repository, pull: Pull) -> Value:
    contexts = _contexts(repository, pull.head_sha)
    base_sha = repository.branches.get(pull.base)
    head_owner = pull.head_repository.partition("/")[0]
    return {
        "__typename": "PullRequest",
        "id": f"PR_{pull.id}",
        "number": pull.number,
        "url": f"{WEB}/{repository.full_name}/pull/{pull.number}",
        "title": pull.title,
        "state": pull.state,
        "isDraft": pull.draft,
        "createdAt": pull.created_at,
        "reviewDecision": pull.review_decision,
        "mergeStateStatus": _merge_state(pull, contexts),
        "mergeable": "CONFLICTING" if pull.conflict else "MERGEABLE",
        "headRefOid": pull.head_sha,
        "headRefName": pull.head,
        "headRepository": {"__typename": "Repository", "id": "R_head", "nameWithOwner": pull.head_repository},
        "headRepositoryOwner": _user(head_owner),
        "isCrossRepository": pull.head_repository != repository.full_name,
        "maintainerCanModify": pull.maintainer_can_modify and pull.head_repository != repository.full_name,
        "baseRefName": pull.base,
        "author": _user(pull.author),
        "statusCheckRollup": _rollup(contexts),
        "reviewThreads": _connection(pull.threads, partial(_thread, repository, pull)),
        "updatedAt": _updated_at(pull),
        "reviews": _connection(pull.reviews, partial(_review, repository, pull)),
        "comments": _connection(pull.comments, partial(_top_comment, repository, pull)),
        "labels": _connection([{"name": label} for label in pull.labels]),
        "baseRef": base_sha
        and {
            "target": {
                "__typename": "Commit",
                "oid": base_sha,
                "statusCheckRollup": _rollup(_contexts(repository, base_sha)),
            }
        },
    }


def _contexts(repository: Repository, sha: str) -> list[Value]:
    found = [_check_run(repository, run, job) for run in repository.latest_runs(sha) for job in run.jobs]
    return found + [{"__typename": "StatusContext", **each} for each in repository.statuses.get(sha, [])]


def _rollup(contexts: list[Value]) -> Value | None:
    return {"contexts": _connection(contexts)} if contexts else None


def _updated_at(pull: Pull) -> str:
    said = [comment.created_at for thread in pull.threads for comment in thread.comments]
    said += [comment.created_at for comment in pull.comments] + [review.submitted_at for review in pull.reviews]
    return max([pull.created_at, *said])


def _review(repository: Repository, pull: Pull, review: Review) -> Value:
    return {
        "__typename": "PullRequestReview",
        "id": f"PRR_{review.id}",
        "author": _user(review.author) if review.author else None,
        "authorAssociation": review.association,
        "state": review.state,
        "body": review.body,
        "url": f"{WEB}/{repository.full_name}/pull/{pull.number}#pullrequestreview-{review.id}",
        "submittedAt": review.submitted_at,
    }


def _top_comment(repository: Repository, pull: Pull, comment: Comment) -> Value:
    return {
        "__typename": "IssueComment",
        "id": f"IC_{comment.id}",
        "author": _user(comment.author) if comment.author else None,
        "authorAssociation": comment.association,
        "body": comment.body,
        "url": f"{WEB}/{repository.full_name}/pull/{pull.number}#issuecomment-{comment.id}",
        "createdAt": comment.created_at,
    }


def _merge_state(pull: Pull, contexts: list[Value]) -> str:
    if pull.conflict:
        return "DIRTY"
    if pull.draft:
        return "DRAFT"
    if pull.behind:
        return "BEHIND"
    if pull.review_decision in {"CHANGES_REQUESTED", "REVIEW_REQUIRED"}:
        return "BLOCKED"
    words = {context.get("state") or context.get("conclusion") for context in contexts}
    return "CLEAN" if words <= {"SUCCESS", "NEUTRAL", "SKIPPED"} else "UNSTABLE"


def _check_run(repository: Repository, run: Run, job: Job) -> Value:
    return {
        "__typename": "CheckRun",
        "id": f"CR_{job.id}",
        "databaseId": job.id,
        "name": job.name,
        "status": job.status,
        "conclusion": job.conclusion,
        "startedAt": job.started_at,
        "completedAt": job.completed_at,
        "detailsUrl": f"{WEB}/{repository.full_name}/actions/runs/{run.id}/job/{job.id}",
        "checkSuite": {
            "app": {"slug": "github-actions"},
            "workflowRun": {"databaseId": run.id, "workflow": {"name": run.workflow}},
        },
    }


def _thread(repository: Repository, pull: Pull, thread: Thread) -> Value:
    return {
        "__typename": "PullRequestReviewThread",
        "id": f"PRRT_{thread.id}",
        "path": thread.path,
        "line": None if thread.outdated else thread.line,
        "originalLine": thread.line,
        "startLine": None if thread.outdated else thread.start_line,
        "originalStartLine": thread.start_line,
        "diffSide": "RIGHT",
        "isResolved": thread.resolved,
        "isOutdated": thread.outdated,
        "comments": _connection(thread.comments, partial(_comment, repository, pull, thread)),
    }


def _comment(repository: Repository, pull: Pull, thread: Thread, comment: Comment) -> Value:
    return {
        "__typename": "PullRequestReviewComment",
        "id": f"PRRC_{comment.id}",
        "author": _user(comment.author) if comment.author else None,
        "authorAssociation": comment.association,
        "body": comment.body,
        "url": f"{WEB}/{repository.full_name}/pull/{pull.number}#discussion_r{comment.id}",
        "createdAt": comment.created_at,
        "originalCommit": {"oid": thread.commit},
    }
