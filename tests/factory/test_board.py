"""What the board says of files, with real git and a database: places, renames, branches, commits that are not here."""

import base64
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.journal import Journal
from factory_ls.factory.reports import Reports
from factory_ls.factory.texts import Texts
from factory_ls.factory.trees import Trees
from factory_ls.git.runner import Git
from factory_ls.github.answer import Answer
from factory_ls.github.gh import Gh
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import (
    CheckReport,
    ProblemsDismissed,
    ProjectAdded,
    PullRequestObserved,
    ReportsChanged,
    WorkspaceChanged,
)
from factory_ls.model.problem import About, Placement, Problem, Report, Severity, Stats
from factory_ls.model.project import Project
from factory_ls.model.pull_request import (
    Check,
    CheckKind,
    CiStatus,
    PullRequest,
    PullRequestState,
    ReviewComment,
    ReviewThread,
)
from factory_ls.model.workspace import Workspace, WorkspaceStatus

TEXT = "import os\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 2\n"
UNKNOWN = "f" * 40


class NoGithub(Gh):
    """Answers with the files it was given; counts."""

    def __init__(self) -> None:
        super().__init__("gh-is-not-run")
        self.asked: list[str] = []
        self.files: dict[str, bytes] = {}

    async def rest(self, host: str, path: str, **_: object) -> Answer:
        self.asked.append(path)
        if path not in self.files:
            raise FactoryError(ErrorKind.NOT_FOUND, "no such file", "")
        return Answer(200, {}, self.files[path])


class Stage:
    def __init__(self, journal: Journal, git: Git, repo: Path) -> None:
        self.journal, self.git, self.repo = journal, git, repo
        self.gh = NoGithub()
        self.reports = Reports(journal, git, self.gh)
        self.texts = Texts(journal, git, self.gh)
        self.trees = Trees(journal, git)
        self.board = ProblemBoard(journal, self.reports, self.texts, self.trees)
        self.told = 0
        journal.subscribe(lambda change: setattr(self, "told", self.told + bool(change.problems)))

    async def commit(self, **files: str) -> str:
        for name, text in files.items():
            (self.repo / f"{name}.py").write_text(text)
        await self.git.run(self.repo, "add", "--all")
        await self.git.run(self.repo, "commit", "--quiet", "--allow-empty", "--message", "m")
        return (await self.git.run(self.repo, "rev-parse", "HEAD")).decode().strip()

    async def start(self) -> str:
        """A workspace on branch `work`; answers with its first commit."""
        await self.git.run(self.repo, "checkout", "--quiet", "-b", "work")
        head = await self.commit(a=TEXT)
        project = Project(
            id="p", name="r", repo_path=str(self.repo), default_branch="main", github_host="github.com",
            github_owner="o", github_repo="r",
        )  # fmt: skip
        workspace = Workspace(
            id="w", project_id="p", name="w", status=WorkspaceStatus.READY, path=str(self.repo), branch="work",
            base_branch="main",
        )  # fmt: skip
        await self.journal.record(ProjectAdded(project=project), WorkspaceChanged(workspace=workspace))
        return head

    async def says(self, head: str, *problems: Problem, sha: str = "", waiting: bool = False) -> None:
        """CI of `head` says these; reported of `sha` if that is another commit."""
        key = f"k{len(self.reports.loaded)}"  # what is kept under a key never changes
        self.reports.loaded[key] = Report(problems=problems, failures=(), stats=Stats(bytes=0, lines=0, seconds=0.0))
        await self.observe(head)
        report = CheckReport(check="test", key=key, sha=sha or head, waiting=waiting)
        await self.journal.record(ReportsChanged(workspace_id="w", reports=(report,)))
        await self.trees.look("w")

    async def observe(
        self, head: str, threads: Sequence[ReviewThread] = (), outcome: CiStatus = CiStatus.FAILURE
    ) -> None:
        check = Check(id="1", kind=CheckKind.CHECK_RUN, name="test", outcome=outcome)
        pr = PullRequest(
            number=1, url="", state=PullRequestState.OPEN, head_sha=head, checks=(check,), threads=tuple(threads)
        )
        await self.journal.record(PullRequestObserved(workspace_id="w", pull_request=pr))
        await self.trees.look("w")

    async def at(self, name: str = "a") -> list[tuple[int | None, Placement]]:
        return [(p.line, p.placement) for p in await self.board.placed(str(self.repo / f"{name}.py"))]


