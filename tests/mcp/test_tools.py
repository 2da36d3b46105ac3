"""Every tool through the official Python client, over HTTP in both protocol eras and over stdio."""

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from factory_ls.mcp.tools.catalogue import TOOLS
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Placement, Problem
from tests.mcp.conftest import BRIDGE, Served
from tests.mcp.fake import ARGUMENTS, FakeFactory

Open = Callable[[str], AbstractAsyncContextManager[Client]]


@pytest.fixture(params=["http modern", "http legacy", "stdio modern", "stdio legacy"])
def open_client(request: pytest.FixtureRequest, served: Served, socket_path: str) -> Open:
    transport, era = request.param.split()
    mode: Any = "auto" if era == "modern" else "legacy"

    @asynccontextmanager
    async def client(_: str = "") -> AsyncIterator[Client]:
        if transport == "http":
            async with (
                served.http() as http,
                Client(streamable_http_client(served.endpoint.url, http_client=http), mode=mode) as opened,
            ):
                yield opened
        else:
            parameters = StdioServerParameters(command=sys.executable, args=["-c", BRIDGE, socket_path])
            async with Client(parameters, mode=mode) as opened:
                yield opened

    return client


@pytest.fixture
def call(served: Served) -> Callable[..., Awaitable[Any]]:
    """Calls a tool as session s1 of ws-a."""

    async def run(tool: str, /, **arguments: Any) -> Any:
        async with (
            served.http() as http,
            Client(streamable_http_client(served.endpoint.url, http_client=http)) as client,
        ):
            return await client.call_tool(tool, arguments)

    return run


def text(result: Any) -> str:
    (block,) = result.content
    return str(block.text)


async def test_every_transport_and_era_lists_and_calls_every_tool(open_client: Open) -> None:
    async with open_client("") as client:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == list(TOOLS)
        for tool in listed:
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint is tool.name.startswith(("list_", "get_"))
            assert tool.description
            if tool.name == "send_message":
                continue  # a session of the fake has nobody to write to
            # The client checks the answer against the output schema.
            result = await client.call_tool(tool.name, ARGUMENTS.get(tool.name, {}))
            assert not result.is_error, text(result)
            assert result.structured_content
            assert "ws-a" in text(result) or tool.name not in ("list_workspaces", "get_workspace")


async def test_the_catalogue_costs_few_tokens() -> None:
    declared = [{k: v for k, v in tool.declaration().items() if k != "outputSchema"} for tool in TOOLS.values()]
    assert len(json.dumps(declared)) / 4 < 250 * len(TOOLS)


async def test_problems_are_ranked_folded_and_told_twice(call: Callable[..., Awaitable[Any]]) -> None:
    result = await call("list_problems")
    answer = result.structured_content
    assert answer["total"] == 2
    first, second = answer["problems"]
    assert first["id"] == "p1"
    assert (first["path"], first["line"], first["column"]) == ("src/calc.py", 3, 12)
    assert second["times"] == 3
    assert second["moreLines"] == [20, 30]
    assert answer["failures"][0]["message"] == "image not found"
    shown = text(result)
    assert "src/calc.py:3:12 error pytest: tests/test_calc.py::test_add: assert add(2, 2) == 4" in shown
    assert "src/calc.py:10 warning ruff E501: line too long (also at 20, 30) [w10]" in shown
    assert "CI FAILURE at 0123456789ab: 4 problems, 2 distinct, in 1 files" in shown
    assert "2 more on lines that were deleted since" in shown


async def test_filters(call: Callable[..., Awaitable[Any]]) -> None:
    async def ids(**arguments: str) -> list[str]:
        result = await call("list_problems", **arguments)
        return [row["id"] for row in result.structured_content.get("problems", [])]

    assert await ids(check="lint") == ["w10"]
    assert await ids(tool="pytest") == ["p1"]
    assert await ids(path="src") == ["p1", "w10"]
    assert await ids(path="sr") == []


def many(count: int) -> list[Problem]:
    return [
        Problem(
            id=f"id{number:06}",
            path=f"packages/module_{number % 50}/source/file_{number}.py",
            line=number,
            column=5,
            tool="mypy",
            code="arg-type",
            message=f'Argument {number} to "f" has incompatible type "str"; expected "int" ' * 3,
            placement=Placement.MOVED,
        )
        for number in range(count)
    ]


