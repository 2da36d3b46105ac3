"""The yardstick: the smallest pygls server there is, on stdio, exactly as pygls' documentation has it.

`hello.echo` answers a command; `hello.publish N` publishes N diagnostics and answers the CPU seconds it took.
"""

import time

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("hello", "1")


@server.command("hello.echo")
def echo(ls: LanguageServer, *values: object) -> object:
    return {"value": 1}


@server.command("hello.publish")
def publish(ls: LanguageServer, count: int) -> float:
    started = time.process_time()
    diagnostics = [
        types.Diagnostic(
            range=types.Range(types.Position(line, 4), types.Position(line, 12)),
            severity=types.DiagnosticSeverity.Error,
            source="ci · ruff",
            code="F821",
            code_description=types.CodeDescription("https://github.com/o/r/actions/runs/1/job/2"),
            message=f"Undefined name `name{line}`",
            data={"problem": f"p{line}"},
        )
        for line in range(count)
    ]
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams("file:///w/a.py", diagnostics))
    return time.process_time() - started


if __name__ == "__main__":
    server.start_io()
