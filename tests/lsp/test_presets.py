"""A well-behaved client of each kind, by pytest-lsp: handshake, a diagnostic, its quick fix, a command, a clean end."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from tests.hub.support import PROGRAM

ENCODINGS = {"neovim": "utf-8", "visual-studio-code": "utf-16", "emacs": "utf-32"}
LINE = "é😀 = undefined\n"
"""The name starts at character 5: 9 bytes, 6 UTF-16 units."""
STARTS = {"utf-8": 9, "utf-16": 6, "utf-32": 5}


def make_client() -> LanguageClient:
    client = make_test_lsp_client()

    @client.feature("factory/stateChanged")
    def _(_params: Any) -> None:
        """Taken, as a richer client would."""

    @client.feature(types.WORKSPACE_CODE_LENS_REFRESH)
    def _(_params: None) -> None:
        """Editors that can do this are asked to."""

    return client


@pytest.fixture(params=ENCODINGS)
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def encoding(preset: str) -> str:
    return ENCODINGS[preset]


@pytest.fixture
async def client(preset: str, env: dict[str, str], tmp_path: Path) -> AsyncIterator[LanguageClient]:
    config = ClientServerConfig([*PROGRAM], make_client, env)
    started = await config.start()
    assert isinstance(started, LanguageClient)
    folders = [types.WorkspaceFolder(uri=tmp_path.as_uri(), name="w")]
    capabilities = client_capabilities(preset)
    params = types.InitializeParams(capabilities=capabilities, workspace_folders=folders)
    answer = await started.initialize_session(params)
    assert answer.capabilities.position_encoding == ENCODINGS[preset]
    yield started
    await started.shutdown_session()
    await started.stop()


async def test_from_the_handshake_to_a_quick_fix(client: LanguageClient, encoding: str, tmp_path: Path) -> None:
    uri = (tmp_path / "a.py").as_uri()
    item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=LINE)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    problem = {"id": "p", "line": 1, "column": 6, "endColumn": 15, "message": "undefined name", "check": "lint"}
    arguments = {"workspace": "w", "root": str(tmp_path), "path": "a.py", "base": LINE, "problems": [problem]}
    await client.workspace_execute_command_async(types.ExecuteCommandParams("fake.problems", [arguments]))
    if uri not in client.diagnostics:
        await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    [diagnostic] = client.diagnostics[uri]
    start = STARTS[encoding]
    assert diagnostic.range.start == types.Position(0, start)
    assert diagnostic.range.end == types.Position(0, start + len("undefined"))

    context = types.CodeActionContext(diagnostics=[diagnostic])
    where = types.TextDocumentIdentifier(uri)
    asked = types.CodeActionParams(text_document=where, range=diagnostic.range, context=context)
    actions = await client.text_document_code_action_async(asked)
    assert actions is not None
    # lsprotocol reads a CodeAction that has a command as a Command; test_features.py looks at the whole of it.
    assert actions[0].title == "Fix with Claude: undefined name"

    hover = await client.text_document_hover_async(types.HoverParams(where, diagnostic.range.start))
    assert hover is not None
    assert "undefined name" in str(hover.contents)
