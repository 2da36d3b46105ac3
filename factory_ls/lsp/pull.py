"""Diagnostics for editors that ask for them: of a document, and of everything, a page at a time where they want it."""

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from factory_ls.lsp.client import real_path_of

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

PAGE_FILES = 50
"""Files in one partial result."""


async def document(session: "Session", params: types.DocumentDiagnosticParams) -> dict[str, Any]:
    """`textDocument/diagnostic`"""
    path = session.file_path(params.text_document.uri)
    await session.diagnostics.refresh(await session.application(), path)
    return session.diagnostics.report(path, params.previous_result_id)


async def workspace(session: "Session", params: types.WorkspaceDiagnosticParams) -> dict[str, Any]:
    """`workspace/diagnostic`: every file with problems, and those that had some when the editor last asked.

    With a token for partial results the pages go there and the answer is empty (LSP 3.17, "Partial Result Progress").
    """
    await session.application()
    await session.diagnostics.settled()
    previous = {real_path_of(one.uri): one for one in params.previous_result_ids}
    items: list[dict[str, Any]] = []
    for path in dict.fromkeys([*session.diagnostics.paths(), *previous]):
        before = previous.get(path)
        uri = before.uri if before else session.client.uri(path or "")
        if path is None or uri is None:
            continue
        open_document = session.documents.by_path(path)
        report = session.diagnostics.report(path, before.value if before else None)
        items.append({"uri": uri, "version": open_document.version if open_document else None, **report})
        if params.partial_result_token is not None and len(items) == PAGE_FILES:
            _send(session, params.partial_result_token, items)
            items = []
    if params.partial_result_token is not None and items:
        _send(session, params.partial_result_token, items)
        items = []
    return {"items": items}


def _send(session: "Session", token: int | str, items: list[dict[str, Any]]) -> None:
    session.protocol.send_raw(types.PROGRESS, {"token": token, "value": {"items": items}})
