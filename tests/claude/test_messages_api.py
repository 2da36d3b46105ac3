import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from factory_ls.demo.messages_api import MessagesApi, Reply, Request, Text, Tool, say


def post(api: MessagesApi, text: str, *, stream: bool, path: str = "/v1/messages") -> tuple[int, bytes]:
    body = {
        "model": "m",
        "stream": stream,
        "tools": [{"name": "Bash"}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": text}]}],
    }
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=5)
    connection.request("POST", path, json.dumps(body))
    response = connection.getresponse()
    try:
        return response.status, response.read()
    finally:
        connection.close()


def events(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in data.decode().splitlines() if line.startswith("data: ")]


def test_a_stream_has_the_order_of_the_real_one(api: MessagesApi) -> None:
    status, data = post(api, "BASH ls -l", stream=True)
    assert status == 200
    seen = events(data)
    assert [event["type"] for event in seen if event["type"] != "content_block_delta"] == [
        "message_start",
        "content_block_start",
        "content_block_stop",
        "content_block_start",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    parts = [event["delta"].get("partial_json", "") for event in seen if event["type"] == "content_block_delta"]
    assert json.loads("".join(parts))["command"] == "ls -l"
    assert seen[-2]["delta"]["stop_reason"] == "tool_use"


def test_whole_and_streamed_replies_say_the_same(api: MessagesApi) -> None:
    whole = json.loads(post(api, "SAY one two  three", stream=False)[1])
    streamed = events(post(api, "SAY one two  three", stream=True)[1])
    text = "".join(event["delta"].get("text", "") for event in streamed if event["type"] == "content_block_delta")
    assert whole["content"][0]["text"] == text == "one two  three"


def test_big_replies_are_whole(api: MessagesApi) -> None:
    streamed = events(post(api, "BIG 3000000", stream=True)[1])
    assert sum(len(event.get("delta", {}).get("text", "")) for event in streamed) == 3000000


@pytest.mark.parametrize("stream", [True, False])
def test_errors_and_recovery(api: MessagesApi, stream: bool) -> None:
    assert [post(api, "ERR 529x2", stream=stream)[0] for _ in range(3)] == [529, 529, 200]
    assert json.loads(post(api, "ERR 401", stream=stream)[1])["error"]["type"] == "authentication_error"
    assert post(api, "LIMIT", stream=stream)[0] == 429
    assert post(api, "SAY x", stream=stream, path="/v1/nothing")[0] == 404


@pytest.mark.parametrize("stream", [True, False])
def test_a_cut_is_an_error_to_the_reader(api: MessagesApi, stream: bool) -> None:
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        post(api, "CUT", stream=stream)


def test_a_hang_ends_with_the_server() -> None:
    with MessagesApi(lambda _: Reply(hang=True)) as api:
        host, port = urlsplit(api.url).netloc.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=0.2)
        connection.request("POST", "/v1/messages", json.dumps({"stream": True, "messages": []}))
        with pytest.raises(TimeoutError):
            connection.getresponse().read()


def test_a_script_sees_the_request() -> None:
    def script(request: Request) -> Reply:
        if request.tool_results:
            return say("done")
        return Reply(blocks=(Text(f"{request.text} with {request.tools}"), Tool("Bash", {"command": "x"})))

    with MessagesApi(script) as api:
        reply = json.loads(post(api, "go", stream=False)[1])
        assert reply["content"][0]["text"] == "go with ['Bash']"
        assert reply["stop_reason"] == "tool_use"
        assert api.requests[0].text == "go"
