"""Issues as GitHub's REST API gives them. Pull requests are in the same list, marked by `pull_request`."""

from typing import Any

from factory_ls.demo.github_state import Issue, Pull, Repository


def listed(repository: Repository) -> list[dict[str, Any]]:
    """Open ones, newest first."""
    everything: list[Issue | Pull] = [*repository.issues, *repository.pulls]
    open_ones = [one for one in everything if one.state.lower() == "open"]
    return [shown(repository, one) for one in sorted(open_ones, key=lambda one: -one.number)]


def found(repository: Repository, number: int) -> dict[str, Any] | None:
    everything: list[Issue | Pull] = [*repository.issues, *repository.pulls]
    return next((shown(repository, one) for one in everything if one.number == number), None)


def shown(repository: Repository, one: Issue | Pull) -> dict[str, Any]:
    api = f"https://api.github.com/repos/{repository.full_name}"
    page = f"https://github.com/{repository.full_name}"
    url = f"{api}/issues/{one.number}"
    pull = {"pull_request": {"html_url": f"{page}/pull/{one.number}"}} if isinstance(one, Pull) else {}
    return {
        "id": one.id,
        "node_id": f"I_{one.id}",
        "number": one.number,
        "title": one.title,
        "body": one.body,
        "state": one.state.lower(),
        "user": {"login": one.author, "id": 1, "type": "User"},
        "url": url,
        "repository_url": api,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{page}/{'pull' if pull else 'issues'}/{one.number}",
        "labels": [],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "comments": 0,
        "closed_at": None,
        "created_at": one.created_at,
        "updated_at": one.created_at,
        "author_association": "NONE",
        **pull,
    }
