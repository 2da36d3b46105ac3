"""Every call of the room, through each gh, against a GitHub whose checks really run."""

import re
from pathlib import Path

import msgspec
import pytest

from factory_ls.demo.github import Fault, GithubStandin
from factory_ls.demo.github_state import Comment, Review, Thread
from factory_ls.github import checks, contents, pull_requests, reviews
from factory_ls.github.gh import Gh
from factory_ls.github.pull_requests import Ref
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.pull_request import CiObservation, CiStatus, PullRequestState
from tests.github.repository import FAILING, clone

HOST = "github.com"
PLACE = (HOST, "acme", "widget")


async def test_a_failing_check_from_push_to_green(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    sha = await copy.push("fix", {"check.sh": FAILING})

    opened = await pull_requests.create(gh, *PLACE, branch="fix", base="main", title="Fix it", body="b", draft=True)
    assert (opened.number, opened.state, opened.head_sha) == (1, PullRequestState.DRAFT, sha)
    assert opened.head_repository == "acme/widget"
    assert not opened.is_fork
    assert (opened.ci_status, opened.ci_observation) == (CiStatus.FAILURE, CiObservation.CHECKS_FAILED)
    assert [(c.name, c.workflow, c.outcome, c.is_actions) for c in opened.checks] == [
        ("lint", "CI", CiStatus.SUCCESS, True),
        ("test", "CI", CiStatus.FAILURE, True),
    ]
    failed = opened.checks[1]

    said = await checks.annotations(gh, *PLACE, failed.id)
    assert [(a.path, a.start_line, a.start_column, a.level, a.title, a.message) for a in said] == [
        ("src/a.py", 3, 5, "failure", "Wrong", "a, b\nand c"),
        (".github", 1, None, "failure", "", "Process completed with exit code 3."),
    ]

    log = (await checks.job_log(gh, *PLACE, failed.id)).decode()
    assert log.startswith("\ufeff20")
    texts = [re.sub(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ", "", line) for line in log.splitlines()]
    assert texts == [
        "##[group]Run actions/checkout@v4",
        "##[endgroup]",
        "Syncing repository: acme/widget",
        f"[command]/usr/bin/git -c protocol.version=2 fetch --prune --depth=1 origin +{sha}:refs/remotes/origin/fix",
        "[command]/usr/bin/git checkout --progress --force refs/remotes/origin/fix",
        "[command]/usr/bin/git log -1 --format=%H",
        sha,
        "##[group]Run bash check.sh",
        "\x1b[36;1mbash check.sh\x1b[0m",
        "shell: /usr/bin/bash -e {0}",
        "##[endgroup]",
        "\x1b[31mred\x1b[0m",
        "##[error]a, b",
        "and c",
        "##[group]more",
        "##[error]Process completed with exit code 3.",
    ]

    assert failed.run_id is not None
    await checks.rerun_failed(gh, *PLACE, failed.run_id)
    await github.idle()
    again = await pull_requests.get(gh, Ref(*PLACE, 1))
    assert again.checks[1].id != failed.id
    assert again.checks[1].run_id == failed.run_id
    assert again.checks[0] == opened.checks[0]

    await copy.push("fix", {"check.sh": "echo fixed\n"})
    green = await pull_requests.get(gh, Ref(*PLACE, 1))
    assert green.ci_observation is CiObservation.CHECKS_PASSED
    assert green.head_sha != sha


async def test_the_login(gh: Gh) -> None:
    assert await gh.login(HOST) == "octocat"
    assert await gh.login("ghe.example.com") == "octocat"


async def test_many_pull_requests_are_one_request_a_host(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    for number in range(1, 41):
        copy.repository.branches[f"b{number}"] = copy.repository.branches["main"]
        github.open_pull(copy.repository, head=f"b{number}", base="main", title=f"{number}")
    refs = [Ref(*PLACE, number) for number in range(1, 41)]
    elsewhere, missing = Ref("ghe.example.com", "acme", "widget", 3), Ref(HOST, "acme", "nothing", 1)
    absent = Ref(*PLACE, 999)
    github.requests.clear()

    observed = await pull_requests.observe(gh, [*refs, elsewhere, missing, absent, refs[0]])

    assert [seen.host for seen in github.requests].count("api.github.com") == 1
    assert len(github.requests) == 2
    assert set(observed.pull_requests) == {*refs, elsewhere}
    assert {ref: error.kind for ref, error in observed.errors.items()} == dict.fromkeys(
        [missing, absent], ErrorKind.NOT_FOUND
    )
    assert [observed.pull_requests[ref].title for ref in refs] == [str(n) for n in range(1, 41)]
    budgets = {budget.host: budget for budget in gh.budget()}
    assert (budgets[HOST].limit, budgets[HOST].requests) == (5000, 1)
    assert 4990 < budgets[HOST].remaining < 5000
    assert budgets[HOST].cost == 1


async def test_long_lists_are_read_to_their_end(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    sha = await copy.push("wide", {"a": "1"})
    pull = github.open_pull(copy.repository, head="wide", base="main", title="wide")
    status = {"state": "SUCCESS", "targetUrl": "https://ci.example.com", "createdAt": "2026-01-01T00:00:00Z"}
    copy.repository.statuses[sha] = [{"context": f"s{n:03}", **status} for n in range(120)]
    for n in range(25):
        pull.threads.append(
            Thread("a", n + 1, sha, [Comment(f"{n}.{m}", "bob", "MEMBER") for m in range(13 if n > 22 else 1)])
        )
    job = next(iter(copy.repository.latest_runs(sha))).jobs[0]
    job.annotations = [dict(job_annotation(n)) for n in range(230)]

    seen = await pull_requests.get(gh, Ref(*PLACE, 1))

    assert len(seen.checks) == 122
    assert [len(thread.comments) for thread in seen.threads] == [1] * 23 + [13] * 2
    assert seen.threads[24].comments[12].body == "24.12"
    assert [a.start_line for a in await checks.annotations(gh, *PLACE, job.id)] == list(range(1, 231))


async def test_what_fails_on_the_base_is_read_to_its_end_once_and_only_for_what_fails(
    github: GithubStandin, gh: Gh, tmp_path: Path
) -> None:
    copy = await clone(github, tmp_path / "clone")
    status = {"targetUrl": "https://ci.example.com", "createdAt": "2026-01-01T00:00:00Z"}
    tip = copy.repository.branches["main"]
    copy.repository.statuses[tip] = [
        {"context": f"s{n:03}", "state": "FAILURE" if n in (3, 230) else "SUCCESS", **status} for n in range(231)
    ]
    for branch, files in (
        ("red", {"check.sh": FAILING}),
        ("red-too", {"check.sh": FAILING}),
        ("green", {"check.sh": "true\n"}),
    ):
        await copy.push(branch, files)
        github.open_pull(copy.repository, head=branch, base="main", title=branch)
    refs = [Ref(*PLACE, number) for number in (1, 2, 3)]
    github.requests.clear()

    seen = (await pull_requests.observe(gh, refs)).pull_requests

    failing = [[check.name for check in seen[ref].base_failing] for ref in refs]
    assert failing == [["s003", "s230"], ["s003", "s230"], ["s003"]]
    assert len(github.requests) == 3, "one for all, and two further pages of the one tip"


def job_annotation(n: int) -> dict[str, object]:
    return {
        "path": "a",
        "blob_href": "",
        "start_line": n + 1,
        "end_line": n + 1,
        "start_column": None,
        "end_column": None,
        "annotation_level": "notice",
        "title": None,
        "message": None,
        "raw_details": None,
    }


async def test_threads_are_answered_and_resolved(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    sha = await copy.push("talk", {"a": "1"})
    pull = github.open_pull(copy.repository, head="talk", base="main", title="talk")
    pull.review_decision = "CHANGES_REQUESTED"
    pull.threads.append(Thread("a", 1, sha, [Comment("rename this", "bob", "MEMBER"), Comment("", None, "NONE")]))
    before = await pull_requests.get(gh, Ref(*PLACE, 1))
    (thread,) = before.threads
    assert before.state is PullRequestState.CHANGES_REQUESTED
    assert before.merge_state == "BLOCKED"
    assert [(c.author, c.association) for c in thread.comments] == [("bob", "MEMBER"), (None, "NONE")]
    assert (thread.path, thread.line, thread.commit, thread.is_resolved) == ("a", 1, sha, False)

    text = 'done in `abc`\n"quotes" & ünïcode {owner} @file'
    answer = await reviews.reply(gh, HOST, thread.id, text)
    assert (answer.body, answer.author) == (text, "octocat")
    await reviews.resolve(gh, HOST, thread.id)
    await reviews.resolve(gh, HOST, thread.id)

    after = (await pull_requests.get(gh, Ref(*PLACE, 1))).threads[0]
    assert after.is_resolved
    assert after.comments[-1].body == text
    with pytest.raises(FactoryError) as caught:
        await reviews.resolve(gh, HOST, "PRRT_0")
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_found_by_branch_owner_and_time(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    await copy.push("same-name", {"a": "1"})
    old = github.open_pull(copy.repository, head="same-name", base="main", title="old")
    old.state, old.created_at = "MERGED", "2026-01-01T00:00:00Z"
    fork = github.open_pull(copy.repository, head="same-name", base="main", title="fork")
    fork.head_repository, fork.created_at, fork.state = "mallory/widget", "2026-03-01T00:00:00Z", "CLOSED"

    async def number(owner: str, after: str | None) -> int | None:
        found = await pull_requests.find(gh, *PLACE, "same-name", owner, after)
        return found.number if found else None

    assert await number("acme", None) == 1
    assert await number("ACME", "2026-01-01T00:00:00.900Z") == 1
    assert await number("acme", "2026-01-02T00:00:00.000Z") is None, "a merged one on a reused name"
    assert await number("mallory", "2026-01-02T00:00:00Z") == 2
    assert await number("nobody", None) is None

    for _ in range(60):
        other = github.open_pull(copy.repository, head="same-name", base="main", title="other")
        other.head_repository, other.state = "mallory/widget", "CLOSED"
    assert await number("acme", None) == 1, "on the second page"

    mine = github.open_pull(copy.repository, head="same-name", base="main", title="mine")
    assert await number("acme", "2026-01-02T00:00:00Z") == mine.number
    assert (await pull_requests.get(gh, Ref(*PLACE, 2))).is_fork


async def test_opening_twice_or_half_way_gives_the_same_one(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    await copy.push("new", {"a": "1"})
    answer_lost = Fault(502, b"<html>bad gateway</html>", {"content-type": "text/html"}, path="graphql")
    first = await pull_requests.create(gh, *PLACE, branch="new", base="main", title="t")
    again = await pull_requests.create(gh, *PLACE, branch="new", base="main", title="other")
    assert (again.number, again.title) == (first.number, "t")
    github.faults.append(answer_lost)
    assert (await pull_requests.create(gh, *PLACE, branch="new", base="main", title="t")).number == first.number
    assert len(copy.repository.pulls) == 1

    with pytest.raises(FactoryError) as caught:
        await pull_requests.create(gh, *PLACE, branch="never-pushed", base="main", title="t")
    assert caught.value.kind is ErrorKind.INVALID
    assert "never-pushed" in caught.value.hint


async def test_a_conflict_shows_in_a_draft_too(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    await copy.push("ours", {"a": "1"})
    pull = github.open_pull(copy.repository, head="ours", base="main", title="t", draft=True)
    await github.idle()
    assert (await pull_requests.get(gh, Ref(*PLACE, 1))).merge_state == "DRAFT"
    await copy.push("main", {"a": "2"})
    assert pull.conflict
    assert (await pull_requests.get(gh, Ref(*PLACE, 1))).merge_state == "DIRTY"


async def test_a_bot_is_told_from_a_person_of_its_name(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    sha = await copy.push("ours", {"a": "1"})
    pull = github.open_pull(copy.repository, head="ours", base="main", title="t")
    authors = ["lint", "lint[bot]"]
    pull.threads += [Thread("a", 1, sha, [Comment("please", author, "NONE")]) for author in authors]
    pull.reviews += [Review("COMMENTED", author, "look") for author in authors]
    seen = await pull_requests.get(gh, Ref(*PLACE, 1))
    assert [thread.comments[0].author for thread in seen.threads] == authors
    assert [review.author for review in seen.reviews] == authors


async def test_an_unchanged_answer_costs_nothing(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    job = copy.repository.runs[0].jobs[0]
    path = f"repos/acme/widget/check-runs/{job.id}/annotations"
    first = await gh.rest(HOST, path)
    spent = github.account.used["core"]
    again = await gh.rest(HOST, path, etag=first.etag)
    assert again.not_modified
    assert again.body == b""
    assert github.account.used["core"] == spent
    assert await gh.rest(HOST, path) == first, "asked for with the ETag that is remembered"
    assert (github.requests[-1].status, github.account.used["core"]) == (304, spent)
    job.annotations.append(job_annotation(0))
    assert (await gh.rest(HOST, path)).body != first.body


async def test_what_people_said_is_read_once(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    sha = await copy.push("talk", {"a": "1"})
    await copy.push("main", {"check.sh": FAILING})
    pull = github.open_pull(copy.repository, head="talk", base="main", title="talk")
    old = "2026-01-01T00:00:00Z"
    pull.created_at = old
    pull.labels.append("autofix off")
    pull.reviews.append(Review("CHANGES_REQUESTED", "ann", "no", submitted_at=old))
    pull.comments += [Comment(f"{n}", "bob", "NONE", old) for n in range(2_000)]
    pull.comments[7] = Comment("autofix off", "bob", "OWNER", old)
    pull.threads += [Thread("a", n + 1, sha, [Comment("x", "bob", "MEMBER", old)], n % 2 == 0) for n in range(70)]
    ref = Ref(*PLACE, 1)

    first = await pull_requests.get(gh, ref)
    asked = len(github.requests)
    assert asked > 20
    assert first.labels == ("autofix off",)
    assert [(r.author, r.association, r.state) for r in first.reviews] == [("ann", "MEMBER", "CHANGES_REQUESTED")]
    assert [check.name for check in first.base_failing] == ["test"]
    assert len(first.comments) == 301, "the newest, and the one that decides something"
    assert (first.comments[0].body, first.comments[-1].body) == ("autofix off", "1999")
    assert len(first.threads) == 70

    again = (await pull_requests.observe(gh, [ref], {ref: first})).pull_requests[ref]
    assert len(github.requests) == asked + 1
    assert again.comments == first.comments
    assert again.threads == first.threads

    pull.comments.append(Comment("new", "bob"))
    pull.threads[0].resolved = False
    more = (await pull_requests.observe(gh, [ref], {ref: again})).pull_requests[ref]
    assert len(github.requests) == asked + 2
    assert more.comments[-1].body == "new"
    stale = msgspec.structs.replace(again, threads_read_at=old)
    assert not (await pull_requests.observe(gh, [ref], {ref: stale})).pull_requests[ref].threads[0].is_resolved


async def test_a_log_of_any_bytes_and_size_arrives_unchanged(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    job = copy.repository.runs[0].jobs[0]
    job.log = b"\xef\xbb\xbf2026-01-01T00:00:00.0000000Z \x1b[31m\xff\x00\r\n\r\nHTTP/1.1 500\n" * 100_000
    assert await checks.job_log(gh, *PLACE, job.id) == job.log
    job.log = b""
    assert await checks.job_log(gh, *PLACE, job.id) == b""
    job.status = "IN_PROGRESS"
    with pytest.raises(FactoryError) as caught:
        await checks.job_log(gh, *PLACE, job.id)
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert "once its job has ended" in caught.value.hint


async def test_text_with_escapes_arrives_printable_or_whole(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    job = copy.repository.runs[0].jobs[0]
    job.annotations = [job_annotation(0) | {"message": "\x1b[31mred\x1b[0m\n\ttab"}]
    (said,) = await checks.annotations(gh, *PLACE, job.id)
    # The real gh writes control characters of JSON in caret notation.
    assert said.message in {"\x1b[31mred\x1b[0m\n\ttab", "^[[31mred^[[0m\n\ttab"}


async def test_a_file_of_a_commit_that_git_has_not_got(github: GithubStandin, gh: Gh, tmp_path: Path) -> None:
    """Small ones come inline, large ones by their blob, each to the byte."""
    copy = await clone(github, tmp_path / "clone")
    small, large = "é\r\nno end", "0123456789abcde\n" * 80_000
    sha = await copy.push("b", {"dir with space/ü#.txt": small, "large.txt": large})

    async def file(path: str, commit: str = sha, most: int = 10_000_000) -> bytes | None:
        return await contents.file_at(gh, *PLACE, commit, path, most=most)

    with (tmp_path / "clone/dir with space/ü#.txt").open("rb") as written:
        assert await file("dir with space/ü#.txt") == written.read()
    assert await file("large.txt") == large.encode()
    assert [await file("large.txt", most=1000), await file("gone"), await file("large.txt", "e" * 40)] == [None] * 3
