"""What `gh api --include` printed, and which error it is. Pure.

Errors are told apart by exit code, HTTP status and headers, never by words, with one exception: a secondary rate limit
without `retry-after` is known only by the link in its body (GitHub's REST documentation, "Rate limits").
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec

from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError

T = TypeVar("T")

NOT_LOGGED_IN_EXIT = 4
"""`gh help exit-codes`: a command that needs authentication was run without it."""
_SECONDARY_LIMIT_WAIT = timedelta(minutes=1)
"""What GitHub asks for when it names no time."""

_STATUS_LINE = re.compile(rb"HTTP/[\d.]+ (\d{3})[^\n]*\r?\n")
_SECRET = re.compile(r"\b(?:gh[a-z]_|github_pat_)\w+|(?<=://)[^/\s@]+@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Answer(NamedTuple):
    """One HTTP answer. Header names are lower case; `body` is as sent, empty for 204 and 304."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")

    @property
    def next_page(self) -> bool:
        """Whether a list goes on (the `link` header, RFC 8288)."""
        return 'rel="next"' in self.headers.get("link", "")

    def json(self, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise not_json(self.status, str(error)) from None


def parse(stdout: bytes, apart: bytes | None = None) -> Answer | None:
    """`gh api --include` prints the status line, the headers, an empty line, the body. None: no answer arrived.

    With the body `apart`, `stdout` ends with the empty line.
    """
    match = _STATUS_LINE.match(stdout)
    if not match:
        return None
    rest = stdout[match.end() :]
    head, _, body = (b"", b"", rest[2:]) if rest.startswith(b"\r\n") else rest.partition(b"\r\n\r\n")
    pairs = (line.partition(":") for line in head.decode("latin-1").splitlines())
    return Answer(
        int(match[1]),
        {name.strip().lower(): value.strip() for name, _, value in pairs},
        body if apart is None else apart,
    )


def clean(text: str, limit: int = 200) -> str:
    """One line that may be shown: no control characters, no tokens, at most `limit` characters."""
    line = _CONTROL.sub(" ", _SECRET.sub("***", text)).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def not_json(status: int, detail: str) -> FactoryError:
    return FactoryError(
        ErrorKind.CORRUPT,
        f"GitHub's answer (HTTP {status}) is not the JSON it should be: {clean(detail) or 'it is empty'}",
        "A proxy or an outage may have put a page of its own in place of it; see githubstatus.com, then try again.",
    )


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return value if isinstance(value, dict) else None


def _retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    after, remaining, reset = (
        headers.get(k, "") for k in ("retry-after", "x-ratelimit-remaining", "x-ratelimit-reset")
    )
    if after.isdecimal() and len(after) < 7:
        return now + timedelta(seconds=int(after))
    if remaining == "0" and reset.isdecimal() and len(reset) < 12:
        return max(datetime.fromtimestamp(int(reset), UTC), now)
    return None


def rate_limited(host: str, headers: Mapping[str, str], now: datetime) -> FactoryError:
    at = iso(_retry_at(headers, now) or now + _SECONDARY_LIMIT_WAIT)
    return FactoryError(
        ErrorKind.RATE_LIMITED,
        f"{host} limits our requests until {at}.",
        "It is asked again then. Other programs that poll with the same login spend the same budget.",
        retry_at=at,
    )


def http_error(host: str, answer: Answer, now: datetime) -> FactoryError | None:
    """The error an answer stands for; None for success and for 304."""
    status, headers = answer.status, answer.headers
    if status < 400:
        return None
    body = _object(answer.body)
    said = clean(str(body["message"])) if body and "message" in body else f"HTTP {status}"
    if status == 401:
        return not_logged_in(host)
    about = str(body.get("documentation_url", "")) if body else ""
    if status == 429 or (status == 403 and (_retry_at(headers, now) or "rate-limits" in about)):
        return rate_limited(host, headers, now)
    if status == 403:
        sso = "x-github-sso" in headers
        hint = (
            "Authorise the login for the organisation's single sign-on: `gh auth refresh`."
            if sso
            else (f"The login may lack a scope or write access: `gh auth status --hostname {host}` shows what it has.")
        )
        return FactoryError(ErrorKind.DENIED, f"{host} refused: {said}", hint)
    if status in {404, 410}:
        return FactoryError(
            ErrorKind.NOT_FOUND,
            f"{host} has nothing there, or hides it: {said}",
            "Check the name, and that the login may see the repository (GitHub answers 404 for private ones).",
        )
    if status in {409, 422}:
        return FactoryError(ErrorKind.CONFLICT if status == 409 else ErrorKind.INVALID, f"{host} refused: {said}")
    if body is None:
        return not_json(status, answer.body[:80].decode(errors="replace"))
    return FactoryError(ErrorKind.NETWORK, f"{host} failed: {said}", "This is GitHub's side; it is tried again.")


def graphql_error(host: str, answer: Answer, error: Mapping[str, Any], now: datetime) -> FactoryError:
    """One of the `errors` of a GraphQL answer (which has HTTP status 200), by its `type`."""
    kind, said = str(error.get("type", "")).upper(), clean(str(error.get("message", "no reason given")))
    if kind in {"RATE_LIMITED", "RATE_LIMIT"}:
        return rate_limited(host, answer.headers, now)
    if kind == "NOT_FOUND":
        return FactoryError(
            ErrorKind.NOT_FOUND, f"{host}: {said}", "Check the name, and that the login may see the repository."
        )
    if kind in {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        return FactoryError(ErrorKind.DENIED, f"{host}: {said}", "`gh auth refresh` can add scopes to the login.")
    return FactoryError(ErrorKind.INVALID, f"{host} refused the query: {said}")


def not_logged_in(host: str) -> FactoryError:
    return FactoryError(
        ErrorKind.NOT_LOGGED_IN, f"gh is not logged in to {host}.", f"Run `gh auth login --hostname {host}`."
    )