async def test_pages_are_small_and_lose_nothing(call: Callable[..., Awaitable[Any]], factory: FakeFactory) -> None:
    factory.set_problems(many(100))
    seen: list[str] = []
    cursor = None
    while True:
        result = await call("list_problems", **({"cursor": cursor} if cursor else {}))
        answer = result.structured_content
        assert (len(text(result)) + len(json.dumps(answer))) / 4 <= 1_500
        seen += [row["id"] for row in answer["problems"]]
        if (cursor := answer.get("next")) is None:
            break
        assert cursor in text(result)
    assert seen == [f"id{number:06}" for number in range(100)]


async def test_a_page_of_another_list_is_refused(call: Callable[..., Awaitable[Any]], factory: FakeFactory) -> None:
    factory.set_problems(many(100))
    cursor = (await call("list_problems")).structured_content["next"]
    factory.set_problems(many(99))
    for wrong in (cursor, "", "x", "-1.", "9" * 30):
        result = await call("list_problems", cursor=wrong)
        assert result.is_error
        assert text(result) == "The problems are other ones now. (Call list_problems again without `cursor`.)"


async def test_a_huge_problem_still_fits(call: Callable[..., Awaitable[Any]], factory: FakeFactory) -> None:
    factory.set_problems([Problem(id="x", path="a.py", line=1, tool="t", message="m" * 10**6, excerpt="e" * 10**6)])
    result = await call("list_problems")
    assert (len(text(result)) + len(json.dumps(result.structured_content))) / 4 <= 1_500
    detail = await call("get_problem", problem="x")
    assert len(text(detail)) < 12_000
    assert "characters left out" in detail.structured_content["excerpt"]


async def test_get_problem_says_all(call: Callable[..., Awaitable[Any]]) -> None:
    result = await call("get_problem", problem="p1")
    assert result.structured_content["command"] == "pytest -q"
    shown = text(result)
    assert "In test / Run pytest, log line 8" in shown
    assert "Command: pytest -q" in shown
    assert "E  assert 5 == 4" in shown
    missing = await call("get_problem", problem="nope")
    assert missing.is_error
    assert "list_problems has those there are now" in text(missing)


async def test_pull_request_names_what_is_not_green(call: Callable[..., Awaitable[Any]]) -> None:
    answer = (await call("get_pull_request")).structured_content
    assert [check["name"] for check in answer["checks"]] == ["test", "slow"]
    assert (answer["passed"], answer["ciStatus"], answer["state"]) == (1, "FAILURE", "OPEN")


async def test_log_parts(call: Callable[..., Awaitable[Any]]) -> None:
    async def lines(**arguments: Any) -> str:
        result = await call("get_check_log", **arguments)
        assert not result.is_error, text(result)
        return str(result.structured_content["text"])

    assert await lines(problem="p1", lines=1) == "8: E   assert 5 == 4"
    assert await lines(lines=2) == "8: E   assert 5 == 4\n9: ##[error]Process completed with exit code 1."
    assert await lines(search="DEF TEST") == "7:     def test_add():"
    assert (await lines(step="pytest", lines=2)).startswith("3: ##[group]Run pytest -q\n4: shell: bash")
    assert await lines(search="nothing like it") == ""


async def test_log_cursors_go_on_and_refuse_another_log(
    call: Callable[..., Awaitable[Any]], factory: FakeFactory
) -> None:
    first = (await call("get_check_log", step="pytest", lines=2)).structured_content
    second = (await call("get_check_log", step="pytest", lines=2, cursor=first["next"])).structured_content
    assert second["text"].startswith("5: ##[endgroup]")
    earlier = (await call("get_check_log", lines=2)).structured_content
    before = (await call("get_check_log", lines=2, cursor=earlier["next"])).structured_content
    assert before["text"].startswith("6: ")
    factory.log += "one more line\n"
    result = await call("get_check_log", step="pytest", lines=2, cursor=first["next"])
    assert result.is_error
    assert "another one" in text(result)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("get_check_log", {"lines": 401}, "`$.lines`"),
        ("get_check_log", {"lines": "ten"}, "`$.lines`"),
        ("get_check_log", {"problem": "p1", "step": "x"}, "Give one of"),
        ("get_check_log", {"problem": "w10"}, "Use `search`"),
        ("get_check_log", {"step": "deploy"}, "Its steps: Run actions/checkout@v4; Run pytest -q."),
        ("get_problem", {}, "`problem`"),
        ("list_problems", {"nope\x1b[31m": 1}, "nope"),
        ("list_problems", {"workspace": {"a": 1}}, "`$.workspace`"),
    ],
)
async def test_bad_arguments_say_what_is_wrong(
    call: Callable[..., Awaitable[Any]], tool: str, arguments: dict[str, Any], said: str
) -> None:
    result = await call(tool, **arguments)
    assert result.is_error
    assert said in text(result)
    assert text(result).isprintable()


