"""Files of a commit over REST, for clients that have not got the commit.

GitHub REST, "Get repository content" and "Get a blob": a file of up to 1 MB comes with the first, a larger one without
its content, which the second gives by the blob's id.
"""

import base64
from typing import Any
from urllib.parse import unquote

from factory_ls.demo.github_runner import git_bytes
from factory_ls.demo.github_state import Repository

MOST_INLINE = 1_000_000


async def content(repository: Repository, path: str, ref: str) -> dict[str, Any] | None:
    """A file; None where the commit has none of that name."""
    name = unquote(path)
    try:
        listed = await git_bytes("ls-tree", "-z", "--full-tree", ref, "--", name, cwd=repository.path)
    except OSError:
        return None
    kind, _, found = listed.rstrip(b"\0").partition(b"\t")
    if found.decode(errors="replace") != name or b" blob " not in kind:
        return None
    sha = kind.split()[2].decode()
    answer = await blob(repository, sha)
    if answer is None:
        return None
    if answer["size"] > MOST_INLINE:
        answer |= {"encoding": "none", "content": ""}
    links = {"self": "", "git": None, "html": None}
    urls = {"url": "", "git_url": None, "html_url": None, "download_url": None, "_links": links}
    return {**answer, **urls, "type": "file", "name": name.rpartition("/")[2], "path": name}


async def blob(repository: Repository, sha: str) -> dict[str, Any] | None:
    try:
        body = await git_bytes("cat-file", "blob", sha, cwd=repository.path)
    except OSError:
        return None
    text = base64.encodebytes(body).decode()
    return {"sha": sha, "node_id": "", "size": len(body), "url": "", "encoding": "base64", "content": text}
