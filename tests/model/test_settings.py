from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.model.session import PermissionMode
from factory_ls.model.settings import VARIABLES, LogLevel, NodeEnv, Settings, Source, resolve

HOME = {"HOME": "/home/u"}


def test_defaults_are_the_documented_ones() -> None:
    settings = resolve(HOME, checkout=False).settings
    base = Path("/home/u/factory-factory")
    assert settings == Settings(
        base_dir=base,
        database_path=base / "data.db",
        worktree_base_dir=base / "worktrees",
        logs_dir=base / "logs",
        sessions_dir=base / "sessions",
        hub_file=base / "hub.json",
        backend_port=3001,
        node_env=NodeEnv.PRODUCTION,
        default_model="sonnet",
        default_permissions=PermissionMode.YOLO,
        claude_rate_limit_per_minute=60,
        claude_rate_limit_per_hour=1000,
        max_sessions_per_workspace=5,
        spending_cap_session_usd=0.0,
        spending_cap_workspace_usd=0.0,
        spending_cap_day_usd=0.0,
        log_level=LogLevel.INFO,
        cors_allowed_origins=(),
        ws_logs_enabled=False,
        feature_metrics=False,
        feature_error_tracking=False,
        gh="gh",
        git="git",
        claude="claude",
        ratchet_interval_seconds=60.0,
        ratchet_max_attempts=5,
        ratchet_budget_usd=5.0,
        ratchet_minutes=120.0,
        ratchet_dispatch_budget_usd=2.0,
        ratchet_dispatch_minutes=30.0,
        ratchet_day_budget_usd=20.0,
        ratchet_day_minutes=480.0,
        ratchet_review_mode="CHANGES_REQUESTED",
        ratchet_trusted_bots=(),
        ratchet_allow_forks=False,
        ratchet_opt_out_label="autofix off",
        ratchet_rerun_flaky=True,
        ratchet_stop_repeats=True,
        ratchet_wait_for_base=True,
        ratchet_wait_beyond_code=True,
        ratchet_rebase=True,
        ratchet_greens_to_clear=2,
        ratchet_trusted_associations=("OWNER", "MEMBER", "COLLABORATOR"),
        ratchet_push_unproved=False,
        ratchet_ci_edits=False,
        ratchet_replies=True,
        ratchet_quiet_hours="",
        ratchet_paused=False,
        no_hub=False,
    )


@pytest.mark.parametrize(
    ("variable", "good", "value", "bad"),
    [
        ("RATCHET_QUIET_HOURS", "22:00-07:00", "22:00-07:00", "25:00-1:00"),
        ("RATCHET_BUDGET_USD", "0.5", 0.5, "-1"),
        ("RATCHET_REVIEW_MODE", "all_review_feedback", "ALL_REVIEW_FEEDBACK", "SOME"),
        ("RATCHET_TRUSTED_BOTS", "renovate[bot], a-b", ("renovate[bot]", "a-b"), "a b"),
        ("RATCHET_OPT_OUT_LABEL", " hands off ", "hands off", "x" * 51),
    ],
)
def test_limits_of_the_ratchet(variable: str, good: str, value: object, bad: str) -> None:
    taken = resolve({**HOME, variable: good})
    assert getattr(taken.settings, variable.lower()) == value
    refused = resolve({**HOME, variable: bad})
    assert getattr(refused.settings, variable.lower()) == getattr(resolve(HOME).settings, variable.lower())
    assert variable in refused.complaints[0]
    by_repository = resolve(HOME, repository={"ratchetMaxAttempts": 99})
    assert by_repository.settings.ratchet_max_attempts == 5, "a repository only narrows, by its own `ratchet` object"


def test_a_checkout_is_a_development_environment() -> None:
    assert resolve(HOME, checkout=True).settings.node_env is NodeEnv.DEVELOPMENT


def test_each_layer_beats_the_one_before_and_says_so() -> None:
    environ = {**HOME, "DEFAULT_MODEL": "env", "MAX_SESSIONS_PER_WORKSPACE": "7", "LOG_LEVEL": "debug"}
    resolved = resolve(environ, {"defaultModel": "repo", "maxSessionsPerWorkspace": 8}, {"defaultModel": "editor"})
    assert resolved.complaints == ()
    assert resolved.settings.default_model == "editor"
    assert resolved.settings.max_sessions_per_workspace == 8
    assert resolved.settings.log_level is LogLevel.DEBUG
    assert resolved.sources["default_model"] is Source.EDITOR
    assert resolved.sources["max_sessions_per_workspace"] is Source.REPOSITORY
    assert resolved.sources["log_level"] is Source.ENVIRONMENT
    assert resolved.sources["git"] is Source.DEFAULT


