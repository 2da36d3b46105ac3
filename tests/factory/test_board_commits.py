"""Jobs that had checked out other commits than the pull request's head, and more problems than anybody can read."""

from pathlib import Path

import msgspec
import pytest

from factory_ls.factory.folding import MOST_PROBLEMS
from factory_ls.model.events import CheckReport, ProblemsDismissed, ReportsChanged
from factory_ls.model.problem import Failure, Placement, Problem, Related, Report, Severity, Stats
from tests.factory.test_board import TEXT, UNKNOWN, Stage, problem
from tests.factory.test_board import stage as stage  # noqa: PLC0414 - a fixture

WORKFLOW = ".github/workflows/ci.yml"
ORIGIN = Related(path=WORKFLOW, line=2, message="test")
NO_STATS = Stats(bytes=0, lines=0, seconds=0.0)


async def say(stage: Stage, head: str, **checks: tuple[str | None, tuple[Problem, ...]]) -> None:
    """check → the commit it had checked out, what it says."""
    reports = []
    for check, (commit, problems) in checks.items():
        stage.reports.loaded[check] = Report(
            problems=problems, failures=(), stats=NO_STATS, commit=commit, origin=ORIGIN
        )
        reports.append(CheckReport(check=check, key=check, sha=head))
    await stage.observe(head)
    await stage.journal.record(ReportsChanged(workspace_id="w", reports=tuple(reports)))
    await stage.trees.look("w")


async def workflow(stage: Stage) -> str:
    (stage.repo / WORKFLOW).parent.mkdir(parents=True)
    (stage.repo / WORKFLOW).write_text("jobs:\n  test:\n    steps: [run: npm ci]\n")
    return await stage.commit()


async def merge_of(stage: Stage, **files: str) -> str:
    """A commit on no branch, as GitHub's merge of a pull request is."""
    await stage.git.run(stage.repo, "checkout", "--quiet", "--detach")
    merge = await stage.commit(**files)
    await stage.git.run(stage.repo, "checkout", "--quiet", "work")
    return merge


async def test_lines_are_those_of_the_commit_that_the_job_had(stage: Stage) -> None:
    head = await stage.start()
    merge = await merge_of(stage, a="# base\n# went on\n" + TEXT.replace("import os", "import sys"))
    await say(stage, head, test=(merge, (problem(3), problem(6), problem(7), problem(1))))
    assert await stage.at() == [
        (1, Placement.EDITED),  # the base's own version of the line
        (4, Placement.MOVED),
        (5, Placement.MOVED),
        (None, Placement.GONE),  # only in the base
    ]


async def test_what_two_commits_say_of_one_line_is_one_problem(stage: Stage) -> None:
    head = await stage.start()
    merge = await merge_of(stage, a="# base\n" + TEXT)
    one, other = problem(4, check="push", jobs=("push",)), problem(5, check="pull", jobs=("pull",))
    await say(stage, head, push=(None, (one,)), pull=(merge, (other, problem(4, id="z", check="pull"))))
    shown = await stage.board.placed(str(stage.repo / "a.py"))
    assert [(p.line, p.jobs) for p in shown] == [(4, ("push", "pull")), (3, ("pull",))]


async def test_of_a_commit_that_cannot_be_had_nothing_is_placed_and_nothing_lost(stage: Stage) -> None:
    head = await stage.start()
    await say(stage, head, push=(None, (problem(4),)), pull=(UNKNOWN, (problem(5, check="pull", message="other"),)))
    assert await stage.at() == [(4, Placement.EXACT), (5, Placement.UNPLACED)]
    (stage.repo / "a.py").unlink()
    listed, _ = await stage.board.everything("w")
    assert {one.placement for one in listed} == {Placement.GONE}


