"""The answer to `initialize`: known without pygls, so that a hub that has just started answers at once."""

from collections.abc import Mapping
from typing import Any, cast

from factory_ls import __version__
from factory_ls.ci.place.columns import Encoding

COMMANDS = tuple(
    f"factory.{group}.{name}"
    for group, names in {
        "project": "list add remove",
        "workspace": "list get create archive restore retrySetup run stopRun spawn",
        "session": "list start send interrupt stop resume fork transcript document answer setModel setPermissions"
        " message openTranscript",
        "pr": "get create push refresh attach detach reply resolve rerunFailed applySuggestion writeReply",
        "ci": "problems log fix dismiss openLog copyCommand explain",
        "fix": "run submit show push discard",
        "ratchet": "enable disable check explain reset pause resume",
        "issue": "list",
        "permission": "list revoke",
        "prompt": "list render",
        "spending": "report",
        "hub": "status health",
    }.items()
    for name in names.split()
)
"""The commands offered to editors: the application's, and those of `lsp/commands.py` that only an editor can do."""

OPEN_LOG, COPY_COMMAND, EXPLAIN = "factory.ci.openLog", "factory.ci.copyCommand", "factory.ci.explain"
APPLY_SUGGESTION, WRITE_REPLY = "factory.pr.applySuggestion", "factory.pr.writeReply"
OPEN_TRANSCRIPT = "factory.session.openTranscript"

LOG_SCHEME, SESSION_SCHEME = "factory-log", "factory-session"

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


def greet(params: Mapping[str, Any]) -> dict[str, Any]:
    """The `InitializeResult` for a client's `InitializeParams`, both as plain JSON values."""
    capabilities: dict[str, Any] = {
        "positionEncoding": position_encoding(params),
        "textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": False}},
        "codeActionProvider": {"codeActionKinds": ["quickfix"]},
        "codeLensProvider": {"resolveProvider": False},
        "foldingRangeProvider": True,
        "hoverProvider": True,
        "executeCommandProvider": {"commands": list(COMMANDS), "workDoneProgress": True},
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "textDocumentContent": {"schemes": [LOG_SCHEME, SESSION_SCHEME]},
        },
    }
    if pulls(params):
        capabilities["diagnosticProvider"] = {
            "identifier": "factory",
            "interFileDependencies": False,
            "workspaceDiagnostics": True,
        }
    return {"capabilities": capabilities, "serverInfo": {"name": "factory-ls", "version": __version__}}


def position_encoding(params: Mapping[str, Any]) -> Encoding:
    """The first of the client's preferences that we know; UTF-16 where it has none."""
    offered = lookup(params, "capabilities", "general", "positionEncodings")
    known = (name for name in offered if name in ENCODINGS) if isinstance(offered, list) else iter(())
    return cast("Encoding", next(known, "utf-16"))


def pulls(params: Mapping[str, Any]) -> bool:
    """Whether this editor asks for its diagnostics instead of being sent them.

    Editors keep pushed and pulled diagnostics apart and would show each problem twice, so it is one or the other.
    Pushing also reaches files that are not open in editors that never ask for the whole workspace; pulling is for
    those that say so: `initializationOptions: {"diagnostics": "pull"}`.
    """
    return lookup(params, "initializationOptions", "diagnostics") == "pull" and isinstance(
        lookup(params, "capabilities", "textDocument", "diagnostic"), Mapping
    )


def lookup(value: Any, *keys: str) -> Any:
    """`value[k1][k2]…`, or None where a key is missing or something on the way is no object."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
