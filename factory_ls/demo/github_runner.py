"""Runs a repository's workflows for real, in a fresh clone, and writes the log as GitHub Actions does.

A workflow is a file of `.github/workflows/` written in the part of YAML that is JSON: a real workflow, and no YAML
reader is needed here. Of its steps, `run` is run by bash; `uses` is only named in the log, the clone being there.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factory_ls.demo import github_artifacts
from factory_ls.demo.github_state import Job, Pull, Repository, Run, now

_COMMAND = re.compile(r"::(error|warning|notice)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)")
_LEVEL = {"error": "failure", "warning": "warning", "notice": "notice"}
_STEP_SECONDS = 120


async def git(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """git's output; `OSError` with what it said when it fails."""
    return (await git_bytes(*arguments, cwd=cwd, env=env)).decode(errors="replace")


async def git_bytes(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> bytes:
    process = await asyncio.create_subprocess_exec(
        "git", *arguments, cwd=cwd, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    if process.returncode:
        raise OSError(err.decode(errors="replace").strip())
    return out


async def workflows(repository: Repository, sha: str) -> dict[str, dict[str, Any]]:
    """The workflows of a commit by name."""
    found: dict[str, dict[str, Any]] = {}
    listed = await git("ls-tree", "-r", "--name-only", sha, "--", ".github/workflows", cwd=repository.path)
    for path in listed.splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            workflow = json.loads(await git("show", f"{sha}:{path}", cwd=repository.path))
            if isinstance(workflow, dict):
                found[workflow.get("name", path)] = workflow
    return found


async def start(repository: Repository, branch: str, sha: str) -> list[Run]:
    """The runs a push starts, queued."""
    return await _start(repository, "push", Run("", sha, branch, checkout=sha))


async def start_pull(repository: Repository, pull: Pull) -> list[Run]:
    """The runs of a pull request's own event: of its head merged into its base, as GitHub does it; none in a conflict.

    https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
    """
    base = repository.branches.get(pull.base, "")
    try:
        tree = await git("merge-tree", "--write-tree", base, pull.head_sha, cwd=repository.path)
    except OSError:
        return []
    said = f"Merge {pull.head_sha} into {base}"
    who = ("-c", "user.name=GitHub", "-c", "user.email=noreply@github.com")
    commit = ("commit-tree", tree.split()[0], "-p", base, "-p", pull.head_sha, "-m", said)
    merge = (await git(*who, *commit, cwd=repository.path)).strip()
    await git("update-ref", f"refs/pull/{pull.number}/merge", merge, cwd=repository.path)
    run = Run("", pull.head_sha, f"pull/{pull.number}/merge", checkout=merge)
    return await _start(repository, "pull_request", run)


async def _start(repository: Repository, event: str, like: Run) -> list[Run]:
    runs = []
    for name, workflow in (await workflows(repository, like.checkout)).items():
        if event in workflow.get("on", ["push"]):
            run = Run(name, like.sha, like.branch, like.checkout)
            jobs = workflow.get("jobs", {})
            run.jobs = [Job(job.get("name", key), job.get("steps", [])) for key, job in jobs.items()]
            run.history = list(run.jobs)
            runs.append(run)
    repository.runs += runs
    return runs


def rerun_failed(run: Run) -> list[Job]:
    """New jobs, with new ids, in place of the failed ones; the caller runs them."""
    again = {job.name: Job(job.name, job.steps) for job in run.jobs if job.conclusion != "SUCCESS"}
    run.attempt += 1
    run.jobs = [again.get(job.name, job) for job in run.jobs]
    run.history += again.values()
    return list(again.values())


async def run_job(repository: Repository, run: Run, job: Job) -> None:
    job.status, job.started_at = "IN_PROGRESS", now()
    log = _Log(job)
    conclusion = "FAILURE"
    folder = Path(tempfile.mkdtemp(prefix="factory-demo-job-"))
    clone = folder / "work" / repository.name / repository.name
    try:
        # Shared objects and no template: a clone of a dozen files, where the disk would be what takes longest.
        await git(
            "clone", "--quiet", "--shared", "--no-checkout", "--template=", "--", str(repository.path), str(clone)
        )
        await git("checkout", "--quiet", "--detach", run.checkout, cwd=clone)
        passed = True
        for step in job.steps:
            if step.get("uses", "").startswith("actions/upload-artifact"):
                if passed or "always()" in step.get("if", ""):
                    log.lines(f"##[group]Run {step['uses']}", "##[endgroup]", github_artifacts.upload(step, clone, run))
                continue
            passed = passed and await _run_step(step, clone, folder, run, log)
            if step.get("uses", "").startswith("actions/checkout"):
                log.checkout(repository, run)
        conclusion = "SUCCESS" if passed else "FAILURE"
    except OSError as error:
        log.line(f"##[error]{error}")
    finally:
        job.log = log.bytes()
        job.status, job.conclusion, job.completed_at = "COMPLETED", conclusion, now()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _run_step(step: dict[str, Any], clone: Path, folder: Path, run: Run, log: "_Log") -> bool:
    if "run" not in step:
        log.lines(f"##[group]Run {step.get('uses', 'nothing')}", "##[endgroup]")
        return True
    command: str = step["run"]
    log.line(f"##[group]Run {command.splitlines()[0]}")
    log.lines(*(f"\x1b[36;1m{line}\x1b[0m" for line in command.splitlines()))
    log.lines("shell: /usr/bin/bash -e {0}", "##[endgroup]")
    script = folder / "step.sh"
    script.write_text(command)
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-e",
        str(script),
        cwd=clone,
        env=_environment(folder, clone, run) | step.get("env", {}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=2**26,
    )
    try:
        async with asyncio.timeout(_STEP_SECONDS):
            assert process.stdout  # noqa: S101 - a pipe was asked for
            async for line in process.stdout:
                log.output(line.decode(errors="replace").rstrip("\r\n"))
            code = await process.wait()
    except TimeoutError:
        log.line("##[error]The operation was canceled.")
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if code:
        log.problem("error", {}, f"Process completed with exit code {code}.")
    return code == 0


def _environment(folder: Path, clone: Path, run: Run) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '/usr/bin:/bin')}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(clone),
        "GITHUB_SHA": run.checkout,
        "GITHUB_REF": f"refs/{run.branch}" if run.branch.startswith("pull/") else f"refs/heads/{run.branch}",
        "GITHUB_RUN_ID": str(run.id),
        "GITHUB_RUN_ATTEMPT": str(run.attempt),
    }


