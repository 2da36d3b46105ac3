"""Where a pull request's branch really is: in the repository itself, or in a fork that maintainers may push to."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from factory_ls.git import commits, repository
from factory_ls.git.repository import Remote, RemoteRepository, parse_remote
from factory_ls.git.runner import Git
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.pull_request import PullRequest
from factory_ls.model.workspace import Workspace


class Head(NamedTuple):
    remote: str
    """A remote's name, or an address."""
    branch: str
    """Its name there."""
    seen: str
    """The ref that is where it was last seen."""

    @property
    def fork(self) -> bool:
        return self.seen.startswith(commits.SNAPSHOTS)


def seen_at(workspace: Workspace, pr: PullRequest | None) -> str:
    """The ref that is where the pull request's branch was last seen."""
    if pr is None or not pr.is_fork:
        return f"refs/remotes/origin/{workspace.branch}"
    return f"{commits.SNAPSHOTS}heads/{workspace.id}"


def refusal(pr: PullRequest, viewer: str | None) -> str:
    """Why nothing may be pushed to it, as far as GitHub tells; empty when it may."""
    if not pr.is_fork:
        return ""
    if not pr.head_repository:
        return "Nothing can be pushed: the fork that it comes from is gone."
    owner = pr.head_repository.partition("/")[0]
    if pr.maintainer_can_modify or (viewer is not None and viewer.casefold() == owner.casefold()):
        return ""
    return f"Nothing can be pushed to {pr.head_repository}: its author does not let maintainers change it."


async def find(git: Git, workspace: Workspace, pr: PullRequest | None, host: str | None) -> Head:
    """Raises `denied` for a fork that has no address."""
    seen = seen_at(workspace, pr)
    if pr is None or not pr.is_fork:
        return Head("origin", workspace.branch, seen)
    owner, _, name = (pr.head_repository or "").partition("/")
    known = await repository.remotes(git, Path(workspace.path))
    address = _address(known, RemoteRepository(host or "", owner, name))
    if address is None or not pr.head_branch:
        where = pr.head_repository or "a fork that is gone"
        raise FactoryError(ErrorKind.DENIED, f"Nothing can be pushed to {where}.", "No remote here tells its address.")
    return Head(address, pr.head_branch, seen)


async def fetch(git: Git, workspace: Workspace, head: Head) -> None:
    """Brings `head.seen` up to date."""
    refspec = f"+refs/heads/{head.branch}:{head.seen}" if head.fork else head.branch
    await repository.fetch(git, Path(workspace.path), head.remote, refspec)


async def push(git: Git, workspace: Workspace, head: Head) -> None:
    """Raises what `commits.push` raises."""
    upstream = not head.fork
    await commits.push(
        git, Path(workspace.path), workspace.branch, remote=head.remote, there=head.branch, set_upstream=upstream
    )


def _address(known: Sequence[Remote], wanted: RemoteRepository) -> str | None:
    """The name of a remote that is the repository, else its address in the way `origin`'s is written."""
    for remote in known:
        found = parse_remote(remote.push_url)
        if found and _same(found, wanted):
            return remote.name
    origin = next((remote.push_url for remote in known if remote.name == "origin"), "")
    here = parse_remote(origin)
    place = f"{here.owner}/{here.name}" if here else ""
    if not here or origin.count(place) != 1 or not parse_remote(f"https://{here.host}/{wanted.owner}/{wanted.name}"):
        return None
    return origin.replace(place, f"{wanted.owner}/{wanted.name}")


def _same(one: RemoteRepository, other: RemoteRepository) -> bool:
    return [part.casefold() for part in one] == [part.casefold() for part in other]
