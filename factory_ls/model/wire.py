"""The base of every Struct that crosses a wire: camelCase names, frozen, keyword-only."""

import msgspec


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A value that editors, MCP, the command line and the database all see in the same JSON shape."""


class Params(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Arguments of a command: an unknown key is an error that names it."""