async def test_of_fifty_thousand_the_weightiest_are_kept_and_the_others_counted(stage: Stage) -> None:
    await stage.start()

    def check(number: int) -> tuple[None, tuple[Problem, ...]]:
        ids = range(number * 10_000, (number + 1) * 10_000)
        return None, tuple(
            problem(
                1 + n % 9,
                id=f"p{n}",
                check=f"c{number}",
                message=f"unknown name n{n}q",
                severity=Severity.ERROR if n % 5 == 0 else Severity.WARNING,
                path=f"dir/f{n % 40}.py",
            )
            for n in ids
        )

    head = await workflow(stage)
    checks = {f"c{number}": check(number) for number in range(5)}
    errors = sum(one.severity is Severity.ERROR for _, problems in checks.values() for one in problems)
    assert errors == MOST_PROBLEMS
    await say(stage, head, **checks)
    listed, failures = await stage.board.everything("w")
    assert len(listed) == MOST_PROBLEMS
    assert {one.severity for one in listed} == {Severity.ERROR}
    assert [f.message for f in failures] == ["40000 more problems were counted only."]
    told = await stage.board.placed(str(stage.repo / WORKFLOW))
    assert [(p.line, p.severity, p.message) for p in told] == [(2, Severity.INFO, failures[0].message)]


async def test_what_has_no_place_is_shown_at_its_step_and_silence_is_told(stage: Stage) -> None:
    await stage.start()
    head = await workflow(stage)
    failed = Failure(tool="npm", message="404 left-pad", job="test", path=WORKFLOW, line=3, command="npm ci")
    reports = {
        "test": Report(problems=(), failures=(failed,), stats=NO_STATS, origin=ORIGIN),
        "mute": Report(problems=(problem(1, severity=Severity.WARNING),), failures=(), stats=NO_STATS, origin=ORIGIN),
        "other": Report(problems=(), failures=(), stats=NO_STATS),
    }
    stage.reports.loaded.update(reports)
    await stage.observe(head)
    told = tuple(CheckReport(check=check, key=check, sha=head) for check in reports)
    await stage.journal.record(ReportsChanged(workspace_id="w", reports=told))
    await stage.trees.look("w")
    shown = await stage.board.placed(str(stage.repo / WORKFLOW))
    mute = "mute failed and tells no more here."
    assert [(p.line, p.check, p.message) for p in shown] == [(3, "test", "404 left-pad"), (2, "mute", mute)]
    listed, failures = await stage.board.everything("w")
    assert [p.path for p in listed] == ["a.py"]
    assert [f.message for f in failures] == ["404 left-pad", mute, "other failed and tells no more here."]
    assert stage.board.reported("w")[1] == (failed,)  # a fixer is sent for what is known only
    await stage.journal.record(ProblemsDismissed(workspace_id="w", head=head, problems=(shown[0].id,)))
    assert len(await stage.board.placed(str(stage.repo / WORKFLOW))) == 1


@pytest.mark.parametrize("path", ["a.py", "sub/a.py", "out/x.py", "sub/link.py", "sub/../../x", "sub/.git/x", "sub/.."])
async def test_links_are_followed_before_a_path_is_believed(stage: Stage, tmp_path: Path, path: str) -> None:
    head = await stage.start()
    outside = tmp_path / "outside"
    outside.mkdir()
    (stage.repo / "sub").mkdir()
    (stage.repo / "sub/a.py").write_text(TEXT)
    (stage.repo / "out").symlink_to(outside)
    (stage.repo / "sub/link.py").symlink_to(outside / "x.py")
    await stage.says(head, problem(1, path=path))
    inside = path in ("a.py", "sub/a.py")
    assert (stage.board.files("w") == (str(stage.repo / path),)) is inside
    [listed], _ = await stage.board.everything("w")
    assert inside or listed.placement is Placement.UNPLACED


def test_a_report_of_before_commits_were_known_is_still_read() -> None:
    old = msgspec.json.decode(b'{"problems":[],"failures":[],"stats":{"bytes":1,"lines":1,"seconds":0.1}}', type=Report)
    assert old.commit is None