def test_every_field_has_a_source_and_every_variable_a_field() -> None:
    fields = set(Settings.__struct_fields__)
    assert set(resolve(HOME).sources) == fields
    assert set(VARIABLES) == fields - {"logs_dir", "sessions_dir", "hub_file"}


def test_what_lies_below_the_base_dir_moves_with_it() -> None:
    settings = resolve({**HOME, "BASE_DIR": "~/elsewhere"}).settings
    assert settings.database_path == Path("/home/u/elsewhere/data.db")
    assert settings.worktree_base_dir == Path("/home/u/elsewhere/worktrees")
    assert settings.hub_file == Path("/home/u/elsewhere/hub.json")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BACKEND_PORT", "70000"),
        ("BACKEND_PORT", "-1"),
        ("BACKEND_PORT", "3_001"),
        ("NODE_ENV", "staging"),
        ("DEFAULT_MODEL", "--dangerously-skip-permissions"),
        ("DEFAULT_MODEL", "a b"),
        ("DEFAULT_PERMISSIONS", "root"),
        ("CLAUDE_RATE_LIMIT_PER_MINUTE", "0"),
        ("CLAUDE_RATE_LIMIT_PER_HOUR", "many"),
        ("MAX_SESSIONS_PER_WORKSPACE", "1.5"),
        ("LOG_LEVEL", "loud"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("CORS_ALLOWED_ORIGINS", "https://example.com/path"),
        ("CORS_ALLOWED_ORIGINS", "null"),
        ("WS_LOGS_ENABLED", "maybe"),
        ("FACTORY_GH", "--version"),
        ("RATCHET_INTERVAL_SECONDS", "nan"),
        ("RATCHET_INTERVAL_SECONDS", "0"),
        ("RATCHET_INTERVAL_SECONDS", "inf"),
    ],
)
def test_a_bad_value_is_reported_by_name_and_falls_back(variable: str, value: str) -> None:
    resolved = resolve({**HOME, variable: value})
    assert resolved.settings == resolve(HOME).settings
    (complaint,) = resolved.complaints
    assert complaint.startswith(f"{variable} (environment): ignored")


def test_a_bad_editor_value_falls_back_to_the_layer_below() -> None:
    resolved = resolve({**HOME, "DEFAULT_MODEL": "opus"}, None, {"defaultModel": 3})
    assert resolved.settings.default_model == "opus"
    assert resolved.complaints == ("defaultModel (editor): ignored, 3 is not a model's name",)


def test_nothing_set_means_nothing_said() -> None:
    resolved = resolve({**HOME, "BACKEND_PORT": ""}, {}, {"defaultModel": None, "gh": "", "trace": {"server": "off"}})
    assert resolved == resolve(HOME)


@pytest.mark.parametrize("key", ["gh", "git", "claude", "backendPort", "corsAllowedOrigins", "databasePath"])
def test_a_repository_may_not_choose_programs_doors_or_folders(key: str) -> None:
    resolved = resolve(HOME, {key: "/tmp/theirs"})
    assert resolved.settings == resolve(HOME).settings
    assert resolved.complaints[0].startswith(f"{key} (factory-factory.json): ignored")


def test_unknown_keys_are_named() -> None:
    complaints = resolve(HOME, {"defaultModle": "x"}, {"nope": 1}).complaints
    assert complaints == (
        "defaultModle (factory-factory.json): there is no such setting",
        "nope (editor): there is no such setting",
    )


def test_native_json_values_and_lists() -> None:
    editor = {"corsAllowedOrigins": ["https://A.example/"], "featureMetrics": True, "ratchetIntervalSeconds": 0.5}
    settings = resolve(HOME, None, editor).settings
    assert settings.cors_allowed_origins == ("https://a.example",)
    assert settings.feature_metrics is True
    assert settings.ratchet_interval_seconds == 0.5
    assert resolve({**HOME, "CORS_ALLOWED_ORIGINS": "http://a:1, http://b"}).settings.cors_allowed_origins == (
        "http://a:1",
        "http://b",
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = [*(msgspec.json.decode(msgspec.json.encode(resolve(HOME).settings, enc_hook=str))), "trace", "zzz", "\x1b[31m"]


@given(
    environ=st.dictionaries(st.sampled_from(list(VARIABLES.values())), st.text(max_size=20)),
    repository=st.dictionaries(st.sampled_from(KEYS), JSON),
    editor=st.dictionaries(st.sampled_from(KEYS), JSON),
)
def test_no_value_stops_the_server_or_reaches_a_terminal(
    environ: dict[str, str], repository: dict[str, Any], editor: dict[str, Any]
) -> None:
    resolved = resolve({**HOME, **environ}, repository, editor)
    assert all(line.isprintable() for line in resolved.complaints)
    for name, source in resolved.sources.items():
        if source is Source.DEFAULT and not name.endswith(("_dir", "_path")):
            assert getattr(resolved.settings, name) == getattr(resolve(HOME).settings, name)
