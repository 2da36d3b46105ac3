"""One editor's settings (section `factory`). They hold for what this editor starts, not for the hub."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from factory_ls.lsp.convert import Look
from factory_ls.lsp.greeting import lookup
from factory_ls.model.settings import resolve
from factory_ls.model.text import one_line

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

SECTION = "factory"
LEVELS = {"off": 0, "error": 1, "warning": 2, "information": 3, "info": 3, "hint": 4}
DEFAULTS = {"factory.session.start": {"defaultModel": "model", "defaultPermissions": "permissions"}}
"""Command → the settings that stand in for arguments it was not given."""


class EditorSettings:
    def __init__(self, session: "Session") -> None:
        self._session = session
        self._values: Mapping[str, Any] = {}
        self._complaints: tuple[str, ...] = ()
        self.look = self._look({}, Look().most)
        """How this editor wants its diagnostics."""
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
        self._set_look(values.get("diagnostics"))
        fields = {"defaultModel": resolved.settings.default_model}
        fields["defaultPermissions"] = resolved.settings.default_permissions.value
        self._values = {key: value for key, value in fields.items() if values.get(key) == value}

    def _set_look(self, wanted: Any) -> None:
        """`diagnostics: {severity: {"ci · ruff" | "ruff" | "ci" | "review" | "*": LEVEL}, maxPerFile: N}`."""
        complaints = []
        most = lookup(wanted, "maxPerFile")
        if not isinstance(most, int) or isinstance(most, bool) or most < 1:
            if most is not None:
                complaints.append("diagnostics.maxPerFile (editor): ignored, it is not a whole number of 1 or more")
            most = Look().most
        levels = lookup(wanted, "severity")
        severities: dict[str, int] = {}
        for source, level in levels.items() if isinstance(levels, Mapping) else ():
            if isinstance(level, str) and level.lower() in LEVELS:
                severities[str(source)] = LEVELS[level.lower()]
            else:
                known = ", ".join(LEVELS)
                complaints.append(f"diagnostics.severity.{one_line(str(source), 60)} (editor): ignored, one of {known}")
        self._complaints += tuple(complaints)
        before, self.look = self.look, self._look(severities, most)
        if self.look != before:
            self._session.diagnostics.settings_changed()

    def _look(self, severities: Mapping[str, int], most: int) -> Look:
        can = self._session.client.can
        return Look(
            severities,
            tags=can("textDocument", "publishDiagnostics", "tagSupport") or can("textDocument", "diagnostic"),
            related=can("textDocument", "publishDiagnostics", "relatedInformation")
            or can("textDocument", "diagnostic", "relatedInformation"),
            most=most,
        )

    def _complain(self) -> None:
        for complaint in self._complaints:
            self._session.show_message(types.MessageType.Warning, f"Setting {complaint}")
        self._complaints = ()


def did_change_configuration(session: "Session", params: types.DidChangeConfigurationParams) -> None:
    session.settings.changed(params.settings)