class _Log:
    """Lines with a time stamp of 100 ns; workflow commands become annotations, as the Actions runner does it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lines: list[str] = []

    def line(self, text: str) -> None:
        self._lines.append(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z {text}")

    def lines(self, *texts: str) -> None:
        for text in texts:
            self.line(text)

    def checkout(self, repository: Repository, run: Run) -> None:
        """The lines of actions/checkout 4.2 that tell what was checked out."""
        ref = f"refs/remotes/{run.branch if run.branch.startswith('pull/') else f'origin/{run.branch}'}"
        git_ = "[command]/usr/bin/git"
        self.lines(
            f"Syncing repository: {repository.full_name}",
            f"{git_} -c protocol.version=2 fetch --prune --depth=1 origin +{run.checkout}:{ref}",
            f"{git_} checkout --progress --force {ref}",
            f"{git_} log -1 --format=%H", run.checkout,
        )  # fmt: skip

    def output(self, text: str) -> None:
        command = _COMMAND.fullmatch(text)
        if command:
            pairs = (pair.partition("=") for pair in (command[2] or "").split(",") if pair)
            self.problem(
                command[1], {name.strip(): _unescape(value) for name, _, value in pairs}, _unescape(command[3])
            )
        elif text.startswith("::group::"):
            self.line(f"##[group]{text[9:]}")
        else:
            self.line("##[endgroup]" if text == "::endgroup::" else text)

    def problem(self, level: str, at: dict[str, str], message: str) -> None:
        self.line(f"##[{level}]{message}")
        line = _number(at, "line") or 1
        self._job.annotations.append(
            {
                "path": at.get("file", ".github"),
                "blob_href": "",
                "start_line": line,
                "end_line": _number(at, "endLine") or line,
                "start_column": _number(at, "col"),
                "end_column": _number(at, "endColumn"),
                "annotation_level": _LEVEL[level],
                "title": at.get("title", ""),
                "message": message,
                "raw_details": "",
            }
        )

    def bytes(self) -> bytes:
        """Begins with a byte order mark, as GitHub's files do."""
        return ("\ufeff" + "".join(f"{line}\n" for line in self._lines)).encode()


def _number(at: dict[str, str], name: str) -> int | None:
    text = at.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _unescape(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text
