"""The commit a job had checked out, as actions/checkout tells it in the log. Pure.

For a pull request's own event that is GitHub's merge of its head into the base branch, so that lines in the log are
lines of neither branch. The action prints the fetch (`+SHA:refs/remotes/pull/7/merge`) and, when it is done,
`[command]…git log -1 --format=%H` with the commit on the next line (with quotes before version 4.2).
"""

import re

_SHA = rb"([0-9a-f]{64}|[0-9a-f]{40})"
_TOLD = re.compile(
    rb"Syncing repository: (?P<repository>[\w.-]{1,100}/[\w.-]{1,100})"
    rb"|git log -1 --format='?%H'?\r?\n[^\n]{0,200}?'?\b" + _SHA + rb"'?\r?\n"
    rb"|\bfetch [^\n]{0,500}? \+" + _SHA + rb":refs/remotes/"
)

SEARCHED_BYTES = 1 << 20
"""A job checks out before it does anything else."""


def checked_out(log: bytes, repository: str) -> str | None:
    """The commit of `repository` (owner/name) that the job checked out first; None where its log does not tell."""
    ours = True
    for told in _TOLD.finditer(log, 0, SEARCHED_BYTES):
        if told["repository"]:
            ours = told["repository"].decode().casefold() == repository.casefold()
        elif ours:
            return (told[2] or told[3]).decode()
    return None
