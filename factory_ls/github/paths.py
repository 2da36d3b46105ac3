"""Names from outside as parts of a path of GitHub's API."""

from urllib.parse import quote

from factory_ls.model.errors import ErrorKind, FactoryError


def segment(name: str | int) -> str:
    """`name` as one part of a path. Everything but letters, digits and `_.-~` is quoted, so that neither a slash nor
    gh's own placeholders (`{owner}`, `:owner`) mean anything."""
    text = str(name)
    if not text or text in {".", ".."}:
        raise FactoryError(ErrorKind.INVALID, f"Not a name GitHub knows: {text!r}")
    return quote(text, safe="")


def repository(owner: str, repo: str) -> str:
    return f"repos/{segment(owner)}/{segment(repo)}"
