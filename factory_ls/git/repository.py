"""What a repository says of itself. Nothing here changes it but `fetch`."""

import asyncio
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from factory_ls.git.errors import redact
from factory_ls.git.runner import Git
from factory_ls.git.scratch import scratch_index
from factory_ls.model.errors import ErrorKind, FactoryError

_SHA = re.compile(r"[0-9a-f]{4,64}")
_REMOTE_LINE = re.compile(r"^(\S+)\t(.*?) \((fetch|push)\)(?: \[[^\n]*\])?$", re.MULTILINE | re.DOTALL)
_SCP = re.compile(r"(?:[^@/\s]+@)?([^:/\s@]{2,}):(?!//)(.+)")
_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_LIKELY_DEFAULTS = ("main", "master", "trunk", "develop")


class Remote(NamedTuple):
    """Addresses after `insteadOf`, without credentials."""

    name: str
    url: str
    push_url: str


class RemoteRepository(NamedTuple):
    """A repository on a forge. `host` is lower case, with a port only where an http(s) address names one."""

    host: str
    owner: str
    name: str


def parse_remote(url: str) -> RemoteRepository | None:
    """Host, owner and name from an https, ssh, git or scp-like address; None for anything else (a local path)."""
    url = url.strip()
    if "://" in url:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return None
        if parts.scheme not in ("https", "http", "ssh", "git", "git+ssh", "ssh+git"):
            return None
        if port and parts.scheme.startswith("http") and port not in (80, 443):
            host = f"{host}:{port}"
        path = parts.path
    elif match := _SCP.fullmatch(url):
        host, path = match[1].lower(), match[2]
    else:
        return None
    host = {"ssh.github.com": "github.com", "www.github.com": "github.com"}.get(host, host)
    owner, _, name = path.strip("/").removesuffix(".git").partition("/")
    if not host or not _NAME.fullmatch(owner) or not _NAME.fullmatch(name) or {owner, name} & {".", ".."}:
        return None
    return RemoteRepository(host, owner, name)


async def main_repository(git: Git, path: Path) -> Path:
    """The main repository's folder for any path inside it or inside one of its worktrees (real path).

    For a bare repository, its own folder. Raises notFound when `path` is in no repository.
    """
    start = path if await asyncio.to_thread(path.is_dir) else path.parent
    git_dir, common = await _rev_path(git, start, "--absolute-git-dir"), await _rev_path(git, start, "--git-common-dir")
    if git_dir == common:
        bare = await git.run(start, "rev-parse", "--is-bare-repository")
        inside = await git.run(start, "rev-parse", "--is-inside-work-tree")
        if bare.strip() == b"true" or inside.strip() != b"true":
            return common.parent if common.name == ".git" and bare.strip() != b"true" else common
        return await _rev_path(git, start, "--show-toplevel")
    if common.name == ".git":
        return common.parent
    # A worktree of a submodule: its common folder lies in the superproject's, and names its work tree.
    code, answer = await git.answer(start, "config", "--file", str(common / "config"), "core.worktree", ok=(0, 1))
    return (common / os.fsdecode(answer.rstrip(b"\n"))).resolve() if code == 0 else common


async def git_dir(git: Git, worktree: Path) -> Path:
    """The folder that holds the worktree's own HEAD and index (real path)."""
    return await _rev_path(git, worktree, "--git-dir")


async def common_dir(git: Git, worktree: Path) -> Path:
    """The folder that holds what all worktrees of the repository share, the refs among it (real path)."""
    return await _rev_path(git, worktree, "--git-common-dir")


async def remotes(git: Git, repo: Path) -> list[Remote]:
    """In git's order. A repository without remotes gives an empty list."""
    urls: dict[str, dict[str, str]] = {}
    for match in _REMOTE_LINE.finditer((await git.run(repo, "remote", "-v")).decode("utf-8", "replace")):
        urls.setdefault(match[1], {})[match[3]] = _without_token(match[2])
    return [Remote(name, url.get("fetch", ""), url.get("push", url.get("fetch", ""))) for name, url in urls.items()]


async def default_branch(git: Git, repo: Path, remote: str = "origin") -> str:
    """The branch that pull requests go to: what the remote's HEAD names, else a usual name, else the current one.

    Asks the remote only when no local copy of its HEAD exists; a remote that does not answer is not an error.
    """
    _check_operand(remote)
    prefix = f"refs/remotes/{remote}/"
    code, answer = await git.answer(repo, "symbolic-ref", "--quiet", f"{prefix}HEAD", ok=(0, 1))
    name = _text(answer).removeprefix(prefix)
    if code == 0 and await commit_of(git, repo, prefix + name):
        return name
    try:
        listed = await git.run(repo, "ls-remote", "--symref", "--", remote, "HEAD", timeout=10)
        if match := re.match(rb"ref: refs/heads/(\S+)\tHEAD", listed):
            return match[1].decode("utf-8", "replace")
    except FactoryError:
        pass
    for refs in (prefix, "refs/heads/"):
        for candidate in _LIKELY_DEFAULTS:
            if await commit_of(git, repo, refs + candidate):
                return candidate
    return await current_branch(git, repo) or "main"


async def commit_of(git: Git, repo: Path, revision: str) -> str | None:
    """The full id of the commit that `revision` names; None if it names none."""
    name = f"{revision}^{{commit}}"
    code, answer = await git.answer(repo, "rev-parse", "--quiet", "--verify", "--end-of-options", name, ok=(0, 1))
    return _text(answer) if code == 0 else None


