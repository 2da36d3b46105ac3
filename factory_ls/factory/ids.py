"""Identifiers: short enough to type, long enough not to meet (40 random bits)."""

import secrets


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(5)}"
