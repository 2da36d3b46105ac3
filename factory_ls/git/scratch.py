"""A throw-away copy of a worktree's index: untracked files take part in a diff, the user's index is left alone."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from factory_ls.git.runner import Git


@asynccontextmanager
async def scratch_index(git: Git, worktree: Path, *, whole: bool = False) -> AsyncIterator[Mapping[str, str]]:
    """Environment for `Git.run` in which untracked files are known to the index (`git add -N`).

    `whole` stages everything in full, from the last commit instead of the user's index: it then works in the middle
    of a conflict, and beside a stale `index.lock`.
    """
    answer = await git.run(worktree, "rev-parse", "--path-format=absolute", "--git-path", "index")
    index = Path(os.fsdecode(answer.removesuffix(b"\n")))
    with tempfile.TemporaryDirectory(prefix="factory-index-") as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        if whole:
            code, _ = await git.answer(worktree, "rev-parse", "--quiet", "--verify", "HEAD^{commit}", ok=(0, 1, 128))
            await git.run(worktree, "read-tree", *(("HEAD",) if code == 0 else ("--empty",)), env=env)
        elif await asyncio.to_thread(index.exists):
            # With its time: what is not older than the index may have changed in the same second: git looks into it.
            await asyncio.to_thread(shutil.copy2, index, env["GIT_INDEX_FILE"])
        top = Path(os.fsdecode((await git.run(worktree, "rev-parse", "--show-toplevel")).removesuffix(b"\n")))
        if whole:
            # What a sparse checkout leaves out is not deleted. The user's index knows, if it can be read.
            _, listed = await git.answer(top, "ls-files", "-z", "-t", ok=range(256))
            if skipped := b"".join(entry[2:] + b"\0" for entry in listed.split(b"\0") if entry.startswith(b"S ")):
                await git.run(top, "update-index", "-z", "--skip-worktree", "--stdin", stdin=skipped, env=env)
        # --sparse: files that lie outside a sparse checkout are there all the same.
        await git.run(top, "add", "--all", "--sparse" if whole else "--intent-to-add", env=env, timeout=120)
        yield env
