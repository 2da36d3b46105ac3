"""What was staged of files that were changed again since: only the index holds it, and it is kept beside the branch."""

from pathlib import Path

from factory_ls.git.commits import SNAPSHOTS, identity
from factory_ls.git.errors import GitError
from factory_ls.git.repository import commit_of, head
from factory_ls.git.runner import Git

MESSAGE = "What was staged when the workspace was archived"


async def keep_staged(git: Git, worktree: Path, name: str) -> str | None:
    """A ref that holds the index, when a file in it is neither as committed nor as in the worktree; else None.

    What the ref held before hangs on it as a parent. Files in conflict have no such tree: None.
    """
    names = ("diff", "--name-only", "-z", "--no-relative", "--no-ext-diff")
    since_commit = set((await git.run(worktree, *names, "--cached")).split(b"\0"))
    if not (since_commit & set((await git.run(worktree, *names)).split(b"\0"))) - {b""}:
        return None
    try:
        tree = (await git.run(worktree, "write-tree")).decode().strip()
    except GitError:
        return None
    ref = staged_ref(name)
    parents = [one for one in (await head(git, worktree), await commit_of(git, worktree, ref)) if one]
    words = [word for parent in dict.fromkeys(parents) for word in ("-p", parent)]
    env = (await identity(git, worktree)).environment
    made = await git.run(worktree, "commit-tree", tree, *words, stdin=MESSAGE.encode(), env=env)
    await git.run(worktree, "update-ref", ref, made.decode().strip())
    return ref


def staged_ref(name: str) -> str:
    return f"{SNAPSHOTS}staged/{name}"
