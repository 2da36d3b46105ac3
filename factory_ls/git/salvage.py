"""Saves a folder's content when git no longer takes it for a worktree: its `.git` is broken, or was pruned."""

import asyncio
import os
import tempfile
from pathlib import Path

from factory_ls.git.commits import SNAPSHOTS, identity
from factory_ls.git.repository import commit_of
from factory_ls.git.runner import Git


async def is_worktree(git: Git, folder: Path) -> bool:
    """Whether `folder` itself is the top of a working tree: a broken one may lie inside another repository's."""
    code, answer = await git.answer(folder, "rev-parse", "--show-toplevel", ok=range(256))
    top = os.fsdecode(answer.removesuffix(b"\n"))
    return code == 0 and await asyncio.to_thread(os.path.realpath, folder) == top


async def salvage(git: Git, repo: Path, folder: Path, message: str, *, parent: str, name: str) -> str:
    """Commits everything in `folder` that is not ignored under `refs/factory/<name>` of `repo`; the commit's id.

    `parent` is the revision it is thought to stand on; it need not exist. Runs no hook and changes nothing in `folder`.
    """
    common = await git.run(repo, "rev-parse", "--path-format=absolute", "--git-common-dir")
    with tempfile.TemporaryDirectory(prefix="factory-index-") as scratch:
        env = {
            "GIT_DIR": os.fsdecode(common.removesuffix(b"\n")),
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": f"{scratch}/index",
        }
        base = await commit_of(git, repo, parent)
        if base:
            await git.run(folder, "read-tree", base, env=env)
        await git.run(folder, "add", "--all", "--sparse", env=env, timeout=300)
        tree = (await git.run(folder, "write-tree", env=env)).decode().strip()
    parents = ("-p", base) if base else ()
    who = (await identity(git, repo)).environment
    made = await git.run(repo, "commit-tree", *parents, "-F", "-", tree, stdin=message.encode(), env=who)
    commit = made.decode().strip()
    await git.run(repo, "update-ref", "--create-reflog", SNAPSHOTS + name, commit)
    return commit