async def test_an_unknown_tool_is_a_protocol_error(served: Served) -> None:
    async with (
        served.http() as http,
        Client(streamable_http_client(served.endpoint.url, http_client=http)) as client,
    ):
        with pytest.raises(MCPError, match="Unknown tool: rm"):
            await client.call_tool("rm\x1b[31m", {})


async def test_errors_have_message_and_hint_and_bugs_no_traceback(
    call: Callable[..., Awaitable[Any]], factory: FakeFactory
) -> None:
    factory.failure = FactoryError(ErrorKind.RATE_LIMITED, "GitHub says wait.", "Try at 12:00.")
    assert text(await call("list_problems")) == "GitHub says wait. (Try at 12:00.)"
    factory.failure = RuntimeError("secret path /home/u")
    result = await call("list_problems")
    assert result.is_error
    assert text(result) == "list_problems failed inside the factory. (The hub's log has why.)"


@pytest.mark.parametrize("tool", list(TOOLS))
async def test_no_escape_reaches_a_client(call: Callable[..., Awaitable[Any]], tool: str) -> None:
    result = await call(tool, **ARGUMENTS.get(tool, {}))
    everything = text(result) + json.dumps(result.structured_content, ensure_ascii=False)
    assert not set(everything) & set("\x1b\x07\x9b\u202e\r")
    assert "title" not in everything or tool == "get_pull_request"


FOREIGN = (
    *("ws-b", "beta", "/worktrees/beta", "/worktrees/beta/src", "ws-none", "", "ws-a/../ws-b", "../ws-b"),
    *("file:///worktrees/beta", "~", "\x00", "--help", "ws-a\n", "%2e%2e/ws-b"),
)


@pytest.mark.parametrize("tool", sorted(set(TOOLS) - {"list_workspaces", "send_message"}))
async def test_a_session_reaches_no_other_workspace(
    call: Callable[..., Awaitable[Any]], factory: FakeFactory, tool: str
) -> None:
    for ref in FOREIGN:
        result = await call(tool, **{**ARGUMENTS.get(tool, {}), "workspace": ref})
        assert result.is_error
        assert text(result).startswith("This session may only use its own workspace and those it made.")
    assert factory.calls == []


@pytest.mark.parametrize("tool", sorted(set(TOOLS) - {"list_workspaces", "send_message"}))
async def test_a_session_reaches_the_workspaces_it_made(
    call: Callable[..., Awaitable[Any]], factory: FakeFactory, tool: str
) -> None:
    factory.children = frozenset({"ws-b"})
    result = await call(tool, **{**ARGUMENTS.get(tool, {}), "workspace": "beta"})
    assert not result.is_error, text(result)


async def test_a_session_sees_its_own_workspace_by_any_name(call: Callable[..., Awaitable[Any]]) -> None:
    assert [w["id"] for w in (await call("list_workspaces")).structured_content["workspaces"]] == ["ws-a"]
    for ref in ("ws-a", "alpha", "/worktrees/alpha", "/worktrees/alpha/src"):
        assert (await call("get_workspace", workspace=ref)).structured_content["id"] == "ws-a"


async def test_commands_run_with_the_sessions_rights(call: Callable[..., Awaitable[Any]], factory: FakeFactory) -> None:
    await call("list_problems")
    (_, arguments, caller) = factory.calls[0]
    assert arguments == {"workspace": "ws-a"}
    assert (caller.kind, caller.session_id, caller.workspace_id) == ("session", "s1", "ws-a")


async def test_the_users_bridge_reaches_all_and_knows_its_folder(factory: FakeFactory, socket_path: str) -> None:
    parameters = StdioServerParameters(command=sys.executable, args=["-c", BRIDGE, socket_path])
    async with Client(parameters) as client:
        own = await client.call_tool("get_workspace", {})
        assert own.structured_content is not None
        assert own.structured_content["id"] == "ws-a"
        other = await client.call_tool("get_workspace", {"workspace": "beta"})
        assert other.structured_content is not None
        assert other.structured_content["id"] == "ws-b"
        await client.call_tool("list_problems", {"workspace": "ws-b"})
    assert factory.calls[-1][2].kind == "user"
