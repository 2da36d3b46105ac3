"""Names of branches: which are allowed, which are free."""

import re
import unicodedata
from pathlib import Path

from factory_ls.git.repository import commit_of
from factory_ls.git.runner import Git
from factory_ls.model.errors import ErrorKind, FactoryError

NAME_LIMIT = 50
"""Characters of a workspace's name that enter its branch."""


def branch_name(login: str, name: str) -> str:
    """`<login>/<name>` in lower case with everything but letters, digits, `.` and `_` turned into `-`.

    The name is cut to 50 characters; letters of any script stay. An empty login gives the bare name.
    """
    parts = [_sanitised(part) for part in (login, name)]
    return "/".join(filter(None, (parts[0], parts[1] or "work")))


async def check_branch(git: Git, repo: Path, branch: str) -> None:
    """Raises invalid unless git accepts `branch` as the name of a branch."""
    code = 1
    if not branch.startswith("-") and branch != "HEAD" and "\0" not in branch:
        code, _ = await git.answer(repo, "check-ref-format", f"refs/heads/{branch}", ok=(0, 1))
    if code != 0:
        raise FactoryError(
            ErrorKind.INVALID,
            f"Not a branch name: {branch[:80]!r}",
            "Use letters, digits, `-`, `_`, `.` and `/`; no leading `-`, no spaces.",
        )


async def free_branch(git: Git, repo: Path, wanted: str) -> str:
    """`wanted`, or `wanted-2`, `-3`, … when a branch here or on a remote has that name, or one that excludes it."""
    await check_branch(git, repo, wanted)
    listed = await git.run(repo, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads") + await git.run(
        repo, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes"
    )
    # Case is ignored: on macOS and Windows refs are files, and two that differ by case are one.
    taken = {name.casefold() for name in listed.decode("utf-8", "replace").splitlines()}
    number, candidate = 1, wanted
    while _excluded(candidate.casefold(), taken):
        number += 1
        candidate = f"{wanted}-{number}"
    return candidate


async def is_pushed(git: Git, repo: Path, branch: str, remote: str = "origin") -> bool:
    """Whether the remote was last seen with a branch of that name."""
    return await commit_of(git, repo, f"refs/remotes/{remote}/{branch}") is not None


def _excluded(name: str, taken: set[str]) -> bool:
    """`a/b` cannot be beside `a`: one would have to be a file and a folder."""
    parents = {name[: match.start()] for match in re.finditer("/", name)}
    if parents & taken:
        # No suffix can help below a taken parent; git's own error names it.
        return name in taken
    return name in taken or any(other.startswith(name + "/") for other in taken)


def _sanitised(text: str) -> str:
    text = re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", text).lower())
    text = re.sub(r"\.{2,}|-{2,}", "-", text)[:NAME_LIMIT].strip("-._")
    return text.removesuffix(".lock")
