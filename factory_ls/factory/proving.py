"""Proof of a fix: the check's own command, run in the worktree before and after.

Which command: the repository's `factory-factory.json` (`checks`), else the step's command from the log, but only when
the repository's own CI configuration holds that very text. A log is written by whatever ran in CI: what merely *looks*
like a step in it is never run.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from factory_ls.factory.process import Outcome, run_shell
from factory_ls.factory.scripts import read_repository_file
from factory_ls.git import repository
from factory_ls.git.runner import Git
from factory_ls.model.errors import FactoryError
from factory_ls.model.problem import Failure, Problem

log = logging.getLogger(__name__)

LIMIT_SECONDS = 900.0
CI_CONFIGURATION = (".github/", ".ci/", ".gitlab-ci.yml", ".circleci/", "azure-pipelines.yml")
MAX_CONFIGURATION_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Provable:
    """A failed check and the command that shows it. `command` null: `why` says why there is none."""

    check: str
    command: str | None
    why: str = ""


async def commands_for(
    git: Git, worktree: Path, failed: Iterable[str], found: Iterable[Problem | Failure], *, others: bool = False
) -> list[Provable]:
    """One command for each failed check; with `others` also those the repository names for checks that passed."""
    try:
        configured = (await read_repository_file(worktree)).checks
    except FactoryError as error:
        log.warning("%s", error)
        configured = {}
    from_logs: dict[str, str] = {}
    for item in found:
        check = item.check if isinstance(item, Problem) else item.job
        if item.command and check:
            from_logs.setdefault(check, item.command)
    trusted = await _configuration(git, worktree)
    answers = []
    for check in failed:
        command = configured.get(check)
        why = ""
        if command is None:
            command = from_logs.get(check)
            if command is None:
                why = "its log shows no command; name one under `checks` in factory-factory.json"
            elif not set(_lines(command)) <= trusted:
                command, why = None, "the command its log shows is not in the repository's CI configuration"
        answers.append(Provable(check, command, why))
    if others:
        known = {answer.check for answer in answers}
        answers += [Provable(check, command) for check, command in configured.items() if check not in known]
    return answers


async def run(command: str, worktree: Path, on_line: Callable[[str], None] | None = None) -> Outcome:
    return await run_shell(command, worktree, limit=LIMIT_SECONDS, on_line=on_line)


async def _configuration(git: Git, worktree: Path) -> set[str]:
    """Every line of the tracked CI configuration, as a command could stand on it."""
    names = [name for name in await repository.files(git, worktree) if name.startswith(CI_CONFIGURATION)]

    def read() -> set[str]:
        found: set[str] = set()
        for name in names:
            path = worktree / name
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_CONFIGURATION_BYTES:
                for line in _lines(path.read_text(encoding="utf-8", errors="replace")):
                    found |= _as_commands(line)
        return found

    return await asyncio.to_thread(read)


def _as_commands(line: str) -> set[str]:
    """`- run: make test`, `"test": "make test",` and `make test` all hold the command `make test`."""
    value = re.sub(r'^(?:- )?(?:"[^"]*"|[\w-]+) ?: ', "", line).rstrip(",")
    unquoted = (
        value[1:-1].replace('\\"', '"') if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else value
    )
    return {line, value, unquoted, line.removeprefix("- ")}


def _lines(text: str) -> list[str]:
    """The lines that are not empty, white space folded."""
    return [folded for line in text.splitlines() if (folded := " ".join(line.split()))]
