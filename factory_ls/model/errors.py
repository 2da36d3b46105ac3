"""The one error type that reaches a client: what went wrong, and what to do next."""

from enum import StrEnum

from factory_ls.model.wire import Wire


class ErrorKind(StrEnum):
    NOT_FOUND = "notFound"
    INVALID = "invalid"
    CONFLICT = "conflict"
    BUSY = "busy"
    DENIED = "denied"
    NOT_INSTALLED = "notInstalled"
    NOT_LOGGED_IN = "notLoggedIn"
    RATE_LIMITED = "rateLimited"
    NETWORK = "network"
    TIMEOUT = "timeout"
    CORRUPT = "corrupt"
    INTERNAL = "internal"


class ErrorObject(Wire, frozen=True, kw_only=True):
    """The JSON shape of an error: `{"kind", "message", "hint"}`, plus `retryAt` (ISO 8601) when waiting helps."""

    kind: ErrorKind
    message: str
    hint: str = ""
    retry_at: str | None = None


class FactoryError(Exception):
    """Raised for anything a client may be told. Other exceptions are bugs and are reported as `internal`."""

    def __init__(self, kind: ErrorKind, message: str, hint: str = "", *, retry_at: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint
        self.retry_at = retry_at

    @property
    def object(self) -> ErrorObject:
        return ErrorObject(kind=self.kind, message=self.message, hint=self.hint, retry_at=self.retry_at)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message
