"""Settings and where each came from: defaults < environment < `factory-factory.json` < the editor's settings.

Pure: mappings in, `Resolved` out. In `factory-factory.json` (under `settings`) and in the editor (section `factory`)
a key is the field's name in camelCase: `defaultModel`, `backendPort`. Null and the empty text mean "not set".
"""

import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from factory_ls.model import paths
from factory_ls.model.repository_file import QUIET_HOURS
from factory_ls.model.session import PermissionMode
from factory_ls.model.text import one_line

T = TypeVar("T")


class NodeEnv(StrEnum):
    DEVELOPMENT = "development"
    """Logs go to the file and the console."""
    PRODUCTION = "production"
    """Logs go to the file only."""


class LogLevel(StrEnum):
    ERROR = "error"
    WARN = "warn"
    INFO = "info"
    DEBUG = "debug"


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All settings, checked. Paths are absolute. The table in README.md has their meaning for users."""

    base_dir: Path
    database_path: Path
    worktree_base_dir: Path
    logs_dir: Path
    sessions_dir: Path
    hub_file: Path
    backend_port: int
    """0 takes any free port."""
    node_env: NodeEnv
    default_model: str
    default_permissions: PermissionMode
    claude_rate_limit_per_minute: int
    claude_rate_limit_per_hour: int
    max_sessions_per_workspace: int
    spending_cap_session_usd: float
    """0: no cap. So with the two that follow."""
    spending_cap_workspace_usd: float
    spending_cap_day_usd: float
    log_level: LogLevel
    cors_allowed_origins: tuple[str, ...]
    """`scheme://host[:port]`, lower case, no trailing slash."""
    ws_logs_enabled: bool
    feature_metrics: bool
    feature_error_tracking: bool
    gh: str
    git: str
    claude: str
    ratchet_interval_seconds: float
    ratchet_max_attempts: int
    ratchet_budget_usd: float
    """For one pull request, as `ratchet_minutes`."""
    ratchet_minutes: float
    ratchet_dispatch_budget_usd: float
    ratchet_dispatch_minutes: float
    ratchet_day_budget_usd: float
    ratchet_day_minutes: float
    ratchet_review_mode: str
    ratchet_trusted_bots: tuple[str, ...]
    ratchet_allow_forks: bool
    ratchet_opt_out_label: str
    ratchet_rerun_flaky: bool
    ratchet_stop_repeats: bool
    ratchet_wait_for_base: bool
    ratchet_wait_beyond_code: bool
    ratchet_rebase: bool
    ratchet_greens_to_clear: int
    ratchet_trusted_associations: tuple[str, ...]
    ratchet_push_unproved: bool
    ratchet_ci_edits: bool
    ratchet_replies: bool
    ratchet_quiet_hours: str
    """`HH:MM-HH:MM`; empty for none."""
    ratchet_paused: bool
    no_hub: bool


class Source(StrEnum):
    """The layers, weakest first."""

    DEFAULT = "default"
    ENVIRONMENT = "environment"
    REPOSITORY = "factory-factory.json"
    EDITOR = "editor"


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    settings: Settings
    sources: dict[str, Source]
    """Field name → the layer its value came from."""
    complaints: tuple[str, ...] = ()
    """One line a value that was not taken, with its name and the reason."""


def resolve(
    environ: Mapping[str, str],
    repository: Mapping[str, Any] | None = None,
    editor: Mapping[str, Any] | None = None,
    *,
    checkout: bool = paths.IS_CHECKOUT,
) -> Resolved:
    """Every setting from the strongest layer that has a good value for it. Never raises for a bad one.

    `repository` is the `settings` object of `factory-factory.json`, `editor` the section `factory`. `checkout` tells
    whether this runs from a source checkout, which makes `development` the default of `NODE_ENV`.
    """
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    complaints: list[str] = []
    layers: list[tuple[Source, Mapping[str, Any]]] = [(Source.ENVIRONMENT, environ)]
    for source, layer in ((Source.REPOSITORY, repository), (Source.EDITOR, editor)):
        if isinstance(layer, Mapping):
            layers.append((source, layer))
            complaints += [
                f"{one_line(str(key), 60)} ({source}): there is no such setting"
                for key in layer
                if not _known(source, key)
            ]
        elif layer is not None:
            complaints.append(f"settings ({source}): must be an object of names and values")

    for setting in _table(environ, checkout=checkout):
        values[setting.field], sources[setting.field] = setting.default(values), Source.DEFAULT
        for source, layer in layers:
            name = setting.variable if source is Source.ENVIRONMENT else setting.key
            raw = layer.get(name)
            if raw is None or raw == "":
                continue
            if source not in setting.layers:
                complaints.append(f"{name} ({source}): ignored, {_WHY_NOT[source]}")
                continue
            try:
                values[setting.field], sources[setting.field] = setting.parse(raw), source
            except ValueError as error:
                complaints.append(f"{name} ({source}): ignored, {_shown(raw)} is not {error}")

    base = values["base_dir"]
    derived = {"logs_dir": base / "logs", "sessions_dir": base / "sessions", "hub_file": base / "hub.json"}
    sources |= dict.fromkeys(derived, sources["base_dir"])
    return Resolved(settings=Settings(**values, **derived), sources=sources, complaints=tuple(complaints))


_ANYWHERE = frozenset(Source)
_USER = _ANYWHERE - {Source.REPOSITORY}
_PROCESS = frozenset({Source.ENVIRONMENT})
_WHY_NOT = {
    # A repository is other people's text: it must not name programs to run, folders, ports or doors to open.
    Source.REPOSITORY: "set it in the environment or the editor: a repository may not choose it",
    # The hub is found by these before an editor has sent its settings.
    Source.EDITOR: "set it in the environment of the editor: it is needed before settings arrive",
}

_EDITOR_OWN_KEYS = frozenset({"trace", "server", "diagnostics"})
"""What editor clients keep in the same section: `factory.trace.server`, `factory.server.path` are their own, and
`factory.diagnostics` is how one editor shows things (`lsp/settings.py`)."""


class _Setting(NamedTuple, Generic[T]):
    field: str
    variable: str
    default: Callable[[Mapping[str, Any]], T]
    parse: Callable[[Any], T]
    """Raises ValueError whose text completes "VALUE is not …"."""
    layers: frozenset[Source]

    @property
    def key(self) -> str:
        return _camel(self.field)


def _table(environ: Mapping[str, str], *, checkout: bool) -> tuple[_Setting[Any], ...]:
    def path(raw: Any) -> Path:
        if not isinstance(raw, str) or "\0" in raw:
            raise ValueError("a path")
        return paths.expand(raw, environ)

    def program(raw: Any) -> str:
        if not isinstance(raw, str) or "\0" in raw or raw.startswith("-"):
            raise ValueError("a program's name or path")
        return str(paths.expand(raw, environ)) if "/" in raw else raw

    environment = NodeEnv.DEVELOPMENT if checkout else NodeEnv.PRODUCTION
    return (
        _Setting("base_dir", "BASE_DIR", lambda _: paths.base_dir({**environ, "BASE_DIR": ""}), path, _PROCESS),
        _Setting("database_path", "DATABASE_PATH", lambda v: v["base_dir"] / "data.db", path, _PROCESS),
        _Setting("worktree_base_dir", "WORKTREE_BASE_DIR", lambda v: v["base_dir"] / "worktrees", path, _USER),
        _Setting("backend_port", "BACKEND_PORT", _fixed(3001), _integer(0, 65535, "a port (0 to 65535)"), _USER),
        _Setting("node_env", "NODE_ENV", _fixed(environment), _one_of(NodeEnv), _USER),
        _Setting("default_model", "DEFAULT_MODEL", _fixed("sonnet"), _model, _ANYWHERE),
        _Setting(
            "default_permissions",
            "DEFAULT_PERMISSIONS",
            _fixed(PermissionMode.YOLO),
            _one_of(PermissionMode),
            _ANYWHERE,
        ),
        _Setting("claude_rate_limit_per_minute", "CLAUDE_RATE_LIMIT_PER_MINUTE", _fixed(60), _count, _ANYWHERE),
        _Setting("claude_rate_limit_per_hour", "CLAUDE_RATE_LIMIT_PER_HOUR", _fixed(1000), _count, _ANYWHERE),
        _Setting("max_sessions_per_workspace", "MAX_SESSIONS_PER_WORKSPACE", _fixed(5), _count, _ANYWHERE),
        _Setting("spending_cap_session_usd", "SPENDING_CAP_SESSION_USD", _fixed(0.0), _amount, _USER),
        _Setting("spending_cap_workspace_usd", "SPENDING_CAP_WORKSPACE_USD", _fixed(0.0), _amount, _USER),
        _Setting("spending_cap_day_usd", "SPENDING_CAP_DAY_USD", _fixed(0.0), _amount, _USER),
        _Setting("log_level", "LOG_LEVEL", _fixed(LogLevel.INFO), _one_of(LogLevel), _USER),
        _Setting("cors_allowed_origins", "CORS_ALLOWED_ORIGINS", _fixed(()), _origins, _USER),
        _Setting("ws_logs_enabled", "WS_LOGS_ENABLED", _fixed(False), _switch, _USER),
        _Setting("feature_metrics", "FEATURE_METRICS", _fixed(False), _switch, _USER),
        _Setting("feature_error_tracking", "FEATURE_ERROR_TRACKING", _fixed(False), _switch, _USER),
        _Setting("gh", "FACTORY_GH", _fixed("gh"), program, _USER),
        _Setting("git", "FACTORY_GIT", _fixed("git"), program, _USER),
        _Setting("claude", "FACTORY_CLAUDE", _fixed("claude"), program, _USER),
        _Setting("ratchet_interval_seconds", "RATCHET_INTERVAL_SECONDS", _fixed(60.0), _seconds, _ANYWHERE),
        _Setting("ratchet_max_attempts", "RATCHET_MAX_ATTEMPTS", _fixed(5), _count, _PROCESS),
        _Setting("ratchet_budget_usd", "RATCHET_BUDGET_USD", _fixed(5.0), _amount, _PROCESS),
        _Setting("ratchet_minutes", "RATCHET_MINUTES", _fixed(120.0), _amount, _PROCESS),
        _Setting("ratchet_dispatch_budget_usd", "RATCHET_DISPATCH_BUDGET_USD", _fixed(2.0), _amount, _PROCESS),
        _Setting("ratchet_dispatch_minutes", "RATCHET_DISPATCH_MINUTES", _fixed(30.0), _amount, _PROCESS),
        _Setting("ratchet_day_budget_usd", "RATCHET_DAY_BUDGET_USD", _fixed(20.0), _amount, _PROCESS),
        _Setting("ratchet_day_minutes", "RATCHET_DAY_MINUTES", _fixed(480.0), _amount, _PROCESS),
        _Setting("ratchet_review_mode", "RATCHET_REVIEW_MODE", _fixed("CHANGES_REQUESTED"), _review_mode, _PROCESS),
        _Setting("ratchet_trusted_bots", "RATCHET_TRUSTED_BOTS", _fixed(()), _logins, _PROCESS),
        _Setting("ratchet_allow_forks", "RATCHET_ALLOW_FORKS", _fixed(False), _switch, _PROCESS),
        _Setting("ratchet_opt_out_label", "RATCHET_OPT_OUT_LABEL", _fixed("autofix off"), _label, _PROCESS),
        _Setting("ratchet_rerun_flaky", "RATCHET_RERUN_FLAKY", _fixed(True), _switch, _PROCESS),
        _Setting("ratchet_stop_repeats", "RATCHET_STOP_REPEATS", _fixed(True), _switch, _PROCESS),
        _Setting("ratchet_wait_for_base", "RATCHET_WAIT_FOR_BASE", _fixed(True), _switch, _PROCESS),
        _Setting("ratchet_wait_beyond_code", "RATCHET_WAIT_BEYOND_CODE", _fixed(True), _switch, _PROCESS),
        _Setting("ratchet_rebase", "RATCHET_REBASE", _fixed(True), _switch, _PROCESS),
        _Setting("ratchet_greens_to_clear", "RATCHET_GREENS_TO_CLEAR", _fixed(2), _count, _PROCESS),
        _Setting(
            "ratchet_trusted_associations", "RATCHET_TRUSTED_ASSOCIATIONS", _fixed(_TRUSTED), _associations, _PROCESS
        ),
        _Setting("ratchet_push_unproved", "RATCHET_PUSH_UNPROVED", _fixed(False), _switch, _PROCESS),
        _Setting("ratchet_ci_edits", "RATCHET_CI_EDITS", _fixed(False), _switch, _PROCESS),
        _Setting("ratchet_replies", "RATCHET_REPLIES", _fixed(True), _switch, _PROCESS),
        _Setting("ratchet_quiet_hours", "RATCHET_QUIET_HOURS", _fixed(""), _quiet_hours, _PROCESS),
        _Setting("ratchet_paused", "RATCHET_PAUSED", _fixed(False), _switch, _PROCESS),
        _Setting("no_hub", "FACTORY_NO_HUB", _fixed(False), _switch, _PROCESS),
    )


def _fixed(value: T) -> Callable[[Mapping[str, Any]], T]:
    return lambda _: value


def _integer(low: int, high: int, what: str) -> Callable[[Any], int]:
    def parse(raw: Any) -> int:
        # int() would read the texts "1_000" and " 5 " and the number 1.5 too; a boolean is an int to Python.
        text = str(raw) if isinstance(raw, (str, int)) and not isinstance(raw, bool) else ""
        if not re.fullmatch(r"[0-9]{1,12}", text.strip(), re.ASCII) or not low <= int(text) <= high:
            raise ValueError(what)
        return int(text)

    return parse


_count = _integer(1, 10**9, "a whole number of 1 or more")


def _number(admitted: Callable[[float], bool], what: str) -> Callable[[Any], float]:
    def parse(raw: Any) -> float:
        try:
            value = float(raw) if isinstance(raw, (str, int, float)) and not isinstance(raw, bool) else math.nan
        except (ValueError, OverflowError):
            value = math.nan
        if not admitted(value):
            raise ValueError(what)
        return value

    return parse


_seconds = _number(lambda value: 0 < value <= 86_400, "a number of seconds, more than 0 and at most a day")
_amount = _number(lambda value: 0 <= value <= 1e6, "a number of 0 or more, at most a million")


def _review_mode(raw: Any) -> str:
    text = str(raw).strip().upper()
    if text not in ("CHANGES_REQUESTED", "ALL_REVIEW_FEEDBACK"):
        raise ValueError("one of CHANGES_REQUESTED, ALL_REVIEW_FEEDBACK")
    return text


def _list(read: Callable[[str], str | None], what: str) -> Callable[[Any], tuple[str, ...]]:
    """Of texts, or of one with commas; each as `read` gives it, None where it is none."""

    def parse(raw: Any) -> tuple[str, ...]:
        items = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
            raise ValueError(what)
        found = [read(item.strip()) for item in items if item.strip()]
        if None in found:
            raise ValueError(what)
        return tuple(dict.fromkeys(item for item in found if item is not None))

    return parse


def _formed(form: str) -> Callable[[str], str | None]:
    return lambda text: text if re.fullmatch(form, text) else None


def _origin(text: str) -> str | None:
    text = text.rstrip("/").lower()
    parts = urlsplit(text)
    # An origin is nothing but these parts; `*` and `null` would admit any page.
    sound = parts.scheme and parts.hostname and text == f"{parts.scheme}://{parts.netloc}" and "@" not in text
    return text if sound else None


_TRUSTED = ("OWNER", "MEMBER", "COLLABORATOR")
_associations = _list(_formed("[A-Z][A-Z_]*"), f"a list such as {','.join(_TRUSTED)}")
_logins = _list(_formed(r"[A-Za-z0-9][A-Za-z0-9-]*(\[bot\])?"), "a list of logins such as dependabot[bot]")
_origins = _list(_origin, "a list of origins such as https://example.com:8080")


def _label(raw: Any) -> str:
    text = raw.strip() if isinstance(raw, str) else ""
    if not text or len(text) > 50:  # GitHub's own limit
        raise ValueError("a label's name")
    return text


def _quiet_hours(raw: Any) -> str:
    text = str(raw).replace(" ", "")
    if not re.fullmatch(QUIET_HOURS, text):
        raise ValueError("hours such as 22:00-07:00")
    return text


def _switch(raw: Any) -> bool:
    text = str(raw).strip().lower() if isinstance(raw, (str, bool, int)) else ""
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off"):
        return False
    raise ValueError("true or false")


E = TypeVar("E", bound=StrEnum)


def _one_of(choices: type[E]) -> Callable[[Any], E]:
    def parse(raw: Any) -> E:
        try:
            return choices(raw.strip().lower() if isinstance(raw, str) else "")
        except ValueError:
            raise ValueError("one of " + ", ".join(choices)) from None

    return parse


def _model(raw: Any) -> str:
    # It becomes a word of Claude's command line, so it must never look like an option.
    if not isinstance(raw, str) or not re.fullmatch(r"[A-Za-z0-9][\w.:@/\[\]-]{0,199}", raw, re.ASCII):
        raise ValueError("a model's name")
    return raw


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


_KEYS = frozenset(setting.key for setting in _table({}, checkout=False))
VARIABLES: Mapping[str, str] = {setting.field: setting.variable for setting in _table({}, checkout=False)}
"""Field name → environment variable."""


def _known(source: Source, key: object) -> bool:
    return key in _KEYS or (source is Source.EDITOR and key in _EDITOR_OWN_KEYS)


def _shown(raw: object) -> str:
    """A value as it may be printed: on one line, no control characters, not too long."""
    text = ascii(raw)
    return text if len(text) <= 80 else text[:79] + "…"
