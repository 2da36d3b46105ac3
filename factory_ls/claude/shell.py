"""What a shell command line would run, as far as words tell. Pure.

A guard against accidents and plain disobedience, not a sandbox: a script that is written first and run later, or a
word put together at run time, passes it (and then meets the environment that `launch` gives).
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t]+)
  | (?P<comment>(?<![^\s;&|(])\#[^\n]*)
  | (?P<separator>\n|;|&&|\|\||\|&?|&(?!>)|\(|\)|\{(?=\s)|(?<=\s)\}|`|\$\()
  | (?P<redirect>[0-9]*[<>]{1,3}&?-?|&>{1,2})
  | (?P<word>(?:\\.|'[^']*'|\$?"(?:\\.|[^"\\])*"|\$(?!\()|[^\s;&|()<>`'"\\$])+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(r"""\\(.)|'([^']*)'|\$?"((?:\\.|[^"\\])*)"|([^'"\\]+)""", re.DOTALL)
_INTERPRETERS = re.compile(
    r"^(?:ba|z|da|k|fi)?sh$|^(?:eval|source|ssh|su|sudo|xargs|parallel|watch|script|find|env|tclsh)$"
    r"|^(?:python|perl|ruby|node|deno|bun|php)[0-9.]*$"
)
_GIT_OPTIONS_WITH_VALUE = {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"}
_LOOSE_PUSH = re.compile(r"\bgit\b\W+(?:\S+\W+){0,4}?push\b|\bgh\b\W+pr\W+merge\b")
_DEPTH = 8


def simple_commands(line: str) -> Iterator[list[str]]:
    """The simple commands of a command line as lists of words, quotes removed; also those inside `$(…)`, backticks and
    double quotes, and those given to another interpreter as one word."""
    yield from _commands(line, _DEPTH)


def forbidden_to_fixers(line: str) -> str | None:
    """What in the line would publish or merge work (`git push`, `gh pr merge`), or None."""
    for words in simple_commands(line):
        for index, word in enumerate(words):
            name = PurePosixPath(word).name.casefold()
            rest = words[index + 1 :]
            if (name == "git" or (index == 0 and word.startswith("$"))) and _git_pushes(rest):
                return "git push"
            if name == "git-push":
                return "git push"
            if name == "gh" and _gh_merges(rest):
                return "gh pr merge"
        if any(_INTERPRETERS.match(PurePosixPath(word).name) for word in words):
            loose = next((found for word in words if (found := _LOOSE_PUSH.search(word))), None)
            if loose:
                return "git push" if loose[0].startswith("git") else "gh pr merge"
    return None


def _git_pushes(words: list[str]) -> bool:
    skip = False
    for word in words:
        if skip:
            skip = False
            if word.startswith("alias."):
                return True  # a name for a command we cannot read
        elif word in _GIT_OPTIONS_WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return word in {"push", "send-pack", "http-push"}
        elif word.startswith("-calias."):
            return True
    return False


def _gh_merges(words: list[str]) -> bool:
    operands = [word for word in words if not word.startswith("-")]
    if "pr" in operands:
        return "merge" in operands[operands.index("pr") + 1 :]
    return "api" in operands and any("/merge" in word or "mergePullRequest" in word for word in words)


def _commands(line: str, depth: int) -> Iterator[list[str]]:
    if depth == 0:
        return
    words: list[str] = []
    nested: list[str] = []
    for token in _TOKEN.finditer(line.replace("\\\n", "")):
        if token.lastgroup == "separator":
            yield from _finished(words, depth)
            words = []
        elif token.lastgroup in {"word", "other"}:
            word, inner = _unquoted(token[0])
            words.append(word)
            nested += inner
    yield from _finished(words, depth)
    for inside in nested:
        yield from _commands(inside, depth - 1)


def _finished(words: list[str], depth: int) -> Iterator[list[str]]:
    if not words:
        return
    yield words
    if any(_INTERPRETERS.match(PurePosixPath(word).name) for word in words):
        for word in words:
            if any(c.isspace() or c in ";&|" for c in word):
                yield from _commands(word, depth - 1)


def _unquoted(text: str) -> tuple[str, list[str]]:
    """The word without quotes, and what double quotes hold that the shell would run."""
    word, nested = "", []
    for escaped, single, double, plain in _PIECE.findall(text):
        word += escaped + single + double + plain
        if "$(" in double or "`" in double:
            nested.append(double)
    return word, nested
