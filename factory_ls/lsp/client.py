"""What a client said of itself at `initialize`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pygls.uris import to_fs_path

from factory_ls.lsp.greeting import lookup, position_encoding, pulls


def path_of(uri: str) -> str | None:
    """The path of a `file:` URI as the client spells it; None for any other scheme."""
    return to_fs_path(uri) if uri.startswith("file:") else None


def real_path_of(uri: str) -> str | None:
    """The same with symbolic links resolved: how files are named behind the LSP layer."""
    path = path_of(uri)
    return os.path.realpath(path) if path else None


class Client:
    def __init__(self, params: Mapping[str, Any]) -> None:
        self.options: Mapping[str, Any] = params.get("initializationOptions") or {}
        self.position_encoding = position_encoding(params)
        self.pulls_diagnostics = pulls(params)
        self._capabilities = params.get("capabilities")
        formats = lookup(self._capabilities, "textDocument", "hover", "contentFormat")
        self.prefers_markdown_hover = isinstance(formats, list) and "markdown" in formats
        self._folders: dict[str, str] = {}  # real path → as the client spells it
        roots = [folder.get("uri", "") for folder in params.get("workspaceFolders") or ()]
        if not roots and isinstance(root := params.get("rootUri"), str):
            roots = [root]
        elif not roots and isinstance(root := params.get("rootPath"), str):
            roots = [Path(root).absolute().as_uri()]
        self.change_folders(roots, ())

    def can(self, *capability: str) -> bool:
        """Whether the client declared a capability: `can("window", "workDoneProgress")`. `{}` is a yes too."""
        return lookup(self._capabilities, *capability) not in (None, False)

    def change_folders(self, added: Any, removed: Any) -> None:
        for uri in removed:
            if (path := path_of(uri)) is not None:
                self._folders.pop(os.path.realpath(path), None)
        for uri in added:
            if (path := path_of(uri)) is not None:
                self._folders[os.path.realpath(path)] = path

    def uri(self, path: str) -> str | None:
        """The URI of the real `path` as this client would spell it; None outside its folders."""
        for real, spelt in self._folders.items():
            if path == real or path.startswith(real.rstrip("/") + "/"):
                return Path(spelt + path[len(real) :]).as_uri()
        return None
