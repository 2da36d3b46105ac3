"""The life of a diagnostic as an editor sees it, from the failing check to green: never a stale red line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from factory_ls.demo import sample
from factory_ls.demo.lsp_client import LspClient
from factory_ls.demo.scene import Scene, server
from factory_ls.demo.story import stop_hub

ERROR, HINT = 1, 4
FIXED_LINT = sample.CHANGE[sample.BROKEN].replace("import math\n", "")


@asynccontextmanager
async def on_stage(scene: Scene) -> AsyncIterator[tuple[LspClient, Path]]:
    """An editor on the worktree of the failing branch, which it was given its diagnostics for."""
    await scene.set_up_repository()
    async with LspClient(server(), scene.environ, scene.checkout) as user:
        source = {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}
        made = await user.command("factory.workspace.create", repoPath=str(scene.checkout), source=source)
    worktree = Path(made["path"])
    async with LspClient(server(), scene.environ, worktree) as editor:
        await shows(editor, worktree / sample.BROKEN, 2, "the diagnostics of a file that is not open")
        yield editor, worktree


async def shows(editor: LspClient, file: Path, count: int, what: str) -> list[dict[str, Any]]:
    await editor.until(lambda: len(editor.diagnostics.get(file.as_uri(), [])) == count, what)
    return sorted(editor.diagnostics.get(file.as_uri(), []), key=lambda one: one["range"]["start"]["line"])


def texts(file: Path, diagnostics: list[dict[str, Any]]) -> list[str]:
    """The lines they stand at, as the file on disk has them."""
    lines = file.read_text().splitlines()
    return [lines[one["range"]["start"]["line"]].strip() for one in diagnostics]


async def test_typing_in_the_line_makes_a_hint_of_it_and_deleting_it_removes_it(stage: Scene) -> None:
    async with on_stage(stage) as (editor, worktree):
        file = worktree / sample.BROKEN
        editor.open(file, "python")
        line = next(n for n, text in enumerate(file.read_text().splitlines()) if text == "import math")
        editor.type(file, 2, line, "import maths\n", until=line + 1)
        await editor.until(lambda: severities(editor, file) == {ERROR, HINT}, "the hint")
        [hint] = [one for one in editor.diagnostics[file.as_uri()] if one["severity"] == HINT]
        assert (hint["range"]["start"]["line"], "edited since CI" in hint["message"]) == (line, True)
        editor.type(file, 3, line, "", until=line + 1)
        await shows(editor, file, 1, "the deleted line's diagnostic to go")
        listed = await editor.command("factory.ci.problems", workspace=str(worktree))
        assert (len(listed["problems"]), listed["gone"]) == (1, 1)
        editor.type(file, 4, line, "import math\n")
        again = await shows(editor, file, 2, "both, as the line is back")
        assert {one["severity"] for one in again} == {ERROR}


def severities(editor: LspClient, file: Path) -> set[int]:
    return {one["severity"] for one in editor.diagnostics.get(file.as_uri(), [])}


async def test_what_happens_on_disk_is_followed(stage: Scene) -> None:
    """An agent's edit, another branch in a terminal, a renamed file: no editor tells of any of these."""
    async with on_stage(stage) as (editor, worktree):
        file = worktree / sample.BROKEN
        before = await shows(editor, file, 2, "diagnostics")
        marked = texts(file, before)
        file.write_text("# one\n# two\n" + file.read_text())
        await editor.until(lambda: first_line(editor, file) == before[0]["range"]["start"]["line"] + 2, "moved lines")
        assert texts(file, await shows(editor, file, 2, "both")) == marked

        await stage.git("checkout", "--quiet", "--", ".", cwd=worktree)
        await stage.git("checkout", "--quiet", "-b", "other", cwd=worktree)
        await shows(editor, file, 0, "nothing on another branch")
        await stage.git("checkout", "--quiet", sample.BRANCH, cwd=worktree)
        await shows(editor, file, 2, "everything on the branch again")

        renamed = file.with_name("sums.py")
        file.rename(renamed)
        assert texts(renamed, await shows(editor, renamed, 2, "diagnostics at the new name")) == marked
        await shows(editor, file, 0, "none at the old name")
        renamed.rename(file)
        await shows(editor, file, 2, "diagnostics at the old name again")
        file.unlink()
        await shows(editor, file, 0, "none without the file")


