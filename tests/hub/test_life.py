"""The hub's life, seen from outside: the real program, many processes."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from factory_ls.hub import rendezvous
from tests.hub.support import PROGRAM, Editor, alive, call, environment, run, until


def hub_file(env: dict[str, str]) -> dict[str, Any]:
    path = Path(env["BASE_DIR"], "hub.json")
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        return {}


def opened(env: dict[str, str]) -> list[str]:
    return Path(env["BASE_DIR"], "opened").read_text().split()


async def test_many_who_start_at_once_share_one_hub(env: dict[str, str]) -> None:
    editors = await asyncio.gather(*(Editor.start(env) for _ in range(6)))
    try:
        await asyncio.gather(*(editor.initialize() for editor in editors))
        answers = await asyncio.gather(*(editor.execute("factory.hub.status") for editor in editors))
        assert len({answer["result"]["pid"] for answer in answers}) == 1
        assert answers[0]["result"]["editors"] == 6
        await editors[0].execute("fake.echo")
        assert len(opened(env)) == 1
    finally:
        for editor in editors:
            await editor.__aexit__()


async def test_the_forwarder_imports_little(env: dict[str, str]) -> None:
    """What it must not import, it does not: seen in the process that has served an editor."""
    async with await Editor.start(env) as first:
        await first.initialize()
        code = (
            "import sys, os; from factory_ls.hub import forward; forward.serve_stdio(os.environ); print(*sys.modules)"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        out, _ = await process.communicate()
        heavy = {"asyncio", "click", "msgspec", "pygls", "mcp", "lsprotocol", "json", "subprocess", "logging"}
        assert not heavy & set(out.decode().split())


async def test_unknown_flags_of_editors_are_accepted(env: dict[str, str]) -> None:
    async with await Editor.start(env, "--stdio", "--clientProcessId=1") as editor:
        assert "capabilities" in await editor.initialize()
        assert await editor.leave() == 0


async def test_the_hub_file(env: dict[str, str]) -> None:
    async with await Editor.start(env) as editor:
        await editor.initialize()
        found = await until(lambda: hub_file(env).get("mcpUrl") and hub_file(env))
        status = (await editor.execute("factory.hub.status"))["result"]
        assert {key: found[key] for key in ("pid", "version", "startedAt", "mcpUrl")} == {
            key: status[key] for key in ("pid", "version", "startedAt", "mcpUrl")
        }
        assert Path(env["BASE_DIR"], "hub.json").stat().st_mode & 0o777 == 0o600
        assert Path(found["socket"]).parent.stat().st_mode & 0o777 == 0o700
    code, out, _ = await run("hub", "status", "--json", env=env)
    assert (code, json.loads(out)["pid"]) == (0, found["pid"])
    assert (await run("hub", "stop", env=env))[:2] == (0, "The hub has ended.\n")
    assert hub_file(env) == {}
    assert Path(env["BASE_DIR"], "closed").exists()
    assert not alive(found["pid"])
    code, _, err = await run("hub", "status", "--json", env=env)
    assert (code, json.loads(err)["error"]["kind"]) == (1, "notFound")
    assert (await run("hub", "stop", env=env))[:2] == (0, "No hub was running.\n")


async def test_a_killed_hub_ends_its_editors_and_the_next_one_starts(env: dict[str, str]) -> None:
    async with await Editor.start(env) as editor:
        await editor.initialize()
        pid = (await editor.execute("factory.hub.status"))["result"]["pid"]
        os.kill(pid, signal.SIGKILL)
        assert await editor.ended() == 1
    async with await Editor.start(env) as editor:
        await editor.initialize()
        assert (await editor.execute("factory.hub.status"))["result"]["pid"] != pid


async def test_sigterm_to_an_editors_process_ends_that_editor_only(env: dict[str, str]) -> None:
    async with await Editor.start(env) as one, await Editor.start(env) as other:
        await one.initialize()
        await other.initialize()
        one.process.terminate()
        await one.ended()
        async with asyncio.timeout(10):
            while (await other.execute("factory.hub.status"))["result"]["editors"] != 1:
                pass


async def test_sigterm_ends_the_hub_in_order(env: dict[str, str]) -> None:
    async with await Editor.start(env) as editor:
        await editor.initialize()
        await editor.execute("fake.echo")
        pid = (await editor.execute("factory.hub.status"))["result"]["pid"]
        os.kill(pid, signal.SIGTERM)
        await editor.ended()
        await until(lambda: not alive(pid))
        assert Path(env["BASE_DIR"], "closed").read_text() == str(pid)
        assert hub_file(env) == {}


async def test_an_idle_hub_ends_and_a_busy_one_does_not(tmp_path: Path) -> None:
    env = environment(tmp_path, FACTORY_HUB_IDLE_SECONDS="0.4")
    await call(env, "fake.busy", busy=True)
    pid = (await until(lambda: hub_file(env)))["pid"]
    await asyncio.sleep(1.0)  # more than twice what an idle one lives
    assert alive(pid)
    await call(env, "fake.busy", busy=False)
    await until(lambda: not alive(pid))
    assert hub_file(env) == {}


async def greet(env: dict[str, str], version: str) -> bytes:
    def ask() -> bytes:
        connection = rendezvous.dial(rendezvous.locate(env), 5)
        assert connection is not None
        with connection:
            connection.sendall(json.dumps({"kind": "control", "version": version}).encode() + b"\n")
            return connection.recv(100)

    return await asyncio.to_thread(ask)


async def test_an_idle_older_hub_makes_way_for_a_newer_forwarder(env: dict[str, str]) -> None:
    await call(env, "fake.busy", busy=True)
    pid = (await until(lambda: hub_file(env)))["pid"]
    assert await greet(env, "99.0.0") == b"ready\n"  # not while it works
    await call(env, "fake.busy", busy=False)
    assert await greet(env, "0.0.1") == b"ready\n"  # nor for an older one
    async with await Editor.start(env) as editor:
        await editor.initialize()
        assert await greet(env, "99.0.0") == b"ready\n"  # nor with an editor connected
        await editor.leave()
    assert await greet(env, "99.0.0") == b"leaving\n"
    await until(lambda: not alive(pid))


async def test_restart(env: dict[str, str]) -> None:
    await call(env, "fake.echo")
    before = (await until(lambda: hub_file(env)))["pid"]
    code, _, err = await run("hub", "restart", env=env)
    assert code == 0, err
    after = json.loads((await run("hub", "status", "--json", env=env))[1])["pid"]
    assert after != before


async def test_the_hub_in_the_foreground(env: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(*PROGRAM, "hub", env=env, stderr=subprocess.DEVNULL)
    found = await until(lambda: hub_file(env))
    assert found["pid"] == process.pid
    code, _, err = await run("hub", env=env)
    assert (code, "already running" in err) == (1, True)
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0


async def test_bad_hellos_cost_nothing(env: dict[str, str]) -> None:
    await call(env, "fake.echo")
    place = rendezvous.locate(env)
    for line in (b"nonsense\n", b"{}\n", b'{"kind":"ftp","version":"1"}\n', b""):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(place.socket))
            connection.sendall(line)
            connection.shutdown(socket.SHUT_WR)
            assert await asyncio.to_thread(connection.recv, 10) == b""
    assert await call(env, "fake.echo", a=1) == {"a": 1}


async def test_call(env: dict[str, str]) -> None:
    assert await call(env, "fake.echo", text="é") == {"text": "é"}
    code, out, err = await run("call", "fake.refuse", env=env)
    error = json.loads(err)["error"]
    assert (code, out, error["kind"], error["hint"]) == (1, "", "rateLimited", "Wait.")
    code, _, err = await run("call", "fake.echo", "[1]", env=env)
    assert (code, "not a JSON object" in err) == (2, True)
    assert (await run("call", "fake.echo", "-", env=env, stdin=b'{"a": 1}'))[:2] == (0, '{\n  "a": 1\n}\n')


async def test_a_call_that_is_interrupted_is_cancelled(env: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(*PROGRAM, "call", "fake.hang", env=env, stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert await process.stderr.readline() == b"hanging (10 %)\n"
    process.kill()
    await process.wait()
    async with asyncio.timeout(10):
        while (await call(env, "fake.state"))["cancelled"] != ["hang"]:
            pass


async def test_without_a_hub_the_window_is_served_in_its_own_process(tmp_path: Path) -> None:
    env = environment(tmp_path, FACTORY_NO_HUB="1")
    async with await Editor.start(env) as editor:
        await editor.initialize()
        assert (
            "this window only (FACTORY_NO_HUB is set)" in (await editor.notification("window/showMessage"))["message"]
        )
        assert (await editor.execute("fake.echo", a=1))["result"] == {"a": 1}
        assert (await editor.execute("factory.hub.status"))["result"]["pid"] == editor.process.pid
        async with await Editor.start(env) as second:  # must not work on the same database
            await second.initialize()
            assert (await second.execute("fake.echo"))["error"]["data"]["kind"] == "busy"
        assert await editor.leave() == 0
    assert Path(env["BASE_DIR"], "closed").exists()


async def test_where_no_hub_can_be_the_window_is_served_all_the_same(tmp_path: Path) -> None:
    env = environment(tmp_path)
    Path(env["XDG_RUNTIME_DIR"]).rmdir()
    blocked = tmp_path / f"factory-ls-{os.geteuid()}"
    blocked.write_text("a file where the folder should be")
    async with await Editor.start(env) as editor:
        await editor.initialize()
        assert "cannot use a background hub" in (await editor.notification("window/showMessage"))["message"]
        assert (await editor.execute("fake.echo", a=1))["result"] == {"a": 1}
        editor.process.terminate()
        await editor.ended()
    assert Path(env["BASE_DIR"], "closed").exists()
