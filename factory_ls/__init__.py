"""factory-ls: a software factory inside any editor that speaks LSP. `ARCHITECTURE.md` is the map."""

__version__ = "0.1.0"
