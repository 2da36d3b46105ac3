"""A file of any commit, for when git has not got that commit."""

import base64
import binascii

import msgspec

from factory_ls.github.gh import Gh
from factory_ls.github.paths import repository, segment
from factory_ls.model.errors import ErrorKind, FactoryError


class _Wire(msgspec.Struct):
    """GitHub REST, "Get repository content" and "Get a blob": up to 1 MB comes with the first, up to 100 MB with the
    second, which is found by `sha`."""

    encoding: str = ""
    content: str = ""
    size: int = 0
    sha: str = ""


async def file_at(gh: Gh, host: str, owner: str, repo: str, commit: str, path: str, *, most: int) -> bytes | None:
    """The bytes of `path` at `commit`; None when there is no such file or it is larger than `most` bytes."""
    where = repository(owner, repo)
    name = "/".join(segment(part) for part in path.split("/"))
    try:
        answer = await gh.rest(host, f"{where}/contents/{name}?ref={segment(commit)}")
    except FactoryError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return None
        raise
    try:
        found = answer.json(_Wire)
    except FactoryError:
        return None  # a folder is answered with a list
    if found.size > most:
        return None
    if found.encoding != "base64" and found.sha:
        found = (await gh.rest(host, f"{where}/git/blobs/{segment(found.sha)}")).json(_Wire)
    try:
        return base64.b64decode(found.content) if found.encoding == "base64" else None
    except binascii.Error:
        return None