@pytest.fixture
async def stage(journal: Journal, git: Git, repo: Path) -> AsyncIterator[Stage]:
    made = Stage(journal, git, repo)
    yield made
    await made.trees.close()
    await made.texts.close()


def problem(line: int | None, **fields: object) -> Problem:
    known = {"id": f"i{line}", "path": "a.py", "tool": "t", "message": "m", "check": "test"}
    return msgspec.convert({**known, "line": line, **fields}, Problem)


async def test_places_follow_the_file_on_disk_and_are_kept_while_it_stays(stage: Stage) -> None:
    head = await stage.start()
    await stage.says(head, problem(4), problem(5), problem(9))
    path = stage.repo / "a.py"
    assert stage.board.files("w") == (str(path),)
    first = await stage.board.placed(str(path))
    assert await stage.board.placed(str(path)) is first
    path.write_text("# new\n" + TEXT.replace("    return 1\n", "    return 11\n").replace("    return 2\n", ""))
    assert await stage.at() == [(5, Placement.MOVED), (6, Placement.EDITED), (None, Placement.GONE)]
    path.unlink()
    problems, _ = await stage.board.everything("w")
    assert [one.placement for one in problems] == [Placement.GONE] * 3


async def test_the_same_object_until_something_changes(stage: Stage) -> None:
    """An open buffer's placer lives as long as this object does."""
    head = await stage.start()
    await stage.says(head, problem(4))
    path = str(stage.repo / "a.py")
    file = await stage.board.for_file(path)
    await stage.says(head, problem(4))
    assert await stage.board.for_file(path) is file
    await stage.says(head, problem(5))
    assert await stage.board.for_file(path) is not file


async def test_only_on_its_branch_also_while_that_is_detached(stage: Stage) -> None:
    head = await stage.start()
    await stage.says(head, problem(4))
    await stage.git.run(stage.repo, "checkout", "--quiet", "-b", "other")
    await stage.trees.look("w")
    assert stage.board.files("w") == ()
    assert await stage.at() == []
    [reported], _ = await stage.board.everything("w")
    assert reported.placement is Placement.UNPLACED
    await stage.git.run(stage.repo, "checkout", "--quiet", "--detach", "work")
    await stage.trees.look("w")
    assert await stage.at() == [(4, Placement.EXACT)]


async def test_renamed_files_are_followed_from_any_commit(stage: Stage) -> None:
    old = await stage.start()
    await stage.git.run(stage.repo, "mv", "a.py", "b.py")
    head = await stage.commit()
    await stage.says(head, problem(4, path="a.py"), sha=old, waiting=True)
    assert await stage.at("b") == [(4, Placement.EXACT)]
    (stage.repo / "b.py").rename(stage.repo / "c.py")
    await stage.trees.look("w")
    assert stage.board.files("w") == (str(stage.repo / "c.py"),)
    [shown] = await stage.board.placed(str(stage.repo / "c.py"))
    assert (shown.path, shown.placement) == ("c.py", Placement.EXACT)


async def test_what_waits_for_ci_is_a_hint_carried_from_its_commit(stage: Stage) -> None:
    old = await stage.start()
    head = await stage.commit(a="# one\n" + TEXT.replace("return 1", "return 11").replace("    return 2\n", ""))
    await stage.says(head, problem(4), problem(5), problem(9), sha=old, waiting=True)
    shown = await stage.board.placed(str(stage.repo / "a.py"))
    assert [(p.line, p.placement) for p in shown] == [
        (5, Placement.MOVED), (6, Placement.EDITED), (None, Placement.GONE),
    ]  # fmt: skip
    assert {p.severity for p in shown} == {Severity.HINT}
    assert all(p.waiting and p.message == "fix pushed, waiting for CI: m" for p in shown)
    await stage.says(old, problem(4), waiting=True)
    assert (await stage.board.placed(str(stage.repo / "a.py")))[0].message.startswith("running again")


