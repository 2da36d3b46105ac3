"""The failing step's command: what to run locally to see the failure again."""

import re
from collections.abc import Iterable
from typing import BinaryIO

from factory_ls.ci.diagnose import chunks_of
from factory_ls.ci.scan import Scanner
from factory_ls.ci.structure import Step
from factory_ls.ci.window import windows


def failing_steps(log: bytes | Iterable[bytes] | BinaryIO) -> list[Step]:
    """The steps that failed, in the order of the log, each with its script in `command`."""
    pass_ = Scanner(()).start()
    for window in windows(chunks_of(log)):
        for _ in pass_.over(window):
            pass
    pass_.finish()
    return pass_.structure.failed


_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")


def runnable(command: str) -> bool:
    """Whether a command can be run as it is: nothing of the runner's is left in it."""
    return bool(command.strip()) and not _EXPRESSION.search(command) and "GITHUB_OUTPUT" not in command
