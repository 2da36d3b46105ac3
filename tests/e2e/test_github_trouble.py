"""No gh, an old one, no login, no network, a limit, a page in place of JSON: told with a hint, and nothing is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from factory_ls.demo import sample
from factory_ls.demo.github import Fault
from factory_ls.demo.scene import Scene
from tests.e2e.support import call, refused, run, until

FILES = {"basket/totals.py": sample.CHANGE[sample.BROKEN]}


@pytest.fixture
async def workspace(scene: Scene) -> dict[str, Any]:
    """Of a pull request whose checks have failed, with the problems known."""
    await scene.set_up_repository()
    made = await call(
        scene.environ, "factory.workspace.create", repoPath=str(scene.checkout),
        source={"kind": "RESUME_BRANCH", "branch": sample.BRANCH},
    )  # fmt: skip
    await until(scene.environ, lambda found: found["problems"], "factory.ci.problems", workspace=made["id"])
    return made


async def test_what_github_may_answer(scene: Scene, workspace: dict[str, Any]) -> None:
    env, ref = scene.environ, {"workspace": workspace["id"]}
    page = b"<html><title>Unicorn!</title>\x1b[31mWe had issues</html>"
    limited = {"retry-after": "3600", "content-type": "application/json"}
    known = (await call(env, "factory.ci.problems", **ref))["problems"]
    faults = {
        "corrupt": Fault(502, page, {"content-type": "text/html"}, times=1000),
        "rateLimited": Fault(403, b'{"message": "You have exceeded a secondary rate limit."}', limited, times=1000),
    }
    for kind, fault in faults.items():
        scene.github.faults = [fault]
        error = await refused(env, "factory.pr.refresh", **ref)
        assert (error["kind"], bool(error["hint"])) == (kind, True), error
        assert "\x1b" not in json.dumps(error)
        # The window says so without being asked, and what was known is still there.
        shown = await until(env, lambda w: w["warnings"], "factory.workspace.get", **ref)
        assert shown["warnings"][-1].startswith("GitHub: ")
        assert shown["pr"]["number"] == scene.pull.number
        assert (await call(env, "factory.ci.problems", **ref))["problems"] == known
        assert shown["warnings"][-1][:30] in (await run(env, "status")).out
    scene.github.faults = []
    assert (await refused(env, "factory.pr.refresh", **ref))["kind"] == "rateLimited"  # as long as GitHub said


async def test_a_gh_that_does_not_serve(scene: Scene, workspace: dict[str, Any]) -> None:
    ref = {"workspace": workspace["id"]}
    old = scene.folder / "bin" / "old-gh"
    old.write_text("#!/bin/sh\necho 'gh version 1.9.2 (2021-06-08)'\n")
    old.chmod(0o755)
    nobody = scene.folder / "nobody"
    nobody.mkdir()
    (nobody / "config.yml").write_text(f"http_unix_socket: {scene.folder}/nothing.sock\n")
    logged_out = dict.fromkeys(("GH_TOKEN", "GH_ENTERPRISE_TOKEN"), "")
    for change, kind in (
        ({"FACTORY_GH": "/nowhere/gh"}, "notInstalled"),
        ({"FACTORY_GH": str(old)}, "notInstalled"),
        (logged_out, "notLoggedIn"),
        ({"GH_TOKEN": "not-the-token"}, "notLoggedIn"),
        ({"GH_CONFIG_DIR": str(nobody)}, "network"),
    ):
        env = {**scene.environ, **change}
        assert (await run(env, "hub", "restart")).code == 0
        error = await refused(env, "factory.pr.refresh", **ref)
        assert (error["kind"], bool(error["hint"])) == (kind, True), error
        shown = await until(env, lambda w: w["warnings"], "factory.workspace.get", **ref)
        assert (shown["pr"]["number"], shown["pr"]["ciStatus"]) == (scene.pull.number, "FAILURE")
        assert len((await call(env, "factory.ci.problems", **ref))["problems"]) >= 2
        doctor = await run(env, "doctor", "--json")
        found = {one["name"]: one for one in json.loads(doctor.out)["findings"]}
        sick = [one for one in (found["gh"], found["GitHub login"]) if one["status"] != "ok"]
        assert sick
        assert all(one["hint"] for one in sick)
        assert doctor.code == (0 if kind == "network" else 1)
    # Mended, it goes on by itself.
    await run(scene.environ, "hub", "restart")
    shown = await call(scene.environ, "factory.pr.refresh", **ref)
    assert shown["number"] == scene.pull.number
    assert (await call(scene.environ, "factory.workspace.get", **ref))["warnings"] == []


async def test_a_folder_that_is_no_repository_and_a_repository_without_a_remote(stage: Scene) -> None:
    env = stage.environ
    nothing = stage.folder / "nothing"
    nothing.mkdir()
    for path in (nothing, Path("/nowhere"), stage.folder / "home/.gitconfig"):
        error = await refused(env, "factory.workspace.create", repoPath=str(path))
        assert error["kind"] in ("notFound", "invalid"), error
        assert error["hint"]
    assert (await refused(env, "factory.workspace.create", repoPath="relative"))["kind"] == "invalid"

    alone = stage.folder / "alone"
    await stage.git("init", "--quiet", "--initial-branch=main", str(alone), cwd=stage.folder)
    (alone / "a.py").write_text("a = 1\n")
    await stage.git("add", "--all", cwd=alone)
    await stage.git("commit", "--quiet", "--message", "A", cwd=alone)
    made = await call(env, "factory.workspace.create", repoPath=str(alone), name="local")
    assert (made["status"], made["pr"]) == ("READY", None)
    for command in ("factory.pr.create", "factory.pr.push", "factory.pr.refresh", "factory.pr.get"):
        error = await refused(env, command, workspace="local")
        assert error["kind"] in ("notFound", "conflict", "invalid"), (command, error)
        assert error["hint"], (command, error)
    assert (await call(env, "factory.ci.problems", workspace="local"))["problems"] == []
    ratchet = await call(env, "factory.ratchet.enable", workspace="local")
    assert ratchet["reason"]
    status = await run(env, "status")
    assert (status.code, "local" in status.out) == (0, True)
