"""What went wrong in git, told as a `FactoryError`.

git has one exit code (128) for everything that is fatal, so beyond the code its words must be read. The runner asks
for untranslated messages; each row below is a fragment of one, from git 2.30 to 2.50, and of curl's and ssh's.
"""

import re

from factory_ls.model.errors import ErrorKind, FactoryError

HALF_MADE_WORKTREE = r"failed to read \S*worktrees/\S+: Success"
"""What every git that looks at the worktrees dies of while `git worktree add` has made a file and not filled it yet."""

_ROWS: tuple[tuple[tuple[str, ...], ErrorKind, str], ...] = (
    (
        ("dubious ownership",),
        ErrorKind.DENIED,
        "The folder belongs to another user: see `git help config`, safe.directory.",
    ),
    (
        ("not a git repository",),
        ErrorKind.NOT_FOUND,
        "Run `git init` there, or give a folder inside a repository.",
    ),
    (
        (HALF_MADE_WORKTREE,),
        ErrorKind.BUSY,
        "Another git makes a worktree. If none does, remove the folder of the file that git names.",
    ),
    (
        (r"\.lock': File exists", "another git process", "cannot lock ref .*: is at", "could not lock"),
        ErrorKind.BUSY,
        "Another git is at work in the repository. If none is, remove the .lock file that git names.",
    ),
    (
        (
            *("authentication failed", "could not read (username|password)", "terminal prompts disabled"),
            *(r"permission denied \(publickey", "host key verification failed", "returned error: 401"),
            *("invalid (username or password|credentials)",),
        ),
        ErrorKind.NOT_LOGGED_IN,
        "Log in to the remote (`gh auth login`, `gh auth setup-git`, or ssh-add), then try again.",
    ),
    (
        (
            *("could(n't| not) resolve (host|proxy)", "connection (refused|reset)", "timed out"),
            *("network is unreachable", "no route to host", "failed to connect", "early eof"),
            *("hung up unexpectedly", "unexpected disconnect", r"returned error: 5\d\d", r"\b(ssl|tls|gnutls)\b"),
        ),
        ErrorKind.NETWORK,
        "Check the network and the remote's address (`git remote -v`), then try again.",
    ),
    (
        (
            *("couldn't find remote ref", "repository .*not found", "does not appear to be a git repository"),
            *("returned error: 404", "no such remote"),
        ),
        ErrorKind.NOT_FOUND,
        "Check the remote's address and your access to it (`git remote -v`).",
    ),
    (
        ("non-fast-forward", "fetch first", "stale info", "would be overwritten"),
        ErrorKind.CONFLICT,
        "The other side has commits that this one lacks: pull or rebase, then try again.",
    ),
    (
        ("remote rejected", "protected branch", "returned error: 403", "hook declined", "(permission|access) .*denied"),
        ErrorKind.DENIED,
        "The remote or the system refused it: check your rights and the branch's protection.",
    ),
    (
        ("already (checked out|used by worktree|exists)", "exists; cannot create"),
        ErrorKind.CONFLICT,
        "Choose another name or folder, or remove what is there.",
    ),
    (
        ("does not have a commit checked out",),
        ErrorKind.CONFLICT,
        "Remove the repository inside the worktree, or add it to .gitignore.",
    ),
    (
        ("failed to sign", r"\bgpg\b"),
        ErrorKind.DENIED,
        "Signing failed without a terminal: unlock the key, or unset commit.gpgSign.",
    ),
    (("no space left",), ErrorKind.INTERNAL, "Free some disk space, then try again."),
    (
        (
            *("bad object", "object file .* is empty", "loose object .* corrupt", "bad signature"),
            *("index file (corrupt|smaller)", "unable to read (tree|sha1)"),
        ),
        ErrorKind.CORRUPT,
        "Run `git fsck` in the repository.",
    ),
    (
        (
            *("unknown revision", "not a valid object", "not a tree object", "bad revision", "invalid reference"),
            *("needed a single revision", "not our ref"),
        ),
        ErrorKind.NOT_FOUND,
        "Fetch it first, or check its name.",
    ),
)
_TABLE = tuple((re.compile("|".join(words), re.IGNORECASE), kind, hint) for words, kind, hint in _ROWS)
_UNKNOWN = (ErrorKind.INTERNAL, "Run the same git command in a terminal to see more.")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s'\"]+@")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_MESSAGE_LIMIT = 600


class GitError(FactoryError):
    """A git that ended with another exit code than it may. `stderr` is redacted and has no control characters."""

    def __init__(self, kind: ErrorKind, message: str, hint: str = "", *, exit_code: int, stderr: str) -> None:
        super().__init__(kind, message, hint)
        self.exit_code = exit_code
        self.stderr = stderr


def redact(text: str) -> str:
    """`text` without user names and tokens in addresses (`https://token@host`)."""
    return _CREDENTIALS.sub("", text)


def plain(stderr: bytes) -> str:
    """What git, a hook or a remote printed, fit to be shown: no escapes, no control characters, no credentials."""
    text = stderr.decode("utf-8", "replace").replace("\r", "\n")
    text = _CONTROL.sub(" ", _ESCAPES.sub("", text))
    return redact("\n".join(line.rstrip() for line in text.split("\n") if line.strip()))


def tail(text: str) -> str:
    """The end of `text`, where programs say why they stopped; 600 characters at most."""
    return text if len(text) <= _MESSAGE_LIMIT else "…" + text[-_MESSAGE_LIMIT:]


def explain(subcommand: str, exit_code: int, stderr: bytes) -> GitError:
    """The error for `git <subcommand>` that ended with `exit_code`."""
    said = plain(stderr)
    kind, hint = next(((kind, hint) for pattern, kind, hint in _TABLE if pattern.search(said)), _UNKNOWN)
    message = f"git {subcommand} failed: {tail(said) or f'exit code {exit_code}'}"
    return GitError(kind, message, hint, exit_code=exit_code, stderr=said)
