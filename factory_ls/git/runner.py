"""The one place that runs git."""

import asyncio
import os
import re
import tempfile
from collections.abc import Container, Mapping
from pathlib import Path

from factory_ls.git.errors import HALF_MADE_WORKTREE, GitError, explain
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.process import end, start

_FOREIGN = (
    # A hub started from inside a hook inherits these; they would turn every call to the hook's repository.
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
    *("GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE"),
    # These change what git prints.
    *("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_TRACE", "GIT_TRACE2", "GIT_CURL_VERBOSE", "LANGUAGE"),
)
_FIXED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_EDITOR": ":",
    "GIT_MERGE_AUTOEDIT": "no",
    # Untranslated messages, and hooks that can still print beyond ASCII.
    "LC_ALL": "C.UTF-8",
}
_STDERR_LIMIT = 64 * 1024
_GRACE_SECONDS = 2.0
_HALF_MADE_PAUSES = (0.01, 0.03, 0.1, 0.3)
"""Seconds between looks at worktrees one of which somebody else, the user perhaps, is making."""


class Git:
    """Runs `program` without a terminal, a prompt or a shell. One instance serves any number of repositories.

    `environment` replaces the process's own (tests give one built from nothing).
    """

    def __init__(self, program: str = "git", environment: Mapping[str, str] | None = None) -> None:
        self._program = program
        self._environment = environment
        self._locks: dict[Path, asyncio.Lock] = {}

    def lock(self, repo: Path) -> asyncio.Lock:
        """Held while worktrees or refs of `repo` are changed: two fetches of one ref at once fail in git."""
        return self._locks.setdefault(repo, asyncio.Lock())

    async def run(
        self,
        cwd: Path,
        *args: str,
        timeout: float = 60,  # noqa: ASYNC109 - ends the process group, which asyncio.timeout around us would not know
        stdin: bytes | None = None,
        ok: Container[int] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """Standard output of `git <args>` run in `cwd`, of any size. `timeout` is in seconds.

        Operands that come from outside belong behind `--` or `--end-of-options`; paths are taken literally, never as
        patterns. Raises FactoryError: notInstalled, notFound (`cwd`, or not a repository), timeout, invalid (a NUL
        byte), and as `explain` tells for an exit code that is not `ok`. When it times out or the task is cancelled,
        git and all it started are ended first, so that no lock file stays behind.
        """
        return (await self.answer(cwd, *args, timeout=timeout, stdin=stdin, ok=ok, env=env))[1]

    async def answer(
        self,
        cwd: Path,
        *args: str,
        timeout: float = 60,  # noqa: ASYNC109
        stdin: bytes | None = None,
        ok: Container[int] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Like `run`, for the commands whose exit code is an answer: (exit code, standard output)."""
        for pause in _HALF_MADE_PAUSES:
            try:
                return await self._answer(cwd, args, timeout, stdin, ok, env or {})
            except GitError as error:
                if not re.search(HALF_MADE_WORKTREE, error.stderr):
                    raise
                await asyncio.sleep(pause)
        return await self._answer(cwd, args, timeout, stdin, ok, env or {})

    async def _answer(
        self,
        cwd: Path,
        args: tuple[str, ...],
        timeout: float,  # noqa: ASYNC109
        stdin: bytes | None,
        ok: Container[int],
        env: Mapping[str, str],
    ) -> tuple[int, bytes]:
        # A file, not a pipe: an ssh master or a hook's background child may keep stderr open long after git ended.
        with tempfile.TemporaryFile() as errors:
            process = await self._start(cwd, args, stdin is not None, errors.fileno(), env)
            try:
                async with asyncio.timeout(timeout):
                    output, _ = await process.communicate(stdin)
            except TimeoutError:
                await end(process, _GRACE_SECONDS)
                raise FactoryError(
                    ErrorKind.TIMEOUT,
                    f"git {args[0]} took longer than {timeout:g} s and was ended.",
                    "Check the network, hooks and the size of the repository, then try again.",
                ) from None
            except BaseException:
                await end(process, _GRACE_SECONDS)
                raise
            code = process.returncode
            assert code is not None, "communicate() returns after the process ended"  # noqa: S101
            if code not in ok:
                size = errors.seek(0, os.SEEK_END)
                errors.seek(max(0, size - _STDERR_LIMIT))
                raise explain(args[0], code, errors.read())
            return code, output

    async def _start(
        self, cwd: Path, args: tuple[str, ...], has_stdin: bool, stderr: int, env: Mapping[str, str]
    ) -> asyncio.subprocess.Process:
        inherited = os.environ if self._environment is None else self._environment
        environment = {name: value for name, value in inherited.items() if name not in _FOREIGN} | _FIXED | dict(env)
        try:
            return await start(
                self._program,
                *args,
                cwd=cwd,
                env=environment,
                stdin=asyncio.subprocess.PIPE if has_stdin else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
            )
        except ValueError:
            raise FactoryError(ErrorKind.INVALID, f"git {args[0]}: a NUL byte in a name or path.") from None
        except OSError as error:
            if not await asyncio.to_thread(cwd.is_dir):
                raise FactoryError(ErrorKind.NOT_FOUND, f"No such folder: {cwd}") from None
            raise FactoryError(
                ErrorKind.NOT_INSTALLED,
                f"Cannot run {self._program!r}: {error.strerror}.",
                "Install git (https://git-scm.com), or set FACTORY_GIT to its path.",
            ) from None
