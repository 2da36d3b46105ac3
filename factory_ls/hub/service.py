"""What the hub does for whoever is connected: the application, its commands, MCP, and word of itself.

It knows nothing of sockets and locks: the daemon and the in-process server both stand on it.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from factory_ls import __version__
from factory_ls.hub import passes
from factory_ls.hub.application import Opening, placer
from factory_ls.lsp.ports import HOST_COMMANDS, Application, Placer, Report
from factory_ls.mcp import http
from factory_ls.mcp.tokens import Tokens
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.hub import HubHealth, HubStatus
from factory_ls.model.settings import resolve

if TYPE_CHECKING:
    from factory_ls.claude.launch import McpEndpoint

log = logging.getLogger(__name__)

SCRAPER_FILE = "metrics-token"
"""In `BASE_DIR`: what Prometheus' `credentials_file` names. New with each hub; it opens `/metrics` alone."""


class Service:
    """`announce` is called when what others may want to know of this process (`mcp_url`) has changed."""

    def __init__(self, environ: Mapping[str, str], announce: Callable[[], None] = lambda: None) -> None:
        self.started_at = iso()
        self.editors = 0
        self._announce = announce
        self._environ = environ
        self._tokens = Tokens()
        self.opening = Opening(environ, endpoint=self._endpoint_of, revoke=self._revoke)
        self._endpoint: http.Endpoint | None = None
        self._sessions_dir = resolve(environ).settings.sessions_dir
        self._mcp: asyncio.Task[None] | None = None

    # --- what editors' sessions use: lsp.ports.Host

    def placer(self, base: str | None, current: str) -> Placer:
        return placer(base, current)

    async def application(self) -> Application:
        application = await self.opening.application()
        if self._mcp is None:
            self._mcp = asyncio.get_running_loop().create_task(self._serve_mcp(application))
        return application

    async def execute(self, command: str, arguments: Mapping[str, Any] | None, report: Report) -> Any:
        if command in HOST_COMMANDS:
            if arguments:
                raise FactoryError(ErrorKind.INVALID, f"{command} takes no arguments, not {', '.join(arguments)}")
            return await self.health() if command == "factory.hub.health" else self.status()
        application = await self.application()
        return await application.execute(command, arguments, report=report)

    # --- word of itself

    @property
    def mcp_url(self) -> str | None:
        return self._endpoint.url if self._endpoint is not None else None

    @property
    def busy(self) -> bool:
        """Whether work goes on that nobody need be connected for: sessions that run, ratchets that watch."""
        application = self.opening.opened
        return application is not None and application.busy

    def status(self) -> HubStatus:
        application = self.opening.opened
        running = [one for one in application.sessions() if not one.status.ended] if application else []
        return HubStatus(
            pid=os.getpid(),
            version=__version__,
            started_at=self.started_at,
            editors=self.editors,
            sessions=len(running),
            mcp_url=self.mcp_url,
            github_budget=application.github_budget() if application else (),
        )

    async def health(self) -> HubHealth:
        """Word of itself, and of all it needs: takes as long as the slowest of the programs that are asked."""
        from factory_ls.factory.doctor import examine  # noqa: PLC0415 - with the application, which few ask this before

        diagnosis = await examine(resolve(self._environ), self._environ)
        return HubHealth(**msgspec.structs.asdict(self.status()), ok=diagnosis.ok, findings=diagnosis.findings)

    # --- MCP

    async def _serve_mcp(self, application: Any) -> None:
        """Serve MCP over HTTP, once the application is open: the first editor has its answer by then."""
        settings = application.settings
        try:
            known = await self._let_in_again(application)
            self._endpoint = await http.serve(
                application,
                self._tokens,
                port=known or settings.backend_port,
                origins=settings.cors_allowed_origins,
                metrics=settings.feature_metrics,
            )
            if settings.feature_metrics:
                token = self._tokens.mint_scraper().encode()
                await asyncio.to_thread(passes.write_private, settings.base_dir / SCRAPER_FILE, token)
        except FactoryError as error:
            log.error("MCP is not served: %s", error)  # noqa: TRY400 - what to do is in its text
        except Exception:
            log.exception("MCP is not served")
        else:
            log.info("MCP is served at %s", self._endpoint.url)
            self._announce()

    async def _endpoint_of(self, workspace_id: str, session_id: str) -> "McpEndpoint | None":
        """Where a Claude session finds MCP, with a token of its own; null when it is not served."""
        from factory_ls.claude.launch import McpEndpoint  # noqa: PLC0415 - imported with the application by now

        if self._mcp is not None:
            await asyncio.wait({self._mcp})
        if self._endpoint is None:
            return None
        token = self._tokens.mint(workspace_id=workspace_id, session_id=session_id)
        issued = passes.Pass(port=self._endpoint.port, tokens=self._tokens.records(session_id))
        try:
            await asyncio.to_thread(passes.keep, self._sessions_dir / session_id, issued)
        except OSError as error:
            log.warning("session %s could not use MCP after a restart of the hub: %s", session_id, error)
        return McpEndpoint(self._endpoint.url, token)

    async def _let_in_again(self, application: Any) -> int | None:
        """Makes the tokens of sessions that outlived the last hub valid. Returns the port that they know."""
        folders = [self._sessions_dir / session.id for session in application.sessions() if not session.status.ended]
        found = await asyncio.to_thread(passes.kept, folders)
        for one in found:
            for record in one.tokens:
                self._tokens.restore(record)
        return found[-1].port if found else None

    def _revoke(self, session_id: str) -> None:
        self._tokens.revoke(session_id)
        passes.forget(self._sessions_dir / session_id)

    async def close(self) -> None:
        if self._mcp is not None:
            self._mcp.cancel()
            await asyncio.wait({self._mcp})
        if self._endpoint is not None:
            await self._endpoint.close()
        await self.opening.close()