async def is_ancestor(git: Git, repo: Path, older: str, newer: str) -> bool:
    """Whether `newer` holds all of `older`, both commits that are here."""
    code, _ = await git.answer(repo, "merge-base", "--is-ancestor", older, newer, ok=(0, 1))
    return code == 0


async def head(git: Git, worktree: Path) -> str | None:
    """The full id of the checked-out commit; None while there is no commit yet."""
    return await commit_of(git, worktree, "HEAD")


async def current_branch(git: Git, worktree: Path) -> str | None:
    """The checked-out branch, also before its first commit; None with a detached head."""
    code, answer = await git.answer(worktree, "symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    return _text(answer).removeprefix("refs/heads/") if code == 0 else None


async def files(git: Git, worktree: Path) -> list[str]:
    """Tracked files, and untracked ones that are not ignored; relative to the worktree's root, sorted.

    Submodules are left out, and so are names that are not UTF-8: no client could be told of them.
    """
    tracked = await git.run(worktree, "ls-files", "-z", "--stage")
    other = await git.run(worktree, "ls-files", "-z", "--others", "--exclude-standard")
    names = {entry.partition(b"\t")[2] for entry in tracked.split(b"\0") if not entry.startswith(b"160000 ")}
    names.update(name for name in other.split(b"\0") if not name.endswith(b"/"))
    return _decoded(names)


async def files_at(git: Git, repo: Path, commit: str) -> list[str]:
    """The files of a commit, sorted; without submodules and names that are not UTF-8. Raises notFound."""
    listed = await git.run(repo, "ls-tree", "-r", "-z", "--full-tree", "--end-of-options", _sha(commit))
    return _decoded(
        {entry.partition(b"\t")[2] for entry in listed.split(b"\0") if not entry.startswith((b"160000 ", b"120000 "))}
    )


async def blob(git: Git, repo: Path, commit: str, path: str) -> bytes | None:
    """A file's bytes in a commit; None when the commit has no such file (a folder, link or submodule is none).

    `path` is relative to the repository's root. Raises notFound when the commit is not here (see `has_commit`).
    """
    if not path or path.startswith("/") or {"", ".", ".."} & set(path.split("/")):
        await git.run(repo, "cat-file", "-e", f"{_sha(commit)}^{{commit}}")
        return None
    listed = await git.run(repo, "ls-tree", "-z", "--full-tree", _sha(commit), "--", path)
    for entry in listed.split(b"\0"):
        mode_type_id, _, name = entry.partition(b"\t")
        if name == os.fsencode(path) and mode_type_id.startswith(b"100"):
            return await git.run(repo, "cat-file", "blob", mode_type_id.split()[2].decode())
    return None


async def has_commit(git: Git, repo: Path, sha: str) -> bool:
    return bool(_SHA.fullmatch(sha)) and await commit_of(git, repo, sha) is not None


async def fetch(git: Git, repo: Path, remote: str, *refspecs: str, timeout: float = 60) -> None:  # noqa: ASYNC109
    """Fetches without tags or submodules, and leaves the user's FETCH_HEAD alone. A refspec may be a commit's id.

    Raises network, notLoggedIn, notFound (no such remote or ref), timeout.
    """
    _check_operand(remote)
    options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    async with git.lock(repo):
        await git.run(repo, "fetch", *options, "--", remote, *refspecs, timeout=timeout)


async def renames(git: Git, worktree: Path, commit: str) -> dict[str, str | None]:
    """What became of the files of `commit` that are no longer under their name: the new name, or None if deleted.

    Compares with the working tree, so a file moved without `git mv`, and not yet added, is followed too.
    """
    command = ("diff", "--name-status", "-z", "-M", "--no-relative", "--diff-filter=RD", "--no-ext-diff")
    listed = await git.run(worktree, *command, _sha(commit), "--")
    if listed:
        async with scratch_index(git, worktree) as env:
            listed = await git.run(worktree, *command, _sha(commit), "--", env=env)
    fields = iter(listed.decode("utf-8", "replace").split("\0"))
    result: dict[str, str | None] = {}
    for status in fields:
        if status:
            old = next(fields)
            result[old] = next(fields) if status.startswith("R") else None
    return result


async def _rev_path(git: Git, start: Path, option: str) -> Path:
    answer = await git.run(start, "rev-parse", "--path-format=absolute", option)
    return Path(os.path.realpath(os.fsdecode(answer.removesuffix(b"\n"))))  # noqa: ASYNC240 - a few stats


def _sha(commit: str) -> str:
    if not _SHA.fullmatch(commit):
        raise FactoryError(ErrorKind.INVALID, f"Not a commit id: {commit[:80]!r}")
    return commit


def _check_operand(name: str) -> None:
    if not name or name.startswith("-"):
        raise FactoryError(ErrorKind.INVALID, f"Not a remote's name: {name[:80]!r}")


def _without_token(url: str) -> str:
    return redact(url) if url.startswith("http") else url


def _text(answer: bytes) -> str:
    return answer.decode("utf-8", "replace").strip()


def _decoded(names: set[bytes]) -> list[str]:
    result = []
    for name in names:
        try:
            result.append(name.decode())
        except UnicodeDecodeError:
            continue
    return sorted(filter(None, result))