def first_line(editor: LspClient, file: Path) -> int:
    return min((one["range"]["start"]["line"] for one in editor.diagnostics.get(file.as_uri(), [])), default=-1)


async def test_a_push_turns_them_to_hints_until_ci_has_spoken(scene: Scene) -> None:
    """Half of a fix, pushed from a terminal: everything waits, then the one check is green and the other red anew."""
    async with on_stage(scene) as (editor, worktree):
        file = worktree / sample.BROKEN
        file.write_text(FIXED_LINT)
        await scene.git("commit", "--quiet", "--all", "--message", "Half of it", cwd=worktree)
        [left] = await shows(editor, file, 1, "the fixed line's diagnostic to go with the line")
        assert (left["severity"], left["source"]) == (ERROR, "ci · pytest")
        seen = len(editor.notifications)
        await scene.git("push", "--quiet", cwd=worktree)
        await editor.until(lambda: hint_was_shown(editor, file, seen), "the hint")
        await scene.github.idle()
        await editor.until(lambda: severities(editor, file) == {ERROR}, "what the new attempt says")
        [now] = editor.diagnostics[file.as_uri()]
        assert "waiting for CI" not in now["message"]
        assert texts(file, [now]) == texts(file, [left])

        file.write_text(FIXED_LINT.replace("len(prices))", "len(prices)) if prices else 0"))
        await scene.git("commit", "--quiet", "--all", "--message", "The other half", cwd=worktree)
        await scene.git("push", "--quiet", cwd=worktree)
        await shows(editor, file, 0, "nothing, as every check passes")


def hint_was_shown(editor: LspClient, file: Path, since: int) -> bool:
    sent = [
        p for m, p in editor.notifications[since:] if m.endswith("publishDiagnostics") and p["uri"] == file.as_uri()
    ]
    return any(
        one["severity"] == HINT and one["message"].startswith("fix pushed, waiting for CI")
        for params in sent
        for one in params["diagnostics"]
    )


async def test_a_pull_request_merged_while_nobody_watched_leaves_nothing_red(stage: Scene) -> None:
    async with on_stage(stage) as (_, worktree):
        pass
    await stop_hub(stage)
    async with LspClient(server(), stage.environ, worktree) as editor:
        await shows(editor, worktree / sample.BROKEN, 2, "what was known, after a restart")
    await stop_hub(stage)
    stage.pull.state = "MERGED"
    async with LspClient(server(), stage.environ, worktree) as editor:
        await editor.command("factory.pr.refresh", workspace=str(worktree))
        listed = await editor.command("factory.ci.problems", workspace=str(worktree))
        assert listed["problems"] == []
        await shows(editor, worktree / sample.BROKEN, 0, "nothing")


async def test_somebody_elses_push_is_placed_in_the_worktree_that_is_behind(scene: Scene) -> None:
    """The checked commit is not here: it is fetched, and its lines are found in the older text."""
    async with on_stage(scene) as (editor, worktree):
        file = worktree / sample.BROKEN
        marked = texts(file, await shows(editor, file, 2, "diagnostics"))
        theirs = scene.folder / "theirs"
        address = f"git@github.com:{scene.repository.full_name}.git"
        await scene.git("clone", "--quiet", "--branch", sample.BRANCH, address, str(theirs), cwd=scene.folder)
        text = "# by\n# somebody\n# else\n" + (theirs / sample.BROKEN).read_text()
        (theirs / sample.BROKEN).write_text(text)
        await scene.git("commit", "--quiet", "--all", "--message", "Theirs", cwd=theirs)
        await scene.git("push", "--quiet", cwd=theirs)
        await scene.github.idle()
        pushed = scene.pull.head_sha
        await editor.command("factory.pr.refresh", workspace=str(worktree))
        pr = await editor.command("factory.pr.get", workspace=str(worktree))
        assert pr["headSha"] == pushed
        await editor.until(lambda: severities(editor, file) == {ERROR}, "the new report")
        assert texts(file, await shows(editor, file, 2, "diagnostics")) == marked
