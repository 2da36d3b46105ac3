"""Which commit a job had checked out, as its log tells."""

import pytest

from factory_ls.ci.checkout import checked_out

HEAD, MERGE, OTHER = "a" * 40, "b" * 40, "c" * 40
TIME = "2026-11-23T07:42:07.1234567Z "


def log(*lines: str, end: str = "\n") -> bytes:
    return ("\ufeff" + "".join(TIME + line + end for line in lines)).encode()


def checkout(repository: str, sha: str, *, quoted: bool = False) -> list[str]:
    how = ("--format='%H'", f"'{sha}'") if quoted else ("--format=%H", sha)
    return [
        "##[group]Run actions/checkout@v4",
        f"Syncing repository: {repository}",
        "[command]/usr/bin/git checkout --progress --force refs/remotes/pull/7/merge",
        f"[command]/usr/bin/git log -1 {how[0]}",
        how[1],
    ]


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_action_says_it_when_it_is_done(quoted: bool, end: str) -> None:
    assert checked_out(log(*checkout("o/r", MERGE, quoted=quoted), "pytest", end=end), "o/r") == MERGE


def test_or_when_it_fetches_where_it_says_no_more() -> None:
    fetch = f"[command]/usr/bin/git -c protocol.version=2 fetch --depth=1 origin +{MERGE}:refs/remotes/pull/7/merge"
    assert checked_out(log("Syncing repository: o/r", fetch, "fatal: early EOF"), "o/r") == MERGE


def test_other_repositories_are_not_ours_and_the_first_checkout_counts() -> None:
    lines = [*checkout("o/tools", OTHER), *checkout("O/R", MERGE), *checkout("o/r", HEAD)]
    assert checked_out(log(*lines), "o/r") == MERGE
    assert checked_out(log(*checkout("o/tools", OTHER)), "o/r") is None


@pytest.mark.parametrize(
    "line",
    [f"HEAD is now at {MERGE}", f"git log -1 --format=%H {MERGE}", f"fetch it from +{MERGE}:refs/heads/x", MERGE],
)
def test_what_only_looks_like_it_is_none(line: str) -> None:
    assert checked_out(log(line), "o/r") is None
    assert checked_out(b"", "o/r") is None
