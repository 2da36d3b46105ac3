"""A language server small enough to see through, to test the editors' clients without a factory behind it.

It knows one workspace (the folder it serves) with one problem: the first line that holds `BROKEN`. It publishes that
line as a diagnostic on every change, offers the quick fix, answers the commands of `ANSWERS`, and appends each command
it got to the file $TOY_RECORD as a JSON line `{"command", "arguments"}`. A started fix takes the diagnostic away.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

MESSAGE = "assert 1 == 2"
server = LanguageServer("factory-ls", "0-toy", text_document_sync_kind=types.TextDocumentSyncKind.Full)
state: dict[str, Any] = {"fixing": False, "ratchet": False, "revision": 0}


def workspace() -> dict[str, Any]:
    root = server.workspace.root_path or str(Path.cwd())
    ratchet = {
        "enabled": state["ratchet"],
        "state": "CI_FAILED",
        "reason": "Tests fail.",
        "attempts": 0,
        "maxAttempts": 5,
        "spentUsd": 0.0,
        "budgetUsd": 5.0,
    }
    ask = {"request": "r1", "tool": "Bash", "title": "Run make test", "input": {"command": "make test"}}
    session = {"id": "s1", "workflow": "default", "model": "toy", "status": "WAITING", "costUsd": 0.0, "error": None}
    session |= {"permissions": "strict", "pending": [ask]}
    check = {"name": "tests", "workflow": "CI", "outcome": "FAILURE"}
    pr = {
        "number": 1,
        "title": "One",
        "url": "https://github.invalid/o/r/pull/1",
        "state": "OPEN",
        "ciStatus": "FAILURE",
        "checks": [check],
    }
    shown = {"id": "w1", "name": "toy", "status": "READY", "path": root, "branch": "toy", "pr": pr, "warnings": []}
    return {**shown, "ratchet": ratchet, "sessions": [session]}


def ratchet(enabled: bool) -> dict[str, Any]:
    state["ratchet"] = enabled
    return dict(workspace()["ratchet"])


def start() -> dict[str, Any]:
    """The session asks at once."""
    allow = types.MessageActionItem("Allow")
    params = types.ShowMessageRequestParams(types.MessageType.Info, "Claude in toy: Run make test", [allow])
    server.window_show_message_request(params)
    return dict(workspace()["sessions"][0])


def fix() -> dict[str, Any]:
    state["fixing"] = True
    for uri in server.workspace.text_documents:
        publish(uri)
    return dict(workspace()["sessions"][0])


PROBLEM = {
    "id": "p1",
    "path": "src/broken.py",
    "line": 3,
    "column": 1,
    "severity": "error",
    "tool": "pytest",
    "message": MESSAGE,
}
STEP = {"rule": "CI", "saw": "1 failed check", "said": "fix it"}
HUB = {"pid": 1, "version": "0-toy", "startedAt": "", "editors": 1, "sessions": 1, "mcpUrl": None, "githubBudget": []}
ANSWERS: dict[str, Callable[[], Any]] = {
    "factory.workspace.list": lambda: [workspace()],
    "factory.workspace.get": workspace,
    "factory.workspace.create": workspace,
    "factory.session.start": start,
    "factory.session.send": lambda: None,
    "factory.session.stop": lambda: None,
    "factory.session.interrupt": lambda: None,
    "factory.session.resume": lambda: dict(workspace()["sessions"][0]),
    "factory.session.transcript": lambda: {"events": [], "next": 0},
    "factory.session.answer": lambda: None,
    "factory.workspace.archive": workspace,
    "factory.pr.create": lambda: workspace()["pr"],
    "factory.pr.push": lambda: workspace()["pr"],
    "factory.ratchet.check": lambda: ratchet(state["ratchet"]),
    "factory.pr.refresh": lambda: workspace()["pr"],
    "factory.pr.rerunFailed": lambda: None,
    "factory.ci.problems": lambda: {"problems": [PROBLEM]},
    "factory.ci.log": lambda: {"check": "tests", "url": None, "text": "1 failed in 0.01s\n", "line": 1},
    "factory.ci.fix": fix,
    "factory.ratchet.enable": lambda: ratchet(True),
    "factory.ratchet.disable": lambda: ratchet(False),
    "factory.ratchet.explain": lambda: {**workspace()["ratchet"], "trace": [STEP]},
    "factory.hub.status": lambda: HUB,
}


def diagnostic(uri: str) -> types.Diagnostic | None:
    for number, text in enumerate(server.workspace.get_text_document(uri).lines):
        if "BROKEN" in text and not state["fixing"]:
            return types.Diagnostic(
                range=types.Range(types.Position(number, 0), types.Position(number, len(text.rstrip()))),
                severity=types.DiagnosticSeverity.Error,
                source="ci · pytest",
                code="test_one",
                message=MESSAGE,
                data={"problem": "p1"},
            )
    return None


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams) -> None:
    publish(params.text_document.uri)


def publish(uri: str) -> None:
    found = diagnostic(uri)
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, [found] if found else []))


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([types.CodeActionKind.QuickFix]))
def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
    found = diagnostic(params.text_document.uri)
    if found is None or not params.range.start.line <= found.range.start.line <= params.range.end.line:
        return []
    titles = {f"Fix with Claude: {MESSAGE}": {"problem": "p1"}, "Fix the check “tests” with Claude": {"check": "tests"}}
    return [
        types.CodeAction(
            title=title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[found],
            command=types.Command(title, "factory.ci.fix", arguments=[{"workspace": "w1", **target}]),
        )
        for title, target in titles.items()
    ]


def register(name: str, answer: Callable[[], Any]) -> None:
    @server.command(name)
    def command(*arguments: Any) -> Any:
        with Path(os.environ["TOY_RECORD"]).open("a") as record:
            record.write(json.dumps({"command": name, "arguments": arguments}) + "\n")
        result = answer()
        if not name.startswith("factory.workspace."):
            state["revision"] += 1
            server.protocol.notify("factory/stateChanged", {"revision": state["revision"], "workspaces": ["w1"]})
        return result


for name, answer in ANSWERS.items():
    register(name, answer)

if __name__ == "__main__":
    server.start_io()
