"""A language server small enough to see through, to test the editors' clients without a factory behind it.

It knows one workspace (the folder it serves) with one problem, the first line that holds `BROKEN`, and one review
thread, at the line that holds `REVIEWED`. It publishes these lines as diagnostics on every change, offers the quick
fix, answers the commands of `ANSWERS`, and appends each command it got to the file $TOY_RECORD as a JSON line
`{"command", "arguments"}`. A started fix takes the diagnostic away.

For benchmarks $TOY_WORKSPACES gives it more workspaces, $TOY_EVENTS its session more events.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from lsprotocol import types
from pygls.lsp.server import LanguageServer

MESSAGE = "assert 1 == 2"
server = LanguageServer("factory-ls", "0-toy", text_document_sync_kind=types.TextDocumentSyncKind.Full)
state: dict[str, Any] = {"fixing": False, "ratchet": False, "resolved": False, "waiting": True, "revision": 0}
state |= {"started": False, "model": "toy", "permissions": "strict", "ended": False, "asked": None}


def workspace() -> dict[str, Any]:
    root = server.workspace.root_path or str(Path.cwd())
    return of("w1", "toy", root)


def workspaces() -> list[dict[str, Any]]:
    others = range(2, int(os.environ.get("TOY_WORKSPACES", "1")) + 1)
    return [workspace(), *(of(f"w{n}", f"workspace-{n}", f"/nowhere/{n}") for n in others)]


def of(name: str, title: str, path: str) -> dict[str, Any]:
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
    status = "STOPPED" if state["ended"] else "WAITING" if state["waiting"] else "IDLE"
    session = {"id": f"s{name[1:]}", "workflow": "default", "status": status, "costUsd": 0.0, "error": None}
    session |= {"model": state["model"], "permissions": state["permissions"]}
    session |= {"pending": [ask] if status == "WAITING" and name == "w1" else []}
    thread = {"id": "t1", "path": "src/broken.py", "line": 5, "isResolved": state["resolved"], "comments": COMMENTS}
    check = {"name": "tests", "workflow": "CI", "outcome": "FAILURE"}
    pr = {
        "number": 1,
        "title": "One",
        "url": "https://github.invalid/o/r/pull/1",
        "state": "OPEN",
        "ciStatus": "FAILURE",
        "checks": [check],
        "threads": [thread] if name == "w1" else [],
    }
    shown = {"id": name, "name": title, "status": "READY", "path": path, "branch": title, "pr": pr, "warnings": []}
    return {**shown, "ratchet": ratchet, "sessions": [session]}


def ratchet(enabled: bool) -> dict[str, Any]:
    state["ratchet"] = enabled
    return dict(workspace()["ratchet"])


def start() -> dict[str, Any]:
    """The session asks at once."""
    state["asked"], state["waiting"] = str(uuid4()), True
    params = {"type": 3, "message": "Claude in toy: Run make test", "actions": [{"title": "Allow"}, {"title": "Deny"}]}
    send({"id": state["asked"], "method": "window/showMessageRequest", "params": params})
    return dict(workspace()["sessions"][0])


def answered() -> None:
    """Whoever was asked is told that it was answered."""
    state["waiting"] = False
    send({"method": "$/cancelRequest", "params": {"id": state["asked"]}})


def send(message: dict[str, Any]) -> None:
    server.protocol._send_data({"jsonrpc": "2.0", **message})


def change(**values: object) -> dict[str, Any]:
    """Of the session."""
    state.update(values)
    return dict(workspace()["sessions"][0])


def resolve() -> None:
    state["resolved"] = True
    for uri in server.workspace.text_documents:
        publish(uri)


def transcript(after: int = 0, limit: int = 100, **_: object) -> dict[str, Any]:
    most = int(os.environ.get("TOY_EVENTS", len(EVENTS)))
    events = [
        {"seq": n + 1, "event": {**EVENTS[n % len(EVENTS)], "uuid": f"u{n}"}}
        for n in range(after, min(after + limit, most))
    ]
    return {"events": events, "next": after + len(events)}


def fix() -> dict[str, Any]:
    state["fixing"] = True
    for uri in server.workspace.text_documents:
        publish(uri)
    return dict(workspace()["sessions"][0])


COMMENTS = [{"author": "ann", "body": "Is this **the end**?", "createdAt": "2026-01-01T00:00:00Z"}]
SAID = [{"type": "text", "text": "I look at `src/broken.py`."}]
READ = [{"type": "tool_use", "id": "c1", "name": "Read", "input": {"file_path": "src/broken.py"}}]
EVENTS: list[dict[str, Any]] = [
    {"type": "factory/prompt", "text": "make it green"},
    {"type": "assistant", "message": {"content": SAID}},
    {"type": "assistant", "message": {"content": READ}},
    {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "c1", "content": "# A file"}]}},
]
LOG = ["##[group]Run make test", "env: CI", "##[endgroup]", "src/broken.py:3: assert 1 == 2", "1 failed in 0.01s", ""]
STYLES = [[0, 0, 22, "bold"], [3, 17, 30, "red"], [4, 0, 8, "bold red"]]
FIX = {
    "session": "s1",
    "why": "The change weakens a check.",
    "diff": "-assert 1 == 2\n+assert True\n",
    "changed": False,
}
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
ANSWERS: dict[str, Callable[..., Any]] = {
    "factory.workspace.list": workspaces,
    "factory.workspace.get": workspace,
    "factory.workspace.create": workspace,
    "factory.workspace.retrySetup": workspace,
    "factory.project.add": lambda: {"id": "p1"},
    "factory.issue.list": lambda: [{"number": 7, "title": "Seven", "author": "ann"}],
    "factory.session.start": start,
    "factory.session.send": lambda: None,
    "factory.session.stop": lambda: change(ended=True),
    "factory.session.interrupt": lambda: None,
    "factory.session.resume": lambda: change(ended=False, waiting=True),
    "factory.session.transcript": transcript,
    "factory.session.openTranscript": lambda: None,
    "factory.session.setModel": lambda model, **_: change(model=model),
    "factory.session.setPermissions": lambda permissions, **_: change(permissions=permissions),
    "factory.session.answer": answered,
    "factory.workspace.archive": workspace,
    "factory.pr.create": lambda: workspace()["pr"],
    "factory.pr.push": lambda: workspace()["pr"],
    "factory.ratchet.check": lambda: ratchet(state["ratchet"]),
    "factory.pr.refresh": lambda: workspace()["pr"],
    "factory.pr.rerunFailed": lambda: None,
    "factory.pr.reply": lambda: None,
    "factory.pr.resolve": resolve,
    "factory.fix.show": lambda: FIX,
    "factory.fix.push": lambda: {"verdict": "PUSHED"},
    "factory.fix.discard": lambda: {"kept": "refs/factory/kept/1"},
    "factory.ci.problems": lambda: {"problems": [PROBLEM]},
    "factory.ci.log": lambda: {"check": "tests", "url": None, "text": "\n".join(LOG), "line": 1, "styles": STYLES},
    "factory.ci.fix": fix,
    "factory.ratchet.enable": lambda: ratchet(True),
    "factory.ratchet.disable": lambda: ratchet(False),
    "factory.ratchet.explain": lambda: {**workspace()["ratchet"], "trace": [STEP]},
    "factory.hub.status": lambda: HUB,
}


def diagnostic(uri: str) -> types.Diagnostic | None:
    return None if state["fixing"] else marked(uri, "BROKEN", "ci · pytest", MESSAGE, "p1")


def review(uri: str) -> types.Diagnostic | None:
    return None if state["resolved"] else marked(uri, "REVIEWED", "review", "ann: Is this the end?", "review:t1")


def marked(uri: str, mark: str, source: str, message: str, problem: str) -> types.Diagnostic | None:
    for number, text in enumerate(server.workspace.get_text_document(uri).lines):
        if mark in text:
            return types.Diagnostic(
                range=types.Range(types.Position(number, 0), types.Position(number, len(text.rstrip()))),
                severity=types.DiagnosticSeverity.Error,
                source=source,
                code="test_one",
                message=message,
                data={"problem": problem},
            )
    return None


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams) -> None:
    publish(params.text_document.uri)


def publish(uri: str) -> None:
    found = [one for one in (diagnostic(uri), review(uri)) if one]
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))


@server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
def folds(_: types.FoldingRangeParams) -> list[types.FoldingRange]:
    return [types.FoldingRange(0, 2)]


@server.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)
def content(_: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
    return types.TextDocumentContentResult("\n".join(LOG))


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


def register(name: str, answer: Callable[..., Any]) -> None:
    @server.command(name)
    def command(*arguments: Any) -> Any:
        record(name, *arguments)
        result = answer(**arguments[0]) if answer in TAKING else answer()
        if not name.startswith("factory.workspace."):
            state["revision"] += 1
            server.protocol.notify("factory/stateChanged", {"revision": state["revision"], "workspaces": ["w1"]})
        return result


TAKING = [ANSWERS[f"factory.session.{name}"] for name in ("transcript", "setModel", "setPermissions")]
for name, answer in ANSWERS.items():
    register(name, answer)


def record(command: str, *arguments: Any) -> None:
    with Path(os.environ["TOY_RECORD"]).open("a") as file:
        file.write(json.dumps({"command": command, "arguments": arguments}) + "\n")


@server.feature(types.INITIALIZED)
def initialized(_: types.InitializedParams) -> None:
    record("initialized", {})
    workspace_can = server.client_capabilities.workspace
    if workspace_can and workspace_can.text_document_content:  # pygls has no static way to say so
        method, options = types.WORKSPACE_TEXT_DOCUMENT_CONTENT, {"schemes": ["factory-log"]}
        registration = types.Registration("content", method, options)
        server.client_register_capability(types.RegistrationParams([registration]))


if __name__ == "__main__":
    if sys.argv[1:] == ["doctor"]:
        print("git  found")
    elif sys.argv[1:]:
        record(" ".join(sys.argv[1:3]), {})
    else:
        server.start_io()
