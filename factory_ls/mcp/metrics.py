"""`/metrics` in Prometheus' text format, of what the caller may see. Served when `FEATURE_METRICS` is on.

`prometheus-client` is imported here only, and when it is needed.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from factory_ls.mcp.application import Application
from factory_ls.mcp.lazy import load
from factory_ls.mcp.scope import PEER_KEY
from factory_ls.mcp.tool import Call
from factory_ls.model.workspace import Workspace


async def endpoint_of(application: Application) -> ASGIApp:
    """What answers at `/metrics`; without prometheus-client it says what to install."""
    try:
        client: Any = await load("prometheus_client")
        core: Any = await load("prometheus_client.core")
    except ImportError:
        return _missing

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method != "GET":
            await PlainTextResponse("Method not allowed", 405, {"Allow": "GET"})(scope, receive, send)
            return
        workspaces = Call.of(application, scope[PEER_KEY]).reachable()
        registry = client.CollectorRegistry()
        registry.register(_Collector(core, workspaces))
        client.ProcessCollector(registry=registry)
        text = await asyncio.to_thread(client.generate_latest, registry)
        await Response(text, media_type=client.CONTENT_TYPE_LATEST)(scope, receive, send)

    return answer


async def _missing(scope: Scope, receive: Receive, send: Send) -> None:
    said = "FEATURE_METRICS needs prometheus-client: pip install 'factory-ls[metrics]'"
    await PlainTextResponse(said, 501)(scope, receive, send)


class _Collector:
    """Read from the state at each scrape: nothing is counted that could drift from it."""

    def __init__(self, core: Any, workspaces: Iterable[Workspace]) -> None:
        self._core = core
        self._workspaces = list(workspaces)

    def collect(self) -> Iterator[Any]:
        sessions = [session for workspace in self._workspaces for session in workspace.sessions]
        ratchets = [workspace.ratchet for workspace in self._workspaces if workspace.ratchet.enabled]
        pulls = [workspace.pr for workspace in self._workspaces if workspace.pr]
        yield self._gauge("workspaces", "Workspaces", "status", Counter(w.status for w in self._workspaces))
        yield self._gauge("sessions", "Claude sessions", "status", Counter(s.status for s in sessions))
        yield self._gauge("pull_requests", "Pull requests", "ci_status", Counter(pr.ci_status for pr in pulls))
        yield self._gauge("ratchets", "Ratchets that are on", "state", Counter(r.state for r in ratchets))
        stalled = self._core.GaugeMetricFamily("factory_ratchets_stalled", "Ratchets that wait for a person")
        stalled.add_metric([], sum(r.stalled for r in ratchets))
        yield stalled
        cost = self._core.CounterMetricFamily("factory_cost_usd", "What Claude sessions have cost, in US dollars")
        cost.add_metric([], sum(session.cost_usd for session in sessions))
        yield cost

    def _gauge(self, name: str, text: str, label: str, counts: Counter[str]) -> Any:
        family = self._core.GaugeMetricFamily(f"factory_{name}", text, labels=[label])
        for value, count in sorted(counts.items()):
            family.add_metric([str(value)], count)
        return family
