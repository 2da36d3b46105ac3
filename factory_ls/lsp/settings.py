"""One editor's settings (section `factory`). They hold for what this editor starts, not for the hub."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from factory_ls.lsp.greeting import lookup
from factory_ls.model.settings import resolve

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

SECTION = "factory"
DEFAULTS = {"factory.session.start": {"defaultModel": "model", "defaultPermissions": "permissions"}}
"""Command → the settings that stand in for arguments it was not given."""


class EditorSettings:
    def __init__(self, session: "Session") -> None:
        self._session = session
        self._values: Mapping[str, Any] = {}
        self._complaints: tuple[str, ...] = ()
        self._take(lookup(session.client.options, "settings", SECTION) or lookup(session.client.options, SECTION))

    async def load(self) -> None:
        """Ask the editor, where it answers such questions; otherwise what it sent us holds."""
        if self._session.client.can("workspace", "configuration"):
            params = types.ConfigurationParams(items=[types.ConfigurationItem(section=SECTION)])
            try:
                answer = await self._session.workspace_configuration_async(params)
            except JsonRpcException:
                return
            self._take(answer[0] if answer else None)
        self._complain()

    def changed(self, sent: Any) -> None:
        """`workspace/didChangeConfiguration`: some editors send the values, others only that there are new ones."""
        values = lookup(sent, SECTION)
        if isinstance(values, Mapping):
            self._take(values)
            self._complain()
        else:
            self._session.spawn(self.load())

    def defaults(self, command: str, arguments: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """A command's arguments, with this editor's settings for those that were left out."""
        names = DEFAULTS.get(command)
        if names is None:
            return arguments
        chosen = {name: self._values[setting] for setting, name in names.items() if setting in self._values}
        return {**chosen, **(arguments or {})}

    def _take(self, values: Any) -> None:
        if not isinstance(values, Mapping):
            return
        resolved = resolve(os.environ, editor=values)
        self._complaints = tuple(one for one in resolved.complaints if "(editor)" in one)
        fields = {"defaultModel": resolved.settings.default_model}
        fields["defaultPermissions"] = resolved.settings.default_permissions.value
        self._values = {key: value for key, value in fields.items() if values.get(key) == value}

    def _complain(self) -> None:
        for complaint in self._complaints:
            self._session.show_message(types.MessageType.Warning, f"Setting {complaint}")
        self._complaints = ()


def did_change_configuration(session: "Session", params: types.DidChangeConfigurationParams) -> None:
    session.settings.changed(params.settings)