async def test_a_commit_that_is_not_here_is_asked_for_and_listeners_are_told(stage: Stage) -> None:
    await stage.start()
    await stage.says(UNKNOWN, problem(4))
    content = base64.b64encode(("# new\n" + TEXT).encode()).decode()
    found = {"encoding": "base64", "content": content, "size": len(content)}
    stage.gh.files[f"repos/o/r/contents/a.py?ref={UNKNOWN}"] = msgspec.json.encode(found)
    assert await stage.at() == [(4, Placement.UNPLACED)]
    told = stage.told
    while stage.texts._tasks:
        await next(iter(stage.texts._tasks))
    assert stage.told > told
    await stage.says(UNKNOWN, problem(5))
    assert await stage.at() == [(4, Placement.MOVED)]
    assert len(stage.gh.asked) == 1


async def test_nothing_outside_the_worktree_is_a_file_of_it(stage: Stage) -> None:
    head = await stage.start()
    (stage.repo / "link.py").symlink_to("/etc/hostname")
    paths = ["../x.py", "/etc/passwd", "link.py", ".git/config", "~/x", "a\0.py", ""]
    await stage.says(head, *(problem(1, id=str(n), path=path) for n, path in enumerate(paths)))
    assert stage.board.files("w") == ()
    assert len((await stage.board.everything("w"))[0]) == len(paths)


async def test_review_threads_stand_where_they_were_written(stage: Stage) -> None:
    old = await stage.start()
    head = await stage.commit(a="# one\n" + TEXT)
    said = (ReviewComment(id="c", author="alice", association="MEMBER", body="why?"),)
    threads = [
        ReviewThread(id="now", path="a.py", line=6, original_line=5, commit=old, comments=said),
        ReviewThread(id="old", path="a.py", line=None, original_line=9, commit=old, is_outdated=True, comments=said),
        ReviewThread(id="done", path="a.py", line=1, is_resolved=True, comments=said),
        ReviewThread(id="left", path="a.py", line=1, side="LEFT", comments=said),
    ]
    await stage.observe(head, threads)
    shown = await stage.board.placed(str(stage.repo / "a.py"))
    assert [(p.id, p.line, p.placement) for p in shown] == [
        ("review:now", 6, Placement.EXACT), ("review:old", 10, Placement.MOVED),
    ]  # fmt: skip
    assert (await stage.board.everything("w"))[0] == []
    assert stage.board.reported("w")[0] == ()


async def test_dismissed_until_the_next_push(stage: Stage) -> None:
    head = await stage.start()
    await stage.says(head, problem(4), problem(5))
    await stage.journal.record(ProblemsDismissed(workspace_id="w", head=head, problems=("i4",)))
    assert await stage.at() == [(5, Placement.EXACT)]
    assert len(stage.board.reported("w")[0]) == 2  # the ratchet still has to fix it
    await stage.says(await stage.commit(), problem(4), problem(5))
    assert len(await stage.at()) == 2


async def test_since_when_a_check_fails_and_whether_it_is_flaky(stage: Stage) -> None:
    old = await stage.start()
    await stage.says(old, problem(4))
    head = await stage.commit()
    await stage.observe(head, outcome=CiStatus.PENDING)
    await stage.says(head, problem(4))
    assert stage.board.about("w", problem(4)) == About(since=old)
    await stage.observe(head, outcome=CiStatus.SUCCESS)
    await stage.observe(head, outcome=CiStatus.FAILURE)
    assert stage.board.about("w", problem(4)) == About(since=head, flaky=True)
