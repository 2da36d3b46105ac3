"""Commands of the repository: their limit, their output, their process tree."""

import asyncio
import os
from pathlib import Path

import pytest

from factory_ls.factory.process import KEPT_OUTPUT, run_shell


async def test_exit_code_and_output_are_kept(tmp_path: Path) -> None:
    outcome = await run_shell("echo out; echo err >&2; exit 3", tmp_path, limit=10)
    assert (outcome.code, outcome.ok, outcome.timed_out) == (3, False, False)
    assert "out" in outcome.output
    assert "err" in outcome.output


async def test_a_failing_part_of_a_pipe_fails_the_command_as_in_actions(tmp_path: Path) -> None:
    assert (await run_shell("false | cat", tmp_path, limit=10)).code == 1


async def test_only_the_end_of_a_long_output_is_kept(tmp_path: Path) -> None:
    outcome = await run_shell("head -c 300000 /dev/zero | tr '\\0' x; echo END", tmp_path, limit=10)
    assert len(outcome.output) == KEPT_OUTPUT
    assert outcome.output.endswith("END\n")


async def test_lines_are_told_as_they_come(tmp_path: Path) -> None:
    lines: list[str] = []
    await run_shell("echo one; echo two", tmp_path, limit=10, on_line=lines.append)
    assert lines == ["one", "two"]


async def test_the_limit_ends_the_whole_tree(tmp_path: Path) -> None:
    outcome = await run_shell("sleep 600 & echo $! > child; wait", tmp_path, limit=0.5)
    assert outcome.timed_out
    assert not outcome.ok
    assert not _alive(int((tmp_path / "child").read_text()))


async def test_cancelling_ends_the_whole_tree(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "started")
    task = asyncio.create_task(run_shell("sleep 600 & echo $! > child; echo > started; wait", tmp_path, limit=60))
    await asyncio.to_thread((tmp_path / "started").read_text)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _alive(int((tmp_path / "child").read_text()))


async def test_a_background_child_does_not_hold_the_command_up(tmp_path: Path) -> None:
    outcome = await run_shell("sleep 600 & echo $! > child", tmp_path, limit=60)
    assert outcome.ok
    assert not _alive(int((tmp_path / "child").read_text()))


def _alive(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has reaped yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
