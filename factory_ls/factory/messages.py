"""A message to a session, and its id."""

from typing import NamedTuple
from uuid import UUID, uuid4

from factory_ls.model.errors import ErrorKind, FactoryError


class Message(NamedTuple):
    uuid: str
    text: str


def message_id(given: str | None) -> str:
    """The sender's own, so that sending it twice delivers it once; or a fresh one. Raises `invalid`."""
    if given is None:
        return str(uuid4())
    try:
        return str(UUID(given))
    except ValueError:
        hint = "For example what `uuidgen` prints; or leave it out."
        raise FactoryError(ErrorKind.INVALID, f"{given[:80]!r} is no UUID.", hint) from None
