"""Every LSP method that is answered, and by what."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from factory_ls.lsp import code_actions, code_lens, commands, documents, hover, log_documents, progress, pull, settings
from factory_ls.lsp.protocol import Handler

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session


def _initialized(session: "Session", _: types.InitializedParams) -> None:
    session.start()


def _shutdown(session: "Session", _: Any) -> None:
    session.protocol.shut_down = True


def _exit(session: "Session", _: Any) -> None:
    session.exited = True


def _set_trace(_session: "Session", _params: types.SetTraceParams) -> None:
    """We have no trace of our own to turn on; a client may ask for it all the same."""


def _folders_changed(session: "Session", params: types.DidChangeWorkspaceFoldersParams) -> None:
    event = params.event
    session.client.change_folders([one.uri for one in event.added], [one.uri for one in event.removed])
    session.diagnostics.folders_changed()


HANDLERS: Mapping[str, Handler] = {
    types.INITIALIZED: _initialized,
    types.SHUTDOWN: _shutdown,
    types.EXIT: _exit,
    types.SET_TRACE: _set_trace,
    types.TEXT_DOCUMENT_DID_OPEN: documents.did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: documents.did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: documents.did_close,
    types.TEXT_DOCUMENT_DID_SAVE: documents.did_save,
    types.TEXT_DOCUMENT_DIAGNOSTIC: pull.document,
    types.WORKSPACE_DIAGNOSTIC: pull.workspace,
    types.TEXT_DOCUMENT_CODE_LENS: code_lens.code_lens,
    types.TEXT_DOCUMENT_FOLDING_RANGE: log_documents.folds,
    types.WORKSPACE_TEXT_DOCUMENT_CONTENT: log_documents.content,
    types.TEXT_DOCUMENT_CODE_ACTION: code_actions.code_actions,
    types.TEXT_DOCUMENT_HOVER: hover.hover,
    types.WORKSPACE_EXECUTE_COMMAND: commands.execute,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: settings.did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: _folders_changed,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: progress.cancel,
}
