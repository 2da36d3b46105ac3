"""A check's log as it is handed on."""

from factory_ls.model.wire import Wire


class CheckLog(Wire, frozen=True, kw_only=True):
    """What `factory.ci.log` answers. `text` is the log as it came: it may hold escape sequences."""

    check: str
    """Name of the check run."""
    text: str
    url: str | None = None
