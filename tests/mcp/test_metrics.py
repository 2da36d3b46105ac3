"""`/metrics`: behind the same door, and only of what the token reaches."""

from collections.abc import AsyncIterator

import pytest

from factory_ls.mcp import metrics
from factory_ls.mcp.http import serve
from tests.mcp.conftest import Served


@pytest.fixture
async def url(served: Served) -> AsyncIterator[str]:
    endpoint = await serve(served.factory, served.tokens, port=0, metrics=True)
    yield f"http://127.0.0.1:{endpoint.port}/metrics"
    await endpoint.close()


async def test_prometheus_reads_what_the_token_reaches(served: Served, url: str) -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    async with served.http() as http:
        answer = await http.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        samples = {
            (sample.name, *sample.labels.values()): sample.value
            for family in parser.text_string_to_metric_families(answer.text)
            for sample in family.samples
        }
        assert (await http.post(url)).status_code == 405
    # One workspace of the two, and its session.
    assert samples["factory_workspaces", "READY"] == 1
    assert samples["factory_sessions", "RUNNING"] == 1
    assert samples["factory_pull_requests", "FAILURE"] == 1
    assert samples["factory_ratchets", "CI_FAILED"] == 1
    assert samples["factory_cost_usd_total",] == 0
    assert "beta" not in answer.text


async def test_the_door_is_the_same(served: Served, url: str) -> None:
    async with served.http("fls_0000000000000000.forged") as http:
        assert (await http.get(url)).status_code == 401
    async with served.http() as http:
        assert (await http.get(url, headers={"Host": "evil.example"})).status_code == 421
        assert (await http.get(url, headers={"Origin": "https://evil.example"})).status_code == 403
        assert (await http.get(served.endpoint.url.replace("/mcp", "/metrics"))).status_code == 404


async def test_without_the_library_it_says_what_to_install(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(metrics, "load", missing)
    endpoint = await serve(served.factory, served.tokens, port=0, metrics=True)
    try:
        async with served.http() as http:
            answer = await http.get(f"http://127.0.0.1:{endpoint.port}/metrics")
        assert answer.status_code == 501
        assert "pip install" in answer.text
    finally:
        await endpoint.close()


async def test_a_scraper_reads_all_of_it_and_nothing_else(served: Served, url: str) -> None:
    old, token = served.tokens.mint_scraper(), served.tokens.mint_scraper()
    async with served.http(token) as http:
        answer = await http.get(url)
        assert 'factory_workspaces{status="READY"} 2.0' in answer.text
        endpoint = url.replace("/metrics", "/mcp")
        assert (await http.post(endpoint, json={"jsonrpc": "2.0", "id": 1, "method": "ping"})).status_code == 401
    async with served.http(old) as http:
        assert (await http.get(url)).status_code == 401
