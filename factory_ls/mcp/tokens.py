"""Tokens of Claude sessions: made when a session starts, revoked when it ends, never kept as they are."""

import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from factory_ls.factory.caller import USER, Caller
from factory_ls.model.wire import Wire

PREFIX = "fls_"
"""Marks a token as ours, so that logs and secret scanners can tell."""


class TokenRecord(Wire, frozen=True, kw_only=True):
    """What may be stored of a token. `digest`: SHA-256 of the secret part, in hex; 256 random bits need no salt."""

    selector: str
    digest: str
    session_id: str
    workspace_id: str


class Tokens:
    """A token is `fls_<selector>.<secret>`: found by its public half, compared by its secret one in constant time."""

    def __init__(self) -> None:
        self._records: dict[str, TokenRecord] = {}
        self._scraper = _digest("")
        self._watching: defaultdict[str, set[Callable[[], None]]] = defaultdict(set)

    def mint(self, *, workspace_id: str, session_id: str) -> str:
        """A new token for the session. Tokens it had before keep working until `revoke`."""
        selector, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        self.restore(
            TokenRecord(selector=selector, digest=_digest(secret), session_id=session_id, workspace_id=workspace_id)
        )
        return f"{PREFIX}{selector}.{secret}"

    def mint_scraper(self) -> str:
        """A new token for a program that reads `/metrics` of all workspaces and nothing else. The last one ends."""
        secret = PREFIX + secrets.token_urlsafe(32)
        self._scraper = _digest(secret)
        return secret

    def records(self, session_id: str) -> tuple[TokenRecord, ...]:
        """To be stored, so that a Claude that outlives the hub can be let in by the next one."""
        return tuple(record for record in self._records.values() if record.session_id == session_id)

    def restore(self, record: TokenRecord) -> None:
        self._records[record.selector] = record

    def revoke(self, session_id: str) -> None:
        for record in self.records(session_id):
            del self._records[record.selector]
        for end in tuple(self._watching.pop(session_id, ())):
            end()

    @contextmanager
    def in_use(self, session_id: str | None, end: Callable[[], None]) -> Iterator[None]:
        """While something is answered to the session: `end` is called when its tokens are revoked."""
        if session_id is None:
            yield
            return
        self._watching[session_id].add(end)
        try:
            yield
        finally:
            left = self._watching.get(session_id, set())
            left.discard(end)
            if not left:
                self._watching.pop(session_id, None)

    def caller(self, token: str) -> Caller | None:
        """Whose token it is; None for a forged, malformed or revoked one."""
        selector, _, secret = token.removeprefix(PREFIX).partition(".")
        record = self._records.get(selector)
        # An unknown selector costs the same as a wrong secret.
        right = hmac.compare_digest(_digest(secret), record.digest if record else _digest(""))
        if record is None or not right or not token.startswith(PREFIX):
            return None
        return Caller(kind="session", session_id=record.session_id, workspace_id=record.workspace_id)

    def scraper(self, token: str) -> Caller | None:
        """Whose metrics the token opens: everybody's to the scraper, its own to a session, None to others."""
        if token and hmac.compare_digest(_digest(token), self._scraper):
            return USER
        return self.caller(token)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
