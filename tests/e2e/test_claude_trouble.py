"""No Claude, and a Claude that is not logged in: said with the next step, the message kept, everyone else served."""

from factory_ls.demo import sample
from factory_ls.demo.messages_api import Directives
from factory_ls.demo.scene import Scene
from tests.e2e.support import call, refused, until


async def workspace(scene: Scene, env: dict[str, str]) -> str:
    await scene.set_up_repository()
    source = {"kind": "RESUME_BRANCH", "branch": sample.BRANCH}
    made = await call(env, "factory.workspace.create", repoPath=str(scene.checkout), source=source)
    return str(made["id"])


async def test_no_claude(scene: Scene) -> None:
    env = {**scene.environ, "FACTORY_CLAUDE": "/no/such/claude"}
    made = await workspace(scene, env)
    error = await refused(env, "factory.session.start", workspace=made, prompt="hello")
    assert error["kind"] == "notInstalled"
    assert "FACTORY_CLAUDE" in error["hint"]
    [session] = await call(env, "factory.session.list", workspace=made)
    assert session["status"] == "FAILED"
    health = await call(env, "factory.hub.health")
    assert (health["ok"], health["sessions"]) == (False, 0)
    [claude] = [finding for finding in health["findings"] if finding["name"] == "claude"]
    assert claude["status"] == "missing"
    assert "FACTORY_CLAUDE" in claude["hint"]
    assert await until(env, lambda found: found["problems"], "factory.ci.problems", workspace=made)


async def test_claude_not_logged_in(scene: Scene) -> None:
    scene.model.script = Directives()
    env = {**scene.environ, "CLAUDE_CODE_MAX_RETRIES": "1"}  # else it tries ten times, for minutes
    made = await workspace(scene, env)
    session = await call(env, "factory.session.start", workspace=made, prompt="ERR 401")
    found = await until(
        env,
        lambda sessions: [one for one in sessions if "log in" in (one["error"] or "").lower()],
        "factory.session.list",
        workspace=made,
    )
    assert found[0]["id"] == session["id"]
    assert "the message is kept" in found[0]["error"]
    health = await call(env, "factory.hub.health")
    assert {finding["name"]: finding["status"] for finding in health["findings"]}["Claude's API"] == "ok"
    assert await until(env, lambda answer: answer["problems"], "factory.ci.problems", workspace=made)
