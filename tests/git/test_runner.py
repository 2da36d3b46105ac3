import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from factory_ls.git.errors import explain
from factory_ls.git.runner import Git
from factory_ls.model.errors import ErrorKind, FactoryError
from tests.git.conftest import Sandbox


async def error_of(git: Git, cwd: Path, *args: str, timeout: float = 20) -> FactoryError:
    with pytest.raises(FactoryError) as caught:
        await git.run(cwd, *args, timeout=timeout)
    assert caught.value.hint or caught.value.kind is ErrorKind.INVALID or "No such folder" in caught.value.message
    return caught.value


async def test_no_git_program(box: Sandbox) -> None:
    error = await error_of(Git("no-such-git"), box.root, "status")
    assert error.kind is ErrorKind.NOT_INSTALLED
    assert "FACTORY_GIT" in error.hint


async def test_a_file_that_cannot_be_run(box: Sandbox) -> None:
    (box.root / "git").write_text("")
    assert (await error_of(Git(str(box.root / "git")), box.root, "status")).kind is ErrorKind.NOT_INSTALLED


async def test_no_such_folder(box: Sandbox) -> None:
    error = await error_of(box.git, box.root / "nowhere", "status")
    assert error.kind is ErrorKind.NOT_FOUND
    assert "nowhere" in error.message


async def test_not_a_repository(box: Sandbox) -> None:
    error = await error_of(box.git, box.root, "status")
    assert error.kind is ErrorKind.NOT_FOUND
    assert "git init" in error.hint


async def test_a_nul_byte(repo: Path, box: Sandbox) -> None:
    assert (await error_of(box.git, repo, "log", "--", "a\0b")).kind is ErrorKind.INVALID


async def test_output_of_any_size_and_input(repo: Path, box: Sandbox) -> None:
    data = bytes(range(256)) * 40_000
    sha = (await box.git.run(repo, "hash-object", "-w", "--stdin", stdin=data)).decode().strip()
    assert await box.git.run(repo, "cat-file", "blob", sha) == data


async def test_a_timeout_ends_git_and_its_children(box: Sandbox) -> None:
    pids = box.root / "pids"
    git = Git(box.program(f"sleep 600 & echo $! $$ > '{pids}'; wait"))
    error = await error_of(git, box.root, "fetch", timeout=0.5)
    assert error.kind is ErrorKind.TIMEOUT
    for pid in map(int, pids.read_text().split()):
        assert not _runs(pid)


async def test_cancelling_ends_git_even_if_it_refuses_sigterm(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("factory_ls.git.runner._GRACE_SECONDS", 0.05)
    ready = box.root / "ready"
    os.mkfifo(ready)
    git = Git(box.program(f"trap '' TERM; echo $$ > '{ready}'; while :; do sleep 600; done"))
    task = asyncio.create_task(git.run(box.root, "fetch"))
    pid = int(await asyncio.to_thread(ready.read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _runs(pid)


async def test_cancelling_at_any_moment_of_the_start_leaves_no_process(box: Sandbox) -> None:
    marker = f"600.{os.getpid()}"
    git = Git(box.program(f"sleep {marker} & sleep {marker}"))
    for turns in (*range(1, 9), 12, 24):
        task = asyncio.create_task(git.run(box.root, "fetch"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert marker not in await asyncio.to_thread(subprocess.check_output, ["ps", "-Ao", "args"], text=True)


async def test_a_child_that_keeps_stderr_open_holds_nobody_up(box: Sandbox) -> None:
    held = box.root / "held"
    git = Git(box.program(f"sleep 600 >/dev/null & echo $! > '{held}'; echo done"))
    assert await git.run(box.root, "fetch", timeout=10) == b"done\n"
    os.kill(int(held.read_text()), 9)


async def test_a_hooks_environment_does_not_leak_in(repo: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(box.init("other") / ".git"))
    for name, value in box.bare_environment.items():
        monkeypatch.setenv(name, value)
    assert b"refs/heads/main" in await Git().run(repo, "for-each-ref")


@pytest.mark.parametrize("finished", [True, False])
async def test_a_worktree_that_somebody_is_making(repo: Path, box: Sandbox, finished: bool) -> None:
    box.sh(repo, "worktree", "add", "--quiet", "-b", "other", "../other")
    commondir = repo / ".git" / "worktrees" / "other" / "commondir"
    content = commondir.read_text()
    commondir.write_text("")
    # A git that looks finds the file empty; behind this one it is filled.
    then = f"echo '{content.strip()}' > '{commondir}'" if finished else ":"
    watched = Git(box.program(f'git "$@"; code=$?; {then}; exit $code'), box.bare_environment)
    if finished:
        assert b"other" in await watched.run(repo, "worktree", "list")
    else:
        error = await error_of(watched, repo, "worktree", "list")
        assert error.kind is ErrorKind.BUSY
        assert "worktrees/other/commondir" in error.message


def test_errors_show_no_escape_and_no_credential() -> None:
    error = explain(
        "fetch", 128, b"\x1b[31mfatal\x1b[0m: unable to access 'https://u:ghp_x@h/o/r': \x07\x9b\xe2\x80\xae!"
    )
    assert "ghp_x" not in f"{error}{error.stderr}"
    assert not {"\x1b", "\x07", "\u202e"} & set(f"{error}{error.stderr}")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("fatal: detected dubious ownership in repository at '/x'", ErrorKind.DENIED),
        ("fatal: Unable to create '/r/.git/index.lock': File exists.", ErrorKind.BUSY),
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", ErrorKind.NOT_LOGGED_IN),
        (
            "git@github.com: Permission denied (publickey).\nCould not read from remote repository",
            ErrorKind.NOT_LOGGED_IN,
        ),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", ErrorKind.NETWORK),
        ("ssh: connect to host x port 22: Connection refused", ErrorKind.NETWORK),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 503", ErrorKind.NETWORK),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", ErrorKind.DENIED),
        ("remote: Repository not found.\nfatal: repository 'https://x/' not found", ErrorKind.NOT_FOUND),
        ("! [rejected] main -> main (fetch first)", ErrorKind.CONFLICT),
        ("! [remote rejected] main -> main (protected branch hook declined)", ErrorKind.DENIED),
        ("error: gpg failed to sign the data", ErrorKind.DENIED),
        ("error: object file .git/objects/aa/bb is empty", ErrorKind.CORRUPT),
        ("fatal: something else", ErrorKind.INTERNAL),
        ("", ErrorKind.INTERNAL),
    ],
)
def test_kinds(said: str, kind: ErrorKind) -> None:
    error = explain("push", 128, said.encode())
    assert error.kind is kind
    assert error.hint
    assert error.message.startswith("git push failed: ")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
